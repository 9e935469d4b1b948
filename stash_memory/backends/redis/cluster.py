"""The way to a Redis Cluster: asks the node that has the key, and follows a key that moved."""

import contextlib
import time
from collections.abc import Sequence
from typing import Any

import redis
from redis.cluster import ClusterNode
from redis.exceptions import AskError, MovedError, RedisClusterException, TryAgainError

from stash_memory.backends.redis.connections import PoolConnections
from stash_memory.backends.redis.failures import DRIVER_ERRORS, Unreached, translate_unreached
from stash_memory.backends.redis.wire import Command, closed, exchange
from stash_memory.errors import StoreUnavailable

# A moved key is found within a few steps.
_STEPS = 8
# While only some of a user's keys have moved, no node can run a script on them.
_MOVING_S = 1.0
_PAUSE_S = 0.02


class ClusterWire:
    """See `stash_memory.backends.redis.wire.Wire`. All keys of a user share a slot, and so a node."""

    one_place = False

    def __init__(self, client: "redis.RedisCluster") -> None:
        self._client = client
        self._closed = False
        self._stale_for: str | None = None
        self.name = "Redis Cluster"

    def ask(self, key: bytes, *commands: Command, write: bool) -> list[Any]:
        """See Wire. If the node cannot be reached, asks once more the node that has the key by then."""
        if self._closed:
            raise closed()
        self._refresh()
        node = self._node(key)
        try:
            return self._follow(node, key, commands, write=write)
        except Unreached:
            self._refresh()
            other = self._node(key)
            if other.name == node.name:
                raise
            return self._follow(other, key, commands, write=write)

    def ask_each(self, questions: Sequence[tuple[bytes, Command]]) -> list[Any]:
        """See Wire. One exchange with each node, and one more for each key that moved meanwhile."""
        if self._closed:
            raise closed()
        self._refresh()
        answers: list[Any] = [None] * len(questions)
        of_node: dict[ClusterNode, list[int]] = {}
        for number, (key, _) in enumerate(questions):
            of_node.setdefault(self._node(key), []).append(number)
        for node, numbers in of_node.items():
            commands = [questions[number][1] for number in numbers]
            for number, answer in zip(numbers, self._exchange(node, commands, write=False), strict=True):
                if isinstance(answer, AskError | TryAgainError):
                    key, command = questions[number]
                    [answer] = self.ask(key, command, write=False)
                answers[number] = answer
        return answers

    def close(self) -> None:
        """See Wire."""
        self._closed = True
        self._client.close()

    def _follow(
        self, node: ClusterNode, key: bytes, commands: Sequence[Command], *, write: bool
    ) -> list[Any]:
        """Asks the node, and follows its redirections: a redirected command was not performed."""
        asking = False
        answers: list[Any] = []
        steps, deadline = 0, time.monotonic() + _MOVING_S
        while steps < _STEPS and time.monotonic() < deadline:
            sent = [c for command in commands for c in ((b"ASKING",), command)] if asking else commands
            answers = self._exchange(node, sent, write=write)
            if asking:
                answers = answers[1::2]
            first = answers[0]
            asking = False
            steps += not isinstance(first, TryAgainError)
            if isinstance(first, MovedError):
                self._client.nodes_manager.move_slot(first)
                node = self._node(key)
            elif isinstance(first, AskError):
                node = self._client.get_node(first.host, first.port) or ClusterNode(first.host, first.port)
                asking = True
            elif isinstance(first, TryAgainError):
                time.sleep(_PAUSE_S)
                node = self._node(key)
            else:
                break
        return answers

    def _exchange(self, node: ClusterNode, commands: Sequence[Command], *, write: bool) -> list[Any]:
        pool = self._client.get_redis_connection(node).connection_pool
        try:
            return exchange(PoolConnections(pool), commands, f"Redis at {node.name}", write=write)
        except StoreUnavailable:
            self._stale_for = node.name
            raise

    def _node(self, key: bytes) -> ClusterNode:
        try:
            node = self._client.get_node_from_key(key)
        except RedisClusterException as error:
            self._stale_for = ""
            raise translate_unreached(error, self.name) from error
        assert isinstance(node, ClusterNode)
        return node

    def _refresh(self) -> None:
        """Reloads the cluster's map after a node failed, from another node if it has one."""
        failed, self._stale_for = self._stale_for, None
        if failed is not None:
            with contextlib.suppress(*DRIVER_ERRORS):
                self._client.nodes_manager.initialize(last_failed_node_name=failed or None)
