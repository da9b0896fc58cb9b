"""An S3 Inventory report fetched to this machine, everything in it checked."""

from __future__ import annotations

from functools import partial
from hashlib import file_digest, md5
from pathlib import Path

from trailseal.history.rules.inventory import InventoryManifest, check_shard, read_inventory
from trailseal.messages import message
from trailseal.model.foreign import LARGEST
from trailseal.objects.calls import Objects
from trailseal.objects.download import download
from trailseal.run.events import Observer, Progress, ignore


def fetch_report(
    objects: Objects, bucket: str, key: str, folder: Path, observer: Observer = ignore
) -> tuple[InventoryManifest, tuple[Path, ...]]:
    """
    Return the manifest and its shards as files in `folder`.

    Raises:
        TrailsealError: something cannot be read.
        UsageProblem: something is not what its checksum says.
    """
    raw, expected = folder / "manifest.json", folder / "manifest.checksum"
    download(objects, bucket, key, raw, most=LARGEST)
    download(objects, bucket, key.removesuffix("json") + "checksum", expected, most=LARGEST)
    manifest = read_inventory(raw.read_bytes(), expected.read_bytes(), name=f"s3://{bucket}/{key}")
    paths = []
    for number, file in enumerate(manifest.files):
        path = folder / f"{number:05d}{'.gz' if file.key.endswith('.gz') else ''}"
        download(objects, manifest.bucket, file.key, path)
        check_shard(file, _md5(path))
        paths.append(path)
        observer(Progress(what=message("files of the list"), done=number + 1, total=len(manifest.files)))
    return manifest, tuple(paths)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, partial(md5, usedforsecurity=False)).hexdigest()
