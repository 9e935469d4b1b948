"""STASH_METRICS_TOKEN: who shows it may read the metrics."""

from importlib.util import find_spec

from stash_memory.config import BadSetting

CHARACTERS = 16


def metrics_token(token: str) -> str:
    """The token, or an empty string: no metrics. Raises BadSetting."""
    if token and len(token) < CHARACTERS:
        # The value is not repeated.
        raise BadSetting(
            f"STASH_METRICS_TOKEN must be at least {CHARACTERS} characters; `openssl rand -hex 32` makes some."
        )
    if token and find_spec("prometheus_client") is None:
        raise BadSetting(
            "STASH_METRICS_TOKEN needs prometheus-client, which is not installed: install Stash with its extra "
            "`metrics`, or run pip install prometheus-client."
        )
    return token
