"""
Subjects that stand for many: an account that was not read, anybody at all, or a session that several make.

One invented member never speaks for all of them. Whatever the policies can tell apart, a user from a
role, one name from another, is a class with a member of its own, and each member is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from msgspec import Struct, structs

from trailseal.access.caller import CallerKind, nobody_in
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.stored import read_stored
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.federation import as_made, named_users, unnamed
from trailseal.access.readers.log_object import LogObject
from trailseal.access.readers.strangers import stranger
from trailseal.access.readers.subject import Knowledge, Subject
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.request import Request
from trailseal.access.split.automaton import TooMany
from trailseal.access.split.callers import Class, Looking, Universe, all_accounts, callers_of
from trailseal.access.split.request_policies import facts
from trailseal.access.split.vocabulary import vocabulary
from trailseal.messages import Message, Words, message
from trailseal.model.arn import Arn, account_of

ANYWHERE = frozenset({SubjectKind.ANYBODY, SubjectKind.CANONICAL})
"""Crowds of all accounts that have no row. Which one a canonical user ID stands for is not told."""
SOME_NUMBERS = re.compile(r"\d[*?]|[*?]\d")
"""A pattern that may take some account numbers and not others."""
Said = frozenset[tuple[str, str, str]]
CLASS_OF_ALL = "federated-user/*"
"""The federated users of an account that no policy names, in an ARN that nobody has."""
MAX_CLASSES = 200
TOO_MANY = message("the policies distinguish more kinds of callers than are checked one by one")
KINDS: dict[SubjectKind, Message] = {
    SubjectKind.USER: message("a user"),
    SubjectKind.ROLE: message("a session of a role"),
    SubjectKind.FEDERATED: message("a federated user"),
    SubjectKind.ROOT: message("the root user"),
}


def is_crowd(subject: Subject) -> bool:
    """Whether the subject stands for many."""
    made = subject.is_federated and subject.knowledge is Knowledge.READ and not subject.maker
    return made or subject.kind in ANYWHERE or subject.kind is SubjectKind.ACCOUNT


def one_is_enough(subject: Subject) -> bool:
    """Whether a single class that gets through settles it, because anybody can make a member of it."""
    return subject.kind is not SubjectKind.ACCOUNT


class Crowds(Struct, frozen=True, kw_only=True, dict=True):
    """Finds the members of crowds; `documents` are all policies that may tell callers apart."""

    estate: Estate
    target: LogObject
    documents: tuple[str, ...]
    actions: tuple[str, ...]
    own: frozenset[str] = frozenset()
    """ARNs of subjects that are asked on their own, and stand for nobody else."""

    def members(self, subject: Subject) -> tuple[Subject, ...]:
        """
        Return one member of each class in the crowd, with IAM policies as they are known.

        Raises:
            TooMany: there are more classes than are asked.
        """
        if subject.kind is SubjectKind.FEDERATED and not subject.arn.endswith(CLASS_OF_ALL):
            return as_made(subject, self.estate)
        if subject.arn not in self._known:
            federated = subject.kind is SubjectKind.FEDERATED
            self._known[subject.arn] = self._sessions(subject) if federated else self._members(subject)
        return self._known[subject.arn]

    def _sessions(self, crowd: Subject) -> tuple[Subject, ...]:
        """Return each class of federated users in an account that was read, as each of its makers."""
        found: list[Subject] = []
        for one in self._in_account(crowd.account):
            if one.kind is not CallerKind.FEDERATED or one.arn in self.own:
                continue
            found += as_made(stranger(one, self.estate), self.estate)
            if len(found) > MAX_CLASSES:
                raise TooMany(TOO_MANY)
        return tuple(found)

    def _members(self, crowd: Subject) -> tuple[Subject, ...]:
        """Anybody's account allows him everything; what an unread account allows is up to it."""
        anywhere = crowd.kind in ANYWHERE
        found: list[Subject] = []
        for one in self._anywhere() if anywhere else self._in_account(crowd.account):
            member = stranger(one, self.estate)
            if one.kind is CallerKind.FEDERATED:
                member = unnamed(member, self._named)  # what a named user makes counts as that user
            if one.arn == crowd.arn or one.arn not in self._alone:
                worst = structs.replace(member.worst_case(), knowledge=Knowledge.READ)
                found.append(worst if anywhere else member)
            if len(found) > MAX_CLASSES:
                raise TooMany(TOO_MANY)
        return tuple(sorted(found, key=_is_odd))

    @cached_property
    def _named(self) -> frozenset[str]:
        return named_users(self.estate)

    @cached_property
    def _known(self) -> dict[str, tuple[Subject, ...]]:
        return {}

    def _anywhere(self) -> Iterator[Class]:
        split = self._universe("")
        for account in all_accounts(split):
            if account not in self._taken:
                yield from callers_of(split, account)

    def _in_account(self, account: str) -> Iterator[Class]:
        """Accounts of which the policies say the same have the same classes, but for the number."""
        said = _said_of(account, self._looking)
        if said is None:
            yield from callers_of(self._universe(account), account)
            return
        if said not in self._alike:
            self._alike[said] = account, tuple(callers_of(self._universe(account), account))
        first, found = self._alike[said]
        yield from found if first == account else (_moved(one, first, account) for one in found)

    @cached_property
    def _alike(self) -> dict[Said, tuple[str, tuple[Class, ...]]]:
        return {}

    @cached_property
    def _taken(self) -> frozenset[str]:
        """Return the accounts that have rows of their own."""
        named = {account_of(arn) for arn in self.own} - {""}
        return frozenset(
            {*self.estate.by_account, self.target.key_account, self.target.bucket_account, *named}
        )

    @cached_property
    def _alone(self) -> frozenset[str]:
        """Return those with rows of their own whom a policy names: each is a class by itself."""
        looked = [each.vocabulary for each in self._looking]
        values = {value for each in looked for look in each.looks for value in look.test.values}
        return self.own & (values | {value for each in looked for _, value in each.principals})

    @cached_property
    def _looking(self) -> tuple[Looking, ...]:
        policies = tuple(read_stored(text, PolicyKind.RESOURCE) for text in dict.fromkeys(self.documents))
        return tuple(
            Looking(vocabulary(policies, action), facts(self._request(action))) for action in self.actions
        )

    def _request(self, action: str) -> Request:
        owner = self.target.key_account if action.startswith("kms:") else self.target.bucket_account
        nobody = nobody_in(self.target.partition)
        return Request(principal=nobody, action=action, resource="", resource_account=owner)

    def _universe(self, account: str) -> Universe:
        accounts = sorted({account, *self._taken} - {""})
        return Universe(
            partition=self.target.partition,
            looking=self._looking,
            own_accounts=tuple(accounts),
            fixed=(self.target.bucket_arn, self.target.kms_key, self.target.trail),
        )


def _said_of(account: str, looking: tuple[Looking, ...]) -> Said | None:
    """
    Return what the policies look at that names the account, without its number.

    None where a variable or a pattern over numbers may tell it from others that are not named.
    """
    found: set[tuple[str, str, str]] = set()
    for each in looking:
        if each.vocabulary.variables:
            return None
        looks = (
            (look.key, look.test.operator, v) for look in each.vocabulary.looks for v in look.test.values
        )
        principals = (("", kind, value) for kind, value in each.vocabulary.principals)
        for where, how, value in (*looks, *principals):
            if SOME_NUMBERS.search(value):
                return None
            if account in value:
                found.add((where, how, value.replace(account, "own")))
    return frozenset(found)


def _moved(one: Class, before: str, after: str) -> Class:
    return structs.replace(one, arn=one.arn.replace(before, after), account=after)


def _is_odd(member: Subject) -> bool:
    """Whether only the path is what makes the class: a path may hold a whole `:role/`."""
    return ":" in Arn.parse(member.arn).resource


def classes(
    members: Sequence[Subject], chosen: Sequence[bool], *, by_maker: bool = False
) -> tuple[Words, ...]:
    """
    Return the classes that are chosen: a whole kind in a word, a part of it by its member's name.

    Or, `by_maker`, by the user who makes the session.
    Empty where all are, because nothing sets them apart then.
    """
    if all(chosen):
        return ()
    left = {member.kind for member, is_in in zip(members, chosen, strict=True) if not is_in}
    found: dict[Words, None] = {}
    for member, is_in in zip(members, chosen, strict=True):
        if is_in:
            found[_one_like(member, by_maker=by_maker) if member.kind in left else KINDS[member.kind]] = None
    return tuple(found)


def _one_like(member: Subject, *, by_maker: bool) -> Message:
    if by_maker:
        return message("made by {name}", name=Arn.parse(member.maker).resource)
    return message("one like {name}", name=Arn.parse(member.arn).resource)
