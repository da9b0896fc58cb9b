"""
Where shard ledgers lie: a folder that every machine of the run sees, or a prefix in S3.

A document appears whole or not at all: a folder's by rename, S3's because PutObject is so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.files import write_private
from trailseal.messages import message
from trailseal.objects.calls import ObjectRequest, ObjectResponse, Objects, get, list_objects, one, put
from trailseal.objects.folders import next_page, page_of

S3 = "s3://"


class DocumentStore(Protocol):
    """Named documents."""

    def names(self) -> Iterator[str]:
        """Yield the names of all documents."""
        ...

    def read(self, name: str) -> bytes | None:
        """Return a document, None when there is none."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Put a document there, or in place of the one that is there."""
        ...


class FolderStore:
    """A folder of a file system."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def make(self) -> None:
        """
        Make the folder, unless it is there.

        Raises:
            UsageProblem: it cannot be made, or a file has its name.
        """
        with self._usable():
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def names(self) -> Iterator[str]:
        """
        Yield the names of all documents; a hidden file is one that a killed run left half written.

        Raises:
            UsageProblem: the folder cannot be read.
        """
        with self._usable():
            found = [each.name for each in self._path.iterdir()]
        yield from (name for name in found if not name.startswith("."))

    def read(self, name: str) -> bytes | None:
        """
        Return a document, None when there is none.

        Raises:
            UsageProblem: it cannot be read.
        """
        with self._usable():
            try:
                return (self._path / name).read_bytes()
            except FileNotFoundError:
                return None

    def write(self, name: str, content: bytes) -> None:
        """
        Write it whole or not at all.

        Raises:
            UsageProblem: it cannot be written.
            TrailsealError: there is no room for it.
        """
        write_private(self._path / name, content)

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            raise UsageProblem(
                message(
                    "the ledger folder `{path}` cannot be used: {problem}",
                    path=str(self._path),
                    problem=problem.strerror or "",
                ),
                message("name another ledger with `--ledger`"),
            ) from problem


class Prefix:
    """A prefix of an S3 bucket, reached through the object plane."""

    def __init__(self, objects: Objects, bucket: str, prefix: str) -> None:
        self._objects = objects
        self._bucket = bucket
        self._prefix = prefix.strip("/") + "/" if prefix.strip("/") else ""

    def names(self) -> Iterator[str]:
        """
        Yield the names of all documents.

        Raises:
            TrailsealError: the prefix may not be listed, or the listing does not go on.
        """
        calls: tuple[ObjectRequest, ...] = (list_objects(self._bucket, self._prefix),)
        while calls:
            answer = one(self._objects, calls[0])
            self._must("s3:ListBucket", answer)
            page = page_of(answer)
            yield from (each.key.removeprefix(self._prefix) for each in page.objects)
            calls = next_page(answer, page)

    def read(self, name: str) -> bytes | None:
        """
        Return a document, None when there is none.

        Raises:
            TrailsealError: it may not be read.
        """
        answer = one(self._objects, get(self._bucket, self._prefix + name))
        if answer.error == "NoSuchKey":
            return None
        self._must("s3:GetObject", answer)
        return answer.body

    def write(self, name: str, content: bytes) -> None:
        """
        Put it there.

        Raises:
            TrailsealError: it may not be written.
        """
        self._must(
            "s3:PutObject", one(self._objects, put(self._bucket, self._prefix + name, content, headers={}))
        )

    def _must(self, action: str, answer: ObjectResponse) -> None:
        if answer.error:
            raise TrailsealError(
                message(
                    "the ledger s3://{bucket}/{prefix} cannot be used: {error}",
                    bucket=self._bucket,
                    prefix=self._prefix,
                    error=f"{answer.error} {answer.message}".strip(),
                ),
                message("allow {action} on {bucket}", action=action, bucket=self._bucket),
            )


def place_of(where: str, objects: Objects) -> DocumentStore:
    """Return the place that `--ledger` names."""
    if where.startswith(S3):
        bucket, _, prefix = where.removeprefix(S3).partition("/")
        return Prefix(objects, bucket, prefix)
    return FolderStore(Path(where))


def make_place(where: str, objects: Objects) -> tuple[str, DocumentStore]:
    """
    Return the place that `--ledger` names, made if need be, and its name as other processes know it.

    Raises:
        UsageProblem: the folder cannot be made.
    """
    if where.startswith(S3):
        return where, place_of(where, objects)
    folder = FolderStore(Path(where).absolute())
    folder.make()
    return str(Path(where).absolute()), folder
