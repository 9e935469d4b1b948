"""Alice, a user on the free tier."""

import pytest

from accounts.models import User


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice@example.com")
