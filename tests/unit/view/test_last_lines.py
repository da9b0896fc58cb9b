"""The last line of a screen is what matters most, with the command to type next."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest

from key_policies import console
from plan_estate import ACCOUNT, DENIED, HOME, KEY, NOW, TRAIL, key, log_file, other_trail
from story_account import CONSOLE, USER1
from trailseal.locale.language import choose_language
from trailseal.model.key import KeyState
from trailseal.model.log_file import Delivered, StoredObject
from trailseal.model.unreadable import Unreadable
from trailseal.plan.proof import DeliveryProof, Place, SwitchSource, TrailDeliveryProof, prove
from trailseal.run.key import KeyShown
from trailseal.run.policy import check, difference, show
from trailseal.view.key import print_key
from trailseal.view.policy import print_compared, print_linted, print_shown
from trailseal.view.terminal import Terminal
from trailseal.view.verify import print_delivered

THROTTLED = Unreadable(call="cloudtrail:ListTrails", code="ThrottlingException", where=HOME)
LATER = NOW + timedelta(days=1)
UNDER, BESIDE, BEFORE = log_file(LATER, kms=KEY), log_file(LATER), log_file(NOW - timedelta(days=1))


def lines(write: Any, value: Any, *, width: int = 1000, **more: Any) -> list[str]:
    out = io.StringIO()
    write(value, Terminal(file=out, width=width), **more)
    return [line.rstrip() for line in out.getvalue().splitlines() if line.strip()]


def proven(*objects: StoredObject | Unreadable, kms_key: str = KEY, arn: str = TRAIL) -> TrailDeliveryProof:
    seen = objects[0] if objects and isinstance(objects[0], Unreadable) else objects
    place = Place(account=ACCOUNT, region=HOME, kind=Delivered.LOG_FILE, objects=seen)  # type: ignore[arg-type]
    return prove(arn, kms_key, (place,), switch=(NOW, SwitchSource.JOURNAL) if kms_key else None)


def whole(*trails: TrailDeliveryProof, unreadable: tuple[Unreadable, ...] = ()) -> DeliveryProof:
    return DeliveryProof(taken_at=NOW, account=ACCOUNT, since=NOW, trails=trails, unreadable=unreadable)


VERIFIED = {
    "proven": (whole(proven(UNDER)), "Next, see who can read the log files: trailseal who"),
    "proven, and older ones": (
        whole(proven(UNDER, BEFORE)),
        "What was delivered before the switch stays as it was. To count it: trailseal history census",
    ),
    "refuted": (
        whole(proven(UNDER, BESIDE, log_file(LATER + timedelta(1)))),
        "Next, see what is wrong with key and bucket: trailseal check",
    ),
    "no key": (whole(proven(kms_key="")), f"Next, plan the switch: trailseal plan --trail {TRAIL}"),
    "nothing yet": (whole(proven()), "Next, wait for the next log files: trailseal verify --wait"),
    "no trail": (whole(), "Next: trailseal check"),
    "no trail seen": (whole(unreadable=(THROTTLED,)), "To know the rest, look again: trailseal verify"),
    "not seen": (whole(proven(THROTTLED)), "To know the rest, look again: trailseal verify"),
    "not read": (
        whole(proven(DENIED)),
        "Next, let the caller read the rest (s3:Something): trailseal permissions verify",
    ),
    "no list": (
        whole(proven(UNDER), unreadable=(DENIED,)),
        "Next, let the caller read the rest (s3:Something): trailseal permissions verify",
    ),
    "the worst of two": (
        whole(proven(UNDER), proven(kms_key="", arn=other_trail("other").arn)),
        f"Next, plan the switch: trailseal plan --trail {other_trail('other').arn}",
    ),
}


@pytest.mark.parametrize("width", [80, 120, 1000])
@pytest.mark.parametrize(("proof", "last"), VERIFIED.values(), ids=VERIFIED)
def test_a_proof_ends_with_what_to_type_next(proof, last, width):
    assert lines(print_delivered, proof, width=width)[-1] == last


def test_several_trails_are_counted():
    found = lines(print_delivered, whole(proven(UNDER), proven(kms_key=""), proven()))

    assert found[-2] == "3 trails: 1 refuted or without a key, 1 not known, 1 proven."


@pytest.mark.parametrize(
    ("state", "last"),
    [
        (KeyState.ENABLED, f"Whom its policy lets in, statement by statement: trailseal policy show {KEY}"),
        (
            KeyState.DISABLED,
            (
                "Nothing can be encrypted or decrypted with it while it is Disabled (switched off). "
                "What to do: trailseal check"
            ),
        ),
    ],
)
def test_a_key_ends_with_whom_it_lets_in_or_that_it_does_nothing(state, last):
    assert lines(print_key, KeyShown(key=key(state=state)))[-1] == last


@pytest.mark.parametrize(
    ("manager", "told"),
    [("CUSTOMER", "the customer (customer managed key)"), ("AWS", "AWS (AWS managed key)"), ("NEW", "NEW")],
)
def test_who_manages_a_key_is_told_in_words(manager, told):
    (row,) = (
        line for line in lines(print_key, KeyShown(key=key(key_manager=manager))) if "managed by" in line
    )

    assert row.split(maxsplit=2)[2] == told


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_values_of_a_key_begin_in_one_column(lang):
    choose_language(["--lang", lang])
    out = lines(print_key, KeyShown(key=key(multi_region=True)))[1:-1]
    choose_language(["--lang", "en"])

    from rich.cells import cell_len

    starts = {cell_len(line) - cell_len(line[2:].split("  ", 1)[1].lstrip()) for line in out}
    assert len(starts) == 1


class Keys:
    def key_policy(self, key_id: str) -> str:
        other = json.dumps({"Version": "2012-10-17", "Statement": json.loads(CONSOLE)["Statement"][:1]})
        return {"alias/all": CONSOLE, "alias/reader": console(reader=USER1), "alias/one": other}[key_id]


ALL = len(json.loads(CONSOLE)["Statement"])
NEXT = "Next, what its author cannot have meant: trailseal policy lint "


def test_a_policy_ends_with_its_number_of_statements_and_what_to_type_next():
    assert lines(print_shown, show("alias/all", Keys()))[-2:] == [f"{ALL} statements", f"{NEXT}alias/all"]


def test_a_lint_ends_with_how_many_findings_and_what_the_first_means():
    found = lines(print_linted, check("alias/all", Keys()))

    assert found[-2].endswith("findings to act on")
    assert found[-1] == "what KP101 means: trailseal explain KP101"


@pytest.mark.parametrize(
    ("before", "after", "last"),
    [
        ("alias/one", "alias/one", ["1 statement is the same"]),
        ("alias/all", "alias/one", [f"1 statement is the same, {ALL - 1} removed", f"{NEXT}alias/one"]),
        (
            "alias/all",
            "alias/reader",
            [f"{ALL - 1} statements are the same, 1 changed", f"{NEXT}alias/reader"],
        ),
    ],
)
def test_a_difference_ends_with_what_differs(before, after, last):
    assert lines(print_compared, difference(before, after, Keys()))[-len(last) :] == last


def test_what_came_on_stdin_cannot_be_read_again(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(CONSOLE.encode())))

    assert lines(print_shown, show("-", Keys()))[-1] == f"{ALL} statements"
