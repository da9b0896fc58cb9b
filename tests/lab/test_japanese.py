"""With `--lang ja` the answers about readers, policies and plans leave no English sentence."""

from __future__ import annotations

import io
import json
import re
import subprocess

import pytest
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from key_policies import ACCOUNT, console
from story_account import ROOT, account, document, person
from trailseal.locale.language import DOMAIN, FOLDER
from trailseal.model.document import encode
from trailseal.model.key import Grant
from witnesses import absent

READER = f"arn:aws:iam::{ACCOUNT}:role/siem-collector"
ELSEWHERE = "arn:aws:iam::210987654321:role/Siem"
DATA = re.compile(r'`[^`]*`|"[^"]*"|arn:\S+|https?://\S+|(?<=: )(?:trailseal|aws) [a-z].*')
SENTENCE = re.compile(r"[A-Za-z]{2,}(?: [a-z]{2,}){2,}")
"""Three words in a row that are neither quoted nor an address: nothing that AWS or the user named."""
VERBS = (
    "who",
    "who --plan plan.json",
    "who --as-of-policy odd.json",
    "who --as-of-policy broken.json",
    "who --snapshot unknown.json",
    f"who --prove --only {READER}",
    f"who --prove --as-of-policy console.json --only {READER}",
    f"who --prove --as-of-policy broken.json --only {READER}",
    "policy show console.json",
    "policy show odd.json",
    "policy lint console.json",
    "policy lint odd.json",
    "plan",
    f"plan --reader {READER}",
    f"plan --reader {READER} --reader-mode perimeter",
    "explain",
    "explain TS101",
)


@pytest.fixture(scope="module")
def marked():
    """The longest piece between placeholders of each marked text that has a Japanese translation."""
    compiled = FOLDER / "ja" / "LC_MESSAGES" / f"{DOMAIN}.mo"
    written, fresh = compiled.with_suffix(".po"), io.BytesIO()
    if written.exists():
        write_mo(fresh, read_po(io.BytesIO(written.read_bytes()), locale="ja"))
    if not compiled.exists() or fresh.getvalue() not in {b"", compiled.read_bytes()}:
        absent("the catalogue is not compiled as it stands: test the built wheel")
    entries = [e for e in read_mo(io.BytesIO(compiled.read_bytes())) if e.id and e.id != e.string]
    ids = [text for e in entries for text in ((e.id,) if isinstance(e.id, str) else e.id)]
    pieces = {max(re.split(r"\{\w+\}|`[^`]*`|\n", text), key=len).strip() for text in ids}
    return sorted(piece for piece in pieces if SENTENCE.search(piece))


def odd():
    """Statements that are told, linted and evaluated in many words, the last one half unknown."""
    policy = json.loads(console())
    given = {"Effect": "Allow", "Resource": "*"}
    office = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "StringEquals": {"aws:userid": "A*"}}
    policy["Statement"] += [
        {"Sid": "Typo", "Principal": {"AWS": ROOT}, "Action": ["kms:Decrpyt", "kms:*"], **given},
        {"Sid": "Elsewhere", "Principal": {"AWS": ELSEWHERE}, "Action": "kms:Decrypt", **given},
        {"Sid": "Idle", "Principal": {"AWS": ROOT}, "Action": "kms:Decrypt", "Effect": "Allow"},
        {
            "Sid": "NotYou",
            "Effect": "Deny",
            "NotPrincipal": {"AWS": [ROOT, READER]},
            "NotAction": "kms:PutKeyPolicy",
            "Resource": "*",
            "Condition": {**office, "StringNotLike": {"kms:ViaService": "s3.*"}},
        },
    ]
    return policy


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("japanese")
    broken = json.loads(console())
    broken["Statement"][3]["Condition"] = {"StringEqual": {"kms:CallerAccount": ACCOUNT}}
    office = {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    reading = {"Effect": "Allow", "Action": ["s3:GetObject", "kms:Decrypt"], "Resource": "*"}
    grant = Grant(
        grant_id="g1",
        grantee_principal=f"arn:aws:iam::{ACCOUNT}:user/bob",
        operations=("Decrypt",),
        source_arn="arn:aws:s3:::x",
    )
    unknown = account(
        json.dumps(odd()), principals=(person("bob", document({**reading, **office})),), grants=(grant,)
    )
    (place / "console.json").write_text(console())
    (place / "odd.json").write_text(json.dumps(odd()))
    (place / "broken.json").write_text(json.dumps(broken))
    (place / "unknown.json").write_bytes(encode(unknown))
    return place


@pytest.fixture(scope="module")
def told(shared_lab, folder):
    """Run a verb in Japanese, wide enough that no line is broken."""
    lab = shared_lab("story")
    environment = {**lab.environment(), "COLUMNS": "500"}

    def run(words):
        given = [str(folder / word) if word.endswith(".json") else word for word in words.split()]
        done = lab.trailseal_as(environment, *given, "--lang", "ja")
        assert "Traceback" not in done.stderr
        assert done.stdout or done.returncode == 2, "an answer, or a refusal"
        return done.stdout + done.stderr

    run("plan --out plan.json")
    return run


def sids():
    return [s["Sid"] for s in json.loads(console())["Statement"]]


@pytest.mark.parametrize("words", VERBS)
def test_no_english_sentence_is_left(told, marked, words):
    text = told(words)
    for name in sids():
        text = text.replace(name, "")

    assert [piece for piece in marked if piece in text] == []
    assert SENTENCE.findall(DATA.sub("", text)) == []


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize(
    "words", ["check --format xml", "simulate extra", "plan --out", "history census --sorce x", "aply-it"]
)
def test_a_mistyped_command_is_told_without_an_english_sentence(words, forked):
    command = [*forked.command, "--lang", "ja", *words.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 2
    last = re.sub(r"trailseal(?: [a-z]+)*", "", done.stderr.splitlines()[-1])
    assert SENTENCE.findall(last) == []
