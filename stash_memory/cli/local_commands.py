"""`stash key` and `stash dashboard`: the key of the local server, and the way into its dashboard."""

import argparse
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from stash_memory import config, local
from stash_memory.cli import output
from stash_memory.exit_codes import NOT_THERE, UNAVAILABLE, WRONG_USE

REDIRECT = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={link}">'


def add_key(commands: Any) -> None:
    """Adds `stash key`."""
    command = commands.add_parser(
        "key",
        help="print the local server's API key",
        description="Prints the API key of the local server; STASH_HOME holds the server's state.",
        epilog='example: curl -H "X-API-KEY: $(stash key)" http://127.0.0.1:8000/recall/xK9mP2nQ',
    )
    command.set_defaults(run=print_key)


def print_key(options: argparse.Namespace) -> int:
    """Prints only the key, on one line of standard output."""
    key = local.read_key()
    if key is None:
        output.print_message(f"{local.key_path().parent} holds no key yet; `stash serve` makes one.")
        return NOT_THERE
    output.print_line(key)
    return 0


def add_dashboard(commands: Any) -> None:
    """Adds `stash dashboard`."""
    command = commands.add_parser(
        "dashboard",
        help="print and open a link that signs you in to the local dashboard",
        description="Prints a link that signs you in to the dashboard of the local server (its state is in\n"
        "STASH_HOME), and opens the link if there is a browser. The link works once, within five minutes.\n"
        "Operators of a hosted service log in at /admin/ with e-mail and password.",
        epilog="example: stash dashboard --no-open",
    )
    command.add_argument(
        "--url", help="the server's address, if it differs from the one the server announced"
    )
    command.add_argument("--no-open", action="store_true", help="print the link without opening it")
    command.set_defaults(run=open_dashboard)


def open_dashboard(options: argparse.Namespace) -> int:
    """Prints only the link, on one line of standard output, and opens it in a browser."""
    from stash_memory import server  # `stash key` does without, and starts sooner

    url = options.url or local.read_url() or config.LOCAL_URL
    if not is_server_url(url):
        output.print_message(f"--url is {url!r}; it must look like {config.LOCAL_URL}.")
        return WRONG_USE
    if config.mode() == "local" and not local.is_listening(url):
        output.print_message(
            f"No server listens on {url}: start one with `stash serve`, or name it with --url."
        )
        return UNAVAILABLE
    code, link = server.capture("signinlink", url)
    if code:
        return code
    output.print_line(link)
    if not options.no_open and config.has_browser():
        open_page(link)
    return 0


def is_server_url(url: str) -> bool:
    """Whether `url` has an HTTP scheme, a host and a usable port."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def open_page(link: str) -> None:
    """Opens the link through a file that only its owner may read: every user can read a browser's arguments."""
    import webbrowser

    page: Path = config.home() / "sign_in.html"
    page.unlink(missing_ok=True)
    with os.fdopen(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(REDIRECT.format(link=link))
    webbrowser.open(page.as_uri())
