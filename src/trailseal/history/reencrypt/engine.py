"""
What every engine is: the same manifest in, the same ledger out, wherever the work runs.

`engines.py` chooses one by its name; a test asks all of them the same.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import ClassVar, Protocol

from msgspec import Struct

from trailseal.history.reencrypt.manifest_file import ManifestFile
from trailseal.history.rules.method import Target
from trailseal.history.rules.summary import Summary, Verify
from trailseal.objects.calls import Objects
from trailseal.run.events import Observer, ignore


class Assignment(Struct, frozen=True, kw_only=True):
    """What an engine is given: the objects, what they should become, and how much of it is proven."""

    manifest: ManifestFile
    target: Target
    verify: Verify = Verify.SAMPLE
    ledger: str = ""
    """Where the ledger is to lie, "" for beside the manifest."""
    retry_failed: bool = False
    total: int | None = None
    """Objects that will be changed, for whoever watches."""


class Engine(Protocol):
    """
    One place where a re-encryption can run.

    It enters an object as started before the first request that changes it and its end afterwards, leaves
    alone what the ledger shows as ended, and looks first at what a run that is gone may have done.
    """

    carries_context: ClassVar[bool]
    """Whether its copies can be given the trail's encryption context."""
    priced_as_job: ClassVar[bool]
    """Whether AWS asks its price for Batch jobs and their objects."""

    @property
    def works_as(self) -> str:
        """Return the ARN of the role that changes the objects, "" for the caller himself."""
        ...

    def ready(self) -> None:
        """
        See that it can begin, before anybody is asked anything.

        Raises:
            UsageProblem: something that it needs is not installed or not said.
        """
        ...

    def see_ledger(self, given: Assignment) -> None:
        """
        See that the ledger is of the manifest and its target, or is still to be made; nothing is written.

        Raises:
            UsageProblem: it is no ledger, or of another manifest or key.
            TrailsealError: it cannot be read.
        """
        ...

    def run(self, given: Assignment, observe: Observer = ignore) -> Summary:
        """
        Do what the ledger does not show as ended, and return how the whole manifest stands.

        Raises:
            UsageProblem: the ledger cannot be used, or is of another manifest or key.
            TrailsealError: the engine gave up; what is entered stays, and the next run goes on from there.
        """
        ...


class Paced(Protocol):
    """How often S3 asked to slow down."""

    slowed: int


class Plane(Objects, Protocol):
    """An object plane, which keeps its pace."""

    @property
    def pace(self) -> Paced:
        """Return its pace."""
        ...


Opener = Callable[[], AbstractContextManager[Plane]]


class Planes(Protocol):
    """Opens object planes to the bucket's S3, here and in other processes."""

    def open(self) -> AbstractContextManager[Plane]:
        """Return a plane of this process."""
        ...

    def opener(self) -> Opener:
        """Return something picklable that opens a plane to the same S3 elsewhere."""
        ...
