"""Processes on one file: no error, and no change lost. (`make proof` has the long form.)"""

from pathlib import Path

from tests.library.client.hammering import hammered


def test_no_change_is_lost_between_processes_of_threads(tmp_path: Path) -> None:
    kept, changes, _ = hammered(tmp_path / "memories.db", processes=3, threads=4, seconds=1.5)
    assert kept == changes > 0
