"""How to turn each shortcut off: the public way in its place, for as long as a block of requests takes."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

Undo = Callable[[], AbstractContextManager[None]]
SHORTCUTS: dict[str, Undo] = {}
ABSENT = object()


def shortcut(undo: Callable[[], Iterator[None]]) -> Undo:
    """Register a way to undo a shortcut; its name is the function's."""
    SHORTCUTS[undo.__name__] = contextlib.contextmanager(undo)
    return SHORTCUTS[undo.__name__]


@contextlib.contextmanager
def replaced(owner: Any, **attributes: Any) -> Iterator[None]:
    """Set attributes of a class or module for a while."""
    before = {name: vars(owner).get(name, ABSENT) for name in attributes}
    for name, value in attributes.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, value)


@shortcut
def nothing() -> Iterator[None]:
    """The noise."""
    yield


@shortcut
def plain_heads() -> Iterator[None]:
    """Every head parsed by gunicorn."""
    from stash_site.server import connection

    with replaced(connection, plain_request=lambda *_: None):
        yield


@shortcut
def environ() -> Iterator[None]:
    """Every environ made by gunicorn; plain heads still parsed quickly."""
    from gunicorn.http.wsgi import create

    from stash_site.server.answer import Answer
    from stash_site.server.answering import AnsweringWorker

    def prepare(self: Any, req: Any, conn: Any) -> Any:
        answer, found = create(req, conn.sock, conn.client, conn.server, self.cfg, response_class=Answer)
        return answer, {**found, "wsgi.multithread": True}

    with replaced(AnsweringWorker, prepare=prepare):
        yield


@shortcut
def one_write() -> Iterator[None]:
    """Head and body in a write each, by gunicorn."""
    from gunicorn.http.wsgi import Response

    from stash_site.server.answer import Answer

    with replaced(Answer, write=Response.write, send_headers=Response.send_headers):
        yield


@shortcut
def body_into_buffer() -> Iterator[None]:
    """Bodies read by gunicorn's reader."""
    from stash_site.server.body import PlainBody

    before = PlainBody.readinto
    del PlainBody.readinto
    try:
        yield
    finally:
        PlainBody.readinto = before


@shortcut
def handler() -> Iterator[None]:
    """Django's own WSGI handler, whole."""
    with handler_call(), handler_response():
        yield


@shortcut
def handler_call() -> Iterator[None]:
    """Django's own `__call__`, our `_get_response`."""
    from django.core.handlers.wsgi import WSGIHandler

    from stash_site.django_seam import Handler

    with replaced(Handler, __call__=WSGIHandler.__call__):
        yield


@shortcut
def handler_response() -> Iterator[None]:
    """Django's own `_get_response`, our `__call__`. The chain of middleware holds on to the bound method."""
    from django.core.handlers.base import BaseHandler

    from stash_site.wsgi import application

    before = application._middleware_chain
    with replaced(type(application), _get_response=BaseHandler._get_response):
        application.load_middleware()
        try:
            yield
        finally:
            application._middleware_chain = before


@shortcut
def handler_match() -> Iterator[None]:
    """Our handler with Django's resolver."""
    from django.urls import get_resolver

    from stash_site.django_seam import Handler

    with replaced(Handler, match=lambda self, path: get_resolver().resolve(path)):
        yield


@shortcut
def signals() -> Iterator[None]:
    """Django's own receivers around each request."""
    with signals_except_connections(), signals_about_connections():
        yield


@shortcut
def signals_about_connections() -> Iterator[None]:
    """Django's own closing of database connections."""
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    from stash_site.django_seam import close_noted_connections

    request_finished.disconnect(close_noted_connections)
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)
    try:
        yield
    finally:
        request_started.disconnect(close_old_connections)
        request_finished.disconnect(close_old_connections)
        request_finished.connect(close_noted_connections)


@shortcut
def signals_except_connections() -> Iterator[None]:
    """Django's own receivers except those that look at connections."""
    from django.core.cache import close_caches
    from django.core.handlers.base import reset_urlconf
    from django.core.signals import request_finished, request_started
    from django.db import reset_queries

    request_started.connect(reset_queries)
    request_finished.connect(close_caches)
    request_finished.connect(reset_urlconf)
    try:
        yield
    finally:
        request_started.disconnect(reset_queries)
        request_finished.disconnect(close_caches)
        request_finished.disconnect(reset_urlconf)


@shortcut
def response_pieces() -> Iterator[None]:
    """Large answers joined, as Django has it."""
    import memories.responses

    with replaced(memories.responses, IN_PIECES_BYTES=1 << 40):
        yield


@shortcut
def authenticate() -> Iterator[None]:
    """DRF's own `perform_authentication`."""
    from rest_framework.views import APIView

    from memories.views.viewset import ApiViewSet

    with replaced(ApiViewSet, perform_authentication=APIView.perform_authentication):
        yield


@shortcut
def request_attributes() -> Iterator[None]:
    """DRF's request without the attributes that views ask for most."""
    from rest_framework.request import Request

    from memories.views.viewset import ApiViewSet

    def initialize_request(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        wrapped = Request(request, authenticators=self.get_authenticators())
        self.action = self.action_map.get((request.method or "").lower(), "")
        return wrapped

    with replaced(ApiViewSet, initialize_request=initialize_request):
        yield


@shortcut
def log_caller() -> Iterator[None]:
    """logging's own way to a line, which looks for file and line number."""
    import memories.trace

    def log_operation(level: int, event: str, fields: Any) -> None:
        memories.trace.log.log(level, event, extra={"fields": fields})

    with replaced(memories.trace, log_operation=log_operation):
        yield


@shortcut
def metrics() -> Iterator[None]:
    """Requests counted for the metrics too."""
    import memories.trace
    from memories.tally import Tally

    with replaced(memories.trace, tally=Tally()):
        yield
