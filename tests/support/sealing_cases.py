"""Cases of SPEC §9.5 and §9.8 for `tests/vectors/sealing.json`: what opens, and what must not.

Bytes are in hexadecimal. Every sealed value is made by hand with a given ephemeral key, so that the
file is the same at each run. `secrets` are X25519 secrets of the reader, in suite 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

from crypto.hpke import sealing_key_id, sealing_public
from crypto.vault import opening_aad, seal
from federation.ids import CharterId, MemberId, Origin
from federation.peers.packets import PacketHeader, Span
from federation.peers.sealing import audience_key_id, key_copy_info, opening_info, packet_info
from tests.support.hpke_by_hand import seal_by_hand, seal_of_nothing_shared

Case = dict[str, Any]

ORIGIN, OTHER_ORIGIN = Origin("510500.huxin.example/1"), Origin("510300.huxin.example/1")
ALLIANCE, OTHER_ALLIANCE = CharterId(bytes([0xC1]) * 32), CharterId(bytes([0xC2]) * 32)
MEMBER, OTHER_MEMBER = MemberId("510300"), MemberId("511000")
NODE = "510300.huxin.example"
SECRET, OLD_SECRET, OTHER_SECRET = (bytes([n]) * 32 for n in (0x21, 0x22, 0x23))
PUBLIC, OLD_PUBLIC, OTHER_PUBLIC = map(sealing_public, (SECRET, OLD_SECRET, OTHER_SECRET))
OPENING_KEY, AUDIENCE_KEY, OTHER_KEY = (bytes([n]) * 32 for n in (0x31, 0x32, 0x33))
EPHEMERAL = bytes([0x41]) * 32
SALT, PAYLOAD = bytes(range(32)), "载荷（演示）".encode()
INDEX = 7
NOW = 1_790_000_000
PACKET = bytes([0x51]) * 16
_P = 2**255 - 19
SMALL_ORDER: Final = {
    "0": bytes(32),
    "1": (1).to_bytes(32, "little"),
    "order 8, one": bytes.fromhex(
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"
    ),
    "order 8, other": bytes.fromhex(
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"
    ),
    "p - 1": (_P - 1).to_bytes(32, "little"),
}


def document() -> dict[str, Any]:
    """The whole file."""
    cases = [*_keys(), *_openings(), *_packets(), *_copies()]
    return {"clause": "7.1, 9.5, 9.8", "about": _ABOUT, "cases": cases}


_ABOUT: Final = (
    "Sealing. what = sealing-key: a key in a charter, its id and the code of its refusal; opening: "
    "the sealed form of an opening, `ok` or `pending`; packet: the body of a part whose header "
    "is verified, received by `to`; key-copy: a KeyCopy frame before the AUDIENCE KEY statements "
    "in force of its origin. Bytes are hexadecimal; `secrets` are X25519 secrets of the reader, "
    "`members` its member id by charter, `nodes` its names. Ephemeral secrets are 41 x 32."
)


def _keys() -> Iterator[Case]:
    def case(name: str, suite: int, key: bytes, result: str) -> Case:
        body = {"suite": suite, "key": key.hex(), "id": sealing_key_id(suite, key).hex()}
        return {"what": "sealing-key", "name": name} | body | {"result": result}

    refused = "charter.sealing-key"
    yield case("suite 1", 1, PUBLIC, "ok")
    yield case("a suite to come is passed over", 2, bytes([1]) * 1216, "ok")
    yield case("the same bytes have another id in another suite", 2, PUBLIC, "ok")
    for name, point in SMALL_ORDER.items():
        yield case(f"small-order {name}", 1, point, refused)
    yield case("not below p", 1, _P.to_bytes(32, "little"), refused)
    yield case("highest bit set", 1, PUBLIC[:31] + bytes([PUBLIC[31] | 0x80]), refused)
    yield case("31 bytes", 1, PUBLIC[:31], refused)
    yield case("33 bytes", 1, PUBLIC + b"\0", refused)


def _openings() -> Iterator[Case]:
    aad = opening_aad(ORIGIN, INDEX)
    ciphertext = seal(OPENING_KEY, bytes([0x61]) * 24, SALT + PAYLOAD, aad)
    info = opening_info(ALLIANCE, ORIGIN, INDEX, MEMBER)
    to_member: dict[str, Any] = {
        "recipient_key_id": sealing_key_id(1, PUBLIC),
        "charter": ALLIANCE,
        "suite": 1,
        "wrapped_key": seal_by_hand(EPHEMERAL, PUBLIC, info, OPENING_KEY),
        "ciphertext": ciphertext,
    }
    to_audience: dict[str, Any] = {
        "audience_key_id": audience_key_id(AUDIENCE_KEY),
        "wrapped_key": seal(AUDIENCE_KEY, bytes([0x62]) * 24, OPENING_KEY, aad),
        "ciphertext": ciphertext,
    }

    def case(name: str, sealed: dict[str, Any], result: str = "pending", **place: Any) -> Case:
        opened = {"salt": SALT.hex(), "payload": PAYLOAD.hex()} if result == "ok" else {}
        return (
            {"what": "opening", "name": name, "origin": ORIGIN, "index": INDEX}
            | _reader()
            | {"sealed": _hexed(sealed)}
            | place
            | {"result": result}
            | opened
        )

    def wrapped(**changed: Any) -> dict[str, Any]:
        place: dict[str, Any] = {"charter": ALLIANCE, "origin": ORIGIN, "index": INDEX}
        other = opening_info(**({"receiver": MEMBER} | place | changed))
        return to_member | {"wrapped_key": seal_by_hand(EPHEMERAL, PUBLIC, other, OPENING_KEY)}

    yield case("to a member", to_member, "ok")
    old = to_member | {
        "recipient_key_id": sealing_key_id(1, OLD_PUBLIC),
        "wrapped_key": seal_by_hand(EPHEMERAL, OLD_PUBLIC, info, OPENING_KEY),
    }
    yield case("to a member's old key", old, "ok")
    yield case("to an audience", to_audience, "ok")
    yield case("of another index", to_member, index=INDEX + 1)
    yield case("of another log", to_member, origin=OTHER_ORIGIN)
    yield case("sealed for another index", wrapped(index=INDEX + 1))
    yield case("sealed for another log", wrapped(origin=OTHER_ORIGIN))
    yield case("sealed for another charter", wrapped(charter=OTHER_ALLIANCE))
    yield case("sealed for another member", wrapped(receiver=OTHER_MEMBER))
    yield case("under another charter", to_member | {"charter": OTHER_ALLIANCE})
    yield case("under a charter that is not ours", to_member | {"charter": bytes(32)})
    packet = packet_info(ALLIANCE, ORIGIN, OTHER_ORIGIN, PACKET, 1)
    use = to_member | {"wrapped_key": seal_by_hand(EPHEMERAL, PUBLIC, packet, OPENING_KEY)}
    yield case("sealed for another use", use)
    other_key = {"recipient_key_id": sealing_key_id(1, OTHER_PUBLIC)}
    yield case("to another's key", to_member | other_key)
    yield case("the key is another's", to_member, secrets=[OTHER_SECRET.hex()])
    foreign = seal_by_hand(EPHEMERAL, OTHER_PUBLIC, info, OPENING_KEY)
    yield case("sealed to another's key", to_member | {"wrapped_key": foreign})
    yield case("suite reserved", to_member | {"suite": 2})
    yield case("no suite", to_member | {"suite": 0})
    for name, cut in (("enc cut short", 31), ("no ciphertext", 32), ("tag cut short", 79)):
        short = to_member["wrapped_key"][:cut]
        yield case(f"wrapped key: {name}", to_member | {"wrapped_key": short})
    for name, point in SMALL_ORDER.items():
        weak = seal_of_nothing_shared(point, PUBLIC, info, OPENING_KEY)
        yield case(f"enc of small order {name}", to_member | {"wrapped_key": weak})
    yield case("both to an audience and to a member", to_audience | to_member)
    yield case("to an audience, with a suite", to_audience | {"suite": 1})
    yield case("to nobody", {"wrapped_key": to_audience["wrapped_key"], "ciphertext": ciphertext})
    yield case("an audience key id of 15 bytes", to_audience | {"audience_key_id": bytes(15)})
    unknown = to_audience | {"audience_key_id": audience_key_id(OTHER_KEY)}
    yield case("an audience key that is not held", unknown)
    yield case("to an audience, of another index", to_audience, index=INDEX + 1)
    yield case("ciphertext of 71 bytes", to_member | {"ciphertext": ciphertext[:71]})
    changed = ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])
    yield case("ciphertext changed", to_member | {"ciphertext": changed})


def _packets() -> Iterator[Case]:
    plaintext = bytes.fromhex("000000020a00")  # one empty Subscribe

    def case(name: str, result: str, *, body: bytes | None = None, **header: Any) -> Case:
        place: dict[str, Any] = {"charter": ALLIANCE, "part": 1, "packet": PACKET, "sender": ORIGIN}
        made_for = place | header.pop("sealed_for", {})
        public = header.pop("public", PUBLIC)
        info = packet_info(receiver=OTHER_ORIGIN, **made_for)
        sealed = seal_by_hand(EPHEMERAL, public, info, plaintext) if body is None else body
        fields: dict[str, Any] = {
            "receiver": OTHER_ORIGIN,
            "last": True,
            "leaves": 0,
            "suite": 1,
            "key": sealing_key_id(1, PUBLIC),
            "body": len(sealed),
            "digest": sha256(sealed).digest(),
            "spans": (Span(origin=ORIGIN, start=0, end=0),),
        }
        said = PacketHeader(**(fields | place | header))
        secrets = [SECRET.hex(), OLD_SECRET.hex()]
        opened = {"plaintext": plaintext.hex()} if result == "ok" else {}
        return {
            "what": "packet",
            "name": name,
            "secrets": secrets,
            "header": said.to_text(),
            "body": sealed.hex(),
            "result": result,
        } | opened

    yield case("a part", "ok")
    yield case("to an old key", "ok", public=OLD_PUBLIC, key=sealing_key_id(1, OLD_PUBLIC))
    yield case("cut short", "packet.truncated") | {"body": "00" * 50}
    yield case("digest of another body", "packet.altered", digest=bytes(32))
    yield case("suite reserved", "packet.suite", suite=2)
    yield case("suite to come", "packet.suite", suite=255)
    yield case("another's key", "packet.key", key=sealing_key_id(1, OTHER_PUBLIC))
    yield case("the key's id of another suite", "packet.key", key=sealing_key_id(2, PUBLIC))
    yield case("sealed to the old key", "packet.sealed", public=OLD_PUBLIC)
    for name, place in (
        ("alliance", {"charter": OTHER_ALLIANCE}),
        ("part", {"part": 2}),
        ("packet", {"packet": bytes(16)}),
        ("sender", {"sender": Origin("511000.huxin.example/1")}),
    ):
        yield case(f"sealed for another {name}", "packet.sealed", sealed_for=place)
    for name, cut in (("enc cut short", 31), ("no ciphertext", 32), ("nothing", 0)):
        yield case(name, "packet.sealed", body=bytes(cut))
    info = packet_info(ALLIANCE, ORIGIN, OTHER_ORIGIN, PACKET, 1)
    weak = seal_of_nothing_shared(SMALL_ORDER["1"], PUBLIC, info, plaintext)
    yield case("enc of small order", "packet.sealed", body=weak)


def _copies() -> Iterator[Case]:
    key_id = audience_key_id(AUDIENCE_KEY)
    leaf = {
        "key_id": key_id.hex(),
        "charters": [ALLIANCE.hex()],
        "members": [],
        "not_before": NOW - 60,
        "not_after": NOW + 60,
    }

    def copied(plaintext: bytes = AUDIENCE_KEY, **changed: Any) -> bytes:
        place: dict[str, Any] = {"charter": ALLIANCE, "origin": ORIGIN, "key_id": key_id}
        place["receiver"] = MEMBER
        return seal_by_hand(EPHEMERAL, PUBLIC, key_copy_info(**(place | changed)), plaintext)

    def case(name: str, result: str, *, said: Any = (leaf,), now: int = NOW, **copy: Any) -> Case:
        frame = {
            "origin": ORIGIN,
            "key_id": key_id,
            "charter": ALLIANCE,
            "suite": 1,
            "recipient_key_id": sealing_key_id(1, PUBLIC),
            "sealed": copied(),
        }
        opened = {"key": AUDIENCE_KEY.hex()} if result == "ok" else {}
        return (
            {"what": "key-copy", "name": name}
            | _reader()
            | {"now": now, "announced": list(said), "copy": _hexed(frame | copy)}
            | {"result": result}
            | opened
        )

    yield case("announced, for us", "ok")
    yield case("a leaf without a period", "ok", said=[leaf | {"not_before": 0, "not_after": 0}])
    yield case("from its first second on", "ok", said=[leaf | {"not_before": NOW}])
    yield case("until its last second", "ok", said=[leaf | {"not_after": NOW}])
    yield case("the leaf names our node", "ok", said=[leaf | {"members": [NODE]}])
    yield case("suite reserved", "key-copy.suite", suite=2)
    yield case("to another's key", "key-copy.key", recipient_key_id=sealing_key_id(1, OTHER_PUBLIC))
    yield case("no leaf", "key-copy.unannounced", said=[])
    other_id = audience_key_id(OTHER_KEY)
    others = leaf | {"key_id": other_id.hex()}
    yield case("a leaf of another key", "key-copy.unannounced", said=[others])
    yield case("too early", "key-copy.unannounced", said=[leaf | {"not_before": NOW + 1}])
    yield case("too late", "key-copy.unannounced", said=[leaf | {"not_after": NOW - 1}])
    elsewhere = leaf | {"charters": [OTHER_ALLIANCE.hex()]}
    yield case("for another alliance", "key-copy.audience", said=[elsewhere])
    stranger = leaf | {"members": ["511000.huxin.example"]}
    yield case("for another node", "key-copy.audience", said=[stranger])
    unknown = leaf | {"charters": ["00" * 32]}
    yield case("an alliance not ours", "key-copy.audience", said=[unknown], charter=bytes(32))
    for name, place in (
        ("alliance", {"charter": OTHER_ALLIANCE}),
        ("log", {"origin": OTHER_ORIGIN}),
        ("member", {"receiver": OTHER_MEMBER}),
        ("key", {"key_id": other_id}),
    ):
        yield case(f"sealed for another {name}", "key-copy.sealed", sealed=copied(**place))
    yield case("cut short", "key-copy.sealed", sealed=copied()[:-1])
    yield case("31 bytes", "key-copy.sealed", sealed=copied(AUDIENCE_KEY[1:]))
    info = key_copy_info(ALLIANCE, ORIGIN, key_id, MEMBER)
    weak = seal_of_nothing_shared(bytes(32), PUBLIC, info, AUDIENCE_KEY)
    yield case("enc of small order", "key-copy.sealed", sealed=weak)
    yield case("another key within", "key-copy.mismatch", sealed=copied(OTHER_KEY))


def _reader() -> Case:
    return {
        "members": {ALLIANCE.hex(): MEMBER, OTHER_ALLIANCE.hex(): MEMBER},
        "nodes": [NODE],
        "secrets": [SECRET.hex(), OLD_SECRET.hex()],
        "audience_keys": [AUDIENCE_KEY.hex()],
    }


def _hexed(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.hex() if isinstance(value, bytes) else value for name, value in fields.items()
    }
