"""What is said when Spark is not there or gives up, with a stand-in for pyspark: Spark is in tests/lab."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.history.reencrypt.spark_context import need_spark, open_spark, why

PYSPARK = """
class SparkConf:
    def setAppName(self, name):
        self.name = name
        return self

class SparkContext:
    master, pythonExec, stopped = "MASTER", "python3", False

    @classmethod
    def getOrCreate(cls, conf):
        return cls()

    def stop(self):
        self.stopped = True
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for package, module, text in (
        ("pyspark", "errors", "class PySparkException(Exception): pass"),
        ("py4j", "protocol", "class Py4JError(Exception): pass"),
    ):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
        (tmp_path / package / f"{module}.py").write_text(text)
    (tmp_path / "pyspark" / "__init__.py").write_text(PYSPARK)
    for name in [each for each in sys.modules if each.partition(".")[0] in {"pyspark", "py4j"}]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    java = tmp_path / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    monkeypatch.delenv("PYSPARK_PYTHON", raising=False)
    return tmp_path


def test_with_all_of_it_there_nothing_is_said(stand_in: Path) -> None:
    need_spark()


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        pytest.param({"JAVA_HOME": "/nowhere"}, "needs Java", id="java-home"),
        pytest.param({"JAVA_HOME": "", "PATH": "/nowhere"}, "needs Java", id="path"),
        pytest.param({"SPARK_REMOTE": "sc://host"}, "Spark Connect", id="connect"),
    ],
)
def test_what_is_missing_is_one_line(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(UsageProblem, match=said):
        need_spark()


@pytest.mark.parametrize("missing", ["pyspark", "pyarrow"])
def test_a_package_that_is_not_installed_is_named_with_the_extra(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    if missing == "pyspark":
        monkeypatch.setattr(sys, "path", [])
        importlib.invalidate_caches()
    else:
        monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(UsageProblem, match="needs the extra `spark`") as caught:
        need_spark()
    assert "trailseal[spark]" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("master", "python"), [("local", sys.executable), ("local[2]", sys.executable), ("yarn", "python3")]
)
def test_only_this_machine_is_told_which_python(stand_in: Path, master: str, python: str) -> None:
    (stand_in / "pyspark" / "__init__.py").write_text(PYSPARK.replace("MASTER", master))
    importlib.invalidate_caches()

    with open_spark() as context:
        assert context.pythonExec == python
    assert context.stopped


@pytest.mark.parametrize("kind", ["py4j.protocol.Py4JError", "pyspark.errors.PySparkException"])
def test_what_spark_raises_leaves_as_one_sentence(stand_in: Path, kind: str) -> None:
    module, _, name = kind.rpartition(".")
    text = "Traceback\nModuleNotFoundError: No module named 'x'\n"

    with (
        pytest.raises(TrailsealError, match=r"^Spark gave up: ModuleNotFoundError: No module named 'x'$"),
        open_spark(),
    ):
        raise getattr(importlib.import_module(module), name)(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "An error occurred.\n: org.apache.spark.SparkException: Job aborted\n\tat x",
            "Job aborted",
            id="jvm",
        ),
        pytest.param("org.apache.spark.SparkException: no\nKeyError: 'k'\n", "KeyError: 'k'", id="python"),
        pytest.param(
            "[JAVA_GATEWAY_EXITED] Java exited.\nmore", "[JAVA_GATEWAY_EXITED] Java exited.", id="start"
        ),
    ],
)
def test_the_cause_is_found_in_sparks_text(text: str, line: str) -> None:
    assert why(text) == line
