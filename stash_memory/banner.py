"""What a local server says when it listens: the one place where a key is ever written out."""

import sys

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
        key = key_file.read_text().strip()
        lines += [
            f"  key    {key}",
            f"  state  {config.home()}",
            "",
            f'  curl -X POST {url}/stash -H \'X-API-KEY: {key}\' -d \'{{"data": {{"task": "summarize"}}}}\'',
        ]
    print("\n".join(lines), file=sys.stderr, flush=True)
