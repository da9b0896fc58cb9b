"""The policies behind a decision by their names, and those among them that could not be decided on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, structs

from trailseal.access.decision import Decision, Effect, Reason
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.stored import read_stored
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.subject import Subject
from trailseal.messages import Message, Words, message
from trailseal.model.principal import NamedPolicy

BUCKET_POLICY = message("bucket policy")
KEY_POLICY = message("key policy")
SHARED_KEY_POLICY = message("key policy (AWS_RAM)")
BOUNDARY = message("permissions boundary")
NOT_DECIDED = "not decided"
"""The outcome of a statement in a form that AWS took and that our reader refuses."""
Levels = tuple[tuple[NamedPolicy, ...], ...]


class UndecidedPolicy(Struct, frozen=True, kw_only=True):
    """A policy that an answer rests on and that was not decided: `place` in it, and the form there."""

    policy: Words
    account: str
    place: str
    form: Words


class PolicyNames(Struct, frozen=True, kw_only=True):
    """The names of all policies that bear on one request; `owner` is the resource's account."""

    estate: Estate
    subject: Subject
    resource: Message
    owner: str

    def of(self, decision: Decision) -> Decision:
        """Return the decision with the names of the policies for their places."""
        if not decision.reasons:
            return decision
        places = dict(self._places())
        reasons = tuple(_renamed(reason, places) for reason in decision.reasons)
        return structs.replace(decision, reasons=reasons)

    def _places(self) -> Iterator[tuple[str, Words]]:
        yield from ((f"identity[{n}]", name) for n, name in enumerate(self.subject.names))
        yield "boundary[0]", self.subject.boundary_name or BOUNDARY
        yield "resource[0]", self.resource
        yield "resource[1]", SHARED_KEY_POLICY
        over, around = (self.estate.by_account.get(a) for a in (self.subject.account, self.owner))
        if over:
            yield from _levels("scp", over.service_control_policies)
        if around:
            yield from _levels("rcp", around.resource_control_policies)


def _levels(layer: str, levels: Levels) -> Iterator[tuple[str, Words]]:
    for depth, level in enumerate(levels):
        yield from ((f"{layer}[{depth}][{n}]", policy.name) for n, policy in enumerate(level))


def _renamed(reason: Reason, places: dict[str, Words]) -> Reason:
    policy = places.get(reason.policy, reason.policy) if isinstance(reason.policy, str) else reason.policy
    return reason if policy is reason.policy else structs.replace(reason, policy=policy)


def undecided(decision: Decision | None, *, caller: str, owner: str) -> Iterator[UndecidedPolicy]:
    """Yield the policies that keep a decision open because nobody decided on them."""
    if decision is None or decision.effect is not Effect.UNKNOWN:
        return
    for reason in decision.reasons:
        if reason.outcome == NOT_DECIDED:
            yield UndecidedPolicy(
                policy=reason.policy or reason.layer,
                account=owner if reason.layer in {"resource", "rcp"} else caller,
                place=reason.statement,
                form=reason.detail,
            )


def undecided_statements(
    document: str, kind: PolicyKind, *, policy: Words, account: str
) -> Iterator[UndecidedPolicy]:
    """Yield the places of a policy that was read where nobody can decide: each may be about anything."""
    for statement in read_stored(document, kind).statements:
        if (found := statement.undecided) is not None:
            yield UndecidedPolicy(
                policy=policy, account=account, place=found.place or statement.label, form=found.form
            )


def each_once(found: Iterable[UndecidedPolicy]) -> tuple[UndecidedPolicy, ...]:
    """Return each policy and place once, in their order."""
    places = {(str(u.policy), u.account, u.place, str(u.form)): u for u in found}
    return tuple(places.values())
