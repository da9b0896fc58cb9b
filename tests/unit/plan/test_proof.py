"""What delivered objects prove, before a switch and after it."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from plan_estate import ACCOUNT, DENIED, HOME, KEY, NOW, TRAIL, log_file, other_trail, snapshot, trail
from trailseal.model.log_file import Delivered, StoredObject
from trailseal.model.unreadable import Unreadable
from trailseal.plan.places import shared_with
from trailseal.plan.proof import DeliveryProof, GroupMeaning, Place, SwitchSource, TrailDeliveryProof, prove

AT = (NOW, SwitchSource.JOURNAL)


def at(minutes: float, kms: str = "") -> StoredObject:
    return log_file(NOW + timedelta(minutes=minutes), kms=kms)


def place(*objects: StoredObject, kind: Delivered = Delivered.LOG_FILE) -> Place:
    return Place(account=ACCOUNT, region=HOME, kind=kind, objects=objects)


def of(*objects: StoredObject, key: str = KEY, **more: object) -> TrailDeliveryProof:
    return prove(TRAIL, key, [place(*objects)], **{"switch": AT, **more})


def findings(proof: TrailDeliveryProof) -> list[GroupMeaning]:
    return [row.finding for row in proof.rows]


def whole(proof: TrailDeliveryProof) -> DeliveryProof:
    return DeliveryProof(taken_at=NOW, account=ACCOUNT, since=NOW, trails=(proof,))


def test_before_under_sse_s3_and_after_under_the_key_is_proven() -> None:
    proof = of(at(5, KEY), at(-5))

    assert findings(proof) == [GroupMeaning.UNDER_KEY, GroupMeaning.BEFORE]
    assert proof.is_proven
    assert whole(proof).exit_code == 0


def test_one_object_after_the_switch_that_is_not_under_the_key_refutes_it() -> None:
    proof = of(at(10), at(5, KEY))

    assert findings(proof)[0] is GroupMeaning.NOT_UNDER_KEY
    assert whole(proof).exit_code == 3


def test_another_key_refutes_it_too() -> None:
    assert of(at(10, KEY + "0"), at(5, KEY)).is_refuted


def test_what_arrives_before_the_first_under_the_key_was_under_way() -> None:
    assert findings(of(at(5, KEY), at(1))) == [GroupMeaning.UNDER_KEY, GroupMeaning.IN_FLIGHT]


def test_being_under_way_ends_after_a_quarter_of_an_hour() -> None:
    assert of(at(30, KEY), at(20)).is_refuted


def test_without_any_object_under_the_key_nothing_was_merely_under_way() -> None:
    assert of(at(1)).is_refuted


def test_the_second_of_the_switch_counts_as_after_only_under_the_key() -> None:
    assert findings(of(at(0, KEY))) == [GroupMeaning.UNDER_KEY]
    assert findings(of(at(0))) == [GroupMeaning.BEFORE]


def test_nothing_delivered_since_is_not_known_and_not_a_pass() -> None:
    proof = of(at(-5))

    assert (proof.is_proven, proof.is_refuted, whole(proof).exit_code) == (False, False, 4)


def test_what_cannot_be_read_is_not_a_pass() -> None:
    hidden = Place(account=ACCOUNT, region="us-east-1", kind=Delivered.LOG_FILE, objects=DENIED)

    proof = prove(TRAIL, KEY, [place(at(5, KEY)), hidden], switch=AT)

    assert proof.unreadable == (DENIED,)
    assert whole(proof).exit_code == 4


def test_a_trail_without_a_key_proves_nothing() -> None:
    proof = of(at(-5), key="", switch=None)

    assert (proof.source, proof.is_refuted, whole(proof).exit_code) == (SwitchSource.NONE, True, 3)


def test_the_earliest_object_under_the_key_stands_for_an_unknown_switch() -> None:
    proof = of(at(9, KEY), at(4, KEY), at(1), switch=None)

    assert (proof.switched_at, proof.source) == (NOW + timedelta(minutes=4), SwitchSource.OBJECT)
    assert findings(proof) == [GroupMeaning.UNDER_KEY, GroupMeaning.BEFORE]


def test_digests_alone_prove_no_log_file() -> None:
    digests = place(at(5, KEY), kind=Delivered.DIGEST_FILE)

    assert not prove(TRAIL, KEY, [digests], switch=AT).is_proven


def test_log_files_that_may_be_another_trails_are_neither_proof_nor_refutation() -> None:
    proof = of(at(10), at(5, KEY), shared_with=("another",))

    assert findings(proof) == [GroupMeaning.ANOTHER_TRAIL, GroupMeaning.UNDER_KEY]
    assert whole(proof).exit_code == 4


def test_trails_share_a_folder_by_bucket_and_prefix() -> None:
    beside = other_trail("beside", kms_key_id="")
    apart = other_trail("apart", s3_key_prefix="apart")
    mine = trail(kms_key_id=KEY)

    assert shared_with(mine, snapshot(trails=(mine, beside, apart))) == (beside.arn,)


def test_rows_count_and_come_newest_first() -> None:
    proof = of(at(10, KEY), at(5, KEY), at(-1), at(-2))

    assert [(row.count, row.newest) for row in proof.rows] == [
        (2, NOW + timedelta(minutes=10)),
        (2, NOW - timedelta(minutes=1)),
    ]


def test_a_proof_survives_being_written_and_read() -> None:
    proof = whole(of(at(5, KEY)))

    assert msgspec.json.decode(msgspec.json.encode(proof), type=DeliveryProof) == proof


def test_what_is_refused_alike_in_several_places_is_told_once() -> None:
    other = Unreadable(call="s3:GetObject", code="AccessDenied", where="logs/x")
    refused = [
        Place(account=ACCOUNT, region=HOME, kind=kind, objects=why)
        for kind in Delivered
        for why in (DENIED, other)
    ]

    assert prove(TRAIL, KEY, refused, switch=DENIED).unreadable == (DENIED, other)
