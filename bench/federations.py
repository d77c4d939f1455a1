"""One node that publishes, nodes that only dial and follow it, and light guests beside them."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from os import getpid
from pathlib import Path
from time import perf_counter, sleep

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from crypto.dsse import Envelope, sign_envelope
from federation.charters.chain import begin_chain
from federation.charters.draft import write_terms
from federation.charters.verification import (
    PAYLOAD_TYPE,
    PURPOSES,
    Entitlements,
    ListRight,
    Member,
    MemberKeys,
    Reception,
    Role,
    Terms,
)
from federation.ids import CharterId, MemberId, Origin, Timestamp
from federation.payloads import Audience
from federation.statements import Kind
from node.charters.files import store_chain
from node.demo.members import DATA, read_authorities
from node.demo.ports import free_ports
from node.directory.certificates import SERIAL_SIZE, self_signed
from node.directory.config import FILE_NAME, NodeSection, load_config
from node.directory.config_file import add_pin
from node.directory.creation import CHARTER_KEY_FILE, NewNode, create_node
from node.directory.keys import load_signer
from node.directory.presence import NotReadyError, read_node_file
from node.system.clock import SystemClock
from node.system.entropy import token

REGION = "510500"
FOLLOWER_REGION = "511000"
GUEST_REGION = 900000
TLS_KEY = "tls.key"
TLS_CERTIFICATE = "tls.crt"
ORIGIN = Origin(f"{REGION}.huxin.example/1")
LIST_TYPE = "judgment-defaulter"
AUTHORITIES = {
    authority.name: authority.code
    for authority in read_authorities(DATA)[REGION]
    if LIST_TYPE in authority.feeds
}
KINDS = tuple(int(kind) for kind in Kind)
READY_SECONDS = 300.0
STOP_SECONDS = 30.0
SERVE_LOG = "serve.log"
YEAR_SECONDS = 365 * 86_400


GUESTS_TOGETHER = 400
"""Guests in one alliance: a charter has at most 1 MiB, and a guest takes about 1 KiB of it."""
RECEIVES = (Reception(kinds=KINDS, purposes=tuple(PURPOSES)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The directories of the nodes; no follower has ever been started.

    Attributes:
        follower: the first of `followers`.
        guests: folders with `tls.key` and `tls.crt` of members without a log, for `bench.guests`.
    """

    publisher: Path
    followers: tuple[Path, ...]
    guests: tuple[Path, ...]
    audience: Audience

    @property
    def follower(self) -> Path:
        """The first follower."""
        return self.followers[0]

    def new_follower(self, directory: Path, database: str, number: int = 0) -> Path:
        """A copy of a follower that has nothing yet, on its own database."""
        shutil.copytree(self.followers[number], directory)
        use_database(directory, database)
        return directory


def use_database(directory: Path, url: str) -> None:
    """Let a node use this database."""
    path = directory / FILE_NAME
    text = path.read_text("utf-8")
    path.write_text(text.replace('url = ""', f"url = {_quoted(url)}", 1), encoding="utf-8")


def found(directory: Path, followers: int = 1, guests: int = 0) -> Pair:
    """Make all directories and the charters that every voter signed.

    The first alliance has the publisher, the followers and the first guests; each further one
    the publisher and the next guests.
    """
    (port,) = free_ports(1)
    regions = [str(int(FOLLOWER_REGION) + number) for number in range(followers)]
    publisher = new_member(directory, REGION, f"127.0.0.1:{port}")
    nodes = [new_member(directory, region, "") for region in regions]
    folders = tuple(directory / "guests" / f"{number:06}" for number in range(guests))
    strangers = [_new_guest(folder) for folder in folders]
    alliances: list[CharterId] = []
    for begin in range(0, max(guests, 1), GUESTS_TOGETHER):
        some = strangers[begin : begin + GUESTS_TOGETHER]
        members = (publisher, *([] if begin else nodes), *some)
        alliances.append(ally(directory, members, len(alliances)))
    bind(directory / REGION)
    return Pair(
        publisher=directory / REGION,
        followers=tuple(directory / region for region in regions),
        guests=folders,
        audience=Audience(charters=tuple(alliances), purposes=tuple(PURPOSES)),
    )


def new_member(
    directory: Path, region: str, endpoint: str, *, lists: bool = False, role: str = "city"
) -> Member:
    """Make a node; one that lists, as the publisher may, or that only follows."""
    folder = directory / region
    new = NewNode(
        identity=NodeSection.model_validate(
            {
                "region": region,
                "name": region,
                "role": role,
                "origin": f"{region}.huxin.example/1",
            }
        ),
        listen=endpoint,
        advertise=endpoint,
        charter_key=folder / CHARTER_KEY_FILE,
    )
    member = create_node(folder, new, now=SystemClock().now(), token=token)
    rights = ListRight(list_type=LIST_TYPE, authorities=tuple(AUTHORITIES.values()))
    entitled = Entitlements(kinds=KINDS, lists=(rights,) if lists or region == REGION else ())
    return replace(
        member,
        segments=tuple(replace(s, entitlements=entitled) for s in member.segments),
        receives=RECEIVES,
    )


def _new_guest(folder: Path) -> Member:
    """Make a member that has a certificate and nothing else: no log, no vote, no endpoint."""
    folder.mkdir(parents=True)
    region = str(GUEST_REGION + int(folder.name))
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = self_signed(
        f"{region}.huxin.example", key, token(SERIAL_SIZE), SystemClock().now()
    )
    (folder / TLS_KEY).write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (folder / TLS_CERTIFICATE).write_bytes(certificate.public_bytes(Encoding.PEM))
    return Member(
        id=MemberId(region),
        region=region,
        name=region,
        roles=(Role.COUNTY,),
        charter_key=None,
        segments=(),
        keys=MemberKeys(),
        certificates=(certificate.public_bytes(Encoding.DER),),
        sealing_keys=(),
        endpoints=(),
        receives=RECEIVES,
    )


def ally(directory: Path, members: Sequence[Member], number: int, *, only: str = "") -> CharterId:
    """Write a charter, and let every member that is a node adopt it, or one alone."""
    now = SystemClock().now()
    terms = Terms(
        name=f"bench {number}",
        version=1,
        issued_at=now,
        not_after=Timestamp(now + YEAR_SECONDS),
        purposes=tuple(PURPOSES),
        members=tuple(members),
    )
    nodes = [directory / member.region for member in members if member.charter_key is not None]
    envelope = Envelope(payload_type=PAYLOAD_TYPE, payload=write_terms(terms), signatures=())
    for node in nodes:
        envelope = sign_envelope(envelope, load_signer(node / CHARTER_KEY_FILE).seed)
    alliance = CharterId(sha256(envelope.payload).digest())
    for node in [directory / only] if only else nodes:
        config = load_config(node)
        store_chain(config.charters_directory, begin_chain(envelope.to_bytes(), alliance))
        add_pin(config.directory, alliance)
    return alliance


@contextmanager
def serving(directory: Path) -> Iterator[int]:
    """Run `huxin serve` on a directory, and stop it; yields its process id."""
    log = (directory / SERVE_LOG).open("ab")
    with log:
        process = subprocess.Popen(
            [sys.executable, "-m", "node.demo.child", str(directory), str(getpid())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        until = perf_counter() + READY_SECONDS
        while not _is_ready(directory, process.pid):
            if process.poll() is not None or perf_counter() > until:
                raise RuntimeError((directory / SERVE_LOG).read_text("utf-8")[-2000:])
            sleep(0.01)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def stream_begun(directory: Path) -> float:
    """When a node's first stream began, seconds since the epoch, by its own log."""
    until = perf_counter() + READY_SECONDS
    while perf_counter() < until:
        for line in (directory / SERVE_LOG).read_text("utf-8").splitlines():
            with suppress(ValueError):
                event = json.loads(line)
                if event["event"] == "stream begun":
                    return datetime.fromisoformat(event["timestamp"]).timestamp()
        sleep(0.01)
    message = f"{directory}: no stream began within {READY_SECONDS:.0f} s"
    raise RuntimeError(message)


def _is_ready(directory: Path, pid: int) -> bool:
    try:
        return read_node_file(directory).pid == pid
    except NotReadyError:
        return False


def bind(directory: Path) -> None:
    """Let one source speak for the authorities of the list."""
    names = ", ".join(f"{_quoted(name)} = {_quoted(code)}" for name, code in AUTHORITIES.items())
    with (directory / FILE_NAME).open("a", encoding="utf-8") as file:
        file.write(f"\n[files.sources.court]\nauthorities = {{ {names} }}\n")
        file.write(f"list_types = [{_quoted(LIST_TYPE)}]\n")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
