"""Both sides of SSE-KMS, or one check, in plain words."""

from __future__ import annotations

from rich.text import Text

from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, counted, message
from trailseal.model.region_off import sentences
from trailseal.run.explain import ControlExplanation, Explanation
from trailseal.view.check_score import scores_told
from trailseal.view.money import money
from trailseal.view.terminal import Terminal
from trailseal.view.words import listed


def print_explanation(told: Explanation, console: Terminal) -> None:
    """Write what stands today, both sides, what it costs, and how to decide."""
    title = message("What SSE-KMS would mean for account {account}", account=told.account)
    console.print(Text(say(title), "bold"))
    _section(N_("Today"), (*told.today, *told.here), console)
    _section(N_("What speaks for it"), told.merits, console)
    _section(N_("What speaks against it"), told.demerits, console)
    _section(N_("What it costs, about"), _cost(told), console)
    scores_told(told.scores, console)
    for reason in told.unreadable:
        text = message(
            "not read: {call} {code} {where}", call=reason.call, code=reason.code, where=reason.where
        )
        console.print(Text(say(text), "magenta"))
    for sentence in sentences(told.unreadable):
        console.prose(Text(say(sentence), "magenta"))
    console.print()
    console.prose(Text(say(told.decide), "bold"))
    console.print(Text(say(message("Next: {command}", command="trailseal cost")), "bold"))


def print_control(told: ControlExplanation, console: Terminal) -> None:
    """Write one check: what, why, remedy."""
    console.print(Text(f"{told.check}  {say(told.title)}", "bold"))
    kind = N_("Security Hub control") if told.from_security_hub else N_("outcome check of trailseal")
    console.print("  " + listed((translate(kind), translate(told.severity.value))))
    _section(N_("What it asks"), (told.what,), console)
    _section(N_("Why it matters"), (told.why,), console)
    _section(N_("What to do"), (told.remedy,), console)
    console.print()
    console.print(told.page)
    command = f"trailseal check --control {told.check}"
    console.print(Text(say(message("Next: {command}", command=command)), "bold"))


def _cost(told: Explanation) -> tuple[Message, ...]:
    cost = told.cost
    return (
        counted(
            "{cost} a month with SSE-KMS, {less} with S3 Bucket Keys: the key, and log files from {count} "
            "Region of one account, one every five minutes, that are read.",
            "{cost} a month with SSE-KMS, {less} with S3 Bucket Keys: the key, and log files from {count} "
            "Regions (counted by account), one every five minutes each, that are read.",
            cost.places,
            cost=money(cost.per_month),
            less=money(cost.with_bucket_keys),
        ),
    )


def _section(title: str, texts: tuple[Message, ...], console: Terminal) -> None:
    console.print()
    console.print(Text(translate(title), "bold"))
    for text in texts:
        console.prose(f"  - {say(text)}", indent=4)
