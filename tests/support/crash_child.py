"""A bounded load on a node's directory, and a child process that does it until it is killed.

`python -m tests.support.crash_child` reads one order a line from standard input, forks for each,
and answers how the fork ended. The fork arms the failpoint as an operator would (in the
environment), does the load, and says on its standard output what it has an answer for, after the
answer: whatever stands there must never be lost. All imports are paid once.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import traceback
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

from huxin.v1 import exchange_pb2
from sqlalchemy import make_url

from adapters.files.atomic import sync_directory, write_atomically
from federation.ids import MemberId
from federation.letters import LetterKind
from federation.peers.replication import DeliveredBatch
from federation.peers.witness import CONFLICT, WitnessError
from federation.screening.roles import Asker, Role
from node.codec.frames import frame_from_response, frame_to_response
from node.intake import list_files
from node.intake.imported import Brought
from node.letters.desk import Issuing
from node.publishing.submissions import Published
from tests.support.exchange_tables import acknowledge_all, laid, lay
from tests.support.federation_dirs import (
    LIST_TYPE,
    SOURCE,
    WiredNode,
    list_row,
    repair_row,
    write_list,
)

ROUNDS = (1, 2)
LISTED = 3
"""Listings published one by one in each round; the first is repaired."""
CHUNK = 8
"""Rows of a file in one transaction here, so that a small file is several."""
FILE_ROWS = 20
"""The file grows by so many rows in each round."""
BAD_ROWS = 1
INBOX_ROWS = 3
"""Rows that the platform lays into its inbox in each round; a last one repairs the first."""
INBOX_FIRST = 60_000
IMPORT_ROWS = 2
"""By so many rows a file that is brought as an import grows in each round."""
IMPORT_FIRST = 70_000
OFFICE = Asker(credential="", department="", roles=frozenset(Role), local=True)
LONGEST_SECONDS = 60

Say = Callable[..., None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a peer says in the load: for each round a batch, and a checkpoint to be witnessed."""

    peer: MemberId
    batches: tuple[DeliveredBatch, ...]
    requests: tuple[bytes, ...]
    """Bodies of add-checkpoint."""

    def write(self, path: Path) -> None:
        frames = [frame_to_response(batch).SerializeToString() for batch in self.batches]
        document = {
            "peer": self.peer,
            "batches": [b64encode(frame).decode() for frame in frames],
            "requests": [b64encode(body).decode() for body in self.requests],
        }
        path.write_text(json.dumps(document))

    @classmethod
    def read(cls, path: Path) -> Material:
        document = json.loads(path.read_text())
        batches = []
        for text in document["batches"]:
            frame = frame_from_response(exchange_pb2.FollowResponse.FromString(b64decode(text)))
            assert isinstance(frame, DeliveredBatch)
            batches.append(frame)
        return cls(
            peer=MemberId(document["peer"]),
            batches=tuple(batches),
            requests=tuple(map(b64decode, document["requests"])),
        )


def load(node: WiredNode, material: Material, files: Path, say: Say) -> None:
    """Do everything that has a failpoint, twice; done again it changes nothing.

    Args:
        node: on the directory under test.
        material: what the peer says.
        files: where the list file is written.
        say: told of every answer, once it was given.
    """
    session = node.exchange.open_session(material.peer)
    node.exchange.subscription(session)
    with patch.object(list_files, "CHUNK", CHUNK):
        for turn in ROUNDS:
            _publish(node, turn, say)
            node.renew_head()
            _say_note(node, say)
            path = files / "list.csv"
            write_list(path, node.me, range(FILE_ROWS * turn), bad=BAD_ROWS)
            result = node.publish_list(path)
            say("file", rows=result["rows"], faults=result["faults"])
            _say_note(node, say)
            _import(node, turn, files, say)
            node.job("erasure")
            _witness(node, material.requests[turn - 1], say)
            batch = material.batches[turn - 1]
            node.handle(session, batch)
            say("held", size=batch.first_index + len(batch.leaves))
            node.job("reconcile")
            node.job("notices")
            node.job("outbox")
            lay_rows(node, range(INBOX_ROWS * turn))
            node.job("platform.city")
            node.job("erasure")
            node.job("receipt")
            say("delivered", size=batch.first_index + len(batch.leaves))
            acknowledge(node, say)
            node.rotate()
    node.exchange.close_session(session)


def acknowledge(node: WiredNode, say: Say) -> None:
    """Let the platform do what it was told, by files and in its database, and say so."""
    say("acknowledging", turn=True)
    read_files(node.directory)
    node.job("acknowledged")
    acknowledge_all(make_url(f"sqlite:///{node.directory / 'city.db'}"))
    node.job("acknowledged.city")
    node.job("receipt")


def read_files(directory: Path) -> None:
    """Take what lies whole in the outbox into a folder `read` beside it, as the platform does."""
    for manifest in sorted((directory / "outbox").glob("*/*.csv.done")):
        file = manifest.with_suffix("")
        if not file.exists():
            continue
        digest = sha256(file.read_bytes()).hexdigest()
        if json.loads(manifest.read_text())["sha256"] != digest:
            continue
        taken = directory / "read" / file.parent.name
        for folder in (taken.parent, taken):
            folder.mkdir(exist_ok=True)
            sync_directory(folder.parent)
        for one in (file, manifest):  # durably: what it acknowledges it has
            write_atomically(taken / one.name, one.read_bytes())
        file.with_name(f"{file.name}.ack").write_text(f"{digest} OK\n")


def lay_rows(node: WiredNode, rows: range) -> None:
    """Let the platform lay rows into its inbox, those that it has not laid before."""
    said = [list_row(node.me, INBOX_FIRST + number) for number in rows]
    if len(said) == INBOX_ROWS * len(ROUNDS):
        said.append(repair_row(node.me, INBOX_FIRST))
    platform = make_url(f"sqlite:///{node.directory / 'city.db'}")
    lay(platform, *said[len(laid(platform)) :])


def _publish(node: WiredNode, turn: int, say: Say) -> None:
    listed: list[Published] = []
    for number in range(1000 * turn, 1000 * turn + LISTED):
        request = f"{number:032x}"
        listed.append(node.list_(request, number))
        _say_published(node, request, listed[-1], say)
    request = f"{1000 * turn + 999:032x}"
    repaired = node.repair(request, listed[0].statement_id)
    _say_published(node, request, repaired, say)
    issued = node.parts.letters.issue(
        Issuing(
            kind=LetterKind.RELIEF,
            about=repaired.statement_id.hex(),
            number="",
            person="签发人（演示）",
            note="",
            prepared="",
        )
    )
    say("letter", about=issued["about"], number=issued["number"])


def _import(node: WiredNode, turn: int, files: Path, say: Say) -> None:
    """Bring a file and publish it; the same file again waits where it waited."""
    path = files / "brought.csv"
    write_list(path, node.me, range(IMPORT_FIRST, IMPORT_FIRST + IMPORT_ROWS * turn))
    brought = Brought(kind="list", list_type=LIST_TYPE, source=SOURCE)
    tried = node.parts.imports.bring(OFFICE, path, brought, lambda _: None)
    say("brought", number=tried["import"], sha256=tried["sha256"])
    one = node.parts.imports.publish(tried["import"], f"{turn:032x}", lambda _: None)
    say("imported", number=one["import"], rows=one["rows"])


def _witness(node: WiredNode, body: bytes, say: Say) -> None:
    try:
        node.parts.writer.submit(lambda: node.exchange.add_checkpoint(body)).result()
    except WitnessError as error:
        if error.status != CONFLICT:
            raise
        say("conflict", size=error.size)
    else:
        say("witnessed", size=int(body.partition(b"\n\n")[2].split(b"\n")[1]))


def _say_published(node: WiredNode, request: str, published: Published, say: Say) -> None:
    statement_id = published.statement_id.hex()
    say("statement", request=request, id=statement_id, index=published.index)
    _say_note(node, say)


def _say_note(node: WiredNode, say: Say) -> None:
    say("note", note=b64encode(node.note()).decode())


def say_on_stdout(what: str, **fields: Any) -> None:
    """One JSON object a line, out of this process before anything else happens."""
    os.write(sys.stdout.fileno(), json.dumps({"what": what, **fields}).encode() + b"\n")


def run(order: dict[str, str]) -> None:
    """Do the load in this process."""
    os.environ["HUXIN_FAILPOINT"] = order["failpoint"]
    directory = Path(order["directory"])
    node = WiredNode(directory)
    material = Material.read(Path(order["material"]))
    load(node, material, Path(order["files"]), say_on_stdout)
    node.close()


def _in_a_fork(order: dict[str, str]) -> int:
    """Fork, do the load there, and return how it ended, as `Popen.returncode` would."""
    pid = os.fork()
    if pid:
        if seconds := float(order["seconds"]):
            _kill_after(pid, seconds)
        _, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status)
    code = 1
    try:
        signal.alarm(LONGEST_SECONDS)  # whoever waits for us is not kept for ever
        output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(output, sys.stdout.fileno())
        os.dup2(output, sys.stderr.fileno())
        run(order)
        code = 0
    except BaseException:  # noqa: BLE001 - said among the output; the process ends here
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _kill_after(pid: int, seconds: float) -> None:
    """Wait for a child of ours to end, and kill it when the time is over."""
    child = os.pidfd_open(pid)
    ended, _, _ = select.select([child], [], [], seconds)
    if not ended:
        signal.pidfd_send_signal(child, signal.SIGKILL)
    os.close(child)


def main() -> None:
    """Answer orders until the input ends."""
    for line in sys.stdin:
        say_on_stdout("ended", code=_in_a_fork(json.loads(line)))


if __name__ == "__main__":
    main()
