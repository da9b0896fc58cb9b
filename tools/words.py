"""
The words of the texts a user meets, in one place: what is written for an idea, and what for it is not.

`tools/catalogue.py check` holds both lists against every marked text and its translation, and
`tests/docs/test_words.py` the list of a page's language against the page. CONTRIBUTING.md shows them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LETTER = "[ぁ-んァ-ヶー一-龠々]"


class Word(NamedTuple):
    """One rule: what the pattern finds is not written, `better` is."""

    pattern: str
    instead_of: str
    better: str


ENGLISH = (
    Word(r"\bcan not\b", "can not", "cannot"),
    Word(r"\bmend(s|ed|ing)?\b", "mend", "fix"),
    Word(r"\bway back\b", "the way back", "how to undo it"),
    Word(r"\b(takes?|took|taken|taking) back\b", "taken back", "rolled back, undone"),
    Word(r"\b(takes?|took|puts?|putting) (it|them|the (trail|steps?)) back\b", "put it back", "roll it back"),
    Word(r"\b(is|are|be|been|was|were|and|not) put back\b", "is put back", "is rolled back"),
    Word(r"\bl(ies?|ay|ying) under\b", "lies under a key", "is encrypted with a key"),
    Word(
        r"\bunder (the|a|an|another|this|its|your|their|no|one|KMS)( (own|KMS|trail's))* keys?\b",
        "under a key",
        "encrypted with a key",
    ),
    Word(r"\bseal(s|ed)?\b", "seal", "encrypt"),
    Word(r"(?<![/{.\w])verbs?\b(?![/.}])", "verb", "command"),
    Word(r"\b(is|are|was|were|be|not|as) told\b(?! to\b)|\btells? of\b", "told", "reported, shown, named"),
    Word(r"\bshuts?( \S+)? out\b", "shut out", "denied, loses access"),
    Word(
        r"\b(take|takes|taken) (it |this |that )?on (with|here|yourself)\b", "take it on", "accept the risk"
    ),
    Word(r"\btake on a refusal\b", "take on a refusal", "accept the risk behind a refusal"),
    Word(r"(?<!here )\bis no (?!longer|more|other|change|such)", "is no pass", "is not a pass"),
    Word(r"\bnobody answers\b", "nobody answers at URL", "no answer from URL"),
    Word(r"\bRegion is chosen\b", "no Region is chosen", "no Region is configured"),
    Word(r"\bcarries its own id\b", "no longer carries its own id", "was edited (checksum mismatch)"),
    Word(r"\bworld (has )?moved\b", "the world has moved", "something changed"),
    Word(r"\balready stood\b|\bstands? twice\b", "stood, stands twice", "is in place, appears twice"),
    Word(r"\bsteps stand\b|\band stands?\b", "steps stand", "steps are applied"),
    Word(r"\bshall\b", "shall", "will, must, may"),
    Word(r"\bno more\b(?! than| of)", "can read no more", "can no longer read"),
    Word(r"\banew\b", "anew", "again"),
    Word(r"\bt(old|ells?) apart\b", "tell apart", "distinguish"),
    Word(r"\bso (long|many)( [a-z]+)?\.$|\bso many days\b", "at most so long", "longest time, every N days"),
    Word(r"\bthat is known may\b", "nobody that is known", "nobody among those that were read"),
    Word(r"\bcannot be known\b", "cannot be known", "could not be decided"),
    Word(r"\bopens? (with|to) (it|nothing)\b|\balone opens\b", "opens with", "can be decrypted with"),
    Word(r"\bverbs:", "Verbs:", "Commands:"),
    Word(r"\bwhat was asked for holds\b", "what was asked for holds already", "already matches the request"),
    Word(r"\bwhat to know first\b", "what to know first", "warnings"),
    Word(r"\bis no time\b", "is no time", "is not a time"),
    Word(r"\bopens? with \S+ alone\b", "open with KEY alone", "can only be decrypted with key KEY"),
    Word(r"\bwhere several run\b", "where several run", "when several are running"),
    Word(r"\bput(s)? back by itself\b", "put back by itself", "rolled back automatically"),
    Word(r"(\}|\d) %", "74 %", "74%"),
)
JAPANESE = (
    Word("計画(?!し|・|でき|され)", "計画", "プラン（「計画する」は可）"),
    Word("読み手|読者", "読み手、読者", "閲覧者"),
    Word("トレイル", "トレイル", "証跡"),
    Word(
        "フォルダ(?!ー)|ユーザ(?!ー)|サーバ(?!ー)|プライマリー",
        "フォルダ、ユーザ、サーバ、プライマリー",
        "フォルダー、ユーザー、サーバー、プライマリ",
    ),
    Word("切替(?!え)|切りかえ", "切替", "切り替え"),
    Word("料金表", "料金表", "価格表"),
    Word("Object Lock", "Object Lock", "オブジェクトロック"),
    Word("ブロックパブリックアクセス", "ブロックパブリックアクセス", "パブリックアクセスブロック"),
    Word("ほかの|(別の|他の)アカウント", "ほかの、別のアカウント", "他の、別アカウント"),
    Word(r"(?<=[るたい])者|\} 人", "読める者、9 人", "プリンシパル"),
    Word("あなた", "あなた", "自分、利用者"),
    Word("名前の挙が|名前を挙げ|名指し", "名前の挙がった、名指しの", "明記された"),
    Word("知られて|未読", "知られている、未読", "読み取れた範囲、読み取り不可"),
    Word("締め出", "締め出す", "拒否する、読めなくなる"),
    Word("開(け|き)(ます|ません|る|ない|ず)", "キーで開ける", "復号できる"),
    Word("--accept [^。]*引き受け|ここで引き受け", "（リスクを）引き受ける", "承諾する"),
    Word("キーの一生", "キーの一生", "キーのライフサイクル"),
    Word("意図のファイル", "意図のファイル", "設定ファイル"),
    Word("減速|静かなリージョン", "減速、静かなリージョン", "スロットリング、イベントの少ないリージョン"),
    Word(
        "開いた世界|閉じた一覧",
        "開いた世界、閉じた一覧",
        "未知のプリンシパルも含む、読み取ったプリンシパルのみを対象",
    ),
    Word("区別した呼び出し元", "区別した呼び出し元 1 種類", "呼び出し元 1 分類"),
    Word(
        "リージョンが選ばれ|ありえない(?!こと)", "選ばれていない、ありえない", "指定されていない、不正、無効"
    ),
    Word("として話し|話しかけ", "ラボに話しかける", "接続する、認証情報を出力する"),
    Word("先に知っておく", "先に知っておくこと", "適用前の確認事項"),
    Word("キーの外(?!部)", "キーの外", "指定キー以外"),
    Word("キーが守る", "キーが守るもの", "このキーで暗号化されたデータ"),
    Word("決してなし", "決してなし", "なし"),
    Word("何が失敗するか", "何が失敗するか", "障害の種類"),
    Word("確かめ", "確かめる", "確認する"),
    Word("変え(て|る|ら|ま|ず|な)", "変える", "変更する"),
    Word("を加え", "加える", "追加する"),
    Word("(?<![し作りき])直(し|す|さ)(?!ます|込)", "直す", "修正する"),
    Word("飛ばし|飛ばす|黙って", "黙って飛ばす", "エラーなしでスキップする"),
    Word("である(?!こと)|だ。", "である、だ", "です・ます（表と見出しは体言止め）"),
    Word("下さい|出来[るまな]", "下さい、出来る", "ください、できる"),
    Word(rf"{_LETTER}[,.](\s|$)", ", .", "、。"),
    Word(r"か\?", "?", "？"),
    Word(
        rf"\([^()]*{_LETTER}[^()]*\)|({_LETTER}|\}}) ?\((?!http)",
        "(日本語)、日本語 (English)",
        "（日本語）、日本語（English）",
    ),
    Word(rf"[。、] (?=\S)(?! ?\[)|{_LETTER} {_LETTER}", "文と文、和文と和文の間の空白", "空白なし"),
    Word("[０-９Ａ-Ｚａ-ｚ]", "０、Ａ", "0、A"),
    Word(rf"(?<![`/.\w])[A-Za-z0-9]+{_LETTER}|{_LETTER}[A-Za-z0-9]", "KMSキー", "KMS キー"),
    Word(r"(\}|\d) %", "74 %", "74%"),
)
BY_LANGUAGE = {"en": ENGLISH, "ja": JAPANESE}


def wrong(text: str, language: str) -> list[str]:
    """
    Return a line for each rule of the language that a text breaks: what is written, and what is better.

    A word is the same at the beginning of a sentence.
    """
    return [
        f"{found[0]!r}: {word.better}"
        for word in BY_LANGUAGE[language]
        if (found := re.search(word.pattern, text, re.IGNORECASE))
    ]
