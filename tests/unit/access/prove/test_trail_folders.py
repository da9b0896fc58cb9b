"""A proof looks at every object that a trail can write, and at no other."""

from __future__ import annotations

from itertools import product

import pytest
from msgspec.structs import replace

from estates.build import (
    BUCKET,
    KEY,
    LISTED,
    NOW,
    REGION,
    ROOT_B,
    A,
    B,
    C,
    Scene,
    in_organization,
    opens_bucket,
    opens_key,
)
from trailseal.access.readers.from_snapshot import target_of
from trailseal.access.readers.trail_folders import folders_of
from trailseal.model.log_file import StoredObject
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable
from trailseal.run.who_proof import prove_trail

ID = "o-abcdefghij"
OURS = Organization(organization_id=ID, management_account=A, accounts=(A, B))
THEIRS = in_organization(C)
REFUSED = Unreadable(call="organizations:DescribeOrganization", code="AccessDenied")
PREFIXES = ("", "logs", "a/AWSLogs", "x*y")
FOLDERS = (
    "CloudTrail",
    "CloudTrail-Digest",
    "CloudTrail-Insight",
    "CloudTrail-NetworkActivity",
    "CloudTrail-Aggregated",
)


def situation(
    prefix: str, organization: object, *, of_organization: bool, on: tuple[str, ...] = ("*",)
) -> tuple[Snapshot, Trail]:
    """B may decrypt, and fetch what is `on` in the bucket."""
    bucket = opens_bucket(ROOT_B, on=[f"arn:aws:s3:::{BUCKET}/{each}" for each in on])
    snapshot = Scene(key=(opens_key(ROOT_B),), bucket=(bucket,)).snapshot
    trail = replace(Scene().trail, s3_key_prefix=prefix, is_organization_trail=of_organization)
    return replace(snapshot, trails=(trail,), organization=organization), trail


def verdict(prefix: str, organization: object, *on: str, of_organization: bool) -> str:
    snapshot, trail = situation(prefix, organization, of_organization=of_organization, on=on)
    return prove_trail(snapshot, trail, LISTED).proof.verdict.value


def under(prefix: str, *parts: str) -> str:
    return "/".join([*([prefix] if prefix else []), "AWSLogs", *parts]).replace("*", "?")


def each_folder(prefix: str, *parts: str) -> list[str]:
    return [f"{under(prefix, *parts, folder)}/*" for folder in FOLDERS]


@pytest.mark.sweep
@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("organization", [NoOrganization(), OURS, THEIRS, REFUSED, None])
def test_a_trail_of_one_account_writes_in_its_own_folder(prefix: str, organization: object) -> None:
    def found(*on: str) -> str:
        return verdict(prefix, organization, *on, of_organization=False)

    assert [found(on) for on in each_folder(prefix, A)] == ["REFUTED"] * len(FOLDERS)
    assert found(*each_folder(prefix, B), *each_folder(prefix, ID, B)) == "PROVEN"


@pytest.mark.sweep
@pytest.mark.parametrize("prefix", PREFIXES)
def test_an_organization_trail_writes_for_every_account(prefix: str) -> None:
    def found(*on: str) -> str:
        return verdict(prefix, OURS, *on, of_organization=True)

    for account in (A, B, C):
        assert [found(on) for on in each_folder(prefix, ID, account)] == ["REFUTED"] * len(FOLDERS)
    assert [found(on) for on in each_folder(prefix, A)] == ["REFUTED"] * len(FOLDERS)
    assert found(*each_folder(prefix, B), *each_folder(prefix, "o-other12345", A)) == "PROVEN"


@pytest.mark.sweep
@pytest.mark.parametrize("organization", [NoOrganization(), THEIRS, REFUSED, None])
@pytest.mark.parametrize("parts", [(A,), (B,), (ID, A), (ID, B)])
def test_an_organization_that_is_not_known_may_be_any(organization: object, parts: tuple[str, ...]) -> None:
    on = f"{under('', *parts)}/CloudTrail/*"
    assert verdict("", organization, on, of_organization=True) == "REFUTED"


@pytest.mark.parametrize(
    "on", ["*", "AWSLogs/*", f"*/{REGION}/*", f"AWSLogs/*/CloudTrail/{REGION}/2026/*", "*.json.gz"]
)
@pytest.mark.parametrize("of_organization", [False, True])
def test_a_wide_resource_reaches_what_the_trail_writes(on: str, *, of_organization: bool) -> None:
    assert verdict("", OURS, on, of_organization=of_organization) == "REFUTED"


def stored(key: str, hour: int) -> Delivery:
    file = StoredObject(
        bucket=BUCKET,
        key=key,
        size=1,
        last_modified=NOW.replace(hour=hour),
        encryption="aws:kms",
        kms_key_id=KEY,
    )
    return Delivery(bucket=BUCKET, account=A, region=REGION, log_file=file)


@pytest.mark.parametrize(("prefix", "other"), [p for p in product(PREFIXES, repeat=2) if p[0] != p[1]])
@pytest.mark.parametrize("of_organization", [False, True])
def test_what_another_trail_delivered_is_not_this_trails(
    prefix: str, other: str, *, of_organization: bool
) -> None:
    snapshot, trail = situation(prefix, OURS, of_organization=of_organization)
    account = (ID, A) if of_organization else (A,)
    own, others = (
        "/".join([*([p] if p else []), "AWSLogs", *account, "CloudTrail", REGION, "2026/11/23/f.json.gz"])
        for p in (prefix, other)
    )
    given = replace(snapshot, deliveries=(stored(own, 1), stored(others, 2)))
    assert target_of(given, trail, kms_key=KEY).key == own
    alone = replace(snapshot, deliveries=(stored(others, 2),))
    assert target_of(alone, trail, kms_key=KEY).key.startswith(folders_of(given, trail))
