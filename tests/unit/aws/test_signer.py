from __future__ import annotations

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from trailseal.aws.signer import LightSigner

CREDENTIALS = Credentials("AKIDEXAMPLE", "secret", "token")
NAMES = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz-"), min_size=1, max_size=12).map(
    lambda n: f"x-amz-{n}"
)
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
KEYS = st.text(st.sampled_from("abcAZ09/-_.~"), min_size=1, max_size=40)
SIGNED = {"x-amz-date", "x-amz-security-token", "x-amz-content-sha256"}


@given(
    st.sampled_from(["GET", "HEAD", "PUT"]),
    KEYS,
    st.sampled_from(["", "acl", "versionId=v1", "prefix=a%2F&list-type=2&encoding-type=url"]),
    st.dictionaries(NAMES, VALUES, max_size=4),
    st.binary(max_size=20),
)
def test_it_signs_as_botocore_signs(
    method: str, key: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    headers = {name: value for name, value in headers.items() if name not in SIGNED}
    url = f"https://bucket.s3.us-east-1.amazonaws.com/{key}" + (f"?{query}" if query else "")
    ours = LightSigner(CREDENTIALS.get_frozen_credentials(), "us-east-1").sign(method, url, headers, body)
    theirs = AWSRequest(method, url, headers=headers, data=body)
    signer = S3SigV4Auth(CREDENTIALS, "s3", "us-east-1")
    theirs.context["timestamp"] = ours["X-Amz-Date"]
    signer._modify_request_before_signing(theirs)
    signature = signer.signature(signer.string_to_sign(theirs, signer.canonical_request(theirs)), theirs)

    assert ours["Authorization"].endswith(f"Signature={signature}")


def test_the_signing_key_is_made_anew_each_day() -> None:
    signer = LightSigner(CREDENTIALS.get_frozen_credentials(), "us-east-1")
    signer.sign("GET", "http://127.0.0.1:1/b/k", {}, b"")
    first = signer._day_key
    signer._day = "20000101"
    signer.sign("GET", "http://127.0.0.1:1/b/k", {}, b"")

    assert signer._day_key == first
