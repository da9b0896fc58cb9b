"""
botocore's service descriptions, found and decoded faster: several times faster than it does by itself.

A start reads some megabytes of them, and to find one botocore looks into the folders of all four hundred
services. Of a service's hundreds of operations and shapes a command uses a few, so each is decoded when
it is asked for. Where files are searched for, and in which order, stays botocore's.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader, Loader, instance_cache
from msgspec import Raw
from msgspec.json import Decoder, decode

MODEL = "service-2.json"
LARGE = frozenset({"operations", "shapes"})
_PARTS = Decoder(dict[str, Raw])


class _AsNeeded(dict[str, Any]):
    """Decodes each value the first time that it is asked for."""

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if isinstance(value, Raw):
            value = self[name] = decode(value)
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a name, the default where there is none."""
        try:
            return self[name]
        except KeyError:
            return default

    def items(self) -> Any:
        """Return all names with their values."""
        return {name: self[name] for name in self}.items()

    def values(self) -> Any:
        """Return all values."""
        return {name: self[name] for name in self}.values()


class _FastFiles(JSONFileLoader):
    """Decodes into dicts, which keep their order as botocore's own OrderedDict does."""

    def _load_file(self, full_path: str, open_method: Callable[..., Any]) -> Any:
        path = Path(full_path)
        if not path.is_file():
            return None
        text = path.read_bytes() if open_method is open else gzip.decompress(path.read_bytes())
        return _service_model(text) if path.name.startswith(MODEL) else decode(text)


def _service_model(text: bytes) -> dict[str, Any]:
    parts = _PARTS.decode(text)
    return {
        name: _AsNeeded(_PARTS.decode(part)) if name in LARGE else decode(part)
        for name, part in parts.items()
    }


class _Models(Loader):
    """Knows the services by their folders' names; whether a file is in one shows when it is opened."""

    @instance_cache
    def list_available_services(self, type_name: str) -> list[str]:
        """Return the names of all services' folders, whatever they hold."""
        del type_name
        folders = [path for path in map(Path, self.search_paths) if path.is_dir()]
        return sorted({found.name for folder in folders for found in folder.iterdir()})


def open_models(search_path: str | None) -> Loader:
    """Return botocore's loader with the faster search and decoder; `search_path` is AWS_DATA_PATH's value."""
    paths = [os.path.expandvars(path) for path in (search_path or "").split(os.pathsep) if path]
    # As botocore reads the setting, the home of a user who is not there is a folder that is not there:
    # https://github.com/boto/botocore/blob/develop/botocore/session.py
    return _Models(extra_search_paths=[os.path.expanduser(path) for path in paths], file_loader=_FastFiles())  # noqa: PTH111 - Path raises
