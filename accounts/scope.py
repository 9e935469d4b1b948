"""Scope of a key, and DRF's permission step that enforces it."""

from dataclasses import dataclass
from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from stash_memory.errors import ScopeDenied


@dataclass(frozen=True, slots=True)
class Scope:
    """Limits of a key: reads only if `read_only`, and only ids that begin with `prefix`."""

    read_only: bool
    prefix: str

    @property
    def is_full(self) -> bool:
        """Tells whether the key reaches all memories of its user. A key that expires may be full until then."""
        return not self.read_only and not self.prefix

    def check_write(self) -> None:
        """Raises ScopeDenied if the key may only read."""
        if self.read_only:
            raise ScopeDenied("This API key is read-only.")

    def check_id(self, memory_id: str) -> None:
        """Raises ScopeDenied for an id outside the prefix, even if there is no such memory."""
        if not memory_id.startswith(self.prefix):
            raise self._denied()

    def check_prefix(self, prefix: str | None) -> str:
        """Returns the given prefix, or the key's own. Raises ScopeDenied for a wider one."""
        if not prefix:
            return self.prefix
        if not prefix.startswith(self.prefix):
            raise self._denied()
        return prefix

    def _denied(self) -> ScopeDenied:
        return ScopeDenied(f"This API key reaches only memories whose ids begin with {self.prefix!r}.")


class WithinScope(BasePermission):
    """Checks the method and the id only, so that the answer does not reveal whether the memory exists."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Returns True, or raises ScopeDenied. A view of several operations checks each by itself."""
        if view.judges_scope:
            return True
        scope = request.auth.scope
        if request.method not in SAFE_METHODS:
            scope.check_write()
        memory_id = view.kwargs.get("memory_id")
        if memory_id is not None:
            scope.check_id(memory_id)
        return True
