"""What every view of the API has in common."""

from rest_framework.viewsets import ViewSet


class ApiViewSet(ViewSet):
    """A DRF viewset without OPTIONS, and without headers of DRF's own (memories/responses.py has ours)."""

    # Whether the view itself judges what the key's scope allows (accounts/scope.py).
    judges_scope = False
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    default_response_headers: dict[str, str] = {}
