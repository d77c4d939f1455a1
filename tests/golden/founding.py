"""The invented alliance of a corpus: directories of real nodes, and each version of its charter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from unittest import mock

from crypto.checkpoint import open_checkpoint, peek_checkpoint
from crypto.dsse import Envelope, sign_envelope
from federation.charters.chain import advance, begin_chain
from federation.charters.draft import next_terms, write_terms
from federation.charters.verification import (
    PAYLOAD_TYPE,
    PURPOSES,
    Cut,
    Entitlements,
    ListRight,
    Member,
    Reception,
    Terms,
)
from federation.ids import CharterId, MemberId, Origin, Timestamp
from federation.payloads import PENALTY_LIST_TYPE
from federation.statements import Kind
from node.charters.files import store_chain
from node.directory.config import NodeSection, load_config
from node.directory.config_file import add_pin
from node.directory.creation import CHARTER_KEY_FILE, NewNode, create_node
from node.directory.keys import load_signer
from node.system.clock import SystemClock
from node.system.entropy import token
from tests.support.catalogs import edition_text, furnish
from tests.support.clock import FakeClock
from tests.support.federation_dirs import (
    LIST_TYPE,
    WiredNode,
    bind_source,
    code_of,
    court_of,
    name_of,
    set_key,
)
from tests.support.fresh import open_fresh

BEGIN = 1_795_240_800
"""21 November 2026, 14:00 in Shanghai."""
DAY = 86_400
SUBJECTS = 200
STRANGERS = (60, 61)
"""Subjects of 泸州 that the library of 自贡 does not know."""
COMMENDED = "tax-credit-a"
ENTRY = "administrative-penalty-ordinary"
ALL_KINDS = tuple(int(kind) for kind in Kind)

HUB, ZIGONG, LUZHOU = "510000", "510300", "510500"
NEIJIANG, YIBIN, NANCHONG = "511000", "511500", "511300"
NAMES = {
    HUB: "四川（演示）",
    ZIGONG: "自贡（演示）",
    LUZHOU: "泸州（演示）",
    NEIJIANG: "内江（演示）",
    YIBIN: "宜宾（演示）",
    NANCHONG: "南充（演示）",
}


@contextmanager
def clock_at(clock: FakeClock) -> Iterator[None]:
    """Let the program's one clock show what a test says."""
    with mock.patch.object(SystemClock, "now", side_effect=clock.now):
        yield


@dataclass
class Alliance:
    """The nodes' directories, the nodes that run, and the charter as it stands."""

    directory: Path
    clock: FakeClock
    url: Callable[[str], str]
    nodes: dict[str, WiredNode] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)

    def found(self) -> None:
        """Make all nodes and version 1."""
        members = [self.create(region, region, f"{region}.huxin.example/1") for region in NAMES]
        terms = Terms(
            name="川南信用联盟（演示）",
            version=1,
            issued_at=self.clock.now(),
            not_after=Timestamp(self.clock.now() + 365 * DAY),
            purposes=tuple(PURPOSES),
            members=tuple(map(_entitled, members)),
        )
        envelope = self._signed(terms)
        self.chain = begin_chain(envelope, CharterId(sha256(write_terms(terms)).digest()))
        self.know()
        for region in NAMES:
            self.start(region)

    def create(self, folder: str, region: str, origin: str) -> Member:
        """Make the directory of a node; what a charter says of it."""
        identity = NodeSection.model_validate(
            {
                "region": region,
                "name": NAMES[region],
                "role": "hub" if region == HUB else "city",
                "origin": origin,
            }
        )
        new = NewNode(
            identity=identity,
            listen="127.0.0.1:7443",
            advertise=f"{region}.huxin.example:7443",
            charter_key=self.directory / folder / CHARTER_KEY_FILE,
        )
        self.members[folder] = create_node(
            self.directory / folder, new, now=self.clock.now(), token=token
        )
        bind_source(self.directory / folder, region)
        return self.members[folder]

    def start(self, folder: str) -> WiredNode:
        """Wire a node, which knows the alliance from now on."""
        directory = self.directory / folder
        config = load_config(directory)
        if self.chain.id not in config.pins:
            add_pin(directory, self.chain.id)
            store_chain(config.charters_directory, self.chain)
            if url := self.url(folder):
                set_key(directory, "url", f'"{url}"')
            set_key(directory, "seconds", "0")  # outcomes are told at the job's next run
            set_key(directory, "relief_seconds", "0")
            store = open_fresh(load_config(directory).database_url)
            strangers = STRANGERS if folder == ZIGONG else ()
            numbers = [n for n in range(SUBJECTS) if n not in strangers]
            known = [(code_of(n), name_of(n)) for n in numbers]
            furnish(directory, store, known, edition_text(lists=(LIST_TYPE, ENTRY)))
            store.close()
        self.nodes[folder] = WiredNode(directory)
        return self.nodes[folder]

    def stop(self, folder: str) -> None:
        """End a node in order."""
        self.nodes.pop(folder).close()

    def draft(self) -> Terms:
        """The text of the version in force, as the beginning of the next one."""
        now = self.clock.now()
        return next_terms(self.chain.latest, issued_at=now, not_after=Timestamp(now + 365 * DAY))

    def adopt(self, terms: Terms) -> None:
        """Let the voters sign the next version, and every node know it."""
        self.chain = advance(self.chain, self._signed(terms))
        self.know()

    def know(self) -> None:
        """Lay the charter into the directory of every node that runs."""
        for node in self.nodes.values():
            store_chain(load_config(node.directory).charters_directory, self.chain)
            node.parts.charters.reload()

    def cut(self, node: WiredNode) -> Cut:
        """Where a node's log stands, as its own word alone."""
        note = node.note()
        claimed = peek_checkpoint(note)
        member = self.chain.latest.terms.member(MemberId(node.me))
        assert member is not None
        bare = open_checkpoint(note, member.segments[-1].log_key).bare().note
        return Cut(size=claimed.size, root=claimed.root, note=bare.to_bytes())

    def _signed(self, terms: Terms) -> bytes:
        envelope = Envelope(payload_type=PAYLOAD_TYPE, payload=write_terms(terms), signatures=())
        voters = set(terms.voters)
        if terms.version > 1:
            voters |= set(self.chain.latest.terms.voters)
        for folder in self.members:
            signer = load_signer(self.directory / folder / CHARTER_KEY_FILE)
            if signer.verifier.public in voters:
                envelope = sign_envelope(envelope, signer.seed)
        return envelope.to_bytes()


def origin_of(region: str, epoch: int = 1) -> Origin:
    """A log of the invented alliance."""
    return Origin(f"{region}.huxin.example/{epoch}")


def rights_of(region: str) -> Sequence[ListRight]:
    """What each city may list: by its own court alone."""
    authorities = (court_of(region),)
    return [
        ListRight(list_type=list_type, authorities=authorities)
        for list_type in (LIST_TYPE, COMMENDED, PENALTY_LIST_TYPE)
    ]


def _entitled(member: Member) -> Member:
    rights = Entitlements(kinds=ALL_KINDS, lists=tuple(rights_of(member.region)))
    return replace(
        member,
        segments=tuple(replace(one, entitlements=rights) for one in member.segments),
        receives=(Reception(kinds=ALL_KINDS, purposes=tuple(PURPOSES)),),
    )
