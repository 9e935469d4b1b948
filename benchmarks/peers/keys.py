"""Where the peers that keep their users in Redis find them."""

import hashlib


def account_key(secret: str) -> str:
    """The Redis key that holds the id of the user behind an API key. Kept by digest, as anyone should."""
    return "account:" + hashlib.sha256(secret.encode()).hexdigest()
