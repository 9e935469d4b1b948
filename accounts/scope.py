"""What a key may reach, as DRF's permission step."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request


class WithinScope(BasePermission):
    """Judged by the method and the id alone, so that the answer is the same whether or not the memory exists."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or raises ScopeDenied. A view that takes several operations judges each by itself."""
        if view.judges_scope:
            return True
        scope = request.auth.scope
        if request.method not in SAFE_METHODS:
            scope.check_write()
        memory_id = view.kwargs.get("memory_id")
        if memory_id is not None:
            scope.check_id(memory_id)
        return True
