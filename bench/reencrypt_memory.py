"""
Peak memory of a re-encryption from manifests of 100,000 and of 1,000,000 objects.

The server is a stub that answers every request with 200 and the same: what is measured is the client.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from measure import Run, report, run

from cloudtrail_stub import cloudtrail_stub
from history_estate import ACCOUNT, BUCKET, PLACE
from object_servers import environment
from trailseal.history.rules.manifest import Header, Row, write_line

SIZES = tuple(map(int, os.environ.get("BENCH_MEMORY", "100000,1000000").split(",")))
REGION = "us-east-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
BODY = (
    "<GetCallerIdentityResponse><CopyObjectResult/><GetCallerIdentityResult>"
    f"<Account>{ACCOUNT}</Account><Arn>arn:aws:iam::{ACCOUNT}:root</Arn>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
).encode()
HEADERS = f"Content-Type: application/xml\r\nx-amz-request-id: 1\r\nx-amz-bucket-region: {REGION}".encode()
ANSWER = b"HTTP/1.1 200 OK\r\n%s\r\nContent-Length: %d\r\n\r\n%s" % (HEADERS, len(BODY), BODY)


class Stub(asyncio.Protocol):
    """Answers each request's end of headers with the same answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer as many requests as end here."""
        self.transport.write(ANSWER * data.count(b"\r\n\r\n"))  # type: ignore[attr-defined]


@contextmanager
def stub() -> Iterator[str]:
    """Yield the endpoint of the stub, which runs in a thread."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(Stub, "127.0.0.1", 0))
    threading.Thread(target=loop.run_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    loop.call_soon_threadsafe(loop.stop)


def main() -> None:
    """Run both sizes and compare their peaks."""
    with tempfile.TemporaryDirectory() as folder, stub() as s3, cloudtrail_stub() as cloudtrail:
        os.environ.update(
            environment(s3, REGION)
            | {"AWS_ENDPOINT_URL_CLOUDTRAIL": cloudtrail, "AWS_ENDPOINT_URL_KMS": cloudtrail}
        )
        small, large = (_run(Path(folder), size) for size in SIZES)
    report(
        bench="reencrypt-memory",
        ours=SIZES[1] / large.wall,
        peer=SIZES[0] / small.wall,
        peer_name=f"itself with {SIZES[0]:,} objects",
        unit="objects/s",
        n=SIZES[1],
        ratio=(SIZES[1] / large.wall) / (SIZES[0] / small.wall),
        peak_mb=round(large.peak_memory / 1e6),
        peak_mb_small=round(small.peak_memory / 1e6),
        server="stub that answers 200 to everything",
    )


def _run(folder: Path, size: int) -> Run:
    manifest = folder / f"{size}.jsonl"
    header = Header(bucket=BUCKET, region=REGION, trail_arn=PLACE.arn, made_at=datetime.now(UTC))
    root = f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/11/20/{ACCOUNT}_CloudTrail_{REGION}"
    with manifest.open("wb") as file:
        file.write(write_line(header))
        file.writelines(
            write_line(Row(key=f"{root}_{n:08d}.json.gz", size=2048, etag=f"{n:032x}")) for n in range(size)
        )
    command = [
        sys.executable,
        "-m",
        "trailseal.cli.main",
        "history",
        "reencrypt",
        "--yes",
        "--method",
        "copy",
    ]
    done = run([*command, "--verify", "none", "--key", KEY, "--manifest", str(manifest)])
    if f"{size:,}  re-encrypted" not in done.output.decode():
        raise RuntimeError(done.output.decode())
    return done


if __name__ == "__main__":
    main()
