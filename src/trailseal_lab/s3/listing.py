"""
ListObjects, ListObjectsV2 and ListObjectVersions, written at once: moto copies a bucket for each page.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from moto.s3.models import FakeBucket, FakeKey, FakeTableStorageBucket
from msgspec.structs import replace
from werkzeug.wrappers import Response

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.s3.buckets import require_bucket
from trailseal_lab.s3.pages import MOST, ListPage, Wanted, group_of, page_of
from trailseal_lab.world import World

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
OWNER = (
    "<Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID>"
    "<DisplayName>webfile</DisplayName></Owner>"
)
CONTROL = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff]")
Fields = list[tuple[str, object]]


@answers("s3", "ListObjects")
def list_objects(world: World, call: Call, forward: Forward) -> Answer:
    """Return one page of a bucket; the next marker is told only with a delimiter."""
    del world, forward
    bucket, text = _bucket(call), _Text(call)
    marker = str(call.params.get("Marker") or "")
    wanted = _wanted(call, after=marker)
    page = page_of(_names(bucket), wanted)
    fields: Fields = [("Name", bucket.name), ("Prefix", text(wanted.prefix)), ("Marker", text(marker))]
    if page.truncated and wanted.delimiter:
        fields.append(("NextMarker", text(page.last)))
    fields += _rest(wanted, page, text)
    return _answer("ListBucketResult", fields, _contents(bucket, page, text, OWNER))


@answers("s3", "ListObjectsV2")
def list_objects_v2(world: World, call: Call, forward: Forward) -> Answer:
    """
    Return one page of a bucket.

    Raises:
        ApiError: InvalidArgument, for a token that was not given out.
    """
    del world, forward
    bucket, text = _bucket(call), _Text(call)
    token, start = call.params.get("ContinuationToken"), str(call.params.get("StartAfter") or "")
    wanted = _wanted(call, after=start if token is None else _read(str(token)))
    page = page_of(_names(bucket), wanted)
    fields: Fields = [("Name", bucket.name), ("Prefix", text(wanted.prefix)), ("KeyCount", len(page.items))]
    fields += [("ContinuationToken", token)] if token else []
    fields += [("StartAfter", text(start))] if start and token is None else []
    fields += [("NextContinuationToken", _written(page.last))] if page.truncated else []
    fields += _rest(wanted, page, text)
    owner = OWNER if call.params.get("FetchOwner") else ""
    return _answer("ListBucketResult", fields, _contents(bucket, page, text, owner))


@answers("s3", "ListObjectVersions")
def list_object_versions(world: World, call: Call, forward: Forward) -> Answer:
    """
    Return one page of a bucket's versions, a key's newest first.

    Raises:
        ApiError: InvalidArgument, for a version to start after without its key, or that is none of it.
    """
    del world, forward
    bucket, text = _bucket(call), _Text(call)
    key, version = (str(call.params.get(name) or "") for name in ("KeyMarker", "VersionIdMarker"))
    if version and not key:
        raise ApiError("InvalidArgument", "A version-id marker cannot be specified without a key marker.")
    wanted = _wanted(call, after=key)
    fields: Fields = [("Name", bucket.name), ("Prefix", text(wanted.prefix))]
    fields += [("KeyMarker", text(key)), ("VersionIdMarker", version)]
    parts: list[str] = []
    last: tuple[str, str] = ("", "")
    page = ListPage(items=(), groups=frozenset(), truncated=False)
    for item in _versions(bucket, wanted, version):
        if len(parts) == wanted.most:
            page = ListPage(items=(), groups=frozenset(), truncated=wanted.most > 0)
            fields += [("NextKeyMarker", text(last[0])), ("NextVersionIdMarker", last[1])] if parts else []
            break
        last = item[0], _version_id(item[1]) if item[1] is not None else ""
        parts.append(_version(item, text))
    fields += _rest(wanted, page, text)
    return _answer("ListVersionsResult", fields, iter(parts))


Version = tuple[str, Any, bool]
"""A name, its version (None for a common prefix) and whether it is the key's latest."""


def _versions(bucket: FakeBucket, wanted: Wanted, after_version: str) -> Iterator[Version]:
    names = _names(bucket, hidden=True)
    if after_version:
        yield from _older(bucket, wanted.after, after_version)
    for name in page_of(names, replace(wanted, most=len(names))).items:
        if group_of(name, wanted) == name:
            yield name, None, False
        else:
            found = list(reversed(bucket.keys.getlist(name)))
            yield from ((name, each, number == 0) for number, each in enumerate(found))


def _older(bucket: FakeBucket, name: str, version: str) -> Iterator[Version]:
    found: list[Any] = list(reversed(bucket.keys.getlist(name) if name in bucket.keys else []))
    ids = [_version_id(each) for each in found]
    if version not in ids:
        raise ApiError("InvalidArgument", "Invalid version id specified")
    yield from ((name, each, False) for each in found[ids.index(version) + 1 :])


class _Text:
    """Writes names as the call asks for them: as they are, or percent-encoded."""

    def __init__(self, call: Call) -> None:
        self.encoding = str(call.params.get("EncodingType") or "")

    def __call__(self, name: str) -> str:
        return quote(name, safe="/*-._") if self.encoding == "url" else name


def _bucket(call: Call) -> FakeBucket:
    bucket = require_bucket(str(call.params["Bucket"]))
    if isinstance(bucket, FakeTableStorageBucket):
        text = "The specified method is not allowed against this resource."
        raise ApiError("MethodNotAllowed", text, status=405)
    return bucket


def _wanted(call: Call, *, after: str) -> Wanted:
    given = call.params
    most = int(given.get("MaxKeys", MOST))
    if most < 0:
        raise ApiError("InvalidArgument", "Argument maxKeys must be an integer between 0 and 2147483647")
    return Wanted(
        prefix=str(given.get("Prefix") or ""),
        delimiter=str(given.get("Delimiter") or ""),
        after=after,
        most=min(most, MOST),
    )


def _names(bucket: FakeBucket, *, hidden: bool = False) -> list[str]:
    """Return a bucket's keys in the order of their UTF-8, without those that a delete marker hides."""
    keys: Any = bucket.keys
    return sorted(name for name in keys if hidden or isinstance(keys[name], FakeKey))


def _read(token: str) -> str:
    try:
        kind, _, name = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
    except (ValueError, binascii.Error):
        kind, name = "", ""
    if kind != "after" or not name:
        raise ApiError("InvalidArgument", "The continuation token provided is incorrect")
    return name


def _written(name: str) -> str:
    return base64.urlsafe_b64encode(f"after:{name}".encode()).decode()


def _rest(wanted: Wanted, page: ListPage, text: _Text) -> Fields:
    fields: Fields = [("MaxKeys", wanted.most)]
    fields += [("Delimiter", text(wanted.delimiter))] if wanted.delimiter else []
    fields += [("EncodingType", text.encoding)] if text.encoding else []
    return [*fields, ("IsTruncated", str(page.truncated).lower())]


def _contents(bucket: FakeBucket, page: ListPage, text: _Text, owner: str) -> Iterator[str]:
    keys: Any = bucket.keys
    for name in page.items:
        if name in page.groups:
            yield f"<CommonPrefixes><Prefix>{_safe(text(name))}</Prefix></CommonPrefixes>"
        else:
            yield f"<Contents><Key>{_safe(text(name))}</Key>{_facts(keys[name])}{owner}</Contents>"


def _version(item: Version, text: _Text) -> str:
    name, found, latest = item
    key = _safe(text(name))
    if found is None:
        return f"<CommonPrefixes><Prefix>{key}</Prefix></CommonPrefixes>"
    kind = "Version" if isinstance(found, FakeKey) else "DeleteMarker"
    facts = _facts(found) if kind == "Version" else _modified(found)
    which = f"<VersionId>{_version_id(found)}</VersionId><IsLatest>{str(latest).lower()}</IsLatest>"
    return f"<{kind}><Key>{key}</Key>{which}{facts}{OWNER}</{kind}>"


def _version_id(found: Any) -> str:
    return "null" if found.version_id is None else str(found.version_id)


def _facts(found: FakeKey) -> str:
    algorithm = found.checksum_algorithm
    checksum = f"<ChecksumAlgorithm>{algorithm}</ChecksumAlgorithm>" if algorithm else ""
    return (
        f"{_modified(found)}<ETag>{_safe(str(found.etag))}</ETag>{checksum}"
        f"<Size>{found.size}</Size><StorageClass>{found.storage_class}</StorageClass>"
    )


def _modified(found: Any) -> str:
    return f"<LastModified>{found.last_modified_ISO8601}</LastModified>"


def _safe(text: str) -> str:
    """Return text for an element; what XML 1.0 has no sign for is written all the same, as S3 does."""
    return CONTROL.sub(lambda found: f"&#{ord(found[0])};", escape(text))


def _answer(root: str, fields: Fields, parts: Iterator[str]) -> Response:
    head = "".join(f"<{name}>{_safe(str(value))}</{name}>" for name, value in fields)
    inner = head + "".join(parts)
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">{inner}</{root}>'
    return Response(body.encode("utf-8", "replace"), content_type="application/xml")
