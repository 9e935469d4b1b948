"""`pytest tests/contract/machine --hypothesis-profile=proof` walks ten times as far as `make test` does."""

from hypothesis import settings

settings.register_profile("proof", max_examples=10 * settings.get_profile("default").max_examples)
