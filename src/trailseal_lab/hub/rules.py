"""
Security Hub's rules over the live estate, as its documentation words them.

Written apart from trailseal's own `controls` on purpose: the two can disagree.
Source: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from moto.cloudtrail.models import Trail
from moto.s3.models import FakeBucket
from msgspec import Struct

from trailseal_lab.cloudtrail.status import TrailStates
from trailseal_lab.cloudtrail.trails import describe, selectors_of, visible_in
from trailseal_lab.kms.keys import kms_of
from trailseal_lab.kms.replicas import rotates
from trailseal_lab.s3.buckets import bucket_owner, find_bucket
from trailseal_lab.s3.public_access import is_on
from trailseal_lab.world import World


class Result(Struct, frozen=True, kw_only=True):
    """One control on one resource."""

    control: str
    passed: bool
    resource: str
    resource_type: str
    details: dict[str, Any] = {}


def evaluate(world: World, account: str, region: str) -> Iterator[Result]:
    """Yield every control on every resource that Security Hub of this account and Region looks at."""
    trails = visible_in(account, region)
    yield _account(account, "CloudTrail.1", any(_records_everything(world, t) for t in trails))
    yield _account(account, "CloudTrail.3", bool(trails))
    for trail in trails:
        yield from _trail(trail)
    for name in sorted({str(t.bucket_name) for t in trails if bucket_owner(t.bucket_name) == account}):
        bucket = find_bucket(name)
        if bucket is not None and bucket.region_name == region:
            yield from _bucket(bucket)
    yield from _keys(account, region)


def _account(account: str, control: str, passed: bool) -> Result:  # noqa: FBT001 - reads as the rule
    return Result(
        control=control, passed=passed, resource=f"AWS::::Account:{account}", resource_type="AwsAccount"
    )


def _records_everything(world: World, trail: Trail) -> bool:
    basic, advanced = selectors_of(trail)
    if _leaves_out(basic, advanced):
        return False
    both = any(
        s.get("ReadWriteType", "All") == "All" and s.get("IncludeManagementEvents", True) for s in basic
    )
    fields = [{f["Field"] for f in s.get("FieldSelectors", ())} for s in advanced]
    management = any(
        "readOnly" not in names for names, s in zip(fields, advanced, strict=True) if _is_management(s)
    )
    logging = world.part(TrailStates).of(trail.arn).logging
    return bool(trail.is_multi_region and logging and (both or management))


def _leaves_out(basic: list[dict[str, Any]], advanced: list[dict[str, Any]]) -> bool:
    """Whether a selector excludes an event source: then AWS Config's rule does not hold."""
    return any(s.get("ExcludeManagementEventSources") for s in basic) or any(
        f.get("Field") == "eventSource" and f.get("NotEquals")
        for s in advanced
        for f in s.get("FieldSelectors", ())
        if _is_management(s)
    )


def _is_management(selector: dict[str, Any]) -> bool:
    return any(
        f.get("Field") == "eventCategory" and "Management" in f.get("Equals", ())
        for f in selector.get("FieldSelectors", ())
    )


def _trail(trail: Trail) -> Iterator[Result]:
    rules = {
        "CloudTrail.2": bool(trail.kms_key_id),
        "CloudTrail.4": bool(trail.log_validation),
        "CloudTrail.5": bool(trail.cw_log_group_arn),
    }
    shown = describe(trail)
    details = {"AwsCloudTrailTrail": {k: v for k, v in shown.items() if k not in {"TrailARN", "SnsTopicARN"}}}
    for control, passed in rules.items():
        yield Result(
            control=control,
            passed=passed,
            resource=trail.arn,
            resource_type="AwsCloudTrailTrail",
            details=details,
        )


def _bucket(bucket: FakeBucket) -> Iterator[Result]:
    rule = (bucket.encryption or {}).get("Rule") or {}
    algorithm = (rule.get("ApplyServerSideEncryptionByDefault") or {}).get("SSEAlgorithm", "AES256")
    rules = {
        "CloudTrail.6": not _is_public(bucket),
        "CloudTrail.7": bool(bucket.logging),
        "S3.17": str(algorithm).startswith("aws:kms"),
    }
    for control, passed in rules.items():
        arn = f"arn:aws:s3:::{bucket.name}"
        yield Result(control=control, passed=passed, resource=arn, resource_type="AwsS3Bucket")


def _is_public(bucket: FakeBucket) -> bool:
    if is_on("restrict_public_buckets", str(bucket.name)):
        return False
    return _open_to_all(bucket.policy)


def _keys(account: str, region: str) -> Iterator[Result]:
    for key in kms_of(account, region).keys.values():
        if str(getattr(key, "key_manager", "CUSTOMER")) == "AWS":
            continue
        pending = str(key.key_state).startswith("Pending") and key.key_state != "PendingImport"
        yield _key(key.arn, "KMS.3", not pending)
        if pending:
            continue
        if key.origin == "AWS_KMS" and key.key_spec == "SYMMETRIC_DEFAULT":
            yield _key(key.arn, "KMS.4", rotates(key))
        yield _key(key.arn, "KMS.5", not _open_to_all(key.policy))


def _key(arn: str, control: str, passed: bool) -> Result:  # noqa: FBT001 - reads as the rule
    return Result(control=control, passed=passed, resource=arn, resource_type="AwsKmsKey")


def _open_to_all(policy: str | bytes | None) -> bool:
    """Whether a policy lets everybody do something without a condition."""
    return any(
        s.get("Effect") == "Allow" and _is_everybody(s.get("Principal")) and not s.get("Condition")
        for s in _each(json.loads(policy or "{}").get("Statement", []))
    )


def _is_everybody(principal: Any) -> bool:
    return "*" in _each(principal.get("AWS") if isinstance(principal, dict) else principal)


def _each(value: Any) -> list[Any]:
    """Return what a policy may write as a list, or as one alone."""
    return value if isinstance(value, list) else [value]
