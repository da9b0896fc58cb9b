"""What a check says of one thing: a verdict with its facts, its remedy, and what could not be read."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from trailseal.messages import Message, message
from trailseal.model.region_off import is_as_if_off, place_of
from trailseal.model.unreadable import Unreadable


class Verdict(StrEnum):
    """UNKNOWN is never a pass; NO_DATA means that there is nothing to judge yet, or not here."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    UNKNOWN = "unknown"
    NO_DATA = "no_data"


class Severity(StrEnum):
    """Security Hub's words."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Finding(Struct, frozen=True, kw_only=True):
    """
    One verdict on one subject: a trail, a key, a bucket or the account.

    `trails` are the ARNs of the trails that it concerns; `missing` is set when the verdict is UNKNOWN
    because something could not be read; `region` and `account` say where deliveries were looked at.
    """

    check: str
    title: Message
    severity: Severity
    verdict: Verdict
    subject: str
    text: Message
    remedy: Message | None = None
    trails: tuple[str, ...] = ()
    missing: tuple[Unreadable, ...] = ()
    region: str = ""
    account: str = ""
    loses_history: bool = False
    """Whether what was delivered already is lost for good if nobody acts."""


class Check(Struct, frozen=True, kw_only=True):
    """
    What is the same for every finding of a check: its ID never changes and is never reused.

    `title`, `what`, `why` and `remedy` are marked for translation where they are written.
    """

    id: str
    title: str
    severity: Severity
    what: str
    why: str
    remedy: str
    page: str
    """AWS's page for the rule."""

    @property
    def is_security_hub(self) -> bool:
        """Whether Security Hub has a control of this ID."""
        return not self.id.startswith("TS")

    def passed(self, subject: str, text: Message, **more: object) -> Finding:
        """Return a PASS."""
        return self.found(Verdict.PASS, subject, text, **more)

    def failed(self, subject: str, text: Message, **more: object) -> Finding:
        """Return a FAIL with the check's remedy, unless a closer one is given."""
        return self.found(Verdict.FAIL, subject, text, **{"remedy": message(self.remedy), **more})

    def unknown(self, subject: str, *reasons: Unreadable, **more: object) -> Finding:
        """Return an UNKNOWN that names the IAM actions that are missing, or what AWS said instead."""
        facts = {
            "code": ", ".join(dict.fromkeys(each.code for each in reasons)),
            "call": ", ".join(dict.fromkeys(each.call for each in reasons)),
        }
        if reasons and all(map(is_as_if_off, reasons)):
            text = message(
                "not known: {region} takes no credentials of this account (AWS answered {code} to {call})",
                region=", ".join(dict.fromkeys(map(place_of, reasons))),
                **facts,
            )
        elif all(each.is_denied for each in reasons):
            text = message("not known: AWS answered {code}; the caller needs {call}", **facts)
        else:
            text = message("not known: AWS answered {code} to {call}", **facts)
        return self.found(Verdict.UNKNOWN, subject, text, **{"missing": reasons, **more})

    def no_data(self, subject: str, text: Message, **more: object) -> Finding:
        """Return that there is nothing to judge."""
        return self.found(Verdict.NO_DATA, subject, text, **more)

    def found(self, verdict: Verdict, subject: str, text: Message, **more: object) -> Finding:
        """Return a finding of this check."""
        given: dict[str, object] = {
            "check": self.id,
            "title": message(self.title),
            "severity": self.severity,
            "verdict": verdict,
            "subject": subject,
            "text": text,
        }
        return Finding(**{**given, **more})  # type: ignore[arg-type]  # the fields of Finding, by name
