"""The log files of a trail that the policies can tell apart, one of each kind."""

from __future__ import annotations

import string
from collections.abc import Iterator

from msgspec import structs

from trailseal.access.prove.values import STRINGS
from trailseal.access.prove.vocabulary import Vocabulary
from trailseal.access.readers.log_object import CONTEXT, OBJECT_PAIR, LogObject
from trailseal.access.split.automaton import answers, compile_pattern, run, start, words

KEY = string.ascii_letters + string.digits + "!-_.()'/ "


def objects(target: LogObject, looked: Vocabulary) -> Iterator[LogObject]:
    """
    Yield one object for each way in which resources and the object's pair in the context can match.

    Raises:
        TooMany: there are more kinds than the bound allows.
    """
    pair = looked.keys.get((CONTEXT + OBJECT_PAIR).lower())
    texts = [(r, False) for r in sorted(looked.resources) if ":s3:::" in r or r == "*"]
    texts += (
        [(t.value, t.family == "StringEquals") for t in sorted(pair.tests) if t.family in STRINGS]
        if pair
        else []
    )
    patterns = tuple(compile_pattern(text, literal=literal) for text, literal in dict.fromkeys(texts))
    prefix = f"{target.bucket_arn}/{target.folder}"
    state = run(patterns, start(patterns), prefix)
    alive = tuple((p, s) for p, s in zip(patterns, state, strict=True) if s)
    seen: set[tuple[bool, ...]] = set()
    kept, here = tuple(p for p, _ in alive), tuple(s for _, s in alive)
    for there, word in words(kept, here, allowed=KEY, not_last="/"):
        if (answer := answers(kept, there)) not in seen:
            seen.add(answer)
            yield structs.replace(target, key=target.folder + word)
