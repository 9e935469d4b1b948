"""The hosted server as the users of one pool see it: what tests ask of any server, they can ask of this one."""

from functools import cached_property

from tests.server_process import ServerProcess

# Tiers as they are, and as local mode has it, with this pool: operators can make such ones in the admin.
TIERS = """
from accounts.models import Tier
for tier in Tier.objects.filter(name__in=["free", "pro", "enterprise", "local"]):
    Tier.objects.update_or_create(name=f"{{tier.name}}-{pool}", defaults={{
        field.name: getattr(tier, field.name) for field in Tier._meta.fields if field.name not in ("name", "pool")
    }} | {{"pool": {pool!r}}})
"""


class Tenants(ServerProcess):
    """`server`, which runs already, for users whose memories are in `pool`; a tier is that tier in all but its pool."""

    def __init__(self, server: ServerProcess, pool: str) -> None:
        self.__dict__.update(server.__dict__)
        self.pool = pool
        self.shell(TIERS.format(pool=pool))

    @cached_property
    def key(self) -> str:  # type: ignore[override]
        """Of a user with the limits of local mode's."""
        return self.create_key("local@example.com", "--tier", "local")

    def create_key(self, email: str, *flags: str) -> str:
        """A new key of the pool's own user of this name: addresses are one for all pools."""
        tiers = ("free", "pro", "enterprise", "local")
        named = [f"{flag}-{self.pool}" if flag in tiers else flag for flag in flags]
        return super().create_key(f"{self.pool}.{email}", *named)
