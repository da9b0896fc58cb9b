"""Object keys on the edge of being a log file's, made from a seed: each part right, nearly right or wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator

PARTS = (
    (
        "",
        "logs/",
        "a/b/",
        "/",
        "//",
        "AWSLogs/",
        "x\ny/",
        "é/",
        "logs/AWSLogs/111111111111/CloudTrail/us-east-1/",
    ),
    ("AWSLogs/", "awslogs/", "AWSLogs//", "AWSLogs"),
    ("", "o-exampleorg1/", "o-short/", "o-EXAMPLEORG1/", "o-exampleorg1/o-exampleorg1/"),
    ("111111111111/", "11111111111/", "1111111111111/", "11111111111a/", "١١١١١١١١١١١١/", ""),
    (
        "CloudTrail/",
        "CloudTrail-Digest/",
        "CloudTrail-Insight/",
        "CloudTrail-NetworkActivity/",
        "CloudTrail-Aggregated/",
        "CloudTrail-Other/",
        "CloudTrail-/",
        "cloudtrail/",
        "Config/",
    ),
    (
        "us-east-1/",
        "us-gov-west-1/",
        "eu/",
        "us-east/",
        "us-east-/",
        "-1/",
        "us--east-1/",
        "US-EAST-1/",
        "us-east-1a/",
        "1/",
    ),
    ("2026/", "0000/", "0001/", "2024/", "1900/", "2000/", "9999/", "26/", "20260/", "２０２６/"),
    ("02/", "00/", "13/", "12/", "2/", "04/"),
    ("30", "29", "28", "31", "00", "01", "1", "32", "01\n", "01 "),
    ("/x.json.gz", "/", "", "//", "/x/", "/x/y", "/\n", "/é.gz", "/x\n"),
)
RIGHT = 0.9


def strange_keys(number: int, seed: int = 1) -> Iterator[str]:
    """Yield every key that differs from a right one in two parts at most, and as many by chance."""
    for first, parts in enumerate(PARTS):
        for part in parts:
            for second in range(first, len(PARTS)):
                for other in PARTS[second]:
                    chosen = [each[0] for each in PARTS]
                    chosen[first], chosen[second] = part, other if second != first else part
                    yield "".join(chosen)
    chance = random.Random(seed)  # noqa: S311 - seeded keys
    for _ in range(number):
        yield "".join(parts[0] if chance.random() < RIGHT / 2 else chance.choice(parts) for parts in PARTS)
