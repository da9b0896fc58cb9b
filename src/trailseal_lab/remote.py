"""What the command line asks of a running lab, over its control endpoints."""

from __future__ import annotations

from typing import Any

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.messages import message
from trailseal_lab.register import ANSWER_SECONDS, LabState, Running, choose, running_labs

OK = 200


def environment(lab: Running, principal: str = "") -> dict[str, str]:
    """
    Return the variables that point an AWS client at the lab as `principal`; "" unsets one.

    Raises:
        UsageProblem: the lab has no such principal.
    """
    status, answer = lab.ask("POST", "key", {"principal": principal})
    if status != OK:
        known = ", ".join(answer.get("known", ()))
        raise UsageProblem(
            message("the lab has no principal `{name}`", name=principal),
            message("it has {names}", names=known),
        )
    return {
        "AWS_ENDPOINT_URL": lab.address,
        "AWS_ACCESS_KEY_ID": answer["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": answer["secret_access_key"],
        "AWS_REGION": answer["region"],
        "AWS_DEFAULT_REGION": answer["region"],
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PROFILE": "",
        "AWS_SESSION_TOKEN": "",
    }


def statuses(name: str | None) -> list[dict[str, Any]]:
    """
    Return what each running lab says of itself, of one lab where it is named.

    Raises:
        TrailsealError: no lab of that name runs.
    """
    labs = list(running_labs()) if name is None else [choose(name)]
    return [_status(lab, state) for lab, state in labs]


def _status(lab: Running, state: LabState) -> dict[str, Any]:
    """Return what a lab says of itself, or what its file says of one that does not answer."""
    known = {"name": lab.name, "address": lab.address, "pid": lab.pid}
    silent = {**known, "scenario": lab.scenario, "region": lab.region, "answers": False}
    if state is LabState.HANGS:
        return silent
    try:
        _, answer = lab.ask("GET", "status", seconds=ANSWER_SECONDS)
    except OSError:
        return silent
    return {**known, **answer}


def faults(lab: Running) -> dict[str, Any]:
    """Return the `faults` that wait, and how many calls are `held`."""
    return _taken(lab.ask("GET", "faults"))


def add_fault(lab: Running, fault: dict[str, Any]) -> dict[str, Any]:
    """Return the same with the new one."""
    return _taken(lab.ask("POST", "faults", fault))


def clear_faults(lab: Running) -> dict[str, Any]:
    """Return the same once every fault is forgotten and every held call goes on."""
    return _taken(lab.ask("DELETE", "faults"))


def release_calls(lab: Running) -> dict[str, Any]:
    """Return the same once every held call goes on and no fault holds another."""
    return _taken(lab.ask("POST", "release"))


def advance(lab: Running, cycles: int = 1) -> list[dict[str, Any]]:
    """Let cycles pass, and return what failed in them."""
    return list(_taken(lab.ask("POST", "tick", {"cycles": cycles}))["failures"])


def _taken(answer: tuple[int, dict[str, Any]]) -> dict[str, Any]:
    status, document = answer
    if status != OK:
        raise TrailsealError(message("the lab refused: {reason}", reason=str(document.get("error", ""))))
    return document
