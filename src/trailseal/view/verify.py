"""The proof table as text; last of all, what to type next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rich.text import Text

from trailseal.controls.typed import typed
from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, counted, message
from trailseal.model.region_off import sentences
from trailseal.model.unreadable import Unreadable
from trailseal.plan.proof import DeliveryProof, GroupMeaning, ProofRow, SwitchSource, TrailDeliveryProof
from trailseal.view.rows import print_rows
from trailseal.view.terminal import Terminal
from trailseal.view.words import KINDS, figure, listed, when

FINDINGS = {
    GroupMeaning.BEFORE: (N_("before the switch"), "dim"),
    GroupMeaning.UNDER_KEY: (N_("encrypted with the key"), "green"),
    GroupMeaning.IN_FLIGHT: (N_("under way then"), "cyan"),
    GroupMeaning.NOT_UNDER_KEY: (N_("NOT encrypted with the key"), "red"),
    GroupMeaning.ANOTHER_TRAIL: (N_("another trail's?"), "magenta"),
}
TITLES = (N_("kind"), N_("verdict"), N_("encryption"), N_("newest"), N_("objects"))
SOURCES = {
    SwitchSource.JOURNAL: N_("from the journal of apply"),
    SwitchSource.EVENT: N_("from CloudTrail's UpdateTrail event"),
    SwitchSource.OBJECT: N_("from the earliest object encrypted with the key"),
    SwitchSource.NONE: N_("not known"),
}


def print_delivered(proof: DeliveryProof, console: Terminal) -> None:
    """Write one table for each trail, and what it proves."""
    console.print(say(message("Delivered objects since {since}", since=when(proof.since))))
    if proof.has_no_trail:
        console.print(say(message("There is no trail.")))
    for trail in proof.trails:
        console.print()
        _trail(trail, console, since=proof.since)
    _unread(proof, console)
    _last(proof, console)


def _unread(proof: DeliveryProof, console: Terminal) -> None:
    for sentence in sentences(_reasons(proof)):
        console.prose(Text(say(sentence), "magenta"))
    for reason in proof.unreadable:
        text = message(
            "not read: {call} {code} {where}", call=reason.call, code=reason.code, where=reason.where
        )
        console.print(Text(say(text), "magenta"))


def _last(proof: DeliveryProof, console: Terminal) -> None:
    """Write how many trails are proven, where there are several, and what to type next."""
    console.print()
    if len(proof.trails) > 1:
        console.print(Text(say(_count(proof)), "bold"))
    console.print(Text(say(_next(proof)), "bold"))


def _count(proof: DeliveryProof) -> Message:
    refuted = sum(trail.is_refuted for trail in proof.trails)
    proven = sum(trail.is_proven for trail in proof.trails)
    return message(
        "{all} trails: {refuted} refuted or without a key, {unknown} not known, {proven} proven.",
        all=len(proof.trails),
        refuted=refuted,
        unknown=len(proof.trails) - refuted - proven,
        proven=proven,
    )


def _next(proof: DeliveryProof) -> Message:
    """Return what to type next, for the worst that was found."""
    if any(trail.kms_key_id and trail.is_refuted for trail in proof.trails):
        return message("Next, see what is wrong with key and bucket: {command}", command="trailseal check")
    if bare := tuple(trail.trail_arn for trail in proof.trails if not trail.kms_key_id):
        command = typed("trailseal plan", trail=bare)
        return message("Next, plan the switch: {command}", command=command)
    if denied := tuple(each.call for each in _reasons(proof) if each.is_denied):
        return message(
            "Next, let the caller read the rest ({calls}): {command}",
            calls=listed(dict.fromkeys(denied)),
            command="trailseal permissions verify",
        )
    if _reasons(proof):
        return message("To know the rest, look again: {command}", command="trailseal verify")
    return _next_where_all_was_read(proof)


def _next_where_all_was_read(proof: DeliveryProof) -> Message:
    if proof.has_no_trail:
        return message("Next: {command}", command="trailseal check")
    if not all(trail.is_proven for trail in proof.trails):
        return message("Next, wait for the next log files: {command}", command="trailseal verify --wait")
    if any(row.finding is GroupMeaning.BEFORE for trail in proof.trails for row in trail.rows):
        return message(
            "What was delivered before the switch stays as it was. To count it: {command}",
            command="trailseal history census",
        )
    return message("Next, see who can read the log files: {command}", command="trailseal who")


def _reasons(proof: DeliveryProof) -> tuple[Unreadable, ...]:
    return (*proof.unreadable, *(each for trail in proof.trails for each in trail.unreadable))


def _trail(trail: TrailDeliveryProof, console: Terminal, *, since: datetime) -> None:
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
    if trail.is_sampled:
        text = counted(
            "  looked at {looked_at} of {listed} object: the first, the last and one a day of each place;"
            " --all looks at each",
            "  looked at {looked_at} of {listed} objects: the first, the last and one a day of each place;"
            " --all looks at each",
            trail.listed,
            looked_at=figure(trail.looked_at),
            listed=figure(trail.listed),
        )
        console.prose(Text(say(text), "yellow"), indent=2)
    if trail.gone:
        text = counted(
            "  {count} object was deleted after it was listed: nothing is known of its encryption",
            "  {count} objects were deleted after they were listed: nothing is known of their encryption",
            trail.gone,
        )
        console.prose(Text(say(text), "yellow"), indent=2)
    for reason in trail.unreadable:
        text = message(
            "  not read: {call} {code} {where}", call=reason.call, code=reason.code, where=reason.where
        )
        console.print(Text(say(text), "magenta"))
    console.prose(Text("  " + say(_verdict(trail, since)), "bold"), indent=2)


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
        return listed((row.encryption, translate(N_("the key"))))
    return f"{row.encryption} {row.kms_key_id}"


def _verdict(trail: TrailDeliveryProof, since: datetime) -> Message:
    """Return what is proven: of a sample, or of a part of the time since the switch, no more than that."""
    if not trail.kms_key_id:
        return message("NOT PROVEN: the trail is on SSE-S3 and names no key")
    if trail.is_refuted:
        return message("REFUTED: something was delivered after the switch that is not encrypted with the key")
    if trail.is_proven and (not trail.saw_everything or (trail.switched_at and trail.switched_at < since)):
        return message(
            "PROVEN of what was looked at: everything that came after the switch is encrypted with the key"
        )
    if trail.is_proven:
        return message("PROVEN: everything delivered since the switch is encrypted with the key")
    return message("NOT KNOWN: no log file has been delivered since the switch, or not all could be read")
