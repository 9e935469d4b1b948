"""The figures as Markdown, for people, and as JSON, for those who compute on."""

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.hot_path.bars import Verdict
from benchmarks.hot_path.heat import Heat, Results

RESULTS = Path(__file__).parent.parent / "results"


def markdown(
    about: dict[str, str], how: str, results: Results, judged: Sequence[Verdict], notes: Sequence[str]
) -> str:
    """The whole report."""
    lines = ["# The hot path", "", how, "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in about.items()]
    lines += [
        "",
        "## Bars",
        "",
        "| | median of the rounds | lowest to highest | bar | |",
        "|---|---|---|---|---|",
    ]
    lines += [verdict.line() for verdict in judged]
    lines += ["", "## Contestants", ""]
    for job in dict.fromkeys(job for _, job in results):
        lines += table(job, results)
    return "\n".join([*lines, *(f"- {note}" for note in notes), ""])


def table(job: str, results: Results) -> list[str]:
    """One job's contestants, medians over the rounds; rates beside FastAPI's of the same round."""
    lines = [
        f"### {job}",
        "",
        "| | a CPU-second | beside fastapi | p50 ms | p99 ms | server busy | Redis us |",
        "|---|---|---|---|---|---|---|",
    ]
    rivals = results.get(("fastapi", job))
    for name in [name for name, of in results if of == job]:
        heats = results[name, job]
        beside = "-"
        # Those that were measured in rounds of their own have no round in common with it.
        if rivals and len(rivals) == len(heats):
            ratios = [a.per_cpu_second / b.per_cpu_second for a, b in zip(heats, rivals, strict=True)]
            beside = f"{statistics.median(ratios):.2f}"
        cells = [
            f"{middle(heats, lambda heat: heat.per_cpu_second):,.0f}",
            beside,
            f"{middle(heats, lambda heat: heat.p50_ms):.1f}",
            f"{middle(heats, lambda heat: heat.p99_ms):.1f}",
            f"{middle(heats, lambda heat: heat.busy):.0%}",
            f"{middle(heats, lambda heat: heat.redis_us):.0f}",
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return [*lines, ""]


def middle(heats: Sequence[Heat], of: Callable[[Heat], float]) -> float:
    """The median over the rounds."""
    return statistics.median(of(heat) for heat in heats)


def keep(name: str, text: str, about: dict[str, str], results: Results, judged: Sequence[Verdict]) -> Path:
    """Writes both forms to `benchmarks/results/`; returns where the Markdown is."""
    RESULTS.mkdir(exist_ok=True)
    heats = [
        {"contestant": contestant, "job": job, "rounds": [asdict(heat) for heat in rounds]}
        for (contestant, job), rounds in results.items()
    ]
    bars = [{**asdict(verdict), "reached": verdict.reached} for verdict in judged]
    document = {"machine": about, "bars": bars, "heats": heats}
    (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")
    path = RESULTS / f"{name}.md"
    path.write_text(text)
    return path
