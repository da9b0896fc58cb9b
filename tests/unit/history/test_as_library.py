"""The history without a command line: a census of any source, re-encrypted on any engine, and validated."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from trailseal.history.reencrypt.engines import EngineName
from witnesses import ROOT

PROGRAM = ROOT / "tests" / "history_by_library.py"
LOG_FILES_AND_DIGESTS = 9


def test_a_census_a_reencryption_and_a_validation_need_no_command_line(tmp_path: Path) -> None:
    path = os.pathsep.join([str(ROOT / "tests"), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    courses = {tuple(name.split(" ", 1)): course for name, course in found["courses"].items()}

    assert found["needed"] == []
    assert {engine for engine, _ in courses} == set(EngineName)
    assert {course["source"] for course in courses.values()} == {"listing", "inventory", "s3-metadata"}
    for course in courses.values():
        course.pop("source")
        assert course == {
            "not under a key": LOG_FILES_AND_DIGESTS,
            "counts": {"done": LOG_FILES_AND_DIGESTS},
            "kinds": ["aws:kms"],
            "valid": [0, 0],
        }
