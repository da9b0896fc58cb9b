"""
What becomes of CloudTrail's own requests: a Deny that also stops it, a key that it may not send.

Whether a Deny stops CloudTrail is asked of the engine, however the Deny is spelt.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (network
keys are taken out of the calls of services; see aws:PrincipalIsAWSService, aws:PrincipalOrgID)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trailseal.access.lint.delivery import Stopped, denied_to_cloudtrail, lacks, lets_cloudtrail_in
from trailseal.access.lint.finding import LintFinding, LintSeverity
from trailseal.access.lint.matching import CLOUDTRAIL_PRINCIPAL, reaches
from trailseal.access.lint.place import PolicyPlace
from trailseal.access.lint.surroundings import NETWORK_KEYS
from trailseal.access.lint.written import WrittenPolicy, WrittenStatement
from trailseal.access.resource_policy import ALIASES
from trailseal.messages import message

WRITING = ("kms:GenerateDataKey", "kms:DescribeKey", "s3:PutObject", "s3:GetBucketAcl")
MISSING = NETWORK_KEYS | {"aws:principalorgid", "aws:principalorgpaths"}
UNTOLD = frozenset({"aws:sourceorgid", "aws:sourceorgpaths"})


def check(policy: WrittenPolicy, place: PolicyPlace) -> Iterator[LintFinding]:
    """Yield the statements that stop CloudTrail, or of which nobody knows whether they let it in."""
    for statement in policy.statements:
        keys = {clause.key.lower(): clause.key for clause in statement.clauses}
        if statement.effect == "Deny" and _stops_cloudtrail(statement, keys, policy, place):
            lacking = [written for key, written in keys.items() if lacks(key)]
            yield _stopping(statement, lacking)
        untold = [written for key, written in keys.items() if key in UNTOLD]
        if statement.grants and CLOUDTRAIL_PRINCIPAL in statement.principals and untold:
            yield _untold(statement, untold[0])
        if ALIASES in keys:
            yield _aliases(statement)


def _stops_cloudtrail(
    statement: WrittenStatement, keys: Iterable[str], policy: WrittenPolicy, place: PolicyPlace
) -> bool:
    """
    Whether the engine says that a Deny stops CloudTrail for certain, where the policy lets it in.

    A Deny by the network or the organization is told in any policy, and where it may stop CloudTrail.
    """
    by_missing = any(key in MISSING for key in keys)
    for action in (action for action in WRITING if reaches(statement, action)):
        stopped = denied_to_cloudtrail(statement, action, place)
        if by_missing and stopped is not Stopped.NO:
            return True
        if stopped is Stopped.SURELY and lets_cloudtrail_in(policy, action, place):
            return True
    return False


def _stopping(statement: WrittenStatement, lacking: list[str]) -> LintFinding:
    """Tell of a Deny that stops CloudTrail; `lacking` are its keys that no request of a service holds."""
    sid = statement.name
    text = message("`{sid}` denies what CloudTrail has to do and does not spare CloudTrail", sid=sid)
    if lacking:
        text = message(
            "`{sid}` denies by {key}, which requests of AWS services do not hold: it will most likely stop "
            "CloudTrail",
            sid=sid,
            key=lacking[0],
        )
    return LintFinding(
        rule="KP119",
        severity=LintSeverity.WARNING,
        statement=sid,
        text=text,
        remedy=message("add Bool aws:PrincipalIsAWSService `false` to `{sid}`", sid=statement.name),
    )


def _untold(statement: WrittenStatement, key: str) -> LintFinding:
    return LintFinding(
        rule="KP120",
        severity=LintSeverity.WARNING,
        statement=statement.name,
        text=message(
            "`{sid}` asks CloudTrail for {key}; no page of AWS says that CloudTrail sends it, so it may "
            "be denied",
            sid=statement.name,
            key=key,
        ),
        remedy=message("use aws:SourceArn or aws:SourceAccount in `{sid}`", sid=statement.name),
    )


def _aliases(statement: WrittenStatement) -> LintFinding:
    return LintFinding(
        rule="KP122",
        severity=LintSeverity.NOTE,
        statement=statement.name,
        text=message(
            "`{sid}` depends on kms:ResourceAliases: it works in IAM policies only, and with more than 50 "
            "aliases the key is denied to those who depend on it",
            sid=statement.name,
        ),
        remedy=message("use aws:ResourceTag, or name the key"),
    )
