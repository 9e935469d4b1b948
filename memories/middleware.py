"""Wraps every request in the operation that it is."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from memories.trace import Trace


class OperationMiddleware:
    """Outermost, so that every answer has its request id and every operation its log line."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        operation = Trace(request)
        request.trace = operation
        try:
            response = self.get_response(request)
        finally:
            operation.release()
        operation.finish(request, response)
        return response
