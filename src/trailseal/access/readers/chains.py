"""
Chains of sts:AssumeRole that end in a reader.

An edge is decided by the ordinary engine: the role's trust policy is the resource policy of the call. An
account, or anybody, is asked as every class of caller that the trust policy can tell apart.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from trailseal.access.decision import Decision, Effect
from trailseal.access.kleene import Kleene
from trailseal.access.lint.written import resources_in
from trailseal.access.match.resource import resource_matcher
from trailseal.access.readers.classes import Kind, Kinds, group_by_kind
from trailseal.access.readers.crowd import Crowds, is_crowd, one_is_enough
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import LogObject
from trailseal.access.readers.questions import in_iam
from trailseal.access.readers.subject import Knowledge, Subject
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.readers.sureness import Sureness, sureness_of
from trailseal.access.split.automaton import TooMany
from trailseal.model.arn import account_of
from trailseal.model.principal import Principal

ASSUME = "sts:AssumeRole"
MAX_DEPTH = 5
MAX_DECISIONS = 30_000
SOURCES = frozenset(
    {SubjectKind.USER, SubjectKind.ROLE, SubjectKind.SESSION, SubjectKind.ACCOUNT, SubjectKind.ANYBODY}
)


class RoleChain(Struct, frozen=True, kw_only=True):
    """`roles` are assumed one after the other; the last one reads."""

    principal: str
    roles: tuple[str, ...]
    sureness: Sureness


class RoleChains(Struct, frozen=True, kw_only=True):
    """The shortest chain of each principal; `complete` is false when a bound was reached."""

    found: tuple[RoleChain, ...]
    complete: bool = True


def find_chains(
    estate: Estate,
    target: LogObject,
    subjects: tuple[Subject, ...],
    readers: frozenset[str],
    *,
    depth: int = MAX_DEPTH,
    bound: int = MAX_DECISIONS,
) -> RoleChains:
    """Return how those that do not read themselves get to a role in `readers`."""
    search = _ChainSearch(estate, target, tuple(s for s in subjects if s.arn not in readers), bound)
    frontier = [_Route((arn,), Sureness.OPEN) for arn in sorted(readers) if _role(estate, arn)]
    for _ in range(depth):
        if not frontier or not search.waiting:
            break
        frontier = search.step_back(frontier)
    ended = not frontier or not search.waiting
    found = tuple(search.routes[s.arn] for s in subjects if s.arn in search.routes)
    return RoleChains(found=found, complete=ended and search.decisions <= bound)


def _role(estate: Estate, arn: str) -> Principal | None:
    principal = estate.by_arn.get(arn)
    return principal if principal and principal.trust else None


def _names(pattern: str, arn: str) -> Kleene | str:
    """Return how a Resource names a role, which stands for itself where a variable differs by caller."""
    return arn if "${" in pattern else resource_matcher(pattern)(arn)


class _Route(Struct, frozen=True):
    """Roles to assume one after the other; the first is what a caller has to get into."""

    roles: tuple[str, ...]
    sureness: Sureness


class _ChainSearch:
    """Goes back from readers, one assumption at a time, kind by kind of callers and of roles."""

    def __init__(self, estate: Estate, target: LogObject, subjects: tuple[Subject, ...], bound: int) -> None:
        asking = tuple(s for s in subjects if s.kind in SOURCES and s.knowledge is not Knowledge.MISSING)
        trusts = tuple({p.trust: None for i in estate.inventories for p in i.principals if p.trust})
        self._estate = estate
        self._target = target
        self._own = frozenset(s.arn for s in subjects)
        self._crowds: dict[str, Crowds] = {}
        self._bound = bound
        self.waiting = group_by_kind(asking, Kinds(estate, (ASSUME,), trusts))
        documents = {d for group in self.waiting.values() for s in group for d in s.documents}
        self._patterns = sorted({r for d in documents for r in resources_in(d) if _may_be_a_role(r)})
        self.routes: dict[str, RoleChain] = {}
        self.decisions = 0

    def step_back(self, frontier: list[_Route]) -> list[_Route]:
        """Return the routes that begin one assumption earlier; callers that found one wait no more."""
        found: dict[Kind, _Route] = {}
        for route in self._unlike(frontier):
            for kind, group in self.waiting.items():
                known = found.get(kind)
                if known is not None and known.sureness is Sureness.OPEN:
                    continue
                sureness = self._assumes(group[0], route)
                if sureness is not None and (known is None or sureness is Sureness.OPEN):
                    found[kind] = _Route(route.roles, sureness)
        return [longer for kind, route in found.items() for longer in self._settle(kind, route)]

    def _settle(self, kind: Kind, route: _Route) -> Iterator[_Route]:
        for subject in self.waiting.pop(kind):
            self.routes[subject.arn] = RoleChain(
                principal=subject.arn, roles=route.roles, sureness=route.sureness
            )
            if _role(self._estate, subject.arn):
                yield _Route((subject.arn, *route.roles), route.sureness)

    def _unlike(self, frontier: list[_Route]) -> list[_Route]:
        """Return one route for each kind of role at its beginning: same account, same trust, named alike."""
        kinds: dict[object, _Route] = {}
        for route in frontier:
            arn = route.roles[0]
            named = tuple(_names(pattern, arn) for pattern in self._patterns)
            own = account_of(arn), self._estate.by_arn[arn].trust
            kinds.setdefault((*own, named, route.sureness), route)
        return list(kinds.values())

    def _assumes(self, subject: Subject, route: _Route) -> Sureness | None:
        if self.decisions >= self._bound:
            self.decisions = self._bound + 1
            return None
        self.decisions += 1
        role = self._estate.by_arn[route.roles[0]]
        if is_crowd(subject):
            found = self._some_assume(subject, role)
        else:
            found = sureness_of((_ask(self._estate, subject, role).effect,))
        return route.sureness if found is Sureness.OPEN else found

    def _some_assume(self, crowd: Subject, role: Principal) -> Sureness | None:
        """Anybody can be one of those that may; in an account there need not be one."""
        crowds = self._crowds.setdefault(
            role.trust,
            Crowds(
                estate=self._estate,
                target=self._target,
                documents=(role.trust, *self._estate.guardrails),
                actions=(ASSUME,),
                own=self._own,
            ),
        )
        try:
            members = crowds.members(crowd)
        except TooMany:
            return Sureness.UNKNOWN
        self.decisions += len(members)
        found = {sureness_of((_ask(self._estate, member, role).effect,)) for member in members}
        if Sureness.OPEN in found and (found == {Sureness.OPEN} or one_is_enough(crowd)):
            return Sureness.OPEN
        return Sureness.UNKNOWN if found - {None} else None


def _may_be_a_role(pattern: str) -> bool:
    """Most resources are of other services; their patterns need not be tried on roles."""
    service = pattern.split(":")[2:3]
    return service in ([], ["iam"]) or bool({"*", "?", "$"} & set(service[0]))


def _ask(estate: Estate, subject: Subject, role: Principal) -> Decision:
    if subject.knowledge is Knowledge.READ:
        return in_iam(estate, subject, ASSUME, role.arn, role.trust)
    worst = in_iam(estate, subject.worst_case(), ASSUME, role.arn, role.trust)
    return Decision(effect=Effect.UNKNOWN, reasons=worst.reasons) if worst.is_allowed else worst
