"""
Whether Terraform and its AWS provider are on this machine: `python tests/terraform_here.py` says so.

They are no package of an index, so no target installs them; and nothing is fetched while tests run. A
provider is looked for in the mirrors that Terraform knows by itself, in folders of /opt, and in
TRAILSEAL_TERRAFORM_PLUGINS.
Source: https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HOME = Path.home()
MIRRORS = (
    HOME / ".terraform.d" / "plugins",
    HOME / ".local" / "share" / "terraform" / "plugins",
    Path("/usr/local/share/terraform/plugins"),
    Path("/usr/share/terraform/plugins"),
    *sorted(Path("/opt").glob("*")),
)
PROVIDER = "*/hashicorp/aws"
"""Below a mirror: whichever registry it came from."""
PATH_OF_MIRROR = re.compile(r'filesystem_mirror\s*\{[^}]*?path\s*=\s*"([^"]+)"')


@dataclass(frozen=True)
class Terraform:
    """The program, and the mirror that holds the AWS provider; `why_not` says what is missing."""

    program: str = ""
    mirror: Path = Path()
    said: str = ""
    why_not: str = ""


def find() -> Terraform:
    """Return Terraform with its provider, or why its test cannot run here."""
    program = shutil.which("terraform")
    if program is None:
        return Terraform(why_not="`terraform` is not on this machine")
    mirror = next((each for each in _mirrors() if _provider_versions(each)), None)
    if mirror is None:
        return Terraform(why_not="Terraform's AWS provider is in no mirror of this machine")
    asked = subprocess.run([program, "version", "-json"], capture_output=True, text=True, check=False)
    version = json.loads(asked.stdout)["terraform_version"]
    said = f"Terraform {version} with hashicorp/aws {', '.join(_provider_versions(mirror))}"
    return Terraform(program=program, mirror=mirror, said=said)


def _mirrors() -> tuple[Path, ...]:
    chosen = os.environ.get("TRAILSEAL_TERRAFORM_PLUGINS")
    if chosen:
        return (Path(chosen),)
    configuration = Path(os.environ.get("TF_CLI_CONFIG_FILE") or HOME / ".terraformrc")
    told = configuration.read_text() if configuration.is_file() else ""
    return (*(Path(each) for each in PATH_OF_MIRROR.findall(told)), *MIRRORS)


def _provider_versions(mirror: Path) -> list[str]:
    """Return the versions of the AWS provider in a mirror, unpacked or packed."""
    packed = [each.name.split("_")[1] for each in mirror.glob(f"{PROVIDER}/terraform-provider-aws_*.zip")]
    return sorted({*packed, *(each.parent.name for each in mirror.glob(f"{PROVIDER}/*/*_*/"))})


if __name__ == "__main__":
    found = find()
    sys.stdout.write(f"witness terraform: {found.said or 'left out, ' + found.why_not}\n")
