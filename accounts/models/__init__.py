"""The models of policy, one in each file."""

from accounts.models.api_key import ApiKey
from accounts.models.audit_entry import AuditEntry
from accounts.models.pool_move import PoolMove
from accounts.models.sign_in_link import SignInLink
from accounts.models.tier import Tier
from accounts.models.usage import Busiest, UsageHour, UsageMinute
from accounts.models.user import User

__all__ = [
    "ApiKey",
    "AuditEntry",
    "Busiest",
    "PoolMove",
    "SignInLink",
    "Tier",
    "UsageHour",
    "UsageMinute",
    "User",
]
