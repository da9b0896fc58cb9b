"""Findings as rows: what failed or is not known in full, what passed as a count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from trailseal.controls.finding import Finding, Verdict
from trailseal.controls.hub import HubView
from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, counted, message
from trailseal.run.check import CheckRow
from trailseal.view.rows import print_rows
from trailseal.view.terminal import Terminal

VERDICTS = {
    Verdict.FAIL: (N_("FAILED"), "bold red"),
    Verdict.UNKNOWN: (N_("UNKNOWN"), "bold magenta"),
    Verdict.NO_DATA: (N_("no data"), "dim"),
    Verdict.PASS: (N_("passed"), "green"),
}
SEVERITIES = {
    "critical": N_("critical"),
    "high": N_("high"),
    "medium": N_("medium"),
    "low": N_("low"),
}
INDENT = 2
LONG = 200
"""Letters of a command: a longer one is no line to read, and stands in its place with -v alone."""
COMMANDS = ("command", "todo")
"""The facts of a remedy that hold a command."""


def print_findings(rows: Sequence[CheckRow], console: Terminal, *, detail: bool) -> None:
    """Write what failed first; what passed is counted, and listed with `detail`."""
    folded = () if detail else tuple(row for row in rows if _is_quiet(row))
    told: list[tuple[Text | tuple[Text, ...], ...]] = []
    for verdict, (word, style) in VERDICTS.items():
        for row, alike in _alike([r for r in rows if r.finding.verdict is verdict and r not in folded]):
            severity = translate(SEVERITIES[row.finding.severity.value])
            cells = Text(translate(word), style), Text(row.finding.check), Text(severity, "dim")
            told.append((*cells, tuple(_told(row, alike, detail=detail))))
    print_rows(told, console, indent=INDENT)
    if folded:
        count = counted("{count} passed (-v lists it)", "{count} passed (-v lists them)", len(folded))
        console.print(Text(" " * INDENT + say(count), "green"))


def _is_quiet(row: CheckRow) -> bool:
    """Whether it passed and Security Hub says nothing else."""
    return row.finding.verdict is Verdict.PASS and not (row.security_hub and row.security_hub.disagrees)


def _alike(rows: list[CheckRow]) -> list[tuple[CheckRow, int]]:
    """Return the rows, those of one check that pass or have no data as one row with their number."""
    kept: dict[tuple[str, int], tuple[CheckRow, int]] = {}
    for number, row in enumerate(rows):
        loud = row.finding.verdict in {Verdict.FAIL, Verdict.UNKNOWN} or not row.finding.region
        name = (row.finding.check, number if loud else -1)
        first, alike = kept.get(name, (row, 0))
        kept[name] = (first, alike + 1)
    return list(kept.values())


def _told(row: CheckRow, alike: int, *, detail: bool) -> Iterator[Text]:
    finding = row.finding
    text = Text(say(finding.text))
    if alike > 1:
        more = counted(" (and {count} more like it)", " (and {count} more like it)", alike - 1)
        text.append(say(more), "dim")
    yield text
    if finding.remedy and finding.verdict is Verdict.FAIL:
        yield fix(finding.remedy, detail=detail)
    if row.security_hub:
        yield _hub(row.security_hub, finding)


def fix(remedy: Message, *, detail: bool) -> Text:
    """Return what mends a finding; a command to copy is not broken, as nowhere."""
    mend = message("Fix: {remedy}", remedy=say(remedy if detail else without_long(remedy)))
    return Text(say(mend), "dim")


def is_long(remedy: Message) -> bool:
    """Whether its command is too long to be read."""
    return any(len(str(remedy.facts.get(name, ""))) > LONG for name in COMMANDS)


def without_long(remedy: Message) -> Message:
    """Return the remedy, a long command replaced by how to see it."""
    if not is_long(remedy):
        return remedy
    seen = say(message("-v prints the command"))
    facts = {name: seen if name in COMMANDS else fact for name, fact in remedy.facts.items()}
    return Message(remedy.template, facts, remedy.plural)


def _hub(said: HubView, finding: Finding) -> Text:
    told = message("Security Hub: {status}", status=said.status)
    if said.workflow == "SUPPRESSED":
        told = message("Security Hub: {status}, suppressed", status=said.status)
    if not said.disagrees:
        return Text(say(told), "dim")
    return Text(f"{say(told)}; {say(_disagreement(finding))}", "yellow")


def _disagreement(finding: Finding) -> Message:
    if finding.verdict is Verdict.PASS:
        return message("it looks again within 12-24 h and should then agree")
    return message("it has not seen this yet, and looks again within 12-24 h")
