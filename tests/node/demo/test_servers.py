"""The larger demo's servers: what is missing is said before anything begins.

Covers node/demo/mariadb.py, node/demo/platforms.py, node/demo/postgres.py.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from federation.errors import RefusedError
from node.demo import mariadb, postgres, servers
from node.demo.platforms import _product
from tests.support.commands import run


def _no_postgres(*_: object) -> postgres.Programs:
    raise postgres.NoPostgresError


def _no_mariadb(*_: object) -> mariadb.Programs:
    raise mariadb.NoMariadbError


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "find_programs", _no_postgres)
    monkeypatch.setattr(mariadb, "find_programs", _no_mariadb)


@pytest.mark.usefixtures("nothing")
def test_it_says_what_it_needs_and_begins_nothing(tmp_path: Path) -> None:
    ran = run("demo", "--platforms", "--once", "--dir", tmp_path / "demo")
    assert ran.code == 3
    assert "demo.servers-missing" in ran.err
    said = "".join(ran.err.split())
    assert "apt-getinstall-y--no-install-recommendspostgresqlmariadb-server" in said
    assert "--install" in said
    assert not (tmp_path / "demo").exists()


def test_only_what_is_missing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    there = mariadb.Programs(server="mariadbd", install="mariadb-install-db")
    monkeypatch.setattr(postgres, "find_programs", _no_postgres)
    monkeypatch.setattr(mariadb, "find_programs", lambda: there)
    assert servers.missing_packages() == ("postgresql",)
    with pytest.raises(RefusedError) as caught:
        servers.require(["postgresql"])
    assert "mariadb-server" not in str(caught.value)
    servers.require(())
    servers.install(())


@pytest.mark.usefixtures("nothing")
def test_only_root_installs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    ran = run("demo", "--platforms", "--install", "--once", "--dir", tmp_path / "demo")
    assert ran.code == 3
    assert "demo.install" in ran.err
    assert not (tmp_path / "demo").exists()


def test_programs_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(mariadb.NoMariadbError, match="apt-get install mariadb-server"):
        mariadb.find_programs(str(tmp_path))


@pytest.mark.parametrize(
    ("version", "shown"),
    [
        ("PostgreSQL 15.3 (Debian 15.3-0+deb12u1) on x86_64", "PostgreSQL 15.3"),
        ("10.11.2-MariaDB-0+deb12u1", "MariaDB 10.11.2"),
    ],
)
def test_servers_are_named_shortly(version: str, shown: str) -> None:
    assert _product(version) == shown
