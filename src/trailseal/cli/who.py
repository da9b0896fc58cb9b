"""`trailseal who`."""

from __future__ import annotations
