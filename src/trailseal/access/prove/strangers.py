"""Callers outside the inventories, and those that could be added to them, as subjects of the questions."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import structs

from trailseal.access.caller import is_session_of
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.strangers import stranger
from trailseal.access.readers.subject import Subject
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.split.callers import Class


def subject_of_class(one: Class, estate: Estate, members: frozenset[str]) -> Subject:
    """
    Return the class as a subject with IAM policies that allow everything, where it can have any.

    `members` are the accounts of the organization that are classes of their own.
    """
    subject = stranger(one, estate)
    if one.account not in members and one.account not in estate.by_account:
        kept = {k: v for k, v in subject.context.items() if not k.lower().startswith("aws:principalorg")}
        subject = structs.replace(subject, context=kept)
    return subject.worst_case() if subject.has_policies else subject


def is_listed(subject: Subject, only: frozenset[str], estate: Estate) -> bool:
    """
    Whether the list names the subject, or the role that it is a session of.

    A session's ARN does not tell its role's path, so that one of a known role is compared by the role's
    own ARN. Of a role that was not read only the name is compared: a name stands once in an account.
    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
    """
    if subject.arn in only:
        return True
    if known := estate.roles_of_session(subject.arn):
        return all(role.arn in only for role in known)
    return any(is_session_of(subject.arn, arn) for arn in only)


def without(subject: Subject, sessions: Iterable[str], organization: str) -> dict[str, tuple[str, ...]]:
    """
    Return what is somebody else's, for the search: the user IDs of a role's named sessions.

    And the `organization`, "" for none, that the subject's account is known not to be in.
    """
    barred = tuple(f"*:{name}" for name in sessions) if subject.kind is SubjectKind.ROLE else ()
    found = {"aws:userid": barred} if barred else {}
    if organization:
        found |= {"aws:principalorgid": (organization,), "aws:principalorgpaths": (f"{organization}/*",)}
    return found
