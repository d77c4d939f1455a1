"""Invitations that this node gave out, and requests to join that wait for members' signatures.

DIR/invitations.json    hashes of secrets, with their last second; never the secret
DIR/pending/ID.json     a request as it came; ID begins the SHA-256 of it

Whoever changes the first holds `DIR/.invitations.lock`: of two at once one is taken (JN4).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from adapters.files.atomic import make_directory, write_atomically
from federation.charters.chain import CharterChain
from federation.charters.draft import member_document, pretty, with_member
from federation.charters.invitation import (
    Invitation,
    check_request_time,
    fingerprint_of,
)
from federation.charters.join import JoinRequest, read_request, verify_request
from federation.charters.rules import check_terms
from federation.charters.values import Member, Role, Terms
from federation.errors import CharterError, RefusedError
from federation.ids import CharterId, Timestamp

INVITATIONS: Final = "invitations.json"
_LOCK: Final = ".invitations.lock"
PENDING: Final = "pending"
_ID: Final = 12
_LARGEST: Final = 2**20
_GIVEN_MAX: Final = 1000
"""Invitations remembered; the oldest that have expired go first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request that waits for members' signatures."""

    id: str
    request: JoinRequest
    digest: str
    """SHA-256 of the file, hexadecimal."""

    @property
    def fingerprint(self) -> str:
        """As the newcomer's `huxin init` and `huxin join` show it, to be read out."""
        return fingerprint_of(pretty(member_document(self.request.member)))


class Invitations:
    """What this node gave out."""

    def __init__(self, directory: Path) -> None:
        """Use the node's directory."""
        self._path = directory / INVITATIONS

    def given(self, invitation: Invitation) -> None:
        """Remember one.

        Raises:
            OSError: it cannot be written; then it must not be handed out.
        """
        with self._alone():
            rows = self._rows()
            rows.append(
                {
                    "secret": _hash(invitation.secret),
                    "charter": invitation.charter.hex(),
                    "region": invitation.region,
                    "created_at": invitation.created_at,
                    "not_after": invitation.not_after,
                    "used_by": "",
                }
            )
            live = sorted(rows, key=lambda row: int(row["not_after"]))[-_GIVEN_MAX:]
            self._write(live)

    def has(self, secret: bytes) -> bool:
        """Whether an invitation with this secret was given out.

        Raises:
            RefusedError: `invitation.book`.
        """
        return any(row["secret"] == _hash(secret) for row in self._rows())

    def take(self, data: bytes, now: Timestamp, secret: bytes = b"") -> JoinRequest:
        """Prove a request, and use its invitation up (JN3, JN4).

        Args:
            data: the envelope.
            now: seconds UTC.
            secret: of the invitation that it must be of; empty: any that was given out.

        Raises:
            CharterError: `join.…`.
            RefusedError: `invitation.unknown`, `.expired`, `.used`, `.region`, `.clock`.
        """
        with self._alone():
            return self._taken(data, now, secret)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait for other commands that change the file; the lock ends with the process."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self._path.with_name(_LOCK), flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _taken(self, data: bytes, now: Timestamp, secret: bytes) -> JoinRequest:
        _, read = read_request(data)
        rows = self._rows()
        row = next((one for one in rows if one["secret"] == _hash(read.invitation)), None)
        if row is None:
            message = "invitation: expected one that this node gave out, got another"
            raise RefusedError("invitation.unknown", message)
        request = verify_request(
            data,
            charter=CharterId(bytes.fromhex(str(row["charter"]))),
            invitation=secret or read.invitation,
            now=now,
        )
        check_request_time(request, now)
        asks = fingerprint_of(pretty(member_document(request.member)))
        if row["used_by"] not in {"", asks}:
            message = (
                "invitation: expected one that was not used yet; a request of another node came by "
                f"it ({row['used_by']}): give the newcomer a new one"
            )
            raise RefusedError("invitation.used", message)
        if now > int(row["not_after"]) and not row["used_by"]:
            late = (now - int(row["not_after"])) // 60
            message = (
                f"invitation: 邀请已过期 {late} 分钟，请重新邀请 / it ended {late} minutes "
                "ago: give out a new one"
            )
            raise RefusedError("invitation.expired", message)
        if row["region"] and request.member.region != row["region"]:
            message = (
                f"invitation: it was given out for {row['region']}, the request is of "
                f"{request.member.region}"
            )
            raise RefusedError("invitation.region", message)
        row["used_by"] = asks
        self._write(rows)
        return request

    def _rows(self) -> list[dict[str, Any]]:
        try:
            with self._path.open("rb") as file:
                rows = json.loads(file.read(_LARGEST))
        except FileNotFoundError:
            return []
        except ValueError as error:
            message = f"{self._path}: expected what huxin invite wrote, got: {error}"
            raise RefusedError("invitation.book", message) from error
        return list(rows)

    def _write(self, rows: Sequence[dict[str, Any]]) -> None:
        data = json.dumps(list(rows), indent=1).encode() + b"\n"
        write_atomically(self._path, data, mode=0o600)


class Pending:
    """Requests that came."""

    def __init__(self, directory: Path) -> None:
        """Use the node's directory."""
        self._folder = directory / PENDING

    def add(self, data: bytes) -> Waiting:
        """Keep a request that was proved, in the place of one for the same that was made before."""
        make_directory(self._folder, 0o700)
        waiting = _waiting(data)
        write_atomically(self._folder / f"{waiting.id}.json", data, mode=0o600)
        asked = (waiting.request.charter, waiting.request.member)
        for one in self.all():
            if one.id != waiting.id and (one.request.charter, one.request.member) == asked:
                self.remove(one)
        return waiting

    def all(self) -> list[Waiting]:
        """All that wait, the oldest first; one that cannot be read keeps no other waiting."""
        return self._read()[0]

    def damaged(self) -> list[CharterError]:
        """What is wrong with those that cannot be read; each names its file."""
        return self._read()[1]

    def _read(self) -> tuple[list[Waiting], list[CharterError]]:
        found, damaged = [], []
        for path in sorted(self._folder.glob("*.json")):
            try:
                found.append(_waiting(path.read_bytes()))
            except CharterError as error:
                damaged.append(CharterError(error.code, f"{path}: {error}"))
        return sorted(found, key=lambda one: one.request.issued_at), damaged

    def settle(self, chain: CharterChain) -> None:
        """Forget those that a version in force has taken in, however it came here."""
        for one in self.all():
            if one.request.charter == chain.id and is_in(chain.latest.terms, one):
                self.remove(one)

    def get(self, begins: str) -> Waiting:
        """The one whose id begins so.

        Raises:
            RefusedError: `join.unknown`: none or several.
        """
        found = [one for one in self.all() if one.digest.startswith(begins.lower())]
        if len(found) != 1 or not begins:
            known = ", ".join(one.id for one in self.all()) or "none"
            message = f"expected the id of one request that waits ({known}), got {begins[:64]!r}"
            raise RefusedError("join.unknown", message)
        return found[0]

    def remove(self, waiting: Waiting) -> None:
        """Forget one: its charter is in force, or it is refused."""
        (self._folder / f"{waiting.id}.json").unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One thing that was looked at before anything is changed."""

    what: str
    state: str
    """`ok`, `later` (is to be done, and hinders nothing now) or `wrong`."""
    detail: str


def taken(terms: Terms, member: Member, invited: str = "") -> list[Looked]:
    """What an alliance says to a newcomer: is its name, region, address and log free there?

    Args:
        terms: of the alliance.
        member: who asks.
        invited: the region for which alone the invitation is; empty: for any.
    """
    found = []
    others = [one for one in terms.members if not one.ended and not is_same(one, member)]
    by_id = next((one for one in others if one.id == member.id), None)
    found.append(_free("member", member.id, _has(by_id.name if by_id else "", "编号", "id")))
    same = [
        one.name
        for one in others
        if one.region == member.region and {Role.CITY, Role.COUNTY} & {*one.roles} & {*member.roles}
    ]
    other = invited not in {"", member.region}
    trouble = (
        f"{member.region}，邀请仅限 {invited} / {member.region}, but for {invited} alone"
        if other
        else _has(same[0] if same else "", "区划代码", "region")
    )
    found.append(_free("region", member.region, trouble))
    named = [one.id for one in others if one.name == member.name]
    found.append(_free("name", member.name, _has(named[0] if named else "", "名称", "name")))
    ends = {end: one.name for one in others for end in one.endpoints}
    found += [
        _free("endpoint", end, _has(ends.get(end, ""), "地址", "address"))
        for end in member.endpoints
    ]
    if terms.member(member.id) is None and not any(one.state == "wrong" for one in found):
        try:
            check_terms(with_member(terms, member))
        except CharterError as error:
            found.append(Looked(what="charter", state="wrong", detail=str(error)))
    return found


def is_same(one: Member, other: Member) -> bool:
    """Whether both describe one node: they have a log key in common."""
    keys = ({segment.log_key for segment in side.segments} for side in (one, other))
    return not next(keys).isdisjoint(next(keys))


def is_in(terms: Terms, waiting: Waiting) -> bool:
    """Whether a version of the charter has taken in who asks."""
    named = terms.member(waiting.request.member.id)
    return named is not None and is_same(named, waiting.request.member)


def newest(chain: CharterChain) -> Terms:
    """The version in force.

    Raises:
        RefusedError: `charter.forked`: two are, and nobody joins before that is settled.
    """
    if chain.forks:
        message = "two valid versions of this charter stand: huxin charter renew --settles first"
        raise RefusedError("charter.forked", message)
    return chain.latest.terms


def _has(name: str, field: str, english: str) -> str:
    return f"{name} 已用此{field} / {name} has this {english}" if name else ""


def _free(what: str, value: str, trouble: str) -> Looked:
    return Looked(what=what, state="wrong" if trouble else "ok", detail=trouble or value)


def _waiting(data: bytes) -> Waiting:
    _, request = read_request(data)
    digest = hashlib.sha256(data).hexdigest()
    return Waiting(id=digest[:_ID], request=request, digest=digest)


def _hash(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()
