"""Clients from URLs, with timeouts that report a dead or frozen Redis in under two seconds."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.retry import Retry
from redis.sentinel import Sentinel

from stash_memory.backends.redis.failures import DRIVER_ERRORS, translate_unreached

# A server accepts or refuses a connection within a millisecond, unless it is dead.
OPTIONS: Mapping[str, Any] = {
    "socket_connect_timeout": 1.0,
    "socket_timeout": 1.5,
    "health_check_interval": 0,
    # RESP3 begins with two more round trips, and sends notices that this backend does not use.
    "protocol": 2,
    "decode_responses": False,
}
# Each Sentinel is asked in turn before a connection is opened.
_SENTINEL = {"socket_connect_timeout": 0.3, "socket_timeout": 0.5, "protocol": 2}

_FORMS = (
    "redis://host:6379/0, rediss://..., unix:///path.sock, redis://host:6379/0?cluster=true, "
    "redis+sentinel://host:26379,host:26379/service/0"
)


def connect(url: str, **options: Any) -> "redis.Redis | redis.RedisCluster":
    """A client for `url`; `options` are redis-py's and override these defaults. Only a cluster is asked at once.

    User name and password may be in the URL, percent-encoded. Raises ValueError for any other URL, and
    StoreUnavailable if a cluster cannot be reached.
    """
    try:
        parts = urlsplit(url)
        if parts.fragment:
            # Most likely a "#" in a password, whose rest would be read as a host.
            raise ValueError("#")  # noqa: TRY301
        query = dict(parse_qsl(parts.query))
        if query.pop("cluster", "false").lower() in ("true", "1", "yes"):
            return _cluster(urlunsplit(parts._replace(query=urlencode(query))), options)
        if parts.scheme in ("redis+sentinel", "rediss+sentinel"):
            client = _sentinel(url, options)
        else:
            client = redis.Redis.from_url(url, **{**no_retry(), **OPTIONS, **options})
        # Else an unknown option would fail only at the first request.
        client.connection_pool.connection_class(**client.connection_pool.connection_kwargs)
        return client
    except (ValueError, TypeError):
        # redis-py's message may quote a part of the password.
        raise ValueError(f"This is not the URL of a Redis. It may be: {_FORMS}.") from None


def no_retry() -> dict[str, Any]:
    """The option that keeps redis-py from sending a command twice; its default sends a write up to four times."""
    return {"retry": Retry(NoBackoff(), 0)}


def _cluster(url: str, options: dict[str, Any]) -> "redis.RedisCluster":
    first, *others = _urls(url)
    made = {**redis.connection.parse_url(first), **no_retry(), **OPTIONS, **options}
    if made.pop("db", 0):
        raise ValueError(first)
    if made.pop("connection_class", None) is not None:
        made["ssl"] = True
    nodes = [ClusterNode(made.pop("host", "localhost"), made.pop("port", 6379))]
    nodes += [ClusterNode(*_address(other, 6379)) for other in others]
    try:
        return redis.RedisCluster(startup_nodes=nodes, **made)
    except DRIVER_ERRORS as error:
        raise translate_unreached(error, f"Redis at {nodes[0].name}") from error


def _sentinel(url: str, options: dict[str, Any]) -> "redis.Redis":
    parts = urlsplit(url)
    service, _, db = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError(url)
    scheme = parts.scheme.removesuffix("+sentinel")
    first, *others = _urls(urlunsplit(parts._replace(scheme=scheme, path=f"/{db}")))
    made = {**redis.connection.parse_url(first), **no_retry(), **OPTIONS, **options}
    tls = {"ssl": True} if made.pop("connection_class", None) is not None else {}
    addresses = [(made.pop("host", "localhost"), made.pop("port", 26379))]
    addresses += [_address(other, 26379) for other in others]
    sentinel = Sentinel(addresses, sentinel_kwargs={**_SENTINEL, **tls, **no_retry()})
    client: redis.Redis = sentinel.master_for(unquote(service), **tls, **made)
    return client


def _urls(url: str) -> list[str]:
    """Splits a URL of many hosts: the URL of its first host, then the addresses of the others."""
    parts = urlsplit(url)
    credentials, at, hosts = parts.netloc.rpartition("@")
    first, *others = hosts.split(",")
    return [urlunsplit(parts._replace(netloc=credentials + at + first)), *others]


def _address(text: str, port: int) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError(text)
    return parts.hostname, parts.port or port
