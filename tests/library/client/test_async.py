"""What is AsyncStash's own: loops, cancellation, many calls at once."""

import asyncio
import gc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stash_memory import AsyncStash, Stash, StoreUnavailable
from tests.server_process import ServerProcess


@pytest.fixture(params=["sqlite", "http"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], AsyncStash]:
    if request.param == "sqlite":
        return lambda: AsyncStash(path=tmp_path / "memories.db")
    server: ServerProcess = request.getfixturevalue("server")
    return lambda: AsyncStash(api_key=server.key, base_url=server.url)


def test_many_calls_go_at_once(make: Callable[[], AsyncStash]) -> None:
    async def main() -> Any:
        async with make() as stash:
            await asyncio.gather(*[stash.set(f"n-{n}", n) for n in range(30)])
            return await asyncio.gather(*[stash.get(f"n-{n}") for n in range(30)])

    assert asyncio.run(main()) == list(range(30))


def test_one_stash_serves_one_loop_after_another(make: Callable[[], AsyncStash]) -> None:
    with warnings.catch_warnings():
        # A loop that ends before its Stash is closed takes the open connections with it, as asyncio then says.
        warnings.simplefilter("ignore", ResourceWarning)
        one_loop_after_another(make())
        gc.collect()


def one_loop_after_another(stash: AsyncStash) -> None:

    async def main(number: int) -> Any:
        await stash.set("a", number)
        found = await stash.get("a")
        if number == 2:
            await stash.close()
        return found

    assert [asyncio.run(main(number)) for number in range(3)] == [0, 1, 2]


def test_a_function_that_transforms_may_be_a_coroutine(make: Callable[[], AsyncStash]) -> None:
    async def add(n: int) -> int:
        await asyncio.sleep(0)
        return n + 1

    async def main() -> Any:
        async with make() as stash:
            await stash.forget("n", missing_ok=True)
            await asyncio.gather(*[stash.transform("n", add, default=0) for _ in range(8)])
            return await stash.get("n")

    assert asyncio.run(main()) == 8


def test_a_listing_and_a_batch_are_async(make: Callable[[], AsyncStash]) -> None:
    async def main() -> Any:
        async with make() as stash:
            await stash.forget_prefix("run/")
            async with stash.namespace("run").batch() as batch:
                batch.set("a", 1)
                batch.recall("a")
            names = [entry.memory_id async for entry in stash.list("run/")]
            return names, batch.results[1]

    names, recalled = asyncio.run(main())
    assert names == ["run/a"]
    assert recalled.data == 1


def test_a_cancelled_call_leaves_a_stash_that_works(make: Callable[[], AsyncStash]) -> None:
    async def main() -> None:
        async with make() as stash:
            await stash.set("a", 1)
            for delay in (0, 0.0005, 0.002):
                task = asyncio.create_task(stash.get("a"))
                await asyncio.sleep(delay)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            assert await stash.get("a") == 1

    asyncio.run(main())


def test_a_closed_one_says_so(make: Callable[[], AsyncStash]) -> None:
    async def main() -> None:
        stash = make()
        await stash.set("a", 1)
        await stash.close()
        with pytest.raises(StoreUnavailable, match="close"):
            await stash.get("a")

    asyncio.run(main())


def test_a_slow_store_does_not_hold_up_the_loop(tmp_path: Path) -> None:
    path = tmp_path / "memories.db"

    async def main() -> int:
        ticks = 0
        async with AsyncStash(path=path) as stash:
            big = asyncio.create_task(stash.set_many({f"n-{n}": "x" * 100_000 for n in range(100)}))
            while not big.done():
                ticks += 1
                await asyncio.sleep(0)
            await big
        return ticks

    assert asyncio.run(main()) > 1
    with Stash(path=path) as stash:
        assert len(list(stash.list())) == 100
