"""What the pytest run says at its end: tables, the servers that it ran on, and those that it could not run.

The hooks here take effect where a conftest.py imports them.
"""

import os
from typing import Any, NoReturn

import pytest

_ran: dict[str, str] = {}
_missing: dict[str, str] = {}
_tables: dict[str, list[str]] = {}


def ran(what: str, version: str) -> None:
    """Notes that `what` ran, and which program it was."""
    _ran[what] = version


def table(title: str, lines: list[str]) -> None:
    """Has these lines among the run's last ones."""
    _tables[title] = lines


def missing(what: str, why: str) -> NoReturn:
    """Skips the test that needs `what`, and says so at the end of the run; under CI, fails it."""
    _missing[what] = why
    if os.environ.get("CI"):
        pytest.fail(f"{what} could not run: {why}", pytrace=False)
    pytest.skip(f"{what} could not run: {why}")


def pytest_sessionfinish(session: Any) -> None:
    """Under pytest-xdist, a worker hands what it knows to the process that writes the last lines."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["servers"] = (_ran, _missing, _tables)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """That process takes it."""
    for mine, theirs in zip(
        (_ran, _missing, _tables), getattr(node, "workeroutput", {}).get("servers", ()), strict=False
    ):
        mine.update(theirs)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The run's last lines: a green one says what it was green on, and what it left to `make engines`."""
    for title, lines in _tables.items():
        terminalreporter.section(title)
        for line in lines:
            terminalreporter.line(line)
    if terminalreporter.config.option.markexpr == "not engines":
        terminalreporter.section("left to make engines")
        terminalreporter.line("The storage contract on PostgreSQL, Valkey, Sentinel and a Redis Cluster;")
        terminalreporter.line("the promises on the hosted service with all of its parts.")
    if not _ran and not _missing:
        return
    terminalreporter.section("servers")
    for what, version in sorted(_ran.items()):
        terminalreporter.line(f"{what}: {version}")
    for what, why in sorted(_missing.items()):
        terminalreporter.line(f"{what}: COULD NOT RUN: {why}", red=True)
