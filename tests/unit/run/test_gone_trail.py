"""The organization of a trail that is gone, from the folders of its bucket."""

from __future__ import annotations

import msgspec
import pytest

from history_estate import ACCOUNT, BUCKET, PLACE, Bucket, MemoryObjects, Thing, estate
from trailseal.errors import UsageProblem
from trailseal.model.trail_place import place_of_arn
from trailseal.run.gone_trail import with_organization

GONE = place_of_arn(PLACE.arn, bucket=BUCKET)
ONE, TWO = "o-exampleorg", "o-anotherorg"


def of(organization: str, *, name: str = PLACE.name) -> Bucket:
    return estate(hours=1, place=msgspec.structs.replace(PLACE, organization=organization, name=name))


def test_the_arn_tells_name_region_and_account() -> None:
    assert (GONE.name, GONE.home_region, GONE.account) == (PLACE.name, PLACE.home_region, ACCOUNT)
    assert (GONE.multi_region, GONE.told) == (True, False)


@pytest.mark.parametrize(
    ("bucket", "expected"),
    [
        pytest.param({}, "", id="an-empty-bucket"),
        pytest.param(of(""), "", id="of-an-account"),
        pytest.param(of(ONE), ONE, id="of-an-organization"),
        pytest.param(of(ONE) | of("", name="another"), ONE, id="beside-another-trail-of-the-account"),
        pytest.param(of("") | of(ONE, name="another"), "", id="beside-another-trail-of-the-organization"),
        pytest.param(of(TWO) | of(ONE, name="another"), TWO, id="two-organizations"),
    ],
)
def test_the_organization_is_that_in_whose_folder_the_digest_files_are(bucket: Bucket, expected: str) -> None:
    found = with_organization(MemoryObjects(**{BUCKET: bucket}), GONE)

    assert found == msgspec.structs.replace(GONE, organization=expected)


def test_folders_that_do_not_tell_are_a_question() -> None:
    bucket = {f"AWSLogs/{each}/x": Thing(body=b"") for each in (ONE, TWO)}

    with pytest.raises(UsageProblem, match="do not show the trail's organization") as problem:
        with_organization(MemoryObjects(**{BUCKET: bucket}), GONE)
    assert "--organization-id" in str(problem.value.hint)
