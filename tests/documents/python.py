"""Runs a page's blocks of Python, in one namespace, and looks at what each expression with an arrow is."""

import ast
from collections.abc import Callable
from typing import Any

from tests.documents.page import Block
from tests.documents.shown import ARROW, shows


class Watching(ast.NodeTransformer):
    """Hands the value of each expression statement that has an arrow behind it to `_show`."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        """Wraps it, and keeps its place in the page."""
        _, arrow, expected = self.lines[(node.end_lineno or 1) - 1].partition(ARROW)
        if not arrow:
            return node
        call = ast.Call(ast.Name("_show", ast.Load()), [node.value, ast.Constant(expected)], [])
        return ast.fix_missing_locations(ast.copy_location(ast.Expr(ast.copy_location(call, node)), node))


def run(block: Block, names: dict[str, Any]) -> None:
    """Runs it on `names`, which it adds to. Raises AssertionError for what is not as the arrows say."""
    tree = ast.parse(block.text)
    count = block.text.count(ARROW)
    watched = Watching(block.text.splitlines()).visit(tree)
    ast.increment_lineno(watched, block.line - 1)
    names["_show"], seen = shower(f"{block.page}:{block.line}")
    exec(compile(watched, block.page, "exec"), names)
    assert len(seen) >= count, (
        f"{block.page}:{block.line}: {count} arrows, and {len(seen)} of them were reached"
    )


def shower(where: str) -> tuple[Callable[[Any, str], None], list[str]]:
    """What compares a value with the text behind its arrow, and what it has seen so far."""
    seen: list[str] = []

    def show(value: Any, expected: str) -> None:
        seen.append(expected)
        assert shows(expected, repr(value)), f"{where}: {expected}\nis {value!r}"

    return show, seen
