"""Cross-origin requests: whose pages may call the API from a browser."""

from urllib.parse import urlsplit

from stash_memory.config import BadSetting

# django-cors-headers' settings. Not for the pages that people log in to.
CORS_URLS_REGEX = r"^/(?!admin/|static/)"
CORS_ALLOW_METHODS = ["DELETE", "GET", "PATCH", "POST", "PUT"]
# What a page may send, and what it may read of an answer.
CORS_ALLOW_HEADERS = [
    "authorization",
    "content-type",
    "if-match",
    "if-none-match",
    "x-api-key",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = ["ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID"]
CORS_PREFLIGHT_MAX_AGE = 7200


def origins(text: str) -> list[str]:
    """`https://app.example, http://localhost:3000`, or `*`. Raises BadSetting."""
    found = [entry.strip() for entry in text.split(",") if entry.strip()]
    for origin in found:
        parts = urlsplit(origin)
        whole = f"{parts.scheme}://{parts.netloc}"
        if origin != "*" and (parts.scheme not in ("http", "https") or not parts.netloc or origin != whole):
            raise BadSetting(
                f"STASH_CORS_ORIGINS is {text!r}; it must be origins without a path, as in "
                "https://app.example, http://localhost:3000, or *."
            )
    return found
