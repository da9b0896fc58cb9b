"""A selector is a source only where it takes in fetching what the trail delivers into its bucket."""

from __future__ import annotations

import pytest

from trailseal.access.readers.recording import log_file_arn, records_reading
from trailseal.aws.event_selection import read_event_selection
from trailseal.model.trail import EventSelection

ROOT = "AWSLogs/123456789012/"
ARN = log_file_arn(partition="aws", bucket="central-logs", root=ROOT, region="eu-west-1")
LOGS = "arn:aws:s3:::central-logs/"
DATA = [{"Field": "eventCategory", "Equals": ["Data"]}]
OBJECTS = [*DATA, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]


class Selectors:
    def __init__(self, kind, *selectors):
        self._answer = {kind: list(selectors)}

    def get_event_selectors(self, TrailName):  # noqa: N803 - AWS's own name
        return self._answer


def advanced(*selectors):
    return Selectors("AdvancedEventSelectors", *({"FieldSelectors": fields} for fields in selectors))


def basic(*values, kind="AWS::S3::Object", **more):
    return Selectors("EventSelectors", {"DataResources": [{"Type": kind, "Values": [*values]}], **more})


def field(name, **operators):
    return [*OBJECTS, {"Field": name, **operators}]


ROWS = [
    (basic("arn:aws:s3"), True),
    (basic("arn:aws:s3:::"), True),
    (basic(LOGS), True),
    (basic(LOGS + ROOT), True),
    (basic("arn:aws:s3:::invoices/", LOGS), True),
    (basic("arn:aws:s3:::invoices/"), False),
    (basic(LOGS + "AWSLogs/999999999999/"), False),
    (basic("arn:aws:lambda", kind="AWS::Lambda::Function"), False),
    (basic(LOGS, ReadWriteType="WriteOnly"), False),
    (basic(LOGS, ReadWriteType="ReadOnly"), True),
    (basic(), False),
    (Selectors("EventSelectors", {"IncludeManagementEvents": True}), False),
    (advanced(OBJECTS), True),
    (advanced([*DATA, {"Field": "resources.type", "Equals": ["AWS::S3::AccessPoint"]}]), False),
    (advanced(field("eventName", Equals=["PutObject"])), False),
    (advanced(field("eventName", Equals=["PutObject"]), field("eventName", Equals=["GetObject"])), True),
    (advanced(field("eventName", NotEquals=["GetObject"])), False),
    (advanced(field("eventName", StartsWith=["Get", "List"])), True),
    (advanced(field("eventName", NotStartsWith=["Get"])), False),
    (advanced(field("eventName", EndsWith=["Object"])), True),
    (advanced(field("eventName", NotEndsWith=["Object"])), False),
    (advanced(field("resources.ARN", StartsWith=[LOGS])), True),
    (advanced(field("resources.ARN", StartsWith=["arn:aws:s3:::invoices/"])), False),
    (advanced(field("resources.ARN", NotStartsWith=[LOGS])), False),
    (advanced(field("resources.ARN", NotStartsWith=["arn:aws:s3:::invoices/"])), True),
    (advanced(field("resources.ARN", StartsWith=[LOGS], NotEndsWith=[".gz"])), False),
    (advanced(field("resources.ARN", Equals=[LOGS])), False),
    (advanced(field("readOnly", Equals=["true"])), True),
    (advanced(field("readOnly", Equals=["false"])), False),
    (advanced(field("eventSource", Equals=["s3.amazonaws.com"])), True),
    (advanced(field("eventType", NotEquals=["AwsServiceEvent"])), True),
    (advanced(field("userIdentity.arn", NotEquals=["arn:aws:iam::1:user/a"])), None),
    (advanced(field("sessionCredentialFromConsole", Equals=["true"])), None),
    (advanced(field("a field of tomorrow", Equals=["x"])), None),
    (
        advanced([*field("userIdentity.arn", Equals=["a"]), {"Field": "eventName", "Equals": ["PutObject"]}]),
        False,
    ),
    (advanced(field("userIdentity.arn", Equals=["a"]), OBJECTS), True),
]


@pytest.mark.parametrize(("selectors", "records"), ROWS, ids=range(len(ROWS)))
def test_a_selector_counts_for_this_bucket_and_this_call(selectors, records) -> None:
    found = read_event_selection(selectors, "t")

    assert isinstance(found, EventSelection)
    assert records_reading(found, [ARN]) is records
    assert records_reading(found, []) in {False, records}


@pytest.mark.parametrize("resources", [(), ("AWS::S3::Object",), ("AWS::Lambda::Function",)])
def test_a_selection_that_tells_only_types_is_taken_for_all_objects(resources) -> None:
    found = EventSelection(read_management=True, write_management=True, data_resources=resources)

    assert records_reading(found, [ARN]) is ("AWS::S3::Object" in resources)


MEMBERS = [
    log_file_arn(partition="aws", bucket="central-logs", root=f"{ROOT}{account}/", region="eu-west-1")
    for account in ("111111111111", "222222222222")
]
ONE = field("resources.ARN", StartsWith=[f"{LOGS}{ROOT}111111111111/"])
OTHER = field("resources.ARN", StartsWith=[f"{LOGS}{ROOT}222222222222/"])


@pytest.mark.parametrize(
    ("selectors", "records"),
    [(advanced(ONE), None), (advanced(OTHER), None), (advanced(ONE, OTHER), True), (advanced(OBJECTS), True)],
    ids=["the-first", "the-second", "each-by-its-own", "all"],
)
def test_a_trail_that_records_reading_of_some_folders_is_not_one_of_all(selectors, records) -> None:
    found = read_event_selection(selectors, "t")

    assert isinstance(found, EventSelection)
    assert records_reading(found, MEMBERS) is records
