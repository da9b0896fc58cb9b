"""That there is nothing to do is said only where everything could be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from msgspec import Struct, structs

from plan_estate import ACCOUNT, KEY, NOW, TRAIL, bucket, delivery, key, plan_of, snapshot, trail
from trailseal.errors import ExitCode
from trailseal.model.key import KeyPolicies, Rotation, UnreadKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import NOT_ASKED, Unreadable
from trailseal.plan.build import build_plan
from trailseal.plan.intent import Intent
from trailseal.plan.key_policy import KeyUse, least_policy
from trailseal.plan.plan import Plan, fingerprint
from trailseal.plan.unread_facts import sure_of_nothing, unread_in

REASON = Unreadable(call="s3:Something", code="AccessDenied", where="there")
SEALED = trail(kms_key_id=KEY)
USE = KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,))
SERVING = key(policies=KeyPolicies(default=least_policy(USE)))


def sealed(**changed: Any) -> Snapshot:
    return snapshot(**{"trails": (SEALED,), "keys": (SERVING,), **changed})


PARTS: dict[str, tuple[Struct, Callable[[Any], Snapshot]]] = {
    "trail": (SEALED, lambda part: sealed(trails=(part,))),
    "key": (SERVING, lambda part: sealed(keys=(part,))),
    "rotation": (
        Rotation(enabled=True),
        lambda part: sealed(keys=(structs.replace(SERVING, rotation=part),)),
    ),
    "bucket": (bucket(), lambda part: sealed(buckets=(part,))),
    "delivery": (delivery(), lambda part: sealed(deliveries=(part,))),
    "snapshot": (sealed(), lambda part: part),
}


def fields() -> Iterator[tuple[str, str, Any]]:
    """Yield each field that may be unreadable, as it would be."""
    for name, (part, _) in PARTS.items():
        for field, hint in get_type_hints(type(part)).items():
            if field == "hubs":
                continue
            held = {each: (REASON,) for each in (hint, *get_args(hint)) if get_origin(each) is tuple}
            listed = next((value for each, value in held.items() if Unreadable in _args(each)), None)
            if listed or Unreadable in get_args(hint):
                yield name, field, listed or REASON


def _args(hint: Any) -> tuple[Any, ...]:
    """Return what a tuple may hold, with the members of a union each for itself."""
    return tuple(member for each in get_args(hint) for member in (each, *get_args(each)))


FIELDS = [*fields(), ("snapshot", "keys", (UnreadKey(arn=KEY, reason=REASON),))]


def plan_for(seen: Snapshot) -> Plan:
    return sure_of_nothing(build_plan(seen, Intent(), made_at=NOW), unread_in(seen))


def test_the_parts_have_fields_to_try() -> None:
    assert {name for name, _, _ in FIELDS} == set(PARTS)
    assert len(FIELDS) > 20


def test_where_everything_was_read_there_is_nothing_to_do() -> None:
    assert plan_for(sealed()).exit_code is ExitCode.CLEAN


@pytest.mark.parametrize(
    ("part", "field", "value"), FIELDS, ids=lambda given: given if isinstance(given, str) else ""
)
def test_whatever_was_not_read_nobody_knows_that_nothing_is_to_do(part: str, field: str, value: Any) -> None:
    whole, put = PARTS[part]
    plan = plan_for(put(structs.replace(whole, **{field: value})))

    assert plan.exit_code is ExitCode.INCOMPLETE
    assert any(each.facts.call == REASON.call for each in plan.concerns)
    assert plan.id == fingerprint(plan)


def test_what_nobody_asked_for_is_not_missed() -> None:
    seen = sealed(buckets=(bucket(logging_target=Unreadable(call="s3:X", code=NOT_ASKED)),))

    assert plan_for(seen).exit_code is ExitCode.CLEAN


def test_security_hub_is_nothing_that_a_plan_is_about() -> None:
    assert plan_for(sealed(hubs=(REASON,))).exit_code is ExitCode.CLEAN


def test_a_plan_with_steps_comes_back_as_it_is() -> None:
    plan = plan_of()

    assert sure_of_nothing(plan, [REASON]) is plan
