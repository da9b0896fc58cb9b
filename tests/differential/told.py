"""The differences that docs/access/differences.md tells, each with a request that shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from msgspec import Struct

HERE = "123456789012"
ALICE = f"arn:aws:iam::{HERE}:user/alice"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/Role1/User1"
OBJECT = "arn:aws:s3:::trail-logs/a.json.gz"
KEY = f"arn:aws:kms:ap-northeast-1:{HERE}:key/11111111-2222-3333-4444-555555555555"


class Told(Struct, frozen=True, kw_only=True):
    """
    `anchor` is the section of the page; `covers` tells which generated lines the difference can touch.

    `any_effect`: it may turn any answer into any other, where the rest can only give `theirs` and `ours`.
    """

    anchor: str
    line: dict[str, Any]
    theirs: str
    ours: str
    covers: Callable[[dict[str, Any]], bool] | None = None
    any_effect: bool = False

    def explains(self, line: dict[str, Any], theirs: str, ours: str) -> bool:
        """Return whether a disagreement on a generated line is this difference."""
        alike = self.any_effect or (theirs, ours) == (self.theirs, self.ours)
        return alike and self.covers is not None and self.covers(line)


def asked(
    statement: dict[str, Any],
    context: dict[str, Any] | None = None,
    *,
    principal: str = ALICE,
    **policies: Any,
) -> dict[str, Any]:
    """Return a line with one identity statement, or the policies given."""
    document = {"Version": "2012-10-17", "Statement": [statement]}
    request = {"principal": principal, "action": "s3:GetObject", "resource": OBJECT, "resource_account": HERE}
    return {
        "request": {**request, "context": context or {}},
        "policies": policies or {"identity": [document]},
        "derive": False,
        "unknown_context": "absent",
    }


def when(condition: dict[str, Any]) -> dict[str, Any]:
    """Return an Allow for everything under a condition."""
    return {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}


def allow(**more: Any) -> dict[str, Any]:
    """Return a policy with one Allow for everything, as narrowed."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", **more}],
    }


def _named_to_all_under_a_limit(line: dict[str, Any]) -> bool:
    policies = line["policies"]
    given = policies.get("resource", {}).get("Statement", [])
    names = any(s["Effect"] == "Allow" and s.get("Principal") in ("*", {"AWS": "*"}) for s in given)
    return names and ("session" in policies or "boundary" in policies)


def _old_with_a_variable_in_a_resource(line: dict[str, Any]) -> bool:
    return any(
        document["Version"] == "2008-10-17" and "${" in json.dumps([s.get(name) for name in RESOURCES])
        for document in _documents(line["policies"])
        for s in document["Statement"]
    )


def _documents(value: Any) -> list[dict[str, Any]]:
    """Return every document of a line, however deep its layer holds it."""
    if isinstance(value, dict) and "Statement" in value:
        return [value]
    inner = value.values() if isinstance(value, dict) else value
    return [document for each in inner for document in _documents(each)]


RESOURCES = ("Resource", "NotResource")
TOLD = (
    Told(
        anchor="principal-everybody-under-a-session-policy",
        line=asked({}, principal=SESSION, resource=allow(Principal="*"), session=allow(Action="sqs:*")),
        theirs="implicitly_denied",
        ours="allowed",
        covers=_named_to_all_under_a_limit,
    ),
    Told(
        anchor="vpc-endpoint-policies-that-name-principals",
        line=asked(
            {}, identity=[allow()], vpc_endpoint=[allow(Principal={"AWS": "arn:aws:iam::210987654321:root"})]
        ),
        theirs="allowed",
        ours="implicitly_denied",
    ),
    Told(
        anchor="the-whole-address-range",
        line=asked(when({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}), {"aws:SourceIp": "192.0.2.1"}),
        theirs="implicitly_denied",
        ours="allowed",
    ),
    Told(
        anchor="dates-in-seconds",
        line=asked(
            when({"DateLessThan": {"aws:CurrentTime": "1577836801"}}),
            {"aws:CurrentTime": "2020-01-01T00:00:00Z"},
        ),
        theirs="implicitly_denied",
        ours="allowed",
    ),
    Told(
        anchor="a-lone-star-under-arnlike",
        line=asked(when({"ArnLike": {"aws:PrincipalArn": "*"}}), {"aws:PrincipalArn": ALICE}),
        theirs="implicitly_denied",
        ours="allowed",
    ),
    Told(
        anchor="foranyvalue-with-ifexists",
        line=asked(when({"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": "team"}})),
        theirs="implicitly_denied",
        ours="allowed",
    ),
    Told(
        anchor="several-values-without-a-set-operator",
        line=asked(when({"StringEquals": {"aws:TagKeys": "team"}}), {"aws:TagKeys": ["team", "cost"]}),
        theirs="implicitly_denied",
        ours="allowed",
    ),
    Told(
        anchor="variables-in-the-resources-of-an-old-policy",
        line=asked(
            {},
            {"aws:PrincipalTag/file": "a.json.gz"},
            identity=[
                {
                    **allow(Resource="arn:aws:s3:::trail-logs/${aws:PrincipalTag/file}"),
                    "Version": "2008-10-17",
                }
            ],
        ),
        theirs="allowed",
        ours="implicitly_denied",
        covers=_old_with_a_variable_in_a_resource,
        any_effect=True,
    ),
)
