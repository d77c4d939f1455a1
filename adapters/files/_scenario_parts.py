"""Lists of objects in scenario files: benefits, windows, scales of grades, equivalences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adapters.files._documents import Document
from adapters.files._scenario_words import bad, fields_of
from federation.payloads import Benefit, Equivalence, GradeScale, Window

_KEYS: Final = {
    "代码": "code",
    "内容": "text",
    "名称": "name",
    "地址": "address",
    "时间": "hours",
    "方法": "method",
    "版本": "edition",
    "等级": "grades",
    "本地方法": "own_method",
    "本地版本": "own_edition",
    "本地等级": "own_grade",
}
BENEFITS_MAX: Final = 32
WINDOWS_MAX: Final = 32
SCALES_MAX: Final = 8
EQUIVALENCES_MAX: Final = 64


def read_benefits(said: Document, where: str) -> tuple[Benefit, ...]:
    """Read texts, or objects of `code` and `text`.

    Raises:
        CellError: `field.value`.
        MappingError: a field of an object.
    """
    found: list[Benefit] = []
    for at, one in enumerate(_list(said, where, BENEFITS_MAX), 1):
        if isinstance(one, str):
            if not 1 <= len(one.strip()) <= 128:
                raise bad(f"{where}.{at}", "1–128 字符 / a text of 1 to 128 characters")
            found.append(Benefit(text=one.strip()))
            continue
        fields = fields_of(one, f"{where}.{at}", _KEYS)
        code = fields.text("code", 64, default="")
        found.append(Benefit(code=code, text=fields.text("text", 128)))
        fields.done()
    if not found or len(set(found)) != len(found):
        raise bad(where, "至少一项，不重复 / at least one, none twice")
    return tuple(found)


def read_windows(said: Document, where: str) -> tuple[Window, ...]:
    """Read windows: names, or objects of `name`, `address`, `hours`.

    Raises:
        CellError: `field.value`.
        MappingError: a field of an object.
    """
    found: list[Window] = []
    for at, one in enumerate(_list(said, where, WINDOWS_MAX), 1):
        written: Document = {"name": one} if isinstance(one, str) else one
        fields = fields_of(written, f"{where}.{at}", _KEYS)
        found.append(
            Window(
                name=fields.text("name", 128),
                address=fields.text("address", 256, default=""),
                hours=fields.text("hours", 128, default=""),
            )
        )
        fields.done()
    return tuple(found)


def read_scales(said: Document, where: str) -> tuple[GradeScale, ...]:
    """Read scales: objects of `method`, `edition` and `grades`, best first.

    Raises:
        CellError: `field.value`.
        MappingError: a field of an object.
    """
    found: list[GradeScale] = []
    for at, one in enumerate(_list(said, where, SCALES_MAX), 1):
        fields = fields_of(one, f"{where}.{at}", _KEYS)
        grades = fields.texts("grades")
        if len(grades) > 32 or max(map(len, grades)) > 16:
            raise bad(f"{where}.{at}", "1–32 个等级，各 1–16 字符 / 1 to 32 grades, the best first")
        found.append(
            GradeScale(
                method=fields.text("method", 64), edition=fields.text("edition", 64), grades=grades
            )
        )
        fields.done()
    return tuple(found)


def read_equivalences(said: Document, where: str) -> tuple[Equivalence, ...]:
    """Read equivalences: a grade of another method, and the one as which it counts here.

    Raises:
        CellError: `field.value`.
        MappingError: a field of an object.
    """
    found: list[Equivalence] = []
    for at, one in enumerate(_list(said, where, EQUIVALENCES_MAX), 1):
        fields = fields_of(one, f"{where}.{at}", _KEYS | {"等级": "grade"})
        found.append(
            Equivalence(
                method=fields.text("method", 64),
                edition=fields.text("edition", 64),
                grade=fields.text("grade", 16),
                own_method=fields.text("own_method", 64),
                own_edition=fields.text("own_edition", 64),
                own_grade=fields.text("own_grade", 16),
            )
        )
        fields.done()
    return tuple(found)


def _list(said: Document, where: str, most: int) -> Sequence[Document]:
    if not isinstance(said, list) or len(said) > most:
        raise bad(where, f"至多 {most} 项的列表 / a list of at most {most}")
    return said
