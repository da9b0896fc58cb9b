"""
The credential report: the root user's row first, and of each user what the lab knows.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import User

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.credentials import iam_of
from trailseal_lab.errors import ApiError
from trailseal_lab.world import World

ROOT = "<root_account>"
ABSENT, UNSUPPORTED, UNKNOWN = "N/A", "not_supported", "no_information"
OF_A_KEY = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
FIELDS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    *(f"access_key_{number}_{name}" for number in (1, 2) for name in OF_A_KEY),
    *(f"cert_{number}_{name}" for number in (1, 2) for name in ("active", "last_rotated")),
)


@answers("iam", "GetCredentialReport")
def get_credential_report(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    Return the report that was asked for before.

    Raises:
        ApiError: ReportNotPresent.
    """
    del forward
    account = call.caller.account
    if not iam_of(account).credential_report:
        text = "Credential report is not present. Please generate a credential report."
        raise ApiError("ReportNotPresent", text, status=410)
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(FIELDS)
    rows.writerow(_root(world, account))
    rows.writerows(_user(user) for user in iam_of(account).users.values())
    content = written.getvalue().removesuffix("\n").encode()
    return {"Content": content, "ReportFormat": "text/csv", "GeneratedTime": world.now()}


def _root(world: World, account: str) -> list[str]:
    """Return the row of the root user, who has a password, and in the lab no lasting key and no device."""
    first = [ROOT, f"arn:aws:iam::{account}:root", _time(world.started), "true", UNKNOWN]
    return [*first, UNSUPPORTED, UNSUPPORTED, "false", *_key(None), *_key(None), *("false", ABSENT) * 2]


def _user(user: User) -> list[str]:
    password = ["false", ABSENT, ABSENT, ABSENT]
    if user.password:
        password = ["true", UNKNOWN, _time(user.create_date), ABSENT]  # nobody signs in to the lab
    keys = [*user.access_keys, None, None][:2]
    certificates = [*user.signing_certificates.values(), None, None][:2]
    return [
        str(user.name),
        str(user.arn),
        _time(user.create_date),
        *password,
        _word(bool(user.mfa_devices)),
        *(part for key in keys for part in _key(key)),
        *(part for each in certificates for part in _certificate(each)),
    ]


def _key(key: Any) -> list[str]:
    """Return the columns of an access key."""
    if key is None:
        return ["false", *[ABSENT] * 4]
    used = key.last_used
    last = [_time(used.timestamp), str(used.region), str(used.service)] if used else [ABSENT] * 3
    return [_word(key.status == "Active"), _time(key.create_date), *last]


def _certificate(found: Any) -> tuple[str, str]:
    if found is None:
        return "false", ABSENT
    return _word(found.status == "Active"), _time(found.upload_date)


def _word(given: bool) -> str:  # noqa: FBT001 - a fact to be written
    return str(given).lower()


def _time(when: datetime) -> str:
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).strftime("%Y-%m-%dT%H:%M:%S+00:00")
