"""What a concern says is for people: the names that a plan has for what is yet to be made never come out."""

from __future__ import annotations

from rows import each_row
from trailseal.locale.language import choose_language
from trailseal.plan.concern import concern
from trailseal.plan.concern_facts import RULES, Code, Details
from trailseal.view.concerns import remedy, told

NEW = "new:eu-west-1"
FIRST = "arn:aws:cloudtrail:eu-west-1:123456789012:trail/first"
TEXTS = {
    "trail": FIRST,
    "key": NEW,
    "reader": "arn:aws:iam::123456789012:user/alice",
    "call": "kms:GetKeyPolicy",
}
LISTS = {"regions", "rules", "statements", "principals", "actions", "folders", "roles"}
OTHERS = {"decided_by", "state", "expires"}


@each_row("lang", ["en", "ja"])
@each_row("code", list(Code))
def test_a_key_yet_to_be_made_is_named_in_words(code, lang):
    choose_language(["--lang", lang])
    needs = RULES[code].needs - OTHERS
    facts = Details(**{name: ("one",) if name in LISTS else TEXTS.get(name, "word") for name in needs})

    shown = concern(code, NEW, facts, trails=(FIRST,))

    assert "new:" not in told(shown) + remedy(shown)
