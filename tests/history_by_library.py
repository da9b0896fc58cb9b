"""
A census, a re-encryption and a validation by the library alone: each source of a census, on each engine.

Run as a program it prints how every course went, and which modules were needed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from typing import Any

from history_estate import BUCKET, HOUR, PLACE, REGION, START, MemoryTrailService, estate, page_of
from key_policies import administration, encrypting, policy
from memory_engines import KEY, Jobs, MemoryPlanes, PacedS3, StillClock, spark_engine
from memory_s3 import SSE
from trailseal.history.census.count import take_census
from trailseal.history.census.options import CensusOptions, CensusPorts
from trailseal.history.reencrypt.course import reencrypt
from trailseal.history.reencrypt.engine import Engine
from trailseal.history.reencrypt.engines import EngineName, EngineOptions, EnginePorts, engine_of
from trailseal.history.reencrypt.manifest_file import ManifestFile
from trailseal.history.reencrypt.options import CoursePorts, ReencryptOptions
from trailseal.history.reencrypt.s3batch import BatchOptions
from trailseal.history.reencrypt.spark import SparkOptions
from trailseal.history.rules.shut_out import CallerWalls
from trailseal.history.rules.summary import Verify
from trailseal.history.rules.validation import window_until
from trailseal.history.validate.validator import Validator
from trailseal.model.bucket import Bucket
from trailseal.model.bucket_inventory import MetadataTable
from trailseal.objects.calls import ObjectRequest, ObjectResponse
from trailseal.run.events import ignore
from trailseal_lab.s3.iceberg_table import snapshot_files
from trailseal_lab.s3.object_list import VersionEntry

REPORT = "lists/2026-11-23T01-00Z/manifest"
SOURCES = ("listing", f"s3://{BUCKET}/{REPORT}.json", "metadata")
OPTIONS = EngineOptions(batch=BatchOptions(role_arn="arn:role", place="s3://m/batch"))


class Estate(PacedS3):
    """A trail's bucket that can be listed, with both lists that S3 can keep of it."""

    def __init__(self) -> None:
        super().__init__()
        for key, thing in estate().items():
            self._store(key, thing.body, thing.headers)
        keys = list(self.objects)
        self._keep_report(keys)
        self.table = self._keep_table(keys)

    def _answer(self, call: ObjectRequest) -> ObjectResponse:
        if "list-type=2" in call.query:
            return ObjectResponse(call=call, status=200, body=page_of(self.objects, call, 1000))
        return super()._answer(call)

    def _keep_report(self, keys: list[str]) -> None:
        lines = "".join(
            f'"{BUCKET}","{key}","{len(self.objects[key].body)}","2026-11-23T00:00:00.000Z","STANDARD",'
            f'"{self.objects[key].etag}","SSE-S3"\n'
            for key in keys
        ).encode()
        manifest = {
            "sourceBucket": BUCKET,
            "destinationBucket": f"arn:aws:s3:::{BUCKET}",
            "fileFormat": "CSV",
            "fileSchema": "Bucket, Key, Size, LastModifiedDate, StorageClass, ETag, EncryptionStatus",
            "files": [{"key": "lists/1.csv", "size": len(lines), "MD5checksum": _md5(lines)}],
        }
        text = json.dumps(manifest).encode()
        self._store("lists/1.csv", lines, {})
        self._store(f"{REPORT}.json", text, {})
        self._store(f"{REPORT}.checksum", _md5(text).encode(), {})

    def _keep_table(self, keys: list[str]) -> MetadataTable:
        entries = [
            VersionEntry(
                key=key,
                number=number,
                version_id="",
                latest=True,
                size=len(self.objects[key].body),
                etag=self.objects[key].etag,
                modified=datetime(2026, 11, 23, tzinfo=UTC),
                storage_class="STANDARD",
                status="SSE-S3",
            )
            for number, key in enumerate(keys)
        ]
        location, files = snapshot_files(BUCKET, entries, f"s3://{BUCKET}")
        for name, body in files.items():
            self._store(name.lstrip("/"), body, {})
        return MetadataTable(arn="arn:t", status="ACTIVE", metadata_location=location)

    def kinds(self) -> set[str]:
        """Return how the trail's objects are encrypted."""
        return {o.headers.get(SSE, "AES256") for key, o in self.objects.items() if key.startswith("AWSLogs/")}


class World:
    """What AWS tells besides the objects."""

    def __init__(self, s3: Estate) -> None:
        self._s3 = s3

    def metadata_table(self, bucket: str) -> MetadataTable:
        return self._s3.table

    def inventories(self, bucket: str) -> tuple[()]:
        return ()

    def has_acls(self, name: str) -> bool:
        return False

    def has_locks(self, name: str) -> bool:
        return False

    def bucket(self, name: str) -> Bucket:
        return Bucket(name=name, region=REGION)

    def is_of_account(self, name: str, account: str) -> bool:
        return True

    def walls(self, name: str) -> CallerWalls:
        return CallerWalls()

    def key_policy(self, key_arn: str) -> str:
        return policy(administration(), encrypting(pinned=False))


def _md5(body: bytes) -> str:
    return md5(body, usedforsecurity=False).hexdigest()


def engine(name: EngineName, s3: Estate) -> Engine:
    """Return the engine; Spark's own machine is a stand-in."""
    planes = MemoryPlanes(s3)
    if name is EngineName.SPARK:
        return spark_engine(SparkOptions(shard_size=4), planes)
    ports = EnginePorts(planes=planes, jobs=Jobs(s3), account=lambda: PLACE.account, clock=StillClock())
    return engine_of(name, OPTIONS, ports)


def course(name: EngineName, source: str, folder: Path) -> Mapping[str, Any]:
    """Count, re-encrypt and validate; return how it went."""
    s3 = Estate()
    world = World(s3)
    manifest = folder / "manifest.jsonl"
    census_ports = CensusPorts(
        place=PLACE,
        region=REGION,
        regions=frozenset({REGION}),
        objects=s3,
        lists=world,
        settings=world,
        clock=StillClock(),
        observe=ignore,
    )
    census = take_census(census_ports, CensusOptions(manifest=str(manifest), source=source))
    ports = CoursePorts(
        place=PLACE,
        facts=world,
        objects=lambda: nullcontext(s3),
        clock=StillClock(),
        observe=ignore,
        agree=lambda _: True,
        save=Path.write_bytes,  # type: ignore[arg-type]  # the number of bytes is nobody's
        probe_name="1",
        show=lambda _: None,
    )
    asked = ReencryptOptions(key=KEY, verify=Verify.ALL)
    done = reencrypt(asked, ManifestFile(manifest), engine=engine(name, s3), ports=ports)
    window = window_until(START + 3 * HOUR, start=START)
    valid = Validator(objects=s3, service=MemoryTrailService(START + 3 * HOUR)).run(PLACE, window)
    return {
        "source": census.source,
        "not under a key": census.not_under(""),
        "counts": done.summary.counts if done.summary else None,
        "kinds": sorted(s3.kinds()),
        "valid": (valid.exit_code, len(valid.problems)),
    }


def main(folder: str) -> None:
    """Print every course, and the modules of the command line that were imported for it."""
    found = {}
    for name in EngineName:
        for number, source in enumerate(SOURCES):
            place = Path(folder, f"{name}-{number}")
            place.mkdir()
            found[f"{name} {source}"] = course(name, source, place)
    needed = [each for each in sys.modules if each == "click" or each.startswith("trailseal.cli")]
    print(json.dumps({"courses": found, "needed": needed}))  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main(sys.argv[1])
