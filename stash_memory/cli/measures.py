"""Sizes, times and counts, as people read and write them."""

import argparse

# As in the documentation, 1 MB is 1,048,576 bytes.
_SIZES = ("KB", "MB", "GB", "TB")
_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_NAMES = {"d": "d", "h": "h", "m": "min", "s": "s"}


def format_size(number: int) -> str:
    """Writes a number of bytes in words.

    >>> format_size(512), format_size(1_536), format_size(52_428_800)
    ('512 B', '1.5 KB', '50 MB')
    """
    if number < 1024:
        return f"{number} B"
    power = 1
    while power < len(_SIZES) and round(number / 1024**power, 1) >= 1024:
        power += 1
    return f"{number / 1024**power:.1f}".removesuffix(".0") + f" {_SIZES[power - 1]}"


def format_duration(seconds: int) -> str:
    """Writes seconds in words, in at most two units.

    >>> format_duration(45), format_duration(3_540), format_duration(12_000), format_duration(180_000)
    ('45 s', '59 min', '3 h 20 min', '2 d 2 h')
    """
    for (unit, length), below in zip(_UNITS.items(), (*list(_UNITS)[1:], ""), strict=True):
        count, rest = divmod(seconds, length)
        if count or not below:
            more = rest // _UNITS[below] if below and length > 60 else 0
            return f"{count} {_NAMES[unit]}" + (f" {more} {_NAMES[below]}" if more else "")
    raise AssertionError


def parse_duration(text: str) -> int:
    """Reads `600`, `10m`, `1h30m` or `2d` as seconds. Raises ArgumentTypeError.

    >>> parse_duration("600"), parse_duration("10m"), parse_duration("1h30m")
    (600, 600, 5400)
    """
    total, number, left = 0, "", list(_UNITS)
    for character in text if not text.isdecimal() else f"{text}s":
        if character.isascii() and character.isdecimal() and len(number) < 12:
            number += character
        elif number and character in left:
            total += int(number) * _UNITS[character]
            number, left = "", left[left.index(character) + 1 :]
        else:
            number = "?"
            break
    if number or total < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time of at least 1 second; write 600, 10m, 1h30m or 2d"
        )
    return total


def format_count(number: int, noun: str) -> str:
    """Writes a number with its noun.

    >>> format_count(1, "memory"), format_count(1200, "memory")
    ('1 memory', '1,200 memories')
    """
    return f"{number:,} {noun if number == 1 else noun.removesuffix('y') + 'ies'}"
