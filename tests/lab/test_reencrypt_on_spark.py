"""`history reencrypt --engine spark` on a real local Spark: killed half way and started again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pyarrow import parquet

from lab.test_history_from_inventory import REPORT, bucket_of, kind, with_report
from labs import RunningLab
from witnesses import ROOT, SHORT_JVM, on_path, program

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
    env = lab.environment() | {"PYTHONPATH": str(ROOT / "src"), **SHORT_JVM}
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


def workers(parent: int) -> list[int]:
    """The processes in which the JVM of `parent` runs tasks: grandchildren of Spark's Python daemon."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(") ")[2].split()[1])
    generation = {parent}
    for _ in ("the JVM", "the daemon", "its workers"):
        generation = {child for child, its in parents.items() if its in generation}
    return sorted(generation)


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


def test_a_dry_run_needs_no_spark(lab: RunningLab, key: str, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.jsonl"
    lab.trailseal("history", "census", "--manifest", str(manifest))
    asked = ("history", "reencrypt", "--manifest", str(manifest), "--key", key, "--engine", "spark")
    done = lab.trailseal(*asked, "--dry-run")

    assert (done.returncode, "UpdateObjectEncryption: moves no data" in done.stdout) == (3, True), done.stderr


def test_a_killed_worker_costs_one_more_try_and_no_object(lab: RunningLab, key: str, tmp_path: Path) -> None:
    manifest, ledger, conf = tmp_path / "manifest.jsonl", tmp_path / "ledger", on_two_cores(tmp_path / "conf")
    (conf / "spark-defaults.conf").write_text("spark.master local[2,4]\nspark.ui.enabled false\n")
    lab.trailseal("history", "census", "--manifest", str(manifest))
    asked = ("--manifest", str(manifest), "--key", key, "--yes", "--engine", "spark", "--ledger", str(ledger))
    running = start(lab, *asked, "--shard-size", "36", "--format", "json", conf=conf)
    until = time.monotonic() + PATIENCE
    while not (begun := list(ledger.glob("_begun-*"))) and time.monotonic() < until:
        time.sleep(0.005)
    for worker in workers(running.pid):
        os.kill(worker, signal.SIGKILL)
    out, err = running.communicate(timeout=PATIENCE)

    assert begun, err[-3000:]
    assert (running.returncode, json.loads(out)["counts"]) == (
        0,
        {"done": len(manifest.open().readlines()) - 1},
    )
    assert "Lost task" in err


def test_two_runs_on_one_ledger_do_not_harm_each_other(lab: RunningLab, key: str, tmp_path: Path) -> None:
    manifest, ledger, conf = tmp_path / "manifest.jsonl", tmp_path / "ledger", on_two_cores(tmp_path / "conf")
    lab.trailseal("history", "census", "--manifest", str(manifest))
    objects = len(manifest.read_text().splitlines()) - 1
    asked = ("--manifest", str(manifest), "--key", key, "--yes", "--engine", "spark", "--ledger", str(ledger))
    how = ("--method", "copy", "--shard-size", "12", "--format", "json")
    both = [start(lab, *asked, *how, conf=conf) for _ in range(2)]
    ends = [run.communicate(timeout=PATIENCE) for run in both]
    valid = lab.trailseal("history", "validate", "--format", "json")

    assert [json.loads(out)["counts"] for out, _ in ends] == [{"done": objects}] * 2
    assert (valid.returncode, json.loads(valid.stdout)["problems"]) == (0, [])


def test_what_an_inventory_lists_is_asked_about_on_the_executors(
    lab: RunningLab, key: str, tmp_path: Path
) -> None:
    with_report(lab)
    manifest, ledger, conf = tmp_path / "manifest.jsonl", tmp_path / "ledger", on_two_cores(tmp_path / "conf")
    lab.trailseal("history", "census", "--source", REPORT, "--manifest", str(manifest))
    keys = [json.loads(line)["key"] for line in manifest.read_text().splitlines()[1:]]
    lab.client("s3").put_object(Bucket=bucket_of(lab), Key=keys[1], Body=b"overwritten since the report")
    asked = ("--manifest", str(manifest), "--key", key, "--yes", "--engine", "spark", "--ledger", str(ledger))
    out, err = start(lab, *asked, "--shard-size", "24", "--format", "json", conf=conf).communicate(
        timeout=PATIENCE
    )

    assert json.loads(out)["counts"] == {"done": len(keys) - 1, "changed since the census": 1}, err[-3000:]
    assert [kind(lab, each) for each in keys] == ["aws:kms", "AES256", *["aws:kms"] * (len(keys) - 2)]
