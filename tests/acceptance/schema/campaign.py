"""schemathesis against a real server: requests made from the OpenAPI document, and answers judged by it."""

import copy
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx2
import schemathesis
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

# What a valid request may be answered, besides 2xx and 3xx, for what other requests did.
ALSO_GOOD = ["2xx", "3xx", "403", "404", "410", "412"]

# What the rules refuse and JSON Schema cannot say.
BEYOND_JSON_SCHEMA = (
    "cursor is not one that a listing gave",
    "Send If-Match or If-None-Match, not both",
    "bytes long; it may be",  # it counts characters
)
# It takes 60.0 for an integer too.
WHOLE = ("ttl", "extra_seconds", "at_least", "expires_in")
# schemathesis's coverage phase makes headers of letters and digits alone, and takes `If-Match: 0` for valid.
VERSION_HEADERS = ("If-Match", "If-None-Match")
VERSION = re.compile(r'\*|(W/)?"[!#-~]*"')


@dataclass
class Campaign:
    """What was asked and answered: `seen[route][status]` is a number of cases."""

    cases: int = 0
    seen: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    failures: Counter[str] = field(default_factory=Counter)

    def table(self) -> list[str]:
        """Routes by the statuses seen."""
        statuses = sorted({status for seen in self.seen.values() for status in seen})
        head = f"{'':<28}" + "".join(f"{status:>6}" for status in statuses)
        rows = [
            f"{route:<28}" + "".join(f"{seen[status] or '':>6}" for status in statuses)
            for route, seen in sorted(self.seen.items())
        ]
        return [head, *rows, f"{self.cases} cases"]

    def note(self, recorder: ScenarioRecorder) -> None:
        """One more scenario of the run."""
        for case_id, interaction in recorder.interactions.items():
            self.cases += 1
            answer = interaction.response
            self.seen[recorder.cases[case_id].value.operation.label][answer.status_code if answer else 0] += 1
        for case_id, checks in recorder.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    self.failures[told(recorder, case_id, check.name, str(check.failure_info.failure))] += 1


def told(recorder: ScenarioRecorder, case_id: str, check: str, failure: str) -> str:
    """A failure with the request that showed it, and the answer."""
    interaction = recorder.interactions.get(case_id)
    if interaction is None:
        return f"{check}: {failure}"
    request, answer = interaction.request, interaction.response
    lines = [f"{check}: {failure}", f"{request.method} {request.uri}", f"{request.headers} {request.body!r}"]
    if answer is not None:
        lines.append(f"{answer.status_code} {answer.headers} {answer.content[:1000]!r}")
    return "\n  ".join(lines)


def run(
    url: str, key: str, document: dict[str, Any], *, phases: tuple[str, ...], examples: int, same: bool
) -> Campaign:
    """At most `examples` cases of each kind for each route; the same ones each time where `same`.

    Every check of schemathesis but for the one that shows bad keys again and again, which Stash limits
    (tests/acceptance/schema/test_examples.py shows one to each route).
    """
    with httpx2.Client(base_url=url, headers={"X-API-KEY": key}, timeout=60) as client:
        me = client.get("/whoami").json()
    config = schemathesis.Config.from_dict(
        {
            "base-url": url,
            "headers": {"X-API-KEY": key},
            "continue-on-failure": True,
            "request-timeout": 60,
            "generation": {
                "max-examples": examples,
                "deterministic": same,
                "with-security-parameters": False,
                "database": "none",
            },
            "phases": {
                name: {"enabled": name in phases} for name in ("examples", "coverage", "fuzzing", "stateful")
            },
            "checks": {
                "ignored_auth": {"enabled": False},
                "positive_data_acceptance": {"expected-statuses": ALSO_GOOD},
            },
            # A bad operation is a 400 in its place among the results, and the batch is a 200.
            "operations": [
                {"include-path": "/batch", "checks": {"negative_data_rejection": {"enabled": False}}}
            ],
        }
    )
    schema = schemathesis.openapi.from_dict(narrowed(document, me), config=config)
    schema.hook(filter_failure)
    schema.hook("map_path_parameters")(sparing(me["key"]["id"]))
    campaign = Campaign()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            campaign.note(event.recorder)
        elif isinstance(event, events.NonFatalError):
            campaign.failures[f"{event.label}: {event.info}"] += 1
        elif isinstance(event, events.FatalError):
            raise event.exception
    return campaign


def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Whether it is one: not where what was sent breaks a rule that JSON Schema cannot say."""
    if type(failure).__name__ != "RejectedPositiveData" or response.status_code != 400:
        return True
    sent = {name: response.request.headers.get(name) for name in VERSION_HEADERS}
    if any(value is not None and not VERSION.fullmatch(value) for value in sent.values()):
        return False
    if isinstance(case.body, dict) and any(isinstance(case.body.get(name), float) for name in WHOLE):
        return False
    return not any(sentence in response.text for sentence in BEYOND_JSON_SCHEMA)


def sparing(key_id: str) -> Any:
    """A hook that keeps the run from revoking the key that it goes by."""

    def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
        own = path_parameters is not None and path_parameters.get("key_id") == key_id
        return {"key_id": "key_000000000000"} if own else path_parameters

    return map_path_parameters


def narrowed(document: dict[str, Any], me: dict[str, Any]) -> dict[str, Any]:
    """The document as it is for this user, and sterner: an answer with a member that is not in it fails.

    (It does not promise clients that nothing will ever be added.)
    """
    found = copy.deepcopy(document)
    shapes = found["components"]["schemas"]
    for name in ("StashFields", "BatchStash", "BatchPut"):
        shapes[name]["properties"]["ttl"]["maximum"] = me["limits"]["max_ttl"]
    for shape in shapes.values():
        close(shape)
    return json.loads(json.dumps(found))


def close(shape: Any) -> None:
    """No member of an object that is not described."""
    if isinstance(shape, list):
        for part in shape:
            close(part)
    elif isinstance(shape, dict):
        if shape.get("type") == "object" and "properties" in shape:
            shape.setdefault("additionalProperties", False)
        for part in shape.values():
            close(part)
