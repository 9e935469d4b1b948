"""One operation of the API, as OpenAPI has it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from drf_spectacular.extensions import OpenApiViewExtension
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from memories.schema.components import Schema, ref
from memories.schema.headers import headers
from memories.schema.problems import KEYED, Kinds, references

SECURITY: list[Schema] = [{"X-API-KEY": []}, {"Bearer": []}]
SCHEMES = {
    "X-API-KEY": {"type": "apiKey", "in": "header", "name": "X-API-KEY", "description": "`sk_...`"},
    "Bearer": {"type": "http", "scheme": "bearer", "description": "The same key."},
}


@dataclass(frozen=True)
class Answer:
    """A good answer: the name of its shape (None has no body), examples, further headers, and OpenAPI links."""

    description: str
    shape: str | None = None
    examples: Mapping[str, Any] = field(default_factory=dict)
    headers: Sequence[str] = ()
    links: Mapping[str, Schema] = field(default_factory=dict)

    def document(self, *common: str) -> Schema:
        """As a Response Object, with the headers that all of the operation's answers have."""
        found: Schema = {"description": self.description, "headers": headers(*common, *self.headers)}
        if self.shape is not None:
            found["content"] = json_content(self.shape, self.examples)
        if self.links:
            found["links"] = self.links
        return found


@dataclass(frozen=True)
class Operation:
    """What a view does, takes and answers. `body` is the name of the shape of its body and examples of it."""

    operation_id: str
    tag: str
    summary: str
    description: str
    answers: Mapping[int, Answer]
    errors: Kinds = ()
    parameters: Sequence[Schema] = ()
    body: tuple[str, Mapping[str, Any]] | None = None
    always: Kinds = KEYED

    @property
    def kinds(self) -> Kinds:
        """Every class of error that it may answer."""
        return (*self.always, *self.errors)

    def document(self) -> Schema:
        """As an Operation Object."""
        keyed = self.always == KEYED
        limits = ("RateLimit-Policy", "RateLimit") if keyed else ()
        good = {str(status): answer.document(*limits) for status, answer in self.answers.items()}
        found: Schema = {
            "operationId": self.operation_id,
            "tags": [self.tag],
            "summary": self.summary,
            "description": self.description,
            "parameters": list(self.parameters),
            "responses": dict(sorted({**references(self.kinds), **good}.items())),
            "security": SECURITY if keyed else [],
        }
        if self.body is not None:
            shape, examples = self.body
            found["requestBody"] = {"required": True, "content": json_content(shape, examples)}
        return found


def json_content(shape: str, examples: Mapping[str, Any]) -> Schema:
    """A body of JSON."""
    values = {name: {"value": example} for name, example in examples.items()}
    return {"application/json": {"schema": ref(shape), **({"examples": values} if values else {})}}


class Described(OpenApiViewExtension):
    """Tells drf-spectacular what the actions of the view `target_class` do, in shapes that may be its own."""

    operations: ClassVar[Mapping[str, Operation]] = {}
    shapes: ClassVar[Mapping[str, Schema]] = {}

    def view_replacement(self) -> type[APIView]:
        """A view with the same actions, to be described and never called.

        One that is not described stays as it is, and drf-spectacular warns that it can say nothing of it.
        """
        actions = {name: described(operation) for name, operation in self.operations.items()}
        return type(self.target.__name__, (self.target,), actions)


def described(operation: Operation) -> Callable[..., None]:
    """A view's action that says what it would do."""

    def action(self: APIView, request: Request) -> None:
        raise AssertionError("It is only described.")

    return extend_schema(operation=operation.document())(action)
