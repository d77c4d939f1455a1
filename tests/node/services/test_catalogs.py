"""Editions and confirmations with a credential: only where persons sign them.

Covers node/services/catalogs.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from huxin.v1 import catalogs_pb2 as pb
from huxin.v1.catalogs_pb2_grpc import CatalogsStub

from node.app.local import connect
from node.network.errors import error_of
from tests.support.parts import FakeNode

REVIEWER = (("authorization", "Bearer reviewer"),)
TWO = ["张某", "李某"]
SHOWN = "5e" * 32


@dataclass
class Desk:
    """Notes what is done."""

    signed: bool = False
    done: list[tuple[str, ...]] = field(default_factory=list)

    def take(
        self,
        text: str,
        persons: list[str],
        progress: Callable[[int], None],
        note: str = "",
        *,
        shown: str = "",
    ) -> dict[str, Any]:
        progress(1)
        self.done.append((text, *persons, note, shown))
        return {"adopted": bool(persons)}

    def confirm(self, entries: list[str], person: str, note: str) -> None:
        self.done.append((*entries, person, note))


@dataclass
class Reached:
    desk: Desk
    catalogs: CatalogsStub


@pytest.fixture
def reached(tmp_path: Path) -> Iterator[Reached]:
    node = FakeNode(tmp_path)
    node.catalogs = Desk()
    with connect(tmp_path, lambda _: node.parts()) as channel:
        yield Reached(node.catalogs, CatalogsStub(channel))


def adopt(reached: Reached, *metadata: tuple[str, str]) -> list[Any]:
    request = pb.ImportEditionRequest(text="e", persons=TWO, note="n", shown=SHOWN)
    return list(reached.catalogs.ImportEdition(request, metadata=metadata, timeout=60))


def confirm(reached: Reached, *metadata: tuple[str, str]) -> list[Any]:
    request = pb.ConfirmEntriesRequest(entries=["e/a"], person="张某", note="n")
    return [reached.catalogs.ConfirmEntries(request, metadata=metadata, timeout=60)]


@pytest.mark.parametrize("act", [adopt, confirm])
def test_ac25_names_that_one_caller_types_are_not_two_persons(
    reached: Reached, act: Callable[..., list[Any]]
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        act(reached, *REVIEWER)
    assert error_of(cast("grpc.aio.AioRpcError", caught.value)).code == "person.unsigned"
    assert reached.desk.done == []
    reached.desk.signed = True
    assert act(reached, *REVIEWER)
    assert len(reached.desk.done) == 1


@pytest.mark.parametrize("act", [adopt, confirm])
def test_ac25_at_the_node_itself_it_is_done_as_before(
    reached: Reached, act: Callable[..., list[Any]]
) -> None:
    assert act(reached)
    assert len(reached.desk.done) == 1


def test_v10_what_was_seen_goes_to_who_compares_it(reached: Reached) -> None:
    adopt(reached)
    assert reached.desk.done == [("e", *TWO, "n", SHOWN)]


def test_a_dry_run_asks_for_nobody(reached: Reached) -> None:
    request = pb.ImportEditionRequest(text="e")
    told = list(reached.catalogs.ImportEdition(request, metadata=REVIEWER, timeout=60))
    assert told[-1].result_json == '{"adopted": false}'
