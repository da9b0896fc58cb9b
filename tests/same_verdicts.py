"""
Generated estates validated by us and by `aws cloudtrail validate-logs`, file by file.

The AWS CLI reads the estates from a lab's S3, and CloudTrail's part from a stub. Where the two differ, the
reason is one of `REASONS`, or it is a fault.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from cloudtrail_stub import cloudtrail_stub
from history_estate import PLACE, REGION, Bucket, estate
from hour_estates import Made, made
from labs import RunningLab
from trailseal.history.rules.verdict import FileVerdict, Validity
from trailseal.history.validate.validator import Validator
from trailseal.model.log_file import Delivered
from witnesses import program

LINE = re.compile(r"(?:Log|Digest) file\ts3://(\S+)\t(?:INVALID: )?([^\n]+)")
WITNESS = Path(__file__).parent / "witness" / "validate_logs.py"
BESIDE = 4
"""One estate of so many has a second trail beside it."""
REASONS = {
    "moved": "after a change of prefix it does not go on in the old folder where a digest file is missing,"
    " and it looks for backfill digest files in the trail's own folder alone",
    "follows": "it does not ask the digest file that follows the window what must stand before it",
}
Verdicts = dict[str, set[str]]


def judge(lab: RunningLab, seeds: Iterable[int]) -> list[str]:
    """Return the disagreements that have no reason, one line each."""
    with ExitStack() as stack:
        asked = [_asked(lab, seed, stack) for seed in seeds]
        estates = [estate for estate, _ in asked]
        python = Path(program("awscli", "aws")).parent / "python"
        done = subprocess.run(
            [python, WITNESS],
            input=json.dumps([arguments for _, arguments in asked]),
            capture_output=True,
            text=True,
            check=True,
        )
    pairs = zip(estates, json.loads(done.stdout), strict=True)
    return [fault for estate, said in pairs for fault in _faults(estate, said)]


def _asked(lab: RunningLab, seed: int, stack: ExitStack) -> tuple[Made, dict[str, Any]]:
    found = made(seed, refusals=False, suffix=f"-{seed}")
    if seed % BESIDE == 0:
        _second_trail(found)
    s3 = lab.client("s3")
    for name, bucket in found.objects.buckets.items():
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        _upload(s3, name, bucket)
    stub = stack.enter_context(cloudtrail_stub(found.place))
    window = found.window
    arguments = ["--trail-arn", PLACE.arn, "--start-time", f"{window.start:%Y-%m-%dT%H:%M:%SZ}"]
    arguments += ["--end-time", f"{window.end:%Y-%m-%dT%H:%M:%SZ}", "--account-id", found.account]
    endpoints = {f"AWS_ENDPOINT_URL_{name}": stub for name in ("CLOUDTRAIL", "ORGANIZATIONS")}
    return found, {"arguments": arguments, "environment": {**lab.environment(), **endpoints}}


def _second_trail(found: Made) -> None:
    """Put another trail beside it, whose name begins alike."""
    other = msgspec.structs.replace(found.place, name=f"{found.place.name}-2")
    found.objects.buckets[other.bucket] |= estate(hours=3, files=1, account=found.account, place=other)


def _upload(s3: Any, name: str, bucket: Bucket) -> None:
    for key, thing in bucket.items():
        metadata = {header.removeprefix("x-amz-meta-"): value for header, value in thing.headers.items()}
        s3.put_object(Bucket=name, Key=key, Body=thing.body, Metadata=metadata)


def _faults(found: Made, said: str) -> list[str]:
    told: list[FileVerdict] = []
    Validator(objects=found.objects, service=found.service, on_file=told.append).run(
        found.place, found.window
    )
    ours: Verdicts = {}
    for each in told:
        ours.setdefault(f"{each.bucket}/{each.key}", set()).add(each.verdict.value)
    theirs: Verdicts = {}
    for place, verdict in LINE.findall(said):
        theirs.setdefault(place, set()).add(verdict)
    if "Validating log files" not in said:
        return [f"the AWS CLI did not run: {said}"]
    excused = {f"{each.bucket}/{each.key}" for each in told if _reason(found, each) in REASONS}
    different = {place for place in ours.keys() | theirs.keys() if ours.get(place) != theirs.get(place)}
    wrong = [place for place in different if place in theirs or place not in excused]
    return [f"{place}: ours {ours.get(place)}, theirs {theirs.get(place)}" for place in sorted(wrong)]


def _reason(found: Made, told: FileVerdict) -> str:
    """Return why the AWS CLI may say nothing of a file."""
    own = f"{found.place.prefix}/AWSLogs/".removeprefix("/")
    if told.bucket != found.place.bucket or not told.key.startswith(own):
        return "moved"
    if told.kind is Delivered.DIGEST_FILE and told.verdict is Validity.NOT_FOUND:
        return "follows"
    return ""
