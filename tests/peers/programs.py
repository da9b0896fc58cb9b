"""
How each tool is run, as its users run it, and what it says of each trail, bucket and key.

Sources: https://docs.prowler.com/projects/prowler-open-source/en/latest/,
https://github.com/nccgroup/ScoutSuite/wiki and https://cloudcustodian.io/docs/aws/gettingstarted.html
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

ROOT = Path(__file__).parent.parent.parent
ENVIRONMENTS = Path(os.environ.get("TRAILSEAL_WITNESSES", ROOT / ".venvs"))
PATIENCE = 1500
POLICIES = Path(__file__).with_name("custodian.yml")
ALL = {"trails": "trail-", "keys": "key-", "buckets": "bucket-"}
"""Policies of Cloud Custodian that find every resource of a kind, and how those that ask about them begin."""


KINDS = frozenset(("trails", "buckets", "keys"))
"""Where ScoutSuite keeps them, by their ids."""


class Told(Struct, frozen=True, kw_only=True):
    """A tool's word on one thing: the question in its own name."""

    control: str
    thing: str
    passed: bool


def installed(name: str, program: str) -> str:
    """Return a witness's program; `make nightly PART=peers` has installed it."""
    return str(ENVIRONMENTS / name / "bin" / program)


def prowler(environment: dict[str, str], regions: list[str], folder: Path) -> Iterator[Told]:
    """Yield what Prowler says; what it leaves to people to judge is passed over."""
    services = ["--service", "cloudtrail", "kms", "s3", "--region", *regions]
    out = ["-M", "csv", "-o", str(folder), "-F", "prowler", "--ignore-exit-code-3", "--no-banner"]
    _run([installed("prowler", "prowler"), "aws", *services, *out], environment, folder)
    with (folder / "prowler.csv").open(newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            if row["STATUS"] in {"PASS", "FAIL"}:
                thing = row["RESOURCE_NAME"] or row["RESOURCE_UID"]
                yield Told(control=row["CHECK_ID"], thing=thing, passed=row["STATUS"] == "PASS")


def scoutsuite(environment: dict[str, str], regions: list[str], folder: Path) -> Iterator[Told]:
    """Yield what each rule of ScoutSuite found, and that it looked, which is a pass of all the rest."""
    services = ["--services", "cloudtrail", "kms", "s3", "--regions", *regions]
    out = ["--no-browser", "--force", "--report-dir", str(folder), "--report-name", "scout"]
    _run([installed("scoutsuite", "scout"), "aws", *services, *out], environment, folder)
    text = (folder / "scoutsuite-results" / "scoutsuite_results_scout.js").read_text()
    found = json.loads(text.partition("\n")[2])
    for service in ("cloudtrail", "kms", "s3"):
        for rule, told in found["services"][service]["findings"].items():
            names = {_name_at(found, item) for item in told["items"]}
            yield from (Told(control=rule, thing=name, passed=False) for name in sorted(names))
            if told["checked_items"]:
                yield Told(control=rule, thing="", passed=True)


def custodian(environment: dict[str, str], regions: list[str], folder: Path) -> Iterator[Told]:
    """Yield what our policies for Cloud Custodian find, and what of their kind they do not find."""
    where = [word for region in regions for word in ("--region", region)]
    words = ["run", "-s", str(folder), *where, "--cache-period", "0", str(POLICIES)]
    _run([installed("c7n", "custodian"), *words], environment, folder)
    found: dict[str, set[str]] = {}
    for file in sorted(folder.rglob("resources.json")):
        names = {_resource_name(row) for row in json.loads(file.read_text())}
        found.setdefault(file.parent.name, set()).update(names)
    for kind, start in ALL.items():
        for policy in sorted(name for name in found if name.startswith(start)):
            for name in sorted(found[kind]):
                yield Told(control=policy, thing=name, passed=name not in found[policy])


PROGRAMS = {"Prowler": prowler, "ScoutSuite": scoutsuite, "Cloud Custodian": custodian}


def _resource_name(row: dict[str, Any]) -> str:
    return str(row.get("KeyId") or row.get("Name") or row.get("Arn"))


def _name_at(found: dict[str, Any], item: str) -> str:
    """Return the name of the trail, bucket or key that an item of a finding lies in, "" for none."""
    here, kind = found["services"], ""
    for step in item.split("."):
        here = here.get(step) if isinstance(here, dict) else None
        if kind in KINDS:
            return str(here["name"]) if isinstance(here, dict) and kind != "keys" else step
        kind = step
    return ""


def _run(command: list[str], environment: dict[str, str], folder: Path) -> None:
    """
    Run a tool to its end, with a home of its own.

    The lab is its proxy too: so it finds S3 Control, whose host begins with the account, without a resolver.

    Raises:
        RuntimeError: it failed.
    """
    given = {**environment, "HOME": str(folder), "HTTP_PROXY": environment["AWS_ENDPOINT_URL"]}
    done = subprocess.run(
        command, env=given, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    (folder / "said.txt").write_text(done.stdout + done.stderr)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
