"""The cast: a superuser, an operator, a viewer, somebody who may not log in, and who they look at."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from accounts.roles import OPERATOR, VIEWER


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def member(email: str, role: str | None = None, **fields: Any) -> User:
    user = User.objects.create_user(email, "a long passphrase", is_staff=True, **fields)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def client(user: User) -> Client:
    client = Client(REMOTE_ADDR="192.0.2.7")
    client.force_login(user)
    return client


@pytest.fixture
def root(db: None) -> User:
    return member("root@example.com", is_superuser=True)


@pytest.fixture
def superuser(root: User) -> Client:
    return client(root)


@pytest.fixture
def olga(db: None) -> User:
    return member("olga@example.com", OPERATOR)


@pytest.fixture
def operator(olga: User) -> Client:
    return client(olga)


@pytest.fixture
def viewer(db: None) -> Client:
    return client(member("victor@example.com", VIEWER))


@pytest.fixture
def tenant(alice: User) -> Client:
    return client(alice)
