"""
What HeadObject shows of an object, turned into a manifest row.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

from msgspec import structs

from trailseal.history.calls import Answer
from trailseal.history.listing import Listed
from trailseal.history.manifest import Row

SSE = "x-amz-server-side-encryption"
META = "x-amz-meta-"
LOCKS = {"retention": "x-amz-object-lock-mode", "legal-hold": "x-amz-object-lock-legal-hold"}
NOT_LOCKED = frozenset(
    {"NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", "InvalidRequest"}
)
"""What S3 answers of an object without that part of a lock, and in a bucket without Object Lock."""
GRANTS = {
    "FULL_CONTROL": "x-amz-grant-full-control",
    "READ": "x-amz-grant-read",
    "READ_ACP": "x-amz-grant-read-acp",
    "WRITE_ACP": "x-amz-grant-write-acp",
}


def row_from_head(listed: Listed, headers: Mapping[str, str]) -> Row:
    """Return the row of an object that a listing named and HeadObject described."""
    return Row(
        key=listed.key,
        version_id=headers.get("x-amz-version-id", listed.version_id).replace("null", ""),
        latest=listed.is_latest,
        size=listed.size,
        etag=headers.get("etag", listed.etag).strip('"'),
        modified=_modified(headers, listed),
        storage_class=headers.get("x-amz-storage-class", listed.storage_class),
        encryption=headers.get(SSE, ""),
        kms_key_id=headers.get(f"{SSE}-aws-kms-key-id", ""),
        bucket_key=headers.get(f"{SSE}-bucket-key-enabled", "").lower() == "true",
        customer_key=f"{SSE}-customer-algorithm" in headers,
        lock_mode=headers.get("x-amz-object-lock-mode", ""),
        lock_until=headers.get("x-amz-object-lock-retain-until-date", ""),
        legal_hold=headers.get("x-amz-object-lock-legal-hold", "") == "ON",
        tags=int(headers.get("x-amz-tagging-count", 0)),
        archived="x-amz-archive-status" in headers,
        redirect=headers.get("x-amz-website-redirect-location", ""),
    )


def described(bare: Row, headers: Mapping[str, str]) -> Row:
    """Return the row of an object that an inventory listed, with what HeadObject shows."""
    listed = Listed(key=bare.key, version_id=bare.version_id, is_latest=bare.latest, size=bare.size)
    return row_from_head(listed, headers)


def parts_to_ask(headers: Mapping[str, str], *, acls: bool, locks: bool) -> tuple[str, ...]:
    """
    Return the parts of an object that HeadObject cannot show, or may have hidden.

    It shows a lock only to whoever may read it, so what it does not show is asked for where there may be one.
    """
    hidden = [part for part, header in LOCKS.items() if locks and header not in headers]
    return (*(["acl"] if acls else []), *hidden)


def with_part(row: Row, part: str, answer: Answer) -> Row:
    """Return the row with the answer to GetObjectAcl, GetObjectRetention or GetObjectLegalHold."""
    if part == "acl":
        grants = None if answer.error else _read(grants_of, answer.body)
        return structs.replace(row, grants=grants or {}, acl_unread=grants is None)
    if answer.error in NOT_LOCKED:
        return row
    found = None if answer.error else _read(_texts, answer.body)
    if found is None:
        return structs.replace(row, lock_unread=True)
    if part == "legal-hold":
        return structs.replace(row, legal_hold=found.get("Status") == "ON")
    return structs.replace(row, lock_mode=found.get("Mode", ""), lock_until=found.get("RetainUntilDate", ""))


def _read(reader: Callable[[bytes], dict[str, str]], body: bytes) -> dict[str, str] | None:
    """Return what is read, None where a server answered with something else."""
    try:
        return reader(body)
    except ET.ParseError:
        return None


def _texts(body: bytes) -> dict[str, str]:
    root = ET.fromstring(body)  # noqa: S314 - S3's own answer, and expat limits entity expansion
    if root.tag.rpartition("}")[2] not in {"Retention", "LegalHold"}:
        raise ET.ParseError(root.tag)
    return {element.tag.rpartition("}")[2]: element.text or "" for element in root.iter()}


def metadata_of(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the user metadata and the content headers that a copy must keep."""
    kept = ("content-type", "content-encoding", "content-disposition", "content-language", "cache-control")
    return {name: value for name, value in headers.items() if name.startswith(META) or name in kept}


def grants_of(body: bytes) -> dict[str, str]:
    """Return the headers that give an ACL again, from the answer to GetObjectAcl."""
    root = ET.fromstring(body)  # noqa: S314 - S3's own answer, and expat limits entity expansion
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    if root.tag != f"{space}AccessControlPolicy":
        raise ET.ParseError(root.tag)
    found: dict[str, list[str]] = {}
    for grant in root.iter(f"{space}Grant"):
        header = GRANTS.get(grant.findtext(f"{space}Permission", ""))
        person = grant.findtext(f"{space}Grantee/{space}ID")
        group = grant.findtext(f"{space}Grantee/{space}URI")
        who = f'id="{person}"' if person else f'uri="{group}"' if group else ""
        if header and who:
            found.setdefault(header, []).append(who)
    return {header: ", ".join(grantees) for header, grantees in found.items()}


def _modified(headers: Mapping[str, str], listed: Listed) -> datetime:
    text = headers.get("last-modified")
    return parsedate_to_datetime(text) if text else listed.last_modified
