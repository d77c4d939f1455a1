"""Every form in which a key of a mapping is refused has its Chinese.

Covers node/texts/keyed.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.files.errors import MappingError
from adapters.files.mapping import load_mapping
from node.texts.keyed import keyed
from node.texts.messages import spoken

FOLDER = Path(__file__).parents[3] / "adapters" / "files"
_READERS = ("_fields.py", "mapping.py", "mapping_parts.py", "scenarios.py", "_extraction.py")


def literal(node: ast.expr) -> str:
    """A message as it may read, with 7 for each value."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(literal(one) for one in values)
        case ast.FormattedValue():
            return "7"
        case _:
            return ""


def wanted() -> Iterator[str]:
    for name in _READERS:
        for node in ast.walk(ast.parse((FOLDER / name).read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="error"), args=[_, said]):
                    yield literal(said)
                case ast.Call(func=ast.Name(id="ValueError"), args=[said]) if "_ex" in name:
                    yield literal(said)


FORMS = sorted({one for one in wanted() if one and not one.startswith("7; got")})


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_its_chinese(form: str) -> None:
    said = keyed(f"mapping own.yaml: grades.words: expected {form}")
    assert said.startswith("own.yaml：grades.words："), said
    plain = re.sub(r"`[^`]*`|\S*[/_(]\S*", "", said.removeprefix("own.yaml：grades.words："))
    assert not re.search("[a-z]{3}", plain), said


def test_there_are_forms() -> None:
    assert len(FORMS) > 25


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format: 9\n", "应为其中之一：1，实为 '9'"),
        ("format: 1\nlist_type: x\nfields: 1\n", "fields：应为各键及其值"),
        ("format: 1\nlist_type: x\nfields: {document: []}\n", "fields.document：应为文本的列表"),
        ("format: 1\n", "list_type：应有值，没有"),
    ],
)
def test_what_is_wrong_with_a_mapping_is_said_in_chinese(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(MappingError) as caught:
        load_mapping(path)
    told = spoken(caught.value.code, str(caught.value), english=False)
    assert told.startswith("映射文件有误：own.yaml：")
    assert said in told
    assert "expected" not in told


def test_what_has_none_of_the_forms_stays() -> None:
    assert keyed("field required") == "field required"
    assert keyed("a: expected something else") == "a: expected something else"
