"""Admin pages of the models, one noun in each file."""

from operators.admin.api_key import ApiKeyAdmin
from operators.admin.audit_entry import AuditEntryAdmin
from operators.admin.storage import PoolMoveAdmin, PurgeRunAdmin
from operators.admin.tier import TierAdmin
from operators.admin.user import UserAdmin

__all__ = ["ApiKeyAdmin", "AuditEntryAdmin", "PoolMoveAdmin", "PurgeRunAdmin", "TierAdmin", "UserAdmin"]
