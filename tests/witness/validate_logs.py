"""
Run `aws cloudtrail validate-logs` many times in one process; the AWS CLI's own Python runs this.

Reads a JSON list of {"arguments", "environment"} from stdin; writes the list of what each run printed.
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout

from awscli.clidriver import create_clidriver  # type: ignore[import-not-found]  # of the AWS CLI alone


def run(arguments: list[str], environment: dict[str, str]) -> str:
    """Return what one run prints, errors too."""
    os.environ.update(environment)
    told = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with redirect_stdout(told), redirect_stderr(told):
        create_clidriver().main(["cloudtrail", "validate-logs", "--verbose", *arguments])
    return told.buffer.getvalue().decode()


if __name__ == "__main__":
    json.dump([run(**each) for each in json.load(sys.stdin)], sys.stdout)
