"""Versions: each write of data gets a fresh name that no other write ever gets."""

import os


def new_version() -> str:
    """16 hexadecimal characters of randomness: an id would need billions of writes to see one twice."""
    return os.urandom(8).hex()
