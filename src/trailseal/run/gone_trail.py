"""The organization of a trail that nobody tells of, from the folders of its bucket."""

from __future__ import annotations

from msgspec import structs

from trailseal.errors import UsageProblem
from trailseal.history.rules.chain import ChainId
from trailseal.messages import message
from trailseal.model.log_file import account_folder
from trailseal.model.organization import ORGANIZATION_ID
from trailseal.model.trail_place import TrailPlace
from trailseal.objects.calls import Objects, list_objects, one
from trailseal.objects.folders import page_of, subfolders


def with_organization(objects: Objects, place: TrailPlace) -> TrailPlace:
    """
    Return the place with the organization in whose folder the trail's files are, "" for none.

    Raises:
        TrailsealError: the bucket cannot be listed.
        UsageProblem: the folders do not tell.
    """
    top = account_folder(prefix=place.prefix, organization="", account="")
    names = subfolders(objects, place.bucket, top)
    organizations = [name for name in names if ORGANIZATION_ID.fullmatch(name)]
    if not organizations:
        return place
    own = [""] if place.account in names else []
    places = [structs.replace(place, organization=each) for each in (*own, *organizations)]
    having = places if len(places) == 1 else [each for each in places if _has_digests(objects, each)]
    if len(having) == 1:
        return having[0]
    raise UsageProblem(
        message("the folders of `{bucket}` do not show the trail's organization", bucket=place.bucket),
        message("name it with --organization-id: {names}", names=tuple(organizations)),
    )


def _has_digests(objects: Objects, place: TrailPlace) -> bool:
    """Whether there are digest files of the trail, among the first that its own account has at home."""
    chain = ChainId(
        account=place.account,
        region=place.home_region,
        trail_name=place.name,
        home_region=place.home_region,
        prefix=place.prefix,
        organization=place.organization,
    )
    page = page_of(one(objects, list_objects(place.bucket, chain.folder)))
    return any(chain.owns(each.key) for each in page.objects)
