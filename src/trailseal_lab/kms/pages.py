"""
Lists of KMS, page by page: as many as are asked for, and a marker where there are more.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html and those of the other lists
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

from trailseal_lab.answers import Answer, Forward, answers, output_of
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.kms.states import forward_by_id, key_of_call
from trailseal_lab.world import World

USUAL = (100, 1000)
SIZES = {
    "ListAliases": (50, 100),
    "ListGrants": (50, 100),
    "ListResourceTags": (50, 50),
    "ListRetirableGrants": (50, 100),
}
"""How many come on a page unless that is said, and how many at most, where it is not as usual."""
MEMBERS = {"ListKeyPolicies": "PolicyNames", "ListKeys": "Keys", "ListResourceTags": "Tags"}


def page(call: Call, member: str, rows: Sequence[Any]) -> dict[str, Any]:
    """
    Return the page of a list that a call asks for.

    Raises:
        ApiError: ValidationException for too large a page, InvalidMarkerException.
    """
    usual, most = SIZES.get(call.operation, USUAL)
    size = int(call.params.get("Limit") or usual)
    if size > most:
        text = (
            f"1 validation error detected: Value '{size}' at 'limit' failed to satisfy constraint: "
            f"Member must have value less than or equal to {most}"
        )
        raise ApiError("ValidationException", text)
    start = _start(call)
    more = len(rows) > start + size
    found = {member: list(rows[start : start + size]), "Truncated": more}
    return {**found, "NextMarker": _marker(call, start + size)} if more else found


@answers("kms", "ListKeys", "ListKeyPolicies", "ListResourceTags")
def list_of_moto(world: World, call: Call, forward: Forward) -> Answer:
    """Return a page of what moto lists at once."""
    del world
    if call.operation != "ListKeys":
        forward_by_id(call, key_of_call(call))
    response = forward()
    member = MEMBERS[call.operation]
    listed = output_of(response)
    return page(call, member, listed[member]) if member in listed else response


@answers("kms", "ListRetirableGrants")
def list_retirable_grants(world: World, call: Call, forward: Forward) -> Answer:
    """Return a page of the grants that a principal may retire."""
    del world
    response = forward()
    listed = output_of(response)
    return page(call, "Grants", listed["Grants"]) if "Grants" in listed else response


def _marker(call: Call, start: int) -> str:
    return base64.urlsafe_b64encode(f"{call.operation}:{start}".encode()).decode()


def _start(call: Call) -> int:
    given = call.params.get("Marker")
    if given is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(str(given)).decode()
    except (binascii.Error, ValueError):
        text = ""
    found = re.fullmatch(rf"{call.operation}:([0-9]{{1,9}})", text)
    if found is None:
        raise ApiError("InvalidMarkerException", "The marker is not valid.")
    return int(found[1])
