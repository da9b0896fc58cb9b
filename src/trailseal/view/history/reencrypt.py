"""How a re-encryption looks: what will happen and what it causes, then how it went."""

from __future__ import annotations

import json
from collections.abc import Iterator

from trailseal.cost.amount import Range
from trailseal.cost.line import CostLine
from trailseal.history.rules.method import SENTENCES, Method, MethodReason
from trailseal.history.rules.outlook import Outlook
from trailseal.history.rules.state import State
from trailseal.history.rules.summary import Summary
from trailseal.locale.language import aside, say, translate
from trailseal.messages import N_, counted, message
from trailseal.view.money import money
from trailseal.view.words import SHOWN, figure, passing

METHODS = {
    Method.UPDATE: N_("UpdateObjectEncryption"),
    Method.COPY: N_("CopyObject in place"),
    Method.NOTHING: N_("nothing to do"),
    Method.SKIP: N_("skipped"),
}
STATES = {
    State.STARTED: N_("started and not ended"),
    State.DONE: N_("re-encrypted"),
    State.NOTHING: N_("nothing to do"),
    State.SKIPPED: N_("skipped"),
    State.CHANGED: N_("changed since the census"),
    State.GONE: N_("gone since the census"),
    State.FAILED: N_("failed"),
    State.DIFFERS: N_("differs after it"),
}
SIZES = ("B", "KiB", "MiB", "GiB", "TiB")


def outlook_lines(outlook: Outlook, cost: Range, lines: tuple[CostLine, ...]) -> Iterator[str]:
    """Yield the statement before the start."""
    yield say(
        message(
            "Objects of {bucket}, to be encrypted with {key}:", bucket=outlook.bucket, key=outlook.key_arn
        )
    )
    for share in outlook.shares:
        reason = translate(SENTENCES[share.reason])
        much = f"{figure(share.objects):>12}  {size(share.size):>10}"
        yield f"  {much}  {translate(METHODS[share.method])}: {reason}"
    yield ""
    yield say(message("requests: {requests}", requests=outlook.requests))
    yield say(message("price, once: {cost}", cost=money(cost)))
    for line in lines:
        yield f"  {say(line.what)}: {money(line.cost)}{aside(say(line.because))}"
    yield say(
        counted(
            "time at S3's own limits: {time} at least, over {count} prefix",
            "time at S3's own limits: {time} at least, over {count} prefixes",
            outlook.prefixes,
            time=passing(outlook.seconds_at_least),
        )
    )
    yield ""
    yield say(message("What it means for this bucket:"))
    for consequence in outlook.consequences:
        yield f"  - {say(consequence)}"
    for call in outlook.unknown:
        unknown = message("{call} was not answered, so a consequence may be missing here", call=call)
        yield f"  - {say(unknown)}"
    if outlook.reader_statements:
        yield ""
        yield say(message("What the plan for readers (--reader-plan FILE) adds to the key policy:"))
        for statement in outlook.reader_statements:
            yield from json.dumps(statement, indent=2).splitlines()


def summary_lines(summary: Summary) -> Iterator[str]:
    """Yield how it went."""
    for state in State:
        if count := summary.counts.get(state, 0):
            yield f"{figure(count):>12}  {translate(STATES[state])}"
    for problem in summary.problems[:SHOWN]:
        yield f"  {problem.key}  {translate(STATES[problem.state])}: {_detail(problem.detail)}".rstrip(": ")
    if len(summary.problems) > SHOWN:
        yield "  " + say(message("... more of them are in `--format json`, all of them in the ledger"))
    if summary.slowed:
        yield say(
            counted(
                "S3 asked to slow down {count} time", "S3 asked to slow down {count} times", summary.slowed
            )
        )


def _detail(detail: str) -> str:
    return translate(SENTENCES[MethodReason(detail)]) if detail in set(MethodReason) else detail


def size(number: int) -> str:
    """Return bytes in a unit that fits."""
    amount = float(number)
    for unit in SIZES[:-1]:
        if amount < 1024:  # noqa: PLR2004 - the unit's own factor
            return f"{figure(number)} {unit}" if unit == "B" else f"{amount:,.1f} {unit}"
        amount /= 1024
    return f"{amount:,.1f} {SIZES[-1]}"
