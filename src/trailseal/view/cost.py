"""How an estimate looks: the three ways side by side, what the history costs once, the assumptions."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from trailseal.cost.amount import Range
from trailseal.cost.estimate import EncryptionWay, Estimate, Option
from trailseal.cost.line import CostLine
from trailseal.locale.language import say, translate
from trailseal.messages import N_, message
from trailseal.view.money import money
from trailseal.view.rows import print_rows
from trailseal.view.terminal import Terminal

WAYS = {
    EncryptionWay.SSE_S3: N_("SSE-S3"),
    EncryptionWay.SSE_KMS: N_("SSE-KMS"),
    EncryptionWay.SSE_KMS_BUCKET_KEY: N_("SSE-KMS with bucket keys"),
}


def write_estimate(estimate: Estimate, console: Terminal) -> None:
    """Print the comparison, then what it rests on."""
    print_rows(_comparison(estimate), console, right=range(1, len(estimate.options) + 1))
    console.print()
    _why(estimate.of(EncryptionWay.SSE_KMS), console)
    if estimate.one_off:
        console.print()
        console.print(say(message("The history, once: {cost}", cost=money(estimate.one_off_total))))
        for line in estimate.one_off:
            console.print(f"  {say(line.what)}: {money(line.cost)} ({say(line.because)})")
    console.print()
    console.print(say(message("Assumptions:")))
    for assumption in estimate.assumptions:
        console.print(f"  - {say(assumption)}")


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
        console.print(f"  {say(line.what)}: {_quantity(line.quantity)}; {say(line.because)}")
        for text in _beside(line):
            console.print(f"    {text}")


def _beside(line: CostLine) -> list[str]:
    texts = []
    if not line.billed:
        texts.append(say(message("if it were billed: {cost}", cost=money(line.if_billed))))
    if line.source:
        texts.append(line.source)
    return texts


def _quantity(amount: Range) -> str:
    return f"{amount.low:,.0f}" if amount.is_known else f"{amount.low:,.0f}-{amount.high:,.0f}"
