"""What a key may reach, as DRF's permission step."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from stash_memory.errors import ScopeDenied


class WithinScope(BasePermission):
    """Judged by the method and the id alone, so that the answer is the same whether or not the memory exists."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or raises ScopeDenied."""
        scope = request.auth.scope
        if scope.read_only and request.method not in SAFE_METHODS:
            raise ScopeDenied("This API key is read-only.")
        memory_id = view.kwargs.get("memory_id")
        if memory_id is not None and not memory_id.startswith(scope.prefix):
            raise ScopeDenied(f"This API key reaches only memories whose ids begin with {scope.prefix!r}.")
        return True
