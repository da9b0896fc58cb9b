"""What an undo came to, as text: what stays, which objects need the key, and what to type next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from trailseal.locale.language import aside, say, translate
from trailseal.messages import N_, Message, counted, message
from trailseal.model.log_file import Delivered
from trailseal.plan.step import CreateAlias, EnableKey, Step, call_of, key_region
from trailseal.run.policies_now import NotTakenBack
from trailseal.run.undo import OnlyUnder, Undone
from trailseal.view.steps import name_of, what
from trailseal.view.terminal import Terminal
from trailseal.view.words import figure, listed

PLACES = 5
"""So many places are named on a line; the JSON has all."""


def print_undone(undone: Undone, console: Terminal) -> None:
    """Write what stays and why, which objects need the key, and how it ended; the steps were told before."""
    print_not_taken_back(undone.not_taken_back, console)
    for line in _keys_that_stay(undone.left):
        console.prose(say(line))
    for line in _only_under(undone.only_under):
        console.prose(Text(say(line), "yellow"))
    console.print()
    text = counted(
        "Undone: {count} step. No key was deleted or disabled.",
        "Undone: {count} steps. No key was deleted or disabled.",
        len(undone.steps),
    )
    console.print(Text(say(text), "bold"))
    command = f"trailseal undo {undone.run}" if undone.not_taken_back else "trailseal check"
    console.print(Text(say(message("Next: {command}", command=command)), "bold"))


def print_not_taken_back(refused: tuple[NotTakenBack, ...], console: Terminal) -> None:
    """Write which steps stay done, because AWS would refuse to take them back, and why."""
    if not refused:
        return
    console.print(Text(translate(N_("Not undone, because AWS would refuse it:")), "red"))
    for each in refused:
        console.prose(f"     ~ {call_of(each.step)} {say(what(each.step))}", indent=7)
        for why in each.why:
            console.prose(f"       {say(why)}")


def _keys_that_stay(left: tuple[Step, ...]) -> Iterator[Message]:
    """Yield each key that stands as the run left it, by its name too, and how to disable one all the same."""
    aliases = {step.key: step.alias for step in left if isinstance(step, CreateAlias)}
    for key in dict.fromkeys(str(getattr(step, "key", "")) for step in left):
        called = f"{name_of(key)}{aside(aliases[key])}" if key in aliases else name_of(key)
        yield message("Stays as it is, because a key is never deleted or disabled: {key}", key=called)
    for step in left:
        if isinstance(step, EnableKey):
            yield message(
                "to disable it all the same: aws kms disable-key --key-id {key} --region {region}",
                key=step.key,
                region=key_region(step.key),
            )


def _only_under(found: Iterable[OnlyUnder]) -> Iterator[Message]:
    """Yield for each key, bucket and kind how many objects need the key, and what could not be looked at."""
    counts: dict[tuple[str, str, Delivered], list[OnlyUnder]] = {}
    for each in found:
        if each.unreadable:
            yield message(
                "Which objects in {place} can only be decrypted with key {key} could not be looked at: {why}",
                key=each.key,
                place=_place(each),
                why=each.unreadable,
            )
        elif each.count:
            counts.setdefault((each.key, each.bucket, each.kind), []).append(each)
    for (key, bucket, kind), places in counts.items():
        yield _needing(kind, places, key=key, bucket=bucket)


def _needing(kind: Delivered, places: list[OnlyUnder], *, key: str, bucket: str) -> Message:
    facts = {"many": figure(sum(each.count for each in places)), "key": key, "bucket": bucket}
    facts["places"] = listed(f"{_folder(each)}: {figure(each.count)}" for each in places[:PLACES])
    if len(places) > PLACES:
        facts["places"] += ", …"
    total = sum(each.count for each in places)
    if kind is Delivered.DIGEST_FILE:
        return counted(
            "{many} digest file in {bucket} ({places}) can only be decrypted with key {key}",
            "{many} digest files in {bucket} ({places}) can only be decrypted with key {key}",
            total,
            **facts,
        )
    return counted(
        "{many} log file in {bucket} ({places}) can only be decrypted with key {key}",
        "{many} log files in {bucket} ({places}) can only be decrypted with key {key}",
        total,
        **facts,
    )


def _folder(under: OnlyUnder) -> str:
    return f"{under.root} {under.region}".strip()


def _place(under: OnlyUnder) -> str:
    return f"{under.bucket}/{_folder(under)}"
