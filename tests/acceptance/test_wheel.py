"""The built wheel, installed into an empty environment and used where other people's packages lie about."""

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.server_process import ServerProcess, clean_environment

ROOT = Path(__file__).parents[2]
THREE_LINES = """
from stash_memory import Stash
with Stash() as stash:
    print(stash.get("plan"), stash.transform("plan", lambda plan: {"step": plan["step"] + 1}).data)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT]
    subprocess.run(command, check=True)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has the wheel and what it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    programs = folder / "bin"
    constraint = ROOT / "requirements.txt"
    command = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel]
    subprocess.run([*command, "--constraint", constraint], check=True)
    return programs


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder with packages that have the names of the server's own and of what it needs, and blow up."""
    for name in (
        "accounts",
        "memories",
        "operators",
        "stash_site",
        "storage",
        "upkeep",
        "templates",
        "django",
        "gunicorn",
        "redis",
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong package')\n")
    return tmp_path


def test_nothing_generic_lands_beside_other_peoples_packages(wheel: Path) -> None:
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert {name.split("-")[0] for name in names} == {"stash_memory"}


def test_what_a_type_checker_and_the_server_need_is_in_it(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {
        "stash_memory/py.typed",
        "stash_memory/backends/redis/record.lua",
        "stash_memory/_server/manage.py",
        "stash_memory/_server/templates/admin/too_many_logins.html",
        "stash_memory/_server/templates/llms.txt",
        "stash_memory/_server/memories/static/memories/docs.js",
        "stash_memory/_server/operators/static/operators/stash.svg",
        "stash_memory/_server/accounts/migrations/0001_initial.py",
    } <= names
    assert not [name for name in names if "/tests/" in name or name.endswith(".pyc")]


def test_a_worker_finds_its_broker_without_what_only_tests_have(programs: Path) -> None:
    """kombu's transport for Redis needs a package that kombu does not name."""
    subprocess.run([programs / "python", "-c", "import kombu.transport.redis"], check=True)


def test_the_installed_server_serves_amid_hostile_packages(programs: Path, hostile: Path) -> None:
    server = ServerProcess(hostile / "home", stash=[str(programs / "stash")], folder=hostile).start()
    try:
        with server.client() as client:
            memory_id = client.post("/stash", json={"data": [1]}).json()["memory_id"]
            assert client.get(f"/recall/{memory_id}").json()["data"] == [1]
            assert client.get("/admin/login/").status_code == 200
            for file in ("operators/stash.svg", "unfold/css/styles.css", "unfold/js/alpine/alpine.js"):
                assert client.get(f"/static/{file}").status_code == 200
        created = server.manage("createkey", "ada@example.com")
        with server.client(created) as ada:
            assert ada.get(f"/recall/{memory_id}").status_code == 404
    finally:
        server.stop()


def test_the_installed_command_line_and_library_share_a_home_amid_hostile_packages(
    programs: Path, hostile: Path
) -> None:
    def run(program: str, *arguments: str) -> str:
        done = subprocess.run(
            [programs / program, *arguments],
            cwd=hostile,
            env=clean_environment(STASH_HOME=str(hostile / "home")),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    kept = json.loads(run("stash", "set", "plan", '{"step": 1}', "--ttl", "10m"))
    assert (kept["memory_id"], kept["ttl"]) == ("plan", 600)
    assert run("stash", "get", "plan") == '{"step": 1}'
    assert run("python", "-c", THREE_LINES) == "{'step': 1} {'step': 2}"
    assert json.loads(run("stash", "get", "plan")) == {"step": 2}
    # With -P alone, Python does not look into the folder where it is called.
    assert run("python", "-P", "-c", "import importlib.util as u; print(u.find_spec('accounts'))") == "None"
