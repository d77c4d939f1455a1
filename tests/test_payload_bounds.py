"""The table of bounds in SPEC.md §5.6 says what payload.proto says, and P5 obeys."""

from __future__ import annotations

from tests.support.payload_bounds import SPEC, table, written


def test_the_table_of_the_specification_is_that_of_the_proto_file() -> None:
    assert written(SPEC.read_text("utf-8")) == table()
