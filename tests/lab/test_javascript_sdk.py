"""The AWS SDK for JavaScript v3, as an outside witness: made of Smithy models."""

from __future__ import annotations

import json
import subprocess

from witnesses import ROOT, absent, on_path

FOLDER = ROOT / "tests" / "witness" / "aws-sdk-js"


def test_the_javascript_sdk_speaks_every_protocol_of_the_lab(lab):
    if not (FOLDER / "node_modules").exists():
        absent("the witness `aws-sdk-js` is not installed: make witnesses")

    done = subprocess.run(
        [on_path("node"), "story.mjs"],
        cwd=FOLDER,
        env=lab.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "who": "arn:aws:iam::123456789012:user/admin",
        "users": ["admin"],
        "head": "aws:kms",
        "listed": ["a b/é.json"],
        "trails": ["audit"],
        "trail": "js-logs",
        "hub": True,
        "unknown_trail": {"error": "TrailNotFoundException", "status": 400, "attempts": 1},
        "unknown_key": {"error": "NotFoundException", "status": 400, "attempts": 1},
        "out_of_bounds": {"error": "ValidationException", "status": 400, "attempts": 1},
        "lacking": {"error": "NotImplemented", "status": 501, "attempts": 1},
    }
