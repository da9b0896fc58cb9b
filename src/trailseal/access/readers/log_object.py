"""
The object somebody wants to read, and the encryption context that S3 hands to KMS for it.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-kms-works-with-cloudtrail.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, structs

from trailseal.access.facts import THERE, OneOf, Value
from trailseal.model.arn import Arn, bucket_arn

CONTEXT = "kms:EncryptionContext:"
TRAIL_PAIR = "aws:cloudtrail:arn"
OBJECT_PAIR = "aws:s3:arn"


class Sealing(StrEnum):
    """How an object was encrypted, as far as reading it is concerned."""

    SSE_S3 = "SSE-S3"
    DELIVERED = "delivered by the trail"
    COPIED = "copied without the trail's context"
    BUCKET_KEY = "under an S3 Bucket Key"
    COPIED_BUCKET_KEY = "copied, under an S3 Bucket Key"


UNDER_A_KEY = (Sealing.DELIVERED, Sealing.COPIED, Sealing.BUCKET_KEY, Sealing.COPIED_BUCKET_KEY)
"""Every way in which an object can lie under a key."""
BY_BUCKET_KEY = frozenset({Sealing.BUCKET_KEY, Sealing.COPIED_BUCKET_KEY})
COPIES = frozenset({Sealing.COPIED, Sealing.COPIED_BUCKET_KEY})


class LogObject(Struct, frozen=True, kw_only=True):
    """
    One object. `kms_key` is the key's ARN, "" under SSE-S3; `trail` is in the encryption context.

    The trail's pair beside an S3 Bucket Key is what S3 documents for a writer's own pairs; no page
    of CloudTrail's shows such an object.
    """

    bucket: str
    key: str
    sealing: Sealing
    region: str
    partition: str = "aws"
    bucket_account: str = ""
    kms_key: str = ""
    trail: str = ""

    @property
    def arn(self) -> str:
        """The object's ARN."""
        return f"{self.bucket_arn}/{self.key}"

    @property
    def bucket_arn(self) -> str:
        """The bucket's ARN."""
        return bucket_arn(self.bucket, self.partition)

    @property
    def key_account(self) -> str:
        """The account that owns the key, "" under SSE-S3."""
        return Arn.parse(self.kms_key).account if self.kms_key else ""

    @property
    def key_region(self) -> str:
        """The Region that the key is in, "" under SSE-S3."""
        return Arn.parse(self.kms_key).region if self.kms_key else ""

    def encryption_context(self) -> dict[str, str]:
        """Return the pairs that KMS sees when S3 decrypts this object for somebody."""
        where = self.bucket_arn if self.sealing in BY_BUCKET_KEY else self.arn
        pairs = {OBJECT_PAIR: where}
        if self.sealing not in COPIES and self.trail:
            pairs[TRAIL_PAIR] = self.trail
        return pairs

    def decrypt_context(self) -> dict[str, Value]:
        """Return the request context of the Decrypt call that S3 makes as the reader."""
        pairs = self.encryption_context()
        given: dict[str, Value] = {CONTEXT + name: (value,) for name, value in pairs.items()}
        given["kms:EncryptionContextKeys"] = tuple(sorted(pairs))
        given["kms:ViaService"] = self._through_s3
        given["kms:EncryptionAlgorithm"] = ("SYMMETRIC_DEFAULT",)
        given["aws:ViaAWSService"] = ("true",)
        given["aws:CalledVia"] = THERE
        return given | self.caller_context()

    def caller_context(self) -> dict[str, Value]:
        """Return what any caller can see to himself: TLS, and the Region asked."""
        return {"aws:SecureTransport": ("true",), "aws:RequestedRegion": (self.region,)}

    def sealed(self, sealing: Sealing) -> LogObject:
        """Return the same object under another encryption."""
        return structs.replace(self, sealing=sealing)

    @property
    def _through_s3(self) -> Value:
        """KMS's page names S3 by its domain, and does not say which of China's two names it takes there."""
        service = f"s3.{self.key_region}.amazonaws.com"
        return OneOf((service, f"{service}.cn")) if self.partition == "aws-cn" else (service,)
