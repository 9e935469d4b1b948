"""The secret of an API key."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from accounts.key_secret import LOCAL, digest_of, is_well_formed, new_secret, visible_part
from stash_memory.ids import ALPHABET


def test_a_secret_says_what_it_is_and_is_long_enough() -> None:
    assert new_secret().startswith("sk_live_")
    assert new_secret(LOCAL).startswith("sk_local_")
    assert len(new_secret()) == len("sk_live_") + 32 + 6


def test_no_two_secrets_are_the_same() -> None:
    assert len({new_secret() for _ in range(1000)}) == 1000


def test_a_secret_is_well_formed() -> None:
    assert all(is_well_formed(new_secret(kind)) for kind in ("live", "local") for _ in range(100))


@given(st.integers(8, 45), st.sampled_from(ALPHABET))
def test_a_mistyped_secret_is_not(position: int, letter: str) -> None:
    secret = new_secret()
    typed = secret[:position] + letter + secret[position + 1 :]

    assert is_well_formed(typed) == (typed == secret)


@given(st.text())
def test_other_text_is_not(text: str) -> None:
    assert not is_well_formed(text)
    assert not is_well_formed("sk_live_" + text)


def test_only_a_digest_and_a_beginning_are_kept() -> None:
    secret = new_secret()

    assert digest_of(secret) == hashlib.sha256(secret.encode()).digest()
    assert visible_part(secret) == secret[:12]
    assert visible_part(new_secret(LOCAL)).startswith("sk_local_")
