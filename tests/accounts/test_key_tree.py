"""What a key may do with keys: mint narrower ones, and see and revoke its own."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.account import Account
from accounts.key_secret import LOCAL, digest_of
from accounts.key_tree import MAX_DEPTH, ChildKey, listed, mint, revoke
from accounts.models import ApiKey, User
from stash_memory.errors import InvalidApiKey, InvalidRequest, KeyNotFound, ScopeDenied


def behind(secret: str) -> Account | None:
    return Account.behind(digest_of(secret), timezone.now())


def issued(user: User, **fields: object) -> Account:
    """The account of a new key that an operator made."""
    account = behind(ApiKey.issue(user, **fields)[1])
    assert account is not None
    return account


def child_of(account: Account, **asked: object) -> Account:
    """The account of a key that this one minted."""
    child = behind(mint(account, ChildKey(**asked))[1])
    assert child is not None
    return child


def ids(account: Account) -> set[str]:
    return {key.public_id for key in listed(account)}


def test_a_child_is_as_its_parent_where_nothing_is_asked(alice: User) -> None:
    parent = issued(alice, read_only=True, prefix="run-42/", expires_in=60)

    key, secret = mint(parent, ChildKey(name="sub"))

    child = behind(secret)
    assert child is not None
    assert (child.user_id, child.key_name, child.key_id) == (alice.public_id, "sub", key.public_id)
    assert (child.scope, child.expires_at) == (parent.scope, parent.expires_at)
    assert key.parent is not None
    assert key.parent.public_id == parent.key_id


def test_a_child_may_be_narrower(alice: User) -> None:
    child = child_of(
        issued(alice, prefix="run-42/", expires_in=60), read_only=True, prefix="run-42/a/", expires_in=5
    )

    assert (child.scope.read_only, child.scope.prefix) == (True, "run-42/a/")
    assert child.expires_at is not None
    assert 4 < (child.expires_at - timezone.now()).total_seconds() <= 5


@pytest.mark.parametrize(
    ("parent", "asked", "sentence"),
    [
        ({"read_only": True}, {"read_only": False}, "is read-only, and so are the keys that it mints."),
        ({"prefix": "run-42/"}, {"prefix": "run-4"}, "must begin with 'run-42/'."),
        ({"prefix": "run-42/"}, {"prefix": ""}, "must begin with 'run-42/'."),
        ({"prefix": "run-42/"}, {"prefix": "RUN-42/a"}, "must begin with 'run-42/'."),
        ({"prefix": "é/"}, {"prefix": "e\u0301/"}, "must begin with 'é/'."),  # the same to the eye
        ({"prefix": "a/"}, {"prefix": "\u200ba/"}, "must begin with 'a/'."),
        ({"prefix": "a/"}, {"prefix": "a\uff0f"}, "must begin with 'a/'."),
        ({"expires_in": 60}, {"expires_in": 61}, "the keys that it mints do not outlive it"),
        ({"expires_in": 60}, {"expires_in": 60}, "in 59 seconds"),
    ],
)
def test_a_child_is_never_wider(
    alice: User, parent: dict[str, object], asked: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ScopeDenied) as refused:
        mint(issued(alice, **parent), ChildKey(**asked))

    assert sentence in refused.value.detail
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"prefix": "a/../b"}, "prefix"),
        ({"prefix": "a/\u0007"}, "prefix"),
        ({"prefix": "a/" + "x" * 199}, "prefix"),
        ({"prefix": "a/" + "é" * 100}, "prefix"),
        ({"name": "x" * 101}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "two\u2028lines"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"expires_in": 0}, "expires_in"),
        ({"expires_in": True}, "expires_in"),
        ({"expires_in": 315_360_001}, "expires_in"),
        ({"expires_in": 10**30}, "expires_in"),
    ],
)
def test_what_no_key_can_have_is_refused_by_name(alice: User, asked: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        mint(issued(alice, prefix="a/"), ChildKey(**asked))

    assert refused.value.field == field
    assert ApiKey.objects.count() == 1


def test_a_name_may_be_in_any_script(alice: User) -> None:
    assert child_of(issued(alice), name="Läufer 👩‍💻 エージェント").key_name == "Läufer 👩‍💻 エージェント"


def test_a_childs_secret_is_of_its_parents_kind(alice: User) -> None:
    local = behind(ApiKey.issue(alice, kind=LOCAL)[1])
    assert local is not None

    assert mint(local, ChildKey())[1].startswith("sk_local_")
    assert mint(issued(alice), ChildKey())[1].startswith("sk_live_")


def test_keys_descend_eight_deep_and_no_deeper(alice: User) -> None:
    account = issued(alice)
    for _ in range(MAX_DEPTH - 1):
        account = child_of(account)

    with pytest.raises(ScopeDenied, match="8 deep at most"):
        mint(account, ChildKey())


def test_a_key_that_ended_meanwhile_mints_nothing(alice: User) -> None:
    """The account was looked up a moment ago; the key's row says what is true now."""
    revoked, expired = issued(alice), issued(alice)
    ApiKey.objects.get(public_id=revoked.key_id).revoke()
    ApiKey.objects.filter(public_id=expired.key_id).update(expires_at=timezone.now())

    for account in (revoked, expired):
        with pytest.raises(InvalidApiKey):
            mint(account, ChildKey())


def test_one_statement_revokes_all_descendants(alice: User) -> None:
    root = issued(alice)
    line = [root]
    for _ in range(MAX_DEPTH - 1):
        line.append(child_of(line[-1]))
        child_of(line[0])
    other = issued(alice)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        revoke(other, root.key_id)

    writes = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert len(writes) == 1
    assert ApiKey.objects.filter(revoked_at=None).get().public_id == other.key_id
    assert len(set(ApiKey.objects.exclude(revoked_at=None).values_list("revoked_at", flat=True))) == 1


def test_a_revoked_branch_leaves_its_siblings(alice: User) -> None:
    root = issued(alice)
    left, right = child_of(root), child_of(root)
    leaf = child_of(left)

    revoke(root, left.key_id)

    assert ids(root) == {root.key_id, right.key_id}
    assert not ApiKey.objects.live(timezone.now()).filter(public_id=leaf.key_id)


def test_a_full_key_sees_and_revokes_all_of_its_users(alice: User) -> None:
    other, full = issued(alice), issued(alice, expires_in=60)
    issued(User.objects.create_user("bob@example.com"))

    assert ids(full) == {other.key_id, full.key_id}
    revoke(full, other.key_id)
    assert ids(full) == {full.key_id}


@pytest.mark.parametrize("scope", [{"read_only": True}, {"prefix": "run-42/"}])
def test_a_scoped_key_sees_and_revokes_itself_and_its_descendants(
    alice: User, scope: dict[str, object]
) -> None:
    full = issued(alice)
    scoped, sibling = child_of(full, **scope), child_of(full, **scope)
    leaf = child_of(child_of(scoped))

    assert len(ids(scoped)) == 3
    for hidden in (full, sibling):
        with pytest.raises(KeyNotFound):
            revoke(scoped, hidden.key_id)
    assert {full.key_id, sibling.key_id} < ids(full)
    revoke(scoped, leaf.key_id)
    revoke(scoped, scoped.key_id)
    assert ids(full) == {full.key_id, sibling.key_id}


def test_only_live_keys_are_seen(alice: User) -> None:
    full = issued(alice)
    revoked, expired = child_of(full), child_of(full)
    revoke(full, revoked.key_id)
    ApiKey.objects.filter(public_id=expired.key_id).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert ids(full) == {full.key_id}
    for gone in (revoked, expired):
        with pytest.raises(KeyNotFound):
            revoke(full, gone.key_id)


@pytest.mark.parametrize("key_id", ["", "key_", "key_\x00" + "0" * 11, "key_00000000000é", "%", "k" * 10_000])
def test_what_is_no_id_is_not_asked_for(alice: User, key_id: str, django_assert_num_queries) -> None:
    account = issued(alice)

    with django_assert_num_queries(0), pytest.raises(KeyNotFound):
        revoke(account, key_id)
