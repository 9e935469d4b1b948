"""On what, and with which versions."""

import os
import platform
import re
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.servers.redis_server import RedisServer, version_of

PACKAGES = (
    "django",
    "djangorestframework",
    "gunicorn",
    "redis",
    "hiredis",
    "msgspec",
    "fastapi",
    "pydantic",
    "uvicorn",
    "uvloop",
    "httptools",
    "granian",
)


def machine() -> dict[str, str]:
    """The processor, the system and the versions that take part: nothing that names the machine itself."""
    binary = RedisServer.binary()
    kernel = re.match(r"[\d.]+", platform.release())
    return {
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {kernel[0] if kernel else ''} {platform.machine()}",
        "Python": platform.python_version(),
        "store": version_of(binary).partition(" (")[0] if binary else "none",
        "webdis": "there" if shutil.which("webdis") else "not on this machine",
        **{name: installed(name) for name in PACKAGES},
    }


def processor() -> str:
    """As the kernel calls it."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def installed(name: str) -> str:
    """The version of a package."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
