"""The key verbs, and key material read from files."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

import pytest

from plan_estate import DENIED, KEY, NOW, FakeClock, key
from trailseal.errors import ExitCode, Incomplete, TrailsealError, UsageProblem
from trailseal.messages import message
from trailseal.model.key import KeyState, KmsKey, Rotation
from trailseal.model.unreadable import Unreadable
from trailseal.run.control import Doubtful, NotYet
from trailseal.run.course import SETTLE
from trailseal.run.key import KeyShown, bring_material, rotate, show
from trailseal.run.material import chosen_material, make_material, read_material

MATERIAL = bytes(range(32))


class FakeKeys:
    def __init__(self, held: KmsKey) -> None:
        self.held = held
        self.calls: list[tuple[object, ...]] = []
        self.answers: list[str] = []
        """What becomes of the next rotations: after, throttled, lost before, lost after."""
        self.unread: Unreadable | None = None

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

    def import_material(self, key_arn, material, *, valid_to, algorithm) -> None:
        self.calls.append((len(material), valid_to, algorithm))


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


def test_a_key_with_imported_material_rotates_on_demand_alone() -> None:
    keys = FakeKeys(key(rotation=None, origin="EXTERNAL"))

    with pytest.raises(TrailsealError, match="cannot rotate by itself"):
        rotate(KEY, keys, FakeClock(), days=180, now=False)
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
