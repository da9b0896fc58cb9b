"""The differences that docs/access/differences.md tells, each with a request that shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from differential.covers import (
    compares_an_address_with_the_other_version,
    has_a_variable_in_an_rcp,
    is_unsigned_to_kms,
    manages_a_key_of_another_account,
    named_to_all_under_a_limit,
    negates_a_variable,
    of_a_federated_user_whose_maker_may_be_named,
    of_a_federated_user_without_its_policy,
    of_a_role_whose_session_is_named,
    of_a_service_linked_role,
    of_a_service_under_an_scp,
    old_with_a_variable_in_a_resource,
    spares_somebody,
)

HERE, THERE = "123456789012", "210987654321"
ALICE = f"arn:aws:iam::{HERE}:user/alice"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/Role1/User1"
OBJECT = "arn:aws:s3:::trail-logs/a.json.gz"
KEY = f"arn:aws:kms:ap-northeast-1:{HERE}:key/11111111-2222-3333-4444-555555555555"
EVE = f"arn:aws:iam::{THERE}:user/eve"
ROOT = f"arn:aws:iam::{HERE}:root"
ROLE = f"arn:aws:iam::{HERE}:role/Role1"
SERVICE_LINKED = (
    f"arn:aws:iam::{HERE}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
)
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"


class Told(Struct, frozen=True, kw_only=True):
    """
    `anchor` is the section of the page; `covers` tells which generated lines the difference can touch.

    `any_effect`: it may turn any answer into any other, where the rest can only give `theirs` and `ours`;
    with `only_ours` into one of these.
    """

    anchor: str
    line: dict[str, Any]
    theirs: str
    ours: str
    covers: Callable[[dict[str, Any]], bool] | None = None
    any_effect: bool = False
    only_ours: frozenset[str] = frozenset()

    def explains(self, line: dict[str, Any], theirs: str, ours: str) -> bool:
        """Return whether a disagreement on a generated line is this difference."""
        may_be_ours = not self.only_ours or ours in self.only_ours
        alike = (self.any_effect and may_be_ours) or (theirs, ours) == (self.theirs, self.ours)
        return alike and self.covers is not None and self.covers(line)


def asked(
    statement: dict[str, Any],
    context: dict[str, Any] | None = None,
    *,
    principal: str = ALICE,
    action: str = "s3:GetObject",
    resource_arn: str = OBJECT,
    **policies: Any,
) -> dict[str, Any]:
    """Return a line with one identity statement, or the policies given."""
    document = {"Version": "2012-10-17", "Statement": [statement]}
    request = {"principal": principal, "action": action, "resource": resource_arn, "resource_account": HERE}
    return {
        "request": {**request, "context": context or {}},
        "policies": policies or {"identity": [document]},
        "derive": False,
        "unknown_context": "absent",
    }


def when(condition: dict[str, Any]) -> dict[str, Any]:
    """Return an Allow for everything under a condition."""
    return {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}


def allow(**more: Any) -> dict[str, Any]:
    """Return a policy with one Allow for everything, as narrowed."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", **more}],
    }


def deny(**more: Any) -> dict[str, Any]:
    """Return a policy with one Deny for everything, as narrowed."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*", **more}],
    }


def both(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return one policy with the statements of two."""
    return {**first, "Statement": [*first["Statement"], *second["Statement"]]}


TOLD = (
    Told(
        anchor="principal-everybody-under-a-session-policy",
        line=asked({}, principal=SESSION, resource=allow(Principal="*"), session=allow(Action="sqs:*")),
        theirs="implicitly_denied",
        ours="allowed",
        covers=named_to_all_under_a_limit,
    ),
    Told(
        anchor="vpc-endpoint-policies-that-name-principals",
        line=asked(
            {}, identity=[allow()], vpc_endpoint=[allow(Principal={"AWS": "arn:aws:iam::210987654321:root"})]
        ),
        theirs="allowed",
        ours="implicitly_denied",
    ),
    Told(
        anchor="the-whole-address-range",
        line=asked(when({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}), {"aws:SourceIp": "192.0.2.1"}),
        theirs="implicitly_denied",
        ours="allowed",
    ),
    Told(
        anchor="dates-in-seconds",
        line=asked(
            when({"DateLessThan": {"aws:CurrentTime": "1577836801"}}),
            {"aws:CurrentTime": "2020-01-01T00:00:00Z"},
        ),
        theirs="implicitly_denied",
        ours="allowed",
    ),
    Told(
        anchor="a-lone-star-under-arnlike",
        line=asked(when({"ArnLike": {"aws:PrincipalArn": "*"}}), {"aws:PrincipalArn": ALICE}),
        theirs="implicitly_denied",
        ours="unknown",
    ),
    Told(
        anchor="foranyvalue-with-ifexists",
        line=asked(when({"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": "team"}})),
        theirs="implicitly_denied",
        ours="allowed",
    ),
    Told(
        anchor="several-values-without-a-set-operator",
        line=asked(when({"StringEquals": {"aws:TagKeys": "team"}}), {"aws:TagKeys": ["team", "cost"]}),
        theirs="implicitly_denied",
        ours="unknown",
    ),
    Told(
        anchor="variables-in-the-resources-of-an-old-policy",
        line=asked(
            {},
            {"aws:PrincipalTag/file": "a.json.gz"},
            identity=[
                {
                    **allow(Resource="arn:aws:s3:::trail-logs/${aws:PrincipalTag/file}"),
                    "Version": "2008-10-17",
                }
            ],
        ),
        theirs="allowed",
        ours="implicitly_denied",
        covers=old_with_a_variable_in_a_resource,
        any_effect=True,
    ),
    Told(
        anchor="notprincipal-with-deny",
        line=asked({}, identity=[allow()], resource=deny(NotPrincipal={"AWS": ROOT})),
        theirs="allowed",
        ours="explicitly_denied",
        covers=spares_somebody,
        any_effect=True,
        only_ours=frozenset({"explicitly_denied", "unknown"}),
    ),
    Told(
        anchor="notprincipal-with-deny",
        line=asked({}, identity=[allow()], resource=deny(NotPrincipal={"AWS": ALICE})),
        theirs="allowed",
        ours="unknown",
    ),
    Told(
        anchor="service-linked-roles-under-scps-and-rcps",
        line=asked({}, principal=SERVICE_LINKED, identity=[allow()], scp=[[both(allow(), deny())]]),
        theirs="explicitly_denied",
        ours="allowed",
        covers=of_a_service_linked_role,
        any_effect=True,
        only_ours=frozenset({"unknown", "allowed", "implicitly_denied"}),
    ),
    Told(
        anchor="service-linked-roles-under-scps-and-rcps",
        line=asked(
            {}, principal=SERVICE_LINKED, identity=[allow()], rcp=[[deny(Principal="*", Action="s3:*")]]
        ),
        theirs="explicitly_denied",
        ours="allowed",
    ),
    Told(
        anchor="services-under-scps",
        line=asked(
            {},
            principal={"service": "cloudtrail.amazonaws.com"},
            resource=allow(Principal={"Service": "cloudtrail.amazonaws.com"}),
            scp=[[both(allow(), deny())]],
        ),
        theirs="explicitly_denied",
        ours="allowed",
        covers=of_a_service_under_an_scp,
        any_effect=True,
        only_ours=frozenset({"unknown", "allowed", "implicitly_denied"}),
    ),
    Told(
        anchor="federated-users-without-their-policy",
        line=asked({}, principal=f"arn:aws:sts::{HERE}:federated-user/carol", identity=[allow()]),
        theirs="allowed",
        ours="unknown",
        covers=of_a_federated_user_without_its_policy,
    ),
    Told(
        anchor="a-federated-user-and-its-maker",
        line=asked(
            {},
            principal=f"arn:aws:sts::{HERE}:federated-user/carol",
            session=allow(),
            resource=allow(Principal={"AWS": ALICE}),
        ),
        theirs="implicitly_denied",
        ours="unknown",
        covers=of_a_federated_user_whose_maker_may_be_named,
        any_effect=True,
        only_ours=frozenset({"unknown"}),
    ),
    Told(
        anchor="grants-across-accounts",
        line=asked(
            {},
            principal=EVE,
            action="kms:Decrypt",
            resource_arn=KEY,
            identity=[],
            resource=allow(Principal={"AWS": ROOT}),
            grants=[{"GrantId": "g1", "GranteePrincipal": EVE, "Operations": ["Decrypt"]}],
        ),
        theirs="implicitly_denied",
        ours="allowed",
    ),
    Told(
        anchor="kms-operations-without-cross-account-use",
        line=asked(
            {},
            principal=EVE,
            action="kms:DisableKey",
            resource_arn=KEY,
            identity=[allow()],
            resource=allow(Principal={"AWS": EVE}),
        ),
        theirs="allowed",
        ours="implicitly_denied",
        covers=manages_a_key_of_another_account,
    ),
    Told(
        anchor="unsigned-requests-to-kms",
        line=asked(
            {},
            principal="anonymous",
            action="kms:Decrypt",
            resource_arn=KEY,
            resource=allow(Principal="*"),
        ),
        theirs="allowed",
        ours="implicitly_denied",
        covers=is_unsigned_to_kms,
    ),
    Told(
        anchor="negated-operators-on-a-variable-without-a-value",
        line=asked(when({"StringNotEquals": {"s3:prefix": "${aws:PrincipalTag/team}"}}), {"s3:prefix": "x"}),
        theirs="implicitly_denied",
        ours="allowed",
        covers=negates_a_variable,
        any_effect=True,
    ),
    Told(
        anchor="a-role-and-a-session-of-it",
        line=asked({}, principal=ROLE, identity=[], resource=allow(Principal={"AWS": SESSION})),
        theirs="implicitly_denied",
        ours="unknown",
        covers=of_a_role_whose_session_is_named,
        any_effect=True,
        only_ours=frozenset({"unknown"}),
    ),
    Told(
        anchor="canonical-users-and-saml-providers",
        line=asked(
            {},
            principal=EVE,
            identity=[allow()],
            resource=both(allow(Principal="*"), deny(Principal={"CanonicalUser": CANONICAL})),
        ),
        theirs="allowed",
        ours="unknown",
    ),
    Told(
        anchor="the-bucket-owners-root-user",
        line=asked(
            {},
            principal=ROOT,
            action="s3:DeleteBucketPolicy",
            resource_arn="arn:aws:s3:::trail-logs",
            resource=deny(Principal="*"),
        ),
        theirs="explicitly_denied",
        ours="allowed",
    ),
    Told(
        anchor="a-session-token-without-a-permission",
        line=asked({}, action="sts:GetSessionToken", resource_arn="*", identity=[]),
        theirs="implicitly_denied",
        ours="allowed",
    ),
    Told(
        anchor="variables-before-the-fifth-colon-and-in-rcps",
        line=asked(
            {},
            {"aws:PrincipalTag/file": "a.json.gz"},
            identity=[allow()],
            rcp=[
                [
                    deny(
                        Principal="*",
                        Action="s3:*",
                        Resource="arn:aws:s3:::trail-logs/${aws:PrincipalTag/file}",
                    )
                ]
            ],
        ),
        theirs="explicitly_denied",
        ours="unknown",
        covers=has_a_variable_in_an_rcp,
        any_effect=True,
        only_ours=frozenset({"unknown"}),
    ),
    Told(
        anchor="variables-before-the-fifth-colon-and-in-rcps",
        line=asked(
            {},
            {"aws:RequestedRegion": "eu-west-1"},
            action="sqs:SendMessage",
            resource_arn=f"arn:aws:sqs:eu-west-1:{HERE}:events",
            identity=[allow(Resource=f"arn:aws:sqs:${{aws:RequestedRegion}}:{HERE}:events")],
        ),
        theirs="implicitly_denied",
        ours="unknown",
    ),
    Told(
        anchor="a-lone-address-and-the-other-version",
        line=asked(when({"NotIpAddress": {"aws:SourceIp": "192.0.2.7"}}), {"aws:SourceIp": "2001:db8::1"}),
        theirs="implicitly_denied",
        ours="allowed",
        covers=compares_an_address_with_the_other_version,
        any_effect=True,
    ),
)
