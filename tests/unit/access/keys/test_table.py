"""The table of condition keys, held against what AWS lists."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rows import each_row
from trailseal.access.actions import ACTIONS
from trailseal.access.keys.key import ConditionKey, There, Travels, ValueType
from trailseal.access.keys.presence import goes_with
from trailseal.access.keys.table import SECTIONS, all_keys, find

LISTED = {
    "aws": """
        AssumedRoot CalledVia CalledViaAWSMCP CalledViaFirst CalledViaLast ChatbotSourceArn CurrentTime
        Ec2InstanceSourcePrivateIPv4 Ec2InstanceSourceVpc EpochTime FederatedProvider IsMcpServiceAction
        MultiFactorAuthAge MultiFactorAuthPresent PrincipalAccount PrincipalArn PrincipalIsAWSService
        PrincipalOrgID PrincipalOrgPaths PrincipalServiceName PrincipalServiceNamesList PrincipalTag/*
        PrincipalType referer RequestedRegion RequestTag/* ResourceAccount ResourceOrgID ResourceOrgPaths
        ResourceTag/* SecureTransport SignInSessionArn SourceAccount SourceArn SourceIdentity SourceIp
        SourceOrgID SourceOrgPaths SourceVpc SourceVpcArn SourceVpce TagKeys TokenIssueTime UserAgent userid
        username ViaAWSMCPService ViaAWSService VpceAccount VpceOrgID VpceOrgPaths VpcSourceIp SourceOwner
        """,
    "kms": """
        BypassPolicyLockoutSafetyCheck CallerAccount CustomerMasterKeySpec CustomerMasterKeyUsage
        DataKeyPairSpec EncryptionAlgorithm EncryptionContext:* EncryptionContextKeys ExpirationModel
        GrantConstraintSourceArn GrantConstraintType GranteePrincipal GranteeServicePrincipal
        GrantIsForAWSResource GrantOperations KeyAgreementAlgorithm KeyOrigin KeySpec KeyUsage MacAlgorithm
        MessageType MultiRegion MultiRegionKeyType PolicyName PrimaryRegion RecipientAttestation:*
        ReEncryptOnSameKey ReplicaRegion RequestAlias ResourceAliases RetiringPrincipal
        RetiringServicePrincipal RotationPeriodInDays ScheduleKeyDeletionPendingWindowInDays
        SigningAlgorithm TrailingDaysWithoutKeyUsage ValidTo ViaService WrappingAlgorithm WrappingKeySpec
        """,
    "s3": """
        AccessGrantScope AccessGrantsInstanceArn AccessGrantsLocationScope AccessPointNetworkOrigin
        AccessPointTag/* annotation-prefix authType BucketTag/* DataAccessPointAccount DataAccessPointArn
        delimiter deliverySourceArn destinationRegion ExistingJobOperation ExistingJobPriority
        ExistingObjectTag/* if-match if-none-match InventoryAccessibleOptionalFields
        isReplicationPauseRequest JobSuspendedCause locationconstraint logType max-annotation-results
        max-keys object-lock-event-hold object-lock-event-hold-duration-days object-lock-legal-hold
        object-lock-mode object-lock-remaining-retention-days object-lock-retain-until-date
        ObjectCreationOperation prefix RequestJobOperation RequestJobPriority RequestObjectTag/*
        RequestObjectTagKeys ResourceAccount resourceArnBeingAuthorized signatureAge signatureversion
        TlsVersion versionid x-amz-acl x-amz-bucket-namespace x-amz-content-sha256 x-amz-copy-source
        x-amz-grant-full-control x-amz-grant-read x-amz-grant-read-acp x-amz-grant-write
        x-amz-grant-write-acp x-amz-metadata-directive x-amz-object-annotation-directive
        x-amz-object-if-match x-amz-object-ownership x-amz-server-side-encryption
        x-amz-server-side-encryption-aws-kms-key-id x-amz-server-side-encryption-customer-algorithm
        x-amz-storage-class x-amz-website-redirect-location
        """,
    "iam": """
        AccountPropertyNamespaces AssociatedResourceArn AWSServiceName DelegationDuration
        DelegationRequestOwner FIDO-certification FIDO-FIPS-140-2-certification
        FIDO-FIPS-140-3-certification NotificationChannel OrganizationsPolicyId PassedToService
        PermissionsBoundary PolicyARN RegisterSecurityKey ResourceTag/* RoleTemplateARN
        ServiceSpecificCredentialAgeDays ServiceSpecificCredentialServiceName TemplateArn
        """,
    "sts": """
        AWSServiceName DurationSeconds ExternalId IdentityTokenAudience RequestContext/*
        RequestContextProviders RoleAuthorizedByIdp RoleSessionName SigningAlgorithm SourceIdentity
        TaskPolicyArn TransitiveTagKeys
        """,
}
"""
By hand from AWS's pages of global keys (Sep 2026) and the service authorization reference (26 Sep 2026).

kms:PolicyName stands in the API model only; aws:SourceOwner is an older key of SNS.
"""
KEYS = st.sampled_from(all_keys())


@pytest.mark.parametrize("service", LISTED)
def test_every_key_that_aws_lists_is_in_the_table_and_no_other(service: str) -> None:
    listed = {f"{service}:{name}" for name in LISTED[service].split()}

    assert {key.written for key in all_keys() if key.service == service} == listed


def test_a_name_stands_in_the_table_once_in_whatever_case() -> None:
    lowered = [key.name.lower() for key in all_keys()]

    assert len(lowered) == len(set(lowered))


@each_row("key", all_keys(), ids=lambda key: key.name)
def test_a_row_names_a_page_of_aws_and_holds_the_right_kinds_of_value(key: ConditionKey) -> None:
    again = msgspec.convert(msgspec.to_builtins(key), ConditionKey)

    assert again == key
    assert key.page.startswith("https://docs.aws.amazon.com/")
    assert key.family == key.name.endswith(("/", ":"))
    assert key.sure in set("DMOIU")


@pytest.mark.sweep
@given(KEYS, st.data())
def test_a_key_is_found_in_any_case(key: ConditionKey, data: st.DataObject) -> None:
    name = key.name + (data.draw(st.text("aZ/:*-", min_size=1)) if key.family else "")
    written = "".join(data.draw(st.sampled_from([c.lower(), c.upper()])) for c in name)

    assert find(written) is key


@pytest.mark.parametrize("name", ["aws:PrincipalTag/", "kms:EncryptionContext:", "aws:Principal", "", "s3:*"])
def test_a_prefix_alone_or_a_name_that_aws_does_not_list_is_not_found(name: str) -> None:
    assert find(name) is None


@each_row("key", all_keys(), ids=lambda key: key.name)
def test_a_key_that_goes_with_some_actions_goes_with_one_that_exists(key: ConditionKey) -> None:
    known = {f"{service}:{name}" for service, names in ACTIONS.items() for name in names}

    assert any(goes_with(key, action) for action in known)


@pytest.mark.parametrize(
    ("key", "action", "goes"),
    [
        ("kms:EncryptionContext:aws:s3:arn", "kms:Decrypt", True),
        ("kms:EncryptionContext:aws:s3:arn", "kms:CreateGrant", True),
        ("kms:EncryptionContext:aws:s3:arn", "kms:DescribeKey", False),
        ("kms:EncryptionContext:aws:s3:arn", "s3:GetObject", False),
        ("kms:GrantOperations", "kms:createGrant", True),
        ("kms:GrantOperations", "kms:ListGrants", False),
        ("kms:ViaService", "kms:Decrypt", True),
        ("kms:ViaService", "kms:ListKeys", False),
        ("kms:CallerAccount", "kms:DescribeCustomKeyStores", True),
        ("kms:KeySpec", "kms:RetireGrant", False),
        ("s3:prefix", "s3:ListBucket", True),
        ("s3:prefix", "s3:GetObject", False),
        ("s3:versionid", "s3:GetObjectVersion", True),
        ("s3:versionid", "s3:GetObject", False),
        ("s3:TlsVersion", "s3:GetObject", True),
        ("iam:PassedToService", "iam:PassRole", True),
        ("sts:ExternalId", "sts:AssumeRoleWithSAML", False),
        ("aws:SourceIp", "anything:AtAll", True),
    ],
)
def test_a_key_goes_with_the_actions_that_aws_names(key: str, action: str, *, goes: bool) -> None:
    found = find(key)

    assert found is not None
    assert goes_with(found, action) is goes


def test_keys_with_several_values_are_the_ones_that_aws_calls_multivalued() -> None:
    many = {key.name for key in all_keys() if key.many and key.service in LISTED}

    assert many == {
        "aws:CalledVia",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceNamesList",
        "aws:ResourceOrgPaths",
        "aws:SourceOrgPaths",
        "aws:TagKeys",
        "aws:VpceOrgPaths",
        "iam:AccountPropertyNamespaces",
        "kms:EncryptionContextKeys",
        "kms:GrantOperations",
        "kms:ResourceAliases",
        "s3:InventoryAccessibleOptionalFields",
        "s3:RequestObjectTagKeys",
        "sts:IdentityTokenAudience",
        "sts:RequestContextProviders",
        "sts:TransitiveTagKeys",
    }


def test_the_network_keys_of_an_endpoint_stay_behind_when_s3_asks_kms() -> None:
    behind = {key.name for key in all_keys() if key.service == "aws" and key.travels is Travels.NO}

    assert behind >= {"aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp"}
    assert find("aws:SourceIp").travels is Travels.PUBLIC_ENDPOINT  # type: ignore[union-attr] # it is listed


def test_keys_of_one_service_never_travel_but_those_of_kms() -> None:
    own = [key for key in all_keys() if key.service in {"s3", "iam", "sts"}]

    assert {key.travels for key in own} == {Travels.NO}


def test_only_tags_of_a_role_can_be_replaced_by_a_session() -> None:
    assert [key.name for key in all_keys() if key.overridable] == ["aws:PrincipalTag/"]


def test_the_sections_hold_the_whole_table_in_its_order() -> None:
    assert [key for keys in SECTIONS.values() for key in keys] == list(all_keys())
    assert {key.there for key in all_keys()} == set(There)
    assert {key.values for key in all_keys()} == set(ValueType) - {ValueType.BINARY}
