"""The policy of one key, by ARN, key ID or alias."""

from __future__ import annotations

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from trailseal.errors import TrailsealError
from trailseal.messages import message


class AwsKeyPolicies:
    """Reads key policies with GetKeyPolicy; no client is made before the first key is asked for."""

    def __init__(self, *, profile: str | None, region: str | None) -> None:
        self._profile = profile
        self._region = region

    def key_policy(self, key_id: str) -> str:
        """
        Return the `default` key policy as JSON text. An alias is looked up first.

        Raises:
            TrailsealError: AWS does not answer, or does not let us read it.
        """
        region = key_id.split(":")[3] if key_id.startswith("arn:") else self._region
        try:
            kms = boto3.Session(profile_name=self._profile, region_name=region).client("kms")
            found = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
            return kms.get_key_policy(KeyId=found, PolicyName="default")["Policy"]
        except (BotoCoreError, ClientError) as problem:
            raise TrailsealError(
                message(
                    "the key policy of `{key}` can not be read: {problem}", key=key_id, problem=str(problem)
                ),
                message("allow kms:DescribeKey and kms:GetKeyPolicy, or give the policy as a file"),
            ) from None
