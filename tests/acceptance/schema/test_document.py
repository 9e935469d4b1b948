"""The document is whole, the same from every process, and there for everyone."""

import subprocess
import sys
from typing import Any

import httpx2
import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from drf_spectacular.validation import validate_schema

from memories.problems import PathNotFound
from memories.schema.errors import UNSEEN, shape, tree
from stash_memory.errors import MemoryExpired, StashError
from stash_site.openapi import Generator
from stash_site.server.answer import REFUSALS
from tests.server_process import ServerProcess, clean_environment


def served(patterns: list[URLPattern | URLResolver], before: str = "/") -> set[tuple[str, str]]:
    """Paths and methods of the API's viewsets."""
    found = set()
    for pattern in patterns:
        path = before + str(pattern.pattern).replace("<memory_id:", "{").replace("<str:", "{").replace(
            ">", "}"
        )
        if isinstance(pattern, URLResolver):
            found |= served(pattern.url_patterns, path)
        else:
            found |= {(path, method) for method in getattr(pattern.callback, "actions", None) or ()}
    return found


def test_it_has_every_route_of_the_api_and_no_other(document: dict[str, Any]) -> None:
    described = {(path, method) for path, item in document["paths"].items() for method in item}

    # HEAD is answered wherever GET is; OpenAPI has no short way to say so.
    assert described == {
        (path, method) for path, method in served(get_resolver().url_patterns) if method != "head"
    }
    assert len(described) >= 14


def test_it_has_every_error_of_the_tree(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    kinds = set(tree())
    assert {StashError, MemoryExpired, PathNotFound} < kinds

    mapping = shapes["Problem"]["discriminator"]["mapping"]
    assert set(mapping) == {kind.code for kind in kinds}
    for code, reference in mapping.items():
        shape = shapes[reference.rpartition("/")[2]]
        assert shape["properties"]["code"] == {"const": code}
        assert shape["properties"]["type"] == {"const": f"urn:stash:error:{code}"}


def test_an_error_that_only_gathers_others_is_not_in_it() -> None:
    assert "memory_missing" not in {kind.code for kind in tree()}


def test_a_member_that_nobody_described_stops_the_document() -> None:
    class Astray:
        """Not of the tree, so that no other test meets it there."""

        status, code, title, detail = 418, "astray", "Astray", "It went astray."

        def extra(self) -> dict[str, str]:
            return {"whither": "nobody knows"}

    with pytest.raises(KeyError, match="whither"):
        shape(Astray)  # type: ignore[arg-type]


def test_it_has_what_the_http_server_itself_answers() -> None:
    # 400 is in it as the application's own, and a PROXY line (403) is not accepted from anybody.
    assert set(UNSEEN) == {status for status, _ in REFUSALS.values()} - {400, 403}


def test_it_is_valid_openapi_and_drf_spectacular_has_no_warning() -> None:
    reset_generator_stats()
    found = Generator().get_schema(request=None, public=True)

    assert not GENERATOR_STATS
    validate_schema(found)
    assert found["openapi"] == "3.1.0"


def test_a_view_that_nobody_described_is_a_warning() -> None:
    from django.urls import path

    from memories.views.viewset import ApiViewSet

    class Silent(ApiViewSet):
        def say(self, request: Any) -> None: ...

    with GENERATOR_STATS.silence():
        Generator(patterns=[path("silent", Silent.as_view({"post": "say"}))]).get_schema(None, public=True)

        assert GENERATOR_STATS


def test_every_process_has_the_same(server: ServerProcess, document: dict[str, Any]) -> None:
    program = (
        "import django; django.setup(); from memories.schema.document import document; print(document().etag)"
    )
    etags = set()
    for seed in ("1", "2"):
        settings = {"STASH_HOME": str(server.home), "PYTHONHASHSEED": seed}
        environment = clean_environment(DJANGO_SETTINGS_MODULE="stash_site.settings", **settings)
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        etags.add(done.stdout.strip())

    assert etags == {httpx2.get(f"{server.url}/openapi.json", timeout=60).headers["ETag"]}


def test_a_server_that_is_not_asked_for_it_does_not_load_what_makes_it(server: ServerProcess) -> None:
    program = (
        "import sys, stash_site.wsgi; from django.urls import get_resolver; get_resolver().url_patterns; "
        "print([name for name in sys.modules if name.startswith(('drf_spectacular.', 'jsonschema'))])"
    )
    environment = clean_environment(STASH_HOME=str(server.home))
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "['drf_spectacular.apps', 'drf_spectacular.checks']"


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/llms.txt"])
def test_it_needs_no_key_and_is_the_same_for_everyone(server: ServerProcess, path: str) -> None:
    with server.client() as somebody, httpx2.Client(base_url=server.url, timeout=60) as nobody:
        answers = [somebody.get(path), nobody.get(path)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["Cache-Control"] == "public, max-age=300"
    assert answers[0].headers["X-Content-Type-Options"] == "nosniff"
    assert not answers[0].cookies


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/llms.txt"])
def test_it_is_only_read(server: ServerProcess, path: str) -> None:
    with httpx2.Client(base_url=server.url, timeout=60) as client:
        whole, head, refused = client.get(path), client.head(path), client.post(path, content=b"x")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"] == str(len(whole.content))
    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")
    assert refused.headers["Allow"] == "GET, HEAD"


def test_who_has_it_already_is_told_so(server: ServerProcess) -> None:
    with httpx2.Client(base_url=server.url, timeout=60) as client:
        etag = client.get("/openapi.json").headers["ETag"]
        for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
            again = client.get("/openapi.json", headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
        assert client.get("/openapi.json", headers={"If-None-Match": '"other"'}).status_code == 200
