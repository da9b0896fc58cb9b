"""The proof table as text."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, message
from trailseal.model.log_file import Delivered
from trailseal.model.unreadable import Unreadable
from trailseal.plan.proof import Finding, Proof, ProofRow, SwitchSource, TrailProof

FINDINGS = {
    Finding.BEFORE: (N_("before the switch"), "dim"),
    Finding.UNDER_KEY: (N_("under the key"), "green"),
    Finding.IN_FLIGHT: (N_("under way then"), "cyan"),
    Finding.NOT_UNDER_KEY: (N_("NOT under the key"), "red"),
    Finding.ANOTHER_TRAIL: (N_("another trail's?"), "magenta"),
}
KINDS = {Delivered.LOG_FILE: N_("log file"), Delivered.DIGEST_FILE: N_("digest file")}
SOURCES = {
    SwitchSource.JOURNAL: N_("from the journal of apply"),
    SwitchSource.EVENT: N_("from CloudTrail's UpdateTrail event"),
    SwitchSource.OBJECT: N_("from the earliest object under the key"),
    SwitchSource.NONE: N_("not known"),
}


def print_proof(proof: Proof, console: Console) -> None:
    """Write one table for each trail, and what it proves."""
    console.print(say(message("Delivered objects since {since}", since=f"{proof.since:%Y-%m-%dT%H:%M:%SZ}")))
    for trail in proof.trails:
        console.print()
        _trail(trail, console)
    for reason in proof.unreadable:
        text = message(
            "not read: {call} {code} {where}", call=reason.call, code=reason.code, where=reason.where
        )
        console.print(Text(say(text), "magenta"), soft_wrap=True)


def _trail(trail: TrailProof, console: Console) -> None:
    console.print(Text(trail.trail_arn, "bold"), soft_wrap=True)
    console.print(say(message("  key     {key}", key=trail.kms_key_id or "SSE-S3")), soft_wrap=True)
    if trail.switched_at:
        when = message(
            "  switch  {when}, {source}",
            when=f"{trail.switched_at:%Y-%m-%dT%H:%M:%SZ}",
            source=translate(SOURCES[trail.source]),
        )
        console.print(say(when), soft_wrap=True)
    _tables(trail, console)
    for arn in trail.shared_with:
        text = message("  {trail} delivers into the same folders: its log files look alike", trail=arn)
        console.print(Text(say(text), "yellow"), soft_wrap=True)
    for reason in trail.unreadable:
        text = message(
            "  not read: {call} {code} {where}", call=reason.call, code=reason.code, where=reason.where
        )
        console.print(Text(say(text), "magenta"), soft_wrap=True)
    console.print(Text("  " + say(_verdict(trail)), "bold"), soft_wrap=True)


def _unread(reason: Unreadable, console: Console) -> None:
    text = message(
        "  not read: {call} {code} {where}", call=reason.call, code=reason.code, where=reason.where
    )
    console.print(Text(say(text), "magenta"), soft_wrap=True)


def _tables(trail: TrailProof, console: Console) -> None:
    """Write one table for each account and Region."""
    places = dict.fromkeys((row.account, row.region) for row in trail.rows)
    for account, region in places:
        console.print(f"  {account} {region}")
        rows = [row for row in trail.rows if (row.account, row.region) == (account, region)]
        console.print(Padding(_table(rows, trail), (0, 0, 0, 2)))


def _table(rows: list[ProofRow], trail: TrailProof) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False)
    for title in (N_("kind"), N_("when"), N_("encryption"), N_("newest")):
        table.add_column(translate(title), overflow="fold")
    table.add_column(translate(N_("objects")), justify="right")
    for row in rows:
        word, style = FINDINGS[row.finding]
        table.add_row(
            translate(KINDS[row.kind]),
            Text(translate(word), style) if trail.switched_at else "-",
            _encryption(row, trail.kms_key_id),
            f"{row.newest:%Y-%m-%dT%H:%M:%SZ}",
            f"{row.count:,}",
        )
    return table


def _encryption(row: ProofRow, key: str) -> str:
    if not row.kms_key_id:
        return row.encryption or "-"
    if row.kms_key_id == key:
        return ", ".join((row.encryption, translate(N_("the key"))))
    return f"{row.encryption} {row.kms_key_id.rpartition('/')[2][:8]}…"


def _verdict(trail: TrailProof) -> Message:
    if not trail.kms_key_id:
        return message("NOT PROVEN: the trail is on SSE-S3 and names no key")
    if trail.is_refuted:
        return message("REFUTED: something was delivered after the switch that is not under the key")
    if trail.is_proven:
        return message("PROVEN: everything delivered since the switch is under the key")
    return message("NOT KNOWN: no log file has been delivered since the switch, or not all could be read")
