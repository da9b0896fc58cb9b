"""Lists of a bucket: every page size gives the same whole, and 10,000 objects take a few seconds."""

from __future__ import annotations

import cProfile

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

names = st.lists(st.text("ab/\x01é\U0001f600", min_size=1, max_size=5), max_size=12, unique=True)


@settings(max_examples=200)
@given(names, st.text("ab/", max_size=3), st.sampled_from(["", "/", "a", "b/"]), st.integers(1, 4))
def test_pages_of_any_size_add_up_to_the_whole(keys, prefix, delimiter, most):
    from msgspec.structs import replace

    from trailseal_lab.s3.pages import Wanted, group_of, page_of

    ordered = sorted(keys)
    wanted = Wanted(prefix=prefix, delimiter=delimiter)
    held = [name for name in ordered if name.startswith(prefix)]
    whole = list(dict.fromkeys(group_of(name, wanted) or name for name in held))

    found: list[str] = []
    after = ""
    while True:
        page = page_of(ordered, replace(wanted, most=most, after=after))
        found += page.items
        if not page.truncated:
            break
        after = page.last

    assert found == whole
    assert list(page_of(ordered, wanted).items) == whole


@pytest.fixture
def bucket(here):
    s3 = here.client("s3")
    s3.create_bucket(
        Bucket="logs-bucket", CreateBucketConfiguration={"LocationConstraint": here.world.region}
    )
    return s3


def _all(s3, operation, member, size, **more):
    pages = s3.get_paginator(operation).paginate(
        Bucket="logs-bucket", PaginationConfig={"PageSize": size}, **more
    )
    return [each for page in pages for each in page.get(member, ())]


ODD = ["a", "a/b", "a/c", "b\nc", "b\x01c", "d&<>é", "e+f g", "\U0001f600"]


@pytest.mark.sweep
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_every_list_shows_every_object_once(bucket, size):
    for key in ODD:
        bucket.put_object(Bucket="logs-bucket", Key=key, Body=b"x")

    for operation, member in (
        ("list_objects", "Contents"),
        ("list_objects_v2", "Contents"),
        ("list_object_versions", "Versions"),
    ):
        assert [o["Key"] for o in _all(bucket, operation, member, size)] == sorted(ODD)
        folders = [p["Prefix"] for p in _all(bucket, operation, "CommonPrefixes", size, Delimiter="/")]
        assert folders == ["a/"]


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_versions_come_newest_first_with_their_markers(bucket, size):
    bucket.put_bucket_versioning(Bucket="logs-bucket", VersioningConfiguration={"Status": "Enabled"})
    made = [
        bucket.put_object(Bucket="logs-bucket", Key=key, Body=b"x")["VersionId"]
        for key in ("a", "a", "b", "a")
    ]
    gone = bucket.delete_object(Bucket="logs-bucket", Key="b")["VersionId"]

    versions = _all(bucket, "list_object_versions", "Versions", size)
    markers = _all(bucket, "list_object_versions", "DeleteMarkers", size)

    assert [v["VersionId"] for v in versions] == [made[3], made[1], made[0], made[2]]
    assert [v["IsLatest"] for v in versions] == [True, False, False, False]
    assert [(m["VersionId"], m["IsLatest"]) for m in markers] == [(gone, True)]
    assert [o["Key"] for o in _all(bucket, "list_objects_v2", "Contents", size)] == ["a"]


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("list_objects_v2", {"ContinuationToken": "x"}),
        ("list_objects_v2", {"ContinuationToken": ""}),
        ("list_objects_v2", {"ContinuationToken": "é"}),
        ("list_objects_v2", {"MaxKeys": -1}),
        ("list_object_versions", {"VersionIdMarker": "x"}),
        ("list_object_versions", {"KeyMarker": "a", "VersionIdMarker": "x"}),
    ],
)
def test_a_marker_that_was_not_given_out_is_refused(bucket, operation, given):
    with pytest.raises(ClientError) as refused:
        getattr(bucket, operation)(Bucket="logs-bucket", **given)

    assert refused.value.response["Error"]["Code"] == "InvalidArgument"


@pytest.mark.sweep
def test_a_list_takes_time_that_grows_with_what_it_shows(here, bucket):
    """Ten times the objects on ten times the pages take about ten times as long, and not a hundred times."""
    from moto.s3.models import s3_backends

    storage = s3_backends[here.world.account]["aws"]
    lists = (("list_objects_v2", "Contents"), ("list_object_versions", "Versions"))
    counts: list[dict[str, int]] = []
    for begin, end in ((0, 300), (300, 3_000)):
        for number in range(begin, end):
            storage.put_object("logs-bucket", f"AWSLogs/{number:05}.json.gz", b"x", encryption="AES256")
        counts.append({member: _calls(bucket, operation, member, end) for operation, member in lists})

    few, many = counts
    for member, calls in few.items():
        assert many[member] < 15 * calls


def _calls(s3, operation, member, size):
    """How many functions are called for a list: what does not depend on the machine or on its load."""
    profile = cProfile.Profile()
    found = profile.runcall(_all, s3, operation, member, 100)
    assert len(found) == size
    return sum(each.callcount for each in profile.getstats())
