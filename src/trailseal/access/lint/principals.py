"""
The Principal and NotPrincipal elements: who is gone, who is spared and is not, who may hand access on.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html and
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trailseal.access.caller import CallerKind, caller_kind, role_arn, without_path
from trailseal.access.lint.admission import admits_an_organization, admits_grantors, admits_strangers
from trailseal.access.lint.denying import NO_DENIES
from trailseal.access.lint.finding import LintFinding, LintSeverity
from trailseal.access.lint.matching import account_root, is_open, reaches
from trailseal.access.lint.place import PolicyPlace
from trailseal.access.lint.strangers import named_accounts
from trailseal.access.lint.written import WrittenPolicy, WrittenStatement
from trailseal.access.match.wildcard import has_wildcard
from trailseal.access.service_name import is_of_aws
from trailseal.messages import Message, message
from trailseal.model.arn import account_of

UNIQUE_ID = re.compile(r"A(?:IDA|ROA|GPA|NPA)[A-Z0-9]{12,}")
MAX_TOLD = 5
MAX_ASKED = 20


def check(policy: WrittenPolicy, place: PolicyPlace) -> Iterator[LintFinding]:
    """Yield what is wrong with whom the statements name."""
    for statement in policy.statements:
        yield from _wild(statement)
        yield from _gone(statement)
        if "Principal" in statement.negated and statement.effect == "Deny":
            yield from _spared(statement)
        if statement.grants and reaches(statement, "kms:CreateGrant"):
            yield from _grants_on(statement, place)


def is_deleted(kind: str, value: str) -> bool:
    """Whether an entry is the unique ID that AWS shows in place of a deleted user or role."""
    return kind == "AWS" and UNIQUE_ID.fullmatch(value) is not None


def is_nobody(kind: str, value: str) -> bool:
    """Whether an entry can name nobody: a deleted principal, or a service that does not exist."""
    return is_deleted(kind, value) or (kind == "Service" and not is_of_aws(value))


def is_half_wild(kind: str, value: str) -> bool:
    """Whether a wildcard stands for a part of the entry, which AWS does not take."""
    return has_wildcard(value) and not (kind == "AWS" and value == "*")


def _wild(statement: WrittenStatement) -> Iterator[LintFinding]:
    wild = [value for kind, value in statement.principals if is_half_wild(kind, value)]
    if wild:
        yield LintFinding(
            rule="KP110",
            severity=LintSeverity.ERROR,
            statement=statement.name,
            text=message(
                "`{sid}` names {who}: AWS takes no wildcard for a part of a principal",
                sid=statement.name,
                who=_listed(wild),
            ),
            remedy=message('use Principal "*" and ArnLike aws:PrincipalArn'),
        )


def _gone(statement: WrittenStatement) -> Iterator[LintFinding]:
    """Where nobody else is named the whole statement is dead, which is another rule's finding."""
    if all(is_nobody(*principal) for principal in statement.principals):
        return
    deleted = [value for kind, value in statement.principals if is_deleted(kind, value)]
    unknown = [v for kind, v in statement.principals if is_nobody(kind, v) and not is_deleted(kind, v)]
    sid = statement.name
    if deleted:
        yield LintFinding(
            rule="KP117",
            severity=LintSeverity.WARNING,
            statement=sid,
            text=message(
                "`{sid}` names {who}, which AWS shows in place of a user or role that was deleted",
                sid=sid,
                who=_listed(deleted),
            ),
            remedy=message("remove it: AWS refuses to store a policy again that names a deleted principal"),
        )
    if unknown:
        yield LintFinding(
            rule="KP112",
            severity=LintSeverity.WARNING,
            statement=sid,
            text=message("`{sid}` names {who}, which is not an AWS service", sid=sid, who=_listed(unknown)),
            remedy=message("correct `{sid}`, or remove it", sid=sid),
        )


def _listed(values: list[str]) -> str:
    return ", ".join(f"`{value}`" for value in values[:MAX_TOLD]) + ", …" * (len(values) > MAX_TOLD)


def _spared(statement: WrittenStatement) -> Iterator[LintFinding]:
    listed = frozenset(value for kind, value in statement.principals if kind == "AWS")
    accounts = {account for value in listed if (account := account_root(("AWS", value)))}
    orphans = sorted(v for v in listed if (a := account_of(v)) and a not in accounts)
    roles = {without_path(v) for v in listed if caller_kind(v) is CallerKind.ROLE}
    sessions = {role for v in listed if (role := role_arn(v))}
    if orphans:
        yield _not_spared(
            statement,
            message(
                "`{sid}` spares {who} without the account: AWS says that it may deny them too",
                sid=statement.name,
                who=_listed(orphans),
            ),
        )
    if apart := sorted(roles ^ sessions):
        yield _not_spared(
            statement,
            message(
                "`{sid}` spares only the role or only a session of {who}: it may deny them too",
                sid=statement.name,
                who=_listed(apart),
            ),
        )


def _not_spared(statement: WrittenStatement, text: Message) -> LintFinding:
    return LintFinding(
        rule="KP116",
        severity=LintSeverity.WARNING,
        statement=statement.name,
        text=text,
        remedy=message('use Principal "*" with ArnNotEquals aws:PrincipalArn, as AWS advises'),
    )


def _grants_on(statement: WrittenStatement, place: PolicyPlace) -> Iterator[LintFinding]:
    """A grant may be made for anybody: an account that may make one hands the key on as it likes."""
    named = dict.fromkeys(
        named_accounts(statement)
        if is_open(statement)
        else (account_root(p) or account_of(p[1]) for p in statement.principals)
    )
    others = [account for account in named if account and place.owner and account != place.owner]
    foreign = [account for account in others[:MAX_ASKED] if admits_grantors(statement, account, place)]
    if foreign:
        yield _granting(
            statement,
            message(
                "`{sid}` lets account {account} make grants for whomever it likes",
                sid=statement.name,
                account=", ".join(foreign[:MAX_TOLD]) + ", …" * (len(foreign) > MAX_TOLD),
            ),
        )
    elif (
        is_open(statement)
        and not admits_strangers(statement, place, NO_DENIES)
        and admits_an_organization(statement, place)
    ):
        yield _granting(
            statement,
            message(
                "`{sid}` lets every account of an organization make grants for whomever it likes",
                sid=statement.name,
            ),
        )


def _granting(statement: WrittenStatement, text: Message) -> LintFinding:
    return LintFinding(
        rule="KP118",
        severity=LintSeverity.WARNING,
        statement=statement.name,
        text=text,
        remedy=message("add Bool kms:GrantIsForAWSResource `true`, or the grantees as kms:GranteePrincipal"),
    )
