"""What the command line asks of a running lab, over its control endpoints."""

from __future__ import annotations

from typing import Any

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.messages import message
from trailseal_lab.register import Running, find, running_labs

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
    labs = [find(name)] if name else list(running_labs())
    found = []
    for lab in labs:
        _, answer = lab.ask("GET", "status")
        found.append({"name": lab.name, "address": lab.address, "pid": lab.pid, **answer})
    return found


def faults(lab: Running) -> list[dict[str, Any]]:
    """Return the faults that wait."""
    return _faults(lab.ask("GET", "faults"))


def add_fault(lab: Running, fault: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the faults that wait, with the new one."""
    return _faults(lab.ask("POST", "faults", fault))


def clear_faults(lab: Running) -> list[dict[str, Any]]:
    """Return no faults, once they are forgotten."""
    return _faults(lab.ask("DELETE", "faults"))


def advance(lab: Running, cycles: int = 1) -> None:
    """Let cycles pass."""
    lab.ask("POST", "tick", {"cycles": cycles})


def _faults(answer: tuple[int, dict[str, Any]]) -> list[dict[str, Any]]:
    status, document = answer
    if status != OK:
        raise TrailsealError(message("the lab refused: {reason}", reason=str(document.get("error", ""))))
    return list(document["faults"])
