"""Finds codes that stand before people without words: in pages of the console, and in letters.

A code beside its words is looked up by; one alone says nothing to whoever cannot look it up. What
is found is a block of a Chinese page (a cell, a line, an option), or a cell or paragraph of a
letter, that

    has a code, and nothing of Chinese; or
    has a code of the catalog of codes without the text of that code.

`<code>` beside words, that of a notice which says it, `<pre>`, fields and what a browser hides are
no text of a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any, Final

import pytest
from docx.document import Document

from node.console.rendering import Rendering
from node.console.words import Language, Pair
from node.texts import letter_making
from node.texts.codes import chinese
from node.texts.letters import Facts, Grid, Items, Letter, Text

_HAN: Final = re.compile("[一-鿿]")
_WORD: Final = re.compile(r"\w")
_CODE: Final = re.compile(r"(?<![\w.@/:#=<+-])[a-z][a-z0-9]*(?:[-.][a-z0-9]+)*(?![\w.@/:(=>])")
_LEAST: Final = 3
"""Letters of the shortest code."""
_CELLS: Final = frozenset(("td", "th", "li", "dd", "option"))
_BLOCKS: Final = _CELLS | {"dt", "p", "label", "summary", "h1", "h2", "h3", "caption"}
_NO_TEXT: Final = frozenset(("pre", "script", "style", "textarea", "title", "svg"))
_ID: Final = re.compile(r".*[0-9]{4}.*|[0-9a-f \s]+|huxin .*", re.DOTALL)
"""An identifier with so many figures, a digest, or a command: nobody puts those in words."""
_EMPTY: Final = frozenset(("input", "br", "meta", "link", "img", "hr"))


def bare_in_page(page: str) -> list[str]:
    """Blocks of a Chinese page with bare codes."""
    reading = _Reading()
    reading.feed(page)
    return [*_bare(reading.blocks), *_alone(reading.alone)]


def bare_in_letter(letter: Letter) -> list[str]:
    """Cells and paragraphs of a letter with bare codes."""
    return list(_bare(_texts(letter)))


@contextmanager
def no_bare_codes() -> Iterator[None]:
    """Read every Chinese page and every letter that is made meanwhile, and see that all is said."""
    render, head, found = Rendering.render, letter_making._head, list[str]()

    def page(
        self: Rendering, template: str, language: Language, texts: Mapping[str, Pair], **values: Any
    ) -> str:
        made = render(self, template, language, texts, **values)
        if language is Language.ZH:
            found.extend(f"{template}: {one}" for one in bare_in_page(made))
        return made

    def written(document: Document, letter: Letter) -> None:
        found.extend(f"{''.join(letter.title)}: {one}" for one in bare_in_letter(letter))
        head(document, letter)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rendering, "render", page)
        patch.setattr(letter_making, "_head", written)
        yield
    if found:
        pytest.fail("codes without words: " + "; ".join(found))


def _bare(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        codes = [one for one in _CODE.findall(text) if len(one) >= _LEAST]
        unsaid = [one for one in codes if chinese(one) and chinese(one) not in text]
        if unsaid or (codes and not _HAN.search(text) and not _ID.fullmatch(text.strip())):
            yield " ".join(text.split())


def _alone(texts: Iterable[str]) -> Iterator[str]:
    """Codes that are all that a cell has."""
    for text in texts:
        codes = [one for one in _CODE.findall(text) if len(one) >= _LEAST]
        if codes and not _ID.fullmatch(text.strip()):
            yield " ".join(text.split())


def _texts(letter: Letter) -> Iterator[str]:
    yield from letter.title
    yield from letter.enclosures
    for part in letter.body:
        match part:
            case Text(text):
                yield text
            case Items(items):
                yield from items
            case Facts(rows):
                yield from _cells(rows)
            case Grid(headings, rows):
                yield from headings
                yield from _cells(rows)


def _cells(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in rows:
        yield from map(str, row)


class _Reading(HTMLParser):
    """The visible text of each block, without that of the blocks within it.

    Attributes:
        blocks: their texts, without `<code>`.
        alone: what cells have in `<code>` that have nothing beside it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self.alone: list[str] = []
        self._open: list[tuple[str, list[str], list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag not in _EMPTY:
            self._open.append((tag, [], []))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            closed, said, coded = self._open.pop()
            text = "".join(said)
            if closed in _BLOCKS:
                self.blocks.append(text)
                if closed in _CELLS and not _WORD.search(text):
                    self.alone += coded
            elif self._open and closed == "code":
                self._open[-1][2].append(text)
            elif self._open and closed not in _NO_TEXT:
                self._open[-1][1].append(text)
                self._open[-1][2].extend(coded)
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1][1].append(data)
