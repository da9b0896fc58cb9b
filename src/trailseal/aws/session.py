"""
How AWS is reached: its standard configuration, with a profile and a Region on top.

botocore without boto3, whose import loads its file transfers. One client for each service and Region,
botocore's standard retries and no second layer.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from typing import Any, cast
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError
from botocore.session import Session

from trailseal import __version__
from trailseal.aws.accepted import Acceptance
from trailseal.aws.endpoint import endpoint_of
from trailseal.aws.errors import problem
from trailseal.aws.known_regions import known_regions
from trailseal.aws.moving_lists import watch
from trailseal.aws.quotas import Pacer
from trailseal.aws.response_parsers import StrictParsers
from trailseal.aws.service_models import open_models
from trailseal.errors import TrailsealError
from trailseal.messages import message
from trailseal.model.arn import Arn, is_arn
from trailseal.model.given import reached_from

LOG = logging.getLogger("trailseal.aws")


CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 6},
    connect_timeout=10,
    read_timeout=60,
    user_agent_extra=f"trailseal/{__version__}",
    max_pool_connections=32,
)
ONCE = CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
"""For calls that make something each time: AWS may have acted though its answer is lost."""
ACCOUNT_BEFORE_ADDRESS = re.compile(
    r"^(https?://)\d{12}\.(?=(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]|localhost)(?:[:/?]|$))"
)


def new_session(profile: str | None) -> Session:
    """
    Return a session of botocore that finds its service descriptions fast and reads answers strictly.

    Raises:
        BotoCoreError: there is no such profile, or its configuration cannot be read.
    """
    session: Any = Session(profile=profile)
    session.register_component("data_loader", open_models(session.get_config_variable("data_path")))
    session.register_component("response_parser_factory", StrictParsers())
    return cast("Session", session)


class AwsSession:
    """Clients for one set of credentials. Making one calls nothing."""

    def __init__(self, *, profile: str | None = None, region: str | None = None, otherwise: str = "") -> None:
        """
        Begin in `region`; else, of a further account, in its profile's own Region or `otherwise`.

        Raises:
            TrailsealError: there is no such profile, or its configuration cannot be read.
        """
        self.profile = profile
        try:
            self._session: Any = new_session(profile)
            # botocore itself reads AWS_DEFAULT_REGION only; every other SDK reads AWS_REGION.
            named = region or (self._own_region() or otherwise if otherwise else os.environ.get("AWS_REGION"))
            self._region: str = named or self._session.get_config_variable("region") or ""
        except BotoCoreError as error:
            raise problem(error, call="sts:GetCallerIdentity") from error
        self._clients: dict[tuple[str, str, bool], Any] = {}
        self._lock = threading.Lock()
        self._pacer = Pacer()
        self._acceptance = Acceptance(self._identity)
        self._caller: dict[str, str] = {}
        self._known: frozenset[str] = frozenset()

    def _own_region(self) -> str:
        return str(self._session.get_scoped_config().get("region", ""))

    @property
    def region(self) -> str:
        """
        The Region to begin in.

        Raises:
            TrailsealError: none is configured.
        """
        if not self._region:
            raise problem(NoRegionError(), call="sts:GetCallerIdentity")
        return self._region

    @property
    def endpoint(self) -> str:
        """The address of what answers in the place of AWS, "" for AWS itself."""
        return endpoint_of(self._session)

    def region_of(self, named: str) -> str:
        """
        Return the Region of an ARN that a user named, "" of a name that is none.

        Raises:
            UsageProblem: it lies in another partition than the Region to begin in.
        """
        return Arn.parse(named).region if is_arn(reached_from(named, self._region)) else ""

    def regions(self) -> frozenset[str]:
        """Return the Regions that are known, of the partition in which this session begins."""
        if not self._known:
            self._known = known_regions(self._session.get_component("data_loader"), self.region)
        return self._known

    def client(self, service: str, region: str = "", *, once: bool = False) -> Any:
        """
        Return the client of a service in `region`, by default the session's; threads may share it.

        With `once` it sends each request a single time, whatever comes of it.
        """
        name = (service, region or self.region, once)
        with self._lock:
            if name not in self._clients:
                try:
                    self._sign_in()
                    made = self._session.create_client(
                        service, region_name=name[1], config=ONCE if once else CONFIG
                    )
                    _ = urlsplit(made.meta.endpoint_url).port  # botocore looks at it in the first call alone
                except BotoCoreError as error:
                    profile = self._session.profile or ""
                    raise problem(error, call=f"{service}:*", profile=profile) from error
                except ValueError as error:
                    raise _not_a_url(error) from error
                _log_calls(made)
                watch(made)
                self._acceptance.attach(made)
                made.meta.events.register("before-sign.s3-control", reach_by_address)
                self._pacer.attach(made)
                self._clients[name] = made
            return self._clients[name]

    def _sign_in(self) -> None:
        """Fetch credentials before the first call needs them, while it is known whose profile they are of."""
        credentials = None if self._clients else self._session.get_credentials()
        if credentials is not None:
            credentials.get_frozen_credentials()

    def caller(self) -> tuple[str, str]:
        """
        Return the account and the ARN that the credentials belong to.

        Raises:
            TrailsealError: there are no usable credentials, or nobody answers.
        """
        if not self._caller:
            self._caller = self._identity()
        return self._caller["Account"], self._caller["Arn"]

    def _identity(self, *, once: bool = False) -> dict[str, str]:
        try:
            found: dict[str, str] = self.client("sts", once=once).get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            raise problem(error, call="sts:GetCallerIdentity", profile=self.profile or "") from error
        return found


def _not_a_url(error: ValueError) -> TrailsealError:
    """Return what botocore means with a ValueError: an endpoint that is no URL."""
    return TrailsealError(
        message("AWS cannot be reached: {problem}", problem=str(error)),
        message("check AWS_ENDPOINT_URL and endpoint_url in the AWS configuration"),
    )


def reach_by_address(request: Any, **_: Any) -> None:
    """
    Take the account from in front of a host that is an address or `localhost`.

    S3 Control's endpoint is `<account>.<host>`, which no resolver knows for these; the account is sent in
    x-amz-account-id all the same.
    """
    request.url = ACCOUNT_BEFORE_ADDRESS.sub(r"\1", request.url, count=1)


def _log_calls(client: Any) -> None:
    """Let `-v` show each call with its request ID, and nothing of its content."""
    events = client.meta.events
    began: dict[int, float] = {}

    def before(**_: Any) -> None:
        began[threading.get_ident()] = time.monotonic()

    def after(http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        meta = parsed.get("ResponseMetadata", {})
        took = time.monotonic() - began.get(threading.get_ident(), time.monotonic())
        LOG.info(
            "%s:%s %s %s %d ms request %s",
            client.meta.service_model.service_name,
            model.name,
            client.meta.region_name,
            getattr(http_response, "status_code", ""),
            1000 * took,
            meta.get("RequestId", "-"),
        )

    events.register("before-call.*.*", before)
    events.register("after-call.*.*", after)
