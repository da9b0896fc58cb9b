"""The key verbs, and key material read from files."""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime, timedelta

import pytest

from plan_estate import DENIED, KEY, NOW, FakeClock, key
from trailseal.errors import ExitCode, Incomplete, TrailsealError, UsageProblem
from trailseal.messages import message
from trailseal.model.key import KeyLastUse, KeyMaterial, KeyPolicies, KeyState, KmsKey, Rotation
from trailseal.model.unreadable import Unreadable
from trailseal.run.control import Doubtful, NotYet
from trailseal.run.course import SETTLE
from trailseal.run.key import KeyShown, bring_material, rotate, show
from trailseal.run.key_sense import sense_of
from trailseal.run.material import chosen_material, make_material, read_material

MATERIAL = bytes(range(32))


class FakeKeys:
    def __init__(self, held: KmsKey) -> None:
        self.held = held
        self.calls: list[tuple[object, ...]] = []
        self.answers: list[str] = []
        """What becomes of the next rotations: after, throttled, lost before, lost after."""
        self.unread: Unreadable | None = None
        self.own: tuple[KeyMaterial, ...] | Unreadable = ()

    def read(self, reference: str) -> KmsKey:
        return self.held

    def rotate_every(self, key_arn: str, days: int) -> None:
        self.calls.append(("every", days))

    def rotate_now(self, key_arn: str) -> None:
        how = self.answers.pop(0) if self.answers else "after"
        if how in {"after", "lost after"}:
            self.calls.append(("now",))
        if how.startswith("lost"):
            raise Doubtful(message("kms:RotateKeyOnDemand was cut off"))
        if how == "throttled":
            raise NotYet(message("slow down"))

    def rotated_on_demand(self, key_arn: str) -> int | Unreadable:
        if self.unread:
            return self.unread
        return 3 + self.calls.count(("now",))

    def import_material(self, key_arn, material, *, valid_to, algorithm, new) -> None:
        self.calls.append((len(material), valid_to, algorithm, *(["new"] if new else [])))

    def materials(self, key_arn: str) -> tuple[KeyMaterial, ...] | Unreadable:
        return self.own

    def last_use(self, key_arn: str) -> KeyLastUse | Unreadable | None:
        return None


def warnings(held: KmsKey) -> str:
    return " ".join(str(warning) for warning in show("k", FakeKeys(held), FakeClock()).warnings)


def test_a_key_in_order_raises_nothing() -> None:
    assert warnings(key(rotation=Rotation(enabled=True))) == ""


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (key(state=KeyState.DISABLED), "nobody can read, while it is Disabled"),
        (key(valid_to=NOW + timedelta(days=9)), "the key material expires at 2026-12-02"),
        (key(), "KMS.4"),
    ],
    ids=["disabled", "expiring", "not rotating"],
)
def test_what_to_watch_out_for_is_said(held: KmsKey, said: str) -> None:
    assert said in warnings(held)


def test_rotating_does_what_was_asked() -> None:
    keys = FakeKeys(key())

    rotate(KEY, keys, FakeClock(), days=180, now=True)
    rotate(KEY, keys, FakeClock(), days=None, now=True)

    assert keys.calls == [("every", 180), ("now",), ("now",)]


@pytest.mark.parametrize(
    "answers",
    [
        ["lost after"],
        ["lost before", "after"],
        ["lost before", "lost after"],
        ["throttled", "after"],
        ["throttled", "lost after"],
    ],
    ids=" ".join,
)
def test_a_rotation_whose_answer_was_lost_is_not_made_twice(answers: list[str]) -> None:
    keys, clock = FakeKeys(key()), FakeClock()
    keys.answers = list(answers)

    rotate(KEY, keys, clock, days=None, now=True)

    assert keys.calls == [("now",)]
    assert keys.answers == []
    assert clock.now() - NOW >= answers.count("lost before") * SETTLE


def test_a_rotation_that_is_never_answered_is_an_error() -> None:
    keys = FakeKeys(key())
    keys.answers = ["lost before"] * 9

    with pytest.raises(Doubtful):
        rotate(KEY, keys, FakeClock(), days=None, now=True)

    assert (keys.calls, len(keys.answers)) == ([], 7)


def test_a_rotation_that_is_throttled_for_long_is_an_error() -> None:
    keys = FakeKeys(key())
    keys.answers = ["throttled"] * 99

    with pytest.raises(NotYet):
        rotate(KEY, keys, FakeClock(), days=None, now=True)

    assert keys.calls == []


def test_whether_a_key_was_rotated_is_not_known_where_nobody_may_look() -> None:
    keys = FakeKeys(key())
    keys.answers, keys.unread = ["lost after"], DENIED

    with pytest.raises(Incomplete, match=r"whether .* was rotated is not known"):
        rotate(KEY, keys, FakeClock(), days=None, now=True)

    assert keys.calls == [("now",)]


@pytest.mark.parametrize("days", [None, 30, 3000], ids=["nothing", "too often", "too seldom"])
def test_a_rotation_that_cannot_be_is_refused(days: int | None) -> None:
    with pytest.raises(UsageProblem):
        rotate(KEY, FakeKeys(key()), FakeClock(), days=days, now=False)


def bring(held: KmsKey, valid_to: datetime | None = None) -> FakeKeys:
    keys = FakeKeys(held)
    bring_material(KEY, MATERIAL, keys, FakeClock(), valid_to=valid_to, algorithm="RSAES_OAEP_SHA_256")
    return keys


def test_material_goes_into_a_key_that_waits_for_it() -> None:
    waiting = key(origin="EXTERNAL", state=KeyState.PENDING_IMPORT, rotation=None)
    until = NOW + timedelta(days=30)

    assert bring(waiting, until).calls == [(32, until, "RSAES_OAEP_SHA_256")]


@pytest.mark.parametrize("until", [NOW, NOW + timedelta(days=366)], ids=["past", "too far"])
def test_an_expiry_that_cannot_be_is_refused(until: datetime) -> None:
    with pytest.raises(UsageProblem, match="within the next 365 days"):
        bring(key(origin="EXTERNAL", state=KeyState.PENDING_IMPORT), until)


@pytest.mark.parametrize(
    "held",
    [key(), key(origin="EXTERNAL", state=KeyState.PENDING_DELETION)],
    ids=["AWS's material", "pending deletion"],
)
def test_a_key_that_takes_no_material_is_refused(held: KmsKey) -> None:
    with pytest.raises(TrailsealError):
        bring(held)


@pytest.mark.parametrize(
    "raw",
    [MATERIAL, MATERIAL.hex().encode() + b"\n", base64.b64encode(MATERIAL)],
    ids=["raw", "hexadecimal", "base64"],
)
def test_material_is_read_in_three_forms(raw: bytes, tmp_path) -> None:
    path = tmp_path / "material"
    path.write_bytes(raw)

    assert chosen_material(str(path), None) == MATERIAL


@pytest.mark.parametrize("raw", [b"", b"short", b"\xff" * 31, b"00" * 15], ids=str)
def test_anything_else_is_no_material_and_is_not_shown(raw: bytes, tmp_path) -> None:
    path = tmp_path / "material"
    path.write_bytes(raw)

    with pytest.raises(UsageProblem, match="does not hold 32 bytes"):
        read_material(str(path))


def test_made_material_is_kept_where_only_its_owner_reads_it(tmp_path) -> None:
    path = tmp_path / "material"

    made = chosen_material(None, str(path))

    assert path.read_bytes() == made
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    with pytest.raises(UsageProblem, match="exists already"):
        make_material(str(path))
    with pytest.raises(UsageProblem, match="there is no folder"):
        make_material(str(tmp_path / "no" / "such"))


@pytest.mark.parametrize("given", [(None, None), ("a", "b")], ids=["neither", "both"])
def test_where_material_comes_from_is_said_once(given: tuple[str | None, str | None]) -> None:
    with pytest.raises(UsageProblem, match="say where the key material comes from"):
        chosen_material(*given)


PRIMARY = KEY.replace("ap-northeast-1", "us-east-1")
EXTERNAL = {"origin": "EXTERNAL", "rotation": None}
REPLICA = {"multi_region": True, "multi_region_key_type": "REPLICA", "primary_key": PRIMARY}
KINDS = {
    "AWS's own": ({"key_manager": "AWS"}, "is managed by AWS"),
    "spec": ({"key_spec": "RSA_2048", "origin": "EXTERNAL", **REPLICA}, "is of spec RSA_2048"),
    "usage": ({"key_usage": "GENERATE_VERIFY_MAC"}, "is for GENERATE_VERIFY_MAC"),
    "origin": ({"origin": "AWS_CLOUDHSM", **REPLICA}, "lies in a custom key store (AWS_CLOUDHSM)"),
    "replica": (REPLICA, f"is a replica: {PRIMARY} is what rotates"),
}


@pytest.mark.parametrize(
    "how", [{"days": 180, "now": False}, {"days": None, "now": True}], ids=["every", "now"]
)
@pytest.mark.parametrize(("kind", "said"), KINDS.values(), ids=KINDS)
def test_each_kind_that_does_not_rotate_has_its_own_sentence(
    kind: dict[str, object], said: str, how: dict[str, object]
) -> None:
    keys = FakeKeys(key(**kind))

    with pytest.raises(TrailsealError, match=re.escape(said)):
        rotate(KEY, keys, FakeClock(), **how)  # type: ignore[arg-type]  # both forms of asking

    assert keys.calls == []


def test_imported_material_rotates_on_demand_only_and_the_way_is_told() -> None:
    with pytest.raises(TrailsealError, match="never rotates by itself") as refused:
        rotate(KEY, FakeKeys(key(**EXTERNAL)), FakeClock(), days=180, now=False)

    assert f"trailseal key import {KEY} --new" in str(refused.value.hint)


def test_the_way_to_new_material_of_a_replica_goes_over_the_primary() -> None:
    replica = key(**EXTERNAL, multi_region=True, multi_region_key_type="REPLICA", primary_key=KEY[:-1] + "9")
    with pytest.raises(TrailsealError, match="never rotates by itself") as refused:
        rotate(KEY, FakeKeys(replica), FakeClock(), days=180, now=False)

    assert f"trailseal key import {KEY[:-1]}9 --new" in str(refused.value.hint)


WAITS = KeyMaterial(material_id="b", state="PENDING_ROTATION")
LACKS = KeyMaterial(material_id="b", state="PENDING_MULTI_REGION_IMPORT_AND_ROTATION")
CURRENT = KeyMaterial(material_id="a", state="CURRENT")


@pytest.mark.parametrize(
    ("own", "said"),
    [((CURRENT,), "has no new material"), ((CURRENT, LACKS), "is not in every replica yet")],
    ids=["none", "replicas"],
)
def test_without_new_material_everywhere_nothing_is_rotated(own: tuple[KeyMaterial, ...], said: str) -> None:
    keys = FakeKeys(key(**EXTERNAL, replica_keys=(PRIMARY,)))
    keys.own = own

    with pytest.raises(TrailsealError, match=said) as refused:
        rotate(KEY, keys, FakeClock(), days=None, now=True)

    assert keys.calls == []
    assert (PRIMARY in str(refused.value.hint)) is (own[-1] is LACKS)


def test_where_no_replica_was_named_it_is_said_how_they_are_found() -> None:
    keys = FakeKeys(key(**EXTERNAL, replica_keys=(KEY,)))
    keys.own = (CURRENT, LACKS)

    with pytest.raises(TrailsealError, match="in every replica yet") as refused:
        rotate(KEY, keys, FakeClock(), days=None, now=True)

    assert f"aws kms describe-key --key-id {KEY} --region " in str(refused.value.hint)


@pytest.mark.parametrize(
    "own", [(CURRENT, WAITS), Unreadable(call="kms:ListKeyRotations", code="AccessDenied")]
)
def test_material_that_waits_or_may_not_be_seen_is_rotated(own: tuple[KeyMaterial, ...] | Unreadable) -> None:
    keys = FakeKeys(key(**EXTERNAL))
    keys.own = own

    rotate(KEY, keys, FakeClock(), days=None, now=True)

    assert keys.calls == [("now",)]


def test_new_material_goes_into_a_primary_and_the_same_into_a_replica() -> None:
    primary, replica = FakeKeys(key(**EXTERNAL)), FakeKeys(key(**EXTERNAL, **REPLICA))
    for keys, new in ((primary, True), (replica, False)):
        bring_material(
            KEY, MATERIAL, keys, FakeClock(), valid_to=None, algorithm="RSAES_OAEP_SHA_256", new=new
        )

    assert primary.calls == [(32, None, "RSAES_OAEP_SHA_256", "new")]
    assert replica.calls == [(32, None, "RSAES_OAEP_SHA_256")]


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (key(**EXTERNAL, **REPLICA), f"is a replica: {PRIMARY}"),
        (key(**EXTERNAL, key_spec="HMAC_256"), "is of spec HMAC_256: its first material is its only one"),
    ],
    ids=["replica", "spec"],
)
def test_new_material_is_refused_where_kms_takes_none(held: KmsKey, said: str) -> None:
    keys = FakeKeys(held)

    with pytest.raises(TrailsealError, match=re.escape(said)):
        bring_material(KEY, MATERIAL, keys, FakeClock(), valid_to=None, algorithm="x", new=True)

    assert keys.calls == []


def test_what_comes_next_for_new_material_is_told() -> None:
    keys = FakeKeys(key(**EXTERNAL, primary_key=KEY, replica_keys=(PRIMARY,)))
    for own, said in (
        ((LACKS,), f"into each replica: trailseal key import {PRIMARY} --material FILE"),
        ((WAITS,), f"key rotate {KEY} --now"),
    ):
        keys.own = own

        assert said in " ".join(map(str, show(KEY, keys, FakeClock()).warnings))


@pytest.mark.parametrize("digits", [b"0" * 32, b"0123456789abcdefABCDEF0123456789"], ids=["zeros", "mixed"])
def test_32_hexadecimal_digits_are_asked_about(digits: bytes, tmp_path) -> None:
    path = tmp_path / "material"
    path.write_bytes(digits)

    with pytest.raises(UsageProblem, match="32 hexadecimal digits, which write 16 bytes only"):
        read_material(str(path))
    assert chosen_material(str(path), None, raw=True) == digits


STATEMENT = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*"}
ROLE = "arn:aws:iam::123456789012:role/reader"
SENSES = {
    "by IAM": ([STATEMENT], "leaves everything to IAM of account 123456789012"),
    "some by IAM": ([{**STATEMENT, "Action": "kms:Describe*"}], "leaves some actions to IAM"),
    "CloudTrail": (
        [
            {
                **STATEMENT,
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "kms:GenerateDataKey*",
            }
        ],
        "lets CloudTrail encrypt",
    ),
    "anybody": ([{**STATEMENT, "Principal": "*"}], "has statements for anybody"),
    "readers": (
        [{**STATEMENT, "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt"}],
        "lets 1 by name decrypt",
    ),
    "others": (
        [{**STATEMENT, "Principal": {"AWS": ROLE}, "Action": "kms:PutKeyPolicy"}],
        "lets 1 by name do other things",
    ),
    "denied": ([STATEMENT, {**STATEMENT, "Effect": "Deny"}], "1 statement denies"),
    "nothing": ([{**STATEMENT, "Effect": "Deny"}], "allows nothing"),
}


@pytest.mark.parametrize(("statements", "said"), SENSES.values(), ids=SENSES)
def test_a_policy_is_told_in_a_line(statements: list[dict[str, object]], said: str) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [{**s, "Resource": "*"} for s in statements]})
    held = key(policies=KeyPolicies(default=text, aws_ram=text))

    told = "; ".join(map(str, sense_of(held)))

    assert said in told
    assert told.endswith("shared through RAM")


def test_a_policy_that_is_none_has_no_sense() -> None:
    assert "not understood" in str(sense_of(key(policies=KeyPolicies(default="[]")))[0])
    assert sense_of(key(policies=UNREAD)) == sense_of(key(policies=KeyPolicies())) == ()


UNREAD = Unreadable(call="kms:Something", code="AccessDenied")
PARTS = {
    "aliases": {"aliases": UNREAD},
    "policies": {"policies": UNREAD},
    "grants": {"grants": UNREAD},
    "tags": {"tags": UNREAD},
    "rotation": {"rotation": UNREAD},
    "past rotations": {"rotation": Rotation(enabled=True, past=UNREAD)},
}


@pytest.mark.parametrize("changed", PARTS.values(), ids=PARTS)
def test_a_part_of_a_key_that_was_not_read_is_incomplete(changed: dict[str, object]) -> None:
    assert KeyShown(key=key()).exit_code is ExitCode.CLEAN
    assert KeyShown(key=key(**changed)).exit_code is ExitCode.INCOMPLETE


@pytest.mark.parametrize(
    "unread",
    [{"materials": UNREAD}, {"last_use": UNREAD}, {"last_use": KeyLastUse(operation="Decrypt", user=UNREAD)}],
    ids=["materials", "use", "user"],
)
def test_what_was_not_read_of_its_use_is_incomplete(unread: dict[str, object]) -> None:
    assert KeyShown(key=key(), **unread).exit_code is ExitCode.INCOMPLETE  # type: ignore[arg-type]
