"""Logs and witness for strangers, of a node that is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from federation.errors import RefusedError
from federation.ids import MemberId


@dataclass
class FakeJoining:
    """`node.web.join_app.JoinCalls`; of one invitation."""

    bearer: str = "00" * 16
    error: Exception | None = None
    taken: list[bytes] = field(default_factory=list)

    def secret(self, bearer: str) -> bytes:
        if bearer != self.bearer:
            raise RefusedError("invitation.unknown", "no such invitation")
        return bytes.fromhex(bearer)

    def take(self, secret: bytes, data: bytes) -> None:
        assert secret == bytes.fromhex(self.bearer)
        if self.error is not None:
            raise self.error
        self.taken.append(data)


@dataclass
class FakeShown:
    """`node.web.log_calls.LogFiles` and `WitnessCalls`; everything is public."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    members: Mapping[bytes, str] = field(default_factory=dict)
    private: frozenset[str] = frozenset()
    error: Exception | None = None
    asked: list[tuple[str, MemberId | None]] = field(default_factory=list)

    def member(self, certificate: bytes) -> MemberId | None:
        found = self.members.get(certificate)
        return None if found is None else MemberId(found)

    def is_public(self, log: str) -> bool:
        return log not in self.private

    def checkpoint(self, log: str, member: MemberId | None) -> bytes:
        return self._file(f"logs/{log}/checkpoint", member)

    def tile(self, log: str, path: str, member: MemberId | None) -> bytes:
        return self._file(f"logs/{log}/tile/{path}", member)

    def opening(self, log: str, path: str, member: MemberId | None) -> bytes:
        return self._file(f"logs/{log}/openings/{path}", member)

    def charter(self, alliance: str, version: str, member: MemberId | None) -> bytes:
        return self._file(f"charters/{alliance}/{version}.json", member)

    def add_checkpoint(self, body: bytes, member: MemberId | None, address: str) -> bytes:
        assert address
        self.asked.append(("add", member))
        if self.error is not None:
            raise self.error
        return b"cosigned " + body

    def cosigned_last(self, origin_hash: str, member: MemberId | None) -> bytes:
        return self._file(f"witness/{origin_hash}/checkpoint", member)

    def _file(self, path: str, member: MemberId | None) -> bytes:
        self.asked.append((path, member))
        if self.error is not None:
            raise self.error
        if path not in self.files:
            raise RefusedError("tiles.unknown", "没有此文件 / no such file")
        return self.files[path]
