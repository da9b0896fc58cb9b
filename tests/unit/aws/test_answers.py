"""What is no answer to an operation is never read as one that lacks everything: each operation, each way."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.awsrequest import HeadersDict

from answer_samples import TEXT, model_of, sample, written
from rows import each_row
from trailseal.aws.answer_members import RESTS_ON
from trailseal.aws.response_parsers import NotAwsAnswerError, StrictParsers

IN_BODY = sorted(set(RESTS_ON) - {"HeadObject"})
DEEP = 100_000
STRANGE = {
    "page": b"<!DOCTYPE html><html><body>Please sign in<br></body></html>",
    "well-formed page": b"<html><head><title>Sign in</title></head><body><p>Please</p></body></html>",
    "page with a namespace": b'<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
    "xml": b"<?xml version='1.0'?><status><code>0</code></status>",
    "null": b"null",
    "list": b"[]",
    "text": b'"hello"',
    "number": b"3",
    "nothing": b"",
    "blanks": b"  \n",
    "no text": b"\xff\xfe\x00",
    "deep list": b"[" * DEEP + b"]" * DEEP,
    "deep object": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep xml": b"<a>" * DEEP + b"</a>" * DEEP,
}
OF_S3 = {"x-amz-request-id": "1", "content-length": "0"}


def parse(operation: str, body: bytes, headers: dict[str, str] = OF_S3, *, status: int = 200) -> Any:
    protocol, shape = model_of(operation)
    context = {"operation_name": operation}
    response = {"status_code": status, "headers": HeadersDict(headers), "body": body, "context": context}
    return StrictParsers().create_parser(protocol).parse(response, shape)


def whole(operation: str) -> dict[str, Any]:
    found: dict[str, Any] = sample(model_of(operation)[1])
    return found


@pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE)
def test_no_operation_takes_a_strange_body_for_its_answer(body: bytes) -> None:
    for operation in IN_BODY:
        with pytest.raises(NotAwsAnswerError, match="HTTP 200") as told:
            parse(operation, body)
        assert str(told.value).isprintable(), operation


@pytest.mark.parametrize("operation", IN_BODY)
def test_a_whole_answer_is_read_and_a_cut_one_is_not(operation: str) -> None:
    body = written(operation, whole(operation))

    assert parse(operation, body)
    for end in (len(body) // 3, len(body) - 1):
        with pytest.raises(NotAwsAnswerError):
            parse(operation, body[:end])


@pytest.mark.parametrize(
    "operation", ["GetBucketVersioning", "GetBucketAcl", "GetBucketLocation", "GetBucketLogging",
                  "GetBucketLifecycleConfiguration", "GetObjectLockConfiguration",
                  "ListBucketInventoryConfigurations", "GetBucketNotificationConfiguration"]
)  # fmt: skip
def test_what_may_say_nothing_is_told_by_its_root(operation: str) -> None:
    _, shape = model_of(operation)
    empty = written(operation, {shape.serialization.get("payload"): {}})

    assert parse(operation, empty) is not None
    for body in STRANGE.values():
        with pytest.raises(NotAwsAnswerError):
            parse(operation, body)


def test_a_bucket_policy_is_an_object_in_json() -> None:
    assert parse("GetBucketPolicy", b'{"Statement": []}')["Policy"] == '{"Statement": []}'
    for body in STRANGE.values():
        with pytest.raises(NotAwsAnswerError):
            parse("GetBucketPolicy", body)


def test_a_root_is_found_behind_any_number_of_blanks() -> None:
    body = b"<?xml version='1.0'?>" + b" \n" * 5000 + b"<VersioningConfiguration/>"

    assert "Status" not in parse("GetBucketVersioning", body)


def parents(value: Any, steps: list[str]) -> Iterator[tuple[dict[str, Any], str, list[str]]]:
    """Yield each object on a path with the step that leads on from it."""
    step, *rest = steps
    for name in step.removesuffix("=arn").rstrip("[]?").split("|"):
        yield value, name, [step]
        inner = value[name][0] if "[]" in step else value[name]
        if rest:
            yield from parents(inner, rest)


PATHS = [(operation, path) for operation, paths in sorted(RESTS_ON.items()) for path in paths]


@pytest.mark.sweep
@each_row(("operation", "path"), PATHS, ids=lambda given: given.replace(".", "/"))
def test_each_path_is_of_the_model_and_missed_where_it_must_be_there(operation: str, path: str) -> None:
    answer = whole(operation)
    for number, (_, name, (step,)) in enumerate(parents(answer, path.split("."))):
        lacking = copy.deepcopy(answer)
        holder = list(parents(lacking, path.split(".")))[number][0]
        del holder[name]
        if operation == "HeadObject":
            continue
        body = written(operation, lacking)
        if "?" in step or "|" in step:
            parse(operation, body)
        else:
            with pytest.raises(NotAwsAnswerError, match=f"without .*{name}|``"):
                parse(operation, body)


OTHERS: tuple[Any, ...] = ([], {}, "no", 3, True)


@pytest.mark.sweep
@each_row("operation", lambda: sorted(op for op in RESTS_ON if model_of(op)[0] in {"json", "rest-json"}))
def test_a_value_of_another_type_is_no_answer_wherever_it_stands(operation: str) -> None:
    answer = whole(operation)
    for holder, name in list(places(answer)):
        kept = holder[name]
        for other in (each for each in OTHERS if not alike(each, kept)):
            holder[name] = other
            with pytest.raises(NotAwsAnswerError):
                parse(operation, written(operation, answer))
        holder[name] = kept


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each place of a document that holds a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for name, each in inside:
        yield value, name
        if isinstance(each, dict | list):
            yield from places(each)


def alike(one: Any, other: Any) -> bool:
    """Whether both may stand for the same kind: times are written as numbers and as text."""
    return type(one) is type(other) or (other == 1.5e9 and type(one) in {int, str}) or one == other == 3


def test_what_is_newer_than_the_model_and_null_members_are_let_be() -> None:
    body = b'{"KeyMetadata": {"KeyId": "k", "Arn": "%s", "KeyState": "Asleep", "New": [1], "ValidTo": null}}'

    assert parse("DescribeKey", body % TEXT.encode())["KeyMetadata"]["KeyState"] == "Asleep"


def test_what_must_be_an_arn_is_one() -> None:
    with pytest.raises(NotAwsAnswerError, match=r"without KeyMetadata\.Arn"):
        parse("DescribeKey", b'{"KeyMetadata": {"KeyId": "k", "Arn": "k", "KeyState": "Enabled"}}')


@pytest.mark.parametrize("operation", ["HeadBucket", "HeadObject"])
def test_headers_of_something_else_are_no_answer_to_a_head(operation: str) -> None:
    dated = {"content-length": "3", "last-modified": "Fri, 14 Jul 2017 02:40:00 GMT"}

    assert parse(operation, b"", {**dated, "x-amz-request-id": "1"})
    with pytest.raises(NotAwsAnswerError):
        parse(operation, b"", {**dated, "server": "proxy"})


@pytest.mark.parametrize("operation", ["HeadBucket", "HeadObject"])
def test_only_s3_says_of_a_head_that_there_is_no_such_thing(operation: str) -> None:
    assert parse(operation, b"", status=404)["Error"]["Code"] == "404"
    with pytest.raises(NotAwsAnswerError, match="HTTP 404"):
        parse(operation, b"", {"server": "proxy"}, status=404)
    for status in (301, 400, 403, 503):
        assert parse(operation, b"", {"server": "proxy"}, status=status)["Error"]["Code"] == str(status)


def test_a_calls_that_tell_nothing_may_come_back_empty() -> None:
    for nothing in (b"", b"null", b"{}"):
        parse("PutKeyPolicy", nothing)


S3 = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
LEAST = [
    ("GetBucketLocation", f"<LocationConstraint {S3}/>"),
    ("GetBucketLocation", "<LocationConstraint>EU</LocationConstraint>"),
    ("GetBucketLocation", f"<CreateBucketConfiguration {S3}/>"),
    ("GetBucketPolicyStatus", f"<PolicyStatus {S3}><IsPublic>TRUE</IsPublic></PolicyStatus>"),
    ("GetPublicAccessBlock", f"<PublicAccessBlockConfiguration {S3}/>"),
    ("ListObjectsV2", f"<ListBucketResult {S3}><KeyCount>0</KeyCount></ListBucketResult>"),
    ("ListBucketInventoryConfigurations", f"<ListInventoryConfigurationsResult {S3}/>"),
    ("CreateJob", "<CreateJobResult><JobId>j</JobId></CreateJobResult>"),
    ("ListResourceTags", '{"Tags": [{"TagKey": "a", "TagValue": ""}], "Truncated": false}'),
    ("ListGrants", '{"Grants": []}'),
    ("ListTrails", '{"Trails": []}'),
    ("ListTags", '{"ResourceTagList": [{"ResourceId": "arn:x", "TagsList": [{"Key": "a"}]}]}'),
    ("GetTrailStatus", '{"IsLogging": false, "TimeLoggingStarted": ""}'),
    ("LookupEvents", '{"Events": []}'),
    ("GetEnabledStandards", '{"StandardsSubscriptions": []}'),
    ("GetAccountAuthorizationDetails", "<IsTruncated>true</IsTruncated><Marker>m</Marker>"),
    ("DescribeStackResources", "<StackResources/>"),
    ("GetCallerIdentity", "<Account>1</Account><Arn>arn:aws-us-gov:iam::1:root</Arn>"),
]


@pytest.mark.parametrize(("operation", "body"), LEAST)
def test_the_least_that_aws_says_is_an_answer(operation: str, body: str) -> None:
    if model_of(operation)[0] == "query":
        body = f"<{operation}Response><{operation}Result>{body}</{operation}Result></{operation}Response>"

    assert parse(operation, body.encode()) is not None
