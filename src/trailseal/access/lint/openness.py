"""
Statements that let in more callers than their author may have meant.

What a statement's conditions come to is asked of the engine, for callers that nobody named: it does not
matter how a condition is spelt, only whom it shuts out. A Deny of the same policy that shuts them out
counts as well: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html,
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from trailseal.access.caller import CallerKind
from trailseal.access.lint.admission import (
    admits_insiders,
    admits_people,
    admits_strangers,
    admits_trails,
    only_about,
)
from trailseal.access.lint.denying import Denies, Tries, denies_beside
from trailseal.access.lint.finding import LintFinding, LintSeverity
from trailseal.access.lint.keepers import CHANGING
from trailseal.access.lint.matching import CLOUDTRAIL_PRINCIPAL, account_root, decrypts, is_open, reaches
from trailseal.access.lint.never import is_dead
from trailseal.access.lint.place import PolicyPlace
from trailseal.access.lint.written import WrittenPolicy, WrittenStatement
from trailseal.messages import Message, message

SOURCES = frozenset({"aws:sourcearn", "aws:sourceaccount"})
ENCRYPTING = ("kms:GenerateDataKey", "s3:PutObject")
MAX_NAMED = 8
MAX_ASKED = 50


def check_open(policy: WrittenPolicy, place: PolicyPlace) -> Iterator[LintFinding]:
    """Yield the Allow statements that let in a caller of an account that nobody named, or anybody of one."""
    tries = Tries()
    for statement in policy.statements:
        if not statement.grants or not is_open(statement) or is_dead(statement):
            continue
        denies = denies_beside(statement, policy, tries, place)
        strangers = admits_strangers(statement, place, denies)
        if strangers:
            yield _public(statement, services_only=strangers == {CallerKind.SERVICE})
        elif decrypts(statement) and (insiders := admits_insiders(statement, place, denies)):
            yield _account_wide(statement, _who_may(statement.name, insiders))
        elif reaches(statement, CHANGING) and admits_insiders(only_about(statement, CHANGING), place, denies):
            yield _account_wide(
                statement,
                message(
                    "`{sid}` lets every principal of the account change the key policy, with no IAM "
                    "permission of its own",
                    sid=statement.name,
                ),
            )


def _public(statement: WrittenStatement, *, services_only: bool) -> LintFinding:
    sid = statement.name
    text = (
        message(
            "`{sid}` lets AWS services in for anybody: no condition names the account they act for", sid=sid
        )
        if services_only
        else message(
            "`{sid}` allows everybody, in every AWS account: no condition excludes strangers", sid=sid
        )
    )
    remedy = (
        message("add aws:SourceAccount or aws:SourceArn to `{sid}`", sid=sid)
        if services_only
        else message(
            "name the principals of `{sid}`, or add kms:CallerAccount or aws:PrincipalOrgID", sid=sid
        )
    )
    return LintFinding(
        rule="KP104", severity=LintSeverity.ERROR, statement=statement.name, text=text, remedy=remedy
    )


def _account_wide(statement: WrittenStatement, text: Message) -> LintFinding:
    return LintFinding(
        rule="KP105",
        severity=LintSeverity.WARNING,
        statement=statement.name,
        text=text,
        remedy=message("name the readers in the Principal of `{sid}`", sid=statement.name),
    )


def _who_may(sid: str, insiders: frozenset[CallerKind]) -> Message:
    if insiders == {CallerKind.USER}:
        return message(
            "`{sid}` lets every user of the account decrypt, with no IAM permission of its own", sid=sid
        )
    if insiders == {CallerKind.SESSION}:
        return message(
            "`{sid}` lets every role of the account decrypt, with no IAM permission of its own", sid=sid
        )
    return message(
        "`{sid}` lets every principal of the account decrypt, with no IAM permission of its own", sid=sid
    )


def check_delegation(policy: WrittenPolicy, place: PolicyPlace) -> Iterator[LintFinding]:
    """Yield the statements that leave decryption to the IAM policies of an account."""
    for statement in policy.statements:
        if not statement.grants or "Principal" in statement.negated or not decrypts(statement):
            continue
        accounts = delegates_to(statement, place)
        if accounts:
            yield LintFinding(
                rule="KP113",
                severity=LintSeverity.NOTE,
                statement=statement.name,
                text=message(
                    "`{sid}` leaves decryption to the IAM policies of {account}: whoever they allow "
                    "kms:Decrypt can decrypt",
                    sid=statement.name,
                    account=", ".join(accounts[:MAX_NAMED]) + ", …" * (len(accounts) > MAX_NAMED),
                ),
                remedy=message("leave out kms:Decrypt, kms:ReEncrypt* and kms:CreateGrant to close it"),
            )


def delegates_to(statement: WrittenStatement, place: PolicyPlace) -> tuple[str, ...]:
    """Return the named accounts of which somebody can meet the conditions; of very many the first."""
    accounts = tuple(dict.fromkeys(a for p in statement.principals if (a := account_root(p))))
    if not statement.clauses:
        return accounts
    return tuple(a for a in accounts[:MAX_ASKED] if admits_people(_of_account(statement, a), a, place))


def _of_account(statement: WrittenStatement, account: str) -> WrittenStatement:
    return replace(statement, principals=(("AWS", account),))


def check_source_arn(policy: WrittenPolicy, place: PolicyPlace) -> Iterator[LintFinding]:
    """Yield CloudTrail's Allow statements that a trail of an account that nobody named gets through."""
    tries = Tries()
    for statement in policy.statements:
        if (
            not statement.grants
            or CLOUDTRAIL_PRINCIPAL not in statement.principals
            or statement.negated & {"Principal"}
            or is_dead(statement)
        ):
            continue
        denies = denies_beside(statement, policy, tries, place)
        if admits_trails(statement, place, denies):
            encrypts = any(
                admits_trails(only_about(statement, action), place, denies)
                for action in ENCRYPTING
                if reaches(statement, action)
            )
            yield _for_any_trail(statement, _whose_trails(statement, place, denies), encrypts=encrypts)


def _for_any_trail(statement: WrittenStatement, text: Message, *, encrypts: bool) -> LintFinding:
    sid = statement.name
    return LintFinding(
        rule="KP106",
        severity=LintSeverity.WARNING if encrypts else LintSeverity.NOTE,
        statement=sid,
        text=text,
        remedy=message("add aws:SourceArn with the ARNs of your trails to `{sid}`", sid=sid),
    )


def _whose_trails(statement: WrittenStatement, place: PolicyPlace, denies: Denies) -> Message:
    """Return what is said of the trails: the encryption context may tell whose they are, if nothing else."""
    sid = statement.name
    if not admits_trails(statement, place, denies, with_context=True):
        return message(
            "`{sid}` says by the encryption context alone which trails CloudTrail is let in for: "
            "AWS advises aws:SourceArn beside it",
            sid=sid,
        )
    if SOURCES & {clause.key.lower() for clause in statement.clauses}:
        return message(
            "`{sid}` lets CloudTrail in for trails of any account: no condition says which accounts", sid=sid
        )
    return message(
        "`{sid}` lets CloudTrail in without aws:SourceArn, so a trail that is not yours could use it", sid=sid
    )
