"""The keys that a charter names: every one once, and each named for its use (SPEC §7.1).

A key under two ids or for two purposes would be two losses in one theft, or two votes of one
member. A name says of whose node and for what a key is, so that no signature of one use can be
shown as one of another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from crypto.errors import FormatError, SealError
from crypto.hpke import SEALING_SUITES, check_sealing_key
from crypto.keys import KeyType, check_public
from federation.charters.values import QUERIES, Member, Terms
from federation.errors import CharterError
from federation.ids import ORIGIN_FORM, Origin, node_of


def check_key_names(member: Member) -> None:
    """Check what the keys of a member are named; log keys are checked with their segments.

    Raises:
        CharterError: `charter.key-name`.
    """
    nodes = {node_of(origin) for origin in member.origins}
    _check_cosigners(member, nodes)
    _check_document_keys(member, nodes)
    _check_query_logs(member, nodes)


def _public_keys(member: Member) -> Iterator[tuple[str, bytes]]:
    if member.charter_key is not None:
        yield "charter key", member.charter_key
    for public in {s.origin: s.log_key.public for s in member.segments}.values():
        yield "log key", public
    for use, keys in (
        ("head key", member.keys.head),
        ("witness key", member.keys.witness),
        ("mirror key", member.keys.mirror),
        ("document key", member.keys.document),
        ("query log key", member.keys.query_log),
    ):
        for key in keys:
            yield use, key.public
    for sealing in member.sealing_keys:
        yield "sealing key", sealing.key
    for der in member.certificates:
        yield "certificate", der


def check_charter_keys(terms: Terms) -> None:
    """Check that every charter key can sign: one that cannot would still count in a threshold.

    Verifier keys are checked when they are read.

    Raises:
        CharterError: `charter.key`.
    """
    for member in terms.members:
        if member.charter_key is None:
            continue
        try:
            check_public(member.charter_key)
        except FormatError as error:
            message = f"charter: {member.id}: expected an Ed25519 charter key, got: {error}"
            raise CharterError("charter.key", message) from error


def check_keys_distinct(terms: Terms) -> None:
    """Check that no key stands under two ids or for two purposes.

    Raises:
        CharterError: `charter.key-shared`.
    """
    seen: dict[bytes, str] = {}
    for member in terms.members:
        for use, public in _public_keys(member):
            place = f"{use} of {member.id}"
            if public in seen:
                _refuse(
                    "key-shared", f"expected every key once, got {place} equal to {seen[public]}"
                )
            seen[public] = place


def check_sealing_keys(member: Member) -> None:
    """Check that it is safe to seal to each key of a known suite; others are passed over.

    Raises:
        CharterError: `charter.sealing-key`.
    """
    for sealing in member.sealing_keys:
        if sealing.suite in SEALING_SUITES:
            try:
                check_sealing_key(sealing.suite, sealing.key)
            except SealError as error:
                message = f"charter: {member.id}: {error}"
                raise CharterError("charter.sealing-key", message) from error


def _check_cosigners(member: Member, nodes: set[str]) -> None:
    """Cosigner keys are named `<node>/head` and so on, of a node whose log is the member's."""
    for use, keys in (
        ("head", member.keys.head),
        ("witness", member.keys.witness),
        ("mirror", member.keys.mirror),
    ):
        for key in keys:
            node, _, said = key.name.rpartition("/")
            if key.type is not KeyType.COSIGNATURE or said != use or (nodes and node not in nodes):
                _refuse(
                    "key-name",
                    f"{member.id}: expected a cosigner key of type 4 named <its node>/{use}, "
                    f"got {key.name} of type {key.type:d}",
                )


def _check_document_keys(member: Member, nodes: set[str]) -> None:
    """Keys that seal documents are of type 1, named `<node>/document`."""
    for key in member.keys.document:
        node, _, said = key.name.rpartition("/")
        if key.type is not KeyType.NOTE or said != "document" or (nodes and node not in nodes):
            _refuse(
                "key-name",
                f"{member.id}: expected a document key of type 1 named <its node>/document, "
                f"got {key.name} of type {key.type:d}",
            )


def _check_query_logs(member: Member, nodes: set[str]) -> None:
    """Keys of query logs are of type 1, named like the log; each log has one key.

    Its origin cannot be a segment's: `queries.` begins no node's name (`_check_segment`).
    """
    names: set[str] = set()
    for key in member.keys.query_log:
        node = node_of(Origin(key.name)).removeprefix(QUERIES)
        if (
            key.type is not KeyType.NOTE
            or not ORIGIN_FORM.fullmatch(key.name)
            or not key.name.startswith(QUERIES)
            or (nodes and node not in nodes)
            or key.name in names
        ):
            _refuse(
                "key-name",
                f"{member.id}: expected keys of type 1 with names of their own, "
                f"{QUERIES}<its node>/<epoch>, got {key.name} of type {key.type:d}",
            )
        names.add(key.name)


def _refuse(code: str, message: str) -> NoReturn:
    raise CharterError(f"charter.{code}", f"charter: {message}")
