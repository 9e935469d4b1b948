"""When a memory expires: the arithmetic of TTLs, in milliseconds, on the backend's own clock."""


def extended(
    expires_at_ms: int,
    now_ms: int,
    *,
    extra_ms: int | None,
    at_least_ms: int | None,
    max_ttl_ms: int,
) -> int:
    """The new expiry of a memory that lives until `expires_at_ms`.

    `extra_ms` adds to what remains, `at_least_ms` raises what remains to itself; both are held to
    `max_ttl_ms` from now. Never earlier than before: only a new put shortens a life.
    """
    wanted = expires_at_ms
    if extra_ms is not None:
        wanted = expires_at_ms + extra_ms
    if at_least_ms is not None:
        wanted = max(wanted, now_ms + at_least_ms)
    return max(expires_at_ms, min(wanted, now_ms + max_ttl_ms))
