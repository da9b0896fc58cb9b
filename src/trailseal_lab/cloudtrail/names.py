"""
What CreateTrail and UpdateTrail refuse of the request alone, before they look at bucket or key.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
"""

from __future__ import annotations

import re

from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError

LONGEST_PREFIX, LONGEST_TOPIC = 200, 256
SHORTEST, LONGEST = 3, 128
NAME_RULES = {
    r"[A-Za-z0-9._-]*": "may hold letters, digits, periods, underscores and dashes alone",
    r"[A-Za-z0-9].*": "must start with a letter or digit",
    r".*[A-Za-z0-9]": "must end with a letter or digit",
    r"(?!.*[._-]{2}).*": "must have no adjacent periods, underscores or dashes",
    r"(?!\d{1,3}(\.\d{1,3}){3}$).*": "must not be in the form of an IP address",
}


def check_name(name: str) -> None:
    """
    Return when a trail may be called so.

    Raises:
        ApiError: InvalidTrailNameException.
    """
    if not SHORTEST <= len(name) <= LONGEST:
        refused = f"must have {SHORTEST} to {LONGEST} characters"
        raise ApiError("InvalidTrailNameException", f"Trail name {refused}. Specified name: {name}")
    for rule, refused in NAME_RULES.items():
        if not re.fullmatch(rule, name, re.DOTALL):
            raise ApiError("InvalidTrailNameException", f"Trail name {refused}. Specified name: {name}")


def check_members(call: Call, *, group: str, role: str) -> None:
    """
    Return when prefix, topic, log group and role can be meant; both of the last as they would stand.

    That one of them stands alone is refused; by which of the exceptions, AWS's page does not tell.

    Raises:
        ApiError: InvalidS3PrefixException, InvalidSnsTopicNameException,
            InvalidCloudWatchLogsLogGroupArnException, InvalidCloudWatchLogsRoleArnException.
    """
    if len(str(call.params.get("S3KeyPrefix") or "")) > LONGEST_PREFIX:
        raise ApiError("InvalidS3PrefixException", f"The prefix is longer than {LONGEST_PREFIX} characters.")
    if len(str(call.params.get("SnsTopicName") or "")) > LONGEST_TOPIC:
        raise ApiError(
            "InvalidSnsTopicNameException", f"The topic is longer than {LONGEST_TOPIC} characters."
        )
    if role and not group:
        raise ApiError("InvalidCloudWatchLogsLogGroupArnException", "A role needs a log group beside it.")
    if group and not role:
        raise ApiError("InvalidCloudWatchLogsRoleArnException", "A log group needs a role beside it.")
