"""Who can read, as terminal text: one line on top, readers with their reasons, who could change it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from trailseal.access.readers.chains import Chains
from trailseal.access.readers.changers import Changer
from trailseal.access.readers.log_object import Sealing
from trailseal.access.readers.naming import Undecided
from trailseal.access.readers.reading import Access, Reading
from trailseal.access.readers.scope import Scope, Standing
from trailseal.access.readers.sureness import Sureness
from trailseal.access.readers.writes import IAM_WRITES, NOT_ASKED
from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, counted, message
from trailseal.model.unreadable import Unreadable
from trailseal.plan.reading import Outlook, ReaderImpact
from trailseal.run.who import TrailReaders, WhoAnswer
from trailseal.view.plan import OUTLOOKS
from trailseal.view.reading import MAX_REASONS, WORDS, listed, reader_name, reader_reasons

SHOWN = 30
SEALINGS = {
    Sealing.DELIVERED: N_("delivered by the trail"),
    Sealing.COPIED: N_("copied without the trail's context"),
    Sealing.BUCKET_KEY: N_("under an S3 Bucket Key"),
    Sealing.SSE_S3: N_("SSE-S3"),
}
COLOURS = {
    Access.READ: "green",
    Access.UNKNOWN: "yellow",
    Access.DECRYPT_ONLY: "cyan",
    Access.FETCH_ONLY: "cyan",
    Access.NONE: "dim",
}


def print_who(answer: WhoAnswer, console: Console) -> None:
    """Write each trail's answer."""
    for number, trail in enumerate(answer.trails):
        if number:
            console.print()
        _trail(trail, console)
    print_unread(answer.unread, console)


def print_unread(reasons: Sequence[Unreadable], console: Console) -> None:
    """Write what could not be read, a line each."""
    for unread in reasons:
        text = message(
            "not read: {call} {where} ({code})", call=unread.call, where=unread.where, code=unread.code
        )
        console.print(Text("? " + say(text), "yellow"), soft_wrap=True)


def _trail(answer: TrailReaders, console: Console) -> None:
    console.print(Text(" " + say(headline(answer.standing)) + " ", "bold reverse"))
    for line in _causes(answer.standing):
        console.print(Text("  " + say(line)))
    console.print()
    facts = message(
        "{trail}: a log file in bucket {bucket} ({sealing})",
        trail=answer.trail,
        sealing=translate(SEALINGS[answer.target.sealing]),
        bucket=answer.target.bucket,
    )
    console.print(Text(say(facts), "dim"), soft_wrap=True)
    for access in Access:
        _group(access, [r for r in answer.readings if r.access is access], console)
    _elsewhere(answer.readings, console)
    _changers(answer.changers, console)
    _chains(answer.chains, console)
    _impacts(answer.impacts, console)
    for note in answer.notes:
        console.print(Text("· " + say(note), "dim"))
    for caveat in answer.caveats:
        console.print(Text("! " + say(caveat), "yellow"))
    _undecided(answer.undecided, console)
    print_unread(answer.unread, console)


def _undecided(policies: Sequence[Undecided], console: Console) -> None:
    for found in policies:
        text = message(
            "not decided: {policy} of account {account}, {place}: {form}",
            policy=say(found.policy),
            account=found.account,
            place=found.place or "-",
            form=say(found.form),
        )
        console.print(Text("? " + say(text), "yellow"), soft_wrap=True)


def headline(standing: Standing) -> Message:
    """Return what the state means, in one line."""
    counts: dict[str, str | int] = {"readers": standing.readers, "all": standing.principals}
    if standing.unusable:
        return message("nobody can decrypt while the key is {state}", state=standing.unusable)
    if standing.everybody and standing.scope not in {Scope.WORLD, Scope.NOT_KNOWN}:
        return message("every principal of the account can read")
    if not standing.principals and standing.scope not in {Scope.WORLD, Scope.NOT_KNOWN}:
        return message("not known: the account's principals were not read")
    lines = {
        Scope.NOT_KNOWN: message("not known: the key policy could not be read"),
        Scope.WORLD: message("every AWS account can decrypt"),
        Scope.NO_KEY: message(
            "no key guards the log files: S3 alone decides, {readers} of {all} can read", **counts
        ),
        Scope.ACCOUNT: message(
            "every principal of the account can decrypt: S3 alone decides, {readers} of {all} can read",
            **counts,
        ),
        Scope.KINDS: message(
            "some kinds of principals of the account can decrypt ({kinds}): {readers} of {all} can read",
            kinds=listed(standing.kinds),
            **counts,
        ),
        Scope.IAM: message("IAM policies decide who decrypts: {readers} of {all} can read", **counts),
        Scope.NAMED: message(
            "only principals that are named can decrypt: {readers} of {all} can read", **counts
        ),
    }
    return lines[standing.scope]


def _causes(standing: Standing) -> Iterator[Message]:
    if standing.causes:
        names = ", ".join(f"`{name}`" for name in standing.causes)
        yield message("because of {names} in the key policy", names=names)
    if standing.delegates:
        names = ", ".join(f"`{name}`" for name in standing.delegates)
        yield message("and {names} lets the account's IAM policies decide besides", names=names)
    if standing.unknown:
        yield counted(
            "{count} more depends on what can not be known",
            "{count} more depend on what can not be known",
            standing.unknown,
        )
    if standing.elsewhere:
        yield counted(
            "{count} principal of another account can read",
            "{count} principals of other accounts can read",
            standing.elsewhere,
        )


def _group(access: Access, readings: Sequence[Reading], console: Console) -> None:
    if not readings:
        return
    console.print()
    title = Text(f"{translate(WORDS[access])} ({len(readings)})", f"bold {COLOURS[access]}")
    console.print(title)
    grid = Table.grid(padding=(0, 2, 0, 0))
    for reading in readings[:SHOWN]:
        grid.add_row("", Text(reader_name(reading), overflow="fold"), Text(reader_reasons(reading), "dim"))
    console.print(grid)
    _rest(len(readings), console)


def _rest(number: int, console: Console) -> None:
    if number > SHOWN:
        text = message("and {number} more: --format json lists all", number=number - SHOWN)
        console.print(Text("  " + say(text), "dim"))


def _elsewhere(readings: Sequence[Reading], console: Console) -> None:
    found: dict[tuple[str, Access], list[str]] = {}
    for reading in readings:
        for sealing, access in reading.elsewhere.items():
            if sealing != Sealing.BUCKET_KEY.value or access is not Access.READ:
                found.setdefault((sealing, access), []).append(reader_name(reading))
    if not found:
        return
    console.print()
    console.print(Text(translate(N_("Objects encrypted otherwise answer differently")), "bold"))
    for (sealing, access), names in found.items():
        shown = ", ".join(names[:MAX_REASONS]) + (
            f" +{len(names) - MAX_REASONS}" if len(names) > MAX_REASONS else ""
        )
        line = message(
            "{sealing}: {access}: {names}",
            sealing=translate(SEALINGS[Sealing(sealing)]),
            access=translate(WORDS[access]),
            names=shown,
        )
        console.print(Text("  " + say(line)))


def _impacts(impacts: Sequence[ReaderImpact], console: Console) -> None:
    if not impacts:
        return
    console.print()
    console.print(Text(translate(N_("Today's readers under this plan")), "bold"))
    grid = Table.grid(padding=(0, 2, 0, 0))
    for impact in impacts[:SHOWN]:
        word, style = OUTLOOKS[impact.outlook]
        name = impact.principal.rpartition(":")[2]
        grid.add_row(
            "",
            Text(translate(word), style),
            f"{name} ({translate(impact.known_as)})" if impact.known_as else name,
            Text(impact.statement or _if_at_all(impact), "dim", overflow="fold"),
        )
    console.print(grid)
    _rest(len(impacts), console)


def _if_at_all(impact: ReaderImpact) -> str:
    return ", ".join(map(say, impact.reasons)) if impact.outlook is Outlook.UNKNOWN else ""


def _changers(changers: Sequence[Changer], console: Console) -> None:
    console.print()
    console.print(Text(translate(N_("Who could change this answer")), "bold"))
    if not changers:
        console.print(Text("  " + translate(N_("nobody that is known"))))
    grid = Table.grid(padding=(0, 2, 0, 0))
    for changer in changers[:SHOWN]:
        grid.add_row("", changer.principal.rpartition(":")[2], Text(_ways(changer), "dim"))
    console.print(grid)
    _rest(len(changers), console)
    left = message("not asked: {ways}", ways="; ".join(map(say, NOT_ASKED)))
    console.print(Text("  " + say(left), "dim"))


def _ways(changer: Changer) -> str:
    names = [w.action + ("" if w.sureness is Sureness.OPEN else "?") for w in changer.ways]
    first = [n for n in names if n.removesuffix("?") not in IAM_WRITES]
    iam = [n for n in names if n.removesuffix("?") in IAM_WRITES]
    if len(iam) > 1:
        iam = [say(counted("{count} IAM write", "{count} IAM writes", len(iam)))]
    return ", ".join((*first, *iam))


def _chains(chains: Chains, console: Console) -> None:
    for chain in chains.found[:SHOWN]:
        roles = " → ".join(role.rpartition(":")[2] for role in chain.roles)
        text = (
            message("{who} can assume {roles}, which reads", who=chain.principal, roles=roles)
            if chain.sureness is Sureness.OPEN
            else message("{who} may be able to assume {roles}, which reads", who=chain.principal, roles=roles)
        )
        console.print(Text("  " + say(text)))
    _rest(len(chains.found), console)
    if not chains.complete:
        console.print(
            Text("  " + translate(N_("not every chain was followed: there are too many roles")), "yellow")
        )
