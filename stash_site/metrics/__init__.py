"""Metrics for Prometheus: off unless STASH_METRICS_TOKEN is set. A request only adds to numbers of its own process."""
