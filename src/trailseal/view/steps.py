"""Steps as text: a symbol, the call, and what it changes from what to what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import Enum
from typing import assert_never

from rich.text import Text

from trailseal.access.lint.difference import Change
from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, message
from trailseal.model.arn import Arn
from trailseal.model.key import KeyState
from trailseal.plan.difference import StatementTexts
from trailseal.plan.step import (
    CancelKeyDeletion,
    CreateAlias,
    CreateKey,
    DeleteAlias,
    EnableKey,
    ImportKeyMaterial,
    Leave,
    PutKeyPolicy,
    ReplicateKey,
    SetKeyRotation,
    Step,
    UpdateTrail,
    is_new,
    key_region,
)
from trailseal.view.policy_changes import CHANGE_STYLE, policy_changes, print_changes, print_whole, symbols
from trailseal.view.terminal import Terminal
from trailseal.view.words import listed

WORDS = {
    Change.ADDED: N_("add"),
    Change.CHANGED: N_("change"),
    Change.REMOVED: N_("remove"),
    Change.SAME: N_("leave as it is"),
}


class Extent(Enum):
    """How much of the policies that steps put is shown."""

    NONE = "none"
    CHANGES = "changes"
    """Each statement that changes, with what changes in it."""
    WHOLE = "whole"
    """The same as JSON, as it stands and as it is sent."""


def change_of(step: Step) -> Change:
    """Return what a step does to the account."""
    match step:
        case CreateKey() | ReplicateKey() | CreateAlias():
            return Change.ADDED
        case DeleteAlias():
            return Change.REMOVED
        case Leave():
            return Change.SAME
        case _:
            return Change.CHANGED


def print_steps(steps: Iterable[Step], console: Terminal, policies: Extent = Extent.CHANGES) -> None:
    """Write the steps in order, each with its symbol, after the meaning of the symbols that occur."""
    given = tuple(steps)
    seen = {change_of(step) for step in given}
    if policies is not Extent.NONE:
        seen.update(*(symbols(_changes(step)) for step in given))
    legend = "   ".join(f"{change.value} {translate(WORDS[change])}" for change in Change if change in seen)
    console.print(Text(f"  {legend}", "dim"))
    for number, step in enumerate(given, 1):
        print_step(step, number, console, policies)


def print_step(step: Step, number: int, console: Terminal, policies: Extent = Extent.CHANGES) -> None:
    """Write one step, with so much of its policy, where it has one, as is asked for."""
    change = change_of(step)
    line = Text(f"  {number:>2} ")
    line.append(f"{change.value} ", CHANGE_STYLE[change])
    line.append(_call(step), "bold")
    line.append(" " + say(what(step)))
    console.prose(line, indent=7)
    match policies:
        case Extent.CHANGES:
            print_changes(_changes(step), console)
        case Extent.WHOLE:
            print_whole(_changes(step), console)
        case Extent.NONE:
            pass
    if isinstance(step, UpdateTrail):
        console.print(Text(f"       {step.trail_arn}", "dim"))


def _changes(step: Step) -> tuple[StatementTexts, ...]:
    """Return what a step changes in a policy, also beside its statements."""
    match step:
        case CreateKey(policy=policy) | ReplicateKey(policy=policy):
            return policy_changes("", policy)
        case PutKeyPolicy(before=before, after=after):
            return policy_changes(before, after)
        case _:
            return ()


def _call(step: Step) -> str:
    if isinstance(step, Leave):
        return _call(step.step)
    if isinstance(step, SetKeyRotation) and not step.after:
        return "kms:DisableKeyRotation"
    return str(step.__struct_config__.tag)


def what(step: Step) -> Message:  # noqa: C901, PLR0911 - one sentence for each kind of step
    """Return what a step changes, from what to what."""
    match step:
        case CreateKey(region=region, origin=origin, multi_region=multi_region):
            return _made(region, origin, multi_region=multi_region)
        case ReplicateKey(region=region, primary=primary):
            return message("a replica in {region} of {key}", region=region, key=name_of(primary))
        case ImportKeyMaterial(key=key):
            return message("your own key material into {key}; the steps below wait for it", key=name_of(key))
        case PutKeyPolicy(key=key):
            return message("on {key}", key=name_of(key))
        case CreateAlias(alias=alias, key=key):
            return message("{alias} for {key}", alias=alias, key=name_of(key))
        case DeleteAlias(alias=alias, key=key):
            return message("{alias} of {key}; the key stays", alias=alias, key=name_of(key))
        case SetKeyRotation(key=key, before=before, after=after):
            return message(
                "{key}: {before} → {after}", key=name_of(key), before=_period(before), after=_period(after)
            )
        case CancelKeyDeletion(key=key, before=before):
            return message(
                "{key}: {before} → {after}", key=name_of(key), before=before, after=KeyState.DISABLED.value
            )
        case EnableKey(key=key):
            facts = {"before": KeyState.DISABLED.value, "after": KeyState.ENABLED.value}
            return message("{key}: {before} → {after}", key=name_of(key), **facts)
        case UpdateTrail(trail_arn=arn, before=before, after=after):
            return message(
                "{trail}: {before} → {after}",
                trail=Arn.parse(arn).resource_name,
                before=name_of(before),
                after=name_of(after),
            )
        case Leave(step=left):
            return message("{what}: stays as it is", what=say(what(left)))
        case _:
            assert_never(step)


def _made(region: str, origin: str, *, multi_region: bool) -> Message:
    if origin == "EXTERNAL" and multi_region:
        return message(
            "a multi-Region key in {region} for your own key material, with this policy", region=region
        )
    if origin == "EXTERNAL":
        return message("a key in {region} for your own key material, with this policy", region=region)
    if multi_region:
        return message("a multi-Region key in {region}, with this policy", region=region)
    return message("a key in {region}, with this policy", region=region)


def name_of(key: str) -> str:
    """Return how a key is called in text."""
    if not key:
        return "SSE-S3"
    return say(message("the new key in {region}", region=key_region(key))) if is_new(key) else key


def _period(days: int) -> str:
    return say(message("every {days} days", days=days)) if days else translate(N_("no rotation"))


def summary(steps: Iterable[Step]) -> str:
    """Return the last line: how many steps, and what they do."""
    counts = Counter(change_of(step) for step in steps)
    parts = (
        message("{count} to add", count=counts[Change.ADDED]),
        message("{count} to change", count=counts[Change.CHANGED]),
        message("{count} to remove", count=counts[Change.REMOVED]),
    )
    return listed(say(part) for part in parts)
