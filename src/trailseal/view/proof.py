"""A proof as terminal text: the verdict, what it rests on, and how to replay a refutation."""

from __future__ import annotations

from rich.text import Text

from trailseal.access.prove.proof import AccessProof, ProofVerdict
from trailseal.access.readers.log_object import Sealing
from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, counted, message
from trailseal.run.who_proof import ProofAnswer, TrailAccessProof
from trailseal.view.copies import print_copies
from trailseal.view.reading import print_rest
from trailseal.view.terminal import Terminal
from trailseal.view.who import SEALINGS, print_unread
from trailseal.view.words import SHOWN, listed

WORDS = {
    ProofVerdict.PROVEN: N_("PROVEN"),
    ProofVerdict.REFUTED: N_("REFUTED"),
    ProofVerdict.UNKNOWN: N_("UNKNOWN"),
}
COLOURS = {ProofVerdict.PROVEN: "green", ProofVerdict.REFUTED: "red", ProofVerdict.UNKNOWN: "yellow"}


def print_proof(answer: ProofAnswer, console: Terminal) -> None:
    """Write each trail's verdict with its assumptions."""
    for trail in answer.trails:
        _trail(trail, console)
    print_unread(answer.unread, console)
    if answer.trails:
        _last_lines(answer, console)


def _last_lines(answer: ProofAnswer, console: Terminal) -> None:
    """Write each verdict again, below all that it rests on, and the command to type next."""
    console.print()
    for trail in answer.trails:
        console.prose(Text(f"{translate(WORDS[trail.proof.verdict])}: {say(_verdict(trail.proof))}", "bold"))
    verdicts = {trail.proof.verdict for trail in answer.trails}
    command = "trailseal check"
    if ProofVerdict.REFUTED in verdicts:
        command = "trailseal who"
    elif ProofVerdict.UNKNOWN in verdicts:
        command = "trailseal permissions who"
    console.print(Text(say(message("Next: {command}", command=command)), "bold"))


def _trail(shown: TrailAccessProof, console: Terminal) -> None:
    proof = shown.proof
    head = Text(f"{translate(WORDS[proof.verdict])}  ", f"bold {COLOURS[proof.verdict]}")
    console.print(head.append(say(_verdict(proof)), "bold"))
    console.print(Text(f"  {shown.trail}", "dim"))
    for reader in shown.only:
        console.print(Text("  " + say(message("only {reader}", reader=reader)), "dim"))
    for line in _details(shown):
        console.prose(Text("  " + say(line)), indent=4)
    print_rest(len(shown.readers), console)
    console.print(Text("  " + say(message("This rests on:")), "dim"))
    for assumption in shown.assumptions:
        console.prose(Text("  · " + say(assumption), "dim"), indent=4)
    if shown.requests:
        hint = message("to replay it, give `requests` of --format json to trailseal simulate, a line each")
        console.prose(Text("  " + say(hint), "dim"))
    print_copies(shown.copies, console)


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
            "checked {count} class of callers ({decisions} policy evaluations)",
            "checked {count} classes of callers ({decisions} policy evaluations)",
            proof.kinds,
            decisions=proof.decisions,
        )
    ]
    lines += [
        message(
            "{principal} can decrypt a log file ({sealing}): {lines}",
            principal=reader.principal,
            sealing=translate(SEALINGS[Sealing(reader.sealing)]),
            lines=listed(line["id"] for line in reader.requests),
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
