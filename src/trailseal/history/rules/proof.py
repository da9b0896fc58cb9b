"""What must be the same of an object before and after, and what must be different: the key it is under."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from msgspec import Struct

from trailseal.history.rules.facts import SSE, metadata_of
from trailseal.history.rules.method import Target
from trailseal.objects.calls import ObjectResponse


class ContentProof(Struct, frozen=True, kw_only=True):
    """What must be the same before and after: the content, the metadata, the number of tags."""

    content: str
    metadata: dict[str, str]
    tags: str


def is_under(headers: Mapping[str, str], target: Target) -> bool:
    """Whether an object's headers show SSE-KMS under the key that is wanted."""
    return headers.get(SSE) == "aws:kms" and headers.get(f"{SSE}-aws-kms-key-id") == target.key_arn


def proof_of(answer: ObjectResponse) -> ContentProof:
    """Return what must stay the same of an object that was read."""
    return ContentProof(
        content=sha256(answer.body).hexdigest(),
        metadata=metadata_of(answer.headers),
        tags=answer.headers.get("x-amz-tagging-count", "0"),
    )


def differences(before: ContentProof | None, after: ContentProof) -> tuple[str, ...]:
    """Return what is not the same, nothing when there is nothing to compare with."""
    if before is None:
        return ()
    return tuple(
        name for name in ("content", "metadata", "tags") if getattr(before, name) != getattr(after, name)
    )
