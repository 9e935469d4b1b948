"""Alice, a user on the free tier, and an operator who is logged in to the admin."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice@example.com")


@pytest.fixture
def operator(db: None) -> Client:
    cache.clear()
    User.objects.create_superuser("ops@example.com", "a long passphrase")
    client = Client()
    answer = client.post(
        "/admin/login/?next=/admin/", {"username": "Ops@example.com", "password": "a long passphrase"}
    )
    assert answer.status_code == 302
    return client
