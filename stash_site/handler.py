"""Django's handler of WSGI requests; the API passes by what only pages, mount points and asynchronous views need.

What it leaves out was a tenth of a small recall: the mount point noted for each thread, looks at whether a view or its
answer is a coroutine, a second match of its route, headers read out one by one, and the layers' view hooks (CSRF's is
for pages).
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from django.core import signals
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, URLPattern, get_resolver

from stash_site.pages import PAGES, PUBLIC_PAGES

OTHERS = PAGES + PUBLIC_PAGES


class Handler(WSGIHandler):
    """Views of the API are plain functions whose answers are ready: no cookie, no file, nothing left to render."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """PEP 3333."""
        if environ["PATH_INFO"].startswith(OTHERS):
            return super().__call__(environ, start_response)
        signals.request_started.send(sender=type(self), environ=environ)
        response = self.get_response(WSGIRequest(environ))
        response._handler_class = type(self)
        start_response(
            f"{response.status_code} {response.reason_phrase}", list(response.headers._store.values())
        )
        return response

    @cached_property
    def routes(self) -> list[URLPattern]:
        """The API's: they are no part of another URLconf."""
        return [route for route in get_resolver().url_patterns if isinstance(route, URLPattern)]

    def match(self, path: str) -> ResolverMatch:
        """The route with this path, without the match that Django makes of it once more. Raises Http404."""
        # What does not begin so is no path of ours, whatever follows.
        for route in self.routes if path.startswith("/") else ():
            found = route.resolve(path[1:])
            if found is not None:
                return found
        return get_resolver().resolve(path)

    def _get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Below the middleware: finds the view, and calls it."""
        if request.path_info.startswith(OTHERS):
            return super()._get_response(request)
        found = request.resolver_match = self.match(request.path_info)
        response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        return response
