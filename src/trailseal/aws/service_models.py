"""
botocore's service descriptions, found and decoded faster: several times faster than it does by itself.

A start reads some megabytes of them, and to find one botocore looks into the folders of all four hundred
services. Where files are searched for, and in which order, stays botocore's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from botocore.loaders import JSONFileLoader, Loader


class _FastFiles(JSONFileLoader):
    """Decodes into plain dicts, which keep their order as botocore's own OrderedDict does."""

    def _load_file(self, full_path: str, open_method: Callable[..., Any]) -> Any:
        if not Path(full_path).is_file():
            return None
        with open_method(full_path, "rb") as file:
            return msgspec.json.decode(file.read())


class _Models(Loader):
    """Knows the services by their folders' names; whether a file is in one shows when it is opened."""

    def list_available_services(self, type_name: str) -> list[str]:
        """Return the names of all services' folders, whatever they hold."""
        del type_name
        folders = [path for path in map(Path, self.search_paths) if path.is_dir()]
        return sorted({found.name for folder in folders for found in folder.iterdir()})


def open_models(search_path: str | None) -> Loader:
    """Return botocore's loader with the faster search and decoder; `search_path` is AWS_DATA_PATH's value."""
    paths = [os.path.expandvars(path) for path in (search_path or "").split(os.pathsep) if path]
    return _Models(
        extra_search_paths=[str(Path(path).expanduser()) for path in paths], file_loader=_FastFiles()
    )
