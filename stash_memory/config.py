"""The environment, for the library and the command line; `stash_site/settings.py` is the other reader.

A bad value raises BadSetting with a sentence that names the variable, the value and what is allowed.
"""

import io
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stash_memory.limits import Limits

# After a variable's name: its value is in a file.
IN_FILE = "_FILE"
# What django-environ takes for a line of .env, or passes over.
DOTENV_LINE = re.compile(r"#|(export )?[A-Za-z_0-9]+=")
BACKENDS = ("memory", "sqlite", "redis", "database")
HOSTED_URL = "https://api.stash.memory"
LOCAL_URL = "http://127.0.0.1:8000"


class BadSetting(ValueError):
    """A setting's value is not one that is allowed; the message is a sentence that names it.

    >>> Stash(backend="floppy")
    Traceback (most recent call last):
    stash_memory.config.BadSetting: backend is 'floppy'; it must be one of: memory, sqlite, redis.
    """


def read_dotenv(folder: Path | None = None) -> None:
    """Takes what `.env` in `folder` (the working folder) says and the environment does not. Raises BadSetting."""
    path = (folder or Path.cwd()) / ".env"
    if path.is_file():
        import environ  # django-environ, paid for only where there is a file to read

        try:
            lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
        except (OSError, UnicodeDecodeError):
            raise BadSetting(f"{path} cannot be read as text.") from None
        for number, line in enumerate(lines, 1):
            # The library would log the line, which may be half a secret, and go on without it.
            if line and not DOTENV_LINE.match(line):
                raise BadSetting(f"{path}, line {number} is neither NAME=value nor a comment (# ...).")
        environ.Env.read_env(io.StringIO("\n".join(lines)))


def text(name: str, default: str | None = None) -> str:
    """The variable, its value here or in a file, or `default`. Raises BadSetting where there is neither."""
    value = from_file(name) or os.environ.get(name) or default
    if value is None:
        raise BadSetting(f"{name} is required but not set.")
    return value


def from_file(name: str) -> str | None:
    """What is in the file that `{name}_FILE` names, but for white space around it: how containers are given secrets.

    Raises BadSetting.
    """
    path = os.environ.get(f"{name}{IN_FILE}")
    if not path:
        return None
    if os.environ.get(name):
        raise BadSetting(f"{name} and {name}{IN_FILE} are both set; set only one.")
    try:
        value = Path(path).read_text().strip()
    except UnicodeDecodeError:
        raise BadSetting(f"{name}{IN_FILE} is {path!r}, which is not text.") from None
    except OSError as error:
        raise BadSetting(f"{name}{IN_FILE} is {path!r}, which cannot be read: {error.strerror}.") from None
    if not value:
        raise BadSetting(f"{name}{IN_FILE} is {path!r}, which is empty.")
    return value


def suffixed(prefix: str) -> dict[str, str]:
    """The variables whose names begin so, by what follows, in lower case."""
    names = {name.removesuffix(IN_FILE) for name, value in os.environ.items() if value}
    found = sorted(name for name in names if name.startswith(prefix))
    return {name.removeprefix(prefix).lower(): text(name) for name in found}


def choice(name: str, default: str, allowed: Sequence[str]) -> str:
    """The variable, which must be one of `allowed`."""
    value = text(name, default)
    if value not in allowed:
        raise BadSetting(f"{name} is {value!r}; it must be one of: {', '.join(allowed)}.")
    return value


def switch(name: str, default: str) -> bool:
    """The variable, which must be `on` or `off`."""
    return choice(name, default, ("on", "off")) == "on"


def whole(name: str, default: int, *, at_least: int = 1, at_most: int = 2**62) -> int:
    """The variable as a whole number from `at_least` to `at_most`."""
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError:
        number = at_least - 1
    if not at_least <= number <= at_most:
        bounds = f"at least {at_least}" if at_most >= 2**62 else f"from {at_least} to {at_most}"
        raise BadSetting(f"{name} is {value!r}; it must be a whole number, {bounds}.")
    return number


def home() -> Path:
    """STASH_HOME, or the platform's folder for user data. Not made here."""
    value = os.environ.get("STASH_HOME")
    if value:
        return Path(value).expanduser().absolute()
    import platformdirs  # only where the default is needed

    return Path(platformdirs.user_data_dir("stash", appauthor=False))


def mode() -> str:
    """STASH_MODE: local, or hosted."""
    return choice("STASH_MODE", "local", ("local", "hosted"))


def backend() -> str:
    """STASH_BACKEND; without it, sqlite, or redis in hosted mode."""
    return choice("STASH_BACKEND", "sqlite" if mode() == "local" else "redis", BACKENDS)


def embedded_backend() -> str | None:
    """STASH_BACKEND as it stands, for embedded use, which has rules of its own; None where it is not set."""
    return os.environ.get("STASH_BACKEND") or None


def api_key() -> str | None:
    """STASH_API_KEY, which makes a Stash() hosted; None where it is not set."""
    return os.environ.get("STASH_API_KEY") or None


def url() -> str | None:
    """STASH_URL, where the hosted service is; None where it is not set."""
    return os.environ.get("STASH_URL") or None


def redis_url() -> str:
    """REDIS_URL."""
    return text("REDIS_URL", "redis://localhost:6379")


def limits() -> "Limits":
    """STASH_DEFAULT_TTL, STASH_MAX_TTL and STASH_MAX_PAYLOAD_BYTES: what embedded code and the local user may do."""
    from stash_memory.limits import MOST_PAYLOAD_BYTES, Limits

    max_ttl = whole("STASH_MAX_TTL", 86_400)
    return Limits(
        payload_bytes=whole("STASH_MAX_PAYLOAD_BYTES", 1_048_576, at_most=MOST_PAYLOAD_BYTES),
        default_ttl=whole("STASH_DEFAULT_TTL", min(3_600, max_ttl), at_most=max_ttl),
        max_ttl=max_ttl,
    )


def max_memory_bytes() -> int:
    """STASH_MAX_MEMORY_BYTES: what the memory backend keeps at most."""
    return whole("STASH_MAX_MEMORY_BYTES", 1_073_741_824)


def workers() -> int:
    """STASH_WORKERS: server processes."""
    return whole("STASH_WORKERS", 1, at_most=256)


def address() -> tuple[str, int]:
    """STASH_HOST and STASH_PORT; port 0 lets the system choose."""
    return text("STASH_HOST", "127.0.0.1"), whole("STASH_PORT", 8000, at_least=0, at_most=65535)


def shows_key_once() -> bool:
    """STASH_SHOW_KEY: whether a local server shows its key at its first start alone, or, by default, at each."""
    return choice("STASH_SHOW_KEY", "always", ("always", "once")) == "once"


def server_environment() -> dict[str, str]:
    """The environment for a server of our own making. Its paths are absolute; it has no client's key."""
    environment = {name: value for name, value in os.environ.items() if name != "STASH_API_KEY"}
    return environment | {"STASH_HOME": str(home()), "DJANGO_SETTINGS_MODULE": "stash_site.settings"}


def has_browser() -> bool:
    """Whether a window can be opened on this machine: on others, the link is for another's browser."""
    import sys

    shown = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    return sys.platform in ("darwin", "win32") or shown


def wants_no_colour() -> bool:
    """Whether NO_COLOR (no-color.org) or a TERM that is dumb asks for plain text."""
    return bool(os.environ.get("NO_COLOR")) or wants_plain_lines()


def wants_plain_lines() -> bool:
    """Whether TERM is dumb: a line that moves would be many."""
    return os.environ.get("TERM") == "dumb"


def is_set(name: str) -> bool:
    """Whether the variable says something."""
    return bool(os.environ.get(name))


def set_from_flag(name: str, value: object | None) -> None:
    """A command line flag wins over the environment."""
    if value is not None:
        os.environ[name] = str(value)
