"""
The condition keys of IAM and of STS, and those of federated sessions.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
"""

from __future__ import annotations

from typing import Any

from trailseal.access.keys.key import ConditionKey, SetBy, There, Travels, ValueType

REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
IAM_PAGE = (
    f"{REFERENCE}list_awsidentityandaccessmanagementiam.html#awsidentityandaccessmanagementiam-policy-keys"
)
STS_PAGE = f"{REFERENCE}list_awssecuritytokenservice.html#awssecuritytokenservice-policy-keys"
GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html"
ASSUME = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")


def names(prefix: str, text: str) -> tuple[str, ...]:
    """Return the words of a text, each behind a prefix."""
    return tuple(f"{prefix}{name}" for name in text.split())


def _key(name: str, page: str, only_for: tuple[str, ...], **fields: Any) -> ConditionKey:
    """Keys of a service of its own are for requests to it, so none of these travels."""
    defaults: dict[str, Any] = {
        "set_by": SetBy.REQUEST,
        "there": There.SENT,
        "travels": Travels.NO,
    }
    return ConditionKey(name=name, page=page, only_for=only_for, **defaults | fields)


def _iam(name: str, only_for: str, **fields: Any) -> ConditionKey:
    return _key(f"iam:{name}", IAM_PAGE, names("iam:", only_for), **fields)


def _sts(name: str, only_for: tuple[str, ...], **fields: Any) -> ConditionKey:
    return _key(f"sts:{name}", STS_PAGE, only_for, **fields)


BOUNDED = """
    AttachRolePolicy AttachUserPolicy CreateRole CreateUser DeleteRole DeleteRolePermissionsBoundary
    DeleteRolePolicy DeleteUserPermissionsBoundary DeleteUserPolicy DetachRolePolicy
    DetachUserPolicy GetRole PutRolePermissionsBoundary PutRolePolicy PutUserPermissionsBoundary
    PutUserPolicy UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription
"""
ATTACHING = (
    "AttachGroupPolicy AttachRolePolicy AttachUserPolicy DetachGroupPolicy DetachRolePolicy DetachUserPolicy"
)
IAM_KEYS = (
    _iam("AssociatedResourceArn", "PassRole", values=ValueType.ARN),
    _iam("AWSServiceName", "CreateServiceLinkedRole", there=There.ALWAYS),
    _iam("AccountPropertyNamespaces", "GetAccountProperties PutAccountProperties", many=True),
    _iam("DelegationDuration", "CreateDelegationRequest"),
    _iam("DelegationRequestOwner", "ListDelegationRequests", values=ValueType.ARN),
    _iam("FIDO-FIPS-140-2-certification", "EnableMFADevice"),
    _iam("FIDO-FIPS-140-3-certification", "EnableMFADevice"),
    _iam("FIDO-certification", "EnableMFADevice"),
    _iam("NotificationChannel", "CreateDelegationRequest"),
    _iam("OrganizationsPolicyId", "GenerateOrganizationsAccessReport"),
    _iam("PassedToService", "PassRole", note="some services do not support it"),
    _iam(
        "PermissionsBoundary",
        BOUNDED,
        values=ValueType.ARN,
        set_by=SetBy.RESOURCE,
        there=There.SOMETIMES,
        note="the boundary that the user or role has, or that the request sets",
    ),
    _iam("PolicyARN", ATTACHING, values=ValueType.ARN, there=There.ALWAYS),
    _iam("RegisterSecurityKey", "EnableMFADevice"),
    ConditionKey(
        name="iam:ResourceTag/",
        family=True,
        set_by=SetBy.RESOURCE,
        there=There.SOMETIMES,
        only_for=("iam:*", "sts:AssumeRole*"),
        travels=Travels.NO,
        note="users and roles",
        page=IAM_PAGE,
    ),
    _iam(
        "RoleTemplateARN",
        "AttachRolePolicy CreateRole GetRole PutRolePermissionsBoundary PutRolePolicy TagRole",
        values=ValueType.ARN,
    ),
    _iam(
        "ServiceSpecificCredentialAgeDays",
        "CreateServiceSpecificCredential",
        values=ValueType.INTEGER,
    ),
    _iam("ServiceSpecificCredentialServiceName", "*ServiceSpecificCredential"),
    _iam("TemplateArn", "CreateDelegationRequest", values=ValueType.ARN),
)
STS_KEYS = (
    _sts("AWSServiceName", ("sts:GetServiceBearerToken",)),
    _sts(
        "DurationSeconds",
        ("sts:GetServiceBearerToken", "sts:GetWebIdentityToken"),
        values=ValueType.INTEGER,
    ),
    _sts("ExternalId", ("sts:AssumeRole",)),
    _sts("IdentityTokenAudience", ("sts:GetWebIdentityToken",), many=True),
    _sts("RequestContext/", ("sts:SetContext",), family=True, there=There.MADE_UP),
    _sts("RequestContextProviders", ("sts:SetContext",), values=ValueType.ARN, many=True),
    _sts(
        "RoleAuthorizedByIdp",
        ("sts:AssumeRoleWithWebIdentity",),
        values=ValueType.BOOLEAN,
        set_by=SetBy.SESSION,
    ),
    _sts("RoleSessionName", ASSUME, there=There.ALWAYS),
    _sts("SigningAlgorithm", ("sts:GetWebIdentityToken",)),
    _sts("SourceIdentity", (*ASSUME, "sts:SetSourceIdentity")),
    _sts("TaskPolicyArn", ("sts:AssumeRoot",), values=ValueType.ARN),
    _sts("TransitiveTagKeys", (*ASSUME, "sts:TagSession"), many=True),
)


def _claim(name: str, *, many: bool = False) -> ConditionKey:
    """Return a key that stays in the session and is there in its later requests too."""
    anchor = "saml" if name.startswith("saml:") else "wif"
    return ConditionKey(
        name=name,
        many=many,
        set_by=SetBy.SESSION,
        there=There.SESSIONS,
        travels=Travels.UNVERIFIED,
        note="there in later requests of the session too",
        page=f"{GUIDE}#condition-keys-{anchor}",
    )


def _assertion(name: str, *, many: bool = False) -> ConditionKey:
    """Return a key that is only looked at when a SAML session begins."""
    return ConditionKey(
        name=f"saml:{name}",
        many=many,
        set_by=SetBy.SESSION,
        there=There.SENT,
        only_for=("sts:AssumeRoleWithSAML", "sts:TagSession"),
        travels=Travels.NO,
        page=f"{GUIDE}#condition-keys-saml",
    )


def _token(name: str) -> ConditionKey:
    """Return a key that is only looked at when a session with an OIDC provider begins."""
    return ConditionKey(
        name=name,
        set_by=SetBy.SESSION,
        there=There.SENT,
        only_for=("sts:AssumeRoleWithWebIdentity",),
        travels=Travels.NO,
        page=f"{GUIDE}#condition-keys-wif",
    )


SAML_LISTS = """
    cn commonName edupersonaffiliation edupersonassurance edupersonentitlement edupersonnickname
    edupersonorgunitdn edupersonscopedaffiliation edupersontargetedid eduorghomepageuri
    eduorgidentityauthnpolicyuri eduorglegalname eduorgsuperioruri eduorgwhitepagesuri givenName
    mail name organizationStatus primaryGroupSID surname uid x500UniqueIdentifier
"""
SAML_SINGLE = """
    aud doc edupersonorgdn edupersonprimaryaffiliation edupersonprimaryorgunitdn
    edupersonprincipalname iss
"""
FEDERATION_KEYS = (
    *[_claim(name) for name in names("saml:", "namequalifier sub sub_type")],
    *[_assertion(name) for name in SAML_SINGLE.split()],
    *[_assertion(name, many=True) for name in SAML_LISTS.split()],
    *[_claim(name) for name in names("accounts.google.com:", "aud sub")],
    *[_token(name) for name in names("accounts.google.com:", "google/organization_number oaud")],
    _claim("cognito-identity.amazonaws.com:amr", many=True),
    *[_claim(name) for name in names("cognito-identity.amazonaws.com:", "aud sub")],
    *[_claim(name) for name in names("graph.facebook.com:", "app_id id")],
    *[_claim(name) for name in names("www.amazon.com:", "app_id user_id")],
)
