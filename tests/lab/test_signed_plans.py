"""Plans that are passed on: signed where they are made, and taken only when they are, as commands."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from trailseal.plan.codec import read_plan, write_plan


def key_files(folder, name):
    key = Ed25519PrivateKey.generate()
    raw = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    (folder / name).write_bytes(raw)
    (folder / f"{name}.pub").write_bytes(public + b" somebody\n")
    return str(folder / name)


@pytest.fixture
def signed(fresh_lab, tmp_path):
    lab = fresh_lab("story")
    key, plan = key_files(tmp_path, "ours"), str(tmp_path / "plan.json")
    made = run(lab, "plan", "--out", plan, "--sign", key)
    assert made.returncode == 3, made.stderr
    assert made.stderr == ""
    return lab, plan, f"{key}.pub"


def run(lab, *words):
    return lab.trailseal_as(lab.environment(), *words, stdin=subprocess.DEVNULL)


def untouched(lab):
    keys = lab.client("kms").list_keys()["Keys"]
    return (
        not keys and "KmsKeyId" not in lab.client("cloudtrail").get_trail(Name="management-events")["Trail"]
    )


def test_a_plan_is_signed_checked_applied_and_taken_back(signed):
    lab, plan, public = signed

    applied = run(lab, "apply", plan, "--signed-by", public, "--yes", "--no-wait")
    undone = run(lab, "undo", plan, "--signed-by", public, "--yes")

    assert (applied.returncode, undone.returncode) == (0, 0), applied.stderr + undone.stderr


def test_a_plan_that_is_not_signed_so_changes_nothing(signed, tmp_path):
    lab, plan, public = signed
    other = f"{key_files(tmp_path, 'theirs')}.pub"
    twisted, bare = str(tmp_path / "twisted.json"), str(tmp_path / "bare.json")
    raw = (tmp_path / "plan.json").read_bytes()
    (tmp_path / "bare.json").write_bytes(raw)
    (tmp_path / "twisted.json").write_bytes(raw.rstrip(b"\n"))
    shutil.copy(f"{plan}.sig", f"{twisted}.sig")
    cases = {
        (plan, other): "is by no key in",
        (twisted, public): "is not what",
        (bare, public): "is not signed",
        (plan, plan): "holds no public key",
    }

    for (file, keys), said in cases.items():
        for verb in ("apply", "undo"):
            done = run(lab, verb, file, "--signed-by", keys, "--yes")
            assert (done.returncode, done.stdout) == (2, ""), done.stdout
            assert said in done.stderr
            assert done.stderr.count("error:") == 1
            assert done.stderr.count("\n") <= 2
    assert untouched(lab)


def test_signing_needs_a_file_and_a_key_before_anything_is_asked(signed, tmp_path):
    lab, plan, _ = signed
    for words, said in (
        (("--sign", f"{tmp_path}/ours"), "name it with --out"),
        (("--sign", plan, "--out", plan), "is not a private key"),
        (("--sign", f"{tmp_path}/none", "--out", plan), "there is no file"),
    ):
        done = run(lab, "plan", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
    assert run(lab, "undo", "0123", "--signed-by", f"{tmp_path}/ours.pub").returncode == 2


def test_what_kms_is_sent_is_written_anew_from_what_was_shown(fresh_lab, tmp_path):
    lab, path = fresh_lab("story"), tmp_path / "plan.json"
    run(lab, "plan", "--out", str(path))
    plan = read_plan(path.read_bytes(), name="p")

    assert run(lab, "apply", str(path), "--yes", "--no-wait").returncode == 0

    kms = lab.client("kms")
    key = kms.list_keys()["Keys"][0]["KeyId"]
    held = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    assert held == json.dumps(json.loads(plan.steps[0].policy), separators=(",", ":"))
    assert write_plan(plan) == path.read_bytes()
