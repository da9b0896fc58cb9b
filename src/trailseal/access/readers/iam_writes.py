"""
What a principal may write in IAM that makes a reader of somebody, or may run as a role that reads.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import structs

from trailseal.access.caller import ANYBODY, caller_kind
from trailseal.access.decision import Decision
from trailseal.access.lint.matching import reaches
from trailseal.access.lint.written import resources_in, statements_in
from trailseal.access.match.wildcard import matches
from trailseal.access.readers.estate import Estate, identity_layers, join_layers
from trailseal.access.readers.questions import RequestUnderPolicies, decide, in_iam
from trailseal.access.readers.subject import Subject
from trailseal.access.readers.sureness import Sureness, sureness_of
from trailseal.access.readers.walls import Walls
from trailseal.access.readers.writes import (
    IAM_ACTIONS,
    ON_ONESELF,
    PASSING,
    STARTS,
    TAKE_BOUNDARY,
    TAKE_DENY,
    TAKE_GROUP_DENY,
)
from trailseal.access.request import Request
from trailseal.access.service_name import usual_name
from trailseal.model.arn import account_of

Found = Iterator[tuple[str, Sureness]]


def by_identity(
    estate: Estate,
    subject: Subject,
    action: str,
    resource: str,
    context: Mapping[str, tuple[str, ...]] | None = None,
) -> Decision:
    """Return what the subject's own policies say to an action whose resource has no policy of its own."""
    request = Request(
        principal=subject.asks_as,
        action=action,
        resource=resource,
        resource_account=subject.account,
        context={**subject.context, **(context or {})},
    )
    own = identity_layers(
        documents=subject.documents,
        boundary=subject.boundary,
        scp=estate.scp(subject.account),
        federated=subject.is_federated,
    )
    return decide(estate, RequestUnderPolicies(request=request, policies=join_layers(own)))


class IamWrites:
    """Asks for writes in IAM; `roles` are readers with the services that their trust policies name."""

    def __init__(
        self, estate: Estate, partition: str, walls: Walls, roles: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._estate = estate
        self._partition = partition
        self._walls = walls
        self._roles = roles
        self._first: dict[tuple[str, str], str] = {}

    def of(self, subject: Subject) -> Found:
        """Yield each write that the subject may do, and how sure that is."""
        for kind, actions in IAM_ACTIONS.items():
            resources = self._resources(subject, kind)
            for action in actions:
                mine = (subject.arn,) if action in ON_ONESELF and caller_kind(subject.arn) == kind else ()
                yield from self._asked(subject, action, (*resources, *mine))
        for standing, table in ((self._walls.denied, TAKE_DENY), (self._walls.bounded, TAKE_BOUNDARY)):
            for kind, actions in table.items():
                walled = self._walled(subject, standing.get(kind, ()))
                for action in actions:
                    yield from self._asked(subject, action, walled)
        if "user" in self._walls.denied:
            for action in TAKE_GROUP_DENY:
                yield from self._asked(subject, action, self._resources(subject, "group"))
        yield from self._passes(subject)

    def _asked(self, subject: Subject, action: str, resources: Iterable[str]) -> Found:
        effects = {in_iam(self._estate, subject, action, each).effect for each in resources}
        if found := sureness_of(effects):
            yield action, found

    def _resources(self, subject: Subject, kind: str) -> tuple[str, ...]:
        """
        Return one resource that nothing names, and one for each pattern that the subject's policies name.

        A pattern with a policy variable is left out: it mostly names the caller, who is asked as such.
        """
        prefix = f"arn:{self._partition}:iam::{subject.account}:{kind}/"
        named = (prefix + name for pattern in _patterns(subject) if (name := _name_in(pattern, prefix)))
        return tuple(dict.fromkeys((prefix + ANYBODY, *named)))

    def _walled(self, subject: Subject, arns: tuple[str, ...]) -> tuple[str, ...]:
        """Return one of those who are walled in for each pattern of the subject's, and itself."""
        own = tuple(arn for arn in arns if account_of(arn) == subject.account)
        if not own:
            return ()
        found = {own[0]: None}
        for pattern in _patterns(subject):
            first = self._first_match(pattern, own)
            found |= {first: None} if first else {}
        return (*found, subject.arn) if subject.arn in own else tuple(found)

    def _first_match(self, pattern: str, arns: tuple[str, ...]) -> str:
        """Return the first that the pattern takes; looked for once, because there may be thousands."""
        place = (pattern, arns[0])
        if place not in self._first:
            head = pattern.partition("*")[0].partition("?")[0]
            self._first[place] = next((a for a in arns if a.startswith(head) and matches(pattern, a)), "")
        return self._first[place]

    def _passes(self, subject: Subject) -> Found:
        """Yield iam:PassRole where a reader's role can be given to something that the subject may start."""
        found = {
            self._passes_to(subject, role, service)
            for role, services in self._roles.items()
            for service in services
            if account_of(role) == subject.account
        }
        best = Sureness.OPEN if Sureness.OPEN in found else Sureness.UNKNOWN
        if found - {None}:
            yield PASSING, best

    def _passes_to(self, subject: Subject, role: str, service: str) -> Sureness | None:
        given = structs.replace(subject, context={**subject.context, "iam:PassedToService": (service,)})
        passed = sureness_of({in_iam(self._estate, given, PASSING, role).effect})
        if passed is None or usual_name(service) not in STARTS:
            return passed and Sureness.UNKNOWN
        started = self._starts(subject, STARTS[usual_name(service)])
        return Sureness.UNKNOWN if started and passed is Sureness.UNKNOWN else started

    def _starts(self, subject: Subject, actions: tuple[str, ...]) -> Sureness | None:
        """One that is allowed on some resources only is no more than possible."""
        effects = {
            by_identity(self._estate, subject, action, self._anything(subject, action)).effect
            for action in actions
        }
        if found := sureness_of(effects):
            return found
        allows = (s for document in subject.documents for s in statements_in(document) if s.grants)
        return Sureness.UNKNOWN if any(reaches(s, a) for s in allows for a in actions) else None

    def _anything(self, subject: Subject, action: str) -> str:
        service = action.partition(":")[0]
        return f"arn:{self._partition}:{service}:{ANYBODY}:{subject.account}:{ANYBODY}/{ANYBODY}"


def _patterns(subject: Subject) -> dict[str, None]:
    return dict.fromkeys(r for document in subject.documents for r in resources_in(document))


def _name_in(pattern: str, prefix: str) -> str:
    """Return a name that the pattern matches below `prefix`, "" when it is about something else."""
    *_, account, kind = prefix.rstrip("/").split(":")
    head, slash, name = pattern.partition(f":{kind}/")
    service = head.split(":")[2:3]
    if not slash or "${" in pattern or service != ["iam"] or not matches(head.rpartition(":")[2], account):
        return ""
    return name.replace("*", ANYBODY).replace("?", "x")
