"""
The lab beside moto_server: one service of each protocol, asked over eight connections that are kept open.

The lab asks the policy engine for every call and records it as an event; moto_server does neither. What these
parts cost is measured inside the process, in milliseconds a call: `read`, `gate`, `record`, and `rest`, which
is moto or the lab's own handler.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
from botocore.config import Config
from measure import median, report

CONNECTIONS, EACH, ROUNDS = 8, 100, 3
REGION, BUCKET, KEY, ACCOUNT = "us-east-1", "bench-logs", "AWSLogs/file.json.gz", "123456789012"
PATIENCE = 60.0


def trail_policy() -> str:
    """Return a bucket policy that lets CloudTrail in."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def build(make: Callable[[str], Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Make a bucket, an object, a key and a trail, and return the calls to measure by service."""
    s3, kms, trails = make("s3"), make("kms"), make("cloudtrail")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=trail_policy())
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"x" * 1000)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    trails.create_trail(Name="audit", S3BucketName=BUCKET)
    return {
        "sts": ("GetCallerIdentity", {}),
        "kms": ("DescribeKey", {"KeyId": key}),
        "s3": ("HeadObject", {"Bucket": BUCKET, "Key": KEY}),
        "cloudtrail": ("GetTrail", {"Name": "audit"}),
    }


def request_of(client: Any, operation: str, given: dict[str, Any]) -> bytes:
    """Return the bytes that the client would send, signed once: neither server looks at the signature."""
    seen: list[bytes] = []

    def keep(request: Any, **_: Any) -> None:
        path = "/" + request.url.split("/", 3)[3]
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        fields = {name: _text(value) for name, value in request.headers.items()}
        fields |= {"Host": request.url.split("/")[2], "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        seen.append(f"{request.method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)

    client.meta.events.register("before-send", keep)
    client._make_api_call(operation, given)  # noqa: SLF001 - by the operation's own name
    return seen[0]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def ask(port: int, request: bytes) -> None:
    """Send a request EACH times over one connection, or over as many as the server wants."""
    connection: socket.socket | None = None
    for _ in range(EACH):
        connection = connection or socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        connection.sendall(request)
        if _answer(connection, is_head=request.startswith(b"HEAD")):
            connection.close()
            connection = None
    if connection is not None:
        connection.close()


def _answer(connection: socket.socket, *, is_head: bool) -> bool:
    """Read one answer and return whether the server closes the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            raise SystemExit("the server went away")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"not answered: {head!r} {body[:200]!r}")
    missing = 0 if is_head else int(fields.get(b"content-length", 0)) - len(body)
    while missing > 0:
        missing -= len(connection.recv(65536))
    return fields.get(b"connection") == b"close"


def rate(port: int, request: bytes) -> float:
    """Return answers a second over all connections."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for done in [pool.submit(ask, port, request) for _ in range(CONNECTIONS)]:
            done.result()
    return CONNECTIONS * EACH / (time.perf_counter() - began)


def maker(address: str, key: str, secret: str) -> Callable[[str], Any]:
    """Return what makes clients of one server."""

    def make(service: str) -> Any:
        by_name: Any = boto3.client
        return by_name(
            service,
            region_name=REGION,
            endpoint_url=address,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    return make


@contextmanager
def lab(folder: str) -> Iterator[Callable[[str], Any]]:
    """Run a lab whose clock stands still, in this session, as the peer: Linux shares its time by sessions."""
    environment = {**os.environ, "TRAILSEAL_HOME": folder}
    trailseal = [sys.executable, "-m", "trailseal", "lab"]
    up = [*trailseal, "up", "--scenario", "empty", "--cycle", "0"]
    running = subprocess.Popen(up, env=environment, stdout=subprocess.PIPE)
    try:
        if running.stdout is None or not running.stdout.readline():  # it says when it is ready
            raise SystemExit("the lab did not start")
        told = subprocess.run(
            [*trailseal, "env", "--format", "json"], env=environment, check=True, capture_output=True
        )
        given = json.loads(told.stdout)["environment"]
        yield maker(given["AWS_ENDPOINT_URL"], given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"])
    finally:
        subprocess.run([*trailseal, "down"], env=environment, check=False, stdout=subprocess.DEVNULL)
        running.communicate()


@contextmanager
def moto_server() -> Iterator[Callable[[str], Any]]:
    """Run moto's own server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = str(Path(sys.executable).with_name("moto_server"))
    command = [program, "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield maker(f"http://127.0.0.1:{port}", "testing", "testing")
    finally:
        process.terminate()
        process.wait()


def parts(calls: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, dict[str, float]]:
    """Return what each part of an answer costs in a lab inside this process, in milliseconds a call."""
    from trailseal_lab import application, asks, inside, scenarios, services
    from trailseal_lab.world import World

    services.load()
    world = World(scenario="empty", cycle=0, region=REGION)
    scenarios.build(world)
    principal = world.default_principal
    made = build(lambda service: inside.client(world, service, principal=principal, region=REGION))
    found = {}
    for service in calls:
        operation, given = made[service]
        client = inside.client(world, service, principal=principal, region=REGION)
        client._make_api_call(operation, given)  # noqa: SLF001 - by the operation's own name
        found[service] = _timed(application, asks, client, (operation, given))
    return found


def _timed(application: Any, asks: Any, client: Any, call: tuple[str, dict[str, Any]]) -> dict[str, float]:
    spent: dict[str, float] = {"read": 0.0, "gate": 0.0, "record": 0.0, "all": 0.0}

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **more: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*given, **more)
            finally:
                spent[name] += time.perf_counter() - began

        return run

    with (
        patch.object(application, "understand", timed("read", application.understand)),
        patch.object(asks, "check", timed("gate", asks.check)),
        patch.object(application, "tell", timed("record", application.tell)),
        patch.object(application.Application, "respond", timed("all", application.Application.respond)),
    ):
        for _ in range(EACH):
            client._make_api_call(*call)  # noqa: SLF001 - by the operation's own name
    spent["rest"] = spent.pop("all") - sum(spent.values())
    return {name: round(seconds * 1000 / EACH, 3) for name, seconds in spent.items()}


def main() -> None:
    """Measure both servers in turn, service by service."""
    with tempfile.TemporaryDirectory() as folder, lab(folder) as ours, moto_server() as peer:
        both = [(make, build(make)) for make in (ours, peer)]
        cost = parts(both[0][1])
        for service in both[0][1]:
            sides = []
            for make, calls in both:
                client = make(service)
                port = int(client.meta.endpoint_url.rpartition(":")[2])
                sides.append((port, request_of(client, *calls[service])))
            for port, request in sides:
                rate(port, request)
            runs = [(rate(*sides[0]), rate(*sides[1])) for _ in range(ROUNDS)]
            mine, theirs = median([a for a, _ in runs]), median([b for _, b in runs])
            report(
                bench=f"lab-{service}",
                ours=mine,
                peer=theirs,
                peer_name="moto_server",
                unit="calls/s",
                n=CONNECTIONS * EACH,
                ratio=mine / theirs,
                milliseconds_a_call=cost[service],
            )


if __name__ == "__main__":
    main()
