"""
The condition keys of every service, in the order of AWS's page.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
What a service hands on when it calls another for a principal:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
"""

from __future__ import annotations

from typing import Any

from trailseal.access.keys.key import ConditionKey, SetBy, There, Travels, ValueType

PAGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"


def _key(name: str, anchor: str, **fields: Any) -> ConditionKey:
    return ConditionKey(name=name, page=f"{PAGE}#condition-keys-{anchor}", **fields)


def _principal(name: str, anchor: str, there: There, **fields: Any) -> ConditionKey:
    """Forward access sessions pass on the caller's identity and session attributes."""
    defaults: dict[str, Any] = {"set_by": SetBy.IDENTITY, "travels": Travels.YES}
    return _key(name, anchor, there=there, **defaults | fields)


def _session(name: str, anchor: str, there: There = There.SESSIONS, **fields: Any) -> ConditionKey:
    """These stand in the session's token; that KMS gets each of them from S3 no page says of each."""
    defaults: dict[str, Any] = {"set_by": SetBy.SESSION, "travels": Travels.UNVERIFIED}
    return _key(name, anchor, there=there, **defaults | fields)


def _network(name: str, anchor: str, **fields: Any) -> ConditionKey:
    defaults: dict[str, Any] = {
        "set_by": SetBy.NETWORK,
        "there": There.SOMETIMES,
        "travels": Travels.NO,
        "note": "only through a VPC endpoint",
    }
    return _key(name, anchor, **defaults | fields)


def _resource(name: str, anchor: str, **fields: Any) -> ConditionKey:
    defaults: dict[str, Any] = {
        "set_by": SetBy.RESOURCE,
        "there": There.SOMETIMES,
        "travels": Travels.OWN,
    }
    return _key(name, anchor, **defaults | fields)


def _service(name: str, anchor: str, there: There, **fields: Any) -> ConditionKey:
    defaults: dict[str, Any] = {"set_by": SetBy.SERVICE, "travels": Travels.NO}
    return _key(name, anchor, there=there, **defaults | fields)


PRINCIPAL = (
    _principal(
        "aws:PrincipalArn",
        "principalarn",
        There.PRINCIPALS,
        values=ValueType.ARN,
        derives="the caller's ARN; of a session its role's, with any path where the role is not known",
        note="of a session the role's ARN, with the role's path",
    ),
    _principal(
        "aws:PrincipalAccount",
        "principalaccount",
        There.CALLERS,
        derives="the account in the caller's ARN; `anonymous` for unsigned requests",
    ),
    _principal(
        "aws:PrincipalOrgPaths",
        "principalorgpaths",
        There.SOME_PRINCIPALS,
        many=True,
        note="absent for service principals, CloudTrail too",
    ),
    _principal(
        "aws:PrincipalOrgID",
        "principalorgid",
        There.SOME_PRINCIPALS,
        note="absent for service principals, CloudTrail too",
    ),
    _principal(
        "aws:PrincipalTag/",
        "principaltag",
        There.SOME_PRINCIPALS,
        family=True,
        overridable=True,
        note="session tags replace the role's tags",
    ),
    _principal(
        "aws:PrincipalIsAWSService",
        "principalisawsservice",
        There.SIGNED,
        values=ValueType.BOOLEAN,
        derives="`true` for a service, `false` for a principal of an account",
        note="`false` where a service calls for a principal, or with a service role",
    ),
    _service(
        "aws:PrincipalServiceName",
        "principalservicename",
        There.SERVICES,
        set_by=SetBy.IDENTITY,
        derives="the service's name",
    ),
    _service(
        "aws:PrincipalServiceNamesList",
        "principalservicenameslist",
        There.SERVICES,
        set_by=SetBy.IDENTITY,
        many=True,
        derives="that it is there",
    ),
    _principal(
        "aws:PrincipalType",
        "principaltype",
        There.CALLERS,
        derives="from the kind of caller",
    ),
    _principal(
        "aws:userid",
        "userid",
        There.CALLERS,
        derives="of root the account; of a federated user account and name; else any ID of its kind",
    ),
    _principal("aws:username", "username", There.USERS, derives="the user's name"),
)
MFA_NOTE = "absent for long-term credentials; there and `false` where a service goes on for such a user"
SESSION = (
    _session("aws:AssumedRoot", "assumedroot", There.TEMPORARY, values=ValueType.BOOLEAN),
    _session("aws:FederatedProvider", "federatedprovider", note="sessions made with an OIDC provider"),
    _session(
        "aws:TokenIssueTime",
        "tokenissuetime",
        There.TOKENS,
        values=ValueType.DATE,
        note="absent for long-term credentials",
    ),
    _session("aws:SignInSessionArn", "signinsessionarn", There.TEMPORARY, values=ValueType.ARN),
    _session(
        "aws:MultiFactorAuthAge",
        "multifactorauthage",
        There.TEMPORARY,
        values=ValueType.INTEGER,
        note=MFA_NOTE,
    ),
    _session(
        "aws:MultiFactorAuthPresent",
        "multifactorauthpresent",
        There.TEMPORARY,
        values=ValueType.BOOLEAN,
        note=MFA_NOTE,
    ),
    _session("aws:ChatbotSourceArn", "chatbotsourcearn", values=ValueType.ARN),
    _session("aws:Ec2InstanceSourceVpc", "ec2instancesourcevpc"),
    _session("aws:Ec2InstanceSourcePrivateIPv4", "ec2instancesourceprivateip4", values=ValueType.ADDRESS),
    _session(
        "aws:SourceIdentity",
        "sourceidentity",
        travels=Travels.YES,
        note="cannot be changed once it is set, and stays when another role is assumed",
    ),
    _session("ec2:RoleDelivery", "ec2-role-delivery", values=ValueType.NUMBER),
    _session("ec2:SourceInstanceArn", "ec2-source-instance-arn", values=ValueType.ARN),
    _session("glue:RoleAssumedBy", "glue-role-assumed-by"),
    _session("glue:CredentialIssuingService", "glue-credential-issuing"),
    _session("codebuild:BuildArn", "codebuild-build-arn", values=ValueType.ARN),
    _session("codebuild:ProjectArn", "codebuild-project-arn", values=ValueType.ARN),
    _session("lambda:SourceFunctionArn", "lambda-source-function-arn", values=ValueType.ARN),
    _session("ssm:SourceInstanceArn", "ssm-source-instance-arn", values=ValueType.ARN),
    _session("identitystore:UserId", "identity-store-user-id"),
)
OWNER_NOTE = "only through a VPC endpoint, and only for the services that AWS names, KMS and S3 among them"
NETWORK = (
    _network(
        "aws:SourceIp",
        "sourceip",
        values=ValueType.ADDRESS,
        travels=Travels.PUBLIC_ENDPOINT,
        note="absent through a VPC endpoint",
    ),
    _network("aws:SourceVpc", "sourcevpc"),
    _network(
        "aws:SourceVpcArn",
        "sourcevpcarn",
        values=ValueType.ARN,
        travels=Travels.UNVERIFIED,
        note=OWNER_NOTE,
    ),
    _network("aws:SourceVpce", "sourcevpce"),
    _network("aws:VpceAccount", "vpceaccount", travels=Travels.UNVERIFIED, note=OWNER_NOTE),
    _network("aws:VpceOrgID", "vpceorgid", travels=Travels.UNVERIFIED, note=OWNER_NOTE),
    _network("aws:VpceOrgPaths", "vpceorgpaths", many=True, travels=Travels.UNVERIFIED, note=OWNER_NOTE),
    _network("aws:VpcSourceIp", "vpcsourceip", values=ValueType.ADDRESS),
)
RESOURCE = (
    _resource(
        "aws:ResourceAccount",
        "resourceaccount",
        there=There.ALWAYS,
        derives="the account in the resource's ARN, or the given owner",
        note="each action of KMS, S3, IAM and STS supports it",
    ),
    _resource("aws:ResourceOrgPaths", "resourceorgpaths", many=True, note="members of an organization"),
    _resource("aws:ResourceOrgID", "resourceorgid", note="members of an organization"),
    _resource("aws:ResourceTag/", "resourcetag", family=True),
)
REQUEST = (
    _service(
        "aws:CalledVia",
        "calledvia",
        There.ON_THE_WAY,
        many=True,
        travels=Travels.FIXED_BY_S3,
        derives="that it is there, where S3 asks KMS for a reader",
        note="not with a service role or service-linked role; that S3 puts `s3.amazonaws.com` is inferred",
    ),
    _service(
        "aws:CalledViaFirst",
        "calledviafirst",
        There.ON_THE_WAY,
        travels=Travels.FIXED_BY_S3,
        derives="the first of a given aws:CalledVia",
    ),
    _service(
        "aws:CalledViaLast",
        "calledvialast",
        There.ON_THE_WAY,
        travels=Travels.FIXED_BY_S3,
        derives="the last of a given aws:CalledVia",
    ),
    _service("aws:CalledViaAWSMCP", "calledviaawasmcp", There.ON_THE_WAY, travels=Travels.UNVERIFIED),
    _service(
        "aws:ViaAWSService",
        "viaawsservice",
        There.ALWAYS,
        values=ValueType.BOOLEAN,
        travels=Travels.FIXED_BY_S3,
        derives="`false` on a direct call by a principal, `true` where S3 asks KMS for a reader",
        note="on CloudTrail's own writes not documented",
    ),
    _service(
        "aws:ViaAWSMCPService",
        "viaawsmcpservice",
        There.SOMETIMES,
        values=ValueType.BOOLEAN,
        travels=Travels.UNVERIFIED,
        note="on a direct call `false` or missing: the page says both",
    ),
    _key(
        "aws:CurrentTime",
        "currenttime",
        values=ValueType.DATE,
        set_by=SetBy.TIME,
        there=There.ALWAYS,
        travels=Travels.OWN,
    ),
    _key(
        "aws:EpochTime",
        "epochtime",
        values=ValueType.DATE,
        set_by=SetBy.TIME,
        there=There.ALWAYS,
        travels=Travels.OWN,
        note="takes numeric operators too",
    ),
    _key(
        "aws:referer",
        "referer",
        set_by=SetBy.REQUEST,
        there=There.SENT,
        travels=Travels.UNVERIFIED,
        note="a header: the caller can send any value",
    ),
    _key(
        "aws:RequestedRegion",
        "requestedregion",
        set_by=SetBy.REQUEST,
        there=There.ALWAYS,
        travels=Travels.OWN,
        derives="the Region in the resource's ARN",
    ),
    _key(
        "aws:RequestTag/",
        "requesttag",
        family=True,
        set_by=SetBy.REQUEST,
        there=There.MADE_UP,
        travels=Travels.NO,
    ),
    _key(
        "aws:TagKeys",
        "tagkeys",
        many=True,
        set_by=SetBy.REQUEST,
        there=There.MADE_UP,
        travels=Travels.NO,
        derives="the names of the given tags",
    ),
    _key(
        "aws:SecureTransport",
        "securetransport",
        values=ValueType.BOOLEAN,
        set_by=SetBy.NETWORK,
        there=There.ALWAYS,
        travels=Travels.OWN,
    ),
    _service("aws:SourceAccount", "sourceaccount", There.SOME_SERVICES, derives="from a given aws:SourceArn"),
    _service("aws:SourceArn", "sourcearn", There.SOME_SERVICES, values=ValueType.ARN),
    _service(
        "aws:SourceOrgID",
        "sourceorgid",
        There.SOME_SERVICES,
        note="no page says whether CloudTrail passes it",
    ),
    _service(
        "aws:SourceOrgPaths",
        "sourceorgpaths",
        There.SOME_SERVICES,
        many=True,
        note="no page says whether CloudTrail passes it",
    ),
    _key(
        "aws:UserAgent",
        "useragent",
        set_by=SetBy.REQUEST,
        there=There.SAID,
        travels=Travels.UNVERIFIED,
        note="a header: the caller can send any value",
    ),
    _key(
        "aws:IsMcpServiceAction",
        "ismcpserviceaction",
        values=ValueType.BOOLEAN,
        set_by=SetBy.SERVICE,
        there=There.SOMETIMES,
        travels=Travels.NO,
        note="only where an MCP service authorizes an action of its own",
    ),
)
OLD = (
    ConditionKey(
        name="aws:SourceOwner",
        set_by=SetBy.SERVICE,
        there=There.SOME_SERVICES,
        travels=Travels.NO,
        note="an older key of SNS, taken over by aws:SourceAccount",
        page="https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html#source-account-versus-source-owner",
    ),
)
GLOBAL_KEYS = (*PRINCIPAL, *SESSION, *NETWORK, *RESOURCE, *REQUEST, *OLD)
