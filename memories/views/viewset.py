"""What every view of the API has in common."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from memories.conditions import check_taken
from memories.query import query


class ApiViewSet(ViewSet):
    """A DRF viewset without OPTIONS, and without headers of DRF's own (memories/responses.py has ours)."""

    # Whether the view itself judges what the key's scope allows (accounts/scope.py).
    judges_scope = False
    # Of each write that takes any: the conditions, and the parameters behind the question mark. A write that comes
    # with another is refused: passed over, it would happen otherwise than its client asked.
    conditions: ClassVar[Mapping[str, Collection[str]]] = {}
    parameters: ClassVar[Mapping[str, Collection[str]]] = {}
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    default_response_headers: dict[str, str] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who asks, what they may, and whether they ask it in a way that is understood."""
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            check_taken(request, self.conditions.get(self.action or "", ()))
            query(request, *self.parameters.get(self.action or "", ()))
