"""A check as text: the trails, what stands against them, the score; the last line is the summary."""

from __future__ import annotations

from rich.text import Text

from trailseal.controls.finding import Finding, Verdict
from trailseal.controls.hub import HubView
from trailseal.controls.score import Score
from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, counted, message
from trailseal.model.passed_over import sentences
from trailseal.run.check import CheckResult, CheckRow, TrailRow
from trailseal.view.check_trail import trail_facts
from trailseal.view.rows import print_rows
from trailseal.view.terminal import Terminal
from trailseal.view.words import when

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


def print_check(result: CheckResult, console: Terminal) -> None:
    """Write the whole result."""
    head = message("Account {account}, seen at {when}", account=result.account, when=when(result.taken_at))
    console.print(Text(say(head), "bold"))
    if not result.trails and not result.unreadable:
        console.print(say(message("There is no trail.")))
    shown: set[int] = set()
    for row in result.trails:
        _trail(row, result, shown, console)
    _findings(_rest(result, shown), console, title=N_("The account"))
    scores_told(result.scores, console, without=result.without_security_hub)
    _unread(result, console)
    _passed_over(result, console)
    console.print()
    console.print(Text(last_line(result), "bold"))


def last_line(result: CheckResult) -> str:
    """Return the summary."""
    counts = result.counts
    parts = [
        say(counted("{count} check failed", "{count} checks failed", counts.failed)),
        say(counted("{count} passed", "{count} passed", counts.passed)),
    ]
    if counts.unknown or result.unreadable:
        number = counts.unknown + len(result.unreadable)
        parts.insert(1, say(counted("{count} is not known", "{count} are not known", number)))
    trails = say(counted("{count} trail", "{count} trails", len(result.trails)))
    return f"{trails}: {', '.join(parts)}."


def _passed_over(result: CheckResult, console: Terminal) -> None:
    if result.passed_over:
        console.print()
    for sentence in sentences(result.passed_over):
        console.prose(Text(say(sentence)))


def _trail(row: TrailRow, result: CheckResult, shown: set[int], console: Terminal) -> None:
    console.print()
    line = Text(row.trail.name, "bold")
    line.append(f"  {row.trail.arn}", "dim")
    console.print(line)
    facts = ((Text(translate(name), "dim"), value) for name, value in trail_facts(row))
    print_rows(facts, console, indent=INDENT)
    own = [
        (number, each)
        for number, each in enumerate(result.findings)
        if number not in shown and row.trail.arn in each.finding.trails
    ]
    shown.update(number for number, _ in own)
    _findings([each for _, each in own], console)
    if row.fix_in:
        text = message(
            "This trail belongs to account {owner}: change it there or in its delegated administrator",
            owner=row.fix_in,
        )
        console.prose(Text(" " * INDENT + say(text), "yellow"))


def _rest(result: CheckResult, shown: set[int]) -> list[CheckRow]:
    return [each for number, each in enumerate(result.findings) if number not in shown]


def _findings(rows: list[CheckRow], console: Terminal, *, title: str = "") -> None:
    """Write what failed first; what passed in many Regions alike is written once."""
    if not rows:
        return
    console.print()
    if title:
        console.print(Text(translate(title), "bold"))
    told: list[tuple[Text | tuple[Text, ...], ...]] = []
    for verdict, (word, style) in VERDICTS.items():
        for row, alike in _folded([each for each in rows if each.finding.verdict is verdict]):
            severity = translate(SEVERITIES[row.finding.severity.value])
            cells = Text(translate(word), style), Text(row.finding.check), Text(severity, "dim")
            told.append((*cells, _told(row, alike)))
    print_rows(told, console, indent=INDENT)


def _folded(rows: list[CheckRow]) -> list[tuple[CheckRow, int]]:
    """Return the rows, those of one check that pass or have no data as one row with their number."""
    kept: dict[tuple[str, int], tuple[CheckRow, int]] = {}
    for number, row in enumerate(rows):
        loud = row.finding.verdict in {Verdict.FAIL, Verdict.UNKNOWN} or not row.finding.region
        name = (row.finding.check, number if loud else -1)
        first, alike = kept.get(name, (row, 0))
        kept[name] = (first, alike + 1)
    return list(kept.values())


def _told(row: CheckRow, alike: int) -> tuple[Text, ...]:
    finding = row.finding
    text = Text(say(finding.text))
    if alike > 1:
        text.append(
            say(counted(" (and {count} more like it)", " (and {count} more like it)", alike - 1)), "dim"
        )
    lines = [text]
    if finding.remedy and finding.verdict is Verdict.FAIL:
        lines.append(Text(say(message("to mend it: {remedy}", remedy=say(finding.remedy))), "dim"))
    if row.security_hub:
        lines.append(_hub(row.security_hub, finding))
    return tuple(lines)


def _hub(said: HubView, finding: Finding) -> Text:
    facts = {"status": said.status, "when": when(said.updated)}
    told = message("Security Hub: {status}, as of {when}", **facts)
    if said.workflow == "SUPPRESSED":
        told = message("Security Hub: {status}, suppressed, as of {when}", **facts)
    if not said.disagrees:
        return Text(say(told), "dim")
    return Text(f"{say(told)}; {say(_disagreement(finding))}", "yellow")


def _disagreement(finding: Finding) -> Message:
    if finding.verdict is Verdict.PASS:
        return message("it looks again within 12-24 h and should then agree")
    return message("it has not seen this yet, and looks again within 12-24 h")


def scores_told(scores: tuple[Score, ...], console: Terminal, *, without: tuple[str, ...] = ()) -> None:
    """Write the score of each standard, now and once CloudTrail.2 is passed, and where there is none."""
    if not scores and not without:
        return
    console.print()
    console.print(Text(translate(N_("Security score")), "bold"))
    for score in scores:
        console.prose(" " * INDENT + say(_score(score)))
    if without:
        off = message("Security Hub is not enabled in {regions}", regions=", ".join(without))
        console.prose(" " * INDENT + say(off))


def _score(score: Score) -> Message:
    facts: dict[str, str | int] = {"standard": score.standard, "region": score.region}
    if score.now is None:
        return message("{standard}, {region}: not known", **facts)
    total = score.passed + score.failed + score.unknown
    facts |= {"now": score.now, "passed": score.passed, "total": total}
    if score.after is None:
        return message("{standard}, {region}: {now} % ({passed} of {total} controls)", **facts)
    facts["after"] = score.after
    if score.is_due:
        return message(
            "{standard}, {region}: {now} % ({passed} of {total} controls), {after} % once it looks again at "
            "CloudTrail.2",
            **facts,
        )
    return message(
        "{standard}, {region}: {now} % ({passed} of {total} controls), "
        "{after} % if CloudTrail.2 alone turns to passed",
        **facts,
    )


def _unread(result: CheckResult, console: Terminal) -> None:
    if not result.unreadable and not result.missing_actions:
        return
    console.print()
    console.print(Text(translate(N_("Not everything could be read")), "bold magenta"))
    for reason in result.unreadable:
        text = message("{call}: {code} {where}", call=reason.call, code=reason.code, where=reason.where)
        console.print(" " * INDENT + say(text).rstrip())
    if not result.missing_actions:
        return
    needed = message(
        "the caller needs {actions}; trailseal permissions check prints the whole policy",
        actions=", ".join(result.missing_actions),
    )
    console.prose(" " * INDENT + say(needed))
