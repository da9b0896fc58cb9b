"""A lab inside the test's own process, with no socket: clients speak to the application itself."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from msgspec import Struct


class Answered(Struct, frozen=True):
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def code(self) -> str:
        """The error code of a JSON answer."""
        return str(self.document.get("__type", ""))


class Here(Struct, frozen=True):
    """A lab in this process."""

    world: Any

    def client(self, service: str, **options: Any) -> Any:
        from trailseal_lab import inside

        return inside.client(self.world, service, **options)

    def send(
        self, service: str, body: bytes = b"", *, method: str = "POST", path: str = "/", **headers: str
    ) -> Answered:
        """Send one request as it is, signed for a service by the administrator."""
        from werkzeug.test import EnvironBuilder

        from trailseal_lab import credentials
        from trailseal_lab.application import Application

        key = credentials.issue(self.world, self.world.default_principal)
        scope = f"Credential={key.access_key_id}/20260101/ap-northeast-1/{service}/aws4_request"
        given = [("Authorization", f"AWS4-HMAC-SHA256 {scope}")]
        given += [(name.replace("_", "-"), value) for name, value in headers.items()]
        path, _, query = path.partition("?")
        environ = EnvironBuilder(
            path=path,
            query_string=query,
            method=method,
            base_url="http://127.0.0.1",
            headers=dict(given),
            input_stream=io.BytesIO(body),
        ).get_environ()
        environ["wsgi.input_terminated"] = True
        response = Application(self.world, lambda: None).respond(environ)
        return Answered(response.status_code, dict(response.headers), response.get_data())

    def ask(self, service: str, target: str, given: Any) -> Answered:
        """Send one JSON request; bytes are sent as they are."""
        body = given if isinstance(given, bytes) else json.dumps(given).encode()
        headers = {"Content_Type": "application/x-amz-json-1.1", "X_Amz_Target": target}
        return self.send(service, body, **headers)


@pytest.fixture
def here() -> Here:
    """A lab with an administrator and nothing else."""
    from trailseal_lab import scenarios, services
    from trailseal_lab.world import World

    services.load()
    world = World(scenario="empty", cycle=0)
    scenarios.build(world)
    return Here(world)
