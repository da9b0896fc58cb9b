"""How the quick estimate looks."""

from __future__ import annotations

from trailseal.history.rules.quick import Quick, SwitchDay
from trailseal.locale.language import say
from trailseal.messages import Message, counted, message
from trailseal.view.terminal import Terminal


def write_quick(quick: Quick, console: Terminal) -> None:
    """Print one line for each account and Region, and the sum."""
    for switch in quick.regions:
        console.prose(_line(switch))
    for prefix in quick.without_days:
        console.prose(say(without_days(prefix)))
    if quick.without_days and not quick.regions:
        return
    console.prose(say(estimated(quick)))


def estimated(quick: Quick) -> Message:
    """Return about how many objects are not under a KMS key."""
    total = sum(switch.before for switch in quick.regions)
    return counted(
        "an estimate: about {count} object is not encrypted with a KMS key",
        "an estimate: about {count} objects are not encrypted with a KMS key",
        total,
    )


def without_days(prefix: str) -> Message:
    """Return that nothing is known of a prefix, and what to give in its place."""
    return message("{prefix} holds no days, and is not estimated: give .../CloudTrail/REGION/", prefix=prefix)


def _line(switch: SwitchDay) -> str:
    if switch.day is None:
        return say(_not_a_day(switch))
    text = counted(
        "{prefix} {first} .. {last}: SSE-KMS from {day} on, about {count} object before it;"
        " {agree} of {looked} other days agree",
        "{prefix} {first} .. {last}: SSE-KMS from {day} on, about {count} objects before it;"
        " {agree} of {looked} other days agree",
        switch.before,
        prefix=switch.prefix,
        first=str(switch.first),
        last=str(switch.last),
        day=str(switch.day),
        agree=switch.agree,
        looked=switch.looked,
    )
    return say(text)


def _not_a_day(switch: SwitchDay) -> Message:
    """Return what is said where no day begins with SSE-KMS: the switch may have been on the last one."""
    facts: dict[str, str | int] = {
        "prefix": switch.prefix,
        "first": str(switch.first),
        "last": str(switch.last),
        "agree": switch.agree,
        "looked": switch.looked,
    }
    if switch.newest_sealed:
        return counted(
            "{prefix} {first} .. {last}: no whole day is SSE-KMS yet, but the newest object is; about"
            " {count} object until then; {agree} of {looked} other days agree",
            "{prefix} {first} .. {last}: no whole day is SSE-KMS yet, but the newest object is; about"
            " {count} objects until then; {agree} of {looked} other days agree",
            switch.before,
            **facts,
        )
    return counted(
        "{prefix} {first} .. {last}: no day is SSE-KMS, about {count} object; {agree} of {looked}"
        " other days agree",
        "{prefix} {first} .. {last}: no day is SSE-KMS, about {count} objects; {agree} of {looked}"
        " other days agree",
        switch.before,
        **facts,
    )
