"""Write the JSON Schemas of what verbs answer, or check them: `python tools/schemas.py check|update`."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

import msgspec

from trailseal.view.json_document import json_schema

FOLDER = Path(__file__).parent.parent / "src" / "trailseal" / "schemas"
ANSWERS = {
    "snapshot": ("trailseal.model.snapshot", "Snapshot"),
    "check": ("trailseal.run.check", "CheckResult"),
    "explain": ("trailseal.run.explain", "Explanation"),
    "explain.control": ("trailseal.run.explain", "ControlExplanation"),
    "lab.env": ("trailseal_lab.verbs.shown", "EnvironmentShown"),
    "lab.fault": ("trailseal_lab.verbs.shown", "FaultsShown"),
    "lab.status": ("trailseal_lab.verbs.shown", "LabsShown"),
    "plan": ("trailseal.plan.plan", "Plan"),
    "apply": ("trailseal.run.apply", "Applied"),
    "undo": ("trailseal.run.undo", "Undone"),
    "verify": ("trailseal.plan.proof", "Proof"),
    "key": ("trailseal.run.key", "KeyShown"),
    "who.answer": ("trailseal.run.who", "WhoAnswer"),
    "who.proof": ("trailseal.run.who_proof", "ProofAnswer"),
    "policy.show": ("trailseal.run.policy", "PolicyShown"),
    "policy.lint": ("trailseal.run.policy", "PolicyLinted"),
    "policy.diff": ("trailseal.run.policy", "PolicyCompared"),
    "cost": ("trailseal.cost.estimate", "Estimate"),
    "cost.prices": ("trailseal.cost.prices", "PriceTable"),
    "history.census": ("trailseal.history.rules.census", "Census"),
    "history.census.quick": ("trailseal.history.rules.quick", "Quick"),
    "history.reencrypt": ("trailseal.history.rules.summary", "Summary"),
    "history.reencrypt.outlook": ("trailseal.history.rules.outlook", "Outlook"),
    "history.validate": ("trailseal.history.rules.validation", "Validation"),
}

DOCUMENTS = frozenset({"plan", "snapshot"})
"""Printed as they are kept, to be read back: a sentence in them is a template with its facts."""


def text(name: str) -> str:
    """Return the schema of one answer as the file holds it."""
    module, kind = ANSWERS[name]
    answer = getattr(import_module(module), kind)
    schema = msgspec.json.schema(answer) if name in DOCUMENTS else json_schema(answer)
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"


def main(mode: str) -> int:
    """Return 1 when `check` finds a stale file."""
    stale = []
    for name in ANSWERS:
        path = FOLDER / f"{name}.json"
        if mode == "update":
            path.write_text(text(name), encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text(name):
            stale.append(path.name)
    if stale:
        sys.stderr.write(f"stale: {', '.join(stale)}; run: python tools/schemas.py update\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
