"""Calls of every kind of caller under policies that allow all, where AWS has rules beside the policies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from differential.told import EVE, HERE, KEY, ROOT, SESSION, THERE, TOLD, Told, allow, asked

ALICE = f"arn:aws:iam::{HERE}:user/alice"
CAROL = f"arn:aws:sts::{HERE}:federated-user/carol"
IN_CHINA = f"arn:aws-cn:iam::{THERE}:user/eve"
BUCKET, QUEUE = "arn:aws:s3:::trail-logs", f"arn:aws:sqs:eu-west-1:{HERE}:events"
ALIAS = f"arn:aws:kms:ap-northeast-1:{HERE}:alias/trail"
CALLERS = (ALICE, SESSION, CAROL, ROOT, EVE, IN_CHINA, "anonymous", {"service": "cloudtrail.amazonaws.com"})
ON_A_RESOURCE = {
    "sts:AssumeRole": f"arn:aws:iam::{HERE}:role/Target",
    "kms:Decrypt": KEY,
    "kms:DescribeKey": KEY,
    "kms:DisableKey": KEY,
    "s3:GetObject": f"{BUCKET}/a.json.gz",
    "s3:ListBucket": BUCKET,
    "s3:GetBucketPolicy": BUCKET,
    "s3:PutBucketPolicy": BUCKET,
    "s3:DeleteBucketPolicy": BUCKET,
    "s3:GetLifecycleConfiguration": BUCKET,
    "s3:PutLifecycleConfiguration": BUCKET,
    "s3:GetBucketRequestPayment": BUCKET,
    "s3:PutBucketLogging": BUCKET,
    "sqs:ReceiveMessage": QUEUE,
    "sqs:AddPermission": QUEUE,
    "sqs:DeleteQueue": QUEUE,
}
ON_NOTHING = {
    "sts:GetCallerIdentity": "*",
    "sts:GetSessionToken": "*",
    "sts:GetFederationToken": f"arn:aws:sts::{HERE}:federated-user/bob",
    "sts:AssumeRoot": ROOT,
    "iam:ListUsers": "*",
    "kms:ListKeys": "*",
}


def calls() -> Iterator[dict[str, Any]]:
    """Every caller with every action, where the owner's and the caller's policies allow everything."""
    for principal in CALLERS:
        identity = principal in (ALICE, SESSION, CAROL, EVE, IN_CHINA)
        own: dict[str, Any] = {"identity": [allow()]} if identity else {}
        own |= {"session": allow()} if principal in (SESSION, CAROL) else {}
        for action, resource in ON_A_RESOURCE.items():
            policy = allow(Principal="*")
            if action.startswith("sts:"):
                policy["Statement"][0].pop("Resource")
            yield _call(principal, action, resource, {**own, "resource": policy})
        for action, resource in ON_NOTHING.items():
            yield _call(principal, action, resource, own)
    yield _call(ALICE, "kms:Decrypt", ALIAS, {"identity": [allow()]})


def _call(principal: Any, action: str, resource: str, policies: dict[str, Any]) -> dict[str, Any]:
    line = asked({}, principal=principal, action=action, resource_arn=resource)
    return {**line, "policies": policies}


def of(*principals: Any, on: tuple[str, ...] = ("",)) -> Callable[[dict[str, Any]], bool]:
    """Whether a line is of one of these callers, any where none is given, and its action begins so."""
    return lambda line: (
        (not principals or line["request"]["principal"] in principals)
        and line["request"]["action"].startswith(on)
    )


OF_THE_OWNER = (
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:GetLifecycleConfiguration",
    "s3:PutLifecycleConfiguration",
    "sqs:AddPermission",
    "sqs:DeleteQueue",
)
PERHAPS_OF_THE_OWNER = ("s3:GetBucketRequestPayment", "s3:PutBucketLogging")
BY_LONG_TERM_KEYS = ("sts:GetSessionToken", "sts:GetFederationToken")
OTHERS = (EVE, IN_CHINA, "anonymous", {"service": "cloudtrail.amazonaws.com"})
DENIED, ALLOWED, UNKNOWN = "implicitly_denied", "allowed", "unknown"


def _told(anchor: str, theirs: str, ours: str, covers: Callable[[dict[str, Any]], bool]) -> Told:
    """The first of the calls stands for all that the difference covers."""
    return Told(
        anchor=anchor,
        line=next(line for line in calls() if covers(line)),
        theirs=theirs,
        ours=ours,
        covers=covers,
    )


TOLD_CALLS = (
    _told("federated-users-in-sts-and-iam", ALLOWED, DENIED, of(CAROL, on=("sts:Get", "sts:Assume"))),
    _told("federated-users-in-sts-and-iam", ALLOWED, UNKNOWN, of(CAROL, on=("iam:",))),
    _told("calls-that-take-long-term-keys", ALLOWED, DENIED, of(SESSION, on=BY_LONG_TERM_KEYS)),
    _told(
        "a-session-token-without-a-permission",
        DENIED,
        ALLOWED,
        of(ROOT, EVE, IN_CHINA, on=BY_LONG_TERM_KEYS[:1]),
    ),
    _told("the-root-user", DENIED, ALLOWED, of(ROOT, on=("iam:", "kms:List", "sts:GetFederationToken"))),
    _told("the-root-user", ALLOWED, DENIED, of(ROOT, on=("sts:AssumeRole",))),
    _told("root-sessions-on-members", ALLOWED, UNKNOWN, of(ALICE, SESSION, on=("sts:AssumeRoot",))),
    _told("root-sessions-on-members", DENIED, UNKNOWN, of(EVE, on=("sts:AssumeRoot",))),
    _told("kms-operations-without-cross-account-use", ALLOWED, DENIED, of(EVE, on=("kms:DisableKey",))),
    _told("operations-that-stay-with-the-owner", ALLOWED, DENIED, of(*OTHERS, on=OF_THE_OWNER)),
    _told("operations-that-stay-with-the-owner", ALLOWED, UNKNOWN, of(*OTHERS, on=PERHAPS_OF_THE_OWNER)),
    _told("credentials-of-another-partition", ALLOWED, DENIED, of(IN_CHINA)),
    _told("unsigned-requests-to-kms", ALLOWED, DENIED, of("anonymous", on=("sts:AssumeRole",))),
    _told(
        "an-alias-in-the-place-of-a-key",
        ALLOWED,
        "invalid",
        lambda line: line["request"]["resource"] == ALIAS,
    ),
    _told("services-that-ask-who-they-are", ALLOWED, DENIED, of(OTHERS[-1], on=("sts:GetCallerIdentity",))),
)
ALL_TOLD = (*TOLD, *TOLD_CALLS)
