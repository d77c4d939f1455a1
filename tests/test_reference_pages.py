"""The reference pages say what the program has: commands, settings and codes, in both languages.

Covers `tests.support.reference_pages`, `docs/reference`, `docs/zh/reference`.
"""

from __future__ import annotations

from tests.support import reference_names as names
from tests.support import reference_pages


def test_the_pages_are_what_the_program_has() -> None:
    """`python -m tests.support.reference_pages` writes them anew."""
    for path, text in reference_pages.pages().items():
        assert path.read_text("utf-8") == text, path


def test_every_setting_is_explained_and_nothing_else() -> None:
    found = {name for name, _ in reference_pages.settings()}
    assert found == names.SETTINGS.keys() | names.TABLES.keys()


def test_every_text_stands_in_both_languages() -> None:
    assert reference_pages.said("查询 / Ask", reference_pages.ZH) == "查询"
    assert reference_pages.said("查询 / Ask", reference_pages.EN) == "Ask"
