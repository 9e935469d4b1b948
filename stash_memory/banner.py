"""What a local server says when it listens: the one place where a key is ever written out."""

import hashlib
import sys
from pathlib import Path

from stash_memory import config, local_url


def show(addresses: list[tuple[str, int]]) -> None:
    """Prints the URL, the local key and a ready curl line on standard error."""
    host, port = addresses[0][:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    url = f"http://{host}:{port}"
    if config.mode() == "local":
        local_url.keep(url)
    lines = [f"Stash listens on {url}"]
    key_file = config.home() / "local_key"
    if config.mode() == "local" and key_file.is_file():
        lines += key_lines(url, key_file.read_text().strip())
    print("\n".join(lines), file=sys.stderr, flush=True)


def key_lines(url: str, key: str) -> list[str]:
    """The key with a ready curl line; where STASH_SHOW_KEY is `once`, only when this key is shown for the first time.

    (A container's standard error is a log that is kept, and read by others.)
    """
    if config.shows_key_once() and not is_first(config.home() / "local_key_shown", key):
        return [f"  state  {config.home()}", "  key    shown at the first start; `stash key` prints it"]
    return [
        f"  key    {key}",
        f"  state  {config.home()}",
        "",
        f'  curl -X POST {url}/stash -H \'X-API-KEY: {key}\' -d \'{{"data": {{"task": "summarize"}}}}\'',
    ]


def is_first(shown: Path, key: str) -> bool:
    """Whether it is another key than the one that the file remembers by its digest; now it remembers this one."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    if shown.is_file() and shown.read_text() == digest:
        return False
    shown.touch(mode=0o600)
    shown.write_text(digest)
    return True
