"""What shows that a trail delivers, to its bucket and its log group: one table, each row with its reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from plan_estate import DENIED, HOME, KEY, NOW, TRAIL, delivery, log_file, snapshot, trail
from trailseal.controls.catalogue import judge
from trailseal.model.moment import age
from trailseal.model.trail import EventSelection, TrailStatus
from trailseal.model.unreadable import NOT_ASKED, Unreadable

# AWS's pages, as each row names them.
STATUS = "API_GetTrailStatus: each Region by itself; IsLogging, times, S3's errors, none for timeouts"
DIGESTS = "cloudtrail-log-file-validation-digest-file-structure: hourly, empty hours too"
ABOUT_FIVE = "get-and-view-cloudtrail-log-files: about 5 minutes on average, not guaranteed"
READS = "read-only-events: ListTrails, GetTrail are read events, which a trail may leave out"
UNUSED = "API_GetTrailStatus: LatestDeliveryAttemptTime is no longer in use, so a hint"
GROUPS = "send-cloudtrail-events-to-cloudwatch-logs: about 5 minutes, no event above 256 KB"

ALL = EventSelection(read_management=True, write_management=True)
WRITES = EventSelection(read_management=False, write_management=True)
GROUP = f"arn:aws:logs:{HOME}:123456789012:log-group:trail:*"
DIGEST = "latest_digest_delivery_time"
UNTOLD = Unreadable(call="cloudtrail:LookupEvents", code=NOT_ASKED, where="210987654321")


def ago(**spans):
    return NOW - timedelta(**spans)


YOUNG, OLD = ago(minutes=14, seconds=59), ago(minutes=15)
HOURLY, LATE = ago(hours=1, minutes=59), ago(hours=2)
LONG_AGO = ago(days=30)


def status(**told):
    return TrailStatus(**{"region": HOME, "is_logging": True, "start_logging_time": LONG_AGO, **told})


def found(check, told, *, lying=None, **settings):
    """Return the verdicts and texts on a trail of these statuses."""
    one = trail(statuses=told, **{"events": ALL, **settings})
    places = (delivery(log_file=log_file(NOW)),) if lying is None else lying
    return [
        (f.verdict.value, str(f.text)) for f in judge(snapshot(trails=(one,), deliveries=places), {check})
    ]


VALIDATED: dict[str, Any] = {"log_file_validation_enabled": True}
BARE: dict[str, Any] = {}
TABLE = [
    # verdict, settings, status, AWS's page
    ("fail", VALIDATED, {"is_logging": False, "latest_digest_delivery_time": HOURLY}, STATUS),
    ("fail", BARE, {"is_logging": False, "latest_delivery_time": YOUNG}, STATUS),
    # an error counts, until the last attempt is the one that delivered
    (
        "fail",
        VALIDATED,
        {"latest_delivery_error": "AccessDenied", "latest_digest_delivery_time": HOURLY},
        STATUS,
    ),
    ("fail", BARE, {"latest_delivery_error": "NoSuchBucket"}, STATUS),
    ("fail", BARE, {"latest_delivery_error": "AccessDenied", "latest_delivery_time": YOUNG}, STATUS),
    (
        "fail",
        VALIDATED,
        {"latest_digest_delivery_error": "AccessDenied", "latest_delivery_time": YOUNG},
        STATUS,
    ),
    (
        "fail",
        BARE,
        {
            "latest_delivery_error": "AccessDenied",
            "latest_delivery_time": YOUNG,
            "latest_delivery_attempt_time": YOUNG + timedelta(seconds=1),
        },
        UNUSED,
    ),
    (
        "fail",
        BARE,
        {
            "latest_delivery_error": "AccessDenied",
            "latest_delivery_time": YOUNG,
            "latest_delivery_attempt_time": ago(days=900),
        },
        UNUSED,
    ),
    (
        "pass",
        BARE,
        {
            "latest_delivery_error": "AccessDenied",
            "latest_delivery_time": YOUNG,
            "latest_delivery_attempt_time": YOUNG,
        },
        UNUSED,
    ),
    (
        "unknown",
        BARE,
        {
            "latest_delivery_error": "AccessDenied",
            "latest_delivery_time": OLD,
            "latest_delivery_attempt_time": OLD,
        },
        UNUSED,
    ),
    # validation has been on for two hours: the digest files decide, whatever the log files are
    ("pass", VALIDATED, {"latest_digest_delivery_time": HOURLY}, DIGESTS),
    ("pass", VALIDATED, {"latest_digest_delivery_time": HOURLY, "latest_delivery_time": LONG_AGO}, DIGESTS),
    ("pass", VALIDATED, {"latest_digest_delivery_time": HOURLY, "start_logging_time": None}, DIGESTS),
    ("fail", VALIDATED, {"latest_digest_delivery_time": LATE}, DIGESTS),
    ("fail", VALIDATED, {"latest_digest_delivery_time": LATE, "latest_delivery_time": YOUNG}, DIGESTS),
    ("fail", VALIDATED, {"latest_digest_delivery_time": LATE, "start_logging_time": None}, DIGESTS),
    ("fail", VALIDATED, {}, DIGESTS),
    ("fail", VALIDATED, {"latest_delivery_time": YOUNG, "start_logging_time": LATE}, DIGESTS),
    # for less: the log files
    ("pass", VALIDATED, {"start_logging_time": HOURLY, "latest_delivery_time": YOUNG}, DIGESTS),
    ("unknown", VALIDATED, {"start_logging_time": HOURLY, "latest_delivery_time": OLD}, DIGESTS),
    ("unknown", VALIDATED, {"start_logging_time": None}, DIGESTS),
    (
        "pass",
        {**VALIDATED, "validation_turned_on": HOURLY},
        {"latest_digest_delivery_time": LONG_AGO, "latest_delivery_time": YOUNG},
        DIGESTS,
    ),
    ("unknown", {**VALIDATED, "validation_turned_on": HOURLY}, {"latest_delivery_time": OLD}, DIGESTS),
    ("unknown", {**VALIDATED, "validation_turned_on": DENIED}, {"latest_delivery_time": YOUNG}, DIGESTS),
    (
        "unknown",
        {**VALIDATED, "validation_turned_on": UNTOLD},
        {"latest_digest_delivery_time": LATE},
        DIGESTS,
    ),
    ("pass", {**VALIDATED, "validation_turned_on": DENIED}, {"latest_digest_delivery_time": HOURLY}, DIGESTS),
    # validation off: the log files, which alone never fail
    ("pass", BARE, {"latest_delivery_time": YOUNG}, ABOUT_FIVE),
    ("pass", BARE, {"latest_delivery_time": NOW + timedelta(seconds=2)}, ABOUT_FIVE),
    ("pass", {"events": WRITES}, {"latest_delivery_time": YOUNG}, ABOUT_FIVE),
    ("unknown", BARE, {"latest_delivery_time": OLD}, ABOUT_FIVE),
    ("unknown", BARE, {"latest_delivery_time": LONG_AGO, "latest_digest_delivery_time": HOURLY}, ABOUT_FIVE),
    ("unknown", BARE, {}, ABOUT_FIVE),
    ("unknown", BARE, {"start_logging_time": None}, ABOUT_FIVE),
    ("unknown", BARE, {"start_logging_time": OLD}, ABOUT_FIVE),
    ("no_data", BARE, {"start_logging_time": YOUNG}, ABOUT_FIVE),
]


@pytest.mark.parametrize(("verdict", "settings", "told", "page"), TABLE)
def test_the_home_region_is_judged_by_one_table(verdict, settings, told, page):
    assert [one for one, _ in found("TS106", (status(**told),), **settings)] == [verdict], page


def test_no_digest_file_of_a_stopped_trail_is_late():
    assert not status(is_logging=False, latest_digest_delivery_time=LONG_AGO).has_late_digest(NOW)


@pytest.mark.parametrize(("events", "again"), [(ALL, True), (WRITES, False), (DENIED, False), (None, False)])
def test_only_a_look_that_is_itself_delivered_is_worth_another(events, again):
    """A look makes read events, so a trail that leaves those out may stay silent: READS."""
    group = {"cloud_watch_logs_log_group_arn": GROUP}
    told = (status(latest_delivery_time=ago(days=9)),)
    texts = [found(check, told, events=events, **group)[0][1] for check in ("TS106", "TS109")]

    assert ["look again in 15 minutes" in text for text in texts] == [again, again], READS
    assert all("9 d" in text for text in texts)
    ((_, never),) = found("TS106", (status(),), events=events)
    assert ("look again in 15 minutes" in never) is again
    assert "has not delivered a log file from" in never


@pytest.mark.parametrize(
    ("told", "verdicts", "said"),
    [
        ({"latest_delivery_time": ago(days=9)}, ["pass"], "eu-west-1 9 d"),
        ({"latest_delivery_time": YOUNG}, ["pass"], "eu-west-1 14 min"),
        ({"latest_delivery_time": ago(days=9), DIGEST: ago(days=9)}, ["pass"], "eu-west-1 9 d"),
        (
            {"latest_delivery_time": YOUNG, "latest_delivery_error": "x"},
            ["pass", "fail"],
            "from eu-west-1: x",
        ),
        ({"latest_digest_delivery_error": "x"}, ["pass", "fail"], "from eu-west-1: x"),
        ({}, ["pass"], f"{HOME} -"),
        ({"is_logging": False}, ["pass"], f"{HOME} -"),
    ],
)
def test_of_another_region_only_the_age_is_told_and_no_silence_before_its_first_event(told, verdicts, said):
    home = status(latest_digest_delivery_time=HOURLY)
    lying = (delivery(log_file=log_file(NOW)), delivery(region="eu-west-1", log_file=log_file(NOW)))
    there = status(region="eu-west-1", **told)
    answers = found("TS106", (home, there), lying=lying, **VALIDATED)

    assert [verdict for verdict, _ in answers] == verdicts, STATUS
    assert said in answers[-1][1]


def test_of_another_region_that_is_emptied_nothing_passes():
    home = status(latest_delivery_time=YOUNG)
    there = status(region="eu-west-1", latest_delivery_time=YOUNG)

    assert [verdict for verdict, _ in found("TS106", (home, there))] == ["pass", "unknown"]


def test_regions_are_told_the_longest_silent_first_and_a_few_of_many():
    told = [status(region=f"eu-west-{n}", latest_delivery_time=ago(days=n)) for n in range(1, 7)]
    home = status(latest_delivery_time=YOUNG)
    lying = tuple(delivery(region=each.region, log_file=log_file(NOW)) for each in (home, *told))
    [(_, text)] = found("TS106", (home, *told), lying=lying)

    assert text.endswith(f"{HOME} 14 min, eu-west-6 6 d, eu-west-5 5 d, eu-west-4 4 d, eu-west-3 3 d, …")


@pytest.mark.parametrize(
    ("verdict", "told", "page"),
    [
        ("pass", {"latest_delivery_time": YOUNG, "latest_cloud_watch_logs_delivery_time": YOUNG}, GROUPS),
        ("unknown", {"latest_delivery_time": YOUNG, "latest_cloud_watch_logs_delivery_time": OLD}, GROUPS),
        ("unknown", {"latest_delivery_time": YOUNG}, GROUPS),
        ("unknown", {"latest_delivery_time": OLD, "latest_cloud_watch_logs_delivery_time": OLD}, GROUPS),
        ("unknown", {"latest_delivery_time": OLD, "latest_cloud_watch_logs_delivery_time": YOUNG}, GROUPS),
        ("unknown", {}, GROUPS),
        ("no_data", {"start_logging_time": YOUNG}, GROUPS),
        ("no_data", {"is_logging": False, "latest_cloud_watch_logs_delivery_time": OLD}, STATUS),
        (
            "fail",
            {
                "latest_delivery_time": YOUNG,
                "latest_cloud_watch_logs_delivery_time": YOUNG,
                "latest_cloud_watch_logs_delivery_error": "AccessDenied",
            },
            STATUS,
        ),
    ],
)
def test_delivery_to_the_log_group_is_young_where_log_files_are(verdict, told, page):
    settings = {"cloud_watch_logs_log_group_arn": GROUP}

    assert [one for one, _ in found("TS109", (status(**told),), **settings)] == [verdict], page
    assert found("TS109", (status(**told),)) == []


REFUSED = structs.replace(DENIED, where=HOME)
FAR_AWAY = structs.replace(DENIED, code="Far", where="ap-east-1")  # before the home Region by its name


@pytest.mark.parametrize(
    ("statuses", "named"),
    [
        ((), "NotRead"),
        ((status(region="eu-west-1"),), "NotRead"),
        ((FAR_AWAY,), "NotRead"),
        ((REFUSED,), "AccessDenied"),
        ((FAR_AWAY, REFUSED), "AccessDenied"),
        ((status(region="ap-east-1"), REFUSED), "AccessDenied"),
    ],
)
@pytest.mark.parametrize("check", ["TS106", "TS107", "TS109"])
def test_a_home_region_that_nobody_told_of_is_not_known(check, statuses, named):
    settings = {"cloud_watch_logs_log_group_arn": GROUP, "kms_key_id": KEY}
    texts = [text for verdict, text in found(check, statuses, lying=(), **settings) if verdict == "unknown"]

    assert [text for text in texts if named in text], texts
    assert len(texts) == (1 + (FAR_AWAY in statuses) if check == "TS106" else 1)


@pytest.mark.parametrize("settings", [BARE, VALIDATED])
def test_what_arrived_and_is_gone_passes_nowhere(settings):
    young = status(latest_delivery_time=YOUNG, latest_digest_delivery_time=HOURLY)

    assert found("TS106", (young,), lying=(), **settings)[0][0] == "unknown"


@pytest.mark.parametrize("kms", [KEY, f"{KEY}0"])
def test_the_newest_object_is_told_with_its_age(kms):
    old = structs.replace(log_file(ago(days=300), kms=kms))
    told = found("TS107", (status(),), lying=(delivery(log_file=old),), kms_key_id=KEY)

    assert "300 d old" in told[0][1]


@pytest.mark.parametrize(
    ("span", "written"),
    [
        ({"seconds": -3}, "0 s"),
        ({"seconds": 59}, "59 s"),
        ({"seconds": 60}, "1 min"),
        ({"minutes": 119}, "1 h"),
        ({"hours": 23}, "23 h"),
        ({"days": 400}, "400 d"),
    ],
)
def test_an_age_is_in_whole_units_of_one_kind(span, written):
    assert age(ago(**span), NOW) == written


def test_every_verdict_on_the_home_region_that_rests_on_an_age_tells_it():
    told = [
        found("TS106", (status(**given),), **settings)[0][1]
        for given, settings in (
            ({"latest_delivery_time": ago(days=9)}, BARE),
            ({"latest_digest_delivery_time": ago(days=9)}, VALIDATED),
            ({"latest_delivery_error": "x", "latest_delivery_time": ago(days=9)}, BARE),
            ({"latest_digest_delivery_time": HOURLY, "latest_delivery_time": ago(days=9)}, VALIDATED),
        )
    ]

    assert all("9 d" in text for text in told), told
    assert TRAIL.rpartition("/")[2] in told[0]
