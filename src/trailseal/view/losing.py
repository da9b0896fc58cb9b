"""Whose reading ends with a plan: its last lines, and the question before it is done."""

from __future__ import annotations

from rich.text import Text

from trailseal.locale.language import say
from trailseal.messages import Message, counted, message
from trailseal.plan.losing import losing
from trailseal.plan.plan import Plan
from trailseal.view.terminal import Terminal
from trailseal.view.words import SHOWN, listed


def print_losing(plan: Plan, console: Terminal) -> None:
    """Write who loses access, those who read today first; nothing where nobody does."""
    found = losing(plan)
    if found.active:
        console.prose(Text(say(_active(found.active)), "bold red"))
    if found.idle:
        console.prose(Text(say(_idle(found.idle)), "red"))
    if found.maybe:
        console.prose(Text(say(_maybe(found.maybe)), "magenta"))


def question(plan: Plan) -> Message:
    """Return what is asked before a plan is carried out: it names whoever loses access."""
    lost = losing(plan).all
    if not lost:
        return message("Do this?")
    return counted(
        "{count} reader loses access: {readers}. Do this?",
        "{count} readers lose access: {readers}. Do this?",
        len(lost),
        readers=_named(lost),
    )


def _active(readers: tuple[str, ...]) -> Message:
    return counted(
        "{count} reader who reads today loses access, as accepted: {readers}",
        "{count} readers who read today lose access, as accepted: {readers}",
        len(readers),
        readers=_named(readers),
    )


def _idle(readers: tuple[str, ...]) -> Message:
    return counted(
        "{count} reader who can read today, and was not seen reading, loses access: {readers}",
        "{count} readers who can read today, and were not seen reading, lose access: {readers}",
        len(readers),
        readers=_named(readers),
    )


def _maybe(readers: tuple[str, ...]) -> Message:
    return counted(
        "{count} reader may lose access: {readers}",
        "{count} readers may lose access: {readers}",
        len(readers),
        readers=_named(readers),
    )


def _named(readers: tuple[str, ...]) -> str:
    """Return whole ARNs, so many as can be read; the list of readers has all."""
    shown = listed(readers[:SHOWN])
    if len(readers) <= SHOWN:
        return shown
    return say(message("{readers} and {count} more", readers=shown, count=len(readers) - SHOWN))
