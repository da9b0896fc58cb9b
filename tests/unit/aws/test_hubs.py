"""Security Hub is asked wherever findings can lie: home Regions, the session's, the aggregation Region."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from trailseal.aws.hubs import read_hubs
from trailseal.model.securityhub import Hub, NoSecurityHub, SecurityHub
from trailseal.model.unreadable import Unreadable

ACCOUNT, HOME, OTHER, GATHERING = "123456789012", "ap-northeast-1", "eu-west-1", "us-east-1"
AGGREGATOR = f"arn:aws:securityhub:{GATHERING}:{ACCOUNT}:finding-aggregator/1"
REFUSED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Operation")
NOT_ENABLED = ClientError({"Error": {"Code": "InvalidAccessException", "Message": "no"}}, "Operation")
MANY = [f"eu-west-{number}" for number in range(1, 26)]


def found(region: str) -> dict[str, Any]:
    return {
        "Id": f"arn:aws:securityhub:{region}:{ACCOUNT}:security-control/CloudTrail.2/finding/x",
        "AwsAccountId": ACCOUNT,
        "Region": region,
        "Resources": [{"Id": "r"}],
        "Compliance": {"Status": "FAILED", "SecurityControlId": "CloudTrail.2"},
    }


class Aws:
    """Security Hub in several Regions, of which one gathers what the others found."""

    def __init__(
        self, *, aggregators: tuple[str, ...] = (AGGREGATOR,), refuses: dict[str, ClientError] | None = None,
        lists: ClientError | None = None, linked: ClientError | None = None,
    ) -> None:  # fmt: skip
        self.aggregators, self.refuses, self.lists, self.linked = aggregators, refuses or {}, lists, linked
        self.asked: list[tuple[str, str]] = []
        self.filters: list[dict[str, list[dict[str, str]]]] = []

    def client(self, service: str, region: str) -> Client:
        assert service == "securityhub"
        return Client(self, region)


class Client:
    def __init__(self, aws: Aws, region: str) -> None:
        self.aws, self.region = aws, region

    def get_paginator(self, name: str) -> Any:
        client = self

        class Pages:
            def paginate(self, **asked: Any) -> Any:
                return iter([client.page(name, asked.get("Filters", {}))])

        return Pages()

    def page(self, name: str, filters: dict[str, list[dict[str, str]]]) -> dict[str, Any]:
        aws = self.aws
        aws.asked.append((name, self.region))
        if self.region in aws.refuses:
            raise aws.refuses[self.region]
        if name == "list_finding_aggregators":
            if aws.lists:
                raise aws.lists
            return {"FindingAggregators": [{"FindingAggregatorArn": arn} for arn in aws.aggregators]}
        if name != "get_findings":
            return {"StandardsSubscriptions": [], "SecurityControlDefinitions": []}
        aws.filters.append(filters)
        regions = [value["Value"] for value in filters["Region"]]
        if aws.linked and regions != [self.region]:
            raise aws.linked
        return {"Findings": [found(region) for region in regions]}


def read(aws: Aws, *regions: str) -> tuple[Hub, ...]:
    session: Any = aws
    return read_hubs(session, regions, account=ACCOUNT)


def told(hubs: tuple[Hub, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return for each hub its kind, its Region, and of which Regions it tells findings."""
    rows = []
    for hub in hubs:
        region = hub.where if isinstance(hub, Unreadable) else hub.region
        of = tuple(f.region for f in hub.findings) if isinstance(hub, SecurityHub) else ()
        rows.append((type(hub).__name__, region, of))
    return rows


HUB, NONE, UNREAD = SecurityHub.__name__, NoSecurityHub.__name__, Unreadable.__name__


@pytest.mark.parametrize(
    ("aws", "expected"),
    [
        (Aws(aggregators=()), [(HUB, HOME, (HOME,))]),
        (Aws(aggregators=("odd",)), [(HUB, HOME, (HOME,))]),
        (Aws(), [(HUB, HOME, (HOME,)), (HUB, GATHERING, (GATHERING,))]),
        (Aws(refuses={HOME: REFUSED}), [(UNREAD, HOME, ()), (UNREAD, HOME, ())]),
        (Aws(refuses={HOME: NOT_ENABLED}), [(NONE, HOME, ())]),
        (Aws(refuses={GATHERING: REFUSED}), [(HUB, HOME, (HOME,)), (UNREAD, GATHERING, ())]),
        (Aws(lists=REFUSED), [(HUB, HOME, (HOME,)), (UNREAD, HOME, ())]),
    ],
    ids=["nothing gathered", "no ARN", "gathered", "home refused", "off", "gathering refused", "not told"],
)
def test_one_home_region(aws: Aws, expected: Any) -> None:
    assert told(read(aws, HOME)) == expected


@pytest.mark.parametrize(
    ("aws", "expected"),
    [
        (
            Aws(refuses={HOME: REFUSED}),
            [(UNREAD, HOME, ()), (HUB, OTHER, (OTHER,)), (HUB, GATHERING, (GATHERING, HOME))],
        ),
        (
            Aws(refuses={HOME: NOT_ENABLED}),
            [(NONE, HOME, ()), (HUB, OTHER, (OTHER,)), (HUB, GATHERING, (GATHERING,))],
        ),
        (
            Aws(refuses={HOME: REFUSED}, linked=REFUSED),
            [(UNREAD, HOME, ()), (HUB, OTHER, (OTHER,)), (HUB, GATHERING, (GATHERING,))],
        ),
    ],
    ids=["refused, and read where it is gathered", "not enabled", "refused there too"],
)
def test_what_a_region_does_not_tell_is_read_where_it_is_gathered(aws: Aws, expected: Any) -> None:
    hubs = read(aws, HOME, OTHER)

    assert told(hubs) == expected
    assert [hub.region for hub in hubs if isinstance(hub, SecurityHub) and hub.is_aggregating] == [GATHERING]


def test_a_region_that_gathers_and_is_asked_anyway_is_asked_once() -> None:
    aws = Aws(refuses={OTHER: REFUSED})

    assert told(read(aws, GATHERING, OTHER)) == [
        (HUB, GATHERING, (GATHERING, OTHER)),
        (UNREAD, OTHER, ()),
    ]
    assert aws.asked.count(("get_enabled_standards", GATHERING)) == 1
    assert aws.asked.count(("list_finding_aggregators", GATHERING)) == 1


def test_without_regions_nobody_is_asked() -> None:
    aws = Aws()

    assert (read(aws), aws.asked) == ((), [])


def test_of_linked_regions_only_security_hub_s_own_findings_are_asked_for_twenty_at_a_time() -> None:
    aws = Aws(refuses=dict.fromkeys(MANY, REFUSED))
    read(aws, GATHERING, *MANY)
    linked = [each for each in aws.filters if "ComplianceSecurityControlId" in each]

    assert [[value["Value"] for value in each["Region"]] for each in linked] == [MANY[:20], MANY[20:]]
    for each in linked:
        products = [value["Value"] for value in each["ProductArn"]]
        regions = [value["Value"] for value in each["Region"]]
        assert products == [f"arn:aws:securityhub:{r}::product/aws/securityhub" for r in regions]
