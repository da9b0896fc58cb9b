"""What the history asks of CloudTrail: where a trail delivers, public keys, delivery times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.bucket_region import bucket_region
from trailseal.aws.errors import EXPIRED, code_of, problem, unreadable
from trailseal.aws.session import AwsSession
from trailseal.aws.threads import each
from trailseal.aws.trail_status import trail_status
from trailseal.errors import UsageProblem
from trailseal.history.rules.digest import read_public_key
from trailseal.messages import message
from trailseal.model.arn import Arn, is_arn
from trailseal.model.trail import TrailStatus, no_such_trail, no_trail
from trailseal.model.trail_place import TrailPlace
from trailseal.model.unreadable import Unreadable


class AwsTrailService:
    """CloudTrail through boto3, one client for each Region."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session
        self.region = session.region

    def place(self, trail: str) -> TrailPlace:
        """
        Return where a trail delivers; `trail` is a name, an ARN, or "" for the only one.

        Raises:
            TrailsealError: CloudTrail does not answer.
            UsageProblem: there is no such trail, or none was named and there are several.
        """
        arn = trail if is_arn(trail) else self._arn(trail)
        region = self._session.region_of(arn)
        found = self._described(arn, region)
        organization = ""
        if found.get("IsOrganizationTrail"):
            answer = self._ask(
                "organizations", region, "describe_organization", "organizations:DescribeOrganization"
            )
            organization = answer["Organization"]["Id"]
        return TrailPlace(
            arn=found["TrailARN"],
            name=found["Name"],
            home_region=found.get("HomeRegion", region),
            bucket=found["S3BucketName"],
            prefix=found.get("S3KeyPrefix", ""),
            organization=organization,
            account=Arn.parse(found["TrailARN"]).account,
            kms_key_id=found.get("KmsKeyId", ""),
            multi_region=bool(found.get("IsMultiRegionTrail")),
        )

    def _described(self, arn: str, region: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self._session.client("cloudtrail", region).get_trail(Name=arn)["Trail"]
        except (ClientError, BotoCoreError) as error:
            if code_of(error) == "TrailNotFoundException":
                raise no_such_trail((arn,), account=self._session.caller()[0]) from error
            raise problem(error, call="cloudtrail:GetTrail") from error
        return found

    def _arn(self, name: str) -> str:
        trails = self._pages("cloudtrail", self.region, "list_trails", "cloudtrail:ListTrails", "Trails")
        arns = {str(t["TrailARN"]): Arn.parse(t["TrailARN"]).resource_name for t in trails}
        named = [arn for arn, own in arns.items() if name in {"", own}]
        if len(named) == 1:
            return named[0]
        if not named:
            account = self._session.caller()[0]
            raise no_such_trail((name,), account=account) if name else no_trail(account)
        names = ", ".join(sorted(arns.values()))
        raise UsageProblem(
            message("there are several trails"), message("name one with `--trail`: {names}", names=names)
        )

    def public_keys(self, region: str, start: datetime, end: datetime) -> dict[str, bytes] | Unreadable:
        """
        Return the public keys of a Region that were valid in a time, by fingerprint, or its refusal.

        Raises:
            TrailsealError: the credentials have expired.
        """
        call = "cloudtrail:ListPublicKeys"
        try:
            pages = self._session.client("cloudtrail", region).get_paginator("list_public_keys")
            keys = [k for page in pages.paginate(StartTime=start, EndTime=end) for k in page["PublicKeyList"]]
        except (ClientError, BotoCoreError) as error:
            if code_of(error) in EXPIRED:
                raise problem(error, call=call, where=region) from error
            return unreadable(error, call=call, where=region)
        return {key["Fingerprint"]: read_public_key(key["Value"]) for key in keys}

    def regions(self) -> frozenset[str]:
        """Return the Regions that are known, in which alone anything is asked."""
        return self._session.regions()

    def status(self, trail_arn: str, region: str) -> TrailStatus | Unreadable:
        """Return what CloudTrail tells of the trail's deliveries in one Region."""
        return trail_status(self._session.client("cloudtrail", region), trail_arn, region)

    def statuses(self, trail_arn: str, regions: Iterable[str]) -> tuple[TrailStatus | Unreadable, ...]:
        """Return what CloudTrail tells of the trail's deliveries in each of many Regions, side by side."""
        return each(lambda region: self.status(trail_arn, region), regions)

    def bucket_region(self, bucket: str) -> str:
        """
        Return the Region of a bucket.

        Raises:
            TrailsealError: there is no such bucket, or it may not be asked.
        """
        try:
            return bucket_region(self._session.client("s3", self.region), bucket)
        except (ClientError, BotoCoreError) as error:
            raise problem(error, call="s3:GetBucketLocation", where=bucket) from error

    def _ask(self, service: str, region: str, operation: str, action: str, **asked: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._session.client(service, region), operation)(**asked)
        except (ClientError, BotoCoreError) as error:
            raise problem(error, call=action) from error
        return answer

    def _pages(
        self, service: str, region: str, operation: str, action: str, field: str, **asked: Any
    ) -> list[dict[str, Any]]:
        try:
            pages = self._session.client(service, region).get_paginator(operation).paginate(**asked)
            return [found for page in pages for found in page.get(field, ())]
        except (ClientError, BotoCoreError) as error:
            raise problem(error, call=action) from error
