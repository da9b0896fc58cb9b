"""`history reencrypt --engine spark` on a real local Spark: killed half way and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pyarrow import parquet

from labs import RunningLab
from witnesses import ROOT, on_path, program

PATIENCE = 120


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    return fresh_lab("story")


@pytest.fixture
def key(lab: RunningLab) -> str:
    arn: str = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    return arn


def start(lab: RunningLab, *arguments: str, conf: Path | None = None) -> subprocess.Popen[str]:
    """Start the command with Spark's own Python, in a process group of its own."""
    on_path("java")
    env = lab.environment() | {"PYTHONPATH": str(ROOT / "src"), "SPARK_LOCAL_IP": "127.0.0.1"}
    if conf is not None:
        env["SPARK_CONF_DIR"] = str(conf)
    return subprocess.Popen(
        [program("spark", "python"), "-m", "trailseal.cli.main", "history", "reencrypt", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def on_two_cores(folder: Path) -> Path:
    """A cluster is chosen by Spark's own configuration file."""
    folder.mkdir()
    (folder / "spark-defaults.conf").write_text("spark.master local[2]\nspark.ui.enabled false\n")
    return folder


def shards(ledger: Path) -> dict[str, int]:
    return {each.name: each.stat().st_mtime_ns for each in ledger.glob("shard-*.parquet")}


def kill_when(running: subprocess.Popen[str], half_way: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not half_way() and running.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    assert running.poll() is None, running.communicate()
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()


def test_killed_half_way_and_started_again_ledger_and_bucket_agree(
    lab: RunningLab, key: str, tmp_path: Path
) -> None:
    manifest, ledger = tmp_path / "manifest.jsonl", tmp_path / "ledger"
    lab.trailseal("history", "census", "--manifest", str(manifest))
    rows = [json.loads(line) for line in manifest.read_text().splitlines()]
    bucket, keys = rows[0]["bucket"], [row["key"] for row in rows[1:]]
    asked = ("--manifest", str(manifest), "--key", key, "--yes", "--engine", "spark", "--ledger", str(ledger))
    how = ("--shard-size", "6", "--verify", "all", "--format", "json")
    conf = on_two_cores(tmp_path / "conf")

    killed = start(lab, *asked, *how, conf=conf)
    kill_when(killed, lambda: len(shards(ledger)) > 2)
    before = shards(ledger)
    again = start(lab, *asked, *how, conf=conf)
    out, err = again.communicate(timeout=PATIENCE)
    valid = lab.trailseal("history", "validate", "--format", "json")

    assert again.returncode == 0, err[-3000:]
    assert json.loads(out)["counts"] == {"done": len(keys)}
    assert 0 < len(before) < len(shards(ledger)) == -(-len(keys) // 6)
    assert before.items() <= shards(ledger).items()
    entered = parquet.read_table(ledger, columns=["number", "key", "state"]).sort_by("number").to_pylist()
    assert entered == [{"number": n, "key": k, "state": "done"} for n, k in enumerate(keys, start=1)]
    heads = [lab.client("s3").head_object(Bucket=bucket, Key=each) for each in keys]
    assert {head["SSEKMSKeyId"] for head in heads} == {key}
    assert (valid.returncode, json.loads(valid.stdout)["problems"]) == (0, [])
