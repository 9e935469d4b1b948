"""The operations of a batch: what each says in the request's body, and what it asks of the store."""

from collections.abc import Sequence
from typing import ClassVar, TypeAlias

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, defstruct
from msgspec.structs import astuple

from accounts.account import Account
from memories.conditions import condition, version
from memories.documents import Kept, RecalledHead, Updated, kept, recalled, updated
from memories.fields import StashFields, UpdateFields, decoded, given
from memories.terms import CreateOnly, MemoryId, Seconds, Version
from stash_memory import operations
from stash_memory.backends.base import Buffer, Operation
from stash_memory.errors import InvalidRequest, StashError
from stash_memory.memory import StoredMemory

MOST = 100

Document: TypeAlias = Kept | Updated | RecalledHead


# An array of at most so many, and reading stops at one more: as a list, 10 MB of `0,0,0` would take 350 MB.
Operations = defstruct(
    "Operations",
    [(f"operation_{number}", Raw | UnsetType, UNSET) for number in range(MOST)],
    array_like=True,
    forbid_unknown_fields=True,
)


class Batch(Struct, forbid_unknown_fields=True):
    """`{"operations": [...]}`, each of which is read by itself, so that a bad one does not fail the rest."""

    operations: Operations  # type: ignore[valid-type]


class Stash(StashFields, tag_field="verb", tag="stash", forbid_unknown_fields=True):
    """As POST /stash."""

    event: ClassVar = "stash_created"
    method: ClassVar = "POST"

    def asked(self, account: Account) -> Operation:
        """What it asks of the store. Raises StashError; so do the others' below."""
        account.scope.check_write()
        return operations.stash(
            self.needed_text, limits=account.limits, ttl=given(self.ttl), prefix=account.scope.prefix
        )

    def answer(self, memory: StoredMemory) -> tuple[int, Document]:
        """The single request's status and body."""
        return 201, kept(memory)

    def payload_bytes(self, memory: StoredMemory, status: int) -> int:
        return memory.size


class Put(StashFields, tag_field="verb", tag="put", forbid_unknown_fields=True, kw_only=True):
    """As PUT /stash/ID."""

    event: ClassVar = "stash_created"
    method: ClassVar = "PUT"

    memory_id: MemoryId
    if_match: Version | UnsetType = UNSET
    if_none_match: CreateOnly | UnsetType = UNSET

    def asked(self, account: Account) -> Operation:
        account.scope.check_write()
        account.scope.check_id(self.memory_id)
        if_version, if_absent = condition(tag(self.if_match), tag(self.if_none_match))
        return operations.put(
            self.memory_id,
            self.needed_text,
            limits=account.limits,
            ttl=given(self.ttl),
            if_version=if_version,
            if_absent=if_absent,
        )

    def answer(self, memory: StoredMemory) -> tuple[int, Document]:
        return 201 if memory.created else 200, kept(memory)

    def payload_bytes(self, memory: StoredMemory, status: int) -> int:
        return memory.size


class Recall(Struct, tag_field="verb", tag="recall", forbid_unknown_fields=True, kw_only=True):
    """As GET /recall/ID."""

    event: ClassVar = "stash_recalled"
    method: ClassVar = "GET"

    memory_id: MemoryId
    extend: Seconds | UnsetType = UNSET
    if_none_match: Version | UnsetType = UNSET

    def asked(self, account: Account) -> Operation:
        account.scope.check_id(self.memory_id)
        if self.extend is not UNSET:
            account.scope.check_write()
        return operations.recall(
            self.memory_id, limits=account.limits, extend=given(self.extend), unless_version=self.known()
        )

    def known(self) -> str | None:
        """The version that the caller has already. Raises InvalidRequest."""
        return version(tag(self.if_none_match) or "*", "if_none_match")

    def answer(self, memory: StoredMemory) -> tuple[int, Document | None]:
        return (304, None) if memory.version == self.known() else (200, recalled(memory))

    def payload_bytes(self, memory: StoredMemory, status: int) -> int:
        return memory.size if status == 200 else 0


class Update(UpdateFields, tag_field="verb", tag="update", forbid_unknown_fields=True, kw_only=True):
    """As PATCH /update/ID."""

    event: ClassVar = "stash_updated"
    method: ClassVar = "PATCH"

    memory_id: MemoryId
    if_match: Version | UnsetType = UNSET

    def asked(self, account: Account) -> Operation:
        account.scope.check_write()
        account.scope.check_id(self.memory_id)
        return operations.update(
            self.memory_id,
            limits=account.limits,
            data=self.text,
            extra_seconds=given(self.extra_seconds),
            if_version=match_version(self.if_match),
        )

    def answer(self, memory: StoredMemory) -> tuple[int, Document]:
        return 200, updated(memory)

    def payload_bytes(self, memory: StoredMemory, status: int) -> int:
        return 0 if self.text is None else memory.size


class Forget(Struct, tag_field="verb", tag="forget", forbid_unknown_fields=True, kw_only=True):
    """As DELETE /forget/ID."""

    event: ClassVar = "stash_forgotten"
    method: ClassVar = "DELETE"

    memory_id: MemoryId
    if_match: Version | UnsetType = UNSET

    def asked(self, account: Account) -> Operation:
        account.scope.check_write()
        account.scope.check_id(self.memory_id)
        return operations.forget(self.memory_id, if_version=match_version(self.if_match))


Step: TypeAlias = Stash | Put | Recall | Update | Forget
read_batch = msgspec.json.Decoder(Batch).decode
read_step = msgspec.json.Decoder(Step).decode


def steps(body: Buffer) -> Sequence[Step | StashError]:
    """The operations in the body, or what is wrong with each. Raises InvalidRequest."""
    found = [text for text in astuple(decoded(body, read_batch).operations) if text is not UNSET]
    if not found:
        raise InvalidRequest("operations are empty; a batch may hold 1 to 100.", field="operations")
    return [step(text) for text in found]


def step(text: Raw) -> Step | StashError:
    """One operation, or what is wrong with it."""
    try:
        return decoded(memoryview(text), read_step)
    except InvalidRequest as error:
        return error


def asked(step: Step | StashError, account: Account) -> Operation | StashError:
    """What the step asks of the store, or why the account may not."""
    if isinstance(step, StashError):
        return step
    try:
        return step.asked(account)
    except StashError as error:
        return error


def match_version(value: str | UnsetType) -> str | None:
    """The version that a write is made for; None for any. Raises InvalidRequest."""
    return version(tag(value) or "*", "if_match")


def tag(value: str | UnsetType) -> str | None:
    """A version, bare or in quotes, as a header has it; `*` and quoted ones stay as they are."""
    if value is UNSET:
        return None
    return value if value == "*" or '"' in value else f'"{value}"'
