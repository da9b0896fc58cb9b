"""
Which operation a request asks for.

moto carries botocore's service models with a router for every AWS protocol; a request is matched with them.
A request tells its service by the name that it is signed with, which several services may share.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationNotFoundError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from msgspec import Struct
from werkzeug.exceptions import HTTPException

from trailseal_lab.errors import CBOR

MODELS = {"s3": ("s3",), "s3-control": ("s3control",)}
"""Names that are ours: S3 and its control plane are signed for by one name and told apart by their paths."""
UNROUTABLE = (
    HTTPException,
    NotImplementedError,
    LookupError,
    OperationNotFoundError,
    AttributeError,
    ValueError,
)
"""What moto's routers raise for a request that is none of the service's operations."""
TARGET = "HTTP_X_AMZ_TARGET"
HEAD = 20_000
"""Bytes of a service's description that hold its metadata, which come first in it."""


class Asked(Struct, frozen=True, kw_only=True):
    """What a request asks for; no `operation` where no model has one like it."""

    protocol: str
    operation: Any = None
    uri_parameters: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """The operation's name, "" for none."""
        return str(self.operation.name) if self.operation is not None else ""


def find_operation(service: str, request: Request) -> Asked:
    """Return the operation of the first service of that signing name that has it."""
    models = [model for name in services_signed_for(service) if (model := _model(name)) is not None]
    for model in models:
        found = _match(model, request)
        if found is not None:
            return found
    return Asked(protocol=_protocol(models[0], request) if models else _guessed(request))


def services_signed_for(name: str) -> tuple[str, ...]:
    """Return the services, by their models' names, whose requests are signed for this name."""
    return MODELS.get(name) or _by_signing_name().get(name, (name,))


@cache
def _by_signing_name() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for folder in sorted(each for each in Path(Loader.BUILTIN_DATA_PATH).iterdir() if each.is_dir()):
        if metadata := _metadata(folder):
            signed = str(metadata.get("signingName") or metadata.get("endpointPrefix"))
            found.setdefault(signed.lower(), []).append(folder.name)
    return {name: tuple(sorted(all_, key=lambda each: each != name)) for name, all_ in found.items()}


def _metadata(folder: Path) -> dict[str, Any]:
    """Return the metadata of a service's newest description, {} where there is none; the rest is not read."""
    for file in sorted(folder.glob("*/service-2.json*"), reverse=True):
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
            head = opened.read(HEAD).decode(errors="replace")
        start = head.partition('"metadata":')[2].lstrip()
        found, _ = json.JSONDecoder().raw_decode(start)
        return dict(found)
    return {}


@cache
def _model(service: str) -> Any:
    try:
        return get_service_model(service)
    except UnknownServiceError:
        return None


def _match(model: Any, request: Request) -> Asked | None:
    protocol = _protocol(model, request)
    if not _is_of_this_version(model, protocol, request) or protocol not in PROTOCOL_PARSERS:
        return None
    spoken = request.environ.get(TARGET, "")
    request.environ[TARGET] = _whole_target(model, spoken)
    try:
        operation, uri_parameters = get_service_router(model.service_name).match(request)
    except UNROUTABLE:
        request.environ[TARGET] = spoken
        return None
    return Asked(protocol=protocol, operation=operation, uri_parameters=uri_parameters)


def _is_of_this_version(model: Any, protocol: str, request: Request) -> bool:
    """Whether a Query request names this service's version: services that share a name differ in it."""
    if protocol not in {"query", "ec2"} or not (version := request.values.get("Version")):
        return True
    shared = len(services_signed_for(str(model.signing_name))) > 1
    return not shared or version == model.api_version


def _whole_target(model: Any, spoken: str) -> str:
    """
    Return the target of a JSON request as botocore writes it, which is what moto knows.

    botocore's models of some services name the target with dots; SDKs that are made of Smithy models send
    the shape's own name, its last part. AWS takes both.
    Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#protocol-behaviors
    """
    prefix = str(model.metadata.get("targetPrefix", ""))
    service, _, operation = spoken.rpartition(".")
    return f"{prefix}.{operation}" if prefix and service == prefix.rpartition(".")[2] else spoken


def _protocol(model: Any, request: Request) -> str:
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return CBOR
    try:
        return determine_request_protocol(model, request.content_type)
    except NotImplementedError:
        return str(model.protocol)


def _guessed(request: Request) -> str:
    return "json" if "json" in (request.content_type or "") else "query"
