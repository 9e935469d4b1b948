"""The demo's tenants: one on each tier, and how much each asks."""

from dataclasses import dataclass

from accounts.models import ApiKey, User


@dataclass(frozen=True, slots=True)
class Tenant:
    """`keys` by name with what each asks by day, in requests a minute; at night it is a fifth of it."""

    email: str
    tier: str
    keys: dict[str, float]


TENANTS = (
    Tenant("lab@example.org", "free", {"notebook": 9}),
    Tenant("studio@example.com", "pro", {"planner": 24, "reviewer": 11}),
    Tenant("fleet@example.net", "enterprise", {"dispatcher": 70, "scouts": 38, "archive": 6}),
)


@dataclass(frozen=True, slots=True)
class Caller:
    """A tenant's key, and its secret."""

    user_id: str
    key_id: str
    tier: str
    a_minute: float
    secret: str


def create() -> list[Caller]:
    """All tenants with their keys, in the database."""
    callers = []
    for tenant in TENANTS:
        user = User.objects.create_user(tenant.email, tier_id=tenant.tier)
        for name, a_minute in tenant.keys.items():
            key, secret = ApiKey.issue(user, name=name)
            callers.append(Caller(user.public_id, key.public_id, tenant.tier, a_minute, secret))
    return callers
