"""The security score as text: what it is now, and what CloudTrail.2 alone would make of it."""

from __future__ import annotations

from rich.text import Text

from trailseal.controls.score import Score
from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, message
from trailseal.view.terminal import Terminal
from trailseal.view.words import listed

INDENT = 2


def scores_told(scores: tuple[Score, ...], console: Terminal, *, without: tuple[str, ...] = ()) -> None:
    """Write the score of each standard, now and once CloudTrail.2 is passed, and where there is none."""
    if not scores and not without:
        return
    console.print()
    console.print(Text(translate(N_("Security score")), "bold"))
    for score in scores:
        console.prose(" " * INDENT + say(_score(score)))
    for region in dict.fromkeys(score.region for score in scores if score.is_aggregating):
        console.prose(" " * INDENT + say(_spans(region)), indent=INDENT)
    if without:
        off = message("Security Hub is not enabled in {regions}", regions=listed(without))
        console.prose(" " * INDENT + say(off))


def _spans(region: str) -> Message:
    return message(
        "In the console of {region}, which gathers what linked Regions find, a score spans those too; here "
        "each Region counts by itself.",
        region=region,
    )


def _score(score: Score) -> Message:
    facts: dict[str, str | int] = {"standard": score.standard, "region": score.region}
    if score.now is None:
        return message("{standard}, {region}: not known", **facts)
    total = score.passed + score.failed + score.unknown
    facts |= {"now": score.now, "passed": score.passed, "total": total}
    if score.after is None:
        return message("{standard}, {region}: {now}% now, {passed} of {total} controls passed", **facts)
    facts["after"] = score.after
    if score.is_due:
        return message(
            "{standard}, {region}: {now}% now, {passed} of {total} controls passed; {after}% once Security "
            "Hub looks again at CloudTrail.2",
            **facts,
        )
    return message(
        "{standard}, {region}: {now}% now, {passed} of {total} controls passed; {after}% if CloudTrail.2 "
        "alone turns to passed",
        **facts,
    )
