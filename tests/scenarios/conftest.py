"""Federations on the fake network, each scenario on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from federation.charters.verification import Role
from tests.support import charters as build
from tests.support.bare_codes import no_bare_codes
from tests.support.fresh import Emptied
from tests.support.simulation import Federation

Databases = Callable[[str], str]


@pytest.fixture(autouse=True)
def _all_is_said() -> Iterator[None]:
    """Read every letter and page that a scenario makes for codes without words."""
    with no_bare_codes():
        yield


@pytest.fixture(params=["sqlite", "postgres"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    """A fresh database for each node, by its name."""
    if request.param == "sqlite":
        yield lambda name: f"sqlite:///{tmp_path / name}.db"
        return
    emptied: Emptied = request.getfixturevalue("postgres_emptied")
    with ExitStack() as stack:
        made: dict[str, str] = {}

        def url(name: str) -> str:
            if name not in made:
                made[name] = stack.enter_context(emptied.lend())
            return made[name]

        yield url


@pytest.fixture
def federate(tmp_path: Path, databases: Databases) -> Iterator[Callable[..., Federation]]:
    """Makes a federation of the members named, by default 自贡, 泸州, 宜宾 and the hub."""
    made: list[Federation] = []

    def make(*members: str, hub: str = "510000", **options: object) -> Federation:
        names = members or ("510300", "510500", "511500")
        listed = [build.make_member(name, **options) for name in names]  # type: ignore[arg-type]
        listed.append(build.make_member(hub, roles=(Role.HUB, Role.WITNESS)))
        made.append(Federation(tmp_path, (*names, hub), [build.make_chain(listed)], databases))
        return made[-1]

    yield make
    for federation in made:
        for node in federation.nodes.values():
            node.store.close()
