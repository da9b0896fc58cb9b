"""
Whether an answer that says it succeeded is of the kind that the operation's model describes.

botocore's parsers take what they find: a page of HTML, `null` or a list in place of an object pass for an
answer without members, and a text in place of a boolean for true.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

JSON = frozenset({"json", "rest-json"})
QUERY = frozenset({"query", "ec2"})
REST_XML = "rest-xml"
NOT_IN_BODY = frozenset({"header", "headers", "statusCode"})
CHUNK = 1024
NO_SUCH_THING = 404
REQUEST_IDS = ("x-amz-request-id", "x-amzn-requestid")
"""
One of these is in each answer of S3, errors too, and of the servers that the tests know.

Endpoints in a VPC are S3 itself, and a cache gives back the headers that it was given. So what has none is
another's answer: to a HEAD it would read as an object without encryption, or a bucket that does not exist.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/get-request-ids.html
"""
ROOTS = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLocation": "LocationConstraint",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketVersioning": "VersioningConfiguration",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListObjectsV2": "ListBucketResult",
}
"""Root elements of S3's that botocore's model does not name. Source: each operation's page in S3's API."""
SAID_BACK = {"GetBucketLocation": "CreateBucketConfiguration"}
"""Root elements of S3-compatible servers: seaweedfs answers with what it was given, and benches run on it."""
NUMBER = (int, float)
KINDS: dict[str, Any] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "character": str,
    "blob": str,
    "boolean": bool,
    "integer": NUMBER,
    "long": NUMBER,
    "float": NUMBER,
    "double": NUMBER,
    "timestamp": (*NUMBER, str),
}


def is_answer(protocol: str, operation: str, response: Mapping[str, Any], shape: Any) -> bool:
    """
    Return whether an answer of status 200 can be one to the operation.

    Raises:
        ValueError: the body is no JSON.
        ParseError: the body is no XML.
        RecursionError: the body is nested deeper than any answer.
    """
    body = response["body"]
    if protocol in JSON:
        return _is_json(body, shape)
    if protocol in QUERY:
        return _root(body) == f"{operation}Response"
    if protocol == REST_XML:
        return _is_rest_xml(operation, response, shape)
    return True


def is_error(operation: str, response: Mapping[str, Any]) -> bool:
    """Return whether an error can be AWS's: that of a HEAD has no body, and 404 says that there is none."""
    tells_nothing = operation.startswith("Head") and response["status_code"] == NO_SUCH_THING
    return not tells_nothing or is_from_s3(response["headers"])


def is_from_s3(headers: Mapping[str, Any]) -> bool:
    """Return whether the headers are S3's: where the body does not tell, they alone can."""
    return any(name in headers for name in REQUEST_IDS)


def _is_json(body: bytes, shape: Any) -> bool:
    """Whether it is an object that fits the shape; nothing or null only where nothing is to be told."""
    document = json.loads(body) if body else None
    if document is None:
        return shape is None or not any(_in_body(shape))
    return isinstance(document, dict) and (shape is None or _fits(shape, document))


def _in_body(shape: Any) -> Iterator[str]:
    """Yield the names of the members that are not in headers."""
    for name, member in shape.members.items():
        if member.serialization.get("location") not in NOT_IN_BODY:
            yield name


def _fits(shape: Any, value: Any) -> bool:
    """Whether a value of JSON is of the shape's kind, all the way down; members may be null."""
    kind = shape.type_name
    if not isinstance(value, KINDS.get(kind, object)):
        return bool(kind == "structure" and shape.is_document_type)
    if value is True or value is False:
        return bool(kind == "boolean")
    if kind == "structure":
        told = ((_member(shape, name), each) for name, each in value.items() if each is not None)
        return all(member is None or _fits(member, each) for member, each in told)
    if kind == "list":
        return all(_fits(shape.member, each) for each in value)
    return kind != "map" or all(_fits(shape.value, each) for each in value.values())


def _member(shape: Any, name: str) -> Any:
    """Return the member that goes by a name on the wire, None for one newer than the model."""
    found = shape.members.get(name)
    if found is not None and found.serialization.get("name", name) == name:
        return found
    return next((each for each in shape.members.values() if each.serialization.get("name") == name), None)


def _is_rest_xml(operation: str, response: Mapping[str, Any], shape: Any) -> bool:
    body = response["body"]
    if not isinstance(body, bytes):
        return is_from_s3(response["headers"])  # a stream, which is not looked into
    if shape is None or not any(_in_body(shape)):
        return not operation.startswith("Head") or is_from_s3(response["headers"])
    payload = shape.serialization.get("payload")
    told = shape.members[payload] if payload else shape
    if told.type_name == "string":
        return isinstance(json.loads(body), dict)  # the only text that is asked for is a bucket's policy
    # Servers made with moto name a root after the operation, as the query protocol does.
    names = {payload, told.name, ROOTS.get(operation), SAID_BACK.get(operation), f"{operation}Response"}
    return _root(body) in names


def _root(body: bytes) -> str:
    """Return the name of the root element, without reading on."""
    parser: Any = ET.XMLPullParser(["start"])
    for start in range(0, len(body), CHUNK):
        parser.feed(body[start : start + CHUNK])
        for _, element in parser.read_events():
            return str(element.tag).rpartition("}")[2]
    return ""
