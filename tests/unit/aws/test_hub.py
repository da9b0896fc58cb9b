"""Security Hub's side, read standard by standard: what is on, what counts, and whose findings they are."""

from __future__ import annotations

from typing import Any

import pytest

from trailseal.aws.hub import read_hub
from trailseal.model.securityhub import SecurityHub

ACCOUNT, REGION = "123456789012", "us-east-1"
FSBP = f"arn:aws:securityhub:{REGION}::standards/aws-foundational-security-best-practices/v/1.0.0"
CIS = "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0"
NAMES = {
    FSBP: "standards/aws-foundational-security-best-practices/v/1.0.0",
    CIS: "ruleset/cis-aws-foundations-benchmark/v/1.2.0",
}
TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/t"


class Pages:
    def __init__(self, name: str, rows: list[Any]) -> None:
        self.name, self.rows = name, rows

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{self.name: self.rows}]


class Client:
    """Security Hub with two standards that have the same controls, and what is told of them."""

    def __init__(
        self, findings: list[Any], *, off: tuple[tuple[str, str], ...] = (), unprocessed: bool = False
    ) -> None:
        self.findings, self.off, self.unprocessed = findings, off, unprocessed
        self.filters: dict[str, Any] = {}
        self.asked: list[int] = []
        self.controls = ["CloudTrail.2", "CloudTrail.4", *(f"IAM.{n}" for n in range(99))]

    def get_paginator(self, name: str) -> Any:
        client = self

        class Findings:
            def paginate(self, *, Filters: dict[str, Any], **_: Any) -> Any:  # noqa: N803 - AWS's name
                client.filters = Filters
                return iter([{"Findings": client.findings}])

        return {
            "get_enabled_standards": Pages(
                "StandardsSubscriptions", [{"StandardsArn": FSBP}, {"StandardsArn": CIS}]
            ),
            "list_security_control_definitions": Pages(
                "SecurityControlDefinitions", [{"SecurityControlId": each} for each in self.controls]
            ),
            "get_findings": Findings(),
        }[name]

    def batch_get_standards_control_associations(self, *, StandardsControlAssociationIds: Any) -> Any:  # noqa: N803
        self.asked.append(len(StandardsControlAssociationIds))
        told = [each | {"AssociationStatus": self.status(**each)} for each in StandardsControlAssociationIds]
        return {
            "StandardsControlAssociationDetails": told,
            "UnprocessedAssociations": [{}] if self.unprocessed else [],
        }

    def status(self, *, StandardsArn: str, SecurityControlId: str) -> str:  # noqa: N803 - AWS's names
        return "DISABLED" if (StandardsArn, SecurityControlId) in self.off else "ENABLED"


def finding(control: str = "CloudTrail.2", status: str = "FAILED", **changed: Any) -> dict[str, Any]:
    standards = changed.pop("standards", (FSBP, CIS))
    return {
        "Id": f"arn:aws:securityhub:{REGION}:{ACCOUNT}:security-control/{control}/finding/x",
        "AwsAccountId": ACCOUNT,
        "Region": REGION,
        "Resources": [{"Id": TRAIL}],
        "UpdatedAt": "2026-11-28T00:00:00Z",
        "Compliance": {
            "Status": status,
            "SecurityControlId": control,
            "AssociatedStandards": [{"StandardsId": NAMES[each]} for each in standards],
        },
        **changed,
    }


def alone(standard: str, status: str, workflow: str = "NEW") -> dict[str, Any]:
    """A finding as it is without consolidated control findings: each standard has its own."""
    name = NAMES[standard].partition("/")[2]
    return finding(
        status=status,
        standards=(),
        Id=f"arn:aws:securityhub:{REGION}:{ACCOUNT}:subscription/{name}/CloudTrail.2/finding/x",
        Workflow={"Status": workflow},
    )


def read(*findings: dict[str, Any], **told: Any) -> SecurityHub:
    hub = read_hub(Client(list(findings), **told), account=ACCOUNT, region=REGION)
    assert isinstance(hub, SecurityHub)
    return hub


def statuses(hub: SecurityHub, control: str = "CloudTrail.2") -> list[str]:
    return [next(c.status for c in s.controls if c.control_id == control) for s in hub.standards]


@pytest.mark.parametrize(
    ("findings", "off", "expected"),
    [
        ([finding()], (), ["FAILED", "FAILED"]),
        ([], (), ["NO DATA", "NO DATA"]),
        ([finding(standards=(CIS,))], ((FSBP, "CloudTrail.2"),), ["DISABLED", "FAILED"]),
        ([finding(standards=(CIS,))], (), ["NO DATA", "FAILED"]),
        ([finding(standards=())], (), ["FAILED", "FAILED"]),
        ([finding(), finding(status="PASSED")], (), ["FAILED", "FAILED"]),
        ([finding(status="WARNING"), finding(status="PASSED")], (), ["UNKNOWN", "UNKNOWN"]),
        ([finding(Workflow={"Status": "SUPPRESSED"})], (), ["NO DATA", "NO DATA"]),
        ([finding(Workflow={"Status": "SUPPRESSED"}), finding(status="PASSED")], (), ["PASSED", "PASSED"]),
        ([finding(Workflow={"Status": "SUPPRESSED"}), finding()], (), ["FAILED", "FAILED"]),
        (
            [alone(FSBP, "FAILED", "SUPPRESSED"), alone(CIS, "FAILED")],
            (),
            ["NO DATA", "FAILED"],
        ),
        ([alone(FSBP, "PASSED"), alone(CIS, "FAILED")], (), ["PASSED", "FAILED"]),
    ],
)
def test_a_control_has_a_status_in_each_standard_of_its_own(findings, off, expected):
    assert statuses(read(*findings, off=off)) == expected


def test_which_controls_are_on_is_asked_a_hundred_at_a_time():
    client = Client([])
    read_hub(client, account=ACCOUNT, region=REGION)

    assert client.asked == [100, 100, 2]


def test_what_is_not_told_of_the_controls_leaves_the_score_not_known():
    assert read(finding(), unprocessed=True).is_partial
    assert not read(finding()).is_partial


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_only_security_hubs_own_findings_are_asked_for(region, partition):
    client = Client([])
    read_hub(client, account=ACCOUNT, region=region)

    product = f"arn:{partition}:securityhub:{region}::product/aws/securityhub"
    assert client.filters["ProductArn"] == [{"Value": product, "Comparison": "EQUALS"}]


@pytest.mark.parametrize(
    ("raw", "resource", "others"),
    [
        ({}, TRAIL, ()),
        ({"Resources": []}, "", ()),
        ({"Resources": [{"Id": "a"}, {"Id": "b"}, {}]}, "a", ("b",)),
        (
            {"Resources": [{"Id": "a"}], "ProductFields": {"Resources:0/Id": TRAIL, "Other": "x"}},
            "a",
            (TRAIL,),
        ),
    ],
)
def test_a_finding_names_all_its_resources(raw, resource, others):
    (found,) = read(finding(**raw)).findings

    assert (found.resource, found.other_resources) == (resource, others)
