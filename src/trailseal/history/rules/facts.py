"""
What HeadObject shows of an object, turned into a manifest row.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import structs

from trailseal.history.rules.manifest import UNKNOWN, Row
from trailseal.model.foreign import ForeignError, xml_in
from trailseal.model.foreign_values import http_time_in, number_in
from trailseal.objects.calls import ObjectResponse
from trailseal.objects.pages import Listed

SSE = "x-amz-server-side-encryption"
META = "x-amz-meta-"
EVENT_HOLD = "x-amz-object-lock-event-hold"
LOCKS = {
    "retention": ("x-amz-object-lock-mode", EVENT_HOLD),
    "legal-hold": ("x-amz-object-lock-legal-hold",),
}
NOT_LOCKED = frozenset({"NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"})
"""What S3 answers of an object without that part of a lock."""
MODES = frozenset({"GOVERNANCE", "COMPLIANCE"})
HOLDS = frozenset({"ON", "OFF"})
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
        version_id=headers.get("x-amz-version-id", listed.version_id),
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
        event_hold=_event_hold(headers),
        tags=_number(headers.get("x-amz-tagging-count", "0")),
        archived="x-amz-archive-status" in headers,
        redirect=headers.get("x-amz-website-redirect-location", ""),
    )


def unread_row(listed: Listed) -> Row:
    """Return the row of an object that HeadObject did not describe; it is skipped, and named."""
    return Row(
        key=listed.key,
        version_id=listed.version_id,
        latest=listed.is_latest,
        size=listed.size,
        etag=listed.etag,
        modified=listed.last_modified,
        storage_class=listed.storage_class,
        encryption=UNKNOWN,
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
    hidden = [part for part, shown in LOCKS.items() if locks and not any(name in headers for name in shown)]
    return (*(["acl"] if acls else []), *hidden)


def with_part(row: Row, part: str, answer: ObjectResponse) -> Row:
    """Return the row with the answer to GetObjectAcl, GetObjectRetention or GetObjectLegalHold."""
    if part == "acl":
        grants = None if answer.error else _read(grants_of, answer.body)
        return structs.replace(row, grants=grants or {}, acl_unread=grants is None)
    if _has_none(answer):
        return row
    found = None if answer.error else _read(_texts, answer.body)
    match found:
        case {"Status": status} if part == "legal-hold" and status in HOLDS:
            return structs.replace(row, legal_hold=status == "ON")
        case {"EventHold": "ON"}:  # HeadObject shows it to whoever may copy it
            pass
        case {"Mode": mode, "RetainUntilDate": until} if part == "retention" and mode in MODES and until:
            return structs.replace(row, lock_mode=mode, lock_until=until)
    return structs.replace(row, lock_unread=True)


def _has_none(answer: ObjectResponse) -> bool:
    """Whether S3 says that the object has no such part of a lock, or its bucket no Object Lock."""
    return answer.error in NOT_LOCKED or (
        answer.error == "InvalidRequest" and "lock" in answer.message.lower()
    )


def _read(reader: Callable[[bytes], dict[str, str]], body: bytes) -> dict[str, str] | None:
    """Return what is read, None where a server answered with something else."""
    try:
        return reader(body)
    except ForeignError:
        return None


def _texts(body: bytes) -> dict[str, str]:
    root = xml_in(body)
    if root.tag.rpartition("}")[2] not in {"Retention", "LegalHold"}:
        raise ForeignError(root.tag)
    return {element.tag.rpartition("}")[2]: element.text or "" for element in root.iter()}


def metadata_of(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the user metadata and the content headers that a copy must keep."""
    kept = ("content-type", "content-encoding", "content-disposition", "content-language", "cache-control")
    return {name: value for name, value in headers.items() if name.startswith(META) or name in kept}


def grants_of(body: bytes) -> dict[str, str]:
    """
    Return the headers that give an ACL again, from the answer to GetObjectAcl.

    Raises:
        ForeignError: it is no ACL, or none that can be given again.
    """
    root = xml_in(body)
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    if root.tag != f"{space}AccessControlPolicy":
        raise ForeignError(root.tag)
    found: dict[str, list[str]] = {}
    for grant in root.iter(f"{space}Grant"):
        permission = grant.findtext(f"{space}Permission", "")
        person = grant.findtext(f"{space}Grantee/{space}ID")
        group = grant.findtext(f"{space}Grantee/{space}URI")
        who = f'id="{person}"' if person else f'uri="{group}"' if group else ""
        if not who or permission not in GRANTS:
            raise ForeignError(permission)
        found.setdefault(GRANTS[permission], []).append(who)
    return {header: ", ".join(grantees) for header, grantees in found.items()}


def _modified(headers: Mapping[str, str], listed: Listed) -> datetime:
    try:
        return http_time_in(headers["last-modified"])
    except (KeyError, ForeignError):
        return listed.last_modified


def _event_hold(headers: Mapping[str, str]) -> dict[str, str]:
    if headers.get(EVENT_HOLD, "OFF") == "OFF":
        return {}
    return {name: value for name, value in headers.items() if name.startswith(EVENT_HOLD)}


def _number(text: str) -> int:
    """Return a count; one that is no number is not taken for none."""
    try:
        return number_in(text)
    except ForeignError:
        return 1
