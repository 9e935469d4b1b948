"""What the memories hold: a conversation and its bookkeeping, as agents park it."""

import json
import random
from functools import cache
from typing import Any

KB = 1024
WORDS = (
    "agent",
    "context",
    "reads",
    "page",
    "keeps",
    "what",
    "it",
    "needs",
    "until",
    "the",
    "next",
    "step",
    "is",
    "done",
)


@cache
def document(size: int) -> dict[str, Any]:
    """The same document each time, whose compact JSON text is exactly `size` bytes (at least 200).

    Messages of some 400 bytes, each with a few numbers: neither one long string, which every parser skips
    through, nor all numbers and brackets, which none does.
    """
    source = random.Random(size)
    made: dict[str, Any] = {"task": "summarize", "step": 7, "progress": 0.75, "messages": [], "note": ""}
    while length(made) + 480 < size:
        made["messages"].append(message(source, len(made["messages"])))
    made["note"] = "x" * (size - length(made))
    return made


def message(source: random.Random, number: int) -> dict[str, Any]:
    """One turn of a conversation."""
    return {
        "id": number,
        "role": source.choice(["user", "assistant", "tool"]),
        "content": " ".join(source.choice(WORDS) for _ in range(source.randrange(40, 90))),
        "tokens": source.randrange(20, 200),
        "score": round(source.random(), 4),
        "final": source.random() < 0.5,
    }


def text(value: Any) -> bytes:
    """`value` as compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()


def length(value: Any) -> int:
    """Bytes of its compact JSON text."""
    return len(text(value))
