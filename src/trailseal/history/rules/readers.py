"""
Readers who may decrypt only under the trail's encryption context, and what opens other objects to them.

UpdateObjectEncryption can carry no context, nor can the copies of a Batch job. Such an object has
S3's own: its ARN, or the bucket's with a bucket key.
Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trailseal.access.lint.matching import names_action
from trailseal.model.arn import bucket_arn

Statement = dict[str, Any]
CONTEXT_KEY = "kms:encryptioncontext:aws:cloudtrail:arn"
OBJECT_KEY = "kms:EncryptionContext:aws:s3:arn"
ANY_CONTEXT = "kms:encryptioncontext"
SID = "TrailsealReadersOfTheHistory"
DECRYPT = "kms:Decrypt"
DOMAINS = {"aws-cn": "amazonaws.com.cn"}


def context_readers(policy: dict[str, Any] | None) -> tuple[str, ...]:
    """Return the Sids of statements that allow kms:Decrypt only under the trail's encryption context."""
    return tuple(_sid(statement) for statement in _needing(policy))


def context_denials(policy: dict[str, Any] | None) -> tuple[str, ...]:
    """Return the Sids of statements that deny kms:Decrypt without the trail's context, whatever is added."""
    return tuple(
        _sid(statement)
        for statement in _statements(policy)
        if statement.get("Effect") == "Deny"
        and _about_decrypt(statement)
        and any(_holds_without(operator) for operator in _asking(statement))
    )


def reader_statements(policy: dict[str, Any] | None, *, bucket: str, partition: str) -> tuple[Statement, ...]:
    """
    Return a statement beside each that needs the context, leaving out those that the policy has already.

    Each has the readers and the other conditions of the one that it stands beside, so that nobody new
    is let in.
    """
    has = [_bare(statement) for statement in _statements(policy)]
    wanted: list[Statement] = []
    for statement in _needing(policy):
        beside = _beside(statement, bucket=bucket, partition=partition)
        if _bare(beside) not in has:
            has.append(_bare(beside))
            wanted.append(beside)
    return tuple(wanted)


def _beside(statement: Statement, *, bucket: str, partition: str) -> Statement:
    condition: dict[str, dict[str, Any]] = {}
    for operator, block in statement["Condition"].items():
        kept = {name: value for name, value in block.items() if not name.lower().startswith(ANY_CONTEXT)}
        if kept:
            condition[operator] = kept
    through_s3 = {
        OBJECT_KEY: [bucket_arn(bucket, partition), bucket_arn(f"{bucket}/*", partition)],
        "kms:ViaService": f"s3.*.{DOMAINS.get(partition, 'amazonaws.com')}",
    }
    condition["StringLike"] = {**through_s3, **condition.get("StringLike", {})}
    readers = statement["Principal"]
    return {
        "Sid": SID,
        "Effect": "Allow",
        "Principal": readers if readers == "*" else {"AWS": readers["AWS"]},
        "Action": DECRYPT,
        "Resource": "*",
        "Condition": condition,
    }


def _needing(policy: dict[str, Any] | None) -> Iterator[Statement]:
    for statement in _statements(policy):
        if statement.get("Effect") != "Allow" or not _has_readers(statement):
            continue
        asking = tuple(_asking(statement))
        if _about_decrypt(statement) and asking and not all(map(_holds_without, asking)):
            yield statement


def _has_readers(statement: Statement) -> bool:
    principal = statement.get("Principal", {})
    return principal == "*" or "AWS" in principal


def _about_decrypt(statement: Statement) -> bool:
    named = _listed(statement.get("Action", ()))
    return any(names_action(pattern, DECRYPT) for pattern in named)


def _asking(statement: Statement) -> Iterator[str]:
    """Yield the operators under which a statement asks for the trail's context, `Null` with its answer."""
    for operator, block in (statement.get("Condition") or {}).items():
        for name, value in block.items():
            if name.lower() == CONTEXT_KEY:
                yield f"{operator}:{'/'.join(_listed(value)).lower()}" if operator == "Null" else operator


def _holds_without(operator: str) -> bool:
    """
    Whether a condition is true for a request that has no such context.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    if operator.startswith("Null:"):
        return operator == "Null:true"
    return "Not" in operator or operator.endswith("IfExists") or operator.startswith("ForAllValues:")


def _bare(statement: Statement) -> Any:
    """Return what a statement says: without its name, a lone value standing for a list of one."""
    return _said({name: value for name, value in statement.items() if name != "Sid"})


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _said(inner) for name, inner in value.items()}
    return frozenset(_listed(value))


def _statements(policy: dict[str, Any] | None) -> list[Statement]:
    found = (policy or {}).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _listed(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def _sid(statement: Statement) -> str:
    return str(statement.get("Sid", "?"))
