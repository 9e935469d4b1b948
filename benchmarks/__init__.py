"""Benchmarks beside peers: each is one command, and prints ratios measured in one run."""
