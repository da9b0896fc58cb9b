"""Object keys of log files and digest files, taken apart."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from trailseal.model.log_file import Delivered, day_folder, parse_log_file_key

FOLDER = "AWSLogs/123456789012/CloudTrail/ap-northeast-1/2026/11/23/"
DIGESTS = FOLDER.replace("CloudTrail", "CloudTrail-Digest")


def test_a_log_file_tells_whose_events_of_which_region_and_when():
    found = parse_log_file_key(
        f"{FOLDER}123456789012_CloudTrail_ap-northeast-1_20261123T2245Z_abcdEFGH12345678.json.gz"
    )

    assert found is not None
    assert (found.kind, found.account, found.region) == (Delivered.LOG_FILE, "123456789012", "ap-northeast-1")
    assert found.time == datetime(2026, 11, 23, 22, 45, tzinfo=UTC)


def test_a_digest_file_of_an_organization_tells_its_seconds():
    name = "123456789012_CloudTrail-Digest_ap-northeast-1_trail_ap-northeast-1_20261123T220000Z.json.gz"
    found = parse_log_file_key(f"logs/{DIGESTS.replace('AWSLogs/', 'AWSLogs/o-exampleorgid/')}{name}")

    assert found is not None
    assert (found.kind, found.prefix, found.organization) == (Delivered.DIGEST_FILE, "logs", "o-exampleorgid")
    assert found.time == datetime(2026, 11, 23, 22, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ["readme.txt", "x_20269923T2245Z_y.json.gz"])
def test_a_file_without_a_time_in_its_name_has_none(name):
    found = parse_log_file_key(FOLDER + name)

    assert found is not None
    assert found.time is None


@pytest.mark.parametrize("key", ["", "AWSLogs/1/CloudTrail/x", "elasticloadbalancing/a", FOLDER])
def test_other_objects_are_neither(key):
    assert parse_log_file_key(key) is None


def test_a_folder_of_any_day_is_one_that_is_read_again():
    for day in (date(1, 2, 3), date(999, 12, 31), date(2026, 11, 23), date(9999, 12, 31)):
        year, month, number, end = day_folder(day).split("/")

        assert (len(year), len(month), len(number), end) == (4, 2, 2, "")
        assert date(int(year), int(month), int(number)) == day


def test_digits_of_another_script_are_no_account_and_no_date():
    key = f"{FOLDER}123456789012_CloudTrail_ap-northeast-1_x.json.gz"

    assert parse_log_file_key(key) is not None
    assert parse_log_file_key(key.replace("/123456789012/", f"/{chr(0x661) * 12}/")) is None
    assert parse_log_file_key(key.replace("/23/", f"/{chr(0x662)}{chr(0x663)}/")) is None
