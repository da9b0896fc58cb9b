"""Odd requests are refused in the service's own words, not as something that the lab lacks or fails on."""

from __future__ import annotations

import pytest

from refusals import code_of
from rows import each_row

BUCKET = "odd-logs"
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
ENTITY = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>'
PUTS = {
    "": ("CreateBucketConfiguration", "<LocationConstraint>ap-northeast-1</LocationConstraint>"),
    "versioning": ("VersioningConfiguration", "<Status>Enabled</Status>"),
    "publicAccessBlock": ("PublicAccessBlockConfiguration", "<BlockPublicAcls>true</BlockPublicAcls>"),
    "tagging": ("Tagging", "<TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet>"),
    "ownershipControls": (
        "OwnershipControls",
        "<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>",
    ),
}
"""Settings by their sub-resource: the root of the document, and what it holds."""


@pytest.fixture
def s3(here):
    made = here.client("s3")
    made.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": here.world.region})
    return made


def _put(here, sub, body):
    path = f"/{BUCKET}?{sub}" if sub else "/another-odd-bucket"
    return here.send("s3", body.encode(), method="PUT", path=path)


@each_row("sub", PUTS)
def test_a_document_has_its_root_and_no_entities(here, s3, sub):
    root, content = PUTS[sub]
    for body in (
        f"<Other>{content}</Other>",
        f"{ENTITY}<{root}>{content}</{root}>",
        f"<{root}>{content}",
        f"<{root}>{content}</{root}><{root}/>",
        "{}",
    ):
        answer = _put(here, sub, body)
        assert (answer.status, b"<Code>MalformedXML" in answer.body) == (400, True), body

    for whole in (f"<{root}>{content}</{root}>", f'<{root} xmlns="{NAMESPACE}">{content}</{root}>'):
        assert _put(here, sub, whole).status < 300 or sub == ""


ARNS = (
    "arn:aws:kms:::key/",
    "arn:aws:kms:::key/x",
    "arn:aws:kms:nowhere-1:123456789012:key/x",
    "arn:aws:kms:ap-northeast-1:12:key/x",
    "arn:aws:s3:ap-northeast-1:123456789012:key/x",
)


@each_row("arn", ARNS)
def test_a_key_that_cannot_be_is_not_there(here, s3, arn):
    sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": arn}

    assert code_of(here.client("kms").describe_key, KeyId=arn) == "NotFoundException"
    assert code_of(s3.put_object, Bucket=BUCKET, Key="k", Body=b"", **sealed).startswith("KMS.")


def test_a_region_that_there_is_not_gets_no_replica_and_no_primary(here):
    kms = here.client("kms")
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]

    assert code_of(kms.replicate_key, KeyId=key, ReplicaRegion="nowhere-1") == "ValidationException"
    assert code_of(kms.update_primary_region, KeyId=key, PrimaryRegion="nowhere-1") == "NotFoundException"


TOKENS = (
    ("logs", "describe_destinations", {"nextToken": "x"}),
    ("organizations", "list_create_account_status", {"NextToken": "x"}),
)


@each_row(("service", "operation", "given"), TOKENS)
def test_a_token_that_was_not_given_out_is_refused_by_moto_s_services_too(here, service, operation, given):
    client = here.client(service)
    if service == "organizations":
        code_of(client.create_organization, FeatureSet="ALL")

    assert code_of(getattr(client, operation), **given) in {
        "InvalidParameterException",
        "InvalidInputException",
    }


def test_random_bytes_have_a_number_and_tags_an_object(here, s3):
    assert code_of(here.client("kms").generate_random) == "ValidationException"
    assert len(here.client("kms").generate_random(NumberOfBytes=9)["Plaintext"]) == 9
    assert code_of(s3.delete_object_tagging, Bucket=BUCKET, Key="nothing") == "NoSuchKey"
