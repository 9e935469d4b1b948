"""What the API says of itself: /openapi.json, /docs and /llms.txt. No key needed, and nothing of a user's in them."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.http import parse_etags
from django.views.decorators.csrf import csrf_exempt

from memories.problems import MethodNotAllowed, operation_of, problem
from memories.schema.document import document
from stash_memory.ids import LONGEST_PAGE, MAX_BYTES, PAGE
from stash_memory.operations import MOST_IN_ONE

View = Callable[[HttpRequest], HttpResponse]

READING = ("GET", "HEAD")
HEADERS = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}

# Scripts and styles come from files alone, and nothing comes from another host.
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def read_only(view: View) -> View:
    """A view that only reads; any other method is a 405."""

    @csrf_exempt  # It has no form, and what is refused here is refused as everywhere in the API.
    @wraps(view)
    def judged(request: HttpRequest) -> HttpResponse:
        if request.method in READING:
            found = view(request)
            found["Content-Length"] = str(len(found.content))
            return found
        refused = problem(MethodNotAllowed(), operation_of(request))
        refused["Allow"] = ", ".join(READING)
        return refused

    return judged


@read_only
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document; 304 to who has it already."""
    found = document()
    headers = {**HEADERS, "ETag": found.etag}
    known = [tag.removeprefix("W/") for tag in parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))]
    if found.etag in known or "*" in known:
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(found.body, content_type="application/json", headers=headers)


@read_only
def docs(request: HttpRequest) -> HttpResponse:
    """The same for people: Swagger UI, from files of this host alone."""
    headers = {**HEADERS, "Content-Security-Policy": DOCS_POLICY}
    return HttpResponse(render_to_string("docs.html"), headers=headers)


@read_only
def llms(request: HttpRequest) -> HttpResponse:
    """One page with which an agent that knows nothing else can use Stash (llmstxt.org)."""
    facts = {
        "base": base_url(request),
        "id_bytes": MAX_BYTES,
        "batch_operations": MOST_IN_ONE,
        "page": PAGE,
        "longest_page": LONGEST_PAGE,
    }
    text = render_to_string("llms.txt", facts)
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=HEADERS)


def base_url(request: HttpRequest) -> str:
    """Where the request came to, `http://localhost:8000`; empty where its Host is not one of ours."""
    try:
        host = request.get_host()
    except DisallowedHost:
        return ""
    return f"{'https' if settings.SECURE_SSL_REDIRECT else request.scheme}://{host}"
