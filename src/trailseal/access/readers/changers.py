"""
Who could change the answer: rewrite the key or bucket policy, hand out a grant, write IAM policies,
or assume a role that reads.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying.html
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from trailseal.access.decision import Effect
from trailseal.access.lint.matching import glob
from trailseal.access.readers.classes import Kinds, answer_by_kind
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import LogObject, Sealing
from trailseal.access.readers.population import WITNESS, resources_in
from trailseal.access.readers.questions import DENIED, in_iam, on_bucket, on_key
from trailseal.access.readers.reading import governing_documents
from trailseal.access.readers.subject import Knowledge, Subject, SubjectKind

KEY_ACTIONS = ("kms:PutKeyPolicy", "kms:CreateGrant")
BUCKET_ACTIONS = ("s3:PutBucketPolicy",)
IAM_ACTIONS = {
    "user": (
        "iam:PutUserPolicy",
        "iam:AttachUserPolicy",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:UpdateLoginProfile",
    ),
    "role": ("iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"),
    "group": ("iam:PutGroupPolicy", "iam:AttachGroupPolicy", "iam:AddUserToGroup"),
    "policy": ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"),
}


class Sureness(StrEnum):
    """Whether the way is open, or open under conditions that can not be known."""

    OPEN = "open"
    UNKNOWN = "unknown"


class Way(Struct, frozen=True, kw_only=True, order=True):
    """One thing a principal may do that can make a reader of somebody."""

    action: str
    sureness: Sureness


class Changer(Struct, frozen=True, kw_only=True):
    """A principal with its ways, in the order key, bucket, IAM."""

    principal: str
    kind: SubjectKind
    ways: tuple[Way, ...]


def find_changers(estate: Estate, target: LogObject, subjects: tuple[Subject, ...]) -> tuple[Changer, ...]:
    """Return everybody with at least one way, in the order of `subjects`. Services are left out."""
    asked = tuple(s for s in subjects if s.has_policies and s.knowledge is Knowledge.READ)
    actions = (*KEY_ACTIONS, *BUCKET_ACTIONS, *(a for group in IAM_ACTIONS.values() for a in group))
    kinds = Kinds(estate, actions, governing_documents(estate))
    answers = answer_by_kind(asked, kinds, lambda subject: tuple(_ways(estate, target, subject)))
    return tuple(
        Changer(principal=subject.arn, kind=subject.kind, ways=ways)
        for subject, ways in zip(asked, answers, strict=True)
        if ways
    )


def _ways(estate: Estate, target: LogObject, subject: Subject) -> Iterator[Way]:
    if target.sealing is not Sealing.SSE_S3:
        for action in KEY_ACTIONS:
            yield from _way(action, on_key(estate, target, subject, action).effect)
    for action in BUCKET_ACTIONS:
        yield from _way(action, on_bucket(estate, target, subject, action).effect)
    for kind, actions in IAM_ACTIONS.items():
        resources = _resources(subject, f"arn:{target.partition}:iam::{subject.account}:{kind}/")
        for action in actions:
            yield from _way(action, *(in_iam(estate, subject, action, each).effect for each in resources))


def _resources(subject: Subject, prefix: str) -> tuple[str, ...]:
    """
    Return one resource that nothing names, and one for each pattern that the subject's policies name.

    A pattern with a policy variable is left out: it mostly names the caller, who gains nothing by it.
    """
    patterns = dict.fromkeys(r for document in subject.documents for r in resources_in(document))
    named = (prefix + name for pattern in patterns if (name := _name_in(pattern, prefix)))
    return tuple(dict.fromkeys((prefix + WITNESS, *named)))


def _name_in(pattern: str, prefix: str) -> str:
    """Return a name that the pattern matches below `prefix`, "" when it is about something else."""
    *_, account, kind = prefix.rstrip("/").split(":")
    head, slash, name = pattern.partition(f":{kind}/")
    service = head.split(":")[2:3]
    if not slash or "${" in pattern or service != ["iam"] or not glob(head.rpartition(":")[2], account):
        return ""
    return name.replace("*", WITNESS).replace("?", "x")


def _way(action: str, *effects: Effect) -> Iterator[Way]:
    if Effect.ALLOWED in effects:
        yield Way(action=action, sureness=Sureness.OPEN)
    elif any(effect not in DENIED for effect in effects):
        yield Way(action=action, sureness=Sureness.UNKNOWN)
