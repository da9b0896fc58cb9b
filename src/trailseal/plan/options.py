"""Whether each option can apply to the keys that a plan is about: it does, it holds already, or it cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple

from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.model.arn import account_of
from trailseal.model.given import alias_in
from trailseal.model.key import KeyPolicies, KmsKey, Rotation, UnreadKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import Unreadable
from trailseal.plan.concern import Concern, concern, unread
from trailseal.plan.concern_facts import Code, Details
from trailseal.plan.document import normal, parse, statements
from trailseal.plan.intent import DEFAULT_ALIAS, Intent
from trailseal.plan.key_kinds import not_rotating
from trailseal.plan.key_policy import KeyUse, console_policy
from trailseal.plan.scope import KeyGroup


class Standing(StrEnum):
    """How an option stands against one key."""

    APPLIES = "applies"
    HOLDS = "holds"
    CANNOT = "cannot"
    NOT_KNOWN = "not known"
    """What it would be compared with was not read; a concern says so."""


class GivenOption(NamedTuple):
    """An option that was given, and how it stands against a key that is there."""

    name: str
    stands: Callable[[KmsKey, KeyGroup], Standing]


def see_options(grouped: tuple[KeyGroup, ...], snapshot: Snapshot, intent: Intent) -> Iterator[Concern]:
    """
    Yield what keeps an option from applying to some of the keys, and what could not be read of them.

    Raises:
        UsageProblem: an option can apply to none of them.
    """
    for option in _given(snapshot, intent):
        found = [(group, _against(option, group, snapshot)) for group in grouped]
        barred = [group.key for group, standing in found if group.key and standing is Standing.CANNOT]
        if barred and len(barred) == len(found):
            raise _cannot(option, barred[0], snapshot, days=intent.rotation_days)
        for key in barred:
            yield concern(Code.OPTION_LEFT_OUT, key.arn, Details(key=key.arn, option=option.name))
    for group in grouped:
        if isinstance(group.key, KmsKey) and group.key.account == snapshot.account:
            yield from _unread(group.key, intent)


def by_alias(group: KeyGroup, intent: Intent) -> Iterator[Concern]:
    """Yield that an alias leads to a key that is there already, where a trail gets that key by it."""
    key = group.key
    if not isinstance(key, KmsKey) or all(trail.kms_key_id == key.arn for trail in group.trails):
        return
    alias = (intent.alias or DEFAULT_ALIAS) if intent.makes_key else alias_in(intent.key)
    if isinstance(key.aliases, tuple) and alias in key.aliases:
        yield concern(Code.KEY_BY_ALIAS, key.arn, Details(key=key.arn, alias=alias))


def _given(snapshot: Snapshot, intent: Intent) -> Iterator[GivenOption]:
    """Yield the options that were given: those of a key that is made, then those of any of the account's."""
    if intent.multi_region:
        yield GivenOption("--multi-region", lambda key, _: _held(holds=key.multi_region))
    if intent.origin == "external":
        yield GivenOption("--origin", lambda key, _: _held(holds=key.origin == "EXTERNAL"))
    if intent.policy == "console":
        yield GivenOption(
            "--policy", lambda key, group: _held(holds=_is_the_consoles(key, group, snapshot, intent))
        )
    if intent.rotation_days:
        yield GivenOption("--rotation-days", lambda key, _: _rotates(key, intent.rotation_days))
    readers = intent.readers
    names = {
        "--alias": intent.alias,
        "--also-for": intent.also_for,
        "--reader": readers.principals,
        "--also-reader": readers.also,
    }
    for name in (name for name, value in names.items() if value):
        yield GivenOption(name, lambda *_: Standing.APPLIES)


def _against(option: GivenOption, group: KeyGroup, snapshot: Snapshot) -> Standing:
    if group.key is None:
        return Standing.APPLIES
    if account_of(group.key.arn) not in {"", snapshot.account}:
        return Standing.CANNOT
    return option.stands(group.key, group) if isinstance(group.key, KmsKey) else Standing.NOT_KNOWN


def _held(*, holds: bool) -> Standing:
    """What is chosen when a key is made holds, or cannot be had any more."""
    return Standing.HOLDS if holds else Standing.CANNOT


def _rotates(key: KmsKey, days: int) -> Standing:
    if isinstance(key.rotation, Unreadable):
        return Standing.NOT_KNOWN
    if isinstance(key.rotation, Rotation) and key.rotation.enabled and key.rotation.period_in_days == days:
        return Standing.HOLDS
    barred = key.rotation is None or not_rotating(key, by_itself=True)
    return Standing.CANNOT if barred else Standing.APPLIES


def _is_the_consoles(key: KmsKey, group: KeyGroup, snapshot: Snapshot, intent: Intent) -> bool:
    """Whether a key's policy holds what the console writes, whoever administers the key."""
    if not isinstance(key.policies, KeyPolicies):
        return False
    use = KeyUse(
        account=snapshot.account,
        partition=snapshot.partition,
        trail_arns=tuple(dict.fromkeys((*(trail.arn for trail in group.trails), *intent.also_for))),
    )
    try:
        held = [normal(each) for each in statements(parse(key.policies.default))]
    except ValueError:
        return False
    _, *wanted = statements(parse(console_policy(use, caller_arn=snapshot.caller_arn)))
    return all(normal(each) in held for each in wanted)


def _unread(key: KmsKey, intent: Intent) -> Iterator[Concern]:
    """Yield what would have to be known of a key to tell whether an option holds."""
    if intent.rotation_days and isinstance(key.rotation, Unreadable):
        yield unread(Code.FACTS, key.arn, key.rotation)
    if intent.alias and isinstance(key.aliases, Unreadable):
        yield unread(Code.FACTS, key.arn, key.aliases)


def _cannot(option: GivenOption, key: KmsKey | UnreadKey, snapshot: Snapshot, *, days: int) -> UsageProblem:
    facts = {"option": option.name, "key": key.arn}
    owner = account_of(key.arn)
    if owner != snapshot.account or not isinstance(key, KmsKey):
        return UsageProblem(
            message("{option} cannot apply to {key}: it can be changed only in its own account", **facts),
            message("plan it there, in account {account}", account=owner),
        )
    if option.name != "--rotation-days":
        return UsageProblem(
            message("{option} is for a key that is made, and {key} is there already", **facts),
            message("let another key be made with --key create, or leave {option} out", option=option.name),
        )
    if key.is_replica:
        return UsageProblem(
            message("{option} cannot apply to {key}: a replica rotates with its primary", **facts),
            message(
                "rotate the primary: trailseal key rotate {key} --every {days}",
                key=key.primary_key or key.arn,
                days=days,
            ),
        )
    reason = not_rotating(key, by_itself=True)
    return UsageProblem(message("{option} cannot apply to {key}", **facts), reason.what if reason else None)
