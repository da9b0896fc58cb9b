"""
`trailseal history validate` beside `aws cloudtrail validate-logs`: one set of files, same verdicts.

20,000 log files and their hourly digest files lie in a local seaweedfs; CloudTrail's part (its public
key) is a stub that both ask. Some files are tampered with, and the verdicts are compared file by file.
They are of one account and Region, and then of an organization's four accounts in four Regions each: the AWS
CLI judges one of each at a time, so it is run for all of them in turn.

The server shares the processors with the clients. Log files are put into its filer, which keeps small ones
beside their names; put through S3 (`BENCH_VALIDATE_UPLOAD=s3`) each GET costs the server half as much again,
and on two cores it is the server that is measured.
"""

from __future__ import annotations

import gzip
import os
import re
import sys
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

from measure import median, report, run
from msgspec import Struct, structs

from cloudtrail_stub import cloudtrail_stub
from history_estate import ACCOUNT, BUCKET, HOUR, PLACE, REGION, START, Bucket, estate
from object_servers import environment, seaweedfs_and_filer
from trailseal.aws.plane.object_plane import PlaneSettings
from trailseal.model.trail_place import TrailPlace
from trailseal.objects.calls import ObjectRequest, one, put
from witnesses import program

HOURS = int(os.environ.get("BENCH_VALIDATE_HOURS", "100"))
RECORDS = 12
PAIRS = 3
UPLOAD = os.environ.get("BENCH_VALIDATE_UPLOAD", "filer")
VERDICT = re.compile(r"(?:Log|Digest) file\ts3://(\S+)\t(valid|INVALID: [^\t\n]+)")


class Shape(Struct, frozen=True, kw_only=True):
    """Whose files lie in the bucket, and how many come in an hour of each account and Region."""

    name: str
    files: int
    place: TrailPlace = PLACE
    accounts: tuple[str, ...] = (ACCOUNT,)
    regions: tuple[str, ...] = (REGION,)

    def filled(self) -> Bucket:
        """Return the bucket."""
        things: Bucket = {}
        for account in self.accounts:
            for region in self.regions:
                whose = {"account": account, "region": region, "place": self.place}
                things |= estate(hours=HOURS, files=self.files, records=RECORDS, **whose)
        return things


SHAPES = (
    Shape(name="validate", files=200),
    Shape(
        name="validate-4x4",
        files=12,
        place=structs.replace(PLACE, organization="o-exampleorg", multi_region=True),
        accounts=(ACCOUNT, "210987654321", "210987654322", "210987654323"),
        regions=(REGION, "eu-west-1", "us-east-1", "us-west-2"),
    ),
)
EACH = """
for account in {accounts}; do for region in {regions}; do
    "$@" --account-id "$account" --region "$region" 2>&1
done; done
"""


def main() -> None:
    """Measure both shapes."""
    for shape in SHAPES:
        _measure(shape)


def _measure(shape: Shape) -> None:
    """Fill the bucket, run both, compare every verdict."""
    things = shape.filled()
    logs = sum("/CloudTrail/" in key for key in things)
    _tamper(things)
    with seaweedfs_and_filer() as (s3, filer), cloudtrail_stub(shape.place) as cloudtrail:
        env = environment(s3, REGION) | {"AWS_ENDPOINT_URL_S3": s3}
        stubbed = ("CLOUDTRAIL", "ORGANIZATIONS")
        os.environ.update(env | {f"AWS_ENDPOINT_URL_{name}": cloudtrail for name in stubbed})
        _upload(things, filer)
        end = START + HOURS * HOUR
        span = ["--start-time", f"{START:%Y-%m-%dT%H:%M:%SZ}", "--end-time", f"{end:%Y-%m-%dT%H:%M:%SZ}"]
        ours = [
            *(sys.executable, "-m", "trailseal.cli.main"),
            "history",
            "validate",
            "--trail",
            PLACE.arn,
            *span,
        ]
        peer = [program("awscli", "aws"), "cloudtrail", "validate-logs", "--trail-arn", PLACE.arn, *span]
        each = EACH.format(accounts=" ".join(shape.accounts), regions=" ".join(shape.regions))
        one_place = 'exec "$@" 2>&1'
        theirs = ["sh", "-c", each if len(shape.accounts) > 1 else one_place, "-", *peer, "--verbose"]
        run(ours)
        pairs = [(run(ours), run(theirs)) for _ in range(PAIRS)]
        said = run([*ours, "--all"]).output
    same = _verdicts(pairs[0][1].output) == _verdicts(said)
    wall, peer_wall = (median([pair[side].wall for pair in pairs]) for side in (0, 1))
    cpu, peer_cpu = (median([pair[side].cpu for pair in pairs]) for side in (0, 1))
    report(
        bench=shape.name,
        ours=logs / wall,
        peer=logs / peer_wall,
        peer_name="aws cloudtrail validate-logs",
        unit="log files/s",
        n=logs,
        ratio=median([b.wall / a.wall for a, b in pairs]),
        ratios=[round(b.wall / a.wall, 2) for a, b in pairs],
        same_verdicts=same,
        verdicts=len(_verdicts(said)),
        upload=UPLOAD,
        ours_wall_s=round(wall, 2),
        peer_wall_s=round(peer_wall, 2),
        ours_cpu_ms_a_file=round(cpu / logs * 1000, 3),
        peer_cpu_ms_a_file=round(peer_cpu / logs * 1000, 3),
        ours_peak_mb=round(pairs[0][0].peak_memory / 1e6),
    )
    if not same:
        print(set(_verdicts(pairs[0][1].output).items()) ^ set(_verdicts(said).items()), file=sys.stderr)
        sys.exit(1)


def _tamper(things: Bucket) -> None:
    logs = sorted(key for key in things if "/CloudTrail/" in key)
    digests = sorted(key for key in things if "/CloudTrail-Digest/" in key)
    del things[logs[10]], things[digests[5]]
    things[logs[20]].body = gzip.compress(b"{}")
    things[logs[30]].body = b"not gzip"
    things[logs[40]].body += b"more"
    things[digests[9]].headers["x-amz-meta-signature"] = "00" * 256


def _upload(things: Bucket, filer: str) -> None:
    beside = {key for key in things if "/CloudTrail/" in key and UPLOAD == "filer"}
    with PlaneSettings(region=REGION).open() as plane:
        if failed := one(plane, ObjectRequest(method="PUT", bucket=BUCKET)).error:
            raise RuntimeError(failed)
        calls = (put(BUCKET, k, t.body, headers=t.headers) for k, t in things.items() if k not in beside)
        failures = [answer.error for answer in plane.each(calls) if answer.error]
    with closing(HTTPConnection(urlsplit(filer).netloc)) as connection:
        failures += [why for key in beside if (why := _put_beside(connection, key, things[key].body))]
    if failures:
        raise RuntimeError(failures[0])


def _put_beside(connection: HTTPConnection, key: str, body: bytes) -> str:
    connection.request("PUT", f"/buckets/{BUCKET}/{quote(key)}", body, {"Content-Type": "application/x-gzip"})
    with connection.getresponse() as answer:
        text = answer.read().decode()
        return text if answer.status >= HTTPStatus.BAD_REQUEST else ""


def _verdicts(output: bytes) -> dict[str, str]:
    return dict(VERDICT.findall(output.decode()))


if __name__ == "__main__":
    main()
