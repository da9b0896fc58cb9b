"""Who can read a trail's log files: from a snapshot to the answer, with what it rests on."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, structs

from trailseal.access.readers.chains import RoleChains, find_chains
from trailseal.access.readers.changers import Changer, find_changers
from trailseal.access.readers.copies import copies_of
from trailseal.access.readers.doubt import doubtful_chains, doubtful_changers, doubtful_readings
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.event_copy import TrailCopies
from trailseal.access.readers.federated_rows import federated_rows
from trailseal.access.readers.from_snapshot import estate_of, new_key_arn, stored_target, target_of
from trailseal.access.readers.log_object import LogObject
from trailseal.access.readers.named_sessions import with_named_sessions
from trailseal.access.readers.naming import UndecidedPolicy, each_once
from trailseal.access.readers.population import population
from trailseal.access.readers.reading import Access, Reading, not_decided, read_all
from trailseal.access.readers.scope import KeyStanding, recount, stand
from trailseal.access.readers.subject import Subject
from trailseal.access.readers.writes import NOT_ASKED
from trailseal.errors import ExitCode, UsageProblem
from trailseal.messages import Message, message
from trailseal.model.key import KeyPolicies, KmsKey
from trailseal.model.log_file import StoredObject
from trailseal.model.named_trails import not_told, wanted_named
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail, UnreadTrail, no_trail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.impact import impacts
from trailseal.plan.losing import readers_touched
from trailseal.plan.plan import Plan
from trailseal.plan.readers import meant
from trailseal.plan.readers_again import decide_again
from trailseal.plan.reading import ReaderImpact
from trailseal.plan.step import CreateKey, PutKeyPolicy, is_new
from trailseal.run.who_caveats import caveats, notes, unread, unread_accounts


class Supposing(Struct, frozen=True, kw_only=True):
    """
    A state that does not stand yet: another key on the trail, other policies on the key.

    None leaves what the snapshot shows.
    """

    kms_key: str | None = None
    key_policies: KeyPolicies | None = None


class TrailReaders(Struct, frozen=True, kw_only=True):
    """The answer for one trail. `readings` come in the order: principals of the account, then others."""

    trail: str
    target: LogObject
    standing: KeyStanding
    readings: tuple[Reading, ...]
    changers: tuple[Changer, ...]
    chains: RoleChains
    caveats: tuple[Message, ...]
    not_asked: tuple[Message, ...] = NOT_ASKED
    """Ways to change the answer beside those that `changers` were asked for."""
    notes: tuple[Message, ...] = ()
    """What makes the answer surer."""
    impacts: tuple[ReaderImpact, ...] = ()
    """Before and after, where the question was about a plan."""
    unread: tuple[Unreadable, ...] = ()
    undecided: tuple[UndecidedPolicy, ...] = ()
    """Policies that were read, that the rows rest on, and that could not be decided."""
    copies: TrailCopies | None = None
    """Where the events lie beside the log files, of which all else here is said; None: not looked at."""


class WhoAnswer(Struct, frozen=True, kw_only=True):
    """All trails that were asked about."""

    format: Literal[1] = 1
    trails: tuple[TrailReaders, ...]
    unread: tuple[Unreadable, ...] = ()
    """Trails that were asked about and could not be described, or why there is no list of them."""

    @property
    def exit_code(self) -> ExitCode:
        """4 when something that the answer needs could not be read, or not be decided."""
        return (
            ExitCode.INCOMPLETE
            if self.unread or any(t.unread or t.undecided for t in self.trails)
            else ExitCode.CLEAN
        )


def supposing_plan(snapshot: Snapshot, trail: Trail, plan: Plan) -> Supposing:
    """Return the state that stands when every step of the plan is done."""
    key = next((step.after for step in plan.switches if step.trail_arn == trail.arn), trail.kms_key_id)
    text = _planned_policy(plan, key)
    return Supposing(
        kms_key=new_key_arn(snapshot, trail) if is_new(key) else key,
        key_policies=None if text is None else KeyPolicies(default=text),
    )


def _planned_policy(plan: Plan, key: str) -> str | None:
    for step in plan.steps:
        if isinstance(step, CreateKey) and step.key == key:
            return step.policy
        if isinstance(step, PutKeyPolicy) and step.key == key:
            return step.after
    return None


def answer_plan(snapshot: Snapshot, trail: Trail, plan: Plan, *, only: str | None = None) -> TrailReaders:
    """
    Return who can read once the plan is done, with what becomes of today's readers.

    What becomes of them the plan says itself, and where the account contradicts that now, a caveat does. Of
    a plan that says nothing it is decided here.
    """
    supposed = supposing_plan(snapshot, trail, plan)
    found = answer(snapshot, trail, supposing=supposed, only=only)
    changed = tuple(each for each in readers_touched(plan) if trail.arn in each.trails)
    told = {r.principal for r in found.readings}
    return structs.replace(
        found,
        impacts=tuple(
            i for i in changed or _decided(snapshot, trail, plan) if only is None or i.principal in told
        ),
        caveats=(*found.caveats, *(_contradictions(snapshot, trail, plan) if changed else ())),
    )


def _decided(snapshot: Snapshot, trail: Trail, plan: Plan) -> tuple[ReaderImpact, ...]:
    """Return what becomes of a trail's readers under a plan that does not say it."""
    supposed = supposing_plan(snapshot, trail, plan)
    policy = supposed.key_policies.default if supposed.key_policies else ""
    changed = impacts(trail, snapshot, key=supposed.kms_key or "", policy=policy) if policy else ()
    return tuple(map(meant, changed)) if plan.intent.readers.principals else changed


def _contradictions(snapshot: Snapshot, trail: Trail, plan: Plan) -> tuple[Message, ...]:
    """Return where the account shows something else of a reader now; the plan knew no other account."""
    own = tuple(i for i in snapshot.inventories if isinstance(i, Unreadable) or i.account == plan.account)
    return decide_again(plan, structs.replace(snapshot, trails=(trail,), inventories=own)).moved


def choose_trails(snapshot: Snapshot, name: str | None) -> tuple[Trail, ...]:
    """
    Return the trail of that name or ARN, or all.

    Raises:
        UsageProblem: there is no such trail.
        Incomplete: there may be one, but nobody would list or describe it.
    """
    named = wanted_named(snapshot, () if name is None else (name,))
    chosen = tuple(trail for trail in named if isinstance(trail, Trail))
    if not chosen:
        for reason in unread_trails(snapshot, name):
            raise not_told(reason)
        raise no_trail(snapshot.account)
    return chosen


def unread_trails(snapshot: Snapshot, name: str | None) -> tuple[Unreadable, ...]:
    """Return why trails that the question is about are missing from the answer."""
    asked = (t for t in snapshot.trails if name in {None, t.name, t.arn})
    reasons = tuple(t.reason for t in asked if isinstance(t, UnreadTrail))
    return (*snapshot.unreadable, *reasons)


def answer(
    snapshot: Snapshot,
    trail: Trail,
    *,
    supposing: Supposing | None = None,
    stored: StoredObject | None = None,
    only: str | None = None,
) -> TrailReaders:
    """Return who can read: the trail's next log file, or `stored`; `only` keeps one principal's rows."""
    target, estate = situation(snapshot, trail, supposing or Supposing(), stored)
    subjects = population(estate, target)
    asked = (*subjects, *federated_rows(estate, target, subjects))
    only = only and principal_called(only, asked)
    certain = read_all(estate, target, asked)
    readers = frozenset(r.principal for r in certain if r.access is Access.READ)
    readings = with_named_sessions(doubtful_readings(estate, target, certain))
    told = tuple(r for r in readings if only in {None, r.principal})
    kept = tuple(s for s in subjects if only in {None, s.arn})
    copies = copies_of(snapshot, trail, target, estate)
    changers = doubtful_changers(estate, target, find_changers(estate, target, kept, readers))
    return TrailReaders(
        trail=trail.arn,
        target=target,
        standing=structs.replace(
            recount(stand(estate, target, certain), readings), unusable=_unusable(snapshot, target)
        ),
        readings=told,
        changers=changers,
        chains=doubtful_chains(estate, find_chains(estate, target, _askers(kept, readers), readers)),
        notes=tuple(notes(snapshot, trail)),
        caveats=(*caveats(snapshot, trail, target, estate, readers), *unread_accounts(readings)),
        unread=_once((*unread(snapshot, trail, target, estate), *(copies.unread if copies else ()))),
        undecided=each_once((*not_decided(target, told), *(u for c in changers for u in c.undecided))),
        copies=copies.of(only) if copies and only else copies,
    )


def _once(found: tuple[Unreadable, ...]) -> tuple[Unreadable, ...]:
    return tuple(dict.fromkeys(found))


def principal_called(name: str, subjects: tuple[Subject, ...]) -> str:
    """
    Return the ARN that is meant: itself, or the one whose name it is, `role/etl` or `etl`.

    Raises:
        UsageProblem: nobody is called so, or several are.
    """
    arns = [s.arn for s in subjects]
    if name in arns:
        return name
    found = [arn for arn in arns if arn.endswith((f":{name}", f"/{name}"))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageProblem(
            message("several principals are called `{name}`", name=name),
            message("give one by its ARN: {arns}", arns=tuple(found)),
        )
    raise UsageProblem(
        message("no policy and no inventory knows the principal `{arn}`", arn=name),
        message("`trailseal who --format json` lists everybody by ARN"),
    )


def _askers(kept: tuple[Subject, ...], readers: frozenset[str]) -> tuple[Subject, ...]:
    return tuple(s for s in kept if s.arn not in readers)


def situation(
    snapshot: Snapshot, trail: Trail, supposing: Supposing, stored: StoredObject | None = None
) -> tuple[LogObject, Estate]:
    """Return the object in question and everything that decides on it."""
    kms_key = trail.kms_key_id if supposing.kms_key is None else supposing.kms_key
    if supposing.key_policies is not None and not kms_key:
        kms_key = new_key_arn(snapshot, trail)
    target = stored_target(snapshot, trail, stored) if stored else target_of(snapshot, trail, kms_key=kms_key)
    estate = estate_of(snapshot, trail, kms_key=target.kms_key, policies=supposing.key_policies)
    return target, estate


def _unusable(snapshot: Snapshot, target: LogObject) -> str:
    key = snapshot.key(target.kms_key)
    return key.state.value if isinstance(key, KmsKey) and not key.state.is_usable else ""
