"""A trail's settings as rows of name and value."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.locale.language import aside, aws_word, say, translate
from trailseal.messages import N_, counted, message
from trailseal.model.bucket import Bucket
from trailseal.model.key import KmsKey, Rotation
from trailseal.model.log_file import StoredObject
from trailseal.model.trail import ManagedBy, Trail, UnreadTrail
from trailseal.model.unreadable import Unreadable
from trailseal.run.check import TrailRow
from trailseal.view.words import clauses, listed, when

Fact = tuple[str, str]
MOST = 4
"""So many Regions are named; of more, the number is told."""


def trail_facts(row: TrailRow) -> Iterator[Fact]:
    """Yield the trail's settings, the key's state, what was delivered last."""
    trail = row.trail
    if isinstance(trail, UnreadTrail):
        reason = message("not readable: {call} {code}", call=trail.reason.call, code=trail.reason.code)
        yield N_("settings"), say(reason)
        return
    yield N_("home Region"), _reach(trail)
    yield N_("organization trail"), translate(N_("yes") if trail.is_organization_trail else N_("no"))
    yield N_("bucket"), _bucket(row, trail)
    yield N_("prefix"), trail.s3_key_prefix or translate(N_("none"))
    yield (
        N_("encryption"),
        say(message("SSE-KMS, key {key}", key=trail.kms_key_id))
        if trail.is_sealed
        else (translate(N_("SSE-S3 (no KMS key)"))),
    )
    if trail.is_sealed:
        yield N_("key"), _key(row)
    yield N_("logging"), _logging(trail)
    yield N_("newest object"), _objects(row)
    on = N_("on") if trail.log_file_validation_enabled else N_("off")
    yield N_("validation"), translate(on)
    yield N_("owner"), _owner(trail)


def _reach(trail: Trail) -> str:
    kind = N_("multi-Region trail") if trail.is_multi_region_trail else N_("this Region only")
    return listed((trail.home_region, translate(kind)))


def _bucket(row: TrailRow, trail: Trail) -> str:
    region = row.bucket.region if isinstance(row.bucket, Bucket) else ""
    where = aside(region) if isinstance(region, str) and region else ""
    account = row.bucket.account if isinstance(row.bucket, Bucket) else ""
    other = message(", account {account}", account=account)
    return trail.s3_bucket_name + where + (say(other) if account and account != trail.account else "")


def _key(row: TrailRow) -> str:
    key = row.key
    if not isinstance(key, KmsKey):
        reason = key.reason if key else None
        return (
            say(message("not readable: {call} {code}", call=reason.call, code=reason.code)) if reason else "-"
        )
    parts = [aws_word(key.state.value), *(key.aliases if isinstance(key.aliases, tuple) else ())]
    if key.origin != "AWS_KMS":
        parts.append(say(message("origin {origin}", origin=key.origin)))
    match key.rotation:
        case Rotation(enabled=True, period_in_days=days) if days:
            parts.append(say(counted("rotates every {count} day", "rotates every {count} days", days)))
        case Rotation(enabled=True):
            parts.append(translate(N_("rotates")))
        case Rotation():
            parts.append(translate(N_("does not rotate")))
        case _:
            pass
    return listed(parts)


def _logging(trail: Trail) -> str:
    home = trail.home_status
    if home is None:
        return translate(N_("not known"))
    word = translate(N_("on") if home.is_logging else N_("STOPPED"))
    newest = when(home.latest_delivery_time, none=translate(N_("never")))
    text = say(message("{state}, last delivery {when}", state=word, when=newest))
    if home.log_file_error:
        text += say(message(", last error {error}", error=home.log_file_error))
    return text


def _objects(row: TrailRow) -> str:
    """Return what the newest log files show, Regions that show the same together."""
    alike: dict[str, list[str]] = {}
    for place in row.deliveries:
        match place.log_file:
            case StoredObject(encryption=encryption, kms_key_id=key):
                word = encryption or translate(N_("unencrypted"))
                other = isinstance(row.trail, Trail) and key not in {"", row.trail.kms_key_id}
                word += say(message(" under {key}", key=key)) if other else ""
            case Unreadable(call=call, code=code):
                word = say(message("not readable: {call} {code}", call=call, code=code))
            case None:
                word = translate(N_("none"))
        alike.setdefault(word, []).append(place.region)
    told = (word + aside(where) if (where := _regions(found)) else word for word, found in alike.items())
    return clauses(told) or translate(N_("none"))


def _regions(names: list[str]) -> str:
    distinct = sorted({name for name in names if name})
    if len(distinct) <= MOST:
        return listed(distinct)
    return say(counted("{count} Region", "{count} Regions", len(distinct)))


def _owner(trail: Trail) -> str:
    match trail.managed_by:
        case ManagedBy(kind=kind, name=name):
            return listed((trail.account, " ".join(part for part in (kind, name) if part)))
        case _:
            return trail.account
