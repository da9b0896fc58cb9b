"""
Digest files: hourly on AWS, every 12 cycles here; signed and chained so that a gap or a change shows.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

from trailseal_lab.cloudtrail.status import Place

BITS = 2048
ALGORITHM = "SHA256withRSA"


class LogEntry(Struct, frozen=True, kw_only=True):
    """A delivered log file, as the next digest file will name it."""

    bucket: str
    key: str
    sha256: str
    oldest: str
    newest: str

    def written(self) -> dict[str, str]:
        """Return the entry as it stands in a digest file."""
        return {
            "s3Bucket": self.bucket,
            "s3Object": self.key,
            "hashValue": self.sha256,
            "hashAlgorithm": "SHA-256",
            "newestEventTime": self.newest,
            "oldestEventTime": self.oldest,
        }


class Link(Struct, frozen=True, kw_only=True):
    """A delivered digest file, as the one after it will name it."""

    bucket: str
    key: str
    sha256: str
    signature: str
    end: datetime


@dataclass
class DigestChain:
    """One trail's digests of one account and Region: the last link, and log files not yet in any."""

    last: Link | None = None
    files: list[LogEntry] = field(default_factory=list)


@dataclass
class DigestChains:
    """All chains."""

    by_place: dict[tuple[str, Place], DigestChain] = field(default_factory=dict)

    def of(self, arn: str, place: Place) -> DigestChain:
        """Return the chain of one trail, account and Region, made on first use."""
        return self.by_place.setdefault((arn, place), DigestChain())

    def places(self, arn: str) -> list[Place]:
        """Return the accounts and Regions that a trail has a chain for."""
        return sorted(place for owner, place in self.by_place if owner == arn)


@dataclass
class SigningKeys:
    """CloudTrail's key pair of each Region."""

    by_region: dict[str, RSAPrivateKey] = field(default_factory=dict)

    def of(self, region: str) -> RSAPrivateKey:
        """Return the Region's private key, made on first use."""
        if region not in self.by_region:
            self.by_region[region] = generate_private_key(public_exponent=65537, key_size=BITS)
        return self.by_region[region]

    def public(self, region: str) -> bytes:
        """Return the Region's public key as ListPublicKeys gives it: PKCS #1 DER."""
        return self.of(region).public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)

    def fingerprint(self, region: str) -> str:
        """Return the name under which digests and ListPublicKeys know the Region's key."""
        return hashlib.md5(self.public(region), usedforsecurity=False).hexdigest()

    def sign(self, region: str, text: str) -> str:
        """Return the signature of a string to sign, in hex."""
        return self.of(region).sign(text.encode(), PKCS1v15(), SHA256()).hex()


def string_to_sign(*, end: str, place: str, sha256: str, previous: str | None) -> str:
    """Return what is signed: end time, place, hash, and the signature before or `null`."""
    return f"{end}\n{place}\n{sha256}\n{previous or 'null'}"
