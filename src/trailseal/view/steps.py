"""Steps as text: a symbol, the call, and what it changes from what to what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import assert_never

from rich.text import Text

from trailseal.access.lint.difference import Change
from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, message
from trailseal.model.arn import Arn
from trailseal.plan.difference import StatementTexts, differences, heads
from trailseal.plan.step import (
    CreateAlias,
    CreateKey,
    DeleteAlias,
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
from trailseal.view.terminal import Terminal

CHANGE_STYLE = {Change.ADDED: "green", Change.CHANGED: "yellow", Change.REMOVED: "red", Change.SAME: "dim"}
WORDS = {
    Change.ADDED: N_("add"),
    Change.CHANGED: N_("change"),
    Change.REMOVED: N_("remove"),
    Change.SAME: N_("leave as it is"),
}


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


def print_steps(steps: Iterable[Step], console: Terminal) -> None:
    """Write the steps in order, each with its symbol, and explain the symbols that occur."""
    listed = tuple(steps)
    for number, step in enumerate(listed, 1):
        print_step(step, number, console)
    seen = [change for change in Change if any(change_of(step) is change for step in listed)]
    legend = "   ".join(f"{change.value} {translate(WORDS[change])}" for change in seen)
    console.print(Text(f"  {legend}", "dim"))


def print_step(step: Step, number: int, console: Terminal) -> None:
    """Write one step, with its policy's statements where it has one."""
    change = change_of(step)
    line = Text(f"  {number:>2} ")
    line.append(f"{change.value} ", CHANGE_STYLE[change])
    line.append(_call(step), "bold")
    line.append(" " + say(what(step)))
    console.print(line)
    match step:
        case CreateKey(policy=policy) | ReplicateKey(policy=policy):
            _policy("", policy, console)
        case PutKeyPolicy(before=before, after=after):
            _policy(before, after, console)
        case UpdateTrail(trail_arn=arn):
            console.print(Text(f"       {arn}", "dim"))
        case _:
            return


def _policy(before: str, after: str, console: Terminal) -> None:
    """Write all that changes in a policy, also beside its statements."""
    print_differences((*heads(before, after), *differences(before, after)), console)


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


def print_differences(changes: tuple[StatementTexts, ...], console: Terminal) -> None:
    """Write each statement that changes in full, and name those that stay."""
    for change in changes:
        line = Text("       ")
        line.append(f"{change.change.value} ", CHANGE_STYLE[change.change])
        line.append(change.name)
        if change.change is Change.SAME:
            line.append(" " + translate(N_("(stays as it is)")), "dim")
        console.print(line)
        if change.change is not Change.SAME:
            _print_text(change.before if change.change is not Change.ADDED else "", "-", "red", console)
            _print_text(change.after, "+", "green", console)


def _print_text(text: str, symbol: str, style: str, console: Terminal) -> None:
    for line in text.splitlines():
        console.print(Text(f"           {symbol} {line}", style))


def summary(steps: Iterable[Step]) -> str:
    """Return the last line: how many steps, and what they do."""
    counts = Counter(change_of(step) for step in steps)
    parts = (
        message("{count} to add", count=counts[Change.ADDED]),
        message("{count} to change", count=counts[Change.CHANGED]),
        message("{count} to remove", count=counts[Change.REMOVED]),
    )
    return ", ".join(say(part) for part in parts)
