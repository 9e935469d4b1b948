"""All that Stash uses of Django beyond its documentation: a shorter way from the server to a view of the API.

Django's own way costs a recall of 300 B up to 17 % more for the handler and 18 % more for the receivers around each
request (`python -m benchmarks.shortcuts handler signals`). Pages take Django's own way.
"""

import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from django.core import signals
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import close_old_connections, connections, reset_queries
from django.db.backends.signals import connection_created
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, URLPattern, get_resolver

from stash_site.pages import PAGES, PUBLIC_PAGES, PagesOnly

ALL_PAGES = PAGES + PUBLIC_PAGES


class Handler(WSGIHandler):
    """Serve requests to the API without the steps that only pages need.

    Views of the API are plain functions. Their responses have no cookie, no file and nothing left to render. So the
    handler skips the mount point, looks for coroutines, a second match of the route, and the pages' view hooks.
    """

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        if environ["PATH_INFO"].startswith(ALL_PAGES):
            return super().__call__(environ, start_response)
        signals.request_started.send(sender=type(self), environ=environ)
        response = self.get_response(WSGIRequest(environ))
        response._handler_class = type(self)
        # Each with its name as given; `response.items()` looks every one up again, 3 % of a recall.
        headers = list(response.headers._store.values())
        # The API sets no cookie, but a third party's middleware may.
        for cookie in response.cookies.values():
            headers.append(("Set-Cookie", cookie.OutputString()))
        start_response(f"{response.status_code} {response.reason_phrase}", headers)
        return response

    def load_middleware(self, is_async: bool = False) -> None:
        """Load the middleware, and note whether others than the pages' own layers have hooks for views."""
        super().load_middleware(is_async)
        hooks = [*self._view_middleware, *self._template_response_middleware, *self._exception_middleware]
        self.has_view_hooks = any(
            not isinstance(getattr(hook, "__self__", None), PagesOnly) for hook in hooks
        )

    @cached_property
    def routes(self) -> list[URLPattern]:
        """The API's routes, none of which is part of an included URLconf."""
        return [route for route in get_resolver().url_patterns if isinstance(route, URLPattern)]

    def match(self, path: str) -> ResolverMatch:
        """Find the view for `path`; Django would build a second match from the first. Raises Http404."""
        # Every route begins with a slash.
        for route in self.routes if path.startswith("/") else ():
            found = route.resolve(path[1:])
            if found is not None:
                return found
        return get_resolver().resolve(path)

    def _get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Find the view and call it: the innermost step, below the middleware.

        Any middleware with hooks for views makes all requests take Django's own way, so that no hook is skipped.
        """
        if self.has_view_hooks or request.path_info.startswith(ALL_PAGES):
            return super()._get_response(request)
        found = request.resolver_match = self.match(request.path_info)
        response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        return response


class ThreadState(threading.local):
    """`may_have_connections`: this thread has opened a connection to the database, which may still be open."""

    may_have_connections = False


thread_state = ThreadState()


def note_connection(**_: Any) -> None:
    """Remember that this thread has opened a connection."""
    thread_state.may_have_connections = True


def close_noted_connections(**_: Any) -> None:
    """Close this thread's connections as Django does, if it has opened any. Looking at all of them costs 3 to 6 %."""
    if thread_state.may_have_connections:
        close_old_connections()
        thread_state.may_have_connections = any(
            one.connection is not None for one in connections.all(initialized_only=True)
        )


def shorten_requests() -> None:
    """Disconnect Django's receivers around each request, which never have work to do here.

    The end of a request closes the connections that it opened. Queries are recorded only for debugging, no cache has
    anything to close, and no request changes its URLconf. The receivers cost 11 to 18 % together.
    """
    signals.request_started.disconnect(close_old_connections)
    signals.request_started.disconnect(reset_queries)
    signals.request_finished.disconnect(close_caches)
    signals.request_finished.disconnect(reset_urlconf)
    signals.request_finished.disconnect(close_old_connections)
    connection_created.connect(note_connection)
    signals.request_finished.connect(close_noted_connections)
