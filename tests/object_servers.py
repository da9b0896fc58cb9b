"""S3 servers that we did not write, started on loopback for one test or bench: ministack and seaweedfs."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from witnesses import program

ACCESS_KEY = "test"
SECRET_KEY = "test-secret"
SEAWEED_KEY = "alias/seaweedfs-default"
PATIENCE = 30


def free_port() -> int:
    """Return a port that is free, as is the one 10,000 above it, where seaweedfs puts its gRPC."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        if _is_free(port) and _is_free(port + 10_000):
            return port


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def environment(endpoint: str, region: str = "us-east-1") -> dict[str, str]:
    """Return what makes any AWS client use the server."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


@contextmanager
def ministack() -> Iterator[str]:
    """Yield the endpoint of an empty ministack."""
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as home,
        _running(
            [program("object-servers", "ministack")],
            port,
            env={"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "HOME": home},
        ),
    ):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def seaweedfs() -> Iterator[str]:
    """Yield the endpoint of an empty seaweedfs; its KMS key is `alias/seaweedfs-default`."""
    with seaweedfs_and_filer() as (s3, _):
        yield s3


@contextmanager
def seaweedfs_and_filer() -> Iterator[tuple[str, str]]:
    """
    Yield the endpoints of an empty seaweedfs and of its filer.

    What is put into the filer as `/buckets/BUCKET/KEY` is an object of S3, without metadata. A small one is
    kept beside its name, so that a GET costs the server less than that of an object put through S3.
    """
    ports = [free_port() for _ in range(4)]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "s3.json")
        config.write_text(json.dumps(_seaweed_config()))
        names = ("-s3.port", "-master.port", "-volume.port", "-filer.port")
        command = [
            program("object-servers", "weed"),
            "server",
            f"-dir={folder}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-s3",
            f"-s3.config={config}",
            "-master.volumeSizeLimitMB=1024",
            "-volume.max=100",
            "-filer=true",
            "-filer.saveToFilerLimit=65536",
            *(f"{name}={port}" for name, port in zip(names, ports, strict=True)),
        ]
        env = {"WEED_S3_SSE_KEK": "00" * 32, "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"}
        with _running(command, ports[0], env=env):
            yield f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[3]}"


def _seaweed_config() -> dict[str, object]:
    local = {"type": "local", "cache_enabled": True}
    identity = {
        "name": "test",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    return {
        "identities": [identity],
        "kms": {"default_provider": "local", "providers": {"local": local}},
    }


@contextmanager
def _running(command: list[str], port: int, *, env: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen(
        command, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait(process, port)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(0.5)
                return
        time.sleep(0.1)
    raise RuntimeError(f"{process.args!r} did not start")
