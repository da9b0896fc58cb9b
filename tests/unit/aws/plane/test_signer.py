from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from trailseal.aws.plane.signer import Signer, UnsignedRequest

CREDENTIALS = Credentials("AKIDEXAMPLE", "secret", "token")
NAMES = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz-"), min_size=1, max_size=12).map(
    lambda n: f"x-amz-{n}"
)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30)
KEYS = st.text(st.sampled_from("abcAZ09/-_.~"), min_size=1, max_size=40)
SIGNED = {"x-amz-date", "x-amz-security-token", "x-amz-content-sha256"}
QUERIES = ["", "acl", "versionId=v1", "prefix=a%2F&list-type=2&encoding-type=url", "a-b=1&a=%3D&b&a=0"]
HOST = "bucket.s3.us-east-1.amazonaws.com"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()


def signed_by_botocore(request: UnsignedRequest, stamp: str, credentials: Credentials = CREDENTIALS) -> str:
    url = f"https://{request.host}{request.path}" + (f"?{request.query}" if request.query else "")
    theirs = AWSRequest(request.method, url, headers=dict(request.headers), data=request.body)
    signer: Any = S3SigV4Auth(credentials, "s3", "us-east-1")
    theirs.context["timestamp"] = stamp
    signer._modify_request_before_signing(theirs)
    signature = signer.signature(signer.string_to_sign(theirs, signer.canonical_request(theirs)), theirs)
    signer._inject_signature_to_request(theirs, signature)
    return str(theirs.headers["Authorization"])


@given(
    st.sampled_from(["GET", "HEAD", "PUT", "DELETE"]),
    KEYS,
    st.sampled_from(QUERIES),
    st.dictionaries(NAMES, VALUES, max_size=4),
    st.binary(max_size=20),
    st.sampled_from([CREDENTIALS, Credentials("AKIDEXAMPLE", "other")]),
)
def test_it_signs_as_botocore_signs(
    method: str, key: str, query: str, headers: dict[str, str], body: bytes, credentials: Credentials
) -> None:
    headers = {name: value for name, value in headers.items() if name not in SIGNED}
    request = UnsignedRequest(method, HOST, f"/{key}", query, headers, body)
    signed = Signer(credentials.get_frozen_credentials(), "us-east-1").sign(request)

    assert signed["Authorization"] == signed_by_botocore(request, signed["X-Amz-Date"], credentials)


def test_one_signer_signs_on_into_the_next_day() -> None:
    signer = Signer(CREDENTIALS.get_frozen_credentials(), "us-east-1")
    request = UnsignedRequest("GET", HOST, "/k")
    signed = [signer.sign(request, now=NOON + hours * 3600) for hours in (0, 0, 11.9, 12, 12)]

    assert [each["X-Amz-Date"] for each in signed[2:4]] == ["20261124T235400Z", "20261125T000000Z"]
    assert [each["Authorization"] for each in signed] == [
        signed_by_botocore(request, each["X-Amz-Date"]) for each in signed
    ]


def test_what_was_given_is_left_as_it_was() -> None:
    headers = {"x-amz-meta-a": "1"}
    signed = Signer(CREDENTIALS.get_frozen_credentials(), "us-east-1").sign(
        UnsignedRequest("PUT", HOST, "/k", headers=headers)
    )

    assert headers == {"x-amz-meta-a": "1"}
    assert signed["x-amz-meta-a"] == "1"
