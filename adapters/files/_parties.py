"""Words that tell a natural person from an organisation, in whatever table they stand.

    F39 beside the words of a mapping the national ones count in every layout: 法人及非法人组织,
        个体工商户, 企业法人, 单位 …; a person who acts for a firm (法定代表人, 负责人) is a person.
        A word that is none of them, or both, is a fault of its row: nobody is taken for a firm

The words of a mapping go before the national ones.
"""

from __future__ import annotations

import re
from typing import Final

from adapters.files.headings import column_name
from adapters.files.mapping_parts import Party

ORGANISATIONS: Final = (
    "法人及非法人组织",
    "法人或者其他组织",
    "个体工商户",
    "企业法人",
    "非法人组织",
    "单位",
)
"""Words that a message may give as an example; the rule is `_ORGANISATION`."""

_ACTING: Final = re.compile("代表|负责人|责任人|经营者|业主|股东|监事|董事|经理|人员")
_ORGANISATION: Final = re.compile(
    "法人|组织|企业|公司|单位|个体|合作社|机关|社团|团体|基金会|事务所|机构|商户|工商户|厂|学校|医院|协会|委员会"
)
_NATURAL: Final = re.compile("自然人|个人|公民|居民|村民")
_OWNED: Final = re.compile("非自然人|(?:自然人|个人)(?:独资|投资|控股|经营|合伙)")
"""Firms whose kind says who owns them: 个人独资企业, 有限责任公司（自然人独资）."""
_OFFICE: Final = re.compile("代表(?:机构|处)|业主委员会")


class PartyWords:
    """Judges words of one mapping; remembers them, since a list has few."""

    def __init__(self, party: Party | None) -> None:
        """Bind."""
        self._known: dict[str, bool | None] = {}
        if party is not None:
            self._known.update(dict.fromkeys(party.organisation, False))
            self._known.update(dict.fromkeys(party.natural, True))
        own = sorted(party.organisation) if party else []
        self.organisation = tuple(dict.fromkeys((*own, *ORGANISATIONS)))
        """Words for organisations, as examples."""

    def is_person(self, word: str) -> bool | None:
        """Whether a word is of a natural person; None for a word that says neither."""
        if word in self._known:
            return self._known[word]
        plain = column_name(word)
        found = self._known.get(plain)
        return _judged(plain) if found is None else found


def _judged(word: str) -> bool | None:
    rest = _OWNED.sub("企业", _OFFICE.sub("机构", word))
    if _ACTING.search(rest):
        return True
    natural = _NATURAL.search(rest) is not None
    organisation = _ORGANISATION.search(rest) is not None
    return natural if natural is not organisation else None
