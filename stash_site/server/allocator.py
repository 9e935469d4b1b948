"""glibc's malloc, told to keep what large bodies leave free.

Its own rule gives the top of a heap back as soon as 128 KB to a few megabytes of it are free, so that a value of 1 MB
pays for 256 page faults at each of its copies: a stash of 1 MB took twice the processor time.
"""

import contextlib
import ctypes

# From <malloc.h>.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
# Pieces of bodies are 1 MB at most, and larger buffers go back to the kernel at once.
MAPPED_BYTES = 4 * 1024 * 1024
KEPT_BYTES = 32 * 1024 * 1024
# What is kept is kept in each arena; while one thread computes, the others hardly ever need malloc.
ARENAS = 2


def keep_freed_memory() -> None:
    """Sets it for this process, before its threads begin; elsewhere than on glibc it does nothing."""
    with contextlib.suppress(OSError, AttributeError):
        set_option = ctypes.CDLL(None).mallopt
        set_option(M_TRIM_THRESHOLD, KEPT_BYTES)
        set_option(M_MMAP_THRESHOLD, MAPPED_BYTES)
        set_option(M_ARENA_MAX, ARENAS)
