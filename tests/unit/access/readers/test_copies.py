"""Every copy of a trail's events: its own encryption, its own readers, and never "nobody" for not known."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from key_policies import ACCOUNT, TRAIL, policy, statement
from story_account import (
    ADMIN,
    ALICE,
    BUCKET,
    EVERYTHING,
    KEY,
    OTHER,
    REGION,
    ROOT,
    USER1,
    account,
    document,
    people,
    person,
)
from trailseal.access.readers.copies import copies_of
from trailseal.access.readers.event_copy import Copy, CopyKind, TrailCopies
from trailseal.access.readers.sureness import Sureness
from trailseal.model.bucket import Bucket, Replication, ReplicationRule, UnreadBucket
from trailseal.model.copies import NO_LOG_GROUP, AccessPoint, Copies, EventDataStore, LogGroup
from trailseal.model.key import KeyPolicies, KeyState, KmsKey, UnreadKey
from trailseal.model.organization import Organization
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import NOT_ASKED, Unreadable
from trailseal.run.who import Supposing, situation

GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:*"
STORE = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:eventdatastore/1"
POINT = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/point"
THEIRS = "210987654321"
COPY_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/copy"


def refused(call: str, where: str, code: str = "AccessDenied") -> Unreadable:
    return Unreadable(call=call, code=code, where=where)


def allow(action: object, resource: object, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def seen(*, principals: tuple[Any, ...] = (), bucket: dict[str, Any] | None = None, **found: Any) -> Snapshot:
    """The story's account with these copies, these people beside its own, and a log group on its trail."""
    base = account(principals=(*people(), *principals))
    (trail,) = base.trails
    (own,) = base.buckets
    return structs.replace(
        base,
        trails=(structs.replace(trail, cloud_watch_logs_log_group_arn=GROUP),),
        buckets=(structs.replace(own, **(bucket or {})),),
        copies=Copies(regions=(REGION,), **found),
    )


def told(snapshot: Snapshot) -> TrailCopies:
    trail = snapshot.trails[0]
    found = copies_of(snapshot, trail, *situation(snapshot, trail, Supposing()))
    assert found is not None
    return found


def only(snapshot: Snapshot, kind: CopyKind) -> Copy:
    (found,) = (copy for copy in told(snapshot).copies if copy.kind is kind)
    return found


def names(copy: Copy, *, sure: bool = True) -> list[str]:
    return [reader.principal for reader in copy.readers if reader.is_sure is sure]


def ways(copy: Copy, principal: str) -> dict[str, Sureness]:
    (reader,) = (each for each in copy.readers if each.principal == principal)
    return {way.action: way.sureness for way in reader.ways}


def test_copies_that_nobody_looked_for_are_none_and_not_empty() -> None:
    snapshot = account()

    assert (
        copies_of(snapshot, snapshot.trails[0], *situation(snapshot, snapshot.trails[0], Supposing())) is None
    )


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([allow("logs:GetLogEvents", "*")], {"logs:GetLogEvents": Sureness.OPEN}, id="events"),
        pytest.param(
            [allow("logs:FilterLogEvents", GROUP)], {"logs:FilterLogEvents": Sureness.OPEN}, id="group"
        ),
        pytest.param(
            [allow("logs:StartQuery", GROUP.removesuffix(":*"))],
            {"logs:StartQuery": Sureness.UNKNOWN},
            id="group without its end",
        ),
        pytest.param(
            [allow("logs:StartLiveTail", "*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})],
            {"logs:StartLiveTail": Sureness.UNKNOWN},
            id="a condition",
        ),
        pytest.param(
            [allow("logs:CreateExportTask", "*")], {"logs:CreateExportTask": Sureness.OPEN}, id="export"
        ),
        pytest.param(
            [allow("logs:*", "*"), {**allow("logs:*", GROUP), "Effect": "Deny"}],
            None,
            id="denied",
        ),
        pytest.param([allow("logs:*", "*:log-group:other:*")], None, id="another group"),
    ],
)
def test_a_log_group_is_read_by_whom_iam_lets_and_no_key_is_asked(
    statements: list[Any], expected: Any
) -> None:
    group = LogGroup(arn=GROUP, kms_key_id=COPY_KEY)
    found = only(
        seen(log_groups=(group,), principals=(person("ana", document(*statements)),)), CopyKind.LOG_GROUP
    )

    assert names(found)[:2] == [ROOT, ADMIN]
    ana = f"arn:aws:iam::{ACCOUNT}:user/ana"
    assert (ways(found, ana) if expected else None) == expected
    assert expected or ana not in names(found) + names(found, sure=False)
    assert COPY_KEY in str(found.encryption)


def test_a_log_group_tells_where_it_is_sent_on_or_that_this_was_refused() -> None:
    target = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:ship"
    shut = refused("logs:DescribeSubscriptionFilters", GROUP)

    sent = only(seen(log_groups=(LogGroup(arn=GROUP, destinations=(target,)),)), CopyKind.LOG_GROUP)
    unread = told(seen(log_groups=(LogGroup(arn=GROUP, destinations=shut),)))

    assert sent.goes_on_to == (target,)
    assert str(sent.encryption) == "no key of yours"
    assert unread.unread == (shut,)


def test_a_log_group_that_is_not_there_is_no_refusal() -> None:
    found = told(seen(log_groups=(refused("logs:DescribeLogGroups", GROUP, NO_LOG_GROUP),)))
    (copy,) = (each for each in found.copies if each.kind is CopyKind.LOG_GROUP)

    assert copy.looked_at
    assert (copy.readers, found.unread) == ((), ())
    assert "no such log group" in str(copy.encryption)


LOOKS = (
    (CopyKind.LOG_GROUP, {"log_groups": (refused("logs:DescribeLogGroups", GROUP),)}),
    (
        CopyKind.EVENT_DATA_STORE,
        {"event_data_stores": (refused("cloudtrail:ListEventDataStores", REGION),)},
    ),
    (CopyKind.ACCESS_POINT, {"access_points": (refused("s3:ListAccessPoints", BUCKET),)}),
    (CopyKind.REPLICA, {"bucket": {"replication": refused("s3:GetReplicationConfiguration", BUCKET)}}),
)


@pytest.mark.parametrize(("kind", "given"), LOOKS, ids=[kind for kind, _ in LOOKS])
def test_what_was_refused_is_not_looked_at_and_names_the_permission(kind: CopyKind, given: Any) -> None:
    found = told(seen(**given))
    (copy,) = (each for each in found.copies if each.kind is kind)

    assert not copy.looked_at
    assert found.unread == copy.unread
    assert copy.unread[0].code == "AccessDenied"


def test_other_trails_log_groups_buckets_and_stores_of_other_things_are_left_out() -> None:
    other = GROUP.replace("trail", "other")
    found = told(
        seen(
            log_groups=(LogGroup(arn=other), refused("logs:DescribeLogGroups", other + "2")),
            event_data_stores=(EventDataStore(arn=STORE, name="items", categories=("ConfigurationItem",)),),
            access_points=(AccessPoint(arn=POINT, bucket="else"), refused("s3:ListAccessPoints", "else")),
        )
    )

    assert [copy.kind for copy in found.copies] == [CopyKind.EVENT_HISTORY]


def test_the_event_history_is_open_to_whoever_may_look_up_events_with_no_key_and_no_bucket() -> None:
    looker = person("looker", document(allow("cloudtrail:LookupEvents", "*")))
    found = only(seen(principals=(looker,)), CopyKind.EVENT_HISTORY)

    assert names(found) == [ROOT, ADMIN, looker.arn]
    assert found.kms_key == ""


def test_an_organizations_trail_has_a_history_in_each_member_that_was_read() -> None:
    snapshot = seen()
    theirs = Inventory(account=THEIRS, principals=(structs.replace(person("x", EVERYTHING), arn=OTHER),))
    organization = Organization(organization_id="o-1", management_account=ACCOUNT, accounts=(ACCOUNT, THEIRS))
    snapshot = structs.replace(
        snapshot,
        trails=(structs.replace(snapshot.trails[0], is_organization_trail=True),),
        organization=organization,
        inventories=(*snapshot.inventories, theirs),
    )
    histories = [copy for copy in told(snapshot).copies if copy.kind is CopyKind.EVENT_HISTORY]

    assert [(copy.name, names(copy)) for copy in histories] == [(ACCOUNT, [ROOT, ADMIN]), (THEIRS, [OTHER])]
    assert len(histories[0].remarks) == 2


@pytest.mark.parametrize(
    "inventories",
    [
        (),
        (refused("iam:GetAccountAuthorizationDetails", "444444444444"),),
        (refused("iam:GetAccountAuthorizationDetails", ACCOUNT),),
    ],
    ids=["not asked", "of another account", "refused"],
)
def test_without_principals_a_copy_has_no_readers_and_says_that_they_are_not_known(inventories: Any) -> None:
    found = only(structs.replace(seen(), inventories=inventories), CopyKind.EVENT_HISTORY)

    assert not found.readers
    assert [each.call for each in found.unread] == ["iam:GetAccountAuthorizationDetails"]


def test_what_an_unread_policy_of_the_organization_may_deny_is_no_more_than_possible() -> None:
    snapshot = seen()
    (inventory,) = snapshot.inventories
    assert isinstance(inventory, Inventory)
    shut = structs.replace(inventory, guardrails=refused("organizations:ListPoliciesForTarget", ACCOUNT))
    found = only(structs.replace(snapshot, inventories=(shut,)), CopyKind.EVENT_HISTORY)

    assert names(found) == []
    assert names(found, sure=False) == [ROOT, ADMIN]


QUERYING = document(allow(["cloudtrail:StartQuery", "cloudtrail:GetQueryResults"], "*"))


def lake_key(*, of_root: bool, **changed: Any) -> KmsKey:
    root = statement("Root", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Action="kms:*")
    named = statement("Alice", Principal={"AWS": ALICE})
    given = {"policies": KeyPolicies(default=policy(root if of_root else named)), **changed}
    return KmsKey(arn=COPY_KEY, state=KeyState.ENABLED, **given)


def test_an_event_data_store_takes_the_queries_permission_and_its_keys() -> None:
    ana = person("ana", QUERYING)
    store = EventDataStore(arn=STORE, name="lake", categories=("Management",), is_federated=True)
    sealed = structs.replace(store, kms_key_id=COPY_KEY)

    plain = only(seen(event_data_stores=(store,), principals=(ana,)), CopyKind.EVENT_DATA_STORE)
    by_key = only(
        seen(event_data_stores=(sealed,), principals=(ana,), keys=(lake_key(of_root=True),)),
        CopyKind.EVENT_DATA_STORE,
    )

    assert names(plain) == [ROOT, ADMIN, ana.arn]
    assert names(by_key) == [ROOT, ADMIN]
    assert (plain.kms_key, by_key.kms_key) == ("", COPY_KEY)
    assert len(plain.remarks) == 1


@pytest.mark.parametrize("status", ["ENABLED", "STOPPED_INGESTION", "PENDING_DELETION"])
def test_a_store_that_is_pending_deletion_is_read_only_where_somebody_restores_it(status: str) -> None:
    store = EventDataStore(arn=STORE, name="lake", status=status)
    found = only(seen(event_data_stores=(store,)), CopyKind.EVENT_DATA_STORE)
    pending = status == "PENDING_DELETION"

    assert names(found, sure=not pending) == [ROOT, ADMIN]
    assert [r for r in found.remarks if "pending deletion" in str(r)] == [*found.remarks]
    assert bool(found.remarks) is pending


def test_an_unread_policy_of_a_store_takes_back_no_deny_of_iam_and_may_let_in_whom_iam_does_not() -> None:
    shut = {**allow("cloudtrail:*", "*"), "Effect": "Deny"}
    bob, eve = person("bob"), person("eve", document(allow("cloudtrail:*", "*"), shut))
    store = EventDataStore(arn=STORE, name="lake", policy=refused("cloudtrail:GetResourcePolicy", STORE))
    found = only(seen(event_data_stores=(store,), principals=(bob, eve)), CopyKind.EVENT_DATA_STORE)

    assert names(found) == []
    assert bob.arn in names(found, sure=False)
    assert eve.arn not in names(found, sure=False)


def test_a_stores_own_policy_opens_it_to_another_account_as_far_as_that_one_lets() -> None:
    own = policy(
        {
            **allow("cloudtrail:StartQuery", STORE),
            "Principal": {"AWS": [f"arn:aws:iam::{THEIRS}:root", "arn:aws:iam::333333333333:role/analyst"]},
        },
        {**allow("cloudtrail:StartQuery", STORE), "Principal": {"Service": "cloudtrail.amazonaws.com"}},
    )
    store = EventDataStore(arn=STORE, name="lake", policy=own)
    found = only(seen(event_data_stores=(store,)), CopyKind.EVENT_DATA_STORE)

    assert names(found) == [ROOT, ADMIN]
    assert names(found, sure=False) == [
        f"arn:aws:iam::{THEIRS}:root",
        "arn:aws:iam::333333333333:role/analyst",
    ]


@pytest.mark.parametrize(
    ("store", "keys"),
    [
        pytest.param({"policy": refused("cloudtrail:GetResourcePolicy", STORE)}, (), id="its policy"),
        pytest.param(
            {"kms_key_id": COPY_KEY},
            (UnreadKey(arn=COPY_KEY, reason=refused("kms:DescribeKey", COPY_KEY)),),
            id="its key",
        ),
        pytest.param({"kms_key_id": COPY_KEY}, (), id="a key that nobody read"),
    ],
)
def test_a_store_of_which_something_was_refused_has_no_sure_reader(store: Any, keys: Any) -> None:
    given = EventDataStore(arn=STORE, name="lake", **store)
    found = only(seen(event_data_stores=(given,), keys=keys), CopyKind.EVENT_DATA_STORE)

    assert names(found) == []
    assert {ROOT, ADMIN} <= {*names(found, sure=False)}
    assert len(found.unread) == 1


def rule(**changed: Any) -> ReplicationRule:
    given: dict[str, Any] = {
        "rule_id": "r",
        "enabled": True,
        "destination": "arn:aws:s3:::replica",
        "replicates_sse_kms": True,
        "replica_kms_key_id": COPY_KEY,
    }
    return ReplicationRule(**{**given, **changed})


def replicated(*rules: ReplicationRule) -> dict[str, Any]:
    return {"replication": Replication(role="", rules=rules)}


REPLICA = Bucket(
    name="replica",
    region="us-east-1",
    account=ACCOUNT,
    policy=policy({**allow("s3:GetObject", "arn:aws:s3:::replica/*"), "Principal": {"AWS": [ALICE, USER1]}}),
)


def test_a_replica_is_read_by_its_own_buckets_and_its_own_keys_readers() -> None:
    found = only(
        seen(bucket=replicated(rule()), replicas=(REPLICA,), keys=(lake_key(of_root=False),)),
        CopyKind.REPLICA,
    )

    assert names(found) == [ALICE]
    assert (found.name, found.kms_key) == ("replica", COPY_KEY)
    assert found.unread == ()


def test_a_replica_that_only_one_encryption_context_opens_may_be_read() -> None:
    pinned = statement(
        "Alice",
        Principal={"AWS": ALICE},
        Condition={"StringEquals": {"kms:EncryptionContext:aws:cloudtrail:arn": TRAIL}},
    )
    key = lake_key(of_root=False, policies=KeyPolicies(default=policy(pinned)))
    found = only(seen(bucket=replicated(rule()), replicas=(REPLICA,), keys=(key,)), CopyKind.REPLICA)

    assert names(found, sure=False) == [ALICE]


def test_a_rule_that_leaves_sse_kms_out_says_that_the_sealed_files_do_not_go_there() -> None:
    left = rule(destination="replica", replicates_sse_kms=False, replica_kms_key_id="")
    found = only(seen(bucket=replicated(left), replicas=(REPLICA,)), CopyKind.REPLICA)

    assert found.kms_key == ""
    assert names(found) == [ROOT, ALICE, USER1, ADMIN]
    assert len(found.remarks) == 1


@pytest.mark.parametrize(
    "rules",
    [(rule(enabled=False),), (rule(prefix="other/"),), ()],
    ids=["off", "another folder", "none"],
)
def test_a_rule_that_takes_nothing_of_the_trail_is_no_replica(rules: tuple[ReplicationRule, ...]) -> None:
    kinds = {copy.kind for copy in told(seen(bucket=replicated(*rules))).copies}

    assert CopyKind.REPLICA not in kinds


def test_several_rules_for_one_bucket_are_one_replica_and_the_one_with_a_key_counts() -> None:
    without = rule(replicates_sse_kms=False, prefix="AWSLogs/")
    given = seen(
        bucket=replicated(rule(), without, rule()), replicas=(REPLICA,), keys=(lake_key(of_root=False),)
    )

    assert only(given, CopyKind.REPLICA).kms_key == COPY_KEY


@pytest.mark.parametrize(
    ("replicas", "key", "call"),
    [
        pytest.param(
            (UnreadBucket(name="replica", reason=refused("s3:ListBucket", "replica")),),
            COPY_KEY,
            "s3:ListBucket",
            id="a bucket that is gone",
        ),
        pytest.param(
            (structs.replace(REPLICA, policy=refused("s3:GetBucketPolicy", "replica")),),
            COPY_KEY,
            "s3:GetBucketPolicy",
            id="a policy that was refused",
        ),
        pytest.param((), COPY_KEY, "s3:GetBucketPolicy", id="a bucket that nobody looked at"),
        pytest.param((REPLICA,), "alias/replica", "kms:GetKeyPolicy", id="a key by its alias"),
        pytest.param((REPLICA,), "", "kms:GetKeyPolicy", id="a key that is not named"),
        pytest.param((REPLICA,), COPY_KEY, "kms:GetKeyPolicy", id="a key that nobody read"),
    ],
)
def test_a_replica_of_which_something_is_missing_has_no_sure_reader(
    replicas: Any, key: str, call: str
) -> None:
    found = only(seen(bucket=replicated(rule(replica_kms_key_id=key)), replicas=replicas), CopyKind.REPLICA)

    assert names(found) == []
    assert [each.call for each in found.unread] == [call]


def test_the_replicas_of_a_bucket_that_is_not_there_are_not_looked_at() -> None:
    gone = UnreadBucket(name=BUCKET, reason=refused("s3:ListBucket", BUCKET, "NoSuchBucket"))
    found = only(structs.replace(seen(), buckets=(gone,)), CopyKind.REPLICA)

    assert not found.looked_at
    assert [each.code for each in found.unread] == ["NoSuchBucket"]


POINT_POLICY = policy(
    {
        **allow("s3:GetObject", f"{POINT}/object/*"),
        "Principal": {"AWS": [ALICE, f"arn:aws:iam::{THEIRS}:root"]},
    }
)
DELEGATES = policy(
    {
        **allow("*", [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]),
        "Principal": {"AWS": "*"},
        "Condition": {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}},
    }
)


@pytest.mark.parametrize(
    ("own", "behind", "sure", "possible"),
    [
        pytest.param(POINT_POLICY, "", [ROOT, ALICE, ADMIN], [], id="as far as the bucket lets"),
        pytest.param(
            POINT_POLICY, DELEGATES, [ROOT, ALICE, ADMIN], [], id="the bucket leaves it to the point"
        ),
        pytest.param("", "", [ROOT, ADMIN], [], id="without a policy"),
        pytest.param(
            refused("s3:GetAccessPointPolicy", POINT), "", [], [ROOT, ALICE, USER1, ADMIN], id="unread"
        ),
    ],
)
def test_an_access_point_lets_in_whom_it_the_bucket_and_the_key_let_in(
    own: Any, behind: str, sure: list[str], possible: list[str]
) -> None:
    point = AccessPoint(arn=POINT, bucket=BUCKET, network_origin="Internet", policy=own)
    found = only(seen(access_points=(point,), bucket={"policy": behind}), CopyKind.ACCESS_POINT)

    assert names(found) == sure
    assert {*possible} <= {*names(found, sure=False)}
    assert found.kms_key == KEY
    assert len(found.remarks) == 1


def test_whom_only_a_vpc_leads_to_an_access_point_may_be_able_to_read_through_it() -> None:
    point = AccessPoint(arn=POINT, bucket=BUCKET, network_origin="VPC", policy=POINT_POLICY)
    found = only(seen(access_points=(point,)), CopyKind.ACCESS_POINT)

    assert names(found) == []
    assert names(found, sure=False) == [ROOT, ALICE, ADMIN]


@pytest.mark.parametrize(("behind", "possible"), [("", False), (DELEGATES, True)], ids=["not", "delegating"])
def test_whom_a_point_alone_names_it_lets_in_only_where_the_bucket_leaves_it_to_points(
    behind: str, *, possible: bool
) -> None:
    guest = person("guest")
    own = policy({**allow("s3:GetObject", f"{POINT}/object/*"), "Principal": {"AWS": guest.arn}})
    point = AccessPoint(arn=POINT, bucket=BUCKET, policy=own)
    given = seen(access_points=(point,), principals=(guest,), bucket={"policy": behind})
    found = only(given, CopyKind.ACCESS_POINT)

    assert (guest.arn in names(found, sure=False)) is possible
    assert guest.arn not in names(found)


def test_an_access_point_of_an_open_trail_asks_no_key() -> None:
    base = seen(access_points=(AccessPoint(arn=POINT, bucket=BUCKET),))
    open_trail = structs.replace(base, trails=(structs.replace(base.trails[0], kms_key_id=""),))
    found = only(open_trail, CopyKind.ACCESS_POINT)

    assert names(found) == [ROOT, ADMIN]
    assert found.remarks == ()


def test_one_principal_is_told_alone() -> None:
    found = told(seen(log_groups=(LogGroup(arn=GROUP),))).of(ADMIN)

    assert [names(copy) for copy in found.copies] == [[ADMIN], [ADMIN]]


def test_a_copy_that_nobody_asked_about_is_missing_and_no_refusal() -> None:
    found = told(seen(log_groups=(refused("logs:DescribeLogGroups", GROUP, NOT_ASKED),)))

    assert found.unread == ()
    assert not found.copies[0].looked_at


def test_what_is_not_looked_for_is_said_with_the_regions_that_were() -> None:
    assert REGION in str(told(seen()).not_looked_at[0])
