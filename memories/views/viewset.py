"""What every view of the API has in common."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from memories.reading import check_taken
from stash_memory.operations import AnyOperation


class ApiViewSet(ViewSet):
    """A DRF viewset whose answers are ready: no OPTIONS, no negotiation, no versions, no rendering.

    DRF's own steps for these cost a fifth of a small recall. Authentication, permissions, throttles and the
    one handler of errors are as DRF has them.
    """

    # Whether the view itself judges what the key's scope allows (accounts/scope.py).
    judges_scope = False
    # The operation of each action that has one: a write with a condition or a parameter of another is refused.
    operations: ClassVar[Mapping[str, type[AnyOperation]]] = {}
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    # DRF makes some for each answer; memories/responses.py has ours.
    default_response_headers: ClassVar[dict[str, str]] = {}

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """DRF's request, which has no parsers: memories/body.py reads bodies."""
        wrapped = Request(request, authenticators=self.get_authenticators())
        # What views ask for most; DRF's request would look for it in vain at first, each time. (The request with which
        # the OpenAPI document is made has no operation.)
        wrapped.method = request.method or ""
        wrapped.META, wrapped.trace = request.META, getattr(request, "trace", None)
        self.action = self.action_map.get(wrapped.method.lower(), "")
        return wrapped

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who is asking (401), the token (429), what the key reaches (403), and whether all of it is understood.

        The token comes before the key's scope, as it does before every other refusal but a bad key's: what is
        refused is paid for too, and tells what is left.
        """
        self.perform_authentication(request)
        self.check_throttles(request)
        self.check_permissions(request)
        # A method that the path does not take is a 405, whatever comes with it.
        if self.action and request.method not in SAFE_METHODS:
            check_taken(request, self.operations.get(self.action))

    def perform_authentication(self, request: Request) -> None:
        """Ask each authenticator. DRF would ask at the first look at `request.user`, which costs 3 % of a recall."""
        found: tuple[Any, Any] = None, None
        try:
            for authenticator in request.authenticators:
                found = authenticator.authenticate(request) or found
        finally:
            request.user, request.auth = found

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """The answer as it is: memories/responses.py gave it its headers."""
        return response
