"""A policy of a bucket or a key with what lets CloudTrail in, and otherwise as it was."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from trailseal.access.service_name import CLOUDTRAIL
from trailseal.controls.typed import document

Statement = dict[str, Any]
ALONE = ({"Service": CLOUDTRAIL}, {"Service": [CLOUDTRAIL]})
EXEMPT = {"aws:PrincipalIsAWSService": "false"}


def mended_policy(policy: str, added: tuple[Statement, ...], denying: Iterable[str]) -> str | None:
    """
    Return a policy with statements added, and those that deny CloudTrail excepting AWS services.

    `denying` are the labels of such statements: Sid, which several may share, or `#` and the place. What lets
    CloudTrail in under an added one's Sid is replaced by it. None where a denying one has a condition of its
    own on AWS services or cannot be found, and of what is no policy that could be put again.
    """
    held: dict[str, Any] = json.loads(policy) if policy else {"Version": "2012-10-17", "Statement": []}
    listed: list[Any] = held["Statement"] if isinstance(held["Statement"], list) else [held["Statement"]]
    if not all(map(_can_be_put, listed)):
        return None
    for label in denying:
        denies = [each for number, each in enumerate(listed, 1) if _denies(each, label, number)]
        if not denies or not all(map(_except_services, denies)):
            return None
    own = {each["Sid"] for each in added}
    kept = [each for each in listed if not (each.get("Sid") in own and _lets_in(each))]
    return document({**held, "Statement": [*kept, *added]})


def _can_be_put(statement: Any) -> bool:
    if not isinstance(statement, dict) or "Effect" not in statement:
        return False
    conditions = statement.get("Condition", {})
    clauses = conditions.values() if isinstance(conditions, dict) else (None,)
    return isinstance(statement.get("Sid", ""), str) and all(isinstance(each, dict) for each in clauses)


def _denies(statement: Statement, label: str, number: int) -> bool:
    return statement["Effect"] == "Deny" and label == (statement.get("Sid") or f"#{number}")


def _lets_in(statement: Statement) -> bool:
    """Whether it is for CloudTrail alone: another author's of the same Sid stays, which S3 takes."""
    return statement["Effect"] == "Allow" and statement.get("Principal") in ALONE


def _except_services(statement: Statement) -> bool:
    conditions = statement.setdefault("Condition", {})
    asked = {key.lower() for keys in conditions.values() for key in keys}
    if "aws:principalisawsservice" in asked:
        return False
    operator = next((each for each in conditions if each.lower() == "bool"), "Bool")
    conditions.setdefault(operator, {}).update(EXEMPT)
    return True
