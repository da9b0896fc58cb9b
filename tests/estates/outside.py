"""The calls of an attack as lines for the outside engine, where it knows their forms."""

from __future__ import annotations

import json
from typing import Any

from differential.test_against_iam_simulate import witness
from estates.arbiter import Call, Who, listed, read
from estates.attack import Break
from estates.build import Scene
from estates.literals import FRESH, documents

MANY = (
    "aws:principalorgpaths",
    "aws:calledvia",
    "kms:encryptioncontextkeys",
    "kms:resourcealiases",
    "aws:principalservicenameslist",
)
NOT_KNOWN = ("NotPrincipal", "foranyvalue:", "forallvalues:", "0.0.0.0/0", "::/0")
"""Forms that it does not read as AWS's page has them: see docs/access/differences.md."""


def knows(scene: Scene, pair: Break) -> bool:
    """Whether the outside engine decides this pair by the same rules."""
    who = pair.who
    if who.kind not in {"user", "assumed-role", "root"} or who.role.count("/") > 1:
        return False  # it cannot be told the path of a session's role, nor of a service-linked role
    if any(grant.grantee_principal in {who.arn, who.role} for grant in scene.grants):
        return False
    forms = (*NOT_KNOWN, "CanonicalUser") if who.account == FRESH else NOT_KNOWN
    return not any(form in text or _negates_a_variable(text) for text in documents(scene) for form in forms)


def _negates_a_variable(text: str) -> bool:
    """Whether a negated operator compares with a variable: of one without a value it decides otherwise."""
    tests = [pair for s in listed(read(text)["Statement"]) for pair in s.get("Condition", {}).items()]
    return any("not" in operator.lower() and "${" in json.dumps(values) for operator, values in tests)


def line(call: Call, who: Who) -> dict[str, Any]:
    """One line as tests/witness/iam-simulate/decide.mjs reads it."""
    policies: dict[str, Any] = {"identity": [json.loads(text) for text in who.identity]}
    if who.boundary is not None:
        policies["boundary"] = [json.loads(who.boundary)]
    if who.scp:
        policies["scp"] = [[json.loads(text) for text in level] for level in who.scp]
    if call.rcp:
        policies["rcp"] = [[json.loads(text) for text in level] for level in call.rcp]
    policies["resource"] = json.loads(call.policies[0])
    return {
        "request": {
            "principal": who.arn,
            "action": call.action,
            "resource": call.resource,
            "resource_account": call.owner,
            "context": {k: list(v) if k in MANY else v[0] for k, v in call.context.items()},
        },
        "policies": policies,
    }


def decide(pairs: list[Break]) -> list[tuple[bool, bool]]:
    """What the outside engine says of fetching and of decrypting."""
    lines = [line(call, pair.who) for pair in pairs for call in (pair.decrypt or pair.fetch, pair.fetch)]
    effects = witness(lines) if lines else []
    return [
        (fetched == "allowed", decrypted == "allowed")
        for decrypted, fetched in zip(effects[::2], effects[1::2], strict=True)
    ]
