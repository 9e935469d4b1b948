"""Numbers as people read them, each with its unit."""

from datetime import timedelta

SIZES = ("bytes", "KB", "MB", "GB", "TB")


def rounded(value: float) -> str:
    """Rounds to one decimal below ten, and to none from there on; shows no positive number as zero.

    It applies to everything except plain counts. A number that rounds up to ten is `10`, not `10.0`.
    """
    if 0 < value < 0.05:
        return "< 0.1"
    return f"{value:.1f}" if value and round(value, 1) < 10 else f"{value:,.0f}"


def number(count: float) -> str:
    """Words a count as `1,234`, from ten million on as `12 M`, from ten billion on as `12 G`. Rounds a rate."""
    for unit, power in (("G", 1e9), ("M", 1e6)):
        if abs(count) >= 10 * power:
            return f"{rounded(count / power)} {unit}"
    return f"{count:,.0f}" if count == int(count) else rounded(count)


def several(count: int, noun: str) -> str:
    """Words a count and its noun: `1 request`, `1,234 requests`."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def tick(value: float) -> str:
    """Words a mark of an axis: `0.5`, `250`, `5k`, `2M`, `1G`."""
    for unit, power in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= power:
            return f"{value / power:g}{unit}"
    return f"{value:g}"


def size(count: int) -> str:
    """Words bytes, 1,024 to a KB: `1 byte`, `512 bytes`, `1.5 MB`, `48 KB`."""
    if count < 1024:
        return several(count, "byte")
    value, unit = float(count), 0
    while round(value) >= 1024 and unit < len(SIZES) - 1:
        value, unit = value / 1024, unit + 1
    return f"{rounded(value)} {SIZES[unit]}"


def share(part: float) -> str:
    """Words a share from 0 to 1: `0 %`, `0.4 %`, `12 %`."""
    return f"{rounded(part * 100)} %"


def milliseconds(time: float | None, longest: float) -> str:
    """Words a time: `0.8 ms`, `12 ms`, `1.2 s`, a dash for None; from `longest` on, only that it is over."""
    if time is None:
        return "-"
    if time >= longest:
        return f"over {longest / 1000:g} s"
    return f"{rounded(time / 1000)} s" if round(time) >= 1000 else f"{rounded(time)} ms"


def lasting(time: timedelta) -> str:
    """Words a duration: `34 s`, `5 min`, `3 h`, `12 days`."""
    seconds = max(0, int(time.total_seconds()))
    for unit, length, most in (("s", 1, 120), ("min", 60, 120 * 60), ("h", 3_600, 48 * 3_600)):
        if seconds < most:
            return f"{seconds // length} {unit}"
    return f"{seconds // 86_400} days"
