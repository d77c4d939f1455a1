"""What the operations that make letters 公文 have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from huxin.v1 import letters_pb2 as pb

from federation.letters import LetterKind
from node.documents import answers
from node.texts.letters import DOCX, Elements, elements
from node.web.operations import Ask, Content

REGISTER: Final = "Letters/GetLetter"
"""The call that every operation that makes a numbered letter names."""


def given(
    ask: Ask, kind: LetterKind, about: str, handled: Iterable[Mapping[str, Any]] = ()
) -> Elements:
    """What the office gives a letter, as far as it is issued."""
    request = pb.GetLetterRequest(kind=kind, about=about)
    return elements(answers.document(ask.one(REGISTER, request)), handled=handled)


def content(made: bytes, name: str) -> Content:
    """A letter as an answer; its name is ASCII."""
    return Content(data=made, media=DOCX, name=f"{name}.docx")
