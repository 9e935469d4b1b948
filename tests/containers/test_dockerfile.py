"""What the Dockerfile names is what there is."""

import runpy
import shlex
import tomllib
from fnmatch import fnmatch

import pytest

from stash_memory import config
from stash_memory.cli import command_line
from tests.containers import files

PROJECT = tomllib.loads((files.ROOT / "pyproject.toml").read_text())
LOCKS = ("requirements-image.txt", "requirements-build.txt")


def copied() -> set[str]:
    """What comes in from the repository."""
    lines = [rest for word, rest in files.instructions() if word == "COPY" and "--from" not in rest]
    return {source for line in lines for source in line.split()[:-1]}


def pins(name: str) -> dict[str, str]:
    """The versions in a file of requirements, by the packages' names."""
    lines = [line for line in (files.ROOT / name).read_text().splitlines() if "==" in line]
    named = (line.split(";")[0].strip(" \\").split("==") for line in lines)
    return {package.lower().replace("_", "-"): version for package, version in named}


def test_all_that_the_wheel_is_made_of_is_copied_and_not_ignored() -> None:
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], "pyproject.toml"}
    needed |= {PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]}
    kept = {
        line[1:] for line in (files.ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }

    assert copied() == needed | set(LOCKS)
    assert kept == copied()
    assert all((files.ROOT / name).exists() for name in kept)


def test_the_entry_point_is_the_command_line_and_takes_what_it_says() -> None:
    [program] = files.words("ENTRYPOINT")

    assert program in PROJECT["project"]["scripts"]
    assert files.words("CMD") == ["serve"]
    for command in ("serve", "worker", "beat", "migrate", "createkey"):
        assert command_line.parse([command]).run
    said = [program, *shlex.split(" ".join(files.words("HEALTHCHECK")))]
    assert command_line.parse(said[2:]).part == "live"


def test_its_variables_are_the_codes_own(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = files.image_environment()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert config.address() == ("0.0.0.0", int(files.instruction("EXPOSE")))
    assert [str(config.home())] == files.words("VOLUME")
    assert config.shows_key_once()


def test_it_runs_as_nobody_and_stops_as_the_server_expects_it() -> None:
    users = [rest for word, rest in files.instructions() if word == "USER"]

    assert users == ["10001:10001"]
    assert any("--uid 10001" in rest for word, rest in files.instructions() if word == "RUN")
    assert files.instruction("STOPSIGNAL") == "SIGTERM"


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locks_name_each_file_by_its_hash(lock: str) -> None:
    requirements = (files.ROOT / lock).read_text().replace("\\\n", " ").splitlines()
    requirements = [line for line in requirements if line and not line.startswith("#")]

    assert requirements
    assert all("==" in line and "--hash=sha256:" in line for line in requirements)


def test_the_image_runs_on_what_the_tests_run_on() -> None:
    image, tested = pins("requirements-image.txt"), pins("requirements.txt") | pins("requirements-dev.txt")

    assert {name: version for name, version in image.items() if tested.get(name, version) != version} == {}
    assert {"django", "gunicorn", "celery", "redis", "psycopg-binary", "prometheus-client"} <= image.keys()
    assert set(pins("requirements.txt")) - {"colorama"} <= set(image)


def test_what_is_graceful_has_time_for_it() -> None:
    graceful = runpy.run_path(str(files.ROOT / "stash_site" / "gunicorn.py"))["graceful_timeout"]

    for _, _, service in files.stash_services():
        assert files.seconds(service["stop_grace_period"]) > graceful


def test_no_image_floats() -> None:
    images = [rest.split()[0] for word, rest in files.instructions() if word == "FROM"]
    for file in files.COMPOSE_FILES:
        images += [service["image"] for service in files.services(file).values()]

    ours = "stashmemory/stash"
    assert not [image for image in images if image != ours and not fnmatch(image, "*:*[0-9]*")]
