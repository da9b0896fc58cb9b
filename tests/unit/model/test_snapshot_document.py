from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec import structs

from plan_estate import ACCOUNT, OTHER, TRAIL, key, snapshot, trail
from trailseal.errors import UsageProblem
from trailseal.model.document import encode
from trailseal.model.key import KeyPolicies, KeyState, KmsKey, Tags, UnreadKey
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.principal import Inventory, Principal, PrincipalKind
from trailseal.model.reading import Kind, decode
from trailseal.model.snapshot import Snapshot, misnamed
from trailseal.model.trail import UnreadTrail
from trailseal.model.unreadable import Unreadable
from trailseal.run.documents import snapshot_in

REFUSED = Unreadable(call="kms:GetKeyPolicy", code="AccessDenied")
ARN = "arn:aws:kms:ap-northeast-1:123456789012:key/1"


def inventory(arn):
    return Inventory(account=ACCOUNT, principals=(Principal(arn=arn, kind=PrincipalKind.USER),))


def test_a_snapshot_comes_back_as_it_was_written():
    keys = (
        KmsKey(
            arn=ARN, state=KeyState.ENABLED, policies=KeyPolicies(default="{}"), tags=Tags(values={"a": "b"})
        ),
        KmsKey(arn=ARN, state=KeyState.DISABLED, policies=REFUSED, tags=REFUSED),
    )
    snapshot = Snapshot(
        taken_at=datetime(2026, 1, 1, tzinfo=UTC),
        account="123456789012",
        caller_arn="arn:aws:iam::123456789012:root",
        partition="aws",
        region="ap-northeast-1",
        keys=keys,
    )

    assert decode(encode(snapshot), Snapshot, kind=Kind.SNAPSHOT, name="x") == snapshot


MISNAMED = {
    "$.caller_arn": {"caller_arn": "root"},
    "$.trails[1].arn": {"trails": (trail(), trail(arn="management-events"))},
    "$.trails[0].arn": {"trails": (UnreadTrail(arn="x", name="x", home_region="r", reason=REFUSED),)},
    "$.trails[0].kms_key_id": {"trails": (trail(kms_key_id="alias/x"),)},
    "$.keys[0].arn": {"keys": (structs.replace(key(), arn="1234"),)},
    "$.inventories[1].principals[0].arn": {"inventories": (REFUSED, inventory("arn:aws:iam::1:user/x"))},
    "$.inventories[0].principals[0].arn": {"inventories": (inventory("x"),)},
}


@pytest.mark.parametrize(("place", "changed"), MISNAMED.items(), ids=MISNAMED)
def test_a_name_that_aws_would_not_give_is_found(place, changed):
    assert misnamed(snapshot(**changed)) == place


def test_what_was_read_is_named_as_aws_names_it():
    unread = UnreadKey(arn="alias/x", reason=REFUSED)
    sealed = trail(kms_key_id=ARN)
    people = inventory(f"arn:aws:iam::{ACCOUNT}:user/x")
    hidden = UnreadTrail(arn=TRAIL, name="t", home_region="r", reason=REFUSED)
    given = {"trails": (trail(), sealed, hidden), "keys": (key(), unread), "inventories": (REFUSED, people)}

    assert misnamed(snapshot(**given)) == ""


def test_a_misnamed_snapshot_is_told_in_one_line(tmp_path):
    file = tmp_path / "snapshot.json"
    file.write_bytes(encode(snapshot(trails=(trail(kms_key_id="alias/x"),))))

    with pytest.raises(UsageProblem, match=r"look at `\$\.trails\[0\]\.kms_key_id`"):
        snapshot_in(file)


def ours(manager, *deputies):
    return Organization(
        organization_id="o-abc1234567", management_account=manager, cloudtrail_administrators=deputies
    )


@pytest.mark.parametrize(
    ("owner", "organization", "may"),
    [
        (ACCOUNT, None, True),
        (OTHER, None, False),
        (OTHER, REFUSED, False),
        (OTHER, NoOrganization(), False),
        (OTHER, ours(OTHER), False),
        (OTHER, ours(OTHER, ACCOUNT), True),
        (OTHER, ours("111111111111", ACCOUNT), False),
        (OTHER, ours(OTHER, "111111111111"), False),
    ],
)
def test_another_account_s_trails_are_changed_by_a_delegated_administrator_alone(owner, organization, may):
    assert snapshot(organization=organization).may_change_trails_of(owner) is may


UNTOLD = structs.replace(ours(OTHER), cloudtrail_administrators=REFUSED)


@pytest.mark.parametrize(
    ("owner", "organization", "why"),
    [
        (ACCOUNT, REFUSED, None),
        (ACCOUNT, UNTOLD, None),
        (OTHER, REFUSED, REFUSED),
        (OTHER, UNTOLD, REFUSED),
        ("111111111111", UNTOLD, None),
        (OTHER, ours(OTHER), None),
        (OTHER, NoOrganization(), None),
        (OTHER, None, None),
    ],
)
def test_whether_another_account_s_trails_are_changed_is_not_known_where_nobody_tells(
    owner, organization, why
):
    seen = snapshot(organization=organization)

    assert seen.untold_whether_it_changes_trails_of(owner) == why
    assert not (why and seen.may_change_trails_of(owner))
