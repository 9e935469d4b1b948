"""Settings that need more than parsing. Each function returns a good value, or raises BadSetting and ends the start."""

import contextlib
import secrets
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from stash_memory.config import BadSetting

# The numbers of `manage.py check --deploy`.
SECRET_CHARACTERS, SECRET_DIFFERENT = 50, 5


def strong_secret(secret: str) -> str:
    """Check SECRET_KEY, which signs log-ins."""
    if len(secret) < SECRET_CHARACTERS or len(set(secret)) < SECRET_DIFFERENT:
        # The sentence does not repeat the value.
        raise BadSetting(
            f"SECRET_KEY must be at least {SECRET_CHARACTERS} random characters; `openssl rand -base64 48` makes some."
        )
    return secret


def hosts(text: str) -> list[str]:
    """Parse ALLOWED_HOSTS: the host names of the admin, separated by commas."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or any("/" in name or " " in name for name in names):
        raise BadSetting(
            f"ALLOWED_HOSTS is {text!r}; it must be host names, as in stash.example, www.stash.example."
        )
    return names


def hosted_database(url: str) -> str:
    """Check that DATABASE_URL names a PostgreSQL, which several machines can share."""
    if url.startswith("sqlite:"):
        raise BadSetting(
            "DATABASE_URL is a SQLite file; in hosted mode it must be postgres://user:password@host:5432/name."
        )
    return url


def hosted_backend(backend: str) -> str:
    """Check that several machines can share the backend."""
    if backend not in ("redis", "database"):
        raise BadSetting(f"STASH_BACKEND is {backend!r}; in hosted mode it must be one of: redis, database.")
    return backend


def origins(text: str) -> list[str]:
    """Parse STASH_CORS_ORIGINS: `https://app.example, http://localhost:3000`, or `*`."""
    found = [entry.strip() for entry in text.split(",") if entry.strip()]
    for origin in found:
        parts = urlsplit(origin)
        whole = f"{parts.scheme}://{parts.netloc}"
        if origin != "*" and (parts.scheme not in ("http", "https") or not parts.netloc or origin != whole):
            raise BadSetting(
                f"STASH_CORS_ORIGINS is {text!r}; it must be origins without a path, as in "
                "https://app.example, http://localhost:3000, or *."
            )
    return found


TOKEN_CHARACTERS = 16


def metrics_token(token: str) -> str:
    """Check STASH_METRICS_TOKEN; an empty one turns metrics off."""
    if token and len(token) < TOKEN_CHARACTERS:
        # The sentence does not repeat the value.
        raise BadSetting(
            f"STASH_METRICS_TOKEN must be at least {TOKEN_CHARACTERS} characters; `openssl rand -hex 32` makes some."
        )
    if token and find_spec("prometheus_client") is None:
        raise BadSetting(
            "STASH_METRICS_TOKEN needs prometheus-client, which is not installed: install Stash with its extra "
            "`metrics`, or run pip install prometheus-client."
        )
    return token


MADE_SECRET_CHARACTERS = 48


def private_folder(path: Path) -> Path:
    """Create the folder if it is missing; only its owner may read it."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"STASH_HOME is {path}, which cannot be a folder: {error.strerror}.") from None
    return path


def private_file(path: Path) -> Path:
    """Create the file if it is missing, with mode 0600, which SQLite's companion files inherit."""
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise BadSetting(f"{path} cannot be written: {error.strerror}.") from None
    return path


def secret_file(path: Path) -> str:
    """Read the secret in `path`. The first start makes it, in one of the processes that start at once."""
    try:
        while not path.exists():
            make_secret(path)
    except OSError as error:
        raise BadSetting(f"{path} cannot be written: {error.strerror}.") from None
    try:
        secret = path.read_text()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if len(secret) < MADE_SECRET_CHARACTERS:
        raise BadSetting(f"{path} is damaged: delete it, and the next start makes a new one.")
    return secret


def make_secret(path: Path) -> None:
    """Create the file with its content in one step, unless another process is first. Raises OSError."""
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    try:
        draft.write_text(secrets.token_urlsafe(MADE_SECRET_CHARACTERS))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
