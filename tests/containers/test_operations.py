"""The commands of docs/operations.md are those that there are."""

import re
import shlex

from stash_memory.cli import command_line
from tests.containers import files

GUIDE = (files.ROOT / "docs/operations.md").read_text()
CODE = "\n".join(re.findall(r"```bash\n(.*?)```", GUIDE, re.DOTALL))


def test_the_stash_commands_are_the_command_lines() -> None:
    said = re.findall(r"^(?:dc exec web )?stash ([^#\n]+)", CODE, re.MULTILINE)

    assert len(said) >= 5
    for line in said:
        assert command_line.parse(shlex.split(line)).run


def test_the_services_that_it_speaks_of_are_the_compose_files() -> None:
    services = files.services("docker-compose.hosted.yml")
    named = re.findall(r"dc (?:exec|run|stop|start)((?: --?\w+)*(?: [a-z-]+)+)", CODE)
    spoken = {next(word for word in line.split() if not word.startswith("-")) for line in named}

    assert spoken
    assert spoken <= services.keys()


def test_the_files_that_it_names_are_there() -> None:
    for path in re.findall(r"`((?:deploy|docs)/[\w./-]+)`", GUIDE):
        assert (files.ROOT / path).is_file(), path
    secrets = files.compose("docker-compose.hosted.yml")["secrets"].values()
    for secret in secrets:
        assert secret["file"].removeprefix("./") in CODE
