"""
Estates for the proof, written as a person would tell them: what the key says, the bucket, who there is.

A scene stands on the base of every estate here: the key lets role/reader decrypt and role/keyadmin
administer, the bucket lets CloudTrail write, role/reader may fetch and decrypt by its own IAM policy.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from trailseal.model.bucket import Bucket
from trailseal.model.key import Grant, KeyPolicies, KeyState, KmsKey, Tags
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.principal import Inventory, NamedPolicy, Principal, PrincipalKind
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable
from trailseal.run.who import answer
from trailseal.run.who_proof import TrailAccessProof, prove_trail

A, B, C = "123456789012", "444455556666", "777788889999"
REGION = "eu-west-1"
BUCKET = "trail-logs"
OBJECTS = f"arn:aws:s3:::{BUCKET}/*"
KEY = f"arn:aws:kms:{REGION}:{A}:key/11111111-2222-3333-4444-555555555555"
TRAIL = f"arn:aws:cloudtrail:{REGION}:{A}:trail/main"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
TRAIL_PAIR = "kms:EncryptionContext:aws:cloudtrail:arn"
OBJECT_PAIR = "kms:EncryptionContext:aws:s3:arn"
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}

NO_ORGANIZATION = NoOrganization()
Statement = dict[str, Any]


def iam(name: str, account: str = A) -> str:
    """`role/x` of an account."""
    return f"arn:aws:iam::{account}:{name}"


def sts(name: str, account: str = A) -> str:
    """`assumed-role/x/s` or `federated-user/f` of an account."""
    return f"arn:aws:sts::{account}:{name}"


READER, KEYADMIN, ROOT, X = iam("role/reader"), iam("role/keyadmin"), iam("root"), iam("role/x")
ROOT_B = iam("root", B)
LISTED = (READER, KEYADMIN, ROOT)


def said(
    effect: str, who: object, what: object, when: object = None, *, on: object = "*", **more: Any
) -> Statement:
    """A statement; `who` None is a statement of an identity policy, a text that is no `*` an ARN."""
    principal = {"AWS": who} if isinstance(who, (str, list)) and who != "*" else who
    base = {"Effect": effect, "Principal": principal, "Action": what, "Resource": on, "Condition": when}
    return {name: part for name, part in {**base, **more}.items() if part is not None}


def allow(who: object, what: object, when: object = None, **more: Any) -> Statement:
    """An Allow."""
    return said("Allow", who, what, when, **more)


def deny(who: object, what: object, when: object = None, **more: Any) -> Statement:
    """A Deny."""
    return said("Deny", who, what, when, **more)


def opens_key(who: object = "*", when: object = None, **more: Any) -> Statement:
    """A statement of the key's policy that lets somebody decrypt."""
    return allow(who, "kms:Decrypt", when, **more)


def opens_bucket(who: object = "*", when: object = None, **more: Any) -> Statement:
    """A statement of the bucket's policy that lets somebody fetch every object."""
    return allow(who, "s3:GetObject", when, **{"on": OBJECTS, **more})


def may(what: object, when: object = None, **more: Any) -> Statement:
    """An Allow of an identity policy, a boundary or an SCP."""
    return allow(None, what, when, **more)


def policy(*statements: Statement, version: str = "2012-10-17") -> str:
    """The JSON text of a policy."""
    return json.dumps({"Version": version, "Statement": list(statements)})


def trusts(who: object, what: object = "sts:AssumeRole", when: object = None) -> str:
    """A role's trust policy."""
    return policy({k: v for k, v in allow(who, what, when).items() if k != "Resource"})


SERVICE_TRUST = trusts({"Service": "ec2.amazonaws.com"})


def person(
    name: str,
    *statements: Statement,
    account: str = A,
    boundary: tuple[Statement, ...] | None = None,
    trust: str = "",
    **more: Any,
) -> Principal:
    """A user or role (`role/x`) with one inline policy of these statements."""
    kind = PrincipalKind(name.partition("/")[0])
    short = name.rpartition("/")[2].upper().ljust(8, "0")
    return Principal(
        arn=iam(name, account),
        kind=kind,
        principal_id="" if kind is PrincipalKind.ROOT else ("AIDA" if name[0] == "u" else "AROA") + short,
        policies=(NamedPolicy(name="inline", document=policy(*statements)),) if statements else (),
        boundary=None if boundary is None else NamedPolicy(name="limit", document=policy(*boundary)),
        trust=(trust or SERVICE_TRUST) if kind is PrincipalKind.ROLE else "",
        **more,
    )


FETCHES, DECRYPTS = may("s3:GetObject", on=OBJECTS), may("kms:Decrypt")
S3 = may("s3:*")
CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}
BASE_KEY = (
    allow(READER, "kms:Decrypt"),
    allow(KEYADMIN, ["kms:Put*", "kms:Describe*"]),
    allow(CLOUDTRAIL, "kms:GenerateDataKey*", {"StringEquals": {"aws:SourceArn": TRAIL}}),
    allow(CLOUDTRAIL, "kms:DescribeKey"),
)
BASE_BUCKET = (
    allow(CLOUDTRAIL, "s3:GetBucketAcl", on=f"arn:aws:s3:::{BUCKET}"),
    allow(CLOUDTRAIL, "s3:PutObject", on=f"arn:aws:s3:::{BUCKET}/AWSLogs/{A}/*"),
)
BASE_PEOPLE = (
    person("root"),
    person("role/reader", FETCHES, DECRYPTS),
    person("role/keyadmin", may(["kms:Put*", "kms:Describe*"])),
)
DELEGATES = allow(ROOT, "kms:*")
"""The key's policy leaves it to IAM."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What stands beside the base. `scp` and `rcp` hold a tuple of policies for each level."""

    key: tuple[Statement, ...] = ()
    bucket: tuple[Statement, ...] = ()
    people: tuple[Principal, ...] = ()
    neighbours: tuple[Principal, ...] | None = None
    """The principals of B, where they were read too."""
    grants: tuple[Grant, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    scp: tuple[tuple[str, ...], ...] = ()
    rcp: tuple[tuple[str, ...], ...] = ()
    organization: Organization | NoOrganization | Unreadable | None = NO_ORGANIZATION
    sealed: bool = True
    versioning: str = ""
    listed: tuple[str, ...] = LISTED
    base_key: tuple[Statement, ...] = BASE_KEY
    base_bucket: tuple[Statement, ...] = BASE_BUCKET
    base_people: tuple[Principal, ...] = BASE_PEOPLE
    aws_ram: str = ""
    raw_key: str = ""
    raw_bucket: str = ""
    """The whole text of a policy, where it is one that no builder writes."""
    turned: bool = False
    """Each policy's statements the other way round."""

    @cached_property
    def key_policy(self) -> str:
        return self.raw_key or policy(*self._ordered(self.base_key + self.key))

    @cached_property
    def bucket_policy(self) -> str:
        return self.raw_bucket or policy(*self._ordered(self.base_bucket + self.bucket))

    def _ordered(self, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return statements[::-1] if self.turned else statements

    @property
    def everybody(self) -> tuple[Principal, ...]:
        """Every principal that was read."""
        return self.base_people + self.people + (self.neighbours or ())

    @property
    def trail(self) -> Trail:
        return self.snapshot.trails[0]  # type: ignore[return-value]  # a scene's trail was read

    @property
    def snapshot(self) -> Snapshot:
        """The account as it was read, with its one trail."""
        key = KmsKey(
            arn=KEY,
            state=KeyState.ENABLED,
            policies=KeyPolicies(default=self.key_policy, aws_ram=self.aws_ram),
            grants=self.grants,
            tags=Tags(values=self.tags),
            aliases=self.aliases,
        )
        return Snapshot(
            taken_at=NOW,
            account=A,
            caller_arn=sts("assumed-role/reader/me"),
            partition="aws",
            region=REGION,
            trails=(
                Trail(
                    arn=TRAIL,
                    name="main",
                    home_region=REGION,
                    s3_bucket_name=BUCKET,
                    kms_key_id=KEY if self.sealed else "",
                ),
            ),
            keys=(key,) if self.sealed else (),
            buckets=(
                Bucket(
                    name=BUCKET,
                    region=REGION,
                    account=A,
                    policy=self.bucket_policy,
                    versioning=self.versioning,
                    object_ownership="BucketOwnerEnforced",
                ),
            ),
            organization=self.organization,
            inventories=(
                *(() if self.neighbours is None else (Inventory(account=B, principals=self.neighbours),)),
                Inventory(
                    account=A,
                    principals=self.base_people + self.people,
                    service_control_policies=_levels(self.scp),
                    resource_control_policies=_levels(self.rcp),
                ),
            ),
        )


def _levels(levels: tuple[tuple[str, ...], ...]) -> tuple[tuple[NamedPolicy, ...], ...]:
    return tuple(
        tuple(NamedPolicy(name=f"level {n} policy {m}", document=text) for m, text in enumerate(level))
        for n, level in enumerate(levels)
    )


def proof_of(scene: Scene, *, open_world: bool = False) -> TrailAccessProof:
    """What `who --prove --only` says of the scene's list."""
    return prove_trail(scene.snapshot, scene.trail, scene.listed, open_world=open_world)


def verdict_of(scene: Scene, *, open_world: bool = False) -> str:
    """PROVEN, REFUTED or UNKNOWN."""
    return str(proof_of(scene, open_world=open_world).proof.verdict.value)


def rows_of(scene: Scene) -> dict[str, str]:
    """What `who` says of each principal that it lists."""
    return {row.principal: row.access.value for row in answer(scene.snapshot, scene.trail).readings}


def in_organization(*accounts: str) -> Organization:
    """The organization o-a with A and these accounts."""
    return Organization(organization_id="o-a", management_account=C, accounts=(A, *accounts))
