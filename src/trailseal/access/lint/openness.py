"""
Statements that let in more callers than their author may have meant.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html and
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
"""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.lint.finding import LintFinding, Severity
from trailseal.access.lint.matching import account_root, decrypts, is_open, reaches
from trailseal.access.lint.written import Clause, WrittenPolicy, WrittenStatement
from trailseal.messages import message

CALLER_KEYS = frozenset(
    {
        "kms:calleraccount",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourceip",
        "aws:userid",
        "s3:dataaccesspointaccount",
    }
)
ACCOUNT_KEYS = frozenset({"kms:calleraccount", "aws:principalaccount"})
CLOUDTRAIL = ("Service", "cloudtrail.amazonaws.com")


def check_open(policy: WrittenPolicy) -> Iterator[LintFinding]:
    """Yield the Allow statements for everybody that say nothing of the caller, or only his account."""
    for statement in policy.statements:
        if not statement.grants or not is_open(statement):
            continue
        keys = {clause.key.lower() for clause in statement.clauses if _narrows(clause)} & CALLER_KEYS
        if not keys:
            yield _public(statement)
        elif keys <= ACCOUNT_KEYS and decrypts(statement):
            yield _account_wide(statement)


def _narrows(clause: Clause) -> bool:
    positive = not clause.bare_operator.startswith(("StringNot", "ArnNot", "NotIp", "Null"))
    everything = clause.bare_operator.endswith("Like") and "*" in clause.values
    return positive and not everything and not clause.operator.endswith("IfExists")


def _public(statement: WrittenStatement) -> LintFinding:
    return LintFinding(
        rule="KP104",
        severity=Severity.ERROR,
        statement=statement.name,
        text=message(
            "`{sid}` allows everybody, in every AWS account: no condition names the caller",
            sid=statement.name,
        ),
        remedy=message(
            "name the principals of `{sid}`, or add kms:CallerAccount or aws:PrincipalOrgID",
            sid=statement.name,
        ),
    )


def _account_wide(statement: WrittenStatement) -> LintFinding:
    return LintFinding(
        rule="KP105",
        severity=Severity.WARNING,
        statement=statement.name,
        text=message(
            "`{sid}` lets every principal of the account decrypt, with no IAM permission of its own",
            sid=statement.name,
        ),
        remedy=message("name the readers in the Principal of `{sid}`", sid=statement.name),
    )


def check_delegation(policy: WrittenPolicy) -> Iterator[LintFinding]:
    """Yield the statements that leave decryption to the IAM policies of an account."""
    for statement in policy.statements:
        accounts = [a for p in statement.principals if (a := account_root(p))]
        if statement.grants and accounts and "Principal" not in statement.negated and decrypts(statement):
            yield LintFinding(
                rule="KP113",
                severity=Severity.NOTE,
                statement=statement.name,
                text=message(
                    "`{sid}` leaves decryption to the IAM policies of {account}: whoever they allow "
                    "kms:Decrypt can decrypt",
                    sid=statement.name,
                    account=", ".join(accounts),
                ),
                remedy=message("leave out kms:Decrypt, kms:ReEncrypt* and kms:CreateGrant to close it"),
            )


def check_source_arn(policy: WrittenPolicy) -> Iterator[LintFinding]:
    """Yield CloudTrail's Allow statements without aws:SourceArn: any trail of anybody may use the key."""
    for statement in policy.statements:
        keys = {clause.key.lower() for clause in statement.clauses}
        if not statement.grants or CLOUDTRAIL not in statement.principals or "aws:sourcearn" in keys:
            continue
        encrypts = reaches(statement, "kms:GenerateDataKey") or reaches(statement, "s3:PutObject")
        yield LintFinding(
            rule="KP106",
            severity=Severity.WARNING if encrypts else Severity.NOTE,
            statement=statement.name,
            text=message(
                "`{sid}` lets CloudTrail in without aws:SourceArn, so a trail that is not yours could use it",
                sid=statement.name,
            ),
            remedy=message("add aws:SourceArn with the ARNs of your trails to `{sid}`", sid=statement.name),
        )


def check_administrator(policy: WrittenPolicy) -> Iterator[LintFinding]:
    """Yield a finding when nobody can change the key policy, or only one user can."""
    if not any(reaches(s, "kms:Decrypt") or reaches(s, "kms:DescribeKey") for s in policy.statements):
        return
    able = [s for s in policy.statements if s.grants and reaches(s, "kms:PutKeyPolicy") and s.principals]
    if not able:
        yield LintFinding(
            rule="KP107",
            severity=Severity.ERROR,
            statement="",
            text=message("no statement lets anybody change the key policy: only AWS Support could help"),
            remedy=message("allow kms:PutKeyPolicy to an administrator role, or to the account"),
        )
        return
    people = {p for s in able for p in s.principals}
    if len(people) == 1 and not account_root(only := next(iter(people))) and ":user/" in only[1]:
        yield LintFinding(
            rule="KP107",
            severity=Severity.WARNING,
            statement=able[0].name,
            text=message(
                "only `{who}` can change the key policy: when it is deleted, nobody can", who=only[1]
            ),
            remedy=message("add an administrator role, or the account itself, for kms:PutKeyPolicy"),
        )
