"""A proof as terminal text: the verdict, what it rests on, and how to replay a refutation."""

from __future__ import annotations

from rich.text import Text

from trailseal.access.prove.proof import AccessProof, ProofVerdict
from trailseal.access.readers.log_object import Sealing
from trailseal.locale.language import say, translate
from trailseal.messages import Message, counted, message
from trailseal.run.who_proof import ProofAnswer, TrailAccessProof
from trailseal.view.reading import print_rest
from trailseal.view.terminal import Terminal
from trailseal.view.who import SEALINGS, print_unread
from trailseal.view.words import SHOWN

COLOURS = {ProofVerdict.PROVEN: "green", ProofVerdict.REFUTED: "red", ProofVerdict.UNKNOWN: "yellow"}


def print_proof(answer: ProofAnswer, console: Terminal) -> None:
    """Write each trail's verdict with its assumptions."""
    for trail in answer.trails:
        _trail(trail, console)
    print_unread(answer.unread, console)


def _trail(shown: TrailAccessProof, console: Terminal) -> None:
    proof = shown.proof
    head = Text(f"{proof.verdict.value}  ", f"bold {COLOURS[proof.verdict]}")
    console.print(head.append(say(_verdict(proof)), "bold"))
    console.print(Text(f"  {shown.trail}", "dim"))
    for reader in shown.only:
        console.print(Text("  " + say(message("only {reader}", reader=reader)), "dim"))
    for line in _details(shown):
        console.print(Text("  " + say(line)))
    print_rest(len(shown.readers), console)
    console.print(Text("  " + say(message("This rests on:")), "dim"))
    for assumption in shown.assumptions:
        console.prose(Text("  · " + say(assumption), "dim"), indent=4)
    if shown.requests:
        hint = message("to replay it, give `requests` of --format json to trailseal simulate, a line each")
        console.prose(Text("  " + say(hint), "dim"))


def _verdict(proof: AccessProof) -> Message:
    match proof.verdict:
        case ProofVerdict.PROVEN:
            return message("nobody outside the list can read")
        case ProofVerdict.REFUTED if len(proof.ways) > 1:
            return counted(
                "{principal} and {count} more kind of caller can read",
                "{principal} and {count} more kinds of callers can read",
                len(proof.ways) - 1,
                principal=proof.principal,
            )
        case ProofVerdict.REFUTED:
            return message("{principal} can read", principal=proof.principal)
        case ProofVerdict.UNKNOWN:
            return message("not decided: {why}", why=say(proof.why))


def _details(shown: TrailAccessProof) -> list[Message]:
    proof = shown.proof
    lines = [
        counted(
            "{count} kind of caller told apart, {decisions} decisions",
            "{count} kinds of callers told apart, {decisions} decisions",
            proof.kinds,
            decisions=proof.decisions,
        )
    ]
    lines += [
        message(
            "{principal} reads a log file ({sealing}): {lines}",
            principal=reader.principal,
            sealing=translate(SEALINGS[Sealing(reader.sealing)]),
            lines=", ".join(line["id"] for line in reader.requests),
        )
        for reader in shown.readers[:SHOWN]
    ]
    if shown.outside is not None and shown.outside.verdict is ProofVerdict.REFUTED:
        lines.append(
            message(
                "a principal that does not exist today could read: {principal}",
                principal=shown.outside.principal,
            )
        )
    return lines
