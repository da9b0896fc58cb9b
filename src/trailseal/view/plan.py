"""A plan as text: what will be done, who reads then, warnings, how to undo it, and what matters most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from shlex import quote

from rich.text import Text

from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, message
from trailseal.plan.codec import write_plan
from trailseal.plan.concern import Concern
from trailseal.plan.concern_facts import Weight
from trailseal.plan.difference import readers_let_in
from trailseal.plan.plan import Plan, Trigger
from trailseal.plan.step import CreateKey, Leave, PutKeyPolicy, ReplicateKey, Rescue
from trailseal.view.concerns import remedy, told
from trailseal.view.losing import print_losing
from trailseal.view.plan_readers import print_readers
from trailseal.view.reader_changes import key_for
from trailseal.view.steps import Extent, print_step, print_steps, summary
from trailseal.view.streams import write_json
from trailseal.view.terminal import Terminal
from trailseal.view.words import listed, when

WEIGHTS = {
    Weight.REFUSED: (N_("blocked"), "red"),
    Weight.UNKNOWN: (N_("not known"), "magenta"),
    Weight.WARNING: (N_("warning"), "yellow"),
    Weight.NOTE: (N_("note"), "cyan"),
}
ACCEPTED = (N_("accepted"), "yellow")
TRIGGERS = {
    Trigger.DELIVERIES_FAIL: N_(
        "CloudTrail reports a delivery error after the switch, twice in a row, and nothing has been "
        "delivered since"
    ),
    Trigger.KEY_UNUSABLE: N_("the key cannot be used any more while deliveries are awaited"),
}
AFTERWARDS = N_("Who reads the log files afterwards")
BY_THE_PLAN = N_("Who reads the log files afterwards, by the plan")
"""Whoever applies a plan may not have made it: its steps are what is done, its readers are what it says."""


def tell_plan(plan: Plan, output: str, *, out: str | None, whole: bool = False) -> None:
    """
    Print the plan, or as JSON the very document that `apply` takes, and say how to go on.

    `whole` shows policies as JSON, not only what changes in them.
    """
    if output == "json":
        write_json(write_plan(plan).decode())
        return
    console = Terminal()
    print_plan(plan, console, policies=Extent.WHOLE if whole else Extent.CHANGES)
    for line in _how_to_go_on(plan, out):
        console.print(Text(say(line), "bold"))


def show_before(plan: Plan, *, seen: bool = False, whole: bool = False) -> None:
    """
    Write the plan to stderr, before its steps are done.

    One that was `seen` here in full is told in short, unless its policies are asked for as a `whole`.
    """
    console = Terminal(stderr=True)
    if seen and not whole:
        _print_short(plan, console)
    else:
        print_plan(plan, console, readers=BY_THE_PLAN, policies=Extent.WHOLE)


def print_plan(
    plan: Plan, console: Terminal, *, readers: str = AFTERWARDS, policies: Extent = Extent.CHANGES
) -> None:
    """Write the whole plan, its readers under the title `readers`; the last line is the summary."""
    console.print(Text(say(_head(plan)), "bold"))
    if plan.can_apply:
        _title(N_("What will be done, in this order"), console)
        print_steps(plan.steps, console, policies)
    _readers(plan, readers, console)
    _concerns(plan.concerns, console)
    _left_out(plan, console)
    if plan.can_apply:
        _undo(plan, console, policies)
    console.print()
    print_losing(plan, console)
    console.print(Text(last_line(plan), "bold"))


def _print_short(plan: Plan, console: Terminal) -> None:
    """Write the steps by their calls, who loses access, and the summary."""
    console.print(Text(say(_head(plan)), "bold"))
    text = message("This very plan was shown in full here; to see it again, give -v.")
    console.print(Text(say(text), "dim"))
    if plan.can_apply:
        print_steps(plan.steps, console, Extent.NONE)
    console.print()
    print_losing(plan, console)
    console.print(Text(last_line(plan), "bold"))


def _head(plan: Plan) -> Message:
    return message(
        "Plan {id} for account {account}, made {when}",
        id=plan.id,
        account=plan.account,
        when=when(plan.made_at),
    )


def last_line(plan: Plan) -> str:
    """Return the summary."""
    if plan.can_apply:
        return say(message("Plan: {summary}.", summary=summary(plan.steps)))
    if plan.refusals:
        return say(message("Nothing is planned: what was asked for is blocked, as said above."))
    if not plan.is_complete:
        return say(message("Nothing is planned, and not everything could be read."))
    if plan.looked_at:
        told = message(
            "No changes. Every selected trail already matches the request: {trails}.",
            trails=_names(plan.looked_at),
        )
        return say(told)
    if not plan.left_alone:
        return say(message("Nothing selected: account {account} has no trail.", account=plan.account))
    return say(
        message(
            "Nothing selected. Name a trail with --trail, or a key with --key, to change what is left out."
        )
    )


def _how_to_go_on(plan: Plan, out: str | None) -> Iterator[Message]:
    """Yield how the plan is undone, and the command to type next."""
    if plan.can_apply:
        if plan.way_back:
            yield message("To undo it afterwards: {command}", command=f"trailseal undo {plan.id}")
        yield (
            message("Next: {command}", command=f"trailseal apply {quote(out)}")
            if out
            else message("Next: save this plan with --out FILE, then trailseal apply FILE")
        )
        return
    accepted = dict.fromkeys(each.code for each in plan.refusals)
    if plan.refusals and all(each.can_be_taken_on for each in plan.refusals):
        yield message("To go on anyway: {options}", options=" ".join(f"--accept {code}" for code in accepted))
    if plan.refusals:
        yield message("Next: {command}", command=f"trailseal explain {next(iter(accepted))}")
    elif not plan.is_complete:
        yield message("Next: {command}", command="trailseal permissions plan")
    elif plan.looked_at:
        yield message("Next: {command}", command="trailseal verify")
    else:
        yield message("Next: {command}", command="trailseal check")


def _names(arns: Iterable[str]) -> str:
    return listed(arn.rpartition("/")[2] for arn in arns)


def _left_out(plan: Plan, console: Terminal) -> None:
    """Write which of the account's trails the plan is not about, and why."""
    if not plan.left_alone:
        return
    _title(N_("Left out"), console)
    own = [arn for arn in plan.left_alone if arn not in plan.keys_elsewhere]
    if plan.intent.trails:
        named = message("{trails}: not named", trails=_names(plan.left_alone))
        console.prose(f"  {say(named)}")
        return
    for arn in own:
        told = message("{trail} already has a key that works", trail=_names((arn,)))
        console.prose(f"  {say(told)}")
    for arn, owner in plan.keys_elsewhere.items():
        told = message(
            "{trail} is encrypted with a key of account {account}: `trailseal check` there says whether it "
            "serves",
            trail=_names((arn,)),
            account=owner,
        )
        console.prose(f"  {say(told)}")


def _title(text: str, console: Terminal) -> None:
    console.print()
    console.print(Text(translate(text), "bold"))


def _readers(plan: Plan, title: str, console: Terminal) -> None:
    if plan.readers:
        _title(title, console)
        print_readers(plan.readers, console, key_of=lambda reader: key_for(reader, plan), added=_let_in(plan))


def _let_in(plan: Plan) -> dict[str, str]:
    """Return by principal the statement that the steps add for it, as it is sent."""
    found: dict[str, str] = {}
    for step in plan.steps:
        match step:
            case CreateKey(policy=policy) | ReplicateKey(policy=policy):
                found |= readers_let_in("", policy)
            case PutKeyPolicy(before=before, after=after):
                found |= readers_let_in(before, after)
            case _:
                continue
    return found


def _concerns(concerns: tuple[Concern, ...], console: Terminal) -> None:
    if not concerns:
        return
    _title(N_("Warnings"), console)
    for weight in Weight:
        codes = dict.fromkeys(each.code for each in concerns if each.weight is weight)
        for code in codes:
            _concern([each for each in concerns if (each.weight, each.code) == (weight, code)], console)


def _concern(alike: list[Concern], console: Terminal) -> None:
    """Write what concerns of one code and weight say, and once what can be done about them."""
    for concern in alike:
        word, style = ACCEPTED if concern.was_taken_on else WEIGHTS[concern.weight]
        line = Text("  ")
        line.append(f"{translate(word)} ", style)
        line.append(f"[{concern.code}] {told(concern)}")
        console.prose(line, indent=6)
    for mending in dict.fromkeys(remedy(each) for each in alike if not each.was_taken_on):
        console.prose(f"      {mending}")
    if any(each.can_be_taken_on for each in alike):
        anyway = say(message("to go on anyway: --accept {code}", code=alike[0].code))
        console.print(Text(f"      {anyway}", "dim"))


def _undo(plan: Plan, console: Terminal, policies: Extent) -> None:
    _title(N_("How to undo it (trailseal undo)"), console)
    for number, step in enumerate(plan.way_back, 1):
        print_step(step, number, console, policies if policies is Extent.WHOLE else Extent.NONE)
    left = [step.step for step in plan.rollback if isinstance(step, Leave)]
    if any(not isinstance(step, Rescue) for step in left):
        text = message(
            "A key that this plan makes is never deleted or disabled: objects are encrypted with it."
        )
        console.prose(Text(f"     {say(text)}"))
    if any(isinstance(step, Rescue) for step in left):
        text = message("A key that this plan brings back stays as it is then: objects are encrypted with it.")
        console.prose(Text(f"     {say(text)}"))
    if plan.triggers:
        _title(N_("apply rolls the trail back automatically if"), console)
        for trigger in plan.triggers:
            console.prose(f"  - {translate(TRIGGERS[trigger])}", indent=4)
