"""
The JSON Schemas of what verbs answer.

    python tools/schemas.py check    fail when they are no longer those that were reviewed
    python tools/schemas.py update   write `tests/golden/schemas.json` again, to be reviewed

The wheel holds one file for each, `trailseal/schemas/NAME.json`, written while it is built.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from trailseal.view.json_document import json_schema

GOLDEN = Path(__file__).parent.parent / "tests" / "golden" / "schemas.json"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
FORMAT = 1
"""The `format` of the documents; another one is another schema."""
ANSWERS = {
    "snapshot": ("trailseal.model.snapshot", "Snapshot"),
    "check": ("trailseal.run.check", "CheckResult"),
    "check.compare": ("trailseal.run.compare", "CheckComparison"),
    "explain": ("trailseal.run.explain", "Explanation"),
    "explain.control": ("trailseal.run.explain", "ControlExplanation"),
    "explain.code": ("trailseal.view.codes", "CodeExplained"),
    "lab.env": ("trailseal_lab.verbs.shown", "EnvironmentShown"),
    "lab.fault": ("trailseal_lab.verbs.shown", "FaultsShown"),
    "lab.status": ("trailseal_lab.verbs.shown", "LabsShown"),
    "plan": ("trailseal.plan.plan", "Plan"),
    "apply": ("trailseal.run.apply", "Applied"),
    "undo": ("trailseal.run.undo", "Undone"),
    "runs": ("trailseal.run.runs", "RunList"),
    "verify": ("trailseal.plan.proof", "DeliveryProof"),
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


def schema(name: str) -> dict[str, Any]:
    """Return the schema of one answer."""
    module, kind = ANSWERS[name]
    answer = getattr(import_module(module), kind)
    found = msgspec.json.schema(answer) if name in DOCUMENTS else json_schema(answer)
    return {"$schema": DRAFT, "$id": f"urn:trailseal:schema:{name}:{FORMAT}", **found}


def write(folder: Path) -> list[Path]:
    """Write a file for each schema and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.json" for name in ANSWERS}
    for name, path in paths.items():
        path.write_text(_text(schema(name)), encoding="utf-8")
    return list(paths.values())


def main(mode: str) -> int:
    """Return 1 when `check` finds a schema that is not what was reviewed."""
    text = _text({name: schema(name) for name in sorted(ANSWERS)})
    if mode == "update":
        GOLDEN.write_text(text, encoding="utf-8")
        return 0
    made, known = json.loads(text), json.loads(GOLDEN.read_text(encoding="utf-8"))
    if stale := sorted(name for name in {*made, *known} if made.get(name) != known.get(name)):
        sys.stderr.write(f"not as reviewed: {', '.join(stale)}; run: python tools/schemas.py update\n")
    return 1 if stale else 0


def _text(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
