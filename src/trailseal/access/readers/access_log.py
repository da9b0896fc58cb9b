"""
Who fetched what, in S3 server access logs: pure parsing, of each line as far as it is needed.

Any field may be `-`, and a quoted one may hold quotes; new fields are added at the end.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import unquote

from trailseal.access.caller import role_arn
from trailseal.access.readers.fetches import ANONYMOUS, Fetch, Fetcher
from trailseal.access.service_name import CLOUDTRAIL
from trailseal.model.foreign_values import in_bounds

ACCESS_LOGS = "server access logs"
HEAD = re.compile(
    r"\S+ (?P<bucket>\S+) \[(?P<time>[^\]]*)\] \S+ (?P<requester>\S+) \S+ (?P<operation>\S+) (?P<key>\S+) "
)
STATUS = re.compile(r'(?:-|"(?P<request>.*?)") (?P<status>\d{3}|-) \S+ (?:\d+|-) (?:\d+|-) ')
"""The Request-URI, and what follows it: by that its end is known, whatever it holds."""
FETCHES = re.compile(r"[A-Z0-9]+\.(?:GET\.OBJECT|COPY\.(?:OBJECT|PART)_GET)")
"""`REST.GET.OBJECT`, `WEBSITE.GET.OBJECT` and what a copy reads; HEAD gives out no object."""
GIVEN_OUT = frozenset({"200", "206"})
"""206 is a range of bytes, as Athena and Spark read."""
SERVICE = "svc:"


def fetches_in_log(text: str) -> Iterator[Fetch]:
    """Yield what each line tells was given out, and to whom; other lines are passed over."""
    for line in text.splitlines():
        head = HEAD.match(line)
        status = STATUS.match(line, head.end()) if head else None
        if not head or not status or status["status"] not in GIVEN_OUT:
            continue
        person = _person(head["requester"])
        if FETCHES.fullmatch(head["operation"]) and person:
            yield Fetch(
                bucket=head["bucket"],
                key="" if head["key"] == "-" else unquote(head["key"]),
                person=person,
                source=ACCESS_LOGS,
                at=_time(head["time"]),
            )


def buckets_in_log(text: str) -> frozenset[str]:
    """Return the buckets that the lines are about: a target may take the logs of many."""
    return frozenset(head["bucket"] for line in text.splitlines() if (head := HEAD.match(line)))


def _person(requester: str) -> Fetcher | None:
    """Return who asked: an ARN, a service, nobody, or a canonical user ID; None for CloudTrail itself."""
    if requester == "-":
        return Fetcher(principal=ANONYMOUS)
    if requester.startswith(SERVICE):
        service = requester.removeprefix(SERVICE)
        return Fetcher(principal=service) if service != CLOUDTRAIL else None
    if requester.startswith("arn:"):
        return Fetcher(principal=role_arn(requester) or requester)
    return Fetcher(unique_id=requester)


def _time(text: str) -> datetime | None:
    try:
        return in_bounds(datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z"))
    except ValueError:
        return None
