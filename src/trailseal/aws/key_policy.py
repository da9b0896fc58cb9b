"""The policy of one key, by ARN, key ID or alias."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import code_of, problem
from trailseal.aws.session import AwsSession
from trailseal.errors import UsageProblem
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
            UsageProblem: there is no such key, or its ARN is of another partition.
            TrailsealError: AWS does not answer, or does not let us read it.
        """
        session = AwsSession(profile=self._profile, region=self._region)
        call = "kms:DescribeKey"
        try:
            kms = session.client("kms", session.region_of(key_id))
            found = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
            call = "kms:GetKeyPolicy"
            return str(kms.get_key_policy(KeyId=found, PolicyName="default")["Policy"])
        except (BotoCoreError, ClientError) as error:
            if code_of(error) == "NotFoundException":
                raise UsageProblem(
                    message("key `{key}` cannot be described: {code}", key=key_id, code=code_of(error)),
                    message("give a file, or a key as ARN, ID or alias"),
                ) from None
            raise problem(error, call=call, where=key_id) from None
