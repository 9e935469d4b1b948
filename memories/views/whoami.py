"""Who the key acts for, and what it may do."""

from typing import cast

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.account import Account
from memories.key_json import whoami
from memories.responses import json_response
from memories.throttle import charge
from memories.views.viewset import ApiViewSet
from storage.store import store_for


class WhoamiViewSet(ApiViewSet):
    """An answer from what authentication already knows, and one look at the store."""

    def whoami(self, request: Request) -> HttpResponse:
        """The user, its limits (null is no limit), the key, and the memories that live now."""
        charge(request)
        account = cast(Account, request.auth)
        live = store_for(request).totals(account.user_id)
        request.trace.succeeded("whoami")
        return json_response(200, whoami(account, live))
