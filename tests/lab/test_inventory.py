"""What IAM, Organizations and the log files tell of principals and readers, read through the lab."""

from __future__ import annotations

import json

import pytest

from key_policies import ACCOUNT, policy
from trailseal.aws.activity import AwsActivity
from trailseal.aws.bucket_reader import OWNERSHIP, read_bucket
from trailseal.aws.collector import AwsCollector
from trailseal.aws.event_selection import read_event_selection
from trailseal.aws.inventory import read_inventory
from trailseal.aws.key_policy import AwsKeyPolicies
from trailseal.aws.session import AwsSession
from trailseal.aws.stored_object import AwsObjects
from trailseal.errors import TrailsealError
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.principal import Inventory, PrincipalKind
from trailseal.model.unreadable import Unreadable
from trailseal.run.ports import SnapshotScope

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = policy({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})


@pytest.fixture
def session(lab, monkeypatch):
    return _session(lab, monkeypatch)


def _session(lab, monkeypatch, principal=""):
    for name, value in lab.variables(principal).items():
        if value:
            monkeypatch.setenv(name, value)
        else:
            monkeypatch.delenv(name, raising=False)
    return AwsSession()


def inventory(session):
    return read_inventory(
        session.client("iam"), session.client("organizations"), account=ACCOUNT, organization=NoOrganization()
    )


def test_every_policy_of_a_principal_is_found(lab, session):
    iam = lab.client("iam")
    managed = iam.create_policy(PolicyName="m", PolicyDocument=policy(ALLOW))["Policy"]["Arn"]
    iam.create_user(UserName="bob", PermissionsBoundary=managed, Tags=[{"Key": "team", "Value": "audit"}])
    iam.put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=policy(ALLOW))
    iam.create_group(GroupName="g")
    iam.put_group_policy(GroupName="g", PolicyName="ours", PolicyDocument=policy(ALLOW))
    iam.attach_group_policy(GroupName="g", PolicyArn=managed)
    iam.add_user_to_group(GroupName="g", UserName="bob")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    found = inventory(session)
    assert isinstance(found, Inventory)
    by_arn = {p.arn.rpartition(":")[2]: p for p in found.principals}
    bob, role = by_arn["user/bob"], by_arn["role/r"]

    assert found.principals[0].kind is PrincipalKind.ROOT
    assert [p.name for p in bob.policies] == ["own"]
    assert set(bob.shared) == {f"arn:aws:iam::{ACCOUNT}:group/g/ours", managed}
    assert bob.boundary is not None
    assert json.loads(bob.boundary.document) == json.loads(policy(ALLOW))
    assert bob.tags == {"team": "audit"}
    assert bob.principal_id.startswith("AIDA")
    assert json.loads(role.trust) == json.loads(TRUST)
    assert {p.name for p in found.shared} >= set(bob.shared)


def test_who_may_not_look_gets_an_unreadable_and_no_guess(lab, monkeypatch):
    lab.client("iam").create_user(UserName="nobody")
    found = inventory(_session(lab, monkeypatch, "nobody"))

    assert isinstance(found, Unreadable)
    assert found.call == "iam:GetAccountAuthorizationDetails"


def test_a_key_policy_is_found_by_alias_and_its_absence_is_told(lab, session):
    kms = lab.client("kms")
    kms.create_alias(AliasName="alias/x", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    keys = AwsKeyPolicies(profile=None, region=None)

    assert "Statement" in json.loads(keys.key_policy("alias/x"))
    with pytest.raises(TrailsealError):
        keys.key_policy("alias/gone")


def test_an_object_is_looked_at_without_its_key(lab, session):
    s3 = lab.client("s3")
    s3.create_bucket(Bucket="b-logs", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    s3.put_object(Bucket="b-logs", Key="k", Body=b"x", ServerSideEncryption="aws:kms")
    objects = AwsObjects(session)
    found = objects.stored("b-logs", "k", region="ap-northeast-1")

    assert not isinstance(found, Unreadable)
    assert (found.encryption, found.size) == ("aws:kms", 1)
    assert isinstance(objects.stored("b-logs", "gone", region="ap-northeast-1"), Unreadable)


@pytest.fixture
def story(shared_lab, monkeypatch):
    lab = shared_lab("story")
    session = _session(lab, monkeypatch)
    return session, AwsCollector(session).collect(SnapshotScope(hub=False, principals=True))


def test_whether_objects_can_have_acls_is_read_only_when_it_is_asked_for(lab, session):
    s3 = lab.client("s3")
    s3.create_bucket(Bucket="b-logs", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    unasked = read_bucket(s3, "b-logs", owner=ACCOUNT)
    disabled = read_bucket(s3, "b-logs", owner=ACCOUNT, parts=frozenset({OWNERSHIP}))
    s3.put_bucket_ownership_controls(
        Bucket="b-logs", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    enabled = read_bucket(s3, "b-logs", owner=ACCOUNT, parts=frozenset({OWNERSHIP}))

    assert [b.has_acls for b in (unasked, disabled, enabled)] == [None, False, True]
    assert enabled.object_ownership == "ObjectWriter"


def test_present_readers_are_found_in_data_events(story):
    session, snapshot = story
    found = AwsActivity(session).activity(snapshot, snapshot.trails[0], days=3)
    names = {r.principal.rpartition("/")[2] for r in found.readers}

    assert found.sources == ("data events",)
    assert names >= {"siem-collector", "athena-analyst"}
    assert "alice" not in names
    assert found.unreadable == ()


def test_a_bound_on_files_is_told(story):
    session, snapshot = story
    found = AwsActivity(session, max_files=1).activity(snapshot, snapshot.trails[0], days=3)

    assert [(each.call, each.code) for each in found.unreadable] == [("s3:GetObject", "TooManyFiles")]
    assert found.sources == ("data events",)


def test_what_the_trail_records_is_read(story):
    session, snapshot = story
    found = read_event_selection(session.client("cloudtrail"), snapshot.trails[0].arn)

    assert not isinstance(found, Unreadable)
    assert found.data_resources == ("AWS::S3::Object",)
    assert found.read_management
    assert isinstance(read_event_selection(session.client("cloudtrail"), "nope"), Unreadable)


class Selectors:
    """A hand-written CloudTrail that answers with advanced selectors."""

    def __init__(self, *selectors):
        self._selectors = [{"FieldSelectors": fields} for fields in selectors]

    def get_event_selectors(self, TrailName):  # noqa: N803 - AWS's own name
        return {"AdvancedEventSelectors": self._selectors}


def test_advanced_selectors_are_understood():
    management = [
        {"Field": "eventCategory", "Equals": ["Management"]},
        {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
    ]
    data = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
    ]
    writes = [*data, {"Field": "readOnly", "Equals": ["false"]}]
    found = read_event_selection(Selectors(management, data), "t")

    assert not isinstance(found, Unreadable)
    assert (found.data_resources, found.excludes_kms, found.read_management) == (
        ("AWS::S3::Object",),
        True,
        True,
    )
    assert read_event_selection(Selectors(writes), "t").data_resources == ()


def test_the_organizations_guardrails_are_read_from_the_root_down(lab, session):
    organizations = lab.client("organizations")
    made = organizations.create_organization(FeatureSet="ALL")["Organization"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="logs")["OrganizationalUnit"]["Id"]
    member = organizations.create_account(Email="a@example.com", AccountName="a")["CreateAccountStatus"][
        "AccountId"
    ]
    organizations.move_account(AccountId=member, SourceParentId=root, DestinationParentId=unit)
    scp = organizations.create_policy(
        Name="only-s3", Description="x", Type="SERVICE_CONTROL_POLICY", Content=policy(ALLOW)
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=scp, TargetId=unit)
    organization = Organization(organization_id=made["Id"], management_account=ACCOUNT)
    found = read_inventory(
        session.client("iam"), session.client("organizations"), account=member, organization=organization
    )

    assert isinstance(found, Inventory)
    levels = [[p.name for p in level] for level in found.service_control_policies]
    assert len(levels) == 3
    assert "only-s3" in levels[1]
    assert found.guardrails is None


def test_the_management_account_is_under_no_guardrail(session):
    organization = Organization(organization_id="o-x", management_account=ACCOUNT)
    found = read_inventory(
        session.client("iam"), session.client("organizations"), account=ACCOUNT, organization=organization
    )

    assert isinstance(found, Inventory)
    assert found.service_control_policies == ()


def test_an_organization_that_could_not_be_read_is_told(session):
    refused = Unreadable(call="organizations:DescribeOrganization", code="AccessDeniedException")
    found = read_inventory(
        session.client("iam"), session.client("organizations"), account=ACCOUNT, organization=refused
    )
    member = read_inventory(
        session.client("iam"),
        session.client("organizations"),
        account="999999999999",
        organization=Organization(organization_id="o-x", management_account=ACCOUNT),
    )

    assert isinstance(found, Inventory)
    assert found.guardrails == refused
    assert isinstance(member, Inventory)
    assert member.guardrails is not None
