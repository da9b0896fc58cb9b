"""One object as HeadObject shows it."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import unreadable
from trailseal.aws.object_head import head_object
from trailseal.aws.session import AwsSession
from trailseal.model.log_file import StoredObject
from trailseal.model.unreadable import Unreadable


class AwsObjects:
    """Looks at single objects."""

    def __init__(self, *sessions: AwsSession) -> None:
        self._sessions = sessions

    def stored(self, bucket: str, key: str, *, region: str) -> StoredObject | Unreadable:
        """Return the object's facts as the first session that may look sees them, or why none may."""
        answers = (_look(session, bucket, key, region) for session in self._sessions)
        first = next(answers)
        if isinstance(first, StoredObject):
            return first
        return next((each for each in answers if isinstance(each, StoredObject)), first)


def _look(session: AwsSession, bucket: str, key: str, region: str) -> StoredObject | Unreadable:
    try:
        return head_object(session.client("s3", region), bucket, key)
    except (ClientError, BotoCoreError) as error:
        return unreadable(error, call="s3:GetObject", where=f"{bucket}/{key}")
