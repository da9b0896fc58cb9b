"""A small account as values, and an AWS made of dicts, for tests of plan, apply, undo and verify."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import structs

from trailseal.errors import TrailsealError
from trailseal.messages import message
from trailseal.model.bucket import Bucket, BucketEncryption
from trailseal.model.key import KeyPolicies, KeyState, KmsKey, Rotation, Tags, UnreadKey
from trailseal.model.log_file import StoredObject
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.trail import Trail, TrailStatus
from trailseal.model.unreadable import Unreadable
from trailseal.plan.build import build_plan
from trailseal.plan.facts import NOT_THERE, Facts, bucket_facts, trail_facts
from trailseal.plan.intent import Intent
from trailseal.plan.plan import Plan
from trailseal.plan.step import CreateKey, ReplicateKey
from trailseal.run.apply import Ports
from trailseal.run.control import Doubtful, NotYet
from trailseal.run.deliveries import Folder, Stored, TrailSetting
from trailseal.run.events import Event
from trailseal.run.journal import JournalEntry, RunRecord

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
ACCOUNT, OTHER = "123456789012", "210987654321"
HOME = "ap-northeast-1"
BUCKET = "aws-cloudtrail-logs"
TRAIL = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/management-events"
KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
ROOT = {
    "Sid": "Root",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
ROOT_ONLY = json.dumps({"Version": "2012-10-17", "Statement": [ROOT]})
TAG = "0123456789abcdef" * 2
DENIED = Unreadable(call="s3:Something", code="AccessDenied", where="there")


def trail(**changed: Any) -> Trail:
    given: dict[str, Any] = {
        "arn": TRAIL,
        "name": TRAIL.rpartition("/")[2],
        "home_region": HOME,
        "s3_bucket_name": BUCKET,
        "statuses": (TrailStatus(region=HOME, is_logging=True),),
    }
    return Trail(**{**given, **changed})


def other_trail(name: str, **changed: Any) -> Trail:
    return trail(arn=TRAIL.rpartition("/")[0] + "/" + name, name=name, **changed)


def taking(name: str = BUCKET, partition: str = "aws") -> str:
    """A bucket policy that takes whatever CloudTrail delivers."""
    statements = [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": action,
            "Resource": f"arn:{partition}:s3:::{name}{path}",
        }
        for sid, action, path in (("Acl", "s3:GetBucketAcl", ""), ("Write", "s3:PutObject", "/*"))
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def bucket(**changed: Any) -> Bucket:
    given: dict[str, Any] = {"name": BUCKET, "region": HOME, "account": ACCOUNT}
    policy = taking(changed.get("name", BUCKET))
    return Bucket(**{**given, "policy": policy, **changed})


def key(**changed: Any) -> KmsKey:
    given: dict[str, Any] = {
        "arn": KEY,
        "state": KeyState.ENABLED,
        "policies": KeyPolicies(default=ROOT_ONLY),
        "rotation": Rotation(enabled=False),
    }
    return KmsKey(**{**given, **changed})


def object_key(number: int = 1, *, account: str = ACCOUNT, region: str = HOME) -> str:
    return (
        f"AWSLogs/{account}/CloudTrail/{region}/2026/11/23/"
        f"{account}_CloudTrail_{region}_20261123T11{number:02}Z_abcdefgh.json.gz"
    )


def log_file(at: datetime, *, kms: str = "", number: int = 1, **place: str) -> StoredObject:
    return StoredObject(
        bucket=BUCKET,
        key=object_key(number, **place),
        size=1,
        last_modified=at,
        encryption="aws:kms" if kms else "AES256",
        kms_key_id=kms,
    )


def delivery(**changed: Any) -> Delivery:
    given: dict[str, Any] = {
        "bucket": BUCKET,
        "account": ACCOUNT,
        "region": HOME,
        "log_file": log_file(NOW - timedelta(minutes=3)),
    }
    return Delivery(**{**given, **changed})


def snapshot(**changed: Any) -> Snapshot:
    given: dict[str, Any] = {
        "taken_at": NOW,
        "account": ACCOUNT,
        "caller_arn": f"arn:aws:iam::{ACCOUNT}:user/admin",
        "partition": "aws",
        "region": HOME,
        "trails": (trail(),),
        "buckets": (bucket(),),
        "deliveries": (delivery(),),
    }
    return Snapshot(**{**given, **changed})


def plan_of(seen: Snapshot | None = None, **wanted: Any) -> Plan:
    return build_plan(seen or snapshot(), Intent(**wanted), made_at=NOW, tag=TAG)


def codes(plan: Plan) -> set[str]:
    return {concern.code for concern in plan.concerns}


BUCKET_KEY = BucketEncryption(sse_algorithm="AES256", bucket_key_enabled=True)


class Killed(BaseException):
    """The process is gone."""


class FakeClock:
    def __init__(self, at: datetime = NOW) -> None:
        self.at = at
        self.ticked = 0.0
        self.woken: list[Callable[[datetime], None]] = []

    def now(self) -> datetime:
        return self.at

    def elapsed(self) -> float:
        return self.ticked

    def sleep(self, seconds: float) -> None:
        self.ticked += seconds
        self.at += timedelta(seconds=seconds)
        for wake in self.woken:
            wake(self.at)


@dataclass
class World:
    """What AWS holds. It outlives the processes that change it."""

    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    trails: dict[str, str] = field(default_factory=lambda: {TRAIL: ""})
    by_name: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What a trail, by its ARN, or a bucket has that `trail()` has not, and `is_logging` of a trail."""
    account: str = ACCOUNT
    calls: list[str] = field(default_factory=list)

    def add_key(self, arn: str, **facts: Any) -> None:
        self.keys[arn] = {"policy": ROOT_ONLY, "days": 0, "state": "Enabled", "tag": "", **facts}

    def key(self, arn: str) -> KmsKey:
        held = self.keys[arn]
        own = {"policy", "shared", "days", "state", "tag"}
        return key(
            arn=arn,
            state=KeyState(held["state"]),
            policies=KeyPolicies(default=held["policy"], aws_ram=held.get("shared", "")),
            tags=Tags(values={"trailseal:plan": held["tag"]} if held["tag"] else {}),
            aliases=tuple(name for name, target in self.aliases.items() if target == arn),
            rotation=Rotation(enabled=bool(held["days"]), period_in_days=held["days"]),
            **{name: value for name, value in held.items() if name not in own},
        )


def in_region(alias: str, region: str) -> str:
    """Return how a `World` calls an alias: by its name at home, elsewhere with its Region."""
    return alias if region == HOME else f"{alias} {region}"


class FakeControl:
    """
    The port over a `World`.

    `die` is asked before and after each write, and may raise; `lost` holds for a call what becomes of its
    next answers: "before" AWS acts or "after".
    """

    def __init__(self, world: World, clock: FakeClock, die: Callable[[str], None] = lambda _: None) -> None:
        self.world, self.clock, self.die = world, clock, die
        self.refusals: dict[str, list[TrailsealError]] = {}
        self.lost: dict[str, list[str]] = {}
        self.hidden: set[str] = set()
        """Keys that KMS does not show yet."""

    def _write(self, call: str, change: Callable[[], object]) -> None:
        self.die(f"before {call}")
        if self.refusals.get(call):
            raise self.refusals[call].pop(0)
        lost = self.lost.get(call, [])
        when = lost.pop(0) if lost else ""
        if when != "before":
            change()
            self.world.calls.append(call)
        if when:
            raise Doubtful(message("{call} was cut off", call=call))
        self.die(f"after {call}")

    def account(self) -> str:
        return self.world.account

    def read_key(self, reference: str, region: str) -> KmsKey | UnreadKey:
        del region
        arn = self.world.aliases.get(reference, reference)
        if arn not in self.world.keys or arn in self.hidden:
            missing = Unreadable(call="kms:DescribeKey", code="NotFoundException", where=reference)
            return UnreadKey(arn=reference, reason=missing)
        return self.world.key(arn)

    def trail_facts(self, trail_arn: str, home_region: str) -> Facts:
        if trail_arn not in self.world.trails:
            return NOT_THERE
        settings = {"is_logging": True, **self.world.by_name.get(trail_arn, {})}
        status = TrailStatus(region=home_region, is_logging=settings.pop("is_logging"))
        held = trail(arn=trail_arn, kms_key_id=self.world.trails[trail_arn], **settings)
        return trail_facts(held, status)

    def bucket_facts(self, name: str) -> Facts:
        held = bucket(**{"name": name, **self.world.by_name.get(name, {})})
        return bucket_facts(
            name, account=held.account, region=held.region, policy=held.policy, encryption=held.encryption
        )

    def tagged_keys(self, tag: str, region: str) -> tuple[KmsKey | UnreadKey, ...]:
        tagged = [a for a, k in self.world.keys.items() if tag and k["tag"] == tag and f":{region}:" in a]
        return tuple(self.world.key(arn) for arn in tagged if arn not in self.hidden)

    def key_state(self, key_arn: str) -> str:
        return str(self.world.keys[key_arn]["state"])

    def alias_target(self, alias: str, region: str) -> str:
        return self.world.aliases.get(in_region(alias, region), "")

    def create_key(self, step: CreateKey, tag: str) -> str:
        arn = f"arn:aws:kms:{step.region}:{ACCOUNT}:key/made-{len(self.world.keys)}"
        facts: dict[str, Any] = {
            "policy": step.policy,
            "tag": tag,
            "state": "PendingImport" if step.origin == "EXTERNAL" else "Enabled",
            "origin": step.origin,
            "description": step.description,
            "created": self.clock.now(),
        }
        if step.multi_region:
            facts |= {"multi_region": True, "multi_region_key_type": "PRIMARY", "primary_key": arn}
        self._write("CreateKey", lambda: self.world.add_key(arn, **facts))
        return arn

    def replicate_key(self, step: ReplicateKey, tag: str) -> str:
        arn = step.primary.replace(step.primary.split(":")[3], step.region)
        facts = {
            "policy": step.policy,
            "tag": tag,
            "description": step.description,
            "multi_region": True,
            "multi_region_key_type": "REPLICA",
            "primary_key": step.primary,
        }
        self._write("ReplicateKey", lambda: self.world.add_key(arn, **facts))
        return arn

    def put_key_policy(self, key_arn: str, policy: str) -> None:
        self._write("PutKeyPolicy", lambda: self.world.keys[key_arn].update(policy=policy))

    def create_alias(self, alias: str, key_arn: str) -> None:
        name = in_region(alias, key_arn.split(":")[3])

        def change() -> None:
            if name in self.world.aliases:
                raise NotYet(message("AlreadyExistsException"))
            self.world.aliases[name] = key_arn

        self._write("CreateAlias", change)

    def delete_alias(self, alias: str, region: str) -> None:
        name = in_region(alias, region)
        self._write("DeleteAlias", lambda: self.world.aliases.pop(name))

    def import_material(self, key_arn: str, material: bytes, valid_to: datetime | None) -> None:
        del material, valid_to
        self._write("ImportKeyMaterial", lambda: self.world.keys[key_arn].update(state="Enabled"))

    def set_rotation(self, key_arn: str, days: int) -> None:
        self._write("SetKeyRotation", lambda: self.world.keys[key_arn].update(days=days))

    def cancel_key_deletion(self, key_arn: str) -> None:
        self._write("CancelKeyDeletion", lambda: self.world.keys[key_arn].update(state="Disabled"))

    def enable_key(self, key_arn: str) -> None:
        self._write("EnableKey", lambda: self.world.keys[key_arn].update(state="Enabled"))

    def update_trail(self, trail_arn: str, home_region: str, key_arn: str) -> datetime:
        del home_region
        self._write("UpdateTrail", lambda: self.world.trails.update({trail_arn: key_arn}))
        return self.clock.now()


class FakeDeliveries:
    """Delivered objects by folder, and one status for all."""

    def __init__(self) -> None:
        self.objects: list[StoredObject] = []
        self.looked_at = 0
        self.error = ""
        self.denied: Unreadable | None = None
        self.closed = False
        self.world: World | None = None
        """Whose trails these are the deliveries of; without one, each has the key that the test is about."""

    def delivered(
        self, folder: Folder, *, since: datetime, until: datetime
    ) -> tuple[StoredObject, ...] | Unreadable:
        if self.denied:
            return self.denied
        kind = "CloudTrail-Digest" if folder.kind.value == "digest file" else "CloudTrail"
        inside = f"{folder.root}{kind}/{folder.region}/"
        found = [o for o in self.objects if o.key.startswith(inside) and since <= o.last_modified <= until]
        return tuple(sorted(found, key=lambda each: each.last_modified, reverse=True))

    def listed(self, folder: Folder, *, since: datetime, until: datetime) -> tuple[Stored, ...] | Unreadable:
        found = self.delivered(folder, since=since, until=until)
        if isinstance(found, Unreadable):
            return found
        return tuple(Stored(each.key, each.last_modified) for each in found)

    def look(self, bucket: str, keys: Iterable[str]) -> tuple[StoredObject, ...] | Unreadable:
        del bucket
        wanted = set(keys)
        self.looked_at += len(wanted)
        found = [each for each in self.objects if each.key in wanted]
        return tuple(sorted(found, key=lambda each: each.last_modified, reverse=True))

    def times(self, folder: Folder, *, since: datetime, until: datetime) -> tuple[datetime, ...] | Unreadable:
        found = self.delivered(folder, since=since, until=until)
        return found if isinstance(found, Unreadable) else tuple(each.last_modified for each in found)

    def regions(self, folder: Folder) -> tuple[str, ...] | Unreadable:
        if self.denied:
            return self.denied
        kind = "CloudTrail-Digest/" if folder.kind.value == "digest file" else "CloudTrail/"
        above = folder.root + kind
        return tuple({o.key.removeprefix(above).split("/")[0] for o in self.objects if above in o.key})

    def status(self, trail_arn: str, region: str) -> TrailStatus | Unreadable:
        del trail_arn
        return TrailStatus(region=region, is_logging=True, latest_delivery_error=self.error)

    def setting(self, trail_arn: str, home_region: str) -> TrailSetting | Unreadable:
        del home_region
        if self.world is None:
            return TrailSetting(key=KEY, bucket=BUCKET)
        if trail_arn not in self.world.trails:
            return Unreadable(call="cloudtrail:GetTrail", code="TrailNotFoundException", where=trail_arn)
        return TrailSetting(key=self.world.trails[trail_arn], bucket=BUCKET)

    def close(self) -> None:
        self.closed = True


@dataclass
class Told:
    events: list[Event] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def text(self) -> str:
        return "\n".join(str(event.what) for event in self.events)


def not_yet() -> NotYet:
    return NotYet(message("InsufficientEncryptionPolicyException"))


def ports_for(
    world: World,
    journal: Any,
    *,
    clock: FakeClock | None = None,
    deliveries: FakeDeliveries | None = None,
    die: Callable[[str], None] = lambda _: None,
    told: Told | None = None,
    material: bytes | None = None,
) -> Ports:
    ticking = clock or FakeClock()
    seen = deliveries or FakeDeliveries()
    seen.world = world
    return Ports(
        control=FakeControl(world, ticking, die),
        deliveries=seen,
        journal=journal,
        clock=ticking,
        observe=told or Told(),
        material=material,
    )


class MemoryJournal:
    """A journal that lives as long as its test."""

    def __init__(self) -> None:
        self.records: dict[str, RunRecord] = {}

    def alone(self, run_id: str, waits: Callable[[], None]) -> AbstractContextManager[None]:
        del run_id, waits
        return nullcontext()

    def start(self, plan: Plan, *, at: datetime) -> RunRecord:
        return self.records.setdefault(plan.id, RunRecord(plan=plan, started_at=at))

    def write(self, entry: JournalEntry) -> None:
        held = self.records[entry.run]
        self.records[entry.run] = structs.replace(held, entries=(*held.entries, entry))

    def run(self, run_id: str) -> RunRecord | None:
        found = [record for name, record in self.records.items() if name.startswith(run_id)]
        return found[0] if len(found) == 1 else None

    def runs(self, account: str) -> tuple[RunRecord, ...]:
        mine = [record for record in self.records.values() if record.plan.account == account]
        return tuple(sorted(mine, key=lambda record: record.started_at, reverse=True))
