"""Who could change the answer, and who can get into a reader, as terminal text."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from trailseal.access.readers.chains import RoleChains
from trailseal.access.readers.changers import Changer
from trailseal.access.readers.sureness import Sureness
from trailseal.access.readers.writes import IAM_WRITES
from trailseal.locale.language import say, translate
from trailseal.messages import N_, counted, message
from trailseal.view.reading import PrincipalNames, name_of_many, print_rest
from trailseal.view.rows import print_rows
from trailseal.view.terminal import Terminal
from trailseal.view.words import SHOWN, listed

FEW = 2
"""IAM writes from here on are counted and not named."""


def print_changers(
    changers: Sequence[Changer], names: PrincipalNames, console: Terminal, *, were_read: bool
) -> None:
    """Write everybody by the ways that are open to them; without principals it is not known who could."""
    console.print()
    console.print(Text(translate(N_("Who could change this answer")), "bold"))
    if not were_read:
        console.print(Text("  " + translate(N_("not known: no principals were read")), "yellow"))
    elif not changers:
        console.print(Text("  " + translate(N_("nobody among those that were asked"))))
    alike: dict[str, list[str]] = {}
    for changer in changers[:SHOWN]:
        name = name_of_many(changer.kind, changer.principal, changer.account) or names.short(
            changer.principal
        )
        alike.setdefault(_ways(changer), []).append(name)
    rows = ((listed(those), Text(ways, "dim")) for ways, those in alike.items())
    print_rows(rows, console, indent=2)
    print_rest(len(changers), console)


def _ways(changer: Changer) -> str:
    first = [w.action + _mark(w.sureness) for w in changer.ways if w.action not in IAM_WRITES]
    iam = [w for w in changer.ways if w.action in IAM_WRITES]
    if len(iam) < FEW:
        return listed((*first, *(w.action + _mark(w.sureness) for w in iam)))
    sure = Sureness.OPEN if any(w.sureness is Sureness.OPEN for w in iam) else Sureness.UNKNOWN
    writes = say(counted("{count} IAM write", "{count} IAM writes", len(iam)))
    return listed((*first, writes + _mark(sure)))


def _mark(sureness: Sureness) -> str:
    return "" if sureness is Sureness.OPEN else "?"


def print_chains(chains: RoleChains, names: PrincipalNames, console: Terminal) -> None:
    """Write who can get into a reader, with the roles in between."""
    for chain in chains.found[:SHOWN]:
        roles = " → ".join(names.short(role) for role in chain.roles)
        who = translate(N_("any other AWS account")) if chain.principal == "*" else chain.principal
        text = (
            message("{who} can assume {roles}, which reads", who=who, roles=roles)
            if chain.sureness is Sureness.OPEN
            else message("{who} may be able to assume {roles}, which reads", who=who, roles=roles)
        )
        console.prose("  " + say(text))
    print_rest(len(chains.found), console)
    if not chains.complete:
        console.print(
            Text("  " + translate(N_("not every chain was followed: there are too many roles")), "yellow")
        )
