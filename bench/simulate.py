"""`trailseal simulate` beside iam-simulate's core, over the same JSON lines: decisions per second."""

from __future__ import annotations

import json
import sys
from typing import Any

from measure import RUNS, median, report, run

from differential.test_against_iam_simulate import FOLDER, generated
from witnesses import on_path

POLICIES = 200
REQUESTS = 250
"""Requests for each set of policies: a policy is asked about many times, in `who` as in a review."""


def main() -> None:
    """Ask both the same, in turn, and compare every answer."""
    made = generated(POLICIES)
    lines = [_renamed(line, f"{i}/{j}") for j in range(REQUESTS) for i, line in enumerate(made)]
    asked = "".join(json.dumps(line) + "\n" for line in lines).encode()
    ours = [sys.executable, "-m", "trailseal", "simulate"]
    peer = [on_path("node"), str(FOLDER / "decide.mjs")]
    run(ours, stdin=asked), run(peer, stdin=asked)
    pairs = [(run(ours, stdin=asked), run(peer, stdin=asked)) for _ in range(RUNS)]
    mine, theirs = ([_effects(r.output) for r in column] for column in zip(*pairs, strict=True))
    ours_wall = median([a.wall for a, _ in pairs])
    peer_wall = median([b.wall for _, b in pairs])
    report(
        bench="simulate",
        ours=len(lines) / ours_wall,
        peer=len(lines) / peer_wall,
        peer_name="@cloud-copilot/iam-simulate",
        unit="decisions/s",
        n=len(lines),
        ratio=peer_wall / ours_wall,
        differing=sum(a != b for a, b in zip(mine[0], theirs[0], strict=True)),
    )


def _renamed(line: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the line with a request of its own: another id and user agent."""
    request = line["request"]
    context = {**request["context"], "aws:UserAgent": name}
    return {**line, "id": name, "request": {**request, "context": context}}


def _effects(output: bytes) -> list[str]:
    return [json.loads(line)["effect"] for line in output.splitlines()]


if __name__ == "__main__":
    main()
