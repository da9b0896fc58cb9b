"""Somebody who may ask for an object, with all that IAM says of them."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from trailseal.access.caller import ANYBODY, session_arn
from trailseal.access.facts import OneOf, Value
from trailseal.access.readers.estate import EVERYTHING, Estate
from trailseal.access.readers.session_tags import tags_of_sessions, tags_of_user
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.messages import Words, message
from trailseal.model.arn import account_of
from trailseal.model.principal import Principal, PrincipalKind


class Knowledge(StrEnum):
    """Whether the subject's IAM policies were read."""

    READ = "read"
    NOT_READ = "not read"
    MISSING = "no such principal"


class Subject(Struct, frozen=True, kw_only=True):
    """
    `arn` is what is shown; `asks_as` the principal of its requests (a witness for a whole account).

    `documents` are its identity policies; `boundary` None for no boundary. `maker` is the user who made a
    federated user's session, "" where that is not told: then it stands for the sessions of all who may.
    """

    arn: str
    asks_as: str
    kind: SubjectKind
    account: str = ""
    documents: tuple[str, ...] = ()
    names: tuple[Words, ...] = ()
    """The documents' names, for explanations."""
    boundary: str | None = None
    boundary_name: Words = ""
    context: dict[str, Value] = {}
    knowledge: Knowledge = Knowledge.READ
    maker: str = ""
    trust: str = ""
    """The trust policy of a known role, which tells what tags its sessions may be given."""

    @property
    def has_policies(self) -> bool:
        """Whether identity policies apply at all."""
        return self.kind not in {SubjectKind.SERVICE, SubjectKind.ANONYMOUS}

    @property
    def is_federated(self) -> bool:
        """Whether a federated user's session signs."""
        return self.kind is SubjectKind.FEDERATED

    def worst_case(self) -> Subject:
        """Return the subject with IAM policies that allow everything."""
        return Subject(
            arn=self.arn,
            asks_as=self.asks_as,
            kind=self.kind,
            account=self.account,
            documents=(EVERYTHING,),
            names=(message("any IAM policy"),),
            context=self.context,
            knowledge=self.knowledge,
            maker=self.maker,
        )


KINDS = {
    PrincipalKind.USER: SubjectKind.USER,
    PrincipalKind.ROLE: SubjectKind.ROLE,
    PrincipalKind.ROOT: SubjectKind.ROOT,
}


def subject_of(principal: Principal, estate: Estate) -> Subject:
    """Return the subject for a principal of the inventory; its account's root may do everything in IAM."""
    account = account_of(principal.arn)
    policies = estate.policies_of(principal, account)
    documents = tuple(p.document for p in policies)
    return Subject(
        arn=principal.arn,
        asks_as=_asks_as(principal),
        kind=KINDS[principal.kind],
        account=account,
        documents=(EVERYTHING,) if principal.kind is PrincipalKind.ROOT else documents,
        names=tuple(p.name for p in policies) or (message("root user"),),
        boundary=principal.boundary.document if principal.boundary else None,
        boundary_name=principal.boundary.name if principal.boundary else "",
        context=_context(principal, account, estate),
        trust=principal.trust,
    )


def _asks_as(principal: Principal) -> str:
    """Return who signs: a role signs by its sessions, and stands for those that no policy names."""
    if principal.kind is PrincipalKind.ROLE:
        return session_arn(principal.arn, ANYBODY)
    return principal.arn


def stranger_of(arn: str, kind: SubjectKind, account: str, estate: Estate) -> Subject:
    """Return the subject for somebody whose account was not read, or who is a class of its callers."""
    context = estate.organization_facts("Principal", account)
    others = estate.others_ids
    if kind is SubjectKind.ROLE:
        context |= {"aws:PrincipalArn": (arn,), "aws:userid": OneOf(("AROA*:*",), but_for=others)}
    elif kind is SubjectKind.USER and others:
        context |= {"aws:userid": OneOf(("AIDA*",), but_for=others)}
    elif kind is SubjectKind.SESSION and others:
        context |= {"aws:userid": OneOf((f"AROA*:{arn.rpartition('/')[2]}",), but_for=others)}
    return Subject(
        arn=arn,
        asks_as=session_arn(arn, ANYBODY) if kind is SubjectKind.ROLE else arn,
        kind=kind,
        account=account,
        context=context,
        knowledge=Knowledge.NOT_READ,
    )


def session_of(arn: str, role: Principal, estate: Estate) -> Subject:
    """Return the subject for one named session of a known role."""
    base = subject_of(role, estate)
    session = arn.rpartition("/")[2]
    context = {k: v for k, v in base.context.items() if k != "aws:userid"}
    if role.principal_id:
        context["aws:userid"] = (f"{role.principal_id}:{session}",)
    return Subject(
        arn=arn,
        asks_as=arn,
        kind=SubjectKind.SESSION,
        account=base.account,
        documents=base.documents,
        names=base.names,
        boundary=base.boundary,
        boundary_name=base.boundary_name,
        context=context,
        trust=base.trust,
    )


def _context(principal: Principal, account: str, estate: Estate) -> dict[str, Value]:
    sessions = principal.kind is PrincipalKind.ROLE
    tags = tags_of_sessions(principal.tags, principal.trust) if sessions else tags_of_user(principal.tags)
    context = tags | estate.organization_facts("Principal", account)
    match principal.kind:
        case PrincipalKind.USER if principal.principal_id:
            context["aws:userid"] = (principal.principal_id,)
        case PrincipalKind.ROLE:
            context["aws:PrincipalArn"] = (principal.arn,)
            others = () if principal.principal_id else estate.others_ids
            context["aws:userid"] = OneOf((f"{principal.principal_id or 'AROA*'}:*",), but_for=others)
        case _:
            pass
    return context
