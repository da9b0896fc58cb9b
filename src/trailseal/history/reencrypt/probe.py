"""
The probe: does this S3 really have UpdateObjectEncryption, and does it leave an object as it was.

Some S3 servers take the request for PutObject and overwrite the object with it. So it is tried once on an
object that trailseal wrote itself, with consent, and everything is compared. That object is the only one
that trailseal ever deletes.
"""

from __future__ import annotations

from msgspec import Struct

from trailseal.history.rules.facts import metadata_of
from trailseal.history.rules.method import PROBE_PREFIX, Target
from trailseal.history.rules.proof import is_under
from trailseal.history.rules.requests import update_call
from trailseal.objects.calls import Objects, delete, get, one, put

BODY = b"trailseal wrote this object to see whether UpdateObjectEncryption works here, and deletes it.\n"
HEADERS = {"x-amz-meta-signature": "probe", "Content-Type": "text/plain"}


class Probed(Struct, frozen=True, kw_only=True):
    """What the probe showed: it works, or why not. `left` is the key of a probe that could not be deleted."""

    works: bool
    why: str = ""
    left: str = ""


def probe(objects: Objects, target: Target, *, name: str) -> Probed:
    """Return whether UpdateObjectEncryption works in the bucket; `name` makes the probe's key its own."""
    key = f"{PROBE_PREFIX}{name}"
    written = one(objects, put(target.bucket, key, BODY, headers=HEADERS))
    if written.error:
        return Probed(works=False, why=f"PutObject: {written.error} {written.message}".strip())
    version = written.headers.get("x-amz-version-id", "")
    why = _try(objects, target, key, version)
    versions = _versions(objects, target, key, version)
    gone = [one(objects, delete(target.bucket, key, each)) for each in versions]
    left = key if any(answer.error for answer in gone) else ""
    return Probed(works=not why, why=why, left=left)


def _try(objects: Objects, target: Target, key: str, version: str) -> str:
    before = one(objects, get(target.bucket, key))
    answer = one(objects, update_call(target.bucket, key, version, target))
    if answer.error:
        return f"UpdateObjectEncryption: {answer.error} {answer.message}".strip()
    after = one(objects, get(target.bucket, key))
    if after.error:
        return f"GetObject: {after.error} {after.message}".strip()
    if after.body != BODY:
        return "the server overwrote the object's content"
    if metadata_of(after.headers) != metadata_of(before.headers):
        return "the server changed the object's metadata"
    if after.headers.get("last-modified") != before.headers.get("last-modified"):
        return "the server changed LastModified"
    return "" if is_under(after.headers, target) else "the object is not under the key afterwards"


def _versions(objects: Objects, target: Target, key: str, version: str) -> tuple[str, ...]:
    """Return the probe's versions: a server that took the update for a put has made another one."""
    current = one(objects, get(target.bucket, key)).headers.get("x-amz-version-id", "")
    named = tuple(dict.fromkeys(each for each in (current, version) if each))
    return named or ("",)  # without an ID, a bucket that keeps versions would keep a delete marker
