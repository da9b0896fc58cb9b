"""
The organization and the network that a stranger's request comes from.

He has one of his own or none. A value that a statement spells out is somebody's in particular; one that
a wildcard lets in can be his, and a range of addresses too wide counts for nothing, as it does for S3.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from trailseal.access.facts import Lack, OneOf, Value
from trailseal.access.lint.asking import fillings
from trailseal.access.public import is_narrow

ORGANIZATION = "o-trailsealx"
ADDRESSES = ("198.51.100.77", "203.0.113.77", "192.0.2.77", "2001:db8:77::7", "2600:1f18:77::7")
MAX_RANGES = 8
NETWORKS = {
    "aws:sourcevpc": "vpc-0trailseal",
    "aws:sourcevpce": "vpce-0trailseal",
    "aws:ec2instancesourcevpc": "vpc-0trailseal",
}
ORGANIZATIONS = frozenset({"aws:principalorgid", "aws:vpceorgid", "aws:sourceorgid"})
PATHS = frozenset({"aws:principalorgpaths", "aws:vpceorgpaths", "aws:sourceorgpaths"})
NETWORK_KEYS = frozenset(
    {
        *NETWORKS,
        "aws:sourceip",
        "aws:sourcevpcarn",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "aws:vpcsourceip",
    }
)
"""Keys that tell of the network; AWS takes them out of the calls of its services."""
SURROUNDINGS = frozenset({"aws:sourceip", *NETWORKS, *ORGANIZATIONS, *PATHS})
"""Keys whose value does not follow from the caller's account and kind."""


def surrounding_values(key: str, written: tuple[str, ...]) -> tuple[Value, ...]:
    """Return an organization or network that nobody named: absent, new, or one that a wildcard lets in."""
    if key == "aws:sourceip":
        return (*((address,) for address in _addresses(written)), Lack.ABSENT)
    if key in NETWORKS:
        return Lack.ABSENT, (NETWORKS[key],), *((text,) for text in fillings(written, "0trailseal"))
    if key in ORGANIZATIONS:
        return Lack.ABSENT, (ORGANIZATION,), *((text,) for text in fillings(written, "trailseal"))
    if key in PATHS:
        named = fillings([value.partition("/")[0] for value in written], "trailseal")
        return Lack.ABSENT, *(OneOf((f"{one}/*",)) for one in (ORGANIZATION, *named))
    return ()


def _addresses(written: tuple[str, ...]) -> tuple[str, ...]:
    """Return addresses in ranges too wide to be anybody's, and others that lie in no named range."""
    ranges = [network for value in written if (network := _network(value)) is not None]
    narrow = [network for network in ranges if is_narrow(network)]
    wide = [network for network in ranges if not is_narrow(network)][:MAX_RANGES]
    inside = [network[network.num_addresses // part + 7] for network in wide for part in (3, 5, 7)]
    tried = [*inside, *map(ip_address, ADDRESSES)]
    free = [address for address in tried if not any(address in network for network in narrow)]
    one_of_each = {address.version: address for address in reversed(free) if address not in inside}
    return tuple(map(str, [*(address for address in free if address in inside), *one_of_each.values()]))


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
