"""What can ask for an object, as one word."""

from __future__ import annotations

from enum import StrEnum


class SubjectKind(StrEnum):
    """What signs the request. A role stands for its sessions that no policy names."""

    USER = "user"
    ROLE = "role"
    ROOT = "root"
    SESSION = "session"
    FEDERATED = "federated user"
    SERVICE = "service"
    ACCOUNT = "account"
    ANYBODY = "any account"
    CANONICAL = "canonical user"
    ANONYMOUS = "anonymous"
