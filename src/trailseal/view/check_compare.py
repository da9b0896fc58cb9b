"""Two checks as text, before and now side by side: what changed first, what did not as a count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.text import Text

from trailseal.controls.finding import Verdict
from trailseal.locale.language import aside, say, translate
from trailseal.messages import N_, Message, counted, message
from trailseal.run.check import CheckResult, Counts
from trailseal.run.compare import CheckComparison, ScoreChange, TrailChanges, VerdictChange
from trailseal.view.check_findings import INDENT, VERDICTS
from trailseal.view.check_last import what_next
from trailseal.view.rows import print_rows
from trailseal.view.terminal import Terminal
from trailseal.view.trail_names import trail_names
from trailseal.view.words import listed, when

TITLES = (N_("check"), N_("before"), N_("now"), "")
TO_BE_READ = frozenset({Verdict.FAIL, Verdict.UNKNOWN})


def print_comparison(found: CheckComparison, now: CheckResult, console: Terminal, *, detail: bool) -> None:
    """Write the whole comparison; the last line is what to do first now."""
    head = message(
        "Account {account}, before: {before}, now: {after}",
        account=found.account,
        before=when(found.before),
        after=when(found.after),
    )
    console.print(Text(say(head), "bold"))
    names = trail_names(each.trail for each in found.trails)
    for each in found.trails:
        console.print()
        line = Text(names[each.trail] or translate(N_("The account")), "bold")
        console.print(line.append(f"  {each.trail}" if each.trail else "", "dim"))
        _trail(each, console, detail=detail)
    if found.scores:
        console.print()
        console.print(Text(translate(N_("Security score")), "bold"))
    for score in found.scores:
        console.prose(" " * INDENT + say(score_change(score)), indent=INDENT)
    console.print()
    console.print(Text(summary(found), "bold"))
    for sentence in what_next(now):
        console.print(Text(sentence, "bold"))


def _trail(changes: TrailChanges, console: Terminal, *, detail: bool) -> None:
    new = () if detail else tuple(each for each in changes.changed if is_new(each))
    shown = [each for each in changes.changed if each not in new]
    rows: list[tuple[Text | tuple[Text, ...], ...]] = []
    if shown:
        rows.append(tuple(Text(translate(title), "dim") for title in TITLES))
    for each in shown:
        cells = Text(each.check), verdict(each.before), verdict(each.after)
        rows.append((*cells, tuple(_more(each, detail=detail)) or (Text(),)))
    print_rows(rows, console, indent=INDENT)
    if new:
        counts = Counter(each.check for each in new)
        names = listed(check + aside(str(count)) if count > 1 else check for check, count in counts.items())
        text = message("{count} new and passed: {checks}", count=len(new), checks=names)
        console.prose(Text(" " * INDENT + say(text), "green"), indent=INDENT)
    if told := unchanged(changes.unchanged):
        console.prose(Text(" " * INDENT + told, "dim"), indent=INDENT)


def is_new(change: VerdictChange) -> bool:
    """Whether it passes and was not judged before: a key that was not there yet, for instance."""
    return change.before is None and change.after is Verdict.PASS


def verdict(found: Verdict | None) -> Text:
    """Return a verdict as a word, a hyphen where there was none."""
    if found is None:
        return Text("-", "dim")
    word, style = VERDICTS[found]
    return Text(translate(word), style)


def _more(change: VerdictChange, *, detail: bool) -> Iterator[Text]:
    """Yield where it was looked at, what is wrong now, and what Security Hub says of it."""
    if change.region:
        yield Text(f"{change.account} {change.region}".strip(), "dim")
    if change.text and (detail or change.after in TO_BE_READ):
        yield Text(say(change.text))
    if change.security_hub_after:
        yield Text(say(_hub(change.security_hub_before, change.security_hub_after)), "dim")


def _hub(before: str, after: str) -> Message:
    if before == after:
        return message("Security Hub: still {status}", status=after)
    if not before:
        return message("Security Hub: {status}", status=after)
    return message("Security Hub: {before} → {after}", before=before, after=after)


def unchanged(counts: Counts) -> str:
    """Return how many findings are as they were, by verdict; "" where none is."""
    total = counts.failed + counts.unknown + counts.no_data + counts.passed
    parts = (
        (counts.failed, message("{count} failed", count=counts.failed)),
        (counts.unknown, message("{count} not known", count=counts.unknown)),
        (counts.no_data, message("{count} without data", count=counts.no_data)),
        (counts.passed, message("{count} passed", count=counts.passed)),
    )
    kinds = listed(say(text) for number, text in parts if number)
    return say(message("{count} unchanged: {kinds}", count=total, kinds=kinds)) if total else ""


def score_change(score: ScoreChange) -> Message:
    """Return a standard's score before and now."""
    facts = {"standard": score.standard, "region": score.region}
    return message(
        "{standard}, {region}: {before} before, {after} now",
        before=_percent(score.before),
        after=_percent(score.after),
        **facts,
    )


def _percent(score: int | None) -> str:
    return translate(N_("not known")) if score is None else f"{score}%"


def summary(found: CheckComparison) -> str:
    """Return how many findings changed, and how."""
    changes = [change for trail in found.trails for change in trail.changed]
    turned = [(each.before, each.after) for each in changes]
    fixed = turned.count((Verdict.FAIL, Verdict.PASS))
    unjudged = turned.count((None, Verdict.FAIL))
    failed = sum(after is Verdict.FAIL and before is not Verdict.FAIL for before, after in turned) - unjudged
    added = sum(map(is_new, changes))
    other = len(turned) - fixed - failed - unjudged - added
    same = sum(sum(_numbers(trail.unchanged)) for trail in found.trails)
    parts = (
        (failed, counted("{count} failed that did not before", "{count} failed that did not before", failed)),
        (unjudged, message("{count} new and failed", count=unjudged)),
        (fixed, message("{count} fixed", count=fixed)),
        (added, message("{count} new and passed", count=added)),
        (other, message("{count} changed otherwise", count=other)),
        (True, message("{count} unchanged", count=same)),
    )
    return say(message("{counts}.", counts=listed(say(text) for number, text in parts if number)))


def _numbers(counts: Counts) -> tuple[int, ...]:
    return counts.failed, counts.unknown, counts.no_data, counts.passed
