"""The page of one user: its keys and memories, never what is in them, and the end of all of them."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.key_rotation import rotate
from accounts.models import ApiKey, AuditEntry, PoolMove, User
from operators import forget_page
from operators.forget_page import forget_all
from stash_memory.backends.pooled import Stay
from stash_memory.backends.redis import connect
from stash_memory.errors import StoreUnavailable
from stash_memory.limits import Limits
from stash_memory.operations import Put
from stash_memory.store import Store
from storage.pools import Pools
from tests.backends import MemoryBackend, PooledBackend, RedisBackend
from tests.servers.redis_server import RedisServer

LIMITS = Limits(payload_bytes=1000, default_ttl=600, max_ttl=600, requests_per_minute=60, burst=10)
IDS = re.compile(r'<th scope="row"><code>(.*?)</code></th>')


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> Pools:
    """Several, as in hosted mode."""
    pools = Pools({"free": MemoryBackend, "pro": MemoryBackend, "default": MemoryBackend})
    monkeypatch.setattr("storage.store.pools", lambda: pools)
    monkeypatch.setattr("operators.user_page.single_store", lambda: None)
    return pools


def path(user: User, page: str = "") -> str:
    return f"/admin/users/{user.public_id}/{page}"


def keep(pools: Pools, user: User, count: int, prefix: str = "m", pool: str | None = None) -> list[str]:
    store = Store(pools[pool or user.tier.pool])
    ids = [f"{prefix}{number:04}" for number in range(count)]
    for one in ids:
        store.do(user.public_id, Put(one, (b'"the secret content"',)), LIMITS)
    return ids


def left(pools: Pools, user: User) -> int:
    return sum(pools[name].totals(user.public_id).memories for name in pools)


def moved(pools: Pools, user: User) -> str:
    """Leaves what the user has in another pool than the one that new memories go to."""
    other = next(name for name in pools if name != user.tier.pool)
    now = timezone.now()
    PoolMove.objects.create(user=user, pool=other, at=now, look_at=now + timedelta(days=1))
    return other


def test_it_lists_keys_and_memories_but_no_contents_and_nobody_elses(
    viewer: Client, alice: User, root: User, pools: Pools
) -> None:
    ApiKey.issue(alice, name="agent of alice")
    ApiKey.issue(root, name="agent of root")
    keep(pools, alice, 2, "<b>'&/")
    keep(pools, root, 3, "roots")
    page = viewer.get(path(alice)).content.decode()

    assert IDS.findall(page) == ["&lt;b&gt;&#x27;&amp;/0000", "&lt;b&gt;&#x27;&amp;/0001"]
    assert "Live memories: 2, 40 bytes" in page
    assert re.search(rf"<title>\s*{alice.email} \|", page)
    assert "agent of alice" in page
    for other in ("secret content", "roots0", "agent of root", "Forget all memories"):
        assert other not in page


def test_it_says_which_key_was_replaced_and_when_each_ends(viewer: Client, alice: User, pools: Pools) -> None:
    old, _ = ApiKey.issue(alice, name="agent")
    rotate(old, 600)
    old.refresh_from_db()
    page = viewer.get(path(alice)).content.decode()

    assert re.findall(r'data-name="State"><span[^>]*>(\w+)<', page) == ["live", "replaced"]
    ends = re.findall(
        r'data-name="Expires, UTC" class="stash-moment">([^<]*)</td>\s*<td data-name="Last used', page
    )
    assert ends == ["never", f"{old.expires_at:%-d %b %Y, %H:%M:%S}"]


def test_pages_follow_one_another_until_every_memory_of_all_pools_was_shown_once(
    operator: Client, alice: User, pools: Pools
) -> None:
    ids = keep(pools, alice, 70, "a") + keep(pools, alice, 55, "b", moved(pools, alice))
    shown, at = [], path(alice)
    for _ in range(3):
        page = operator.get(at).content.decode()
        shown += IDS.findall(page)
        if following := re.search(r'href="([^"]*)" rel="next"', page):
            at = following[1].replace("&amp;", "&")

    assert shown == ids
    assert following is None
    assert "cursor is not one that a listing gave" in operator.get(path(alice) + "?page=!").content.decode()


def test_all_of_all_pools_are_forgotten_and_the_log_has_the_count(
    operator: Client, olga: User, alice: User, root: User, pools: Pools
) -> None:
    keep(pools, alice, 150, "a")
    keep(pools, alice, 80, "b", moved(pools, alice))
    keep(pools, root, 1)
    question = operator.get(path(alice, "forget/")).content.decode()
    assert "230 live memories" in question
    operator.post(path(alice, "forget/"))
    assert left(pools, alice) == 230

    told = operator.post(path(alice, "forget/"), {"forget": "all"}, follow=True).content.decode()

    assert "230 memories forgotten." in told
    assert (left(pools, alice), left(pools, root)) == (0, 1)
    begun, ended = AuditEntry.objects.order_by("pk")
    assert (begun.action, begun.after) == ("forgetting memories", {"live_memories": 230})
    assert (ended.action, ended.after) == (
        "memories forgotten",
        {"memories": 230, "outcome": "nothing is left"},
    )
    for entry in (begun, ended):
        assert entry.object_id == alice.public_id
        assert (entry.operator_email, entry.address) == (olga.email, "192.0.2.7")
    log = operator.get("/admin/accounts/auditentry/").content.decode()
    assert "memories: 230, outcome: nothing is left" in log


def test_an_operator_does_not_forget_what_another_one_keeps(
    operator: Client, viewer: Client, root: User, alice: User, pools: Pools
) -> None:
    keep(pools, root, 1)
    keep(pools, alice, 1)
    assert operator.post(path(root, "forget/"), {"forget": "all"}).status_code == 403
    assert viewer.post(path(alice, "forget/"), {"forget": "all"}).status_code == 403
    assert (left(pools, root), left(pools, alice)) == (1, 1)
    assert not AuditEntry.objects.exists()


def test_what_takes_too_long_stops_and_can_be_taken_up_again(alice: User, pools: Pools) -> None:
    keep(pools, alice, 2 * forget_page.STEP + 1)
    store = Store(pools[alice.tier.pool])
    times = iter([0.0, 1.0, forget_page.PATIENCE_SECONDS])
    first = forget_all(store, alice.public_id, lambda: next(times))

    assert (first.memories, first.done) == (forget_page.STEP, False)
    rest = forget_all(store, alice.public_id)
    assert (rest.memories, rest.done) == (forget_page.STEP + 1, True)


@pytest.fixture(params=["gone", "frozen"])
def down(request: pytest.FixtureRequest) -> Iterator[Store]:
    """On a Redis that has been shut down, or that takes connections and answers none."""
    server = RedisServer()
    store = Store(PooledBackend([Stay(RedisBackend(connect(server.url)), None)]))
    store.totals("usr_nobody")
    server.pause() if request.param == "frozen" else server.kill()
    yield store
    store.close()
    server.resume() if request.param == "frozen" else None
    server.stop()


def test_a_store_that_is_down_is_a_sentence(
    operator: Client, alice: User, down: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operators.user_page.single_store", lambda: down)
    ApiKey.issue(alice, name="agent of alice")
    start = time.monotonic()
    page = operator.get(path(alice))

    assert time.monotonic() - start < 2
    assert page.status_code == 200
    assert "The memories cannot be listed: " in page.content.decode()
    assert "agent of alice" in page.content.decode()
    assert "The memories cannot be counted: " in operator.get(path(alice, "forget/")).content.decode()
    told = operator.post(path(alice, "forget/"), {"forget": "all"}, follow=True).content.decode()
    assert "0 memories forgotten. Then the store failed: " in told
    assert not AuditEntry.objects.exists()


def test_what_went_before_the_store_failed_is_in_the_log(
    operator: Client, alice: User, pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(pools, alice, 150)
    steps = iter([None, StoreUnavailable("It is gone.")])
    many = Store.many

    def failing(store: Store, *arguments: object) -> list[object]:
        error: StoreUnavailable | None = next(steps)
        if error is not None:
            raise error
        return many(store, *arguments)

    monkeypatch.setattr(Store, "many", failing)
    told = operator.post(path(alice, "forget/"), {"forget": "all"}, follow=True).content.decode()

    assert "100 memories forgotten. Then the store failed: It is gone." in told
    assert AuditEntry.objects.latest("pk").after == {
        "memories": 100,
        "outcome": "the store failed: It is gone.",
    }
