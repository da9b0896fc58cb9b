"""Requests are checked against the operation's model, one way for all services; what is lacking is said."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

JSON_SERVICES = ("cloudtrail", "kms", "config", "organizations", "logs", "events", "ssm", "dynamodb")
OTHER_SERVICES = ("iam", "sts", "sns", "securityhub", "ec2")
OF_TYPE = {
    "string": 7,
    "integer": "seven",
    "long": "seven",
    "boolean": "true",
    "list": {},
    "map": [],
    "structure": "x",
    "timestamp": [],
    "blob": 7,
}


def _operations(service):
    model = get_session().get_service_model(service)
    return model, [model.operation_model(name) for name in model.operation_names]


def _ask(here, model, operation, given):
    return here.ask(model.signing_name, f"{model.metadata['targetPrefix']}.{operation.name}", given)


@pytest.mark.sweep
@pytest.mark.parametrize("service", JSON_SERVICES)
def test_what_is_no_json_object_is_refused_by_every_operation(here, service):
    model, operations = _operations(service)
    deep = b'{"a":' * 5_000 + b"1" + b"}" * 5_000
    wrong = [b"{", b"nothing", b"[]", b"7", b"null", b'{"a": NaN}', b"\xff\xfe", deep]

    for operation in (each for each in operations if each.input_shape is not None):
        for body in wrong[:2] if operation is not operations[0] else wrong:
            answer = _ask(here, model, operation, body)
            assert (answer.status, answer.code) == (400, "SerializationException"), (operation.name, body[:9])


@pytest.mark.sweep
@pytest.mark.parametrize("service", JSON_SERVICES)
def test_a_value_of_the_wrong_type_is_refused_by_every_operation(here, service):
    model, operations = _operations(service)

    for operation in (each for each in operations if each.input_shape is not None):
        for name, member in list(operation.input_shape.members.items())[:4]:
            if member.type_name in OF_TYPE and not getattr(member, "is_document_type", False):
                wire = member.serialization.get("name", name)
                answer = _ask(here, model, operation, {wire: OF_TYPE[member.type_name]})
                assert (answer.status, answer.code) == (400, "SerializationException"), (operation.name, name)


@pytest.mark.sweep
@pytest.mark.parametrize("service", JSON_SERVICES)
def test_a_member_that_must_be_there_is_missed_by_every_operation(here, service):
    model, operations = _operations(service)

    for operation in operations:
        required = operation.input_shape.required_members if operation.input_shape is not None else ()
        if required:
            answer = _ask(here, model, operation, {})
            first = required[0]
            assert answer.status == 400, operation.name
            assert (
                f"'{first[:1].lower()}{first[1:]}' failed to satisfy constraint" in answer.document["message"]
            )
            assert answer.code.startswith(("Validation", "Invalid", "BadRequest")), answer.code


@pytest.mark.sweep
@pytest.mark.parametrize("service", OTHER_SERVICES)
def test_the_same_holds_where_requests_are_no_json_documents(here, service):
    model, operations = _operations(service)
    codes = {"query": "ValidationError", "ec2": "MissingParameter"}

    for operation in operations:
        members = operation.input_shape.members if operation.input_shape is not None else {}
        required = operation.input_shape.required_members if members else ()
        if not required or any(members[name].serialization.get("location") for name in required):
            continue
        if model.protocol == "rest-json":
            path = operation.http["requestUri"]
            if "{" in path:
                continue
            answer = here.send(
                model.signing_name,
                b"{}",
                method=operation.http["method"],
                path=path,
                Content_Type="application/json",
            )
            assert answer.code in {"InvalidInputException", "ValidationException"}, operation.name
        else:
            body = f"Action={operation.name}&Version={model.api_version}".encode()
            answer = here.send(model.signing_name, body, Content_Type="application/x-www-form-urlencoded")
            assert f"<Code>{codes[model.protocol]}</Code>".encode() in answer.body, operation.name
        assert answer.status == 400


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("service", "operation", "given", "code", "told"),
    [
        ("kms", "DescribeKey", {"KeyId": ""}, "ValidationException", "length greater than or equal to 1"),
        (
            "kms",
            "DescribeKey",
            {"KeyId": "x" * 2049},
            "ValidationException",
            "length less than or equal to 2048",
        ),
        ("kms", "ListKeys", {"Limit": 0}, "ValidationException", "value greater than or equal to 1"),
        ("kms", "ListKeys", {"Limit": 1001}, "ValidationException", "value less than or equal to 1000"),
        ("kms", "ListKeys", {"Limit": 1 << 31}, "SerializationException", "can not be converted"),
        ("kms", "ListKeys", {"Limit": 1.5}, "SerializationException", "can not be converted"),
        ("kms", "CreateKey", {"KeySpec": "AES_1"}, "ValidationException", "enum value set"),
        ("kms", "CreateKey", {"Tags": [{"TagKey": "a"}]}, "ValidationException", "tags.1.member.tagValue"),
        ("kms", "CreateKey", {"Tags": [None]}, "SerializationException", "NULL_VALUE"),
        ("cloudtrail", "LookupEvents", {"MaxResults": 51}, "InvalidMaxResultsException", "equal to 50"),
        ("cloudtrail", "LookupEvents", {"StartTime": "then"}, "SerializationException", "no time"),
        ("logs", "CreateLogGroup", {"logGroupName": ""}, "InvalidParameterException", "equal to 1"),
    ],
)
def test_a_value_out_of_its_bounds_is_told_with_the_bound(here, service, operation, given, code, told):
    model, operations = _operations(service)
    answer = _ask(here, model, next(each for each in operations if each.name == operation), given)

    assert (answer.status, answer.code) == (400, code)
    assert told in answer.document["message"]


def test_members_that_the_model_does_not_have_are_passed_over(here):
    assert here.ask("kms", "TrentService.ListKeys", {"Nothing": {"a": [1]}, "Limit": None}).status == 200


def test_a_stranger_is_told_nothing_of_his_members(here):
    scope = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/ap-northeast-1/kms/aws4_request"

    answer = here.send("kms", b"{", X_Amz_Target="TrentService.ListKeys", Authorization=scope)

    assert answer.code == "UnrecognizedClientException"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/logs-bucket?max-keys=many", b"", "InvalidArgument"),
        ("/logs-bucket?versioning", b"<a", "MalformedXML"),
        (
            "/logs-bucket?tagging",
            b"<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
            "MalformedXML",
        ),
        ("/logs-bucket?tagging", b"", "MissingRequestBodyError"),
    ],
)
def test_s3_says_it_in_its_own_words(here, path, body, code):
    here.client("s3").create_bucket(
        Bucket="logs-bucket", CreateBucketConfiguration={"LocationConstraint": here.world.region}
    )

    answer = here.send("s3", body, method="GET" if "max-keys" in path else "PUT", path=path)

    assert answer.status == 400
    assert f"<Code>{code}</Code>".encode() in answer.body


LACKING = [
    ("cloudformation", "describe_stacks", {}),
    ("glue", "get_blueprint", {"Name": "x"}),
    ("apigateway", "get_rest_apis", {}),
    ("health", "describe_events", {}),
    ("detective", "list_graphs", {}),
    ("securitylake", "list_data_lakes", {}),
    ("auditmanager", "list_assessments", {}),
    ("pricing", "describe_services", {}),
    ("accessanalyzer", "list_analyzers", {}),
    ("elbv2", "describe_trust_store_associations", {"TrustStoreArn": "x"}),
    ("ec2", "describe_aws_network_performance_metric_subscriptions", {}),
    ("s3", "get_bucket_metrics_configuration", {"Bucket": "logs-bucket", "Id": "x"}),
    ("kms", "describe_custom_key_stores", {}),
    ("cloudtrail", "list_dashboards", {}),
    ("backup", "update_global_settings", {"GlobalSettings": {"a": "b"}}),
    ("eventbridgev2", "list_event_buses", {}),
]


@pytest.mark.sweep
@pytest.mark.parametrize(("service", "method", "given"), LACKING, ids=[row[0] for row in LACKING])
def test_what_the_lab_lacks_is_told_so_that_no_sdk_takes_it_for_an_outage(here, service, method, given):
    if service not in get_session().get_available_services():
        pytest.skip("this botocore has no such service")
    with pytest.raises(ClientError) as missing:
        getattr(here.client(service), method)(**given)

    error = missing.value.response
    assert error["Error"]["Code"] == "NotImplemented"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert json.dumps(error["Error"]["Message"])


LEAST = {"list": [], "map": {}, "boolean": True, "timestamp": 1_800_000_000, "blob": b"x", "integer": 1}
KNOWN = {"Bucket": "logs-bucket", "Key": "a", "CopySource": "logs-bucket/a"}
CHANGING = {"DeleteObject", "DeleteObjects", "CopyObject", "PutObject", "DeleteBucket", "CreateBucket"}


def _least(shape):
    if shape.type_name == "structure":
        return {name: KNOWN.get(name) or _least(shape.members[name]) for name in shape.required_members}
    return LEAST.get(shape.type_name) or (getattr(shape, "enum", None) or ["abc"])[0]


@pytest.mark.sweep
def test_no_operation_of_s3_is_taken_for_another(here, monkeypatch):
    s3, answers = here.client("s3"), []
    place = {"Bucket": KNOWN["Bucket"], "Key": KNOWN["Key"]}
    region = {"LocationConstraint": here.world.region}
    s3.create_bucket(Bucket=place["Bucket"], CreateBucketConfiguration=region)
    s3.put_object(**place, Body=b"body")
    monkeypatch.setattr(
        "trailseal_lab.answers.OBSERVERS", [lambda _, c, r: answers.append((c.operation, r.get_data()))]
    )

    for name in sorted(set(s3.meta.service_model.operation_names) - CHANGING):
        shape = s3.meta.service_model.operation_model(name).input_shape
        with suppress(ClientError, BotoCoreError):
            s3._make_api_call(name, _least(shape) if shape is not None else {})
        assert s3.get_object(**place)["Body"].read() == b"body", name

    roots = (b"<ListBucketResult", b"<ListAllMyBucketsResult")
    lists = {operation for operation, body in answers if any(root in body for root in roots)}
    assert lists == {"ListObjects", "ListObjectsV2", "ListBuckets"}


def test_what_moto_breaks_down_on_is_not_implemented(here):
    with pytest.raises(ClientError) as missing:
        here.client("support").describe_cases()

    assert missing.value.response["Error"]["Code"] == "NotImplemented"
    assert "as it is asked here" in missing.value.response["Error"]["Message"]
