"""
Install the outside witnesses, each in an environment of its own under `.venvs/`.

    python tools/witnesses.py install [--uv UV] [NAME ...]

Their pins of botocore contradict each other's and ours, so none may share an environment. A
witness that needs more than pip (Node, Java) is left out where that is absent, and says so; its
tests then skip, and with `CI=true` a skip is a failure.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PIP = ("awscli", "c7n", "object-servers", "policy-sentry", "site", "spark")
"""`site` is no witness: it builds the documentation, which a test asks for as well."""
PEERS = ("prowler", "scoutsuite")
"""Installed where they are named: only `make nightly PART=peers` asks for them, and each is a gigabyte."""
NPM = {name: ROOT / "tests" / "witness" / name for name in ("iam-simulate", "aws-sdk-js")}
NEEDS = {"spark": "java"}


def stamp(path: Path, *inputs: Path) -> Path:
    """Return the file whose presence says that `path` was installed from exactly these inputs."""
    digest = hashlib.sha256(b"".join(each.read_bytes() for each in inputs)).hexdigest()[:16]
    return path / f".installed-{digest}"


def install_pip(name: str, uv: str) -> None:
    """Make `.venvs/NAME` from its pinned requirement file, unless it stands."""
    requirements = ROOT / "requirements" / f"{name}.txt"
    folder = ROOT / ".venvs" / name
    done = stamp(folder, requirements)
    if done.exists():
        return
    print(f"witness {name}: installing", file=sys.stderr)
    subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [
            uv,
            "pip",
            "install",
            "-q",
            "--compile-bytecode",
            "--python",
            python,
            "--require-hashes",
            "-r",
            requirements,
        ],
        check=True,
    )
    done.touch()


def install_npm(name: str, folder: Path) -> None:
    """Install a pinned Node package beside its driver, unless it stands."""
    modules = folder / "node_modules"
    done = stamp(modules, folder / "package.json")
    if done.exists():
        return
    print(f"witness {name}: installing", file=sys.stderr)
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"], cwd=folder, check=True
    )
    done.touch()


def main() -> int:
    """Install the named witnesses, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["install"])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--uv", default="uv")
    given = parser.parse_intermixed_args()  # names may stand after an option, as the Makefile has them
    for name in given.names or [*PIP, *NPM]:
        needed = NEEDS.get(name, "npm" if name in NPM else "")
        if needed and shutil.which(needed) is None:
            print(f"witness {name}: left out, `{needed}` is not on this machine", file=sys.stderr)
        elif name in NPM:
            if (NPM[name] / "package.json").exists():
                install_npm(name, NPM[name])
        else:
            install_pip(name, given.uv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
