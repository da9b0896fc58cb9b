"""One understood API request."""

from __future__ import annotations

import io
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from moto.core.request import Request
from werkzeug.datastructures import Headers

from trailseal_lab.errors import ApiError

if TYPE_CHECKING:
    from trailseal_lab.caller import SigningPrincipal


@dataclass(kw_only=True)
class Call:
    """
    What a client asks for.

    `params` are the operation's members under their API names, "" operations have none. For S3 they
    hold Bucket, Key, VersionId and the modelled headers. `resources` and `encryption_contexts` are notes that
    handlers leave for the recorder; `notes` is free for `additionalEventData` and `responseElements`.
    """

    service: str
    operation: str
    region: str
    access_key_id: str
    session_token: str
    params: dict[str, Any]
    request: Request
    protocol: str
    request_id: str
    time: datetime
    body: bytes
    source_ip: str = "127.0.0.1"
    operation_model: Any = None
    problem: ApiError | None = None
    """What is wrong with the request's members; told once it is known who asks."""
    who: SigningPrincipal | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def caller(self) -> SigningPrincipal:
        """The authenticated principal; only unset before the access key was looked up."""
        if self.who is None:
            raise ApiError("IncompleteSignature", "the caller is not known yet")
        return self.who

    def derive(
        self, *, service: str, operation: str, region: str, who: SigningPrincipal, params: dict[str, Any]
    ) -> Call:
        """Return a call that AWS itself makes because of this one, KMS's for S3's objects for instance."""
        return Call(
            service=service,
            operation=operation,
            region=region,
            access_key_id="",
            session_token="",
            params=params,
            request=self.request,
            protocol=self.protocol,
            request_id=new_request_id(service),
            time=self.time,
            body=b"",
            source_ip=self.source_ip,
            who=who,
        )

    def replace_json(self, **members: Any) -> None:
        """Change members of the JSON body that is sent on."""
        self.body = json.dumps({**json.loads(self.body or b"{}"), **members}).encode()

    def set_header(self, name: str, value: str | None) -> None:
        """Change a header of the request that is sent on; None takes it away."""
        key = "HTTP_" + name.upper().replace("-", "_")
        if value is None:
            self.request.environ.pop(key, None)
        else:
            self.request.environ[key] = value

    @property
    def headers(self) -> Headers:
        """The request's headers, case-insensitive."""
        return self.request.headers

    @property
    def environ(self) -> dict[str, Any]:
        """A WSGI environment to send on, with the body readable again."""
        environ = dict(self.request.environ)
        environ["wsgi.input"] = io.BytesIO(self.body)
        environ["CONTENT_LENGTH"] = str(len(self.body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ.pop("werkzeug.request", None)
        return environ


def new_request_id(service: str) -> str:
    """Return a request ID in the form of the service's: S3's are short."""
    if service == "s3":
        return secrets.token_hex(8).upper()
    text = secrets.token_hex(16)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
