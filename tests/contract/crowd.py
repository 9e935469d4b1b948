"""Many at once: threads that start together, and processes that open the same store."""

import multiprocessing
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from stash_memory.backends.base import Backend
from tests.contract.engines import Spec, opened

T = TypeVar("T")

# New processes come from one that has imported what they need, and opened nothing: a start of Python takes each
# 0.5 s of processor time.
context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["tests.contract.engines", "tests.contract.works"])


def in_threads(count: int, work: Callable[[int], T]) -> list[T]:
    """What `work(n)` returned in each of `count` threads that began together. Raises what one raised."""
    start = threading.Barrier(count)
    results: dict[int, T] = {}
    errors: list[BaseException] = []

    def run(n: int) -> None:
        start.wait(30)
        try:
            results[n] = work(n)
        except BaseException as error:
            errors.append(error)

    # Threads that change places every few steps meet each other more often.
    switched = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(count)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
            assert not thread.is_alive(), "a thread never came back"
    finally:
        sys.setswitchinterval(switched)
    if errors:
        raise errors[0]
    return [results[n] for n in range(count)]


Work = Callable[[Backend, int], Any]


def in_processes(count: int, spec: Spec | None, work: Work) -> list[Any]:
    """What `work(backend, n)` returned in each of `count` new processes, each with a backend of its own.

    `work` is a function of a module: it is named to the child, which imports it.
    """
    assert spec is not None
    start = context.Barrier(count)
    answers = context.Queue()
    children = [context.Process(target=_child, args=(spec, work, n, start, answers)) for n in range(count)]
    for child in children:
        child.start()
    try:
        results = dict(answers.get(timeout=120) for _ in children)
    finally:
        for child in children:
            child.join(30)
            child.kill()
    failures = [result for result in results.values() if isinstance(result, BaseException)]
    if failures:
        raise failures[0]
    return [results[n] for n in range(count)]


def _child(spec: Spec, work: Work, n: int, start: Any, answers: Any) -> None:
    backend = opened(spec)
    start.wait(60)
    try:
        result = work(backend, n)
    except Exception as error:
        result = RuntimeError(f"process {n}: {error!r}")
    backend.close()
    answers.put((n, result))
