"""The lab's Security Hub: what it says, when it changes its mind, and what a filter lets through."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from lab.test_cloudtrail_changes import TRAIL, TRAIL_ARN, make_key


def equals(value):
    return [{"Value": value, "Comparison": "EQUALS"}]


def finding(lab, control="CloudTrail.2"):
    found = lab.client("securityhub").get_findings(Filters={"ComplianceSecurityControlId": equals(control)})
    return found["Findings"][0]


def test_it_has_looked_before_the_lab_is_ready(shared_lab):
    found = finding(shared_lab("story"))

    assert found["Compliance"]["Status"] == "FAILED"
    assert found["Severity"]["Label"] == "MEDIUM"
    assert found["Workflow"]["Status"] == "NEW"
    assert found["Resources"][0]["Id"] == TRAIL_ARN


def test_a_switch_updates_the_same_finding_at_its_next_look(fresh_lab):
    lab = fresh_lab("story")
    before = finding(lab)
    lab.client("cloudtrail").update_trail(Name=TRAIL, KmsKeyId=make_key(lab))

    unchanged = finding(lab)
    lab.tick(2)
    after = finding(lab)

    assert unchanged["Compliance"]["Status"] == "FAILED"
    assert (after["Id"], after["CreatedAt"]) == (before["Id"], before["CreatedAt"])
    assert after["UpdatedAt"] > before["UpdatedAt"]
    assert (after["Compliance"]["Status"], after["Workflow"]["Status"]) == ("PASSED", "RESOLVED")


def test_a_setting_that_cannot_work_passes_all_the_same(fresh_lab):
    lab = fresh_lab("story")
    key = make_key(lab)
    lab.client("cloudtrail").update_trail(Name=TRAIL, KmsKeyId=key)
    lab.client("kms").disable_key(KeyId=key)

    lab.tick(2)

    assert finding(lab)["Compliance"]["Status"] == "PASSED"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"ComplianceSecurityControlId": [{"Value": "CloudTrail.", "Comparison": "PREFIX"}]}, 4),
        ({"ComplianceSecurityControlId": equals("CloudTrail.2") + equals("CloudTrail.4")}, 2),
        ({"ComplianceSecurityControlId": equals("CloudTrail.2"), "ComplianceStatus": equals("PASSED")}, 0),
        ({"ResourceId": [{"Value": "trail/management", "Comparison": "CONTAINS"}]}, 3),
        (
            {
                "ResourceId": [{"Value": "trail/management", "Comparison": "CONTAINS"}],
                "ComplianceSecurityControlId": [{"Value": "CloudTrail.2", "Comparison": "NOT_EQUALS"}],
            },
            2,
        ),
        ({"WorkflowStatus": equals("SUPPRESSED")}, 0),
    ],
)
def test_filters_are_honoured(shared_lab, filters, expected):
    found = shared_lab("story").client("securityhub").get_findings(Filters=filters)["Findings"]

    assert len(found) == expected


def test_a_filter_that_the_lab_cannot_honour_is_refused(shared_lab):
    hub = shared_lab("story").client("securityhub")

    with pytest.raises(ClientError, match="InvalidInputException"):
        hub.get_findings(Filters={"NetworkProtocol": equals("tcp")})


def test_a_hub_that_is_not_enabled_is_said_so(shared_lab):
    with pytest.raises(ClientError, match="InvalidAccessException"):
        shared_lab("story").client("securityhub", region="eu-west-1").get_findings()


def test_the_score_can_be_computed_from_controls_and_findings(shared_lab):
    hub = shared_lab("story").client("securityhub")
    subscription = hub.get_enabled_standards()["StandardsSubscriptions"][0]["StandardsSubscriptionArn"]
    controls = hub.describe_standards_controls(StandardsSubscriptionArn=subscription)["Controls"]
    pages = hub.get_paginator("get_findings").paginate(PaginationConfig={"PageSize": 10})
    statuses: dict[str, set[str]] = {}
    for page in pages:
        for each in page["Findings"]:
            statuses.setdefault(each["Compliance"]["SecurityControlId"], set()).add(
                each["Compliance"]["Status"]
            )

    passed = [c for c in controls if statuses.get(c["ControlId"]) == {"PASSED"}]
    with_data = [c for c in controls if c["ControlId"] in statuses]

    assert {c["ControlStatus"] for c in controls} == {"ENABLED"}
    assert len(controls) - len(with_data) >= 2
    assert 60 < 100 * len(passed) / len(with_data) < 90


def test_a_suppressed_finding_stays_suppressed(fresh_lab):
    lab = fresh_lab("story")
    hub = lab.client("securityhub")
    known = finding(lab)
    identifier = {"Id": known["Id"], "ProductArn": known["ProductArn"]}

    hub.batch_update_findings(FindingIdentifiers=[identifier], Workflow={"Status": "SUPPRESSED"})
    lab.tick(2)

    assert finding(lab)["Workflow"]["Status"] == "SUPPRESSED"


@pytest.mark.parametrize(("scenario", "trails"), [("clean", 1), ("multi", 3), ("broken", 4), ("many", 200)])
def test_each_scenario_holds_what_its_name_says(shared_lab, scenario, trails):
    assert len(shared_lab(scenario).client("cloudtrail").list_trails()["Trails"]) == trails


FSBP = "arn:aws:securityhub:ap-northeast-1::standards/aws-foundational-security-best-practices/v/1.0.0"
PAIR = {"StandardsArn": FSBP, "SecurityControlId": "CloudTrail.2"}


def turn(hub, status, **more):
    updates = [{**PAIR, "AssociationStatus": status, **more}]
    return hub.batch_update_standards_control_associations(StandardsControlAssociationUpdates=updates)


def standing(hub):
    asked = hub.batch_get_standards_control_associations(StandardsControlAssociationIds=[PAIR])
    return asked["StandardsControlAssociationDetails"][0]["AssociationStatus"]


def score(lab):
    """The control's own status, and what `check` says of the standard and of the trail."""
    told = json.loads(lab.trailseal("check", "--format", "json").stdout)
    rows = [row for row in told["findings"] if row["finding"]["check"] == "CloudTrail.2"]
    (standard,) = told["scores"]
    return standard["passed"] + standard["failed"] + standard["unknown"], rows[0].get("security_hub")


def test_a_control_that_is_off_in_a_standard_is_out_of_its_score(fresh_lab):
    lab = fresh_lab("story")
    hub = lab.client("securityhub")
    counted, said = score(lab)
    with pytest.raises(ClientError, match="UpdatedReason"):
        turn(hub, "DISABLED")
    turn(hub, "DISABLED", UpdatedReason="the trail is central")
    without, silent = score(lab)
    unknown = {**PAIR, "SecurityControlId": "CloudTrail.99", "AssociationStatus": "ENABLED"}
    refused = hub.batch_update_standards_control_associations(StandardsControlAssociationUpdates=[unknown])

    assert (counted - without, said["status"], silent) == (1, "FAILED", None)
    assert standing(hub) == "DISABLED"
    assert len(refused["UnprocessedAssociationUpdates"]) == 1
    turn(hub, "ENABLED")
    assert (score(lab)[0], standing(hub)) == (counted, "ENABLED")


def imported(number, **changed):
    account, region = "123456789012", "ap-northeast-1"
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"own/{number}",
        "ProductArn": f"arn:aws:securityhub:{region}:{account}:product/{account}/default",
        "GeneratorId": "own",
        "AwsAccountId": account,
        "Types": ["Software and Configuration Checks"],
        "CreatedAt": "2026-11-01T00:00:00Z",
        "UpdatedAt": "2026-11-01T00:00:00Z",
        "Severity": {"Label": "LOW"},
        "Title": "Something",
        "Description": "Something else",
        "Resources": [{"Type": "Other", "Id": "x"}],
        **changed,
    }


def test_findings_of_other_products_change_nothing(fresh_lab):
    lab = fresh_lab("story")
    hub = lab.client("securityhub")
    counted, _ = score(lab)
    control = {"Status": "FAILED", "SecurityControlId": "CloudTrail.4"}
    taken = hub.batch_import_findings(Findings=[imported(1), imported(2, Compliance=control)])
    refused = hub.batch_import_findings(Findings=[imported(3, AwsAccountId="210987654321")])
    lab.tick(2)

    assert (taken["SuccessCount"], refused["FailedCount"]) == (2, 1)
    assert score(lab)[0] == counted
    assert len(hub.get_findings(Filters={"ProductArn": equals(imported(1)["ProductArn"])})["Findings"]) == 2


def test_what_is_suppressed_counts_nowhere_and_is_said(fresh_lab):
    lab = fresh_lab("story")
    hub = lab.client("securityhub")
    counted, _ = score(lab)
    found = finding(lab)
    name = {"Id": found["Id"], "ProductArn": found["ProductArn"]}
    hub.batch_update_findings(FindingIdentifiers=[name], Workflow={"Status": "SUPPRESSED"})

    assert score(lab)[0] == counted - 1
    assert "Security Hub: FAILED, suppressed" in lab.trailseal("check").stdout


def gather(lab, region, mode="ALL_REGIONS", **more):
    hub = lab.client("securityhub", region=region)
    return hub.create_finding_aggregator(RegionLinkingMode=mode, **more)["FindingAggregatorArn"]


def regions_shown(lab, region):
    wanted = {"ComplianceSecurityControlId": equals("CloudTrail.2")}
    found = lab.client("securityhub", region=region).get_findings(Filters=wanted)["Findings"]
    return {each["Region"] for each in found}


@pytest.mark.parametrize(
    ("mode", "named", "linked"),
    [
        ("ALL_REGIONS", [], {"ap-northeast-1", "eu-west-1"}),
        ("ALL_REGIONS_EXCEPT_SPECIFIED", ["eu-west-1"], {"ap-northeast-1"}),
        ("SPECIFIED_REGIONS", ["eu-west-1"], {"eu-west-1"}),
        ("NO_REGIONS", [], set()),
    ],
)
def test_an_aggregation_region_shows_what_linked_regions_found(fresh_lab, mode, named, linked):
    lab = fresh_lab("multi")
    arn = gather(lab, "us-east-1", mode, **({"Regions": named} if named else {}))
    elsewhere = lab.client("securityhub", region="eu-west-1")

    assert elsewhere.list_finding_aggregators()["FindingAggregators"] == [{"FindingAggregatorArn": arn}]
    told = elsewhere.get_finding_aggregator(FindingAggregatorArn=arn)
    assert (told["FindingAggregationRegion"], told["RegionLinkingMode"]) == ("us-east-1", mode)
    assert regions_shown(lab, "us-east-1") == {"us-east-1"} | linked
    assert regions_shown(lab, "eu-west-1") == {"eu-west-1"}
    lab.client("securityhub", region="us-east-1").delete_finding_aggregator(FindingAggregatorArn=arn)
    assert regions_shown(lab, "us-east-1") == {"us-east-1"}


def test_an_aggregator_is_one_and_no_region_that_one_opts_into(fresh_lab):
    lab = fresh_lab("multi")
    lab.client("securityhub", region="eu-south-1").enable_security_hub()
    gather(lab, "us-east-1")
    for region in ("eu-west-1", "eu-south-1"):
        with pytest.raises(ClientError, match="InvalidInputException"):
            gather(lab, region)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        lab.client("securityhub").get_finding_aggregator(FindingAggregatorArn="none")


def test_check_reads_what_a_closed_region_found_where_it_is_gathered(fresh_lab):
    """And the score, which the console there would count over all Regions, is each Region's own."""
    lab = fresh_lab("multi")
    gather(lab, "us-east-1")
    lab.fault("denied", service="securityhub", region="eu-west-1", count=1000)
    words = ("check", "--trail", "eu-events")
    told = json.loads(lab.trailseal(*words, "--format", "json").stdout)
    shown = " ".join(lab.trailseal(*words).stdout.split())
    said = {row["finding"]["check"]: row["security_hub"] for row in told["findings"]}

    assert (said["CloudTrail.2"]["status"], said["CloudTrail.2"]["region"]) == ("PASSED", "eu-west-1")
    assert {each["where"] for each in told["unreadable"]} == {"eu-west-1"}
    assert {each["region"]: each["is_aggregating"] for each in told["scores"]} == {
        "ap-northeast-1": False,
        "us-east-1": True,
    }
    assert shown.count("In the console of us-east-1, which gathers what linked Regions find") == 1


def test_security_hub_and_its_standards_are_switched_on_and_off(lab):
    hub = lab.client("securityhub")
    hub.enable_security_hub(EnableDefaultStandards=False)
    assert hub.get_enabled_standards()["StandardsSubscriptions"] == []

    hub.update_security_hub_configuration(AutoEnableControls=False)
    assert hub.describe_hub()["AutoEnableControls"] is False

    arn = next(
        each["StandardsArn"]
        for each in hub.describe_standards()["Standards"]
        if "aws-found" in each["StandardsArn"]
    )
    enabled = hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": arn}])
    subscriptions = hub.get_enabled_standards()["StandardsSubscriptions"]
    assert enabled["StandardsSubscriptions"] == subscriptions
    assert [each["StandardsArn"] for each in subscriptions] == [arn]

    hub.batch_disable_standards(StandardsSubscriptionArns=[subscriptions[0]["StandardsSubscriptionArn"]])
    assert hub.get_enabled_standards()["StandardsSubscriptions"] == []
    with pytest.raises(ClientError, match="InvalidInputException"):
        hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": arn + "/other"}])

    hub.disable_security_hub()
    with pytest.raises(ClientError, match="not subscribed"):
        hub.describe_hub()
