"""The page of usage: whose it is, and that it is only read."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import ApiKey, User
from accounts.usage.buffer import Buffer
from accounts.usage.columns import STASHES
from accounts.usage.upsert import write


@pytest.fixture
def key(alice: User) -> ApiKey:
    """Alice's, with which she stashed three times; somebody else asked twice."""
    key, _ = ApiKey.issue(alice, name="agent")
    buffer = Buffer()
    for _ in range(3):
        buffer.count(alice.public_id, key.public_id, 201, 1, (STASHES,), bytes_in=100)
    for _ in range(2):
        buffer.count("usr_gone", "key_gone", 429, 1)
    write(buffer.take()[0])
    return key


@pytest.mark.parametrize("window", ["hour", "day", "month"])
@pytest.mark.parametrize(
    ("who", "requests"),
    [
        ("", "5"),
        ("alice@example.com", "3"),
        ("ALICE@", "3"),
        ("agent", "3"),
        ("usr_gone", "2"),
        ("key_gone", "2"),
    ],
)
def test_it_tells_what_a_user_or_key_asked(
    operator: Client, key: ApiKey, who: str, requests: str, window: str
) -> None:
    answer = operator.get("/admin/usage/", {"who": who, "window": window})

    assert answer.status_code == 200
    assert answer.context["sums"][0] == requests
    assert [figures for _, figures in answer.context["rows"]] == [answer.context["sums"]]


def test_ids_name_one_user_and_one_key(operator: Client, key: ApiKey) -> None:
    for public_id in (key.public_id, key.user.public_id):
        context = operator.get("/admin/usage/", {"who": public_id}).context
        assert context["subject"].public_id == public_id
        assert context["sums"][0] == "3"


def test_a_name_of_several_offers_them(operator: Client, key: ApiKey) -> None:
    User.objects.create_user("malice@example.com")

    page = operator.get("/admin/usage/", {"who": "alice@example"})

    assert [one.label for one in page.context["found"]] == ["malice@example.com", "alice@example.com"]
    assert "No user or key is called" in operator.get("/admin/usage/?who=nobody").content.decode()


@pytest.mark.parametrize(("group", "status"), [("viewer", 200), (None, 403)])
def test_it_is_for_those_who_may_see_usage(db: None, group: str | None, status: int) -> None:
    user = User.objects.create_user("staff@example.com", is_staff=True)
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)

    assert client.get("/admin/usage/").status_code == status
    assert Client().get("/admin/usage/").status_code == 302
