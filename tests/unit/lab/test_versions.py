"""Buckets' names, and what deleting and writing do to versions."""

from __future__ import annotations

import pytest

from refusals import code_of
from rows import each_row

BUCKET, KEY = "versioned", "a/b.json"
BAD_NAMES = (
    "Bad_Name",
    "bad_name",
    "Upper",
    "ab",
    "a" * 64,
    "-begins",
    "ends-",
    ".begins",
    "two..dots",
    "192.168.5.4",
    "xn--name",
    "sthree-name",
    "amzn-s3-demo-bucket",
    "name-s3alias",
    "name--ol-s3",
    "name.mrap",
    "name--x-s3",
    "name--table-s3",
    "name\u0660",
)


@pytest.fixture
def s3(here):
    made = here.client("s3")
    made.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": here.world.region})
    return made


@each_row("name", BAD_NAMES)
def test_a_bucket_is_not_made_by_a_name_that_aws_does_not_take(here, name):
    from urllib.parse import quote

    where = b"<CreateBucketConfiguration><LocationConstraint>ap-northeast-1</LocationConstraint>"
    answer = here.send("s3", where + b"</CreateBucketConfiguration>", method="PUT", path=f"/{quote(name)}")

    assert (answer.status, b"InvalidBucketName" in answer.body) == (400, True)


@each_row("name", ("abc", "a" * 63, "a.b-c.9", "1.2.3.4.5", "my-s3alias-logs"))
def test_one_is_made_by_any_other(here, name):
    where = {"LocationConstraint": here.world.region}

    here.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=where)


def switch(s3, status):
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": status})


def standing(s3):
    """The versions of a key, newest first: its content, None for a marker, and whether it is `null`."""
    listed = s3.list_object_versions(Bucket=BUCKET, Prefix=KEY)
    found = [(each, True) for each in listed.get("Versions", [])]
    found += [(each, False) for each in listed.get("DeleteMarkers", [])]
    found.sort(key=lambda each: not each[0]["IsLatest"])
    return [(_content(s3, each) if real else None, each["VersionId"] == "null") for each, real in found]


def _content(s3, version):
    return s3.get_object(Bucket=BUCKET, Key=KEY, VersionId=version["VersionId"])["Body"].read()


def one(s3, **given):
    return s3.delete_object(Bucket=BUCKET, Key=KEY, **given)


def many(s3, **given):
    return s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": KEY, **given}]})["Deleted"][0]


WAYS = pytest.mark.parametrize("delete", [one, many])


@WAYS
@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_what_was_never_there_gets_a_delete_marker_where_there_are_versions(s3, delete, status):
    switch(s3, "Enabled")
    switch(s3, status)

    told = delete(s3)

    assert told["DeleteMarker"] is True
    assert standing(s3) == [(None, status == "Suspended")]
    assert code_of(s3.get_object, Bucket=BUCKET, Key=KEY) == "NoSuchKey"


@WAYS
def test_and_none_where_there_are_none(s3, delete):
    told = delete(s3)

    assert "DeleteMarker" not in told
    assert standing(s3) == []


@WAYS
def test_a_version_that_is_not_there_takes_nothing_else_along(s3, delete):
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"kept")

    delete(s3, VersionId="00000000-0000-4000-8000-000000000000")

    assert standing(s3) == [(b"kept", True)]


@WAYS
def test_suspended_versioning_keeps_the_versions_that_it_found(s3, delete):
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"before")
    switch(s3, "Enabled")
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"numbered")
    switch(s3, "Suspended")

    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"first")
    assert standing(s3) == [(b"first", True), (b"numbered", False)]
    s3.copy_object(Bucket=BUCKET, Key=KEY, CopySource=f"{BUCKET}/{KEY}", MetadataDirective="REPLACE")
    assert standing(s3) == [(b"first", True), (b"numbered", False)]
    delete(s3)
    assert standing(s3) == [(None, True), (b"numbered", False)]
    delete(s3, VersionId="null")
    assert standing(s3) == [(b"numbered", False)]
    assert s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == b"numbered"
