"""
What is known of one condition key.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class ValueType(StrEnum):
    """What the values are, which tells the operators that make sense with the key."""

    STRING = "string"
    ARN = "ARN"
    NUMBER = "number"
    INTEGER = "whole number"
    DATE = "date"
    BOOLEAN = "true or false"
    ADDRESS = "IP address"
    BINARY = "binary"


class SetBy(StrEnum):
    """Where AWS takes the value from."""

    IDENTITY = "who the caller is"
    SESSION = "how the caller's session was made"
    SERVICE = "an AWS service that calls"
    REQUEST = "what the caller sends"
    NETWORK = "the network the request came through"
    RESOURCE = "the resource"
    TIME = "AWS's clock"


class There(StrEnum):
    """In which requests the key is."""

    ALWAYS = "every request"
    CALLERS = "every request; whether a service principal's hold it is not documented"
    SAID = "every request, AWS says; of one whose caller leaves it out no page speaks"
    SIGNED = "every signed request"
    PRINCIPALS = "every request by a user, role, federated user or root user"
    SOME_PRINCIPALS = "requests by users, roles, federated users and root users, not all of them"
    USERS = "every request by an IAM user"
    TOKENS = "every request with temporary credentials"
    TEMPORARY = "requests with temporary credentials, not all of them"
    SESSIONS = "requests by role sessions and federated users, not all of them"
    SERVICES = "every direct call by an AWS service"
    SOME_SERVICES = "direct calls by AWS services, not all of them"
    ON_THE_WAY = "calls that a service makes for a principal, not all of them"
    SOMETIMES = "some requests"
    SENT = "requests that carry it"
    MADE_UP = "requests that carry it; the caller chooses the key itself"


class Travels(StrEnum):
    """What KMS gets when S3 asks it to decrypt for a reader, in a forward access session."""

    YES = "yes, unchanged"
    NO = "no"
    PUBLIC_ENDPOINT = "if the reader came to a public endpoint"
    FIXED_BY_S3 = "S3 sets it"
    OWN = "set again for the call to KMS"
    UNVERIFIED = "not documented"


class ConditionKey(Struct, frozen=True, kw_only=True, cache_hash=True):
    """
    One key, or one family of keys that share a prefix.

    `sure` is how well a row is known: D for AWS's current page, M for its
    API model, O for an older copy of a page, I for an inference, U where no page
    says it.
    """

    name: str
    """As AWS writes it. A family's name ends with its separator: `aws:PrincipalTag/`."""
    family: bool = False
    values: ValueType = ValueType.STRING
    many: bool = False
    """Whether a request can hold several values, so that set operators belong with it."""
    set_by: SetBy
    there: There
    only_for: tuple[str, ...] = ()
    """The actions, as patterns, whose requests can hold the key. Empty: any action."""
    travels: Travels
    overridable: bool = False
    """Whether the value that the role carries can be replaced when a session is made."""
    derives: str = ""
    """What trailseal derives when nobody gives the key, in words."""
    note: str = ""
    page: str
    sure: str = "D"

    @property
    def written(self) -> str:
        """The name as one would write it for a reader: a family with a star."""
        return f"{self.name}*" if self.family else self.name

    @property
    def service(self) -> str:
        """The part before the first colon."""
        return self.name.partition(":")[0]
