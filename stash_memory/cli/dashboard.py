"""`stash dashboard`: the way into the local server's dashboard."""

import argparse
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from stash_memory import config, local_url, server
from stash_memory.cli import output
from stash_memory.exit_codes import UNAVAILABLE, WRONG_USE

REDIRECT = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={link}">'


def add(commands: Any) -> None:
    """Adds the command to the parser."""
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
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The link alone, on one line of standard output."""
    url = options.url or local_url.kept() or config.LOCAL_URL
    if not is_url(url):
        output.message(f"--url is {url!r}; it must look like {config.LOCAL_URL}.")
        return WRONG_USE
    if config.mode() == "local" and not local_url.is_answered(url):
        output.message(f"No server listens on {url}: start one with `stash serve`, or name it with --url.")
        return UNAVAILABLE
    code, link = server.said("signinlink", url)
    if code:
        return code
    output.line(link)
    if not options.no_open and config.has_browser():
        open_page(link)
    return 0


def is_url(url: str) -> bool:
    """Whether it is a server's URL, without a path of its own."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def open_page(link: str) -> None:
    """By way of a file that only its owner may read: a browser's arguments can be read by all users of the machine."""
    import webbrowser

    page: Path = config.home() / "sign_in.html"
    page.unlink(missing_ok=True)
    with os.fdopen(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(REDIRECT.format(link=link))
    webbrowser.open(page.as_uri())
