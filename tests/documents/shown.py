"""What a block says that comes out: `# -> ` and the text, in which `...` stands for anything."""

import re

ARROW = "# -> "


def shows(expected: str, found: str) -> bool:
    """Whether `found` is what was said.

    >>> shows("{'step': ...}", "{'step': 1}"), shows("1", "10")
    (True, False)
    """
    pattern = ".*".join(re.escape(part) for part in expected.strip().split("..."))
    return re.fullmatch(pattern, found.strip(), re.DOTALL) is not None
