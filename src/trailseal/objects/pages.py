"""
What S3's listings answer, read from their XML.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import unquote_plus
from xml.etree import ElementTree as ET

from msgspec import Struct

from trailseal.model.foreign import xml_in
from trailseal.model.foreign_values import number_in, time_in

ROOTS = frozenset({"ListBucketResult", "ListVersionsResult"})
LONGEST_ENCODED = 3 * 1024
"""
Characters of a key that is written for a URL: 1,024 bytes of UTF-8, each of which may be written as three.

To decode a longer one would take fifty times its size of memory.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""
NEXT = ("NextContinuationToken", "NextKeyMarker")


class Listed(Struct, frozen=True, kw_only=True):
    """One object or version as a listing shows it: everything but its encryption."""

    key: str
    size: int = 0
    etag: str = ""
    last_modified: datetime = datetime.min.replace(tzinfo=UTC)
    storage_class: str = "STANDARD"
    version_id: str = ""
    is_latest: bool = True


class Page(Struct, frozen=True, kw_only=True):
    """One page of a listing, and where the next one starts ("" at the end)."""

    objects: tuple[Listed, ...] = ()
    folders: tuple[str, ...] = ()
    delete_markers: int = 0
    token: str = ""
    key_marker: str = ""
    version_marker: str = ""


def outermost(prefixes: Iterable[str]) -> tuple[str, ...]:
    """Return the prefixes without those that begin with another, so that nothing is listed twice."""
    kept: list[str] = []
    for prefix in sorted(prefixes):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return tuple(kept)


def read_page(body: bytes) -> Page:
    """
    Return the page in an answer to ListObjectsV2 or ListObjectVersions.

    Raises:
        ValueError: it is not such an answer.
    """
    root = xml_in(body)
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    if root.tag.removeprefix(space) not in ROOTS:
        raise ValueError(f"<{root.tag.removeprefix(space)}>")
    encoded = root.findtext(f"{space}EncodingType") == "url"
    objects = [
        _listed(element, space, encoded=encoded)
        for element in root
        if element.tag in {f"{space}Contents", f"{space}Version"}
    ]
    prefixes = root.findall(f"{space}CommonPrefixes/{space}Prefix")
    more = root.findtext(f"{space}IsTruncated") == "true"
    if more and not any(root.findtext(f"{space}{name}") for name in NEXT):
        raise ValueError("IsTruncated, and nothing says how it goes on")
    return Page(
        objects=tuple(objects),
        folders=tuple(_text(element.text or "", encoded=encoded) for element in prefixes),
        delete_markers=len(root.findall(f"{space}DeleteMarker")),
        token=root.findtext(f"{space}NextContinuationToken", "") if more else "",
        key_marker=_text(root.findtext(f"{space}NextKeyMarker", ""), encoded=encoded) if more else "",
        version_marker=root.findtext(f"{space}NextVersionIdMarker", "") if more else "",
    )


def _listed(element: ET.Element, space: str, *, encoded: bool) -> Listed:
    found = {child.tag.removeprefix(space): child.text or "" for child in element}
    return Listed(
        key=_text(found.get("Key", ""), encoded=encoded),
        size=number_in(found.get("Size") or "0"),
        etag=found.get("ETag", "").strip('"'),
        last_modified=_time(found.get("LastModified", "")),
        storage_class=found.get("StorageClass") or "STANDARD",
        version_id=found.get("VersionId", ""),
        is_latest=found.get("IsLatest", "true") == "true",
    )


def _text(text: str, *, encoded: bool) -> str:
    if not encoded:
        return text
    if len(text) > LONGEST_ENCODED:
        raise ValueError("a key longer than any")
    return unquote_plus(text)


def _time(text: str) -> datetime:
    return time_in(text) if text else datetime.min.replace(tzinfo=UTC)
