"""The proxy of the environment through which an address is reached, as it can be shown."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies

from botocore.httpsession import mask_proxy_url
from botocore.utils import get_environ_proxies

UNREADABLE = "?"


def proxy_for(url: str) -> str:
    """
    Return the proxy's URL without its user and password, "" where there is none for this address.

    Where the address is not known, any proxy of the environment may be the one.
    """
    scheme = urlsplit(url).scheme
    if scheme:
        found = get_environ_proxies(url).get(scheme, "")
    else:
        found = next((proxy for name, proxy in getproxies().items() if name in {"https", "http"}), "")
    try:
        return str(mask_proxy_url(found)) if found else ""
    except ValueError:
        return UNREADABLE  # no URL, and nobody knows which part of it is a password
