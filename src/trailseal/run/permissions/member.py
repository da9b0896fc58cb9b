"""
The role of a further account, for the profile that `--also-profile` names.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html and
https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from trailseal.run.permissions.document import VERSION, document, needs_of
from trailseal.run.permissions.narrowing import Narrowing
from trailseal.run.permissions.needs import MEMBER

MEMBER_ROLE = "trailseal-member"


class Role(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A role: who may assume it, and what it may do then."""

    role_name: str = MEMBER_ROLE
    assume_role_policy_document: dict[str, Any]
    policy_document: dict[str, Any]


def member_role(verb: str, trusted: str, external_id: str, narrowing: Narrowing) -> Role:
    """
    Return the role that `trusted` may assume for a verb, with the external ID where there is one.

    Raises:
        UsageProblem: there is no verb of that name.
    """
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": trusted},
        "Action": "sts:AssumeRole",
    }
    if external_id:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return Role(
        assume_role_policy_document={"Version": VERSION, "Statement": [statement]},
        policy_document=document(
            tuple(sorted({*MEMBER} & {*needs_of(verb, copies=narrowing.copies)})), narrowing
        ),
    )
