"""`python -m demo`: tenants, two days of traffic, a server, and a trickle, until Ctrl-C.

Its state is in build/demo (or where STASH_HOME says), made anew each time. Options are those of `stash serve`.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event
from types import FrameType

from stash_memory.cli import server_commands

HOME = Path(os.environ.setdefault("STASH_HOME", "build/demo")).resolve()
START_SECONDS, STOP_SECONDS = 30, 40


def main() -> int:
    """0 after Ctrl-C or SIGTERM, or what the server ended with by itself."""
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGINT, interrupted)
    options = ["serve", "--port", "0", *sys.argv[1:]]
    # The demo itself opens the server's store, too: it has to know where that is.
    server_commands.set_environment(parser().parse_args(options))
    os.environ.update(STASH_HOME=str(HOME), STASH_MODE="local", DJANGO_SETTINGS_MODULE="stash_site.settings")
    fresh(HOME)
    server, stop = None, Event()
    try:
        server = subprocess.Popen(
            [sys.executable, "-m", "stash_memory", *options],
            start_new_session=True,
            stdout=(HOME / "server.log").open("w"),
            stderr=(HOME / "server.err").open("w"),
        )
        url = listens(server)
        live(url, stop)
        return server.wait()
    except KeyboardInterrupt:
        print("\nStopping.")
        return 0
    finally:
        stop.set()
        if server is not None and server.poll() is None:
            server.terminate()
            server.wait(STOP_SECONDS)


def parser() -> argparse.ArgumentParser:
    """Of the options of `stash serve`."""
    found = argparse.ArgumentParser(prog="python -m demo", add_help=False)
    server_commands.add_serve(found.add_subparsers())
    return found


def interrupted(number: int, frame: FrameType | None) -> None:
    """Ctrl-C, or whoever ends us: the server ends first. A second one changes nothing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def fresh(home: Path) -> None:
    """An empty folder. Only one that a demo has made is emptied."""
    mark = home / "demo"
    if home.exists() and any(home.iterdir()) and not mark.exists():
        sys.exit(f"{home} is not a demo's folder, and is left as it is; name another one with STASH_HOME.")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    mark.touch()


def listens(server: subprocess.Popen[bytes]) -> str:
    """Where it does, once it answers."""
    from stash_memory import local

    deadline = time.monotonic() + START_SECONDS
    while (url := local.read_url()) is None or not local.is_listening(url):
        if server.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"The server did not start: {(HOME / 'server.err').read_text()}")
        time.sleep(0.1)
    return url


def live(url: str, stop: Event) -> None:
    """Tenants, their past, and what they ask now; prints the way in."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from accounts.usage.rollup import roll_up
    from demo import history, tenants
    from demo.trickle import Trickle
    from upkeep.purge import purge

    dice = random.Random(6)
    callers, now = tenants.create(), timezone.now()
    made = history.make(callers, now, dice)
    roll_up(now)
    trickles = [Trickle(url, caller, stop, number) for number, caller in enumerate(callers)]
    for trickle in trickles:
        trickle.begin()
        trickle.start()
    # The server's own, which counts what lives, comes after a minute.
    purge()
    print(f"{len(tenants.TENANTS)} tenants on three tiers, {made:,} requests of the last two days, and some")
    print("more every second. The dashboard, once, within five minutes:\n", flush=True)
    call_command("signinlink", url)
    print(
        f"\nAnother link: STASH_HOME={os.environ['STASH_HOME']} stash dashboard. Ctrl-C stops it all.",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
