"""The authorities for which a feed may speak."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from adapters.files._cell_error import CellError
from adapters.files._cells import missing


class Authorities:
    """The authorities bound to a feed, found by code or by name."""

    def __init__(self, bound: Mapping[str, str]) -> None:
        self._by_name = {_plain(name): (code, name) for name, code in bound.items()}
        self._by_code = {code: (code, name) for name, code in bound.items()}

    def find(self, code: str, name: str) -> tuple[str, str]:
        """Return code and bound name of the authority that a row names by code, name or both.

        Raises:
            CellError: `field.missing`, `authority.not-bound` or `authority.mismatch`.
        """
        if not code and not name:
            raise missing()
        by_code = self._by_code.get(code)
        by_name = self._by_name.get(name) or (self._by_name.get(_plain(name)) if name else None)
        if (code and by_code is None) or (name and by_name is None):
            message = (
                "认定单位不在本数据源的授权范围内：核对名称，或在配置的 authorities 中写明 / "
                "the feed is not bound to this authority; check the name, or bind the authority "
                "to the feed in the configuration"
            )
            raise CellError("authority.not-bound", "、".join(self._bound(code, name)), message)
        if by_code and by_name and by_code[0] != by_name[0]:
            message = "认定单位代码与名称不一致 / code and name are of different authorities"
            raise CellError("authority.mismatch", by_code[1], message)
        found = by_name or by_code
        if found is None:  # pragma: no cover - one of both is given, and it was found
            raise missing()
        return found

    def _bound(self, code: str, name: str) -> list[str]:
        """What a row may write, in the form in which this one says it: names, or codes."""
        if code and not name:
            return [*self._by_code]
        return [name for _, name in self._by_code.values()]


def _plain(name: str) -> str:
    """Return an authority's name in the form in which names are looked up."""
    return "".join(unicodedata.normalize("NFKC", name).split())
