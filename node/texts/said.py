"""What a code says in either language, for who reads it and does not look it up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from federation.reconcile.findings import RULES
from node.texts.codes import chinese

_RULES: Final[Mapping[str, str]] = {rule.code: rule.english for rule in RULES.values()}


def said(code: str, *, english: bool) -> str:
    """In Chinese its text; in English that of its rule, else its own words, as people write."""
    if not english:
        return chinese(code) or code
    return _RULES.get(code) or code.replace(".", ": ").replace("-", " ")
