"""The scan finds what it looks for, and passes over nothing but a local server's banner."""

from pathlib import Path

from accounts.key_secret import LOCAL, new_secret
from tests.leaks.scan import CANARY, found, in_log


def test_a_key_is_found_whole_cut_or_in_lower_case() -> None:
    key = new_secret()
    for text in (key, key.lower(), key[:-10], f'{{"path":"/recall/{key}"}}'):
        assert [thing[:7] for thing in found(text.encode())] == ["a key ("]
    assert found(b"sk_... and sk_live_short") == []


def test_data_and_other_secrets_are_found() -> None:
    assert found(f'{{"message":"refused: {CANARY}"}}'.encode()) == ["data"]
    assert found(f"user:{{usr_a}}:plan {CANARY}".encode(), data=False) == []
    assert found(b"the digest of OPEN-SESAME", ["open-sesame"]) == ["open-sesame..."]


def test_the_banner_is_the_one_exception(tmp_path: Path) -> None:
    key, log = new_secret(LOCAL), tmp_path / "err.log"
    banner = f"  key    {key}\n  curl -X POST http://localhost/stash -H 'X-API-KEY: {key}' -d '{{}}'\n"
    log.write_text(banner)
    assert list(in_log(log)) == []

    log.write_text(f"{banner}worker failed: {key}\n")
    assert [line.partition(": ")[0] for line in in_log(log)] == [f"{log}, line 3"]

    other = tmp_path / "out.log"
    other.write_text(banner)
    assert len(list(in_log(other))) == 2
