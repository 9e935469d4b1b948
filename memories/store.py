"""The store that every view shares, one in each process."""

from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from stash_memory.store import Store


@cache
def store() -> Store:
    """The store, built at its first use by what STASH_STORE names: the site wires, this app only asks."""
    return cast(Store, import_string(settings.STASH_STORE)())
