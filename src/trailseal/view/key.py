"""A key as text."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from trailseal.locale.language import say, translate
from trailseal.messages import N_, message
from trailseal.model.key import KeyState, KmsKey, Rotation
from trailseal.model.unreadable import Unreadable
from trailseal.run.key import KeyShown
from trailseal.view.terminal import Terminal
from trailseal.view.words import when


def print_key(shown: KeyShown, console: Terminal) -> None:
    """Write the key's state, names, rotation and material."""
    key = shown.key
    console.print(Text(key.arn, "bold"))
    for name, value in _rows(key):
        console.print(f"  {translate(name):<12} {value}")
    for warning in shown.warnings:
        console.print(Text(f"  {say(warning)}", "yellow"))


def _rows(key: KmsKey) -> Iterator[tuple[str, str]]:
    style = translate(N_("usable")) if key.state.is_usable else translate(N_("NOT usable"))
    yield N_("state"), f"{key.state.value} ({style})"
    if key.state is KeyState.PENDING_DELETION and key.deletion_date:
        yield N_("deletion"), when(key.deletion_date)
    yield N_("aliases"), _listed(key.aliases)
    yield N_("spec"), f"{key.key_spec}, {key.key_usage}"
    yield N_("manager"), key.key_manager
    yield N_("multi-Region"), translate(N_("yes") if key.multi_region else N_("no"))
    yield N_("origin"), _origin(key)
    yield N_("rotation"), _rotation(key)
    if isinstance(key.rotation, Rotation):
        yield from _past(key.rotation)
    yield N_("grants"), str(len(key.grants)) if isinstance(key.grants, tuple) else _not_read(key.grants)
    if isinstance(key.tags, Unreadable):
        yield N_("tags"), _not_read(key.tags)
    if isinstance(key.policies, Unreadable):
        yield N_("policy"), _not_read(key.policies)
    else:
        yield N_("policy"), say(message("trailseal policy show {key}", key=key.arn))


def _past(rotation: Rotation) -> Iterator[tuple[str, str]]:
    if isinstance(rotation.past, Unreadable):
        yield N_("rotated"), _not_read(rotation.past)
        return
    for at, kind in rotation.past:
        yield N_("rotated"), f"{when(at)} {kind}"


def _not_read(reason: Unreadable) -> str:
    return say(message("not read: {call} {code}", call=reason.call, code=reason.code))


def _origin(key: KmsKey) -> str:
    if key.origin != "EXTERNAL":
        return key.origin
    ends = when(key.valid_to, none=translate(N_("never")))
    return say(message("EXTERNAL (your own key material), expires {when}", when=ends))


def _rotation(key: KmsKey) -> str:
    match key.rotation:
        case Unreadable():
            return _not_read(key.rotation)
        case Rotation(enabled=True, period_in_days=days, next_rotation=following):
            return say(message("every {days} days, next {when}", days=days or 365, when=when(following)))
        case Rotation():
            return translate(N_("no rotation"))
        case None:
            return translate(N_("none for this kind of key"))


def _listed(names: tuple[str, ...] | Unreadable) -> str:
    if isinstance(names, Unreadable):
        return _not_read(names)
    return ", ".join(names) or "-"
