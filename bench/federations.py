"""Two nodes of one alliance: one that publishes, one that only dials and follows."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from os import getpid
from pathlib import Path
from time import perf_counter, sleep

from crypto.dsse import Envelope, sign_envelope
from federation.charter import PAYLOAD_TYPE, PURPOSES, Entitlements, ListRight, Reception, Terms
from federation.charter_chain import begin_chain
from federation.charter_draft import write_terms
from federation.ids import CharterId, Origin, Timestamp
from federation.payloads import Audience
from federation.statements import Kind
from node.charters import store_chain
from node.clock import SystemClock
from node.config import FILE_NAME, NodeSection, load_config
from node.config_file import add_pin
from node.creation import CHARTER_KEY_FILE, NewNode, create_node
from node.demo.founding import free_ports
from node.demo.members import DATA, read_authorities
from node.entropy import token
from node.keys import load_signer
from node.presence import NotReadyError, read_node_file

REGION = "510500"
FOLLOWER_REGION = "511000"
ORIGIN = Origin(f"{REGION}.huxin.example/1")
LIST_TYPE = "judgment-defaulter"
AUTHORITIES = {
    authority.name: authority.code
    for authority in read_authorities(DATA)[REGION]
    if LIST_TYPE in authority.feeds
}
KINDS = tuple(int(kind) for kind in Kind)
READY_SECONDS = 60.0
STOP_SECONDS = 30.0
YEAR_SECONDS = 365 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The directories of the two nodes; the follower's has never been started."""

    publisher: Path
    follower: Path
    audience: Audience

    def new_follower(self, directory: Path, database: str) -> Path:
        """A copy of the follower that has nothing yet, on its own database."""
        shutil.copytree(self.follower, directory)
        use_database(directory, database)
        return directory


def use_database(directory: Path, url: str) -> None:
    """Let a node use this database."""
    path = directory / FILE_NAME
    text = path.read_text("utf-8")
    path.write_text(text.replace('url = ""', f"url = {_quoted(url)}", 1), encoding="utf-8")


def found(directory: Path) -> Pair:
    """Make both directories and the charter that both signed."""
    (port,) = free_ports(1)
    places = {REGION: f"127.0.0.1:{port}", FOLLOWER_REGION: ""}
    rights = ListRight(list_type=LIST_TYPE, authorities=tuple(AUTHORITIES.values()))
    members = []
    for region, endpoint in places.items():
        folder = directory / region
        new = NewNode(
            identity=NodeSection.model_validate(
                {
                    "region": region,
                    "name": region,
                    "role": "city",
                    "origin": f"{region}.huxin.example/1",
                }
            ),
            listen=endpoint,
            advertise=endpoint,
            charter_key=folder / CHARTER_KEY_FILE,
        )
        member = create_node(folder, new, now=SystemClock().now(), token=token)
        entitled = Entitlements(kinds=KINDS, lists=(rights,) if region == REGION else ())
        members.append(
            replace(
                member,
                segments=tuple(replace(s, entitlements=entitled) for s in member.segments),
                receives=(Reception(kinds=KINDS, purposes=tuple(PURPOSES)),),
            )
        )
    now = SystemClock().now()
    terms = Terms(
        name="bench",
        version=1,
        issued_at=now,
        not_after=Timestamp(now + YEAR_SECONDS),
        purposes=tuple(PURPOSES),
        members=tuple(members),
    )
    envelope = Envelope(payload_type=PAYLOAD_TYPE, payload=write_terms(terms), signatures=())
    for region in places:
        envelope = sign_envelope(envelope, load_signer(directory / region / CHARTER_KEY_FILE).seed)
    alliance = CharterId(sha256(envelope.payload).digest())
    for region in places:
        config = load_config(directory / region)
        store_chain(config.charters_directory, begin_chain(envelope.to_bytes(), alliance))
        add_pin(config.directory, alliance)
    _bind(directory / REGION)
    return Pair(
        publisher=directory / REGION,
        follower=directory / FOLLOWER_REGION,
        audience=Audience(charters=(alliance,), purposes=tuple(PURPOSES)),
    )


@contextmanager
def serving(directory: Path) -> Iterator[None]:
    """Run `huxin serve` on a directory, and stop it."""
    log = (directory / "serve.log").open("ab")
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
                raise RuntimeError((directory / "serve.log").read_text("utf-8")[-2000:])
            sleep(0.01)
        yield
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
        for line in (directory / "serve.log").read_text("utf-8").splitlines():
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


def _bind(directory: Path) -> None:
    """Let one source speak for the authorities of the list."""
    names = ", ".join(f"{_quoted(name)} = {_quoted(code)}" for name, code in AUTHORITIES.items())
    with (directory / FILE_NAME).open("a", encoding="utf-8") as file:
        file.write(f"\n[files.sources.court]\nauthorities = {{ {names} }}\n")
        file.write(f"list_types = [{_quoted(LIST_TYPE)}]\n")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
