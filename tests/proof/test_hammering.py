"""8 processes of 8 threads hammer one sqlite file with transform for 30 s: no error, no lost update."""

from pathlib import Path

from tests.library.client.hammering import hammered


def test_no_change_is_lost_in_half_a_minute_of_hammering(tmp_path: Path) -> None:
    kept, changes, longest = hammered(tmp_path / "memories.db", processes=8, threads=8, seconds=30)
    print(f"\n{changes:,} changes of one key by 64 threads in 8 processes; the longest took {longest:.1f} s")
    assert kept == changes > 0
