"""The tools that know Dockerfiles and compose files have nothing against ours."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import compose_spec
import pytest

from tests.containers import files

PROGRAMS = Path(sys.executable).parent


def test_hadolint_has_nothing_to_say() -> None:
    done = subprocess.run(
        [PROGRAMS / "hadolint", files.ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("name", files.COMPOSE_FILES)
def test_the_compose_specification_knows_all_that_is_in_them(name: str) -> None:
    document = {key: part for key, part in files.compose(name).items() if not key.startswith("x-")}
    checked = compose_spec.PyCompose.from_json(json.dumps(document))
    checked.validate()

    assert set(checked.service_names()) == set(files.services(name))


@pytest.mark.parametrize("name", files.COMPOSE_FILES)
def test_podman_compose_reads_them(name: str) -> None:
    if shutil.which("podman") is None:
        pytest.skip("podman-compose asks podman for its version, and there is none")
    done = subprocess.run(
        [PROGRAMS / "podman-compose", "--file", files.ROOT / name, "config"],
        env=os.environ | {"ALLOWED_HOSTS": "stash.example"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "services:" in done.stdout
