"""`make bench-storage`, its third part: `stash get` from a file, as a shell starts it, beside bare Python."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.contest import Job, interleaved
from tests.server_process import clean_environment

ROUNDS = 31
BAR_MS = 100
STASH = Path(sys.executable).with_name("stash")


def job(command: list[str], environment: dict[str, str]) -> Job:
    """The job of running a command to its end."""

    def run() -> None:
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)

    return run


def compile_all(environment: dict[str, str]) -> None:
    """Writes the compiled modules, as an installation does: a benchmark of the compiler is none of `stash get`."""
    subprocess.run([STASH, "get", "key"], env=environment, stdout=subprocess.DEVNULL, check=True)


def main() -> None:
    """Prints the medians, and what a get takes beyond Python's own start."""
    with tempfile.TemporaryDirectory() as folder:
        environment = clean_environment(
            STASH_HOME=folder, PYTHONPYCACHEPREFIX=os.path.join(folder, "compiled")
        )
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        subprocess.run(
            [STASH, "set", "key", '{"step": 1}'], env=environment, stdout=subprocess.DEVNULL, check=True
        )
        compile_all(environment)
        jobs = {
            "python -c pass": job([sys.executable, "-c", "pass"], environment),
            "python -c 'import argparse'": job([sys.executable, "-c", "import argparse"], environment),
            "stash get": job([str(STASH), "get", "key"], environment),
        }
        seconds = interleaved(jobs, rounds=ROUNDS)
    print("\n`stash get` of a local value, from start to end (median)")
    for name, value in seconds.items():
        print(f"  {name:<28} {value * 1000:8.1f} ms")
    took = seconds["stash get"] * 1000
    print(f"  bar {BAR_MS} ms: {'reached' if took <= BAR_MS else 'NOT REACHED'}")


if __name__ == "__main__":
    main()
