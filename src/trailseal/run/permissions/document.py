"""A verb's needs as an IAM policy, a statement for each kind of thing."""

from __future__ import annotations

from typing import Any

from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.run.permissions.narrowing import Conditions, Narrowing, grants
from trailseal.run.permissions.needs import LOCAL, VERBS, WITH_COPIES, Need

VERSION = "2012-10-17"


def needs_of(verb: str, *, copies: bool = False) -> tuple[Need, ...]:
    """
    Return what a verb needs, sorted; `history` is all its verbs together, and "" is every verb there is.

    `copies` adds what its option of that name does.

    Raises:
        UsageProblem: there is no verb of that name, or it has no `--copies`.
    """
    if copies and verb not in WITH_COPIES:
        raise UsageProblem(
            message("`{verb}` takes no --copies", verb=verb),
            message("{verbs} does; `who` looks at copies in any case", verbs=tuple(WITH_COPIES)),
        )
    if verb.partition(" ")[0] in LOCAL:
        return ()
    found = [needed for name, needed in VERBS.items() if not verb or f"{name} ".startswith(f"{verb} ")]
    if not found:
        raise UsageProblem(
            message("there is no command `{verb}` that calls AWS", verb=verb),
            message("the commands are {verbs}", verbs=tuple(VERBS)),
        )
    beside = WITH_COPIES[verb] if copies else ()
    return tuple(sorted({*beside, *(need for needed in found for need in needed)}))


def policy(verb: str, narrowing: Narrowing) -> dict[str, Any]:
    """
    Return the IAM policy that lets a verb do all that it does, and nothing else.

    Raises:
        UsageProblem: there is no verb of that name.
    """
    return document(needs_of(verb, copies=narrowing.copies), narrowing)


def document(needed: tuple[Need, ...], narrowing: Narrowing) -> dict[str, Any]:
    """Return the policy of these needs; what is allowed on the same things stands in one statement."""
    found: dict[str, tuple[str, tuple[str, ...], Conditions, set[str]]] = {}
    for need in needed:
        for number, (resources, conditions) in enumerate(grants(need.on, narrowing)):
            sid = f"Trailseal{need.on}{'Named' * number}"
            entry = found.setdefault(f"{resources} {conditions}", (sid, resources, conditions, set()))
            entry[3].add(need.action)
    return {"Version": VERSION, "Statement": [_statement(*entry) for entry in found.values()]}


def _statement(
    sid: str, resources: tuple[str, ...], conditions: Conditions, actions: set[str]
) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": resources[0] if len(resources) == 1 else list(resources),
    }
    return {**statement, "Condition": conditions} if conditions else statement
