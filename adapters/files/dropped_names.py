"""What the name of a dropped file says: whether it is whole, and what is in it.

    F25 names are judged without regard to case and width, in English and Chinese. What a program
        makes while it writes (.part, .tmp, ~$…, .crdownload …) is left alone. A name that begins
        with repair, withdrawal, annotation, scenario or recognition is of that kind, with 标注 an
        annotation; one that speaks of
        repair, removal or withdrawal is relief, but where it also speaks of what is not decided or
        was refused, or of both kinds: then it is neither relief nor a list (F18)

Names come as bytes. What is no UTF-8 is read as GB 18030, as Windows programs write it.
"""

from __future__ import annotations

import os
import re
from typing import Final

from adapters.files.faults import ERRORS
from adapters.files.headings import column_name

KINDS: Final = ("repair", "withdrawal", "annotation", "scenario", "recognition")
FIRST: Final = KINDS[:3]
"""What is taken before lists."""
RELIEFS: Final = KINDS[:2]
SIGNS: Final = (".done", ".manifest.json")

_UNFINISHED: Final = re.compile(
    r"^[.~]|~$|^(thumbs\.db|ehthumbs\.db|desktop\.ini)$"
    r"|\.(part|partial|tmp|temp|filepart|crdownload|download|opdownload|incomplete|inprogress"
    r"|upload|uploading|swp|swx|lock|lck|aria2|xltd|td|!ut|rsync)$"
)
_WITHDRAWN: Final = re.compile("撤[销銷]|撤消|撤回|(?<![a-z])withdr[ae]w")
_REPAIRED: Final = re.compile(
    "修[复復]|移出|移除|(?<![a-z])(repair|remov(al|ed)|delist)(?!er|shop|firm|industr)"
)
_UNCLEAR: Final = re.compile(
    "[未不拟待需应可]|申[请請]|受理|[驳駁]回|退回|异议|终止|失败|告知|承诺|指引|流程|条件|培训|修[复復][中前]"
    "|(?<![a-z])(no|not|non|un|pending|draft|proposed|applications?|requests?|reject(ed|ions?)?)"
    "(?![a-z])|unrepaired"
)


def is_input(name: str) -> bool:
    """Whether a name is of a file to be read, and not of one being written or of a companion."""
    plain = title_of(name).casefold()
    return not (plain.endswith((*SIGNS, ERRORS)) or _UNFINISHED.search(plain))


def title_of(name: str) -> str:
    """Return a name as people read it; what cannot be printed is escaped.

    Args:
        name: as `os.listdir` gives it.
    """
    raw = os.fsencode(name)
    text = ""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            text = raw.decode("ascii", "backslashreplace")
    escaped = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return "".join(escaped).replace("/", "_")


def kind_of(title: str) -> str:
    """Return the kind that a name says, of `KINDS`; empty where it is to be judged as a list."""
    plain = column_name(title)
    for kind in KINDS:
        if plain.startswith(kind):
            return kind
    if plain.startswith("标注"):
        return "annotation"
    said = [
        kind
        for kind, words in zip(RELIEFS, (_REPAIRED, _WITHDRAWN), strict=True)
        if words.search(plain)
    ]
    return said[0] if len(said) == 1 and not _UNCLEAR.search(plain) else ""
