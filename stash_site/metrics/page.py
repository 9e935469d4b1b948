"""GET /metrics, for Prometheus with the token."""

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from memories.problems import operation_of, path_not_found, problem
from memories.views.description import read_only
from stash_memory.errors import InvalidApiKey

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@read_only
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with all metrics in the format of the Accept header; 404 unless STASH_METRICS_TOKEN is set."""
    if not settings.STASH_METRICS_TOKEN:
        return path_not_found(request, Http404())
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    good = hmac.compare_digest(token.strip().encode(), settings.STASH_METRICS_TOKEN.encode())
    if scheme.lower() != "bearer" or not good:
        refused = problem(InvalidApiKey("The metrics' token is missing or wrong."), operation_of(request))
        refused["WWW-Authenticate"] = "Bearer"
        return refused
    # Only servers with metrics load prometheus_client.
    from stash_site.metrics.exposition import exposition

    body, content_type = exposition(request.META.get("HTTP_ACCEPT", ""))
    return HttpResponse(body, content_type=content_type, headers=HEADERS)
