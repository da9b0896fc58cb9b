"""Log files that another trail's digest files name: two trails may deliver into one folder."""

from __future__ import annotations

from datetime import datetime, timedelta

from trailseal.history.rules.chain import NEVER, end_in_key
from trailseal.history.rules.digest import Digest
from trailseal.history.rules.walk import WantedDigest
from trailseal.history.validate.chains import FoundChain
from trailseal.history.validate.digests import Digests

NAMED_WITHIN = timedelta(hours=2)
"""So long after a log file, the digest file that names it ends."""


def named_by_others(
    chain: FoundChain, bucket: str, times: tuple[datetime, ...], digests: Digests
) -> frozenset[str]:
    """Return the log files that valid digest files of other trails name, of those that could name these."""
    if not times or not chain.others:
        return frozenset()
    first, last = min(times), max(times) + NAMED_WITHIN
    one = chain.result.chain
    needs = [
        WantedDigest(bucket, key)
        for key in chain.others
        if end_in_key(key) != NEVER and first <= end_in_key(key) <= last
    ]
    for _ in digests.fetch((need, one) for need in needs):
        pass
    judged = (digests.look(need, one) for need in needs)
    return frozenset(
        entry.s3_object
        for digest in judged
        if isinstance(digest, Digest)
        for entry in digest.text.log_files or ()
    )
