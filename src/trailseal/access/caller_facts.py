"""
The condition keys that tell who the caller is, and what a value of them tells of him.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from trailseal.access.caller import Caller, CallerKind
from trailseal.access.facts import Lack, OneOf, Value

UNIQUE_ID = re.compile(r"(A(?:IDA|ROA)[A-Z0-9]+)(?::|\Z)")
"""What a unique ID looks like where it begins the value of aws:userid, alone or before a session's name."""
ASSUMED_ROOT = "aws:assumedroot"
PRINCIPAL_TYPES = {
    CallerKind.USER: "User",
    CallerKind.ROOT: "Account",
    CallerKind.ROLE: "AssumedRole",
    CallerKind.SESSION: "AssumedRole",
    CallerKind.FEDERATED: "FederatedUser",
}


def of_caller(caller: Caller) -> dict[str, Value]:
    """Return the context keys that tell who the caller is."""
    if caller.kind is CallerKind.SERVICE:
        return {
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (caller.text,),
            "aws:principalservicenameslist": OneOf(("*",), among=(caller.text,)),
        }
    if caller.kind is CallerKind.ANONYMOUS:
        return {
            "aws:principaltype": ("Anonymous",),
            "aws:principalaccount": ("anonymous",),
        }
    roles = caller.roles
    known: dict[str, Value] = {
        "aws:principalisawsservice": ("false",),
        "aws:principalarn": OneOf(roles) if roles else (caller.text,),
        "aws:principalaccount": (caller.account,),
        "aws:principaltype": (PRINCIPAL_TYPES[caller.kind],),
        "aws:userid": _user_id(caller),
    }
    return known | ({"aws:username": (caller.name,)} if caller.kind is CallerKind.USER else {})


def _user_id(caller: Caller) -> Value:
    """Return what aws:userid can be: unique IDs begin with AIDA for users and with AROA for roles."""
    match caller.kind:
        case CallerKind.ROOT:
            return (caller.account,)
        case CallerKind.FEDERATED:
            return (f"{caller.account}:{caller.name}",)
        case CallerKind.USER:
            return OneOf(("AIDA*",))
        case CallerKind.SESSION:
            return OneOf((f"AROA*:{caller.session}",))
        case _:
            return OneOf(("AROA*:*",))


def unique_id_in(user_id: Value | None) -> str:
    """Return the unique ID of a user or a role that a value of aws:userid tells, "" where it tells none."""
    if isinstance(user_id, OneOf):
        told = user_id.patterns[0] if len(user_id.patterns) == 1 else ""
    else:
        told = user_id[0] if isinstance(user_id, tuple) and user_id else ""
    found = UNIQUE_ID.match(told)
    return found[1] if found else ""


def is_root_session(caller: Caller, known: Mapping[str, Value]) -> bool:
    """
    Whether the request is told to come, or maybe to come, from a session that AssumeRoot made.

    Such a session has the source identity of whoever made it.
    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
    """
    if caller.kind is not CallerKind.ROOT:
        return False
    told = known.get(ASSUMED_ROOT, ())
    return (
        any(value.lower() == "true" for value in told) if isinstance(told, tuple) else told is not Lack.ABSENT
    )
