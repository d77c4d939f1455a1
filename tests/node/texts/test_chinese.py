"""Chinese texts are Chinese: Latin letters in them are commands, files, settings or known names.

A text that is to have another name in it brings that name here, or says it in Chinese.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from types import ModuleType

import node.console.texts
import node.texts

KNOWN = {
    *("CSV", "DOCX", "GBK", "HTTPS", "HTTP", "JSON", "KB", "PDF", "PDF/A-3", "SHA-256", "TLS"),
    *("UTC", "UTF-8", "XLS", "XLSX", "YAML", "QR", "IP", "ID", "MB", "GB", "GB/T"),
    *("PostgreSQL", "SQLite", "MariaDB", "MySQL", "fsync", "Huxin", "English", "UNIX", "Unix"),
}
"""Names of formats and of programs, which have no others."""
_PLAIN = re.compile(
    r"""
    huxin(?:\ [a-z][a-z-]*)+              # commands
    | --[a-z-]+                           # their options
    | \{[^}]*\} | `[^`]*` | \[[^\]]*\]    # places for values, what is quoted, sections
    | [A-Za-z0-9.*-]*[a-z]\.[a-z]+        # files, codes, settings with a dot
    | [A-Za-z0-9]*_[A-Za-z0-9_]*          # settings of databases
    | [0-9]{4}-[WQ][0-9]+                 # weeks, quarters
    | [A-Z0-9]*SUMS | tlog-policy         # files
    """,
    re.VERBOSE,
)
_HAN = re.compile("[一-鿿]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z/-]*(?:-?[0-9]+)?")


def modules() -> Iterator[ModuleType]:
    for package in (node.texts, node.console.texts):
        for one in pkgutil.iter_modules(package.__path__):
            yield importlib.import_module(f"{package.__name__}.{one.name}")


def chinese_in(value: object) -> Iterator[str]:
    """The Chinese texts of a table, of a pair, of `中文 / English`."""
    match value:
        case str():
            if _HAN.search(value):
                yield value.partition(" / ")[0]
        case (str(first), str(second)) if not _HAN.search(second):
            yield from chinese_in(first)
        case Mapping():
            for one in value.values():
                yield from chinese_in(one)
        case tuple() | list() | frozenset():
            for one in value:
                yield from chinese_in(one)


def test_latin_letters_in_chinese_are_names_that_are_known() -> None:
    found = {
        (module.__name__.rpartition(".")[2], word): text
        for module in modules()
        for name, value in vars(module).items()
        if not name.startswith("__")
        for text in chinese_in(value)
        for word in _LATIN.findall(_PLAIN.sub(" ", text))
        if len(word) > 1 and word not in KNOWN
    }
    assert found == {}


def test_an_english_word_would_be_seen() -> None:
    (text,) = chinese_in(("映射 mapping 有误", "the mapping is wrong"))
    assert _LATIN.findall(_PLAIN.sub(" ", text)) == ["mapping"]
