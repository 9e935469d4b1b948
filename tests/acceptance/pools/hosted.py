"""A hosted service, started process by process: PostgreSQL, a Redis for cache and broker, and one for each pool."""

from collections.abc import Mapping
from pathlib import Path

from tests.server_process import ServerProcess
from tests.servers import shared
from tests.servers.redis_server import RedisServer

# What `persistence` each tier promises, as its Redis is told of it.
PERSISTENCE: Mapping[str, Mapping[str, object]] = {
    "free": {},
    "pro": {"save": "1 1"},
    "enterprise": {"persistent": True},
}


class Hosted:
    """The service: `pools` by name, `broker`, and the `server` on them."""

    def __init__(self, folder: Path, *flags: str, **urls: str) -> None:
        self.broker = RedisServer()
        self.pools = {name: RedisServer(**how) for name, how in PERSISTENCE.items()}  # type: ignore[arg-type]
        named = {f"REDIS_URL_{name.upper()}": pool.url for name, pool in self.pools.items()}
        self.server = ServerProcess(
            folder,
            "--workers",
            "2",
            *flags,
            STASH_MODE="hosted",
            SECRET_KEY="a secret of these tests alone, and long enough to be one: 0123456789",
            ALLOWED_HOSTS="localhost,127.0.0.1",
            DATABASE_URL=shared.postgres_server().create_database(),
            REDIS_URL=self.broker.url,
            **{**named, **urls},
        )

    def start(self) -> "Hosted":
        """Starts the server, which makes its tables."""
        self.server.start()
        return self

    def stop(self) -> None:
        """Ends all of it."""
        if self.server.process is not None:
            self.server.stop()
        for redis in (self.broker, *self.pools.values()):
            redis.stop()

    def shell(self, code: str) -> str:
        """What the code prints, run where the server's models are."""
        return self.server.shell(code)

    def user_id(self, email: str) -> str:
        """The public id of the user with this address."""
        return self.shell(
            f"from accounts.models import User; print(User.objects.get(email={email!r}).public_id)"
        )

    def ids(self, pool: str, user_id: str) -> set[str]:
        """The ids of the user's memories in this pool, looked up behind the service's back."""
        prefix = f"user:{{{user_id}}}:".encode()
        with self.pools[pool].client() as client:
            return {key.removeprefix(prefix).decode() for key in client.scan_iter(prefix + b"*", count=1000)}
