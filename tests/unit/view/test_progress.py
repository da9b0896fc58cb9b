"""What is told on the way, on stderr."""

from __future__ import annotations

import pytest

from trailseal.messages import message
from trailseal.run.events import Told
from trailseal.view.progress import ProgressLine


def test_a_reason_inside_a_sentence_is_said_as_a_message_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = message("not yet: {what}; trying again", what="the English of it")

    ProgressLine()(Told(what=told, because=message("said in {language}", language="the user's")))
    ProgressLine()(Told(what=told))

    assert capsys.readouterr().err.splitlines() == [
        "not yet: said in the user's; trying again",
        "not yet: the English of it; trying again",
    ]
