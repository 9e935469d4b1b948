"""The start banner of a local server: the only place that ever writes a key out."""

import hashlib
import sys
from pathlib import Path

from stash_memory import config, local


def show(addresses: list[tuple[str, int]]) -> None:
    """Prints the URL, the local key and a ready curl line on standard error."""
    host, port = addresses[0][:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    url = f"http://{host}:{port}"
    if config.mode() == "local":
        local.write_url(url)
    lines = [f"Stash listens on {url}"]
    key_file = local.key_path()
    if config.mode() == "local" and key_file.is_file():
        lines += describe_key(url, key_file.read_text().strip())
    print("\n".join(lines), file=sys.stderr, flush=True)


def describe_key(url: str, key: str) -> list[str]:
    """Returns the lines with the key and a ready curl line.

    If STASH_SHOW_KEY is `once`, only a key's first start shows it: a container keeps its standard error as a log,
    which other people read.
    """
    if config.shows_key_once() and not remember(config.home() / "local_key_shown", key):
        return [f"  state  {config.home()}", "  key    shown at the first start; `stash key` prints it"]
    return [
        f"  key    {key}",
        f"  state  {config.home()}",
        "",
        f'  curl -X POST {url}/stash -H \'X-API-KEY: {key}\' -d \'{{"data": {{"task": "summarize"}}}}\'',
    ]


def remember(shown: Path, key: str) -> bool:
    """Stores the key's digest in the file `shown`; returns whether the file held another one, or none."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    if shown.is_file() and shown.read_text() == digest:
        return False
    shown.touch(mode=0o600)
    shown.write_text(digest)
    return True
