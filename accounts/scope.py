"""Scope of a key: what it may reach, and DRF's permission step that holds it to that."""

from dataclasses import dataclass
from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from stash_memory.errors import ScopeDenied


@dataclass(frozen=True, slots=True)
class Scope:
    """What a key may reach: only reading where `read_only`, only ids that begin with `prefix`."""

    read_only: bool
    prefix: str

    @property
    def is_full(self) -> bool:
        """Whether it reaches all that its user keeps. A key that expires may be full until then."""
        return not self.read_only and not self.prefix

    def check_write(self) -> None:
        """Raises ScopeDenied if the key may only read."""
        if self.read_only:
            raise ScopeDenied("This API key is read-only.")

    def check_id(self, memory_id: str) -> None:
        """Raises ScopeDenied for an id outside the prefix, whether or not there is such a memory."""
        if not memory_id.startswith(self.prefix):
            raise self._denied()

    def check_prefix(self, prefix: str | None) -> str:
        """The prefix to work on: the key's own where none is given. Raises ScopeDenied for a wider one."""
        if not prefix:
            return self.prefix
        if not prefix.startswith(self.prefix):
            raise self._denied()
        return prefix

    def _denied(self) -> ScopeDenied:
        return ScopeDenied(f"This API key reaches only memories whose ids begin with {self.prefix!r}.")


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
