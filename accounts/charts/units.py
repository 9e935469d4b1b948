"""Numbers as people read them, each with its unit."""

from datetime import timedelta

SIZES = ("bytes", "KB", "MB", "GB", "TB")


def number(count: float) -> str:
    """`1,234`; from ten million on `12.3 M`, and from ten billion on `12.3 G`."""
    for unit, power in (("G", 1e9), ("M", 1e6)):
        if abs(count) >= 10 * power:
            return f"{count / power:,.1f} {unit}"
    return f"{count:,.0f}" if count == int(count) or abs(count) >= 100 else f"{count:,.1f}"


def tick(value: float) -> str:
    """On an axis: `0.5`, `250`, `5k`, `2M`, `1G`."""
    for unit, power in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= power:
            return f"{value / power:g}{unit}"
    return f"{value:g}"


def size(count: int) -> str:
    """Of bytes, 1,024 to a KB: `1 byte`, `512 bytes`, `1.5 MB`."""
    if count == 1:
        return "1 byte"
    value, unit = float(count), 0
    while value >= 1024 and unit < len(SIZES) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:,.0f} {SIZES[unit]}" if unit == 0 or value >= 100 else f"{value:,.1f} {SIZES[unit]}"


def share(part: float) -> str:
    """Of a share from 0 to 1: `0 %`, `0.42 %`, `12 %`; what is more than nothing is never shown as nothing."""
    percent = part * 100
    if 0 < percent < 0.01:
        return "< 0.01 %"
    return (
        f"{percent:.2f} %" if 0 < percent < 1 else f"{percent:.0f} %" if percent >= 10 else f"{percent:.3g} %"
    )


def milliseconds(time: float | None, longest: float) -> str:
    """`0.8 ms`, `12 ms`, `1.2 s`; `longest` is what cannot be told from more. A dash where there is none."""
    if time is None:
        return "-"
    if time >= longest:
        return f"over {longest / 1000:g} s"
    if time >= 1000:
        return f"{time / 1000:.1f} s"
    return f"{time:.1f} ms" if time < 10 else f"{time:.0f} ms"


def lasting(time: timedelta) -> str:
    """`34 s`, `5 min`, `3 h`, `12 days`."""
    seconds = max(0, int(time.total_seconds()))
    for unit, length, most in (("s", 1, 120), ("min", 60, 120 * 60), ("h", 3_600, 48 * 3_600)):
        if seconds < most:
            return f"{seconds // length} {unit}"
    return f"{seconds // 86_400} days"
