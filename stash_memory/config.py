"""Reads the environment for the library and the command line; `stash_site/settings.py` reads it for the site.

A bad value raises BadSetting, whose sentence names the variable, its value and the allowed values.
"""

import io
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stash_memory.limits import Limits

# A variable with this suffix names the file that holds the value.
IN_FILE = "_FILE"
# The lines of .env that django-environ reads or skips.
DOTENV_LINE = re.compile(r"#|(export )?[A-Za-z_0-9]+=")
BACKENDS = ("memory", "sqlite", "redis", "database")
HOSTED_URL = "https://api.stash.memory"
LOCAL_URL = "http://127.0.0.1:8000"


class BadSetting(ValueError):
    """A setting's value is not allowed; the message is a sentence that names the setting.

    >>> Stash(backend="floppy")
    Traceback (most recent call last):
    stash_memory.config.BadSetting: backend is 'floppy'; it must be one of: memory, sqlite, redis.
    """


def read_dotenv(folder: Path | None = None) -> None:
    """Adds the settings of `.env` in `folder` (or the working folder) that the environment lacks. Raises BadSetting."""
    path = (folder or Path.cwd()) / ".env"
    if path.is_file():
        import environ  # django-environ, imported only if there is a file to read

        try:
            lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
        except (OSError, UnicodeDecodeError):
            raise BadSetting(f"{path} cannot be read as text.") from None
        for number, line in enumerate(lines, 1):
            # django-environ would log the line, which may be half a secret, and go on without it.
            if line and not DOTENV_LINE.match(line):
                raise BadSetting(f"{path}, line {number} is neither NAME=value nor a comment (# ...).")
        environ.Env.read_env(io.StringIO("\n".join(lines)))


def text(name: str, default: str | None = None) -> str:
    """Returns the variable's value, from the environment or its file, or `default`. Raises BadSetting without any."""
    value = from_file(name) or os.environ.get(name) or default
    if value is None:
        raise BadSetting(f"{name} is required but not set.")
    return value


def from_file(name: str) -> str | None:
    """Reads the file that `{name}_FILE` names, without surrounding white space: containers get secrets this way.

    Returns None if the variable is not set. Raises BadSetting.
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
    """Returns the variables that begin with `prefix`, by the rest of their names in lower case."""
    names = {name.removesuffix(IN_FILE) for name, value in os.environ.items() if value}
    found = sorted(name for name in names if name.startswith(prefix))
    return {name.removeprefix(prefix).lower(): text(name) for name in found}


def choice(name: str, default: str, allowed: Sequence[str]) -> str:
    """Returns the variable, which must be one of `allowed`. Raises BadSetting."""
    value = text(name, default)
    if value not in allowed:
        raise BadSetting(f"{name} is {value!r}; it must be one of: {', '.join(allowed)}.")
    return value


def switch(name: str, default: str) -> bool:
    """Whether the variable is `on`; it must be `on` or `off`. Raises BadSetting."""
    return choice(name, default, ("on", "off")) == "on"


def whole(name: str, default: int, *, at_least: int = 1, at_most: int = 2**62) -> int:
    """Returns the variable as a whole number from `at_least` to `at_most`. Raises BadSetting."""
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
    """Returns STASH_HOME, or the platform's folder for user data. Does not create it."""
    value = os.environ.get("STASH_HOME")
    if value:
        return Path(value).expanduser().absolute()
    import platformdirs  # imported only if the default is needed

    return Path(platformdirs.user_data_dir("stash", appauthor=False))


def mode() -> str:
    """STASH_MODE: local, or hosted."""
    return choice("STASH_MODE", "local", ("local", "hosted"))


def backend() -> str:
    """STASH_BACKEND; by default sqlite, or redis in hosted mode."""
    return choice("STASH_BACKEND", "sqlite" if mode() == "local" else "redis", BACKENDS)


def embedded_backend() -> str | None:
    """STASH_BACKEND unchecked, for embedded use, which has rules of its own; None if it is not set."""
    return os.environ.get("STASH_BACKEND") or None


def api_key() -> str | None:
    """STASH_API_KEY, which makes a Stash() hosted; None if it is not set."""
    return os.environ.get("STASH_API_KEY") or None


def url() -> str | None:
    """STASH_URL, the hosted service's address; None if it is not set."""
    return os.environ.get("STASH_URL") or None


def redis_url() -> str:
    """REDIS_URL."""
    return text("REDIS_URL", "redis://localhost:6379")


def limits() -> "Limits":
    """STASH_DEFAULT_TTL, STASH_MAX_TTL and STASH_MAX_PAYLOAD_BYTES: the limits of embedded code and the local user."""
    from stash_memory.limits import MOST_PAYLOAD_BYTES, Limits

    max_ttl = whole("STASH_MAX_TTL", 86_400)
    return Limits(
        payload_bytes=whole("STASH_MAX_PAYLOAD_BYTES", 1_048_576, at_most=MOST_PAYLOAD_BYTES),
        default_ttl=whole("STASH_DEFAULT_TTL", min(3_600, max_ttl), at_most=max_ttl),
        max_ttl=max_ttl,
    )


def max_memory_bytes() -> int:
    """STASH_MAX_MEMORY_BYTES: the most bytes that the memory backend keeps."""
    return whole("STASH_MAX_MEMORY_BYTES", 1_073_741_824)


def workers() -> int:
    """STASH_WORKERS: the number of server processes."""
    return whole("STASH_WORKERS", 1, at_most=256)


def address() -> tuple[str, int]:
    """STASH_HOST and STASH_PORT; port 0 lets the system choose."""
    return text("STASH_HOST", "127.0.0.1"), whole("STASH_PORT", 8000, at_least=0, at_most=65535)


def shows_key_once() -> bool:
    """STASH_SHOW_KEY: whether a local server shows its key only at its first start. By default it shows it at each."""
    return choice("STASH_SHOW_KEY", "always", ("always", "once")) == "once"


def server_environment() -> dict[str, str]:
    """Builds a server process's environment: its paths are absolute, and it has no client's key."""
    environment = {name: value for name, value in os.environ.items() if name != "STASH_API_KEY"}
    return environment | {"STASH_HOME": str(home()), "DJANGO_SETTINGS_MODULE": "stash_site.settings"}


def has_browser() -> bool:
    """Whether this machine can open a window; otherwise the link is for a browser on another machine."""
    import sys

    shown = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    return sys.platform in ("darwin", "win32") or shown


def wants_no_color() -> bool:
    """Whether NO_COLOR (no-color.org) or a dumb TERM asks for plain text."""
    return bool(os.environ.get("NO_COLOR")) or wants_plain_lines()


def wants_plain_lines() -> bool:
    """Whether TERM is dumb: a moving line would become many lines."""
    return os.environ.get("TERM") == "dumb"


def is_set(name: str) -> bool:
    """Whether the variable is set and not empty."""
    return bool(os.environ.get(name))


def set_from_flag(name: str, value: object | None) -> None:
    """Overrides the variable by a command line flag, unless the flag is None."""
    if value is not None:
        os.environ[name] = str(value)
