"""Redis's and redis-py's errors as Stash's: one sentence that names the server, and never a password."""

from types import UnionType

from redis.exceptions import (
    AskError,
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    ClusterDownError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import TimeoutError as DriverTimeout
from redis.sentinel import MasterNotFoundError

from stash_memory.errors import Applied, StashError, StoreFull, StoreUnavailable

DRIVER_ERRORS = (RedisError, RedisClusterException, OSError)

# With these codes Redis refuses a command before it performs any part of it.
_BEFORE = {"BUSY", "MISCONF", "NOREPLICAS", "CLUSTERDOWN", "MASTERDOWN", "LOADING", "READONLY", "TRYAGAIN"}

_FULL = "{name} is full (maxmemory), and nothing was stored: let some expire, or raise it."
_NOT_SERVED = "{name} does not serve this part of the cluster now: try again soon."
# The sentence for each refusal; nothing was applied. The first that matches counts.
_REFUSALS: tuple[tuple[type[ResponseError] | UnionType, str], ...] = (
    (ReadOnlyError, "{name} is a replica and takes no writes: try again soon."),
    (NoPermissionError, "{name} does not let this user do that: check its ACL ({said})."),
    (ClusterDownError, _NOT_SERVED),
    # MovedError is an AskError, too.
    (AskError | TryAgainError, "{name} is moving this part to another node: try again soon."),
)


class Unreached(StoreUnavailable):
    """No connection could be opened, so nothing was sent."""


def translate_unreached(error: Exception, name: str) -> Unreached:
    """The error for a connection that could not be opened."""
    if isinstance(error, MasterNotFoundError):
        return Unreached(f"Sentinel names no primary for {name} now: try again soon.")
    if isinstance(error, RedisClusterException | ClusterDownError):
        return Unreached(_NOT_SERVED.format(name=name))
    return Unreached(
        _unready(error, name) or f"{name} cannot be reached: check that it runs, and its address."
    )


def translate_break(error: Exception, name: str, *, sent: bool, write: bool) -> StoreUnavailable:
    """The error for a connection that broke; `sent`: whether the whole command had been sent."""
    unready = _unready(error, name)
    if unready is not None:
        return StoreUnavailable(unready)
    if isinstance(error.__context__, ReadOnlyError):
        # Sentinel's connections turn this refusal into a broken connection.
        return StoreUnavailable(f"{name} has just become a replica: try again soon.")
    applied: Applied = "unknown" if sent and write else False
    if isinstance(error, DriverTimeout):
        return StoreUnavailable(f"{name} did not answer in time: try again soon.", applied=applied)
    return StoreUnavailable(f"{name} broke the connection off: try again soon.", applied=applied)


def translate_refusal(error: ResponseError, name: str, *, write: bool) -> StashError:
    """The error for a refusal that Redis answered with."""
    said = _said(error)
    if isinstance(error, OutOfMemoryError):
        return StoreFull(_FULL.format(name=name))
    for kind, sentence in _REFUSALS:
        if isinstance(error, kind):
            return StoreUnavailable(sentence.format(name=name, said=said))
    code = str(error).partition(" ")[0]
    # A script that failed midway may have written.
    applied: Applied = "unknown" if write and code not in _BEFORE else False
    return StoreUnavailable(f"{name} could not do this ({said}).", applied=applied)


def _said(error: ResponseError) -> str:
    # Redis quotes the arguments of an unknown command, which are a user's data.
    return str(error).partition(" with args")[0][:120]


def _unready(error: Exception, name: str) -> str | None:
    if isinstance(error, BusyLoadingError):
        return f"{name} is still loading its data: try again soon."
    if isinstance(error, AuthenticationError | AuthorizationError):
        return f"{name} does not let us in: check the user name and the password."
    if "certificate" in str(error).lower():
        return f"{name} shows a certificate that is not trusted: check ssl_ca_certs and the host's name."
    if "max number of clients" in str(error) or "Connection not ready" in str(error):
        # Redis says so before it is asked anything, and hangs up; redis-py has no exception for that.
        return f"{name} turns connections away: it may have as many clients as it takes (maxclients)."
    return None
