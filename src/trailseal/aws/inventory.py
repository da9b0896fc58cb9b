"""
The principals of an account with their policies, and the organization's guardrails above it.

One paginated call, GetAccountAuthorizationDetails, holds all of IAM that bears on a decision.
Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import unreadable
from trailseal.model.organization import Organization
from trailseal.model.principal import Inventory, NamedPolicy, Principal, PrincipalKind
from trailseal.model.unreadable import Unreadable

Wire = Mapping[str, Any]
Levels = tuple[tuple[NamedPolicy, ...], ...]
KINDS = {"UserDetailList": PrincipalKind.USER, "RoleDetailList": PrincipalKind.ROLE}
MAX_LEVELS = 10


def read_inventory(
    iam: Any, organizations: Any, *, account: str, organization: object
) -> Inventory | Unreadable:
    """
    Return all principals of the account that `iam` speaks for, root first, then by ARN.

    `organization` is the snapshot's; guardrails are read only where they bind: not for an account
    in no organization, nor for the management account.
    """
    try:
        pages = list(iam.get_paginator("get_account_authorization_details").paginate())
    except (ClientError, BotoCoreError) as error:
        return unreadable(error, call="iam:GetAccountAuthorizationDetails", where=account)
    shared, groups = _shared(pages)
    partition = _partition(pages)
    root = Principal(arn=f"arn:{partition}:iam::{account}:root", kind=PrincipalKind.ROOT)
    people = [
        _principal(raw, kind, shared, groups)
        for page in pages
        for field, kind in KINDS.items()
        for raw in page.get(field, [])
    ]
    scp, rcp, unread = read_guardrails(organizations, account=account, organization=organization)
    return Inventory(
        account=account,
        principals=(root, *sorted(people, key=lambda p: p.arn)),
        shared=tuple(shared.values()),
        service_control_policies=scp,
        resource_control_policies=rcp,
        guardrails=unread,
    )


def _partition(pages: list[Wire]) -> str:
    for page in pages:
        for field in KINDS:
            for raw in page.get(field, []):
                return str(raw["Arn"]).split(":")[1]
    return "aws"


def _text(document: object) -> str:
    return document if isinstance(document, str) else msgspec.json.encode(document).decode()


def _shared(pages: list[Wire]) -> tuple[dict[str, NamedPolicy], dict[str, tuple[str, ...]]]:
    shared: dict[str, NamedPolicy] = {}
    groups: dict[str, tuple[str, ...]] = {}
    for page in pages:
        for managed in page.get("Policies", []):
            shared[managed["Arn"]] = NamedPolicy(name=managed["Arn"], document=_in_force(managed))
        for group in page.get("GroupDetailList", []):
            own = {f"{group['Arn']}/{p['PolicyName']}": p for p in group.get("GroupPolicyList", [])}
            for name, inline in own.items():
                shared[name] = NamedPolicy(name=name, document=_text(inline["PolicyDocument"]))
            groups[group["GroupName"]] = (*own, *_attached(group))
    return shared, groups


def _in_force(managed: Wire) -> str:
    for version in managed.get("PolicyVersionList", []):
        if version.get("IsDefaultVersion"):
            return _text(version["Document"])
    return ""


def _attached(raw: Wire) -> tuple[str, ...]:
    return tuple(p["PolicyArn"] for p in raw.get("AttachedManagedPolicies", []))


def _principal(
    raw: Wire, kind: PrincipalKind, shared: dict[str, NamedPolicy], groups: dict[str, tuple[str, ...]]
) -> Principal:
    inline = raw.get("UserPolicyList", []) if kind is PrincipalKind.USER else raw.get("RolePolicyList", [])
    names = list(_attached(raw))
    for group in raw.get("GroupList", []):
        names.extend(groups.get(group, ()))
    boundary = raw.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    return Principal(
        arn=raw["Arn"],
        kind=kind,
        principal_id=raw.get("UserId", raw.get("RoleId", "")),
        policies=tuple(
            NamedPolicy(name=p["PolicyName"], document=_text(p["PolicyDocument"])) for p in inline
        ),
        shared=tuple(dict.fromkeys(names)),
        boundary=shared.get(boundary, NamedPolicy(name=boundary, document="")) if boundary else None,
        trust=_text(raw["AssumeRolePolicyDocument"]) if kind is PrincipalKind.ROLE else "",
        tags={tag["Key"]: tag["Value"] for tag in raw.get("Tags", [])},
    )


def read_guardrails(
    organizations: Any, *, account: str, organization: object
) -> tuple[Levels, Levels, Unreadable | None]:
    """Return SCPs and RCPs by level, root first; the third part is set when they could not be read."""
    if isinstance(organization, Unreadable):
        return (), (), organization
    if not isinstance(organization, Organization) or organization.management_account == account:
        return (), (), None
    try:
        targets = list(_targets(organizations, account))
        scp = _levels(organizations, targets, "SERVICE_CONTROL_POLICY")
        rcp = _levels(organizations, targets, "RESOURCE_CONTROL_POLICY")
    except (ClientError, BotoCoreError) as error:
        return (), (), unreadable(error, call="organizations:ListPoliciesForTarget", where=account)
    return scp, rcp, None


def _targets(organizations: Any, account: str) -> Iterator[str]:
    """Yield the root, the organizational units on the way down, then the account."""
    chain = [account]
    for _ in range(MAX_LEVELS):
        parents = organizations.list_parents(ChildId=chain[-1])["Parents"]
        if not parents:
            break
        chain.append(parents[0]["Id"])
        if parents[0].get("Type") == "ROOT":
            break
    yield from reversed(chain)


def _levels(organizations: Any, targets: list[str], kind: str) -> Levels:
    pages = organizations.get_paginator("list_policies_for_target")
    levels = []
    for target in targets:
        found = [p for page in pages.paginate(TargetId=target, Filter=kind) for p in page["Policies"]]
        levels.append(tuple(_described(organizations, p["Id"]) for p in found))
    return tuple(levels)


def _described(organizations: Any, policy_id: str) -> NamedPolicy:
    policy = organizations.describe_policy(PolicyId=policy_id)["Policy"]
    return NamedPolicy(name=policy["PolicySummary"]["Name"], document=policy["Content"])
