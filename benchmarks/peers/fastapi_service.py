"""The founding document's own stack doing its own job: FastAPI, pydantic models, redis.asyncio, JSON log lines.

Written as its "Project Structure", "Architecture" and "Design Considerations" say, the way someone who knows
the stack would: authentication, the rate limit and the storage step are dependencies and handlers of their own,
each one round trip. FASTAPI_ONE_PIPELINE=1 asks for the user and counts the request in the same one.
"""

import json
import logging
import os
import secrets
import string
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import redis.asyncio as redis
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, Field

from benchmarks.peers.keys import account_key

ALPHABET = string.ascii_letters + string.digits
DEFAULT_TTL, MAX_TTL = 3_600, 86_400
MAX_PAYLOAD_BYTES = 1_048_576
ENVELOPE_BYTES = 4_096
REQUESTS_PER_MINUTE = 60_000_000

store = redis.Redis.from_url(os.environ["REDIS_URL"])
log = logging.getLogger("stash")


class JsonFormatter(logging.Formatter):
    """One JSON object a line, as "Structured Logging" has it."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"timestamp": at, "level": record.levelname, "event": record.msg, **record.fields}  # type: ignore[attr-defined]
        return json.dumps(line)


class StashRequest(BaseModel):
    """`POST /stash`."""

    data: Any
    ttl: int = Field(DEFAULT_TTL, ge=1, le=MAX_TTL)


class StashResponse(BaseModel):
    """Its answer."""

    memory_id: str
    ttl: int
    expires_at: datetime


class RecallResponse(BaseModel):
    """The answer of `GET /recall/{memory_id}`."""

    memory_id: str
    data: Any
    ttl_remaining: int


async def authenticated(x_api_key: Annotated[str, Header()]) -> str:
    """The user behind the key."""
    user = await store.get(account_key(x_api_key))
    if user is None:
        raise HTTPException(401, "Invalid API key")
    return str(user.decode())


async def within_rate(user: Annotated[str, Depends(authenticated)]) -> str:
    """The same user, with this request counted among those of this minute (a fixed window)."""
    window = window_of(user)
    async with store.pipeline(transaction=False) as pipe:
        used, _ = await pipe.incr(window).expire(window, 60).execute()
    refuse_over(used)
    return user


async def both_at_once(x_api_key: Annotated[str, Header()]) -> str:
    """The user behind the key, whose window is then named after the key."""
    account = account_key(x_api_key)
    window = window_of(account)
    async with store.pipeline(transaction=False) as pipe:
        user, used, _ = await pipe.get(account).incr(window).expire(window, 60).execute()
    if user is None:
        raise HTTPException(401, "Invalid API key")
    refuse_over(used)
    return str(user.decode())


def window_of(whose: str) -> str:
    """The key that counts the requests of this minute."""
    return f"rate:{whose}:{int(time.time()) // 60}"


def refuse_over(used: int) -> None:
    """429 where the window is used up."""
    if used > REQUESTS_PER_MINUTE:
        raise HTTPException(429, "Rate limit exceeded")


async def of_declared_size(content_length: Annotated[int, Header()] = 0) -> None:
    """The pre-read gate of "Dual-Layer Size Validation"."""
    if content_length > MAX_PAYLOAD_BYTES + ENVELOPE_BYTES:
        raise HTTPException(413, "Payload too large")


ONE_PIPELINE = os.environ.get("FASTAPI_ONE_PIPELINE") == "1"
UserId = Annotated[str, Depends(both_at_once if ONE_PIPELINE else within_rate)]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Logs go to standard output while it serves, and connections close after it."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield
    await store.aclose()


app = FastAPI(lifespan=lifespan)


@app.post("/stash", status_code=201, dependencies=[Depends(of_declared_size)])
async def stash(request: StashRequest, user: UserId) -> StashResponse:
    """Stores a JSON block with automatic expiration."""
    payload = json.dumps(request.data, separators=(",", ":"))
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise HTTPException(413, "Payload too large")
    for _ in range(5):
        memory_id = "".join(secrets.choice(ALPHABET) for _ in range(8))
        if await store.set(f"user:{user}:{memory_id}", payload, ex=request.ttl, nx=True):
            break
    else:
        raise HTTPException(503, "No free id was found")
    said("stash_created", user, memory_id, request.ttl, len(payload))
    expires_at = datetime.now(UTC) + timedelta(seconds=request.ttl)
    return StashResponse(memory_id=memory_id, ttl=request.ttl, expires_at=expires_at)


@app.get("/recall/{memory_id}")
async def recall(memory_id: str, user: UserId) -> RecallResponse:
    """Retrieves stored data."""
    key = f"user:{user}:{memory_id}"
    async with store.pipeline(transaction=False) as pipe:
        payload, ttl_remaining = await pipe.get(key).ttl(key).execute()
    if payload is None:
        raise HTTPException(404, "Memory not found")
    said("stash_recalled", user, memory_id, ttl_remaining, len(payload))
    return RecallResponse(memory_id=memory_id, data=json.loads(payload), ttl_remaining=ttl_remaining)


def said(event: str, user: str, memory_id: str, ttl_seconds: int, payload_bytes: int) -> None:
    """One line of the log."""
    fields = {"user_id": user, "memory_id": memory_id}
    fields |= {"ttl_seconds": ttl_seconds, "payload_bytes": payload_bytes}
    log.info(event, extra={"fields": fields})
