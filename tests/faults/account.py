"""
A small AWS: KMS, CloudTrail, S3 and STS of one account, and what must never be, seen at every change.

It answers requests by their operation, and keeps its own judgement of whether CloudTrail can write under a
key: nothing of it is taken from the product.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, NamedTuple

from botocore import xform_name
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from plan_estate import ACCOUNT, FakeClock

Wire = dict[str, Any]
CYCLE = timedelta(minutes=1)
"""Between two log files: shorter than AWS's, so that a wait has few looks."""
WRITER = "cloudtrail.amazonaws.com"
STATE = ("policy", "state", "days", "tags", "description", "origin", "rotated")


class Refusal(Exception):
    """What AWS refuses, in its words."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class Stored(NamedTuple):
    """One delivered log file."""

    bucket: str
    key: str
    at: datetime
    kms: str


class SmallAws:
    """What stands, what was delivered, and in `wrong` whatever must never have been."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.keys: dict[str, Wire] = {}
        self.aliases: dict[tuple[str, str], str] = {}
        self.trails: dict[str, Wire] = {}
        self.buckets: dict[str, Wire] = {}
        self.objects: list[Stored] = []
        self.wrong: list[str] = []
        self.changes: list[tuple[str, str]] = []
        """Each call that changed something, with the key or trail that it was about."""
        self.lag = timedelta()
        """How long KMS does not show a key that was made."""
        self.mishap = False
        """Somebody else keeps log files from being written, so that none are missed."""
        self._delivered = clock.now()
        clock.woken.append(self._pass_time)

    def standing(self) -> Wire:
        """What stands, to be compared with what stood."""
        return {
            "keys": {arn: {name: held[name] for name in STATE} for arn, held in self.keys.items()},
            "aliases": dict(self.aliases),
            "trails": {arn: dict(held) for arn, held in self.trails.items()},
        }

    def add_key(self, arn: str, **facts: Any) -> None:
        self.keys[arn] = {
            "state": "Enabled",
            "days": 0,
            "tags": {},
            "description": "",
            "origin": "AWS_KMS",
            "rotated": 0,
            "created": self.clock.now() - timedelta(days=1),
            "several": None,
            **facts,
        }

    def writes(self, trail: str, key: str) -> bool:
        """Whether CloudTrail can write log files of a trail under a key; "" is SSE-S3."""
        if not key:
            return True
        held = self.keys.get(key)
        return held is not None and held["state"] == "Enabled" and lets_write(held["policy"], trail)

    # Time

    def _pass_time(self, at: datetime) -> None:
        while self._delivered + CYCLE <= at:
            self._delivered += CYCLE
            for arn, trail in self.trails.items():
                if self.writes(arn, trail["KmsKeyId"]):
                    self._deliver(arn, trail)

    def _deliver(self, arn: str, trail: Wire) -> None:
        region, at = arn.split(":")[3], self._delivered
        name = f"{ACCOUNT}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{len(self.objects):016}.json.gz"
        key = f"AWSLogs/{ACCOUNT}/CloudTrail/{region}/{at:%Y/%m/%d}/{name}"
        self.objects.append(Stored(trail["S3BucketName"], key, at, trail["KmsKeyId"]))

    def _changed(self, call: str, about: str) -> None:
        """Note a change, and what is wrong from then on."""
        self.changes.append((call, about))
        for arn, trail in self.trails.items():
            if not self.mishap and not self.writes(arn, trail["KmsKeyId"]):
                self.wrong.append(f"after {call} {about} no log file of {arn} can be written")

    # Answers

    def answer(self, operation: str, region: str, given: Wire) -> Wire:
        """Return what AWS answers, having done what was asked for."""
        found: Wire = getattr(self, f"_{xform_name(operation)}")(region, given)
        return found

    def _get_caller_identity(self, *_: Any) -> Wire:
        return {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/admin", "UserId": "AIDA"}

    def _key(self, region: str, given: Wire, name: str = "KeyId") -> tuple[str, Wire]:
        named = str(given[name])
        arn = self.aliases.get((region, named), named)
        held = self.keys.get(arn)
        if held is None or f":{region}:" not in arn or self.is_hidden(held):
            raise Refusal("NotFoundException")
        return arn, held

    def is_hidden(self, held: Wire) -> bool:
        """Whether KMS does not show a key yet."""
        return bool(self.lag) and self.clock.now() - held["created"] < self.lag and held.get("made", False)

    def _describe_key(self, region: str, given: Wire) -> Wire:
        arn, held = self._key(region, given)
        meta = {
            "Arn": arn,
            "KeyId": arn.rpartition("/")[2],
            "AWSAccountId": ACCOUNT,
            "KeyState": held["state"],
            "Enabled": held["state"] == "Enabled",
            "KeyManager": "CUSTOMER",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "Origin": held["origin"],
            "Description": held["description"],
            "CreationDate": held["created"],
            "MultiRegion": held["several"] is not None,
        }
        if held["several"] is not None:
            primary = held["several"] or arn
            kind = "PRIMARY" if primary == arn else "REPLICA"
            where = {"Arn": primary, "Region": primary.split(":")[3]}
            meta["MultiRegionConfiguration"] = {"MultiRegionKeyType": kind, "PrimaryKey": where}
        return {"KeyMetadata": meta}

    def _list_keys(self, region: str, _: Wire) -> Wire:
        shown = [a for a, held in self.keys.items() if f":{region}:" in a and not self.is_hidden(held)]
        return {"Keys": [{"KeyArn": a, "KeyId": a.rpartition("/")[2]} for a in shown], "Truncated": False}

    def _list_resource_tags(self, region: str, given: Wire) -> Wire:
        tags = self._key(region, given)[1]["tags"]
        return {"Tags": [{"TagKey": k, "TagValue": v} for k, v in tags.items()], "Truncated": False}

    def _list_aliases(self, region: str, given: Wire) -> Wire:
        arn = self._key(region, given)[0]
        names = [name for (where, name), key in self.aliases.items() if key == arn and where == region]
        return {"Aliases": [{"AliasName": name} for name in names], "Truncated": False}

    def _get_key_policy(self, region: str, given: Wire) -> Wire:
        held = self._key(region, given)[1]
        if given["PolicyName"] != "default":
            raise Refusal("NotFoundException")
        return {"Policy": held["policy"], "PolicyName": "default"}

    def _list_grants(self, region: str, given: Wire) -> Wire:
        self._key(region, given)
        return {"Grants": [], "Truncated": False}

    def _get_key_rotation_status(self, region: str, given: Wire) -> Wire:
        arn, held = self._key(region, given)
        period = {"RotationPeriodInDays": held["days"]} if held["days"] else {}
        return {"KeyId": arn, "KeyRotationEnabled": bool(held["days"]), **period}

    def _list_key_rotations(self, region: str, given: Wire) -> Wire:
        arn, held = self._key(region, given)
        one = {"KeyId": arn, "RotationDate": held["created"], "RotationType": "ON_DEMAND"}
        return {"Rotations": [one] * held["rotated"], "Truncated": False}

    def _get_key_last_usage(self, region: str, given: Wire) -> Wire:
        arn, held = self._key(region, given)
        return {"KeyId": arn, "KeyCreationDate": held["created"], "TrackingStartDate": held["created"]}

    def _rotate_key_on_demand(self, region: str, given: Wire) -> Wire:
        arn, held = self._key(region, given)
        held["rotated"] += 1
        self._changed("RotateKeyOnDemand", arn)
        return {"KeyId": arn}

    def _create_key(self, region: str, given: Wire) -> Wire:
        several = given.get("MultiRegion", False)
        number = sum(name == "CreateKey" for name, _ in self.changes)
        arn = f"arn:aws:kms:{region}:{ACCOUNT}:key/{'mrk-' if several else ''}made-{number}"
        external = given.get("Origin") == "EXTERNAL"
        self._make(arn, given, several="" if several else None, origin=given.get("Origin", "AWS_KMS"),
                   state="PendingImport" if external else "Enabled")  # fmt: skip
        self._changed("CreateKey", arn)
        return {"KeyMetadata": {"Arn": arn, "KeyId": arn.rpartition("/")[2]}}

    def _replicate_key(self, region: str, given: Wire) -> Wire:
        primary, held = self._key(region, given)
        arn = primary.replace(f":{region}:", f":{given['ReplicaRegion']}:")
        if arn in self.keys:
            raise Refusal("AlreadyExistsException")
        self._make(arn, given, several=primary, origin=held["origin"], state=held["state"])
        self._changed("ReplicateKey", arn)
        return {"ReplicaKeyMetadata": {"Arn": arn, "KeyId": arn.rpartition("/")[2]}}

    def _make(self, arn: str, given: Wire, **facts: Any) -> None:
        tags = {tag["TagKey"]: tag["TagValue"] for tag in given.get("Tags", ())}
        self.add_key(
            arn,
            policy=given["Policy"],
            description=given.get("Description", ""),
            tags=tags,
            created=self.clock.now(),
            made=True,
            **facts,
        )

    def _put_key_policy(self, region: str, given: Wire) -> Wire:
        arn, held = self._key(region, given)
        held["policy"] = given["Policy"]
        self._changed("PutKeyPolicy", arn)
        return {}

    def _create_alias(self, region: str, given: Wire) -> Wire:
        arn, _ = self._key(region, given, "TargetKeyId")
        if (region, given["AliasName"]) in self.aliases:
            raise Refusal("AlreadyExistsException")
        self.aliases[region, given["AliasName"]] = arn
        self._changed("CreateAlias", arn)
        return {}

    def _delete_alias(self, region: str, given: Wire) -> Wire:
        if (region, given["AliasName"]) not in self.aliases:
            raise Refusal("NotFoundException")
        self._changed("DeleteAlias", self.aliases.pop((region, given["AliasName"])))
        return {}

    def _enable_key_rotation(self, region: str, given: Wire) -> Wire:
        arn, held = self._key(region, given)
        held["days"] = given.get("RotationPeriodInDays", 365)
        self._changed("EnableKeyRotation", arn)
        return {}

    def _disable_key_rotation(self, region: str, given: Wire) -> Wire:
        arn, held = self._key(region, given)
        held["days"] = 0
        self._changed("DisableKeyRotation", arn)
        return {}

    def _get_parameters_for_import(self, region: str, given: Wire) -> Wire:
        arn, _ = self._key(region, given)
        return {"KeyId": arn, "ImportToken": b"token", "PublicKey": public_key()}

    def _import_key_material(self, region: str, given: Wire) -> Wire:
        arn, held = self._key(region, given)
        held["state"] = "Enabled"
        self._changed("ImportKeyMaterial", arn)
        return {}

    def _trail(self, given: Wire) -> tuple[str, Wire]:
        if (arn := str(given["Name"])) not in self.trails:
            raise Refusal("TrailNotFoundException", 404)
        return arn, self.trails[arn]

    def _get_trail(self, _: str, given: Wire) -> Wire:
        arn, held = self._trail(given)
        told = {name: value for name, value in held.items() if value != ""}
        name, home = arn.rpartition("/")[2], arn.split(":")[3]
        own = {"TrailARN": arn, "Name": name, "HomeRegion": home, "HasCustomEventSelectors": False}
        return {"Trail": {**told, **own}}

    def _get_trail_status(self, _: str, given: Wire) -> Wire:
        arn, held = self._trail(given)
        told: Wire = {"IsLogging": True}
        mine = [o.at for o in self.objects if f"/{arn.split(':')[3]}/" in o.key]
        if mine:
            told["LatestDeliveryTime"] = max(mine)
        if not self.writes(arn, held["KmsKeyId"]):
            told["LatestDeliveryError"] = "KMS.DisabledException"
        return told

    def _update_trail(self, _: str, given: Wire) -> Wire:
        arn, held = self._trail(given)
        if not self.writes(arn, given["KmsKeyId"]):
            if not self.mishap:
                self.wrong.append(f"{arn} was to be set to {given['KmsKeyId']}, which cannot be used")
            raise Refusal("InsufficientEncryptionPolicyException")
        held["KmsKeyId"] = given["KmsKeyId"]
        self._changed("UpdateTrail", arn)
        return {"TrailARN": arn, "Name": arn.rpartition("/")[2], "KmsKeyId": held["KmsKeyId"]}

    def _bucket(self, given: Wire) -> Wire:
        if given["Bucket"] not in self.buckets:
            raise Refusal("NoSuchBucket", 404)
        return self.buckets[given["Bucket"]]

    def _head_bucket(self, _: str, given: Wire) -> Wire:
        return {"BucketRegion": self._bucket(given)["region"]}

    def _get_bucket_location(self, _: str, given: Wire) -> Wire:
        return {"LocationConstraint": self._bucket(given)["region"]}

    def _get_bucket_policy(self, _: str, given: Wire) -> Wire:
        return {"Policy": self._bucket(given)["policy"]}

    def _get_bucket_encryption(self, _: str, given: Wire) -> Wire:
        self._bucket(given)
        raise Refusal("ServerSideEncryptionConfigurationNotFoundError", 404)

    def _list_objects_v2(self, _: str, given: Wire) -> Wire:
        self._bucket(given)
        bucket, prefix = given["Bucket"], given.get("Prefix", "")
        found = sorted(o for o in self.objects if o.bucket == bucket and o.key.startswith(prefix))
        if "Delimiter" in given:
            folders = {o.key[: o.key.index("/", len(prefix)) + 1] for o in found}
            return {"CommonPrefixes": [{"Prefix": each} for each in sorted(folders)], "IsTruncated": False}
        listed = [{"Key": o.key, "LastModified": o.at.replace(microsecond=0), "Size": 1} for o in found]
        return {"Contents": listed, "IsTruncated": False}


def lets_write(policy: str, trail: str) -> bool:
    """Whether a key policy, of the forms that plans have, lets CloudTrail write for a trail."""
    effects = [s["Effect"] for s in json.loads(policy)["Statement"] if _applies(s, trail)]
    return "Allow" in effects and "Deny" not in effects


def _applies(statement: Wire, trail: str) -> bool:
    principal = statement.get("Principal")
    services = principal.get("Service", ()) if isinstance(principal, dict) else ()
    everybody = principal in ("*", {"AWS": "*"})
    actions = [pattern.lower() for pattern in _listed(statement["Action"])]
    return (
        (WRITER in _listed(services) or everybody)
        and any(fnmatchcase("kms:generatedatakey", pattern) for pattern in actions)
        and all(_holds(*each, trail) for each in _conditions(statement))
    )


def _conditions(statement: Wire) -> Iterator[tuple[str, str, list[str]]]:
    for operator, tests in statement.get("Condition", {}).items():
        for name, values in tests.items():
            yield operator, name, _listed(values)


def _holds(operator: str, name: str, values: list[str], trail: str) -> bool:
    told = {
        "aws:SourceArn": trail,
        "aws:SourceAccount": ACCOUNT,
        "kms:EncryptionContext:aws:cloudtrail:arn": trail,
    }
    assert operator in {"StringEquals", "StringLike", "ArnEquals", "ArnLike"}, operator
    return any(fnmatchcase(told[name], value) for value in values)


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


@cache
def public_key() -> bytes:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return made.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
