"""
The names of AWS's services: what is one, how it ends, and which two stand for one service.

A name ends as AWS's partitions do; which services are called otherwise in which partition, no page says.
Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json (the suffixes of the partitions)
"""

from __future__ import annotations

import re
from functools import lru_cache

from trailseal.access.kleene import Kleene
from trailseal.model.arn import REGION

FORM = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
USUAL_END = ".amazonaws.com"
ENDS = (
    USUAL_END,
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
    ".amazon.com",
)
"""The last is that of services for Alexa."""
CLOUDTRAIL = "cloudtrail.amazonaws.com"
KEPT = 10_000


def is_service_name(text: str) -> bool:
    """Whether a text has the form of a service principal: `cloudtrail.amazonaws.com`."""
    return FORM.fullmatch(text) is not None


def is_of_aws(name: str) -> bool:
    """Whether a service's name ends as those of AWS's services do: no other service is a principal."""
    return name.endswith(ENDS)


def usual_name(name: str) -> str:
    """Return a service's name as it is in most partitions: `ec2.amazonaws.com` for `ec2.amazonaws.com.cn`."""
    service, end = _parted(name)
    return service + USUAL_END if end else name


@lru_cache(maxsize=KEPT)
def names_service(named: str, service: str) -> Kleene:
    """
    Return whether a name in a policy or a grant stands for the service that has another, or the same.

    A service calls across Regions as SERVICE.REGION.amazonaws.com. Of CloudTrail AWS says that its one name
    covers all Regions; of others it does not say, and not whether a name that ends in amazonaws.com covers
    one that ends as in another partition.
    """
    if named == service:
        return True
    (ours, our_end), (theirs, their_end) = _parted(named), _parted(service)
    if not (our_end and their_end and _is_alike(ours, theirs)):
        return False
    return True if named == CLOUDTRAIL and our_end == their_end else None


def _is_alike(ours: str, theirs: str) -> bool:
    """Whether two names, without their ends, are alike but for one more part: the Region of one of them."""
    short, long = sorted((ours.split("."), theirs.split(".")), key=len)
    return short == long or (short == long[:-1] and REGION.fullmatch(long[-1]) is not None)


def _parted(name: str) -> tuple[str, str]:
    """Return a name without its end, and the end: "" for one that is no service's of AWS."""
    end = next((each for each in ENDS if name.endswith(each)), "")
    return name.removesuffix(end), end
