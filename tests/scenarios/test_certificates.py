"""A node's certificate is exchanged while it runs and its peer stays: real servers on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from node.app.runtime import Runtime
from node.app.wiring import build
from node.charters.book import CharterBook
from node.demo.members import DemoMember
from node.directory.config import load_config
from node.directory.creation import CHARTER_KEY_FILE
from node.directory.presence import NodeFile, locked
from node.network.tls_keys import load_tls_keys
from node.network.transport import presented_certificate
from node.peers.exchange import Exchange
from tests.support.commands import Ran, run
from tests.support.federation_dirs import found, set_key
from tests.support.waiting import DEADLINE_SECONDS, until

CITY = DemoMember(region="510300", name="自贡")
PEER = DemoMember(region="510500", name="泸州")
ROUNDS = 50
"""Tries to be cosigned."""


class Node:
    """A node that runs in this process, with its own loopback server."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.parts = build(directory)
        self.runtime = Runtime(self.parts)
        assert isinstance(self.parts.exchange, Exchange)
        assert isinstance(self.parts.charters, CharterBook)
        self.exchange, self.charters = self.parts.exchange, self.parts.charters
        self.port = 0

    @property
    def peers(self) -> set[str]:
        return set(self.exchange.peers())

    def version(self) -> int:
        trust = self.charters.view().trust
        return max(alliance.charter.terms.version for alliance in trust.alliances)

    async def shows(self) -> int:
        """The number of our key whose certificate stands at the port."""
        keys = {key.certificate: key.number for key in load_tls_keys(self.directory / "keys")}
        return keys[await presented_certificate(f"127.0.0.1:{self.port}", list(keys))]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        ready: asyncio.Future[NodeFile] = asyncio.get_running_loop().create_future()
        with locked(self.directory):
            task = asyncio.create_task(self.runtime.run(ready.set_result))
            async with asyncio.timeout(DEADLINE_SECONDS):
                await asyncio.wait((ready, task), return_when=asyncio.FIRST_COMPLETED)
            self.port = ready.result().exchange_port
            try:
                yield
            finally:
                self.runtime.stop()
                await task


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found(tmp_path, (CITY, PEER))
    for member in (CITY, PEER):
        set_key(tmp_path / member.region, "retry_longest_seconds", "1")
    return tmp_path


async def command(*words: object) -> Ran:
    """Run a command beside the nodes."""
    ran = await asyncio.to_thread(run, *words)
    assert ran.code == 0, ran.err
    return ran


def told(ran: Ran) -> list[dict[str, object]]:
    """The list that a command wrote, among what the nodes log meanwhile."""
    begin = ran.out.index("[\n  {")
    found: list[dict[str, object]] = json.loads(ran.out[begin : ran.out.index("\n]\n", begin) + 2])
    return found


async def renew(folder: Path, draft: Path) -> None:
    """Draft and sign the version in which the city's `member.json` stands."""
    (held,) = load_config(folder / CITY.region).charters_directory.iterdir()
    current = folder / "current.json"
    newest = max(held.iterdir(), key=lambda path: path.name)
    current.write_bytes(newest.read_bytes())
    described = folder / CITY.region / "member.json"
    await command("charter", "rotate", current, "--member", described, "-o", draft)
    for member in (CITY, PEER):
        await command("charter", "sign", draft, "--key", folder / member.region / CHARTER_KEY_FILE)


async def test_a_certificate_is_exchanged_without_a_restart(folder: Path) -> None:
    city, peer = Node(folder / CITY.region), Node(folder / PEER.region)
    where = ("--dir", city.directory)
    async with city.running(), peer.running():
        await until(lambda: city.peers and peer.peers)
        made = told(await command("keys", "tls", "--new", *where, "-o", "json"))
        assert [(one["number"], one["named"], one["shown"]) for one in made] == [
            (2, False, False),
            (1, True, True),
        ]
        for name in ("tls-2.key", "tls-2.crt"):
            assert (city.directory / "keys" / name).stat().st_mode & 0o777 == 0o600
        described = json.loads((city.directory / "member.json").read_text("utf-8"))
        assert len(described["certificates"]) == 2
        again = told(await command("keys", "tls", "--new", *where, "-o", "json"))
        assert again == made  # it waits for a charter
        assert await city.shows() == 1
        await renew(folder, folder / "2.json")
        assert await city.shows() == 1
        await command("charter", "adopt", folder / "2.json", *where)
        assert await city.shows() == 2
        # The peer has it over the streams that stand, or over one with the certificate before.
        await until(lambda: peer.version() == 2)
        await until(lambda: city.peers and peer.peers)
        await they_cosign_each_other_s_query_logs(city, peer)


async def they_cosign_each_other_s_query_logs(*nodes: Node) -> None:
    """What `huxin records list` left in them (SPEC §9.10); the job runs each hour by itself."""
    for node in nodes:
        await command("records", "list", "--dir", node.directory, "-o", "json")
    await until(lambda: all(node.parts.cosigned.due() for node in nodes))
    for node in nodes:
        shown = node.parts.status()["queries"]
        for _ in range(ROUNDS):  # a stream that is just made anew answers the next one
            await until(node.runtime._dialer.live)
            await node.runtime._query_witnesses.run()
            shown = node.parts.status()["queries"]
            if shown["cosigned_size"]:
                break
            await asyncio.sleep(0.1)
        assert (shown["cosigned_size"], shown["problem"]) == (1, None)


async def test_a_peer_that_was_away_takes_the_certificate_before(folder: Path) -> None:
    """It knows nothing of the new one, and hears of the charter over a stream with the old one."""
    city, peer = Node(folder / CITY.region), Node(folder / PEER.region)
    async with city.running():
        await command("keys", "tls", "--new", "--dir", city.directory)
        await renew(folder, folder / "2.json")
        await command("charter", "adopt", folder / "2.json", "--dir", city.directory)
        assert await city.shows() == 2
        async with peer.running():
            await until(lambda: peer.version() == 2)
            await until(lambda: city.peers and peer.peers)
