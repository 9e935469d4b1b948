"""What a block says that comes out: `# -> ` and the text, in which `...` stands for anything."""

import re

ARROW = "# -> "
# Seconds that a memory still lives: a page shows how many where none passes.
SECONDS_LEFT = r'(?<="ttl":)\d+|(?<="ttl_remaining":)\d+|\A\d{3,}\Z'
TOKEN = re.compile(rf"\.\.\.|{SECONDS_LEFT}")
# So many may pass on a slow machine, between two lines of a block.
MAY_PASS = 20


def shows(expected: str, found: str) -> bool:
    """Whether `found` is what was said, but for the seconds that may have passed."""
    expected = expected.strip()
    pattern, end, times = "", 0, []
    for token in TOKEN.finditer(expected):
        pattern += re.escape(expected[end : token.start()])
        pattern += ".*" if token[0] == "..." else r"(\d+)"
        times += [] if token[0] == "..." else [int(token[0])]
        end = token.end()
    match = re.fullmatch(pattern + re.escape(expected[end:]), found.strip(), re.DOTALL)
    return match is not None and all(
        0 <= said - int(left) <= MAY_PASS for said, left in zip(times, match.groups(), strict=True)
    )
