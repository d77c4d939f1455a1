"""The draft of the standard in Chinese has the tables and the numbered rules of SPEC.md.

Covers `tests.support.standard_page`, `docs/zh/standard.md`.
"""

from __future__ import annotations

import json
import re

from huxin.v1 import payload_pb2 as pb

from tests.support import standard_names as names
from tests.support import standard_page

TEXT = standard_page.PAGE.read_text("utf-8")


def test_the_tables_are_those_of_the_definitions() -> None:
    """`python -m tests.support.standard_page` writes them anew."""
    assert standard_page.page(TEXT) == TEXT


def test_every_numbered_rule_of_the_specification_stands_in_the_draft() -> None:
    missing = standard_page.rules_of_spec() - standard_page.rules_of_page(TEXT)
    assert not missing, f"write them into docs/zh/standard.md: {sorted(missing)}"


def test_every_number_in_the_draft_is_one_of_the_specification() -> None:
    spec = standard_page.SPEC.read_text("utf-8")
    unknown = {
        rule for rule in standard_page.rules_of_page(TEXT) if not re.search(rf"\b{rule}\b", spec)
    }
    assert not unknown


def test_every_element_and_code_has_a_name_and_no_name_is_left_over() -> None:
    messages = pb.DESCRIPTOR.message_types_by_name
    fields = {field.name for message in messages.values() for field in message.fields}
    assert set(names.MESSAGES) == set(messages.keys())
    assert names.FIELDS.keys() == fields
    assert set(names.ENUMERATIONS) == set(pb.DESCRIPTOR.enum_types_by_name.keys())
    special = {tuple(one.split(".")) for one in names.OF_MESSAGE}
    assert all(field in messages[message].fields_by_name for message, field in special)


def test_the_known_answers_are_those_of_the_vectors() -> None:
    path = standard_page.ROOT / "tests" / "vectors" / "spec.json"
    known = json.loads(path.read_text("utf-8"))["hex"]
    shown = dict(re.findall(r"^\| ([a-z0-9.-]+) \| `([0-9a-f]+)` \|$", TEXT, re.MULTILINE))
    assert shown
    assert all(known[name] == value for name, value in shown.items())


def test_the_form_is_that_of_a_standard() -> None:
    chapters = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    assert chapters[:5] == ["前言", "引言", "1 范围", "2 规范性引用文件", "3 术语和定义"]
    numbers = [int(one.split()[0]) for one in chapters if one[0].isdecimal()]
    assert numbers == list(range(1, len(numbers) + 1))
    annexes = re.findall(r"^## 附录 ([A-Z])（(?:规范|资料)性）", TEXT, re.MULTILINE)
    assert "".join(annexes) == "ABCDE"
    by_hand = standard_page.BLOCK.sub("", TEXT)
    assert not re.search(r"必须|不得", by_hand), "应 and 不应, as GB/T 1.1 has it"
