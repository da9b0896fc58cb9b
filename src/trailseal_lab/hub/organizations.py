"""
AWS Organizations where moto falls short: delegated administrators, and what member accounts may ask.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_delegated_admin.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delegated-administrator.html
"""

from __future__ import annotations

from moto.organizations.models import (
    FakeDelegatedAdministrator,
    OrganizationsBackend,
    organizations_backends,
)

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.world import World

CLOUDTRAIL = "cloudtrail.amazonaws.com"
MOST_ADMINISTRATORS = 3
SERVICES = FakeDelegatedAdministrator.SUPPORTED_SERVICES
for _name in (CLOUDTRAIL, "account.amazonaws.com", "config.amazonaws.com", "securityhub.amazonaws.com"):
    if _name not in SERVICES:
        SERVICES.append(_name)


def organization_for(account: str) -> OrganizationsBackend:
    """
    Return the organization that an account is in, as its management account holds it.

    Raises:
        ApiError: AWSOrganizationsNotInUseException.
    """
    for owner in list(organizations_backends):
        backend: OrganizationsBackend = organizations_backends[owner]["aws"]
        if backend.org is not None and any(str(a.id) == account for a in backend.accounts):
            return backend
    raise ApiError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")


@answers("organizations", "DescribeOrganization")
def for_everybody(world: World, call: Call, forward: Forward) -> Answer:
    """Answer any account of the organization."""
    del world
    call.notes["moto_account"] = str(organization_for(call.caller.account).account_id)
    return forward()


@answers(
    "organizations",
    "DescribeAccount",
    "DescribeOrganizationalUnit",
    "DescribePolicy",
    "ListAWSServiceAccessForOrganization",
    "ListAccounts",
    "ListAccountsForParent",
    "ListChildren",
    "ListDelegatedAdministrators",
    "ListDelegatedServicesForAccount",
    "ListOrganizationalUnitsForParent",
    "ListParents",
    "ListPolicies",
    "ListPoliciesForTarget",
    "ListRoots",
    "ListTargetsForPolicy",
)
def for_administrators(world: World, call: Call, forward: Forward) -> Answer:
    """Answer the management account and the delegated administrators, nobody else."""
    del world
    backend = organization_for(call.caller.account)
    delegated = {str(admin.account.id) for admin in backend.admins if admin.services}
    if call.caller.account not in {str(backend.account_id), *delegated}:
        raise _refused()
    call.notes["moto_account"] = str(backend.account_id)
    return forward()


@answers("organizations", "RegisterDelegatedAdministrator", "DeregisterDelegatedAdministrator")
def delegate(world: World, call: Call, forward: Forward) -> Answer:
    """Let the management account name a delegated administrator; CloudTrail takes three of them."""
    del world
    backend = organization_for(call.caller.account)
    if call.caller.account != str(backend.account_id):
        raise _refused()
    service = call.params.get("ServicePrincipal")
    held = sum(service in admin.services for admin in backend.admins)
    adding = call.operation == "RegisterDelegatedAdministrator"
    if adding and service == CLOUDTRAIL and held >= MOST_ADMINISTRATORS:
        text = "You have exceeded the allowed number of delegated administrators for the delegated service."
        raise ApiError("ConstraintViolationException", text)
    response = forward()
    backend.admins[:] = [admin for admin in backend.admins if admin.services]
    return response


def _refused() -> ApiError:
    return ApiError("AccessDeniedException", "You don't have permissions to access this resource.")
