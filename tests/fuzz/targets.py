"""What is fuzzed: every parser of bytes that others wrote, with its seeds and what must hold.

A target takes any bytes and returns whether they were accepted. It may raise nothing: what a parser
is allowed to raise is caught here, and what it accepts must mean what its bytes say (written again
they are the same, two readers agree, two runs agree).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from google.protobuf.message import DecodeError
from huxin.v1 import exchange_pb2 as pb

from adapters.files.errors import TableError
from adapters.files.faults import RowFault
from adapters.files.tables import Limits, Table
from adapters.state.lent_keys import LentKeys, Sealing
from crypto.checkpoint import open_checkpoint, parse_checkpoint_text
from crypto.dsse import parse_envelope
from crypto.errors import CryptoError
from crypto.fork import parse_fork, verify_fork
from crypto.keys import VerifierKey
from crypto.notes import parse_note
from crypto.proof import parse_proof
from crypto.tiles import format_entry_tile, parse_entry_tile, parse_tile_path, tile_path
from federation.charters.draft import write_terms
from federation.charters.json_form import parse_terms
from federation.errors import CharterError, FederationError, RefusedError, StatementError
from federation.facts import PayloadFacts
from federation.ids import CharterId
from federation.peers import packets, witness
from federation.peers.packets import PacketHeader, Span
from federation.peers.sealing import KeyCopy
from federation.rows import State
from federation.statements import HEADER_SIZE, Kind, parse_header
from node.codec import ProtobufPayloads
from node.codec.extraction import facts_of
from node.codec.frames import frame_from_request, frame_to_request
from node.codec.sealing import sealed_from_proto, sealed_to_proto
from node.workers.form import FormError, Question, answer_from_bytes, answer_to_bytes
from node.workers.process import Preparing
from tests.support import charters as build
from tests.support import old_workbooks
from tests.support.exported_logs import KEYS, LOG, SyntheticLog
from tests.support.liar import HostileLog
from tests.support.payload_examples import AUDIENCE, LISTING
from tests.support.proved_leaves import of_every_kind, question
from tests.support.simulation import relief_payload
from tests.support.workbooks import cell, sheet, write_book

PAYLOADS = ProtobufPayloads()
SMALL = Limits(
    file_bytes=1 << 20, unpacked_bytes=1 << 24, memory_bytes=1 << 28, seconds=5, rows=1000
)


@dataclass(frozen=True, slots=True)
class Target:
    """A parser under test."""

    name: str
    run: Callable[[bytes], bool]
    """Whether the bytes were accepted; raises AssertionError where what must hold does not."""
    seeds: Callable[[], Sequence[bytes]]
    cost: int = 1
    """How many inputs of the cheapest target one of this one costs."""


@contextmanager
def _refusing(refused: list[bool], *errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors:
        refused.append(True)


def _strict(
    parse: Callable[[bytes], bytes | None], *errors: type[Exception]
) -> Callable[..., bool]:
    """A parser that accepts only the one spelling that it would write."""

    def run(data: bytes) -> bool:
        refused: list[bool] = []
        with _refusing(refused, *errors):
            again = parse(data)
            assert again is None or again == data, "accepted in a spelling that is not written"
        return not refused

    return run


# ---- notes and their relatives


@cache
def _log() -> SyntheticLog:
    return SyntheticLog.of_size(300)


def _exported(prefix: str) -> list[bytes]:
    files = _log().files(all_openings=True)
    return [data for path, data in sorted(files.items()) if path.startswith(prefix)]


def _checkpoint(data: bytes) -> bytes:
    signed = open_checkpoint(data, LOG.verifier)
    assert parse_checkpoint_text(signed.note.text) == signed.checkpoint
    return signed.note.to_bytes()


def _checkpoint_text(data: bytes) -> bytes:
    return parse_checkpoint_text(data.decode()).text().encode()


def _key(data: bytes) -> bytes:
    return str(VerifierKey.parse(data.decode())).encode()


def _fork(data: bytes) -> bytes:
    fork = parse_fork(data)
    verify_fork(fork, build.log_signer("510300").verifier)
    return fork.to_bytes()


def _forks() -> list[bytes]:
    one = HostileLog()
    one.put(b"common")
    other = one.branch(1)
    for number in range(3):
        one.put(b"one %d" % number)
        other.put(b"other %d" % number)
    return [one.fork_file(other, 2, 4), one.fork_file(other, 3, 3)]


def _proofs() -> list[bytes]:
    note = _exported("checkpoint")[0]
    hashes = b"".join(b"%s=\n" % (b"A" * 43) for _ in range(3))
    return [
        b"c2sp.org/tlog-proof@v1\nindex 3\n" + hashes + b"\n" + note,
        b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + note,
    ]


def _request(data: bytes) -> bytes:
    return witness.format_request(witness.parse_request(data))


def _requests() -> list[bytes]:
    note = _exported("checkpoint")[0]
    ask = witness.AddCheckpoint
    return [
        witness.format_request(ask(old_size=2, proof=(bytes(32),) * 2, checkpoint=note)),
        witness.format_request(ask(old_size=0, proof=(), checkpoint=note)),
    ]


# ---- leaves, tiles


def _leaf(data: bytes) -> None:
    if len(data) >= HEADER_SIZE:
        assert parse_header(data).pack() == data[:HEADER_SIZE]
    else:
        parse_header(data)


def _tile(data: bytes) -> bytes:
    return format_entry_tile(parse_entry_tile(data))


def _tile_path(data: bytes) -> bytes:
    level, number, width = parse_tile_path(data.decode())
    return tile_path(level, number, width).encode()


# ---- payloads, charters, frames


def _payload(data: bytes) -> bool:
    """The first byte is the kind; the short way for listings and the long one agree."""
    kind, raw = data[0] if data else 0, data[1:]
    found: list[object] = []
    for read in (PAYLOADS.facts, lambda k, r: facts_of(PAYLOADS.decode(k, r))):
        try:
            found.append(read(kind, raw))
        except StatementError as error:
            found.append(error.code)
    assert found[0] == found[1], "two readers of one payload disagree"
    return not isinstance(found[0], str)


def _payloads() -> list[bytes]:
    relief = relief_payload(LISTING, AUDIENCE)
    said = ((Kind.LISTING, LISTING), (Kind.REPAIR, relief), (Kind.WITHDRAWAL, relief))
    return [bytes([kind]) + PAYLOADS.encode(payload) for kind, payload in said]


def _charter(data: bytes) -> None:
    terms = parse_terms(parse_envelope(data).payload)
    assert parse_terms(write_terms(terms)) == terms, "written again it says something else"


def _charters() -> list[bytes]:
    members = [build.make_member(member) for member in ("510300", "510500")]
    return list(build.make_chain(members).envelopes)


def _frame(data: bytes) -> bool:
    try:
        frame = frame_from_request(pb.FollowRequest.FromString(data))
    except (DecodeError, FederationError):
        return False
    if frame is not None:
        again = pb.FollowRequest.FromString(frame_to_request(frame).SerializeToString())
        assert frame_from_request(again) == frame
    return True


def _frames() -> list[bytes]:
    log = HostileLog()
    for number in range(5):
        log.put(build.seed("leaf", number) * 2)
    copy = KeyCopy(
        origin=build.origin_of("510300"),
        key_id=bytes(16),
        charter=CharterId(bytes(32)),
        suite=1,
        recipient_key_id=bytes(16),
        sealed=bytes(80),
    )
    frames = (log.batch(), log.head(at=build.NOW), log.late(1), copy)
    return [frame_to_request(frame).SerializeToString() for frame in frames]


def _packet_header(data: bytes) -> bytes:
    return packets.parse_header(data.decode()).to_text().encode()


def _packet_headers() -> list[bytes]:
    header = PacketHeader(
        sender=build.origin_of("510300"),
        receiver=build.origin_of("510500"),
        charter=build.charter_id_of(build.make_terms([build.make_member("510300")])),
        packet=bytes(16),
        part=1,
        last=True,
        leaves=5,
        suite=1,
        key=build.sealing_key("510500").id,
        body=99,
        digest=bytes(32),
        spans=(Span(origin=build.origin_of("510300"), start=0, end=5),),
    )
    return [header.to_text().encode()]


def _sealed(data: bytes) -> bool:
    try:
        sealed = sealed_from_proto(pb.SealedOpening.FromString(data))
    except DecodeError:
        return False
    if sealed is not None:
        again = pb.SealedOpening.FromString(sealed_to_proto(sealed).SerializeToString())
        assert sealed_from_proto(again) == sealed
    return sealed is not None


def _sealed_forms() -> list[bytes]:
    audience = pb.SealedOpening(
        audience_key_id=bytes(16), wrapped_key=bytes(72), ciphertext=bytes(80)
    )
    member = pb.SealedOpening(
        recipient_key_id=bytes(16),
        charter=bytes(32),
        suite=1,
        wrapped_key=bytes(80),
        ciphertext=bytes(80),
    )
    return [audience.SerializeToString(), member.SerializeToString()]


# ---- tables


def _table(ending: str) -> Callable[[bytes], bool]:
    def run(data: bytes) -> bool:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, f"list.{ending}")
            path.write_bytes(data)
            try:
                table = Table(path, SMALL)
                for item in table:
                    if not isinstance(item, RowFault):
                        assert len(item[1]) == len(table.header)
                        assert max(map(len, item[1])) <= SMALL.cell
            except TableError:
                return False
        return True

    return run


CSV_TEXT = (
    "失信名单,\r\n名称,统一社会信用代码,案号\r\n"
    '"甲\n""乙""",91510500,"（2026）,1"\r\n丙,2,3\r\n,,\r\n'
)


WEB_TEXT = (
    "<html><meta charset=utf-8><table><tr><td colspan=2>名单</td></tr><tr><th>名称<th>案号</tr>"
    "<tr><td rowspan=2>甲<td>1</td></tr><tr style='display:none'><td>2</td></tr></table>"
)


def _old_workbooks() -> list[bytes]:
    rows: list[list[str | float | None]] = [["名称", "案号"], ["甲", 1.0], ["乙", 10.0**17]]
    more = old_workbooks.merged(1, 2, 0) + old_workbooks.hidden(2) + old_workbooks.error(1, 1)
    with tempfile.TemporaryDirectory() as directory:
        sheet = old_workbooks.sheet_records(rows, more)
        return [old_workbooks.write_old_book(Path(directory, "a.xls"), {"s": sheet}).read_bytes()]


def _workbooks() -> list[bytes]:
    rows = "".join(
        f'<row r="{n}">{cell(f"A{n}", "甲")}<c r="B{n}"><v>{10**n}</v></c></row>'
        for n in range(2, 20)
    )
    with tempfile.TemporaryDirectory() as directory:
        return [write_book(Path(directory, "a.xlsx"), sheet(rows)).read_bytes()]


# ---- what a worker answers


@cache
def _asked() -> Question:
    return question(list(of_every_kind())[:12])


def _entitled(index: int, kind: int, facts: PayloadFacts) -> tuple[str, State]:
    assert kind or index or facts
    return "", State.ACTIVE


def _answer(data: bytes) -> bool:
    asked = _asked()
    try:
        answer = answer_from_bytes(data, asked, _entitled)
    except FormError:
        return False
    again = answer_from_bytes(answer_to_bytes(asked.first, answer), asked, _entitled)
    assert again == answer
    return True


def _answers() -> list[bytes]:
    keys = LentKeys(number=1, opening=bytes(32), lookup=bytes(32))
    preparing = Preparing(Sealing(keys, token=bytes))
    return [answer_to_bytes(_asked().first, preparing.answer(_asked()))]


TARGETS = {
    target.name: target
    for target in (
        Target("worker", _answer, _answers, 4),
        Target(
            "note",
            _strict(lambda data: parse_note(data).to_bytes(), CryptoError),
            lambda: _exported("checkpoint"),
        ),
        Target("checkpoint", _strict(_checkpoint, CryptoError), lambda: _exported("checkpoint"), 4),
        Target(
            "checkpoint-text",
            _strict(_checkpoint_text, CryptoError, UnicodeDecodeError),
            lambda: [_exported("checkpoint")[0].partition(b"\n\n")[0] + b"\n"],
        ),
        Target(
            "vkey",
            _strict(_key, CryptoError, UnicodeDecodeError),
            lambda: [str(key).encode() for key in KEYS],
        ),
        Target("fork", _strict(_fork, CryptoError), _forks, 4),
        Target("proof", _strict(lambda d: parse_proof(d).to_bytes(), CryptoError), _proofs),
        Target("add-checkpoint", _strict(_request, witness.WitnessError), _requests),
        Target("leaf", _strict(_leaf, StatementError), lambda: _log().leaves[:4]),
        Target("tile", _strict(_tile, CryptoError), lambda: _exported("tile/entries")),
        Target(
            "tile-path",
            _strict(_tile_path, CryptoError, UnicodeDecodeError),
            lambda: [b"tile/0/x001/x234/067", b"tile/entries/273.p/112", b"tile/63/000.p/1"],
        ),
        Target("payload", _payload, _payloads, 4),
        Target("charter", _strict(_charter, CryptoError, CharterError), _charters, 20),
        Target("frame", _frame, _frames, 2),
        Target("sealed", _sealed, _sealed_forms),
        Target(
            "packet-header",
            _strict(_packet_header, RefusedError, UnicodeDecodeError),
            _packet_headers,
        ),
        Target(
            "csv",
            _table("csv"),
            lambda: [
                *(CSV_TEXT.encode(name) for name in ("utf-8", "gb18030", "utf-8-sig", "utf-16")),
                CSV_TEXT.replace(",", ";").encode(),
                CSV_TEXT.replace("\n", "").encode("utf-16-le"),
            ],
            4,
        ),
        Target("xls", _table("xls"), _old_workbooks, 200),
        Target("web", _table("xls"), lambda: [WEB_TEXT.encode(), WEB_TEXT.encode("gb18030")], 200),
        Target("xlsx", _table("xlsx"), _workbooks, 200),
    )
}
