"""
One object plane for buckets of several Regions: a chain of digest files may lead from one to another.

S3 wants a request signed for the bucket's Region, which HeadBucket tells.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import code_of, said
from trailseal.model.bucket import NO_BUCKET
from trailseal.objects.calls import ObjectRequest, ObjectResponse, Objects, Then

Planes = Callable[[str], Objects]


class BucketPlanes:
    """
    Sends each call to the plane of its bucket's Region.

    `region_of` tells a bucket's Region and may raise botocore's errors, `open_in` opens the plane of a
    Region, `known` are buckets whose Regions are known already.
    """

    def __init__(self, region_of: Callable[[str], str], open_in: Planes, *, known: Mapping[str, str]) -> None:
        self._region_of = region_of
        self._open_in = open_in
        self._regions = dict(known)
        self._refused: dict[str, tuple[str, str]] = {}
        self._planes: dict[str, Objects] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        for plane in self._planes.values():
            close = getattr(plane, "close", None)
            if close is not None:
                close()

    def each(self, calls: Iterable[ObjectRequest], then: Then | None = None) -> Iterator[ObjectResponse]:
        """
        Yield one answer for each call: those of the first call's Region as they come, then the others.

        A bucket whose Region nobody tells answers with that refusal.
        """
        elsewhere: dict[str, list[ObjectRequest]] = {}
        refused: list[ObjectRequest] = []
        first = ""

        def here() -> Iterator[ObjectRequest]:
            nonlocal first
            for call in calls:
                region = self._where(call.bucket)
                first = first or region
                if region == first and region:
                    yield call
                else:
                    (elsewhere.setdefault(region, []) if region else refused).append(call)

        calls_here = here()
        begun = next(calls_here, None)
        if begun is not None:
            yield from self._plane(first).each(_with(begun, calls_here), then)
        for region, others in elsewhere.items():
            yield from self._plane(region).each(others, then)
        for call in refused:
            answer = self._refusal(call)
            yield answer
            if then is not None:
                yield from self.each(then(answer), then)

    def _plane(self, region: str) -> Objects:
        if region not in self._planes:
            self._planes[region] = self._open_in(region)
        return self._planes[region]

    def _where(self, bucket: str) -> str:
        """Return the Region of a bucket, "" where nobody tells it."""
        if bucket not in self._regions:
            try:
                self._regions[bucket] = self._region_of(bucket)
            except (ClientError, BotoCoreError) as error:
                code = code_of(error)
                self._refused[bucket] = ("NoSuchBucket" if code in NO_BUCKET else code, said(error))
                self._regions[bucket] = ""
        return self._regions[bucket]

    def _refusal(self, call: ObjectRequest) -> ObjectResponse:
        code, text = self._refused[call.bucket]
        return ObjectResponse(call=call, status=0, error=code, message=text)


def _with(first: ObjectRequest, rest: Iterable[ObjectRequest]) -> Iterator[ObjectRequest]:
    yield first
    yield from rest
