"""The OpenAPI document as it is served: built once in each process, when it is first asked for."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from threading import Lock

from memories.responses import encode

building = Lock()


@dataclass(frozen=True)
class Document:
    """Ready bytes of JSON, and a name for them that is the same in every process."""

    body: bytes
    etag: str


def document() -> Document:
    """The document. Of several threads that ask for it first, one builds it (drf-spectacular can do one at a time)."""
    with building:
        return build()


@cache
def build() -> Document:
    """Imports what it takes, which is what makes the first request for it slow: about a second."""
    from drf_spectacular.settings import spectacular_settings

    body = encode(spectacular_settings.DEFAULT_GENERATOR_CLASS().get_schema(request=None, public=True))
    return Document(body, f'"{sha256(body).hexdigest()[:16]}"')
