"""Keys, and whom they act for."""

from memories.problems import PathNotFound
from memories.schema.components import Schema
from memories.schema.operation import Answer, Described, Operation
from memories.schema.parameters import REQUEST_ID, parameter
from stash_memory.errors import (
    ContentLengthMismatch,
    KeyNotFound,
    PayloadTooLarge,
    QuotaExceeded,
    ScopeDenied,
)

KEYS = "keys"

SCOPE: Schema = {
    "name": "sub-agent",
    "read_only": False,
    "prefix": "run-42/",
    "expires_at": "2026-01-15T12:30:00Z",
    "parent": "key_RXpLC04z6X3v",
}
KEY_ID = parameter(
    "path",
    "key_id",
    "The key's `id`, which is not its secret.",
    {"type": "string", "pattern": "^key_[0-9A-Za-z]{12}$"},
    "key_BilcuB0yr3Qu",
)

MINT = Operation(
    "mint_key",
    KEYS,
    "Mint a key for a sub-agent",
    "A key that is never wider than the one that asks and never outlives it; asking for more is a 403. What is left "
    "out is as it is with the parent. The secret is told this once. Revoking a key revokes all that descend from it.",
    body=(
        "KeyFields",
        {
            "a corner of its own for an hour": {
                "name": "sub-agent",
                "prefix": "run-42/",
                "expires_in": 3600,
            },
            "a reader": {"name": "reader", "read_only": True},
            "as its parent": {},
        },
    ),
    answers={
        201: Answer(
            "Minted.",
            "MintedKey",
            {
                "minted": {
                    "id": "key_BilcuB0yr3Qu",
                    "key": "sk_live_0123456789abcdefghijABCDEFGHIJ01xxxxxx",
                    **SCOPE,
                }
            },
            links={
                "revoke": {
                    "operationId": "revoke_key",
                    "parameters": {"key_id": "$response.body#/id"},
                }
            },
        )
    },
    errors=(ScopeDenied, QuotaExceeded, ContentLengthMismatch, PayloadTooLarge),
    parameters=[REQUEST_ID],
)
LIST = Operation(
    "list_keys",
    KEYS,
    "List keys",
    "The live keys that the one that asks may see, without their secrets, the newest first. A key that is neither "
    "read-only nor held to a prefix sees all of its user's, any other itself and its descendants.",
    answers={
        200: Answer(
            "The keys.",
            "KeyList",
            {
                "one": {
                    "keys": [
                        {
                            "id": "key_BilcuB0yr3Qu",
                            "visible_part": "sk_live_0123",
                            **SCOPE,
                            "created_at": "2026-01-15T11:30:00Z",
                            "last_used": None,
                        }
                    ]
                }
            },
        )
    },
    parameters=[REQUEST_ID],
)
REVOKE = Operation(
    "revoke_key",
    KEYS,
    "Revoke a key",
    "Ends the key and all that descend from it: they are refused everywhere within one second.",
    answers={204: Answer("Revoked.")},
    errors=(KeyNotFound, PathNotFound),
    parameters=[KEY_ID, REQUEST_ID],
)
WHOAMI = Operation(
    "whoami",
    KEYS,
    "Ask what the key may do",
    "The user, its tier and limits (null is no limit), the key's scope, and what the user keeps now.",
    answers={
        200: Answer(
            "Whom the key acts for.",
            "Whoami",
            {
                "on the free tier": {
                    "user_id": "usr_5eac2b3eb532",
                    "tier": "free",
                    "limits": {
                        "payload_bytes": 1_048_576,
                        "default_ttl": 3600,
                        "max_ttl": 3600,
                        "requests_per_minute": 60,
                        "burst": 10,
                        "max_memories": 1000,
                        "max_bytes": 104_857_600,
                    },
                    "key": {
                        "id": "key_RXpLC04z6X3v",
                        "name": "agent",
                        "read_only": False,
                        "prefix": "",
                        "expires_at": None,
                    },
                    "usage": {"memories": 2, "bytes": 76},
                }
            },
        )
    },
    parameters=[REQUEST_ID],
)


class DescribedKeys(Described):
    """/keys."""

    target_class = "memories.views.key.KeyViewSet"
    operations = {"mint": MINT, "list": LIST, "revoke": REVOKE}


class DescribedWhoami(Described):
    """GET /whoami."""

    target_class = "memories.views.whoami.WhoamiViewSet"
    operations = {"whoami": WHOAMI}
