"""Terraform with its AWS provider, an outside witness: it makes the estate, sees the switch and goes on."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from witnesses import ROOT, terraform

ESTATE = ROOT / "tests" / "terraform" / "main.tf"
PAGE = ROOT / "docs" / "terraform.md"
KEY_ON_THE_PAGE = "1234abcd-12ab-34cd-56ef-1234567890ab"
CHANGES = 2


class Folder:
    """A folder that Terraform works in, with the provider of this machine; nothing is fetched."""

    def __init__(self, path, environment):
        self.found = terraform()
        self.path = path
        self.environment = {name: value for name, value in environment.items() if not name.startswith("TF_")}
        self.run("init", f"-plugin-dir={self.found.mirror}")

    def run(self, *arguments, exits=(0,)):
        done = subprocess.run(
            [self.found.program, arguments[0], "-no-color", *arguments[1:]],
            cwd=self.path,
            env={**self.environment, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode in exits, done.stdout[-3000:] + done.stderr[-3000:]
        return done

    def drift(self):
        """Return the attributes that Terraform would change, by resource."""
        planned = self.run("plan", "-detailed-exitcode", "-out=p", exits=(0, CHANGES))
        if planned.returncode == 0:  # an empty difference
            return {}
        shown = json.loads(self.run("show", "-json", "p").stdout)
        return {
            each["address"]: _changed(each["change"])
            for each in shown["resource_changes"]
            if each["change"]["actions"] != ["no-op"]
        }


def _changed(change):
    before, after = change["before"] or {}, change["after"] or {}
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def _switch(lab, *options):
    plan = str(lab.home / "plan.json")
    planned = lab.trailseal("plan", *options, "--out", plan)
    assert planned.returncode == 3, planned.stderr
    applied = lab.trailseal("apply", plan, "--yes", "--no-wait")
    assert applied.returncode == 0, applied.stderr


def _policy(lab, key):
    shown = lab.trailseal("key", "show", key, "--format", "json")
    return json.loads(shown.stdout)["key"]["policies"]["default"]


def _go_on_as_the_page_says(lab, folder):
    """Write what the page shows into the configuration, with this key's ID in the place of the page's."""
    key = lab.client("kms").describe_key(KeyId="alias/trailseal-cloudtrail")["KeyMetadata"]["KeyId"]
    new_key, trail, own_key = re.findall(r"```hcl\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (folder.path / "key.tf").write_text(new_key.replace(KEY_ON_THE_PAGE, key))
    (folder.path / "trails_override.tf").write_text(
        trail + trail.replace('"audit"', '"data"').replace(".cloudtrail.", ".own.") + own_key
    )
    (folder.path / "cloudtrail-key-policy.json").write_text(_policy(lab, "alias/trailseal-cloudtrail"))
    (folder.path / "own-key-policy.json").write_text(_policy(lab, "alias/own"))


@pytest.fixture
def folder(lab, tmp_path):
    """The configuration in a folder of its own."""
    shutil.copy(ESTATE, tmp_path)
    return Folder(tmp_path, lab.environment())


def test_terraform_sees_the_switch_and_nothing_else_and_goes_on_with_it(lab, folder):
    folder.run("apply", "-auto-approve")
    assert folder.drift() == {}

    _switch(lab, "--trail", "audit")
    _switch(lab, "--trail", "data", "--key", "alias/own")
    assert folder.drift() == {
        "aws_cloudtrail.audit": {"kms_key_id"},
        "aws_cloudtrail.data": {"kms_key_id"},
        "aws_kms_key.own": {"policy"},
    }

    _go_on_as_the_page_says(lab, folder)
    applied = folder.run("apply", "-auto-approve")
    assert "2 imported, 0 added, 0 changed, 0 destroyed" in applied.stdout
    assert folder.drift() == {}
    assert _policy(lab, "alias/own") == (folder.path / "own-key-policy.json").read_text()
