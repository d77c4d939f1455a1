"""Making a node's directory: keys, high-water mark, key ring, public description, configuration.

`huxin.toml` is written last: it marks the directory as a node's. What an interrupted run left is
never used again, because a key without its mark could sign twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.files.atomic import sync_directory, write_atomically
from adapters.state.highwater import FileHighWater
from adapters.state.keyring import KeyRing
from crypto.keys import KeyType, Signer
from crypto.merkle import EMPTY_ROOT
from federation.charters.draft import write_member
from federation.charters.values import QUERIES
from federation.charters.verification import (
    Entitlements,
    Member,
    MemberKeys,
    Role,
    Segment,
)
from federation.errors import RefusedError
from federation.ids import MemberId, Origin, Timestamp, node_of
from node.directory.config import FILE_NAME, NodeSection
from node.directory.config_file import default_config
from node.directory.keys import (
    SEED_SIZE,
    KeyFileError,
    NodeKeys,
    Token,
    create_keys,
    write_private,
)
from node.directory.marks import HIGH_WATER_FILE, QUERY_MARK_FILE, Mark

MEMBER_FILE: Final = "member.json"
CHARTER_KEY_FILE: Final = Path("offline") / "charter.key"
"""Where the charter key is laid until the operator takes it off the machine."""

TRUSTED_TIME_FILE: Final = "trusted-time"
KEY_RING_FILE: Final = "keyring.json"
QUERY_KEY_FILE: Final = "queries.key"

VOTING_ROLES: Final = frozenset({Role.CITY, Role.HUB})
"""Roles whose nodes vote unless the operator says otherwise."""

_SUITE: Final = 1
_TAKEN: Final = (FILE_NAME, "keys", "state", "charters", "huxin.db", MEMBER_FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNode:
    """What the operator decides about a node.

    Attributes:
        identity: region, name, role and origin.
        listen: host:port for peers; port 0 takes a free one.
        advertise: host:port under which peers reach it; empty where it only dials.
        charter_key: file for the charter key; None for a node without a vote.
    """

    identity: NodeSection
    listen: str
    advertise: str
    charter_key: Path | None


def create_node(directory: Path, new: NewNode, *, now: Timestamp, token: Token) -> Member:
    """Make the directory of a node.

    Returns:
        The public description that was written to `member.json`: everything that a charter says
        of the node but its rights.

    Raises:
        RefusedError: the directory is a node's already, or an earlier run broke off in it
            (`init.exists`); or a key file is in the way (`keys.exist`).
        ConfigError: a setting is not valid; nothing was made.
    """
    origin = Origin(new.identity.origin)
    configuration = default_config(
        directory,
        region=new.identity.region,
        name=new.identity.name,
        role=new.identity.role,
        origin=origin,
        listen=new.listen,
        advertise=new.advertise,
    )
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    taken = next((name for name in _TAKEN if (directory / name).exists()), None)
    if taken is not None:
        message = (
            f"{directory}: expected no node, got {taken}; take another directory, or remove what "
            "an interrupted init left, if no charter names its keys"
        )
        raise RefusedError("init.exists", message)
    charter_key = None
    if new.charter_key is not None:
        charter_key = _create_charter_key(new.charter_key, node_of(origin), token)
    keys = create_keys(directory / "keys", origin, now=now, token=token)
    state = directory / "state"
    state.mkdir(mode=0o700)
    FileHighWater(state / HIGH_WATER_FILE, origin).create_empty()
    KeyRing.create(state / KEY_RING_FILE, now=now, token=token)
    for name in ("charters", "inbox", "outbox"):
        (directory / name).mkdir(mode=0o750, exist_ok=True)
    first = _first_query_log(origin)
    path = state / f"{QUERY_MARK_FILE}-{first.rpartition('/')[2]}"
    query_log = begin_query_log(directory / "keys", FileHighWater(path, first), first, token)
    member = describe(new, keys, charter_key, query_log)
    write_atomically(directory / MEMBER_FILE, write_member(member))
    write_atomically(directory / FILE_NAME, configuration.encode(), mode=0o600)
    sync_directory(directory)
    return member


def begin_query_log(
    keys: Path, mark: Mark, origin: Origin, token: Token, *, after: Signer | None = None
) -> Signer:
    """Make mark and key of an epoch of the query log; the mark first, which the key needs.

    Args:
        keys: DIR/keys.
        mark: of this epoch; an old one is never taken for it.
        origin: `queries.<node>/<epoch>`.
        token: the source of randomness.
        after: the key of the epoch that ends; its file stays, as `queries-<epoch>.key`.

    Raises:
        KeyFileError: `keys.missing`: the mark says that there was a key, which has signed.
    """
    if mark.load() is None and not mark.damage():
        mark.create_empty()
    path = keys / QUERY_KEY_FILE
    if mark.load() != (0, EMPTY_ROOT):
        message = f"{path}: the query log's key is missing; restore it"
        raise KeyFileError("keys.missing", message)
    signer = Signer(name=origin, type=KeyType.NOTE, seed=token(SEED_SIZE))
    text = signer.to_seed_text().encode() + b"\n"
    if after is None:
        write_private(path, text)
        return signer
    former = keys / former_query_key(Origin(after.name))
    write_atomically(former, after.to_seed_text().encode() + b"\n", mode=0o600)
    write_atomically(path, text, mode=0o600)  # only now: a key is never without its file
    return signer


def former_query_key(origin: Origin) -> str:
    """File of the key of an epoch of the query log that has ended."""
    return f"{Path(QUERY_KEY_FILE).stem}-{origin.rpartition('/')[2]}.key"


def _first_query_log(origin: Origin) -> Origin:
    return Origin(f"{QUERIES}{node_of(origin)}/1")


def describe(new: NewNode, keys: NodeKeys, charter_key: bytes | None, query_log: Signer) -> Member:
    """Return what a charter says of a new node, without any right."""
    segment = Segment(
        origin=Origin(new.identity.origin),
        log_key=keys.log.verifier,
        from_size=0,
        cut=None,
        suite=_SUITE,
        entitlements=Entitlements(),
    )
    return Member(
        id=MemberId(new.identity.region),
        region=new.identity.region,
        name=new.identity.name,
        roles=(Role(new.identity.role),),
        charter_key=charter_key,
        segments=(segment,),
        keys=MemberKeys(
            head=(keys.head.verifier,),
            witness=(keys.witness.verifier,),
            mirror=(keys.mirror.verifier,),
            document=() if keys.document is None else (keys.document.verifier,),
            query_log=(query_log.verifier,),
        ),
        certificates=(keys.certificate,),
        sealing_keys=keys.sealing_keys,
        endpoints=(new.advertise,) if new.advertise else (),
        receives=(),
    )


def _create_charter_key(path: Path, node: str, token: Token) -> bytes:
    signer = Signer(name=f"{node}/charter", type=KeyType.NOTE, seed=token(SEED_SIZE))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, signer.to_seed_text().encode() + b"\n")
    return signer.verifier.public
