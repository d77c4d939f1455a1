"""The known answers of protos/SPEC.md §11: text, machine-readable form and implementation agree.

`known_answers` makes each answer anew with the implementation. `tests/vectors/spec.json` holds the
same names and values for other implementations; SPEC.md shows most of them to people: short ones in
tables (`| name | hex |`), longer ones in blocks whose info string is `hex NAME` or `text NAME`.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from nacl.signing import SigningKey, VerifyKey

from crypto.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from crypto.commitment import commit
from crypto.cosignature import cosign, merge_signatures, verify_cosignatures
from crypto.dsse import Envelope, pae, sign_envelope
from crypto.fork import ForkProof, parse_fork, verify_fork
from crypto.hpke import sealing_key_id, sealing_public, unseal_with
from crypto.keys import KeyType, Signer
from crypto.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_from_known,
    leaf_hash,
    leaf_hashes,
    node_hash,
    root_of,
)
from crypto.notes import Note, parse_note
from crypto.proof import Disclosure, ProofFile, parse_proof, verify_disclosure
from crypto.strict import b64, b64_strict
from crypto.tiles import entry_tiles_for_size, format_entry_tile, tile_path, tiles_for_size
from crypto.vault import opening_aad, seal
from federation.audit.export_names import directory_name, opening_path
from federation.charters.entitlement import ListingRules
from federation.charters.verification import PAYLOAD_TYPE, verify_first
from federation.ids import CharterId, Date, MemberId, Origin, StatementId, Timestamp, node_of
from federation.life import life
from federation.life.reading import StatementReading, rows_of
from federation.payloads import (
    Annotation,
    Audience,
    Listing,
    Payload,
    Relief,
    Source,
    Subject,
    SubjectKind,
    TermQuality,
    Tier,
)
from federation.peers.openings import DeliveredOpening
from federation.peers.sealing import audience_key_id, opening_info
from federation.peers.witness import AddCheckpoint, check, format_request, parse_request
from federation.record_key import RecordKey
from federation.rows import OpeningStatus
from federation.statements import AnnotationAction, Header, Kind
from node.codec import ProtobufPayloads
from tests.support.hpke_by_hand import seal_by_hand

ROOT = Path(__file__).resolve().parents[1]
SPEC = ROOT / "protos" / "SPEC.md"
VECTORS = ROOT / "tests" / "vectors" / "spec.json"

ORIGIN = Origin("510500.huxin.example/1")
NODE = node_of(ORIGIN)
TIME = Timestamp(1_790_000_000)
LISTING_ID, MASKING_ID, REPAIR_ID = (StatementId(bytes([one]) * 16) for one in (0xA0, 0xA1, 0xA2))
SALTS = [bytes(range(begin, begin + 32)) for begin in (0x00, 0x20, 0x40)]
RECORD_KEY = RecordKey(
    scheme="uscc",
    code="91510500ZZ00000018",
    list_type="judgment-defaulter",
    authority="11510500ZZ0000003X",
    document="（2026）川05执123号",
)

LOG = Signer(name=ORIGIN, type=KeyType.NOTE, seed=bytes([1]) * 32)
HEAD = Signer(name=f"{NODE}/head", type=KeyType.COSIGNATURE, seed=bytes([2]) * 32)
WITNESS = Signer(
    name="510300.huxin.example/witness", type=KeyType.COSIGNATURE, seed=bytes([3]) * 32
)
CHARTER_SEED = bytes([4]) * 32
SEALING_SECRET = bytes([5]) * 32
SUPPRESSION_KEY = bytes([6]) * 32
AUDIENCE_KEY, OPENING_KEY = bytes([7]) * 32, bytes([8]) * 32
WRAP_NONCE, OPENING_NONCE = bytes([9]) * 24, bytes([10]) * 24
EPHEMERAL = bytes([11]) * 32


def charter_payload() -> bytes:
    """Version 1 of an alliance of one member; compact, so that it is one line of the text."""
    member = {
        "id": "510500",
        "region": "510500",
        "name": "泸州结点（演示）",
        "roles": ["city"],
        "charter_key": b64(bytes(SigningKey(CHARTER_SEED).verify_key)),
        "segments": [
            {
                "origin": ORIGIN,
                "log_key": str(LOG.verifier),
                "from_size": 0,
                "suite": 1,
                "entitlements": {
                    "kinds": [1, 2, 3, 4, 5, 6],
                    "lists": [
                        {
                            "list_type": RECORD_KEY.list_type,
                            "authorities": [RECORD_KEY.authority],
                        }
                    ],
                },
            }
        ],
        "keys": {"head": [str(HEAD.verifier)], "witness": [], "mirror": []},
        "certificates": [],
        "sealing_keys": [{"suite": 1, "key": b64(sealing_public(SEALING_SECRET))}],
        "endpoints": [],
        "receives": [{"kinds": [1, 2, 3, 4, 5, 6], "purposes": ["joint-punishment"]}],
    }
    charter = {
        "min_reader": 1,
        "name": "川南（演示）",
        "version": 1,
        "issued_at": TIME,
        "not_after": TIME + 31_536_000,
        "purposes": ["joint-punishment"],
        "members": [member],
    }
    return json.dumps(charter, ensure_ascii=False, separators=(",", ":")).encode()


def payloads() -> tuple[Payload, Payload, Payload]:
    """A listing, the beginning of its masking, and its repair."""
    alliance = CharterId(sha256(charter_payload()).digest())
    audience = Audience(charters=(alliance,), purposes=("joint-punishment",))
    listing = Listing(
        audience=audience,
        subject=Subject(
            scheme=RECORD_KEY.scheme,
            code=RECORD_KEY.code,
            name="泸州示例建筑工程有限公司（演示）",
            kind=SubjectKind.ENTERPRISE,
        ),
        list_type=RECORD_KEY.list_type,
        tier=Tier.SEVERE,
        authority=RECORD_KEY.authority,
        authority_name="泸州市示例法院（演示）",
        document=RECORD_KEY.document,
        decided_on=Date(20260105),
        listed_on=Date(20260106),
        prior_notice_on=Date(20251201),
        basis="民事诉讼法",
        publish_until=Date(20280105),
        term=TermQuality.STATED,
        source=Source(department="court", batch="2026-01", row=3, key="k-1"),
    )
    masking = Annotation(
        audience=audience,
        record=RECORD_KEY,
        authority=RECORD_KEY.authority,
        document="（2026）川05破1号",
        decided_on=Date(20260401),
    )
    repair = Relief(
        audience=audience,
        record=RECORD_KEY,
        subject_name=listing.subject.name,
        authority=RECORD_KEY.authority,
        document="（2026）川05执恢9号",
        decided_on=Date(20260501),
        publish_until=Date(20280105),
    )
    return listing, masking, repair


HEADERS = (
    Header(kind=Kind.LISTING, issued_at=TIME, statement_id=LISTING_ID),
    Header(
        kind=Kind.ANNOTATION,
        action=AnnotationAction.MASKING_BEGUN,
        issued_at=Timestamp(TIME + 60),
        statement_id=MASKING_ID,
        about=LISTING_ID,
    ),
    Header(
        kind=Kind.REPAIR,
        issued_at=Timestamp(TIME + 120),
        statement_id=REPAIR_ID,
        about=LISTING_ID,
    ),
)


def signed(leaves: Sequence[bytes]) -> Note:
    checkpoint = Checkpoint(origin=ORIGIN, size=len(leaves), root=root_of(leaf_hashes(leaves)))
    return sign_checkpoint(checkpoint, LOG)


class _Unread:
    """What reading asks for where no opening is there: nothing."""

    def listing_rules(self, origin: Origin) -> ListingRules:
        return ListingRules(origin, {})

    def lookup(self, value: bytes) -> bytes:
        raise AssertionError(value)


def log_state(leaves: Sequence[bytes]) -> bytes:
    """SPEC.md §6.6 by the implementation, at a node that may read no opening."""
    reading = StatementReading(
        origin=ORIGIN,
        payloads=_Unread(),  # type: ignore[arg-type]
        tagger=_Unread(),
        rights=_Unread(),  # type: ignore[arg-type]
    )
    sealed = [DeliveredOpening(OpeningStatus.NOT_FOR_US) for _ in leaves]
    examined = reading.examine(0, leaves, sealed)
    rows = [statement.row for statement in rows_of(0, 0, examined, lambda _: 0)]
    acts = [
        life.Act(
            row=row,
            leaf_hash=leaf_hash(leaf),
            direct=True,
            follows=False,
            within_cut=True,
            same_chain=frozenset({0}),
            epoch=0,
            erases=True,
        )
        for row, leaf in zip(rows, leaves, strict=True)
    ]
    digest = sha256()
    for row, leaf in zip(rows, leaves, strict=True):
        if row.kind == Kind.LISTING:
            about = [act for act in acts if act.row.about == row.statement_id]
            state = life.judge(row, leaf_hash(leaf), about).header_state
            digest.update(row.idx.to_bytes(8, "big") + bytes([state]))
    return digest.digest()


@cache
def known_answers() -> dict[str, bytes]:
    """Every answer by its name, from the implementation."""
    answers = {
        "commitment.design": commit("example.org/log", SALTS[0], bytes(44), b"payload"),
        "root.0": EMPTY_ROOT,
        "record-key": RECORD_KEY.pack(),
        "suppression.key": SUPPRESSION_KEY,
        "suppression.tag": hmac.digest(SUPPRESSION_KEY, RECORD_KEY.pack(), "sha256"),
    }
    for name, signer in (("log", LOG), ("head", HEAD), ("witness", WITNESS)):
        answers[f"key.{name}.seed"] = signer.seed
        answers[f"key.{name}.public"] = signer.verifier.public
        answers[f"key.{name}.id"] = signer.verifier.key_id
        answers[f"key.{name}.private"] = signer.to_seed_text().encode() + b"\n"
    answers["key.charter.seed"] = CHARTER_SEED
    answers["key.charter.public"] = bytes(SigningKey(CHARTER_SEED).verify_key)
    answers["key.sealing.secret"] = SEALING_SECRET
    answers["key.sealing.public"] = sealing_public(SEALING_SECRET)
    answers["key.sealing.id"] = sealing_key_id(1, sealing_public(SEALING_SECRET))

    envelope = Envelope(payload_type=PAYLOAD_TYPE, payload=charter_payload(), signatures=())
    (_, charter_signature), *_ = sign_envelope(envelope, CHARTER_SEED).signatures
    answers["charter.payload"] = charter_payload()
    answers["charter.id"] = sha256(charter_payload()).digest()
    answers["charter.signature"] = charter_signature

    leaves: list[bytes] = []
    for number, (header, payload, salt) in enumerate(zip(HEADERS, payloads(), SALTS, strict=True)):
        raw = ProtobufPayloads().encode(payload)
        commitment = commit(ORIGIN, salt, header.pack(), raw)
        leaves.append(header.pack() + commitment)
        answers |= {
            f"leaf.{number}.header": header.pack(),
            f"leaf.{number}.salt": salt,
            f"leaf.{number}.payload": raw,
            f"leaf.{number}.commitment": commitment,
            f"leaf.{number}.hash": leaf_hash(leaves[-1]),
            f"root.{number + 1}": root_of(leaf_hashes(leaves)),
            f"log-state.{number + 1}": log_state(leaves),
        }
    answers["leaf.0"] = leaves[0]
    charter = CharterId(answers["charter.id"])
    return answers | _files(leaves) | _sealed(charter, SALTS[0] + answers["leaf.0.payload"])


def _files(leaves: Sequence[bytes]) -> dict[str, bytes]:
    hashes = leaf_hashes(leaves)
    note = signed(leaves)
    lines = tuple(cosign(note.text, signer, TIME + 180) for signer in (HEAD, WITNESS))
    checkpoint = merge_signatures(note, Note(text=note.text, signatures=lines)).to_bytes()
    path = (hashes[1], hashes[2])
    two_to_three = consistency_from_known(2, Frontier.empty().extend(hashes[:2]), [], 3, hashes[2:])
    other = leaves[0], bytes([*leaves[1][:12], *([0xB1] * 16), *leaves[1][28:]])
    fork = ForkProof(
        smaller=signed(other).to_bytes(),
        larger=note.to_bytes(),
        prefix=root_of(hashes[:2]),
        path=tuple(two_to_three),
    )
    equal = ForkProof(
        smaller=signed(other).to_bytes(),
        larger=signed(leaves[:2]).to_bytes(),
        prefix=None,
        path=(),
    )
    keys = (LOG.verifier, HEAD.verifier, WITNESS.verifier)
    request = AddCheckpoint(
        old_size=2, proof=tuple(two_to_three), checkpoint=signed(leaves).to_bytes()
    )
    return {
        "checkpoint": checkpoint,
        "vkey": "".join(f"{key}\n" for key in keys).encode(),
        "proof": ProofFile(index=0, proof=path, checkpoint=checkpoint).to_bytes(),
        "fork": fork.to_bytes(),
        "fork.equal": equal.to_bytes(),
        "add-checkpoint": format_request(request),
        "tile/0/000.p/3": b"".join(hashes),
        "tile/entries/000.p/3": format_entry_tile(leaves),
    }


def _sealed(charter: CharterId, opening: bytes) -> dict[str, bytes]:
    aad = opening_aad(ORIGIN, 0)
    info = opening_info(charter, ORIGIN, 0, MemberId("510500"))
    public = sealing_public(SEALING_SECRET)
    return {
        "sealed.aad": aad,
        "sealed.audience-key": AUDIENCE_KEY,
        "sealed.audience-key-id": audience_key_id(AUDIENCE_KEY),
        "sealed.member-info": info,
        "sealed.member-wrapped-key": seal_by_hand(EPHEMERAL, public, info, OPENING_KEY),
        "sealed.opening-key": OPENING_KEY,
        "sealed.wrapped-key": seal(AUDIENCE_KEY, WRAP_NONCE, OPENING_KEY, aad),
        "sealed.ciphertext": seal(OPENING_KEY, OPENING_NONCE, opening, aad),
    }


TEXTS = frozenset(
    {
        *(f"key.{name}.private" for name in ("log", "head", "witness")),
        "charter.payload",
        "checkpoint",
        "vkey",
        "proof",
        "fork",
        "fork.equal",
        "add-checkpoint",
    }
)
"""Answers that are text; all others are written in hexadecimal."""

VECTORS_ONLY = frozenset(
    {
        *(f"key.{name}.private" for name in ("log", "head", "witness")),
        "leaf.1.payload",
        "leaf.2.payload",
        "fork.equal",
        "sealed.ciphertext",
        "tile/0/000.p/3",
        "tile/entries/000.p/3",
    }
)
"""Answers too long for the text."""


def vectors() -> dict[str, bytes]:
    document = json.loads(VECTORS.read_text(encoding="utf-8"))
    hexes = {name: bytes.fromhex(value) for name, value in document["hex"].items()}
    return hexes | {name: value.encode() for name, value in document["text"].items()}


def written() -> dict[str, bytes]:
    """The answers as SPEC.md §11 shows them."""
    section = SPEC.read_text(encoding="utf-8").partition("\n## 11 ")[2].partition("\n## 12 ")[0]
    found: list[tuple[str, bytes]] = [
        (name, bytes.fromhex(value))
        for name, value in re.findall(r"^\| `([^`]+)` \| `([0-9a-f]+)` \|", section, re.MULTILINE)
    ]
    blocks = re.findall(r"^```(hex|text) (\S+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    found += [
        (name, bytes.fromhex(body) if form == "hex" else body.encode())
        for form, name, body in blocks
    ]
    names = [name for name, _ in found]
    assert len(names) == len(set(names)), "an answer stands twice"
    return dict(found)


def test_the_vectors_are_what_the_implementation_gives() -> None:
    document = json.loads(VECTORS.read_text(encoding="utf-8"))
    assert set(document["text"]) == TEXTS
    assert vectors() == known_answers()


def test_the_text_shows_every_vector() -> None:
    shown = written()
    # One line in the text, without the newline that a block needs.
    shown["charter.payload"] = shown["charter.payload"].removesuffix(b"\n")
    assert shown == {name: value for name, value in vectors().items() if name not in VECTORS_ONLY}


def test_the_answer_of_the_design_stands_in_the_text() -> None:
    answer = "f24976d53dc0acd0dc3925917d353558a793b680b18b14cc02aa6c69c0ab304c"
    assert known_answers()["commitment.design"].hex() == answer


def test_the_answers_hold_by_plain_means() -> None:
    """Recomputed with nothing but hashes, HMAC and Ed25519, as a stranger would."""
    told = vectors()
    origin = ORIGIN.encode()
    hashes = []
    for number in range(3):
        header, payload = told[f"leaf.{number}.header"], told[f"leaf.{number}.payload"]
        message = b"".join(
            (
                told[f"leaf.{number}.salt"],
                len(origin).to_bytes(2, "big"),
                origin,
                header,
                len(payload).to_bytes(4, "big"),
                payload,
            )
        )
        commitment = hmac.digest(b"huxin/commitment/v1", message, "sha256")
        assert commitment == told[f"leaf.{number}.commitment"]
        hashes.append(sha256(b"\x00" + header + commitment).digest())
        assert hashes[-1] == told[f"leaf.{number}.hash"]
    left = sha256(b"\x01" + hashes[0] + hashes[1]).digest()
    root = sha256(b"\x01" + left + hashes[2]).digest()
    assert (left, root) == (told["root.2"], told["root.3"])

    text, _, lines = told["checkpoint"].decode().rpartition("\n\n")
    text += "\n"
    assert text == f"{ORIGIN}\n3\n{b64(root)}\n"
    raw = {line.split(" ")[1]: b64_strict(line.split(" ")[2]) for line in lines.splitlines()}
    log_line = raw[ORIGIN]
    VerifyKey(told["key.log.public"]).verify(text.encode(), log_line[4:])
    assert log_line[:4] == told["key.log.id"]
    for name, key in ((f"{NODE}/head", "head"), (WITNESS.name, "witness")):
        line = raw[name]
        timed = f"cosignature/v1\ntime {int.from_bytes(line[4:12], 'big')}\n{text}"
        VerifyKey(told[f"key.{key}.public"]).verify(timed.encode(), line[12:])
        material = f"{name}\n".encode() + b"\x04" + told[f"key.{key}.public"]
        assert line[:4] == sha256(material).digest()[:4] == told[f"key.{key}.id"]

    for size, state in ((1, 1), (2, 2), (3, 4)):
        assert told[f"log-state.{size}"] == sha256(bytes(8) + bytes([state])).digest()
    assert told["charter.id"] == sha256(told["charter.payload"]).digest()
    message = pae(PAYLOAD_TYPE, told["charter.payload"])
    VerifyKey(told["key.charter.public"]).verify(message, told["charter.signature"])


def test_what_the_text_shows_verifies() -> None:
    told = vectors()
    note = open_checkpoint(told["checkpoint"], LOG.verifier).note
    assert len(verify_cosignatures(note, [HEAD.verifier, WITNESS.verifier])) == 2
    disclosure = Disclosure(
        proof=parse_proof(told["proof"]),
        salt=told["leaf.0.salt"],
        payload=told["leaf.0.payload"],
    )
    verify_disclosure(disclosure, entry=told["leaf.0"], log_key=LOG.verifier)
    for name in ("fork", "fork.equal"):
        verify_fork(parse_fork(told[name]), LOG.verifier)
    request = parse_request(told["add-checkpoint"])
    check(request, LOG.verifier, 2, told["root.2"])
    envelope = sign_envelope(
        Envelope(payload_type=PAYLOAD_TYPE, payload=told["charter.payload"], signatures=()),
        CHARTER_SEED,
    )
    charter = verify_first(envelope.to_bytes(), CharterId(told["charter.id"]))
    assert charter.terms.members[0].segments[0].log_key == LOG.verifier
    listing = ProtobufPayloads().facts(Kind.LISTING, told["leaf.0.payload"])
    repair = ProtobufPayloads().facts(Kind.REPAIR, told["leaf.2.payload"])
    assert listing.key == repair.key == told["record-key"]
    info, wrapped = told["sealed.member-info"], told["sealed.member-wrapped-key"]
    assert unseal_with(1, told["key.sealing.secret"], info, wrapped) == told["sealed.opening-key"]
    assert node_hash(told["leaf.0.hash"], told["leaf.1.hash"]) == told["root.2"]
    assert parse_note(told["checkpoint"]).to_bytes() == told["checkpoint"]


@pytest.mark.parametrize(
    ("size", "hash_tiles", "entry_tile"),
    [
        (0, [], None),
        (1, ["tile/0/000.p/1"], "tile/entries/000.p/1"),
        (256, ["tile/0/000", "tile/1/000.p/1"], "tile/entries/000"),
        (
            70_000,
            ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"],
            "tile/entries/273.p/112",
        ),
    ],
)
def test_the_tiles_of_a_size(size: int, hash_tiles: list[str], entry_tile: str | None) -> None:
    """The last tile of each level, as the table of SPEC.md §4.1 says."""
    last: dict[int, str] = {}
    for level, number, width in tiles_for_size(size):
        last[level] = tile_path(level, number, width)
    entries = [tile_path("entries", number, width) for number, width in entry_tiles_for_size(size)]
    assert [last[level] for level in sorted(last)] == hash_tiles
    assert (entries[-1] if entries else None) == entry_tile


def test_the_names_of_an_export() -> None:
    text = SPEC.read_text(encoding="utf-8")
    for name in (directory_name(ORIGIN), tile_path(0, 1_234_067, 256), opening_path(1234)):
        assert f"`{name}`" in text


def test_the_vectors_that_classes_are_tried_with_are_there() -> None:
    """SPEC §15 names files; each says of which section it is, and its cases have a result."""
    table = SPEC.read_text("utf-8").partition("tries its answers with")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z]+)`", table))
    assert {"notes", "witness", "batches", "errors"} <= named
    for name in named - {"spec"}:
        document = json.loads((VECTORS.parent / f"{name}.json").read_text("utf-8"))
        assert document["clause"], name
        assert all(case["name"] and "result" in case for case in document["cases"]), name


def test_every_section_named_in_the_text_is_there() -> None:
    text = SPEC.read_text("utf-8")
    there = set(re.findall(r"^#{2,3} ([0-9]+(?:\.[0-9]+)?) ", text, flags=re.MULTILINE))
    assert set(re.findall(r"§([0-9]+(?:\.[0-9]+)?)", text)) <= there
