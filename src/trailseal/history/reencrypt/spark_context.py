"""
The Spark that the user configured: in `spark-defaults.conf`, `PYSPARK_SUBMIT_ARGS` or `spark-submit`'s flags.

Nothing of Spark's is set here but the name of the application. What Spark raises leaves as one sentence.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.extras import SPARK, need
from trailseal.messages import message

NAME = "trailseal history reencrypt"
LINE = re.compile(r"^(?:Caused by: )?((?:[\w.]+\.)?\w+(?:Error|Exception|Exit|Problem)\b.*)$", re.MULTILINE)
SPARKS = re.compile(r"org\.apache\.spark\.\w*Exception: (.+)$", re.MULTILINE)


def need_spark() -> None:
    """
    See that Spark can be started here, before anybody is asked anything.

    Raises:
        UsageProblem: pyspark, pyarrow or Java is missing, or a Spark Connect server is configured.
    """
    need("spark", *SPARK)
    home = os.environ.get("JAVA_HOME")
    java = Path(home, "bin", "java") if home else shutil.which("java")
    if java is None or not Path(java).exists():
        raise UsageProblem(
            message("`--engine spark` needs Java"),
            message("install Java 17 or later, or set JAVA_HOME to it"),
        )
    if os.environ.get("SPARK_REMOTE"):
        raise UsageProblem(
            message("a re-encryption cannot run over Spark Connect (SPARK_REMOTE)"),
            message("name the cluster by its master: spark.master in spark-defaults.conf"),
        )


@contextmanager
def open_spark() -> Iterator[Any]:
    """
    Yield the SparkContext, and stop it.

    Raises:
        TrailsealError: Spark does not start, or a task fails for good.
    """
    spark, problems = import_module("pyspark"), import_module("pyspark.errors")
    bridge = import_module("py4j.protocol")
    try:
        context = spark.SparkContext.getOrCreate(spark.SparkConf().setAppName(NAME))
        if context.master.startswith("local[") or context.master == "local":
            # this machine's `python3` need not be the Python that trailseal is installed in
            context.pythonExec = os.environ.get("PYSPARK_PYTHON", sys.executable)
        try:
            yield context
        finally:
            context.stop()
    except (bridge.Py4JError, problems.PySparkException) as problem:
        raise TrailsealError(
            message("Spark gave up: {why}", why=why(str(problem))),
            message("what is done stays done; run it again when that is fixed"),
        ) from problem


def why(text: str) -> str:
    """Return the line of Spark's text that tells the cause: its last Python error, else Spark's own words."""
    found = [each for each in LINE.findall(text) if not each.startswith(("org.", "java.", "py4j."))]
    if not found:
        found = SPARKS.findall(text) or [text.strip().partition("\n")[0]]
    return str(found[-1])
