"""Who the key acts for, and what it may do."""

from dataclasses import asdict

from django.http import HttpResponse
from rest_framework.request import Request

from memories.responses import json_response
from memories.store import store
from memories.throttle import charge
from memories.views.viewset import ApiViewSet
from stash_memory.times import iso_of


class WhoamiViewSet(ApiViewSet):
    """An answer from what authentication already knows, and one look at the store."""

    def whoami(self, request: Request) -> HttpResponse:
        """The user, its limits (null is no limit), the key, and the memories that live now."""
        charge(request)
        account = request.auth
        live = store().totals(account.user_id)
        request.operation.succeeded("whoami")
        document = {
            "user_id": account.user_id,
            "tier": account.tier,
            "limits": asdict(account.limits),
            "key": {
                "id": account.key_id,
                "name": account.key_name,
                "read_only": account.scope.read_only,
                "prefix": account.scope.prefix,
                "expires_at": account.expires_at and iso_of(account.expires_at),
            },
            "usage": {"memories": live.memories, "bytes": live.bytes},
        }
        return json_response(200, document)
