"""The proof table as text."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, message
from trailseal.model.unreadable import Unreadable
from trailseal.plan.proof import DeliveryProof, GroupMeaning, ProofRow, SwitchSource, TrailDeliveryProof
from trailseal.view.rows import print_rows
from trailseal.view.terminal import Terminal
from trailseal.view.words import KINDS, figure, when

FINDINGS = {
    GroupMeaning.BEFORE: (N_("before the switch"), "dim"),
    GroupMeaning.UNDER_KEY: (N_("under the key"), "green"),
    GroupMeaning.IN_FLIGHT: (N_("under way then"), "cyan"),
    GroupMeaning.NOT_UNDER_KEY: (N_("NOT under the key"), "red"),
    GroupMeaning.ANOTHER_TRAIL: (N_("another trail's?"), "magenta"),
}
TITLES = (N_("kind"), N_("when"), N_("encryption"), N_("newest"), N_("objects"))
SOURCES = {
    SwitchSource.JOURNAL: N_("from the journal of apply"),
    SwitchSource.EVENT: N_("from CloudTrail's UpdateTrail event"),
    SwitchSource.OBJECT: N_("from the earliest object under the key"),
    SwitchSource.NONE: N_("not known"),
}


def print_delivered(proof: DeliveryProof, console: Terminal) -> None:
    """Write one table for each trail, and what it proves."""
    console.print(say(message("Delivered objects since {since}", since=when(proof.since))))
    for trail in proof.trails:
        console.print()
        _trail(trail, console)
    for reason in proof.unreadable:
        text = message(
            "not read: {call} {code} {where}", call=reason.call, code=reason.code, where=reason.where
        )
        console.print(Text(say(text), "magenta"))


def _trail(trail: TrailDeliveryProof, console: Terminal) -> None:
    console.print(Text(trail.trail_arn, "bold"))
    console.print(say(message("  key     {key}", key=trail.kms_key_id or "SSE-S3")))
    if trail.switched_at:
        told = message(
            "  switch  {when}, {source}",
            when=when(trail.switched_at),
            source=translate(SOURCES[trail.source]),
        )
        console.print(say(told))
    _tables(trail, console)
    for arn in trail.shared_with:
        text = message("  {trail} delivers into the same folders: its log files look alike", trail=arn)
        console.print(Text(say(text), "yellow"))
    for reason in trail.unreadable:
        text = message(
            "  not read: {call} {code} {where}", call=reason.call, code=reason.code, where=reason.where
        )
        console.print(Text(say(text), "magenta"))
    console.print(Text("  " + say(_verdict(trail)), "bold"))


def _unread(reason: Unreadable, console: Terminal) -> None:
    text = message(
        "  not read: {call} {code} {where}", call=reason.call, code=reason.code, where=reason.where
    )
    console.print(Text(say(text), "magenta"))


def _tables(trail: TrailDeliveryProof, console: Terminal) -> None:
    """Write one table for each account and Region."""
    places = dict.fromkeys((row.account, row.region) for row in trail.rows)
    for account, region in places:
        console.print(f"  {account} {region}")
        rows = [row for row in trail.rows if (row.account, row.region) == (account, region)]
        print_rows(_cells(rows, trail), console, indent=2, right=(len(TITLES) - 1,))


def _cells(rows: list[ProofRow], trail: TrailDeliveryProof) -> Iterator[tuple[Text, ...]]:
    yield tuple(Text(translate(title), "bold") for title in TITLES)
    for row in rows:
        word, style = FINDINGS[row.finding]
        yield (
            Text(translate(KINDS[row.kind])),
            Text(translate(word), style) if trail.switched_at else Text("-"),
            Text(_encryption(row, trail.kms_key_id)),
            Text(when(row.newest)),
            Text(figure(row.count)),
        )


def _encryption(row: ProofRow, key: str) -> str:
    if not row.kms_key_id:
        return row.encryption or "-"
    if row.kms_key_id == key:
        return ", ".join((row.encryption, translate(N_("the key"))))
    return f"{row.encryption} {row.kms_key_id}"


def _verdict(trail: TrailDeliveryProof) -> Message:
    if not trail.kms_key_id:
        return message("NOT PROVEN: the trail is on SSE-S3 and names no key")
    if trail.is_refuted:
        return message("REFUTED: something was delivered after the switch that is not under the key")
    if trail.is_proven:
        return message("PROVEN: everything delivered since the switch is under the key")
    return message("NOT KNOWN: no log file has been delivered since the switch, or not all could be read")
