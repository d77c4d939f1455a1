"""By which codes a subject is looked up: all that the base library links, and no other's."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.catalog.library import FILE_NAME, FileLibrary, import_library
from federation.reconcile.identity import USCC
from federation.record_key import ORGANISATION
from node.records.subject_codes import SubjectCodes
from tests.support.invented import code_of

ROWS = """code,name,former_codes,organisation_code,registration_number
{0},甲（演示）,{10}|{11},123456789,510500000000011
{1},乙（演示）,{12},,510500000000022
{2},丙（演示）,{12}；{1},,510500000000022
"""


class Plainly:
    """Tags that can be read."""

    def lookup(self, value: bytes) -> bytes:
        """See `Lookup`."""
        return value


@pytest.fixture
def library(tmp_path: Path) -> FileLibrary:
    source = tmp_path / "library.csv"
    source.write_text(ROWS.format(*map(code_of, range(13))), encoding="utf-8")
    import_library(source, tmp_path / FILE_NAME, lambda _: None)
    return FileLibrary(tmp_path / FILE_NAME)


def test_sj1_whichever_code_is_asked_all_are_found(library: FileLibrary) -> None:
    codes = SubjectCodes(library=library, tagger=Plainly())
    every = {
        *((scheme, code_of(n)) for n in (0, 10, 11) for scheme in (USCC, ORGANISATION)),
        (ORGANISATION, "123456789"),
        ("registration-number", "510500000000011"),
    }
    asked = [(USCC, code_of(0)), (USCC, code_of(10)), (USCC, code_of(11))]
    asked += [(ORGANISATION, "123456789"), ("registration-number", "510500000000011")]
    found = codes.names(asked)
    assert {one: set(names) for one, names in found.items()} == dict.fromkeys(asked, every)
    assert all(names[0] == one for one, names in found.items())
    tags = {tuple(codes.tags(names)) for names in found.values()}
    assert len(tags) == 1
    for typed in (code_of(10).lower(), f" {code_of(0)} ", "510500000000011"):
        assert every <= set(codes.of_code(typed)), typed


def test_sj2_what_two_had_and_what_another_has_links_nothing(library: FileLibrary) -> None:
    codes = SubjectCodes(library=library, tagger=Plainly())
    for code in (code_of(1), code_of(2), code_of(12), code_of(13)):
        found = codes.names([(USCC, code)])[USCC, code]
        assert found == ((USCC, code), (ORGANISATION, code))
    assert library.by_code(USCC, [code_of(1)])[code_of(1)].name == "乙（演示）"
    shared = ("registration-number", "510500000000022")
    assert codes.names([shared])[shared] == (shared,)


def test_former_codes_are_read_one_by_one_in_a_batch(library: FileLibrary) -> None:
    assert {code_of(10), code_of(11), code_of(12), code_of(0)} <= set(library.apart())
