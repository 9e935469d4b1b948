"""What hosted mode asks of settings beyond their form: it starts complete, or not at all."""

from stash_memory.config import BadSetting

# As `manage.py check --deploy` has it.
SECRET_CHARACTERS, SECRET_DIFFERENT = 50, 5


def strong_secret(secret: str) -> str:
    """SECRET_KEY, which signs log-ins. Raises BadSetting."""
    if len(secret) < SECRET_CHARACTERS or len(set(secret)) < SECRET_DIFFERENT:
        # The value is not repeated.
        raise BadSetting(
            f"SECRET_KEY must be at least {SECRET_CHARACTERS} random characters; `openssl rand -base64 48` makes some."
        )
    return secret


def hosts(text: str) -> list[str]:
    """ALLOWED_HOSTS: the names that the admin is called by, separated by commas. Raises BadSetting."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or any("/" in name or " " in name for name in names):
        raise BadSetting(
            f"ALLOWED_HOSTS is {text!r}; it must be host names, as in stash.example, www.stash.example."
        )
    return names


def hosted_database(url: str) -> str:
    """DATABASE_URL: a PostgreSQL, which several machines can share. Raises BadSetting."""
    if url.startswith("sqlite:"):
        raise BadSetting(
            "DATABASE_URL is a SQLite file; in hosted mode it must be postgres://user:password@host:5432/name."
        )
    return url


def hosted_backend(backend: str) -> str:
    """STASH_BACKEND: one that several machines can share. Raises BadSetting."""
    if backend not in ("redis", "database"):
        raise BadSetting(f"STASH_BACKEND is {backend!r}; in hosted mode it must be one of: redis, database.")
    return backend
