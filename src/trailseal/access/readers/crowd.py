"""
Subjects that stand for many: an account that was not read, or anybody at all.

One invented member never speaks for all of them. Whatever the policies can tell apart, a user from a
role, one name from another, is a class with a member of its own, and each member is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from msgspec import Struct, structs

from trailseal.access.prove.callers import Universe, callers, universe
from trailseal.access.prove.vocabulary import Vocabulary, vocabulary
from trailseal.access.readers.estate import EVERYTHING, Estate
from trailseal.access.readers.log_object import LogObject
from trailseal.access.readers.subject import Knowledge, Subject, SubjectKind
from trailseal.access.split.automaton import TooMany
from trailseal.messages import Message, Words, message

CROWDS = frozenset({SubjectKind.ACCOUNT, SubjectKind.ANYBODY})
MAX_CLASSES = 200
TOO_MANY = message("the policies tell apart more kinds of callers than are asked one by one")
KINDS: dict[SubjectKind, Message] = {
    SubjectKind.USER: message("a user"),
    SubjectKind.ROLE: message("a session of a role"),
    SubjectKind.FEDERATED: message("a federated user"),
    SubjectKind.ROOT: message("the root user"),
}


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
        found: list[Subject] = []
        for member in self._inside(subject):
            found.append(self._known(member, subject))
            if len(found) > MAX_CLASSES:
                raise TooMany(TOO_MANY)
        return tuple(found)

    def _inside(self, subject: Subject) -> Iterator[Subject]:
        anybody = subject.kind is SubjectKind.ANYBODY
        for member in callers(self._universe(subject.account)):
            if member.kind not in KINDS or member.arn in self._alone:
                continue
            if (member.account not in self._taken) if anybody else (member.account == subject.account):
                yield member

    def _known(self, member: Subject, crowd: Subject) -> Subject:
        """Anybody's account allows him everything; what an unread account allows is up to it."""
        if crowd.kind is SubjectKind.ANYBODY:
            return structs.replace(
                member,
                documents=(EVERYTHING,),
                names=(message("any IAM policy"),),
                knowledge=Knowledge.READ,
                context=crowd.context,
            )
        return structs.replace(member, context=crowd.context)

    @cached_property
    def _taken(self) -> frozenset[str]:
        """Return the accounts that have rows of their own."""
        named = {arn.split(":")[4] for arn in self.own if arn.count(":") > 4}  # noqa: PLR2004 - the account's place
        return frozenset(
            {*self.estate.by_account, self.target.key_account, self.target.bucket_account, *named}
        )

    @cached_property
    def _alone(self) -> frozenset[str]:
        """Return those with rows of their own whom a policy names: each is a class by itself."""
        values = {t.value for key in self._looked.keys.values() for t in key.tests}
        return self.own & (values | {value for _, value in self._looked.principals})

    @cached_property
    def _looked(self) -> Vocabulary:
        return vocabulary(self.documents, self.actions)

    def _universe(self, account: str) -> Universe:
        accounts = sorted({account, *self._taken} - {""})
        return universe(
            self._looked,
            partition=self.target.partition,
            own_accounts=tuple(accounts),
            told_apart=frozenset(),
        )


def classes(members: Iterable[Subject], chosen: Callable[[Subject], bool]) -> tuple[Words, ...]:
    """
    Return the classes that are chosen: a whole kind in a word, a part of it by its member's name.

    Empty where all are, because nothing sets them apart then.
    """
    everyone = tuple(members)
    picked = tuple(m for m in everyone if chosen(m))
    if len(picked) == len(everyone):
        return ()
    found: dict[Words, None] = {}
    for member in picked:
        rest = [m for m in everyone if m.kind is member.kind and not chosen(m)]
        found[_one_like(member) if rest else KINDS[member.kind]] = None
    return tuple(found)


def _one_like(member: Subject) -> Message:
    return message("one like {name}", name=member.arn.rpartition(":")[2])
