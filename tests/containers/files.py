"""The files of containers, read as the programs read that they are for."""

import json
import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE_FILES = ("docker-compose.yml", "docker-compose.hosted.yml")


@cache
def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's, in order, each on one line."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line)]


def instruction(word: str) -> str:
    """What the last one of this kind says."""
    return [rest for name, rest in instructions() if name == word][-1]


def words(word: str) -> list[str]:
    """The same, of one whose argument is a JSON list: `CMD ["serve"]`."""
    return json.loads("[" + instruction(word).partition("[")[2])


def image_environment() -> dict[str, str]:
    """The variables that the image sets."""
    return dict(one.split("=", 1) for one in shlex.split(instruction("ENV")))


@cache
def compose(name: str) -> dict[str, Any]:
    """The file, its anchors resolved."""
    return yaml.safe_load((ROOT / name).read_text())


def services(name: str) -> dict[str, dict[str, Any]]:
    """Its services."""
    return compose(name)["services"]


def stash_services() -> list[tuple[str, str, dict[str, Any]]]:
    """File, name and settings of each service that runs our image."""
    return [
        (file, name, service)
        for file in COMPOSE_FILES
        for name, service in services(file).items()
        if service["image"] == "stashmemory/stash"
    ]


def redis_services() -> list[tuple[str, str, list[str]]]:
    """File, name and the arguments of `redis-server`, of each service that is one."""
    return [
        (file, name, shlex.split(service["command"])[1:])
        for file in COMPOSE_FILES
        for name, service in services(file).items()
        if service.get("command", "").startswith("redis-server")
    ]


def seconds(duration: str) -> int:
    """`40s`."""
    return int(duration.removesuffix("s"))
