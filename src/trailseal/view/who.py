"""Who can read, as terminal text: one line on top, readers with their reasons, who could change it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from trailseal.access.readers.log_object import Sealing
from trailseal.access.readers.naming import UndecidedPolicy
from trailseal.access.readers.reading import Access, Reading
from trailseal.access.readers.scope import Openness
from trailseal.access.readers.subject import Knowledge
from trailseal.access.service_name import CLOUDTRAIL
from trailseal.controls.typed import typed
from trailseal.locale.language import aside, say, translate
from trailseal.messages import N_, Message, counted, message
from trailseal.model.region_off import sentences
from trailseal.model.unreadable import Unreadable
from trailseal.plan.reading import ReaderImpact
from trailseal.run.who import TrailReaders, WhoAnswer
from trailseal.view.changers import print_chains, print_changers
from trailseal.view.copies import print_copies
from trailseal.view.kinds import by_kind, kinds_told
from trailseal.view.plan_readers import print_readers
from trailseal.view.reading import MAX_REASONS, WORDS, PrincipalNames, print_rest, reader_reasons
from trailseal.view.rows import print_rows
from trailseal.view.standing import causes, headline
from trailseal.view.terminal import Terminal
from trailseal.view.words import SHOWN, clauses, listed

SEALINGS = {
    Sealing.DELIVERED: N_("delivered by the trail"),
    Sealing.COPIED: N_("copied without the trail's context"),
    Sealing.BUCKET_KEY: N_("under an S3 Bucket Key"),
    Sealing.COPIED_BUCKET_KEY: N_("copied, under an S3 Bucket Key"),
    Sealing.SSE_S3: N_("SSE-S3"),
}
COLOURS = {
    Access.READ: "green",
    Access.UNKNOWN: "yellow",
    Access.DECRYPT_ONLY: "cyan",
    Access.FETCH_ONLY: "cyan",
    Access.NONE: "dim",
}


def print_who(answer: WhoAnswer, console: Terminal, *, whole: bool = False) -> None:
    """Write each trail's answer; `whole` with the ways to change it that were not asked for."""
    for number, trail in enumerate(answer.trails):
        if number:
            console.print()
        _trail(trail, console, whole=whole)
    print_unread(answer.unread, console)


def print_unread(reasons: Sequence[Unreadable], console: Terminal) -> None:
    """Write what could not be read, a line each."""
    for unread in reasons:
        text = message(
            "not read: {call} {where} ({code})", call=unread.call, where=unread.where, code=unread.code
        )
        console.print(Text("? " + say(text), "yellow"))
    for sentence in sentences(reasons):
        console.prose(Text("? " + say(sentence), "yellow"), indent=2)


def _trail(answer: TrailReaders, console: Terminal, *, whole: bool) -> None:
    console.print(Text(say(headline(answer.standing)), "bold reverse"))
    for line in causes(answer.standing):
        console.prose("  " + say(line))
    console.print()
    facts = message(
        "{trail}: a log file in bucket {bucket} ({sealing})",
        trail=answer.trail,
        sealing=translate(SEALINGS[answer.target.sealing]),
        bucket=answer.target.bucket,
    )
    console.print(Text(say(facts), "dim"))
    names = PrincipalNames.of(answer.readings)
    for access in Access:
        _group(access, [r for r in answer.readings if r.access is access], names, console)
    _elsewhere(answer.readings, names, console)
    print_copies(answer.copies, console)
    _impacts(answer.impacts, names, answer.target.kms_key, console)
    _rests_on(answer, console)
    print_changers(answer.changers, names, console, were_read=_were_read(answer))
    print_chains(answer.chains, names, console)
    _not_asked(answer.not_asked, console, whole=whole)
    console.print()
    for line in last_lines(answer):
        console.print(Text(say(line), "bold"))


def _rests_on(answer: TrailReaders, console: Terminal) -> None:
    """Write what makes the answer surer, what it does not cover, and what could not be read."""
    if answer.notes or answer.caveats or answer.undecided or answer.unread:
        console.print()
    for note in answer.notes:
        console.prose(Text("· " + say(note), "dim"), indent=2)
    for caveat in answer.caveats:
        console.prose(Text("! " + say(caveat), "yellow"), indent=2)
    _undecided(answer.undecided, console)
    print_unread(answer.unread, console)


def _not_asked(ways: Sequence[Message], console: Terminal, *, whole: bool) -> None:
    if whole:
        left = message("not asked: {ways}", ways=clauses(map(say, ways)))
        console.prose(Text("  " + say(left), "dim"))
    elif ways:
        left = counted(
            "not asked: {count} other way to change it (-v names it)",
            "not asked: {count} other ways to change it (-v names them)",
            len(ways),
        )
        console.prose(Text("  " + say(left), "dim"))


def last_lines(answer: TrailReaders) -> Iterator[Message]:
    """Yield who can read in a sentence, how many could change that, and the command to type next."""
    said = say(headline(answer.standing))
    yield (
        counted(
            "{headline}; {count} of those listed could change that.",
            "{headline}; {count} of those listed could change that.",
            len(answer.changers),
            headline=said,
        )
        if _were_read(answer)
        else message("{headline}; who could change that is not known.", headline=said)
    )
    yield message("Next: {command}", command=_next(answer))


def _were_read(answer: TrailReaders) -> bool:
    """Whether any principals of an account were read, so that somebody could be asked about."""
    return any(each.knowledge is Knowledge.READ and each.account for each in answer.readings)


def _next(answer: TrailReaders) -> str:
    if answer.unread:
        return "trailseal permissions who"
    if answer.standing.scope is Openness.NO_KEY:
        return typed("trailseal plan", trail=answer.trail)
    if answer.standing.scope in {Openness.ACCOUNT, Openness.WORLD}:
        return f"{typed('trailseal plan', trail=answer.trail)} --reader ARN"
    return f"{typed('trailseal who', trail=answer.trail)} --prove --only ARN"


def _undecided(policies: Sequence[UndecidedPolicy], console: Terminal) -> None:
    for found in policies:
        text = message(
            "not decided: {policy} of account {account}, {place}: {form}",
            policy=say(found.policy),
            account=found.account,
            place=found.place or "-",
            form=say(found.form),
        )
        console.print(Text("? " + say(text), "yellow"))


def _group(access: Access, readings: Sequence[Reading], names: PrincipalNames, console: Terminal) -> None:
    # CloudTrail is named by every key policy, to write, and reads under none.
    told = [r for r in readings if access is not Access.NONE or r.principal != CLOUDTRAIL]
    if not told:
        return
    console.print()
    title = f"{translate(WORDS[access])}{aside(str(len(told)))}: {kinds_told(told)}"
    console.print(Text(title, f"bold {COLOURS[access]}"))
    rows = (
        (names.reader(reading), Text(reader_reasons(reading), "dim")) for reading in by_kind(told)[:SHOWN]
    )
    print_rows(rows, console, indent=2)
    print_rest(len(told), console)


def _elsewhere(readings: Sequence[Reading], names: PrincipalNames, console: Terminal) -> None:
    found: dict[tuple[str, Access], list[str]] = {}
    for reading in readings:
        for sealing, access in reading.elsewhere.items():
            as_other_copies = sealing == Sealing.COPIED_BUCKET_KEY.value and access is reading.elsewhere.get(
                Sealing.COPIED.value
            )
            if not as_other_copies and (sealing != Sealing.BUCKET_KEY.value or access is not Access.READ):
                found.setdefault((sealing, access), []).append(names.reader(reading))
    if not found:
        return
    console.print()
    console.print(Text(translate(N_("Objects encrypted otherwise answer differently")), "bold"))
    for (sealing, access), readers in found.items():
        shown = listed(readers[:MAX_REASONS]) + (
            f" +{len(readers) - MAX_REASONS}" if len(readers) > MAX_REASONS else ""
        )
        line = message(
            "{sealing}: {access}: {names}",
            sealing=translate(SEALINGS[Sealing(sealing)]),
            access=translate(WORDS[access]),
            names=shown,
        )
        console.prose("  " + say(line))


def _impacts(impacts: Sequence[ReaderImpact], names: PrincipalNames, key: str, console: Terminal) -> None:
    if not impacts:
        return
    console.print()
    console.print(Text(translate(N_("Today's readers once this plan is applied")), "bold"))
    print_readers(impacts[:SHOWN], console, key_of=lambda _: key, name=names.short)
    print_rest(len(impacts), console)
