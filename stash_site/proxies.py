"""The client's address behind proxies, which only the proxies in STASH_TRUSTED_PROXIES may tell.

Anyone may write X-Forwarded-For, and each proxy adds its own caller at the end. So the header is read from the end, as
long as a trusted proxy added the entry. The header of RFC 7239 is not read.
"""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from stash_memory.config import BadSetting

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]


class ProxyMiddleware:
    """Sets REMOTE_ADDR to the client's address for all later layers: rate limits, the audit log.

    It drops X-Forwarded-Proto unless a trusted proxy sent it. Without trusted proxies the middleware is not used.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.STASH_TRUSTED_PROXIES:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.proxies: Networks = settings.STASH_TRUSTED_PROXIES

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        meta = request.META
        peer = address(meta["REMOTE_ADDR"])
        if peer is not None and is_in(peer, self.proxies):
            meta["REMOTE_ADDR"] = str(client(peer, meta.get("HTTP_X_FORWARDED_FOR", ""), self.proxies))
        else:
            meta.pop("HTTP_X_FORWARDED_PROTO", None)
        return self.get_response(request)


def client(peer: Address, forwarded_for: str, proxies: Networks) -> Address:
    """Return the caller of the first trusted proxy; `peer` is the last. An entry that is no address ends the chain."""
    for entry in reversed(forwarded_for.split(",")):
        if not is_in(peer, proxies):
            break
        before = address(entry)
        if before is None:
            break
        peer = before
    return peer


def address(text: str) -> Address | None:
    """Parse `192.0.2.7` or `2001:db8::7`, also with a port, as some proxies write them; None for anything else."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    # A dual-stack socket reports an IPv4 peer in this form.
    return getattr(found, "ipv4_mapped", None) or found


def is_in(found: Address, proxies: Networks) -> bool:
    """Return whether the address belongs to a trusted proxy."""
    return any(found in network for network in proxies)


def networks(text: str) -> Networks:
    """Parse `10.0.0.0/8, 2001:db8::1` into networks. Raises BadSetting."""
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    try:
        return [ip_network(entry) for entry in entries]
    except ValueError as error:
        raise BadSetting(
            f"STASH_TRUSTED_PROXIES is {text!r}; it must be addresses or networks, as in 10.0.0.0/8, 2001:db8::1 "
            f"({error})."
        ) from None
