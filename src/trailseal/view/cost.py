"""How an estimate looks: the number first, the three ways side by side, what it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from trailseal.cost.amount import Range
from trailseal.cost.estimate import EncryptionWay, Estimate, Option
from trailseal.locale.language import aside, say, translate
from trailseal.messages import N_, Message, counted, message
from trailseal.view.money import money
from trailseal.view.rows import print_rows
from trailseal.view.terminal import Terminal
from trailseal.view.words import clauses

WAYS = {
    EncryptionWay.SSE_S3: N_("SSE-S3"),
    EncryptionWay.SSE_KMS: N_("SSE-KMS"),
    EncryptionWay.SSE_KMS_BUCKET_KEY: N_("with bucket keys"),
}


FIRST = 3
"""So many assumptions are printed: those that move the number most."""


def write_estimate(estimate: Estimate, console: Terminal, *, whole: bool = False) -> None:
    """Print the number, the comparison, what it rests on, and what to type next; `whole` with all of that."""
    sealed = estimate.of(EncryptionWay.SSE_KMS)
    console.prose(Text(say(sentence(estimate)), "bold"))
    console.print()
    print_rows(_comparison(estimate), console, right=range(1, len(estimate.options) + 1))
    console.print()
    _why(sealed, console)
    if estimate.one_off:
        console.print()
        console.print(say(message("The history, once: {cost}", cost=money(estimate.one_off_total))))
        for line in estimate.one_off:
            why = clauses((_quantity(line.quantity), say(line.because)))
            text = f"{say(line.what)}: {money(line.cost)}{aside(why)}"
            console.prose(f"  {text}", indent=4)
    console.print()
    _assumptions(estimate, console, whole=whole)
    command = "trailseal who" if estimate.usage.standing_keys else "trailseal plan"
    console.print(Text(say(message("Next: {command}", command=command)), "bold"))


def sentence(estimate: Estimate) -> Message:
    """Return what SSE-KMS costs, or would cost, with the number first."""
    sealed = estimate.of(EncryptionWay.SSE_KMS)
    facts = {"month": money(sealed.per_month), "year": money(sealed.per_year)}
    if estimate.usage.standing_keys:
        return message(
            "{month} a month ({year} a year) is what SSE-KMS costs here, the key included.", **facts
        )
    return message(
        "{month} a month ({year} a year) is what SSE-KMS would cost here; SSE-S3 costs nothing.", **facts
    )


def _assumptions(estimate: Estimate, console: Terminal, *, whole: bool) -> None:
    console.print(say(message("Assumptions:")))
    shown = estimate.assumptions if whole else estimate.assumptions[:FIRST]
    for assumption in shown:
        console.prose(f"  - {say(assumption)}", indent=4)
    if left := len(estimate.assumptions) - len(shown):
        text = counted(
            "{count} more: trailseal cost --assumptions", "{count} more: trailseal cost --assumptions", left
        )
        console.print(f"  - {say(text)}")


def _comparison(estimate: Estimate) -> Iterator[tuple[Text, ...]]:
    titles = (N_("in US dollars a month"), *(WAYS[option.way] for option in estimate.options))
    yield tuple(Text(translate(title), "bold") for title in titles)
    names = [say(line.what) for line in estimate.of(EncryptionWay.SSE_KMS).lines]
    for name in names:
        yield Text(name), *(Text(_cell(option, name)) for option in estimate.options)
    yield Text(translate(N_("a month"))), *(Text(money(option.per_month)) for option in estimate.options)
    yield Text(translate(N_("a year"))), *(Text(money(option.per_year)) for option in estimate.options)


def _cell(option: Option, name: str) -> str:
    for line in option.lines:
        if say(line.what) == name:
            return money(line.cost) if line.billed else translate(N_("not billed"))
    return "-"


def _why(option: Option, console: Terminal) -> None:
    console.print(say(message("With SSE-KMS, a month:")))
    for line in option.lines:
        console.prose(f"  {say(line.what)}: {say(line.because)}", indent=4)
        if not line.billed:
            billed = message("if it were billed: {cost}", cost=money(line.if_billed))
            console.print(f"    {say(billed)}")
    for source in dict.fromkeys(line.source for line in option.lines if line.source):
        console.print(f"  {source}")


def _quantity(amount: Range) -> str:
    return f"{amount.low:,.0f}" if amount.is_known else f"{amount.low:,.0f}-{amount.high:,.0f}"
