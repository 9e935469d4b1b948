"""Redis's and its driver's errors, said in one sentence that names the server and never a password."""

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

# Error codes with which Redis refuses a command before it does anything of it.
_BEFORE = {"BUSY", "MISCONF", "NOREPLICAS", "CLUSTERDOWN", "MASTERDOWN", "LOADING", "READONLY", "TRYAGAIN"}


class Unreached(StoreUnavailable):
    """There was no connection to send anything on, so nothing was sent."""


def unreached(error: Exception, name: str) -> Unreached:
    """What to raise then."""
    if isinstance(error, MasterNotFoundError):
        return Unreached(f"Sentinel names no primary for {name} now: try again soon.")
    if isinstance(error, RedisClusterException | ClusterDownError):
        return Unreached(f"{name} does not serve this part of the cluster now: try again soon.")
    return Unreached(
        _unready(error, name) or f"{name} cannot be reached: check that it runs, and its address."
    )


def broken(error: Exception, name: str, *, sent: bool, write: bool) -> StoreUnavailable:
    """What to raise when the connection broke; `sent`: whether the whole of the command had been sent."""
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


def refused(error: ResponseError, name: str, *, write: bool) -> StashError:
    """What to raise for an error that Redis answered with."""
    if isinstance(error, OutOfMemoryError):
        return StoreFull(f"{name} is full (maxmemory), and nothing was stored: let some expire, or raise it.")
    if isinstance(error, ReadOnlyError):
        return StoreUnavailable(f"{name} is a replica and takes no writes: try again soon.")
    if isinstance(error, NoPermissionError):
        return StoreUnavailable(f"{name} does not let this user do that: check its ACL ({_said(error)}).")
    if isinstance(error, ClusterDownError):
        return StoreUnavailable(f"{name} does not serve this part of the cluster now: try again soon.")
    if isinstance(error, AskError | TryAgainError):
        # MovedError is an AskError, too.
        return StoreUnavailable(f"{name} is moving this part to another node: try again soon.")
    code = str(error).partition(" ")[0]
    # A script that failed in its midst may have written.
    applied: Applied = "unknown" if write and code not in _BEFORE else False
    return StoreUnavailable(f"{name} could not do this ({_said(error)}).", applied=applied)


def _said(error: ResponseError) -> str:
    # Redis quotes the arguments of a command that it does not know: they are somebody's data.
    return str(error).partition(" with args")[0][:120]


def _unready(error: Exception, name: str) -> str | None:
    if isinstance(error, BusyLoadingError):
        return f"{name} is still loading its data: try again soon."
    if isinstance(error, AuthenticationError | AuthorizationError):
        return f"{name} does not let us in: check the user name and the password."
    if "certificate" in str(error).lower():
        return f"{name} shows a certificate that is not trusted: check ssl_ca_certs and the host's name."
    if "max number of clients" in str(error) or "Connection not ready" in str(error):
        # Redis says so as it hangs up, before it is asked anything; the driver has no ear for that.
        return f"{name} turns connections away: it may have as many clients as it takes (maxclients)."
    return None
