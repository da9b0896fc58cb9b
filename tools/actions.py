"""
Read the actions that trailseal knows anew from AWS's service reference.

    python tools/actions.py           from AWS
    python tools/actions.py FOLDER    from a folder with kms.json, s3.json, sts.json and iam.json of it

Prints what came and what went; an action that went stays, because policies still name it.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.request import urlopen

KNOWN = Path(__file__).parent.parent / "src" / "trailseal" / "access" / "actions.json"
REFERENCE = "https://servicereference.us-east-1.amazonaws.com/v1/{service}/{service}.json"


def reference(service: str, folder: str) -> set[str]:
    """Return the names of a service's actions as AWS tells them."""
    if folder:
        told = Path(folder, f"{service}.json").read_bytes()
    else:
        with urlopen(REFERENCE.format(service=service), timeout=30) as answer:  # noqa: S310 - https, above
            told = answer.read()
    return {action["Name"] for action in json.loads(told)["Actions"]}


def main(folder: str) -> None:
    """Write the file again."""
    known = json.loads(KNOWN.read_text(encoding="utf-8"))
    for service, listed in known.items():
        told = reference(service, folder)
        new, gone = sorted(told - set(listed)), sorted(set(listed) - told)
        print(f"{service}: {len(told)} told, new: {new}, gone: {gone}")
        known[service] = sorted(told | set(listed))
    KNOWN.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
