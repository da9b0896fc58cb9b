"""An S3 Inventory report fetched to this machine, everything in it checked."""

from __future__ import annotations

from pathlib import Path

from trailseal.errors import TrailsealError
from trailseal.history.calls import Answer, Objects, get, one
from trailseal.history.inventory import InventoryManifest, check_shard, read_inventory
from trailseal.messages import message


def fetch_report(
    objects: Objects, bucket: str, key: str, folder: Path
) -> tuple[InventoryManifest, tuple[Path, ...]]:
    """
    Return the manifest and its shards as files in `folder`.

    Raises:
        TrailsealError: something cannot be read.
        UsageProblem: something is not what its checksum says.
    """
    checksum = key.removesuffix("json") + "checksum"
    raw, expected = (_body(one(objects, get(bucket, each))) for each in (key, checksum))
    manifest = read_inventory(raw, expected, name=f"s3://{bucket}/{key}")
    paths = []
    shards = (
        get(manifest.bucket, file.key, about=(number, file)) for number, file in enumerate(manifest.files)
    )
    for answer in objects.each(shards):
        number, file = answer.call.about
        body = _body(answer)
        check_shard(file, body)
        path = folder / f"{number}-{Path(file.key).name}"
        path.write_bytes(body)
        paths.append(path)
    return manifest, tuple(sorted(paths))


def _body(answer: Answer) -> bytes:
    if answer.error:
        raise TrailsealError(
            message(
                "s3://{bucket}/{key} cannot be read: {error}",
                bucket=answer.call.bucket,
                key=answer.call.key,
                error=answer.error,
            ),
            message("allow s3:GetObject on the inventory's bucket"),
        )
    return answer.body
