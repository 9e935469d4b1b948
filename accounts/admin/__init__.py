"""The operators' pages of policy, one noun in each file."""

from accounts.admin.api_key import ApiKeyAdmin
from accounts.admin.audit_entry import AuditEntryAdmin
from accounts.admin.pool_move import PoolMoveAdmin
from accounts.admin.tier import TierAdmin
from accounts.admin.user import UserAdmin

__all__ = ["ApiKeyAdmin", "AuditEntryAdmin", "PoolMoveAdmin", "TierAdmin", "UserAdmin"]
