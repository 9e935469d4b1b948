"""What counts as shown, in the blocks of pages."""

import pytest

from tests.documents.shown import MAY_PASS, shows


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ("{'step': ...}", "{'step': 1}"),
        ('{"ttl":600,"bytes":11}', '{"ttl":600,"bytes":11}'),
        ('{"ttl":600,"bytes":11}', '{"ttl":599,"bytes":11}'),
        ("1200", "1199"),
        ("1200", str(1200 - MAY_PASS)),
    ],
)
def test_what_a_page_says_may_come_out_so(expected: str, found: str) -> None:
    assert shows(expected, found)


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ("1", "10"),
        ("1200", "1201"),
        ("1200", str(1199 - MAY_PASS)),
        ('{"ttl":600,"bytes":11}', '{"ttl":600,"bytes":10}'),
        ('{"ttl":600}', '{"ttl":null}'),
    ],
)
def test_and_not_so(expected: str, found: str) -> None:
    assert not shows(expected, found)
