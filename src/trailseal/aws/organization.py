"""The organization that the caller's account is in, as far as the caller may see it."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.access.service_name import CLOUDTRAIL
from trailseal.aws.errors import code_of, unreadable
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.unreadable import Unreadable, action_lacking

ADMINISTRATORS = "organizations:ListDelegatedAdministrators"


def read_organization(
    client: Any, *, administrators: bool = True
) -> Organization | NoOrganization | Unreadable:
    """
    Return the organization, that there is none, or that the caller may not ask.

    Without `administrators` those of CloudTrail are not asked for.
    """
    try:
        raw = client.describe_organization()["Organization"]
    except (ClientError, BotoCoreError) as error:
        if code_of(error) == "AWSOrganizationsNotInUseException":
            return NoOrganization()
        return unreadable(error, call="organizations:DescribeOrganization")
    return Organization(
        organization_id=raw["Id"],
        management_account=raw["MasterAccountId"],
        cloudtrail_administrators=_administrators(client) if administrators else (),
    )


def _administrators(client: Any) -> tuple[str, ...] | Unreadable:
    """
    Return CloudTrail's delegated administrators; only they and the management account may ask.

    So a refusal says that the caller's account is none, where it names no permission that the caller lacks.
    Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListDelegatedAdministrators.html
    """
    try:
        pages = client.get_paginator("list_delegated_administrators").paginate(ServicePrincipal=CLOUDTRAIL)
        return tuple(admin["Id"] for page in pages for admin in page["DelegatedAdministrators"])
    except (ClientError, BotoCoreError) as error:
        refused = unreadable(error, call=ADMINISTRATORS)
        return () if refused.is_denied and action_lacking(refused.detail) != ADMINISTRATORS else refused
