"""Tenants with known traffic, and an operator who looks."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.usage import rollup
from accounts.usage.buffer import Buffer
from accounts.usage.columns import RECALLS_EXPIRED, RECALLS_FOUND, STASHES
from accounts.usage.upsert import write


@pytest.fixture
def operator(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ops@example.com", "a long passphrase"))
    return client


@pytest.fixture
def crowd(db: None) -> Callable[[int], None]:
    """`crowd(3)`: so many users, each with a key; the first one asks 10 times, the second 20 times and so on."""

    def make(users: int) -> None:
        buffer = Buffer()
        for number in range(1, users + 1):
            user = User.objects.create_user(f"tenant{number}@example.com")
            key, _ = ApiKey.issue(user, name=f"agent {number}")
            who = user.public_id, key.public_id
            for _ in range(number):
                for _ in range(5):
                    buffer.count(*who, 201, 3, (STASHES,))
                buffer.count(*who, 200, 1, (RECALLS_FOUND,))
                buffer.count(*who, 410, 1, (RECALLS_EXPIRED,))
                buffer.count(*who, 429, 1)
                buffer.count(*who, 429, 1)
                buffer.count(*who, 503, 40)
        write(buffer.take()[0])
        rollup.roll_up(timezone.now())

    return make
