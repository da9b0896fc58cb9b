"""Imported material over several Regions, and what a key was last used for."""

from __future__ import annotations

import json
from pathlib import Path

from labs import RunningLab

OTHER = "us-east-1"


def shown(lab: RunningLab, *words: str, exits: int = 0) -> str:
    done = lab.trailseal("key", *words)
    assert done.returncode == exits, done.stderr
    return " ".join((done.stdout + done.stderr).split())


def test_new_material_goes_over_a_set_of_keys_in_aws_s_order(lab: RunningLab, tmp_path: Path) -> None:
    kms, material = lab.client("kms"), tmp_path / "material"
    primary = kms.create_key(Origin="EXTERNAL", MultiRegion=True)["KeyMetadata"]["Arn"]
    shown(lab, "import", primary, "--generate", str(tmp_path / "first"))
    replica = kms.replicate_key(KeyId=primary, ReplicaRegion=OTHER)["ReplicaKeyMetadata"]["Arn"]
    shown(lab, "import", replica, "--material", str(tmp_path / "first"))
    material.write_bytes(bytes(range(32)))

    assert f"replicas: {replica}" in shown(lab, "show", primary)
    assert "has no new material" in shown(lab, "rotate", primary, "--now", "--yes", exits=1)
    for words in (
        ("import", replica, "--new", "--material", str(material)),
        ("rotate", replica, "--now", "--yes"),
    ):
        assert f"is a replica: {primary}" in shown(lab, *words, exits=1)
    assert f"into each replica: trailseal key import {replica} --material FILE" in shown(
        lab, "import", primary, "--new", "--material", str(material)
    )
    assert "not in every replica yet" in shown(lab, "rotate", primary, "--now", "--yes", exits=1)
    shown(lab, "import", replica, "--material", str(material))
    assert f"key rotate {primary} --now" in shown(lab, "show", primary)
    assert "ON_DEMAND" not in shown(lab, "rotate", primary, "--now", "--yes")
    states = kms.list_key_rotations(KeyId=primary, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]

    assert [each["KeyMaterialState"] for each in states] == ["NON_CURRENT", "CURRENT"]
    assert "RotationDate" in states[1]


def test_the_last_use_is_told_with_its_caller(lab: RunningLab) -> None:
    kms = lab.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    assert "last used never" in shown(lab, "show", key)

    kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    document = json.loads(lab.trailseal("key", "show", key, "--format", "json").stdout)

    assert document["last_use"]["operation"] == "GenerateDataKey"
    assert document["last_use"]["user"].startswith("arn:aws:iam::123456789012:")
