"""
Which AWS a session speaks to: AWS itself, or something that answers in its place, such as a lab.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

SERVICE = "cloudtrail"
GLOBAL = "AWS_ENDPOINT_URL"
IGNORE = "ignore_configured_endpoint_urls"


def endpoint_of(session: Any) -> str:
    """
    Return the address that CloudTrail's calls go to, "" where that is AWS.

    Addresses of AWS's own, of a VPC endpoint too, are the same AWS. It is read from the configuration as
    botocore does, without a client, which would need a Region.
    """
    url = "" if session.get_config_variable(IGNORE) else _configured(session, os.environ)
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:  # no URL at all, as the first call will say
        return url
    if not host or _is_aws(host, session.get_component("data_loader")):
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower()


def _configured(session: Any, environment: Mapping[str, str]) -> str:
    profile = session.get_scoped_config()
    services = session.full_config.get("services", {}).get(profile.get("services"), {})
    own = services.get(SERVICE)
    found = (
        environment.get(f"{GLOBAL}_{SERVICE.upper()}"),
        environment.get(GLOBAL),
        own.get("endpoint_url") if isinstance(own, Mapping) else "",
        profile.get("endpoint_url"),
    )
    return str(next(filter(None, found), ""))


def _is_aws(host: str, loader: Any) -> bool:
    partitions = loader.load_data("partitions")["partitions"]
    suffixes = {each["outputs"][name] for each in partitions for name in ("dnsSuffix", "dualStackDnsSuffix")}
    return host.lower().endswith(tuple(f".{suffix}" for suffix in suffixes))
