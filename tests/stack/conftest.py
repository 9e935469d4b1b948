"""The stack, for the tests beside it."""

from tests.stack.fixtures import stack

__all__ = ["stack"]
