"""One export, read by itself: its charters, and each log with its keys and kept checkpoints.

AD14 the keys beside a log are those of the charters, of any version; a line of any other key is a
     cosignature of nobody, and one of a key that the newest version names no more says no time
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from adapters.export.export_files import ExportFolder
from crypto.cosignature import verify_cosignatures
from crypto.errors import CryptoError, FormatError
from crypto.keys import VerifierKey
from crypto.notes import MAX_NOTE_SIZE
from federation.audit.export_names import (
    CHARTERS,
    CHECKPOINT,
    FORKS,
    LOGS,
    NOTES,
    POLICIES,
    QUERIES,
    SINCE,
    VKEY,
    directory_name,
    parse_since,
)
from federation.audit.found import Found, Weight
from federation.audit.histories import Seen, ahead, open_seen, proved_again
from federation.audit.log_facts import SHOWN
from federation.audit.pinned import Pinned, read_charters
from federation.audit.verification import MAX_KEYS_FILE, ExportFiles, Finding
from federation.charters.chain import CharterChain
from federation.charters.policy import tlog_policy
from federation.charters.trust import Trust
from federation.ids import CharterId, Origin, Timestamp
from node.audit.audit_files import MAX_FILE, AuditFiles
from node.audit.log_seen import ContinuedFolder, LogSeen, Reading, read_log

_MAX_SINCE: Final = 32


class ExportReading:
    """Reads one export; `found`, `copies` and `not_looked_at` say what was seen."""

    def __init__(
        self,
        export: AuditFiles,
        *,
        reading: Reading,
        now: Timestamp,
        beside: Sequence[Path] = (),
    ) -> None:
        """Prepare; see `node.audit.verifying.Auditor`.

        Args:
            export: the folder.
            reading: how its logs are read.
            now: of the auditor's clock.
            beside: the other exports, which may have what this one leaves out (AD16).
        """
        self._export = export
        self._reading = reading
        self._now = now
        self._beside = beside
        self.found: list[Found] = []
        self.copies: list[LogSeen] = []
        self.queries: list[tuple[VerifierKey, Seen]] = []
        self.unread: list[Origin] = []
        self._named: tuple[VerifierKey, ...] = ()
        """Cosigners' keys of all versions of its charters."""
        self.not_looked_at: list[tuple[str, str]] = []

    def begun(self, pins: Sequence[CharterId]) -> Pinned:
        """What lies in an export beside its logs, and its charters."""
        self.found += self._export.found or self._export.accounted()
        pinned = read_charters(
            self._export.files, self._export.below(CHARTERS), pins, self._export.number
        )
        self.found += pinned.found
        self._named = tuple(key for chain in pinned.chains for key in _named(chain))
        for other in pinned.others:
            self.not_looked_at.append(("alliance.not-pinned", other))
        for chain in pinned.chains:
            path = f"{POLICIES}/{chain.id.hex()}.txt"
            alliance = Trust([chain], self._now)
            policy = self._export.files.read(path, MAX_FILE)
            if policy != tlog_policy(alliance, alliance.origins()):
                message = f"{path}: expected the policy that the charter gives"
                self._find("policy.other", message, path=path)
        return pinned

    def read(
        self,
        trust: Trust,
        step: Callable[[str, int, int], None],
        elsewhere: Collection[Origin],
    ) -> None:
        """Read its logs, fork files and checkpoints of query logs."""
        folders = self._export.folders(LOGS)
        for place, folder in enumerate(folders):
            step(folder, place, len(folders))
            self._log(folder, trust, elsewhere)
        for path in self._export.below(FORKS):
            self._fork(path, trust)
        for path in self._export.below(QUERIES):
            self._query_log(path, trust)

    def _log(self, folder: str, trust: Trust, elsewhere: Collection[Origin]) -> None:
        files = ExportFolder(self._export.root / LOGS / folder)
        origin = next((one for one in trust.origins() if directory_name(one) == folder), None)
        if origin is None:
            self.not_looked_at.append(("log.not-in-charter", folder))
            message = f"no charter of a pinned alliance names the log in {folder}"
            self._find(
                "log.not-in-charter",
                message,
                weight=Weight.INCOMPLETE,
                path=f"{LOGS}/{folder}",
            )
            return
        key = trust.log_key(origin)
        assert key is not None  # noqa: S101 - of an origin of the charters
        known = tuple(dict.fromkeys((*known_keys(trust, origin), *self._named)))
        self._keys(folder, files, known)
        path = f"{LOGS}/{folder}/{CHECKPOINT}"
        try:
            data = files.read(CHECKPOINT, MAX_NOTE_SIZE)
            head = open_seen(data, key, self._export.number, path)
        except CryptoError as error:
            self._find("checkpoint.invalid", str(error), origin, path)
            return
        if head.signed.checkpoint.origin != origin:
            message = f"expected the log {origin}, got {head.signed.checkpoint.origin}"
            self._find("export.misnamed", message, origin, path)
            return
        whole = self._continued(folder, files, origin, head.signed.checkpoint.size)
        if whole is None:
            self.unread.append(origin)
            return
        seen, wrong = read_log(
            whole,
            export=self._export.number,
            folder=folder,
            key=key,
            head=head,
            notes=self._notes(origin, key, known),
            trust=trust,
            reading=self._reading,
            elsewhere=elsewhere,
        )
        self.found += (self._of_file(folder, origin, finding) for finding in wrong)
        self.found += ahead(seen.facts.notes, origin, self._export.number, self._now)
        self.copies.append(seen)

    def _continued(
        self, folder: str, files: ExportFolder, origin: Origin, size: int
    ) -> ExportFiles | None:
        """The files of a log with those of earlier exports; None where they are not here (AD16)."""
        data = files.read(SINCE, _MAX_SINCE)
        if data is None:
            return files
        path = f"{LOGS}/{folder}/{SINCE}"
        try:
            since = parse_since(data, size)
        except FormatError as error:
            self._find("since.malformed", str(error), origin, path)
            return None
        continued = ContinuedFolder(files, since, [out / LOGS / folder for out in self._beside])
        if (lacks := continued.lacks()) is not None:
            message = (
                f"the first {since} leaves are left out, and leaf {lacks} is in no other export "
                "that was given"
            )
            self._find("log.earlier-missing", message, origin, path, Weight.INCOMPLETE)
            return None
        return continued

    def _keys(self, folder: str, files: ExportFolder, known: Iterable[VerifierKey]) -> None:
        """The keys beside a log are of the charters (AD14)."""
        data = files.read(VKEY, MAX_KEYS_FILE) or b""
        names = {str(key) for key in known}
        lines = dict.fromkeys(data.decode(errors="replace").splitlines())
        for line in [line for line in lines if line not in names][:SHOWN]:
            message = f"{line[:100]}: no charter of a pinned alliance has this key"
            path = f"{LOGS}/{folder}/{VKEY}"
            self._find("vkey.untrusted", message, path=path)

    def _notes(
        self, origin: Origin, key: VerifierKey, known: Sequence[VerifierKey]
    ) -> tuple[Seen, ...]:
        """The checkpoints kept of a log, by size."""
        found = []
        for path in self._export.below(f"{NOTES}/{directory_name(origin)}"):
            try:
                seen = self._opened(path, key, known)
                if path.rpartition("/")[2] != str(seen.signed.checkpoint.size):
                    message = f"expected the name {seen.signed.checkpoint.size}"
                    raise FormatError(message)
            except CryptoError as error:
                self._find("note.invalid", str(error), origin, path)
                continue
            found.append(seen)
        return tuple(sorted(found, key=lambda one: one.signed.checkpoint.size))

    def _fork(self, path: str, trust: Trust) -> None:
        name = path.removeprefix(f"{FORKS}/").rpartition(".")[0]
        origin = next((one for one in trust.origins() if directory_name(one) == name), None)
        key = None if origin is None else trust.log_key(origin)
        if origin is None or key is None:
            self.not_looked_at.append(("log.not-in-charter", path))
            return
        try:
            smaller, larger = proved_again(self._export.files.read(path, MAX_FILE) or b"", key)
        except CryptoError as error:
            self._find("fork.invalid", str(error), origin, path)
            return
        message = f"its key signed two histories, at {smaller} and at {larger} leaves"
        self._find("log.forked", message, origin, path)

    def _query_log(self, path: str, trust: Trust) -> None:
        """A checkpoint of a query log: whose, signed by its key, cosigned by witnesses alone."""
        known = {directory_name(key.name): key for key in query_log_keys(trust)}
        folder, _, name = path.removeprefix(f"{QUERIES}/").partition("/")
        key = known.get(folder)
        if key is None:
            self.not_looked_at.append(("log.not-in-charter", path))
            return
        try:
            seen = self._opened(path, key, (key, *trust.witness_keys(), *self._named))
            if name != str(seen.signed.checkpoint.size):
                message = f"expected the name {seen.signed.checkpoint.size}"
                raise FormatError(message)
        except CryptoError as error:
            self._find("note.invalid", str(error), Origin(key.name), path)
            return
        self.queries.append((key, seen))

    def _opened(self, path: str, key: VerifierKey, known: Sequence[VerifierKey]) -> Seen:
        """Open a checkpoint whose every line is of a known key.

        Raises:
            CryptoError: it is none, or a line is of nobody or bad.
        """
        data = self._export.files.read(path, MAX_NOTE_SIZE)
        seen = open_seen(data, key, self._export.number, path)
        if seen.signed.checkpoint.origin != key.name:
            message = f"a checkpoint of {seen.signed.checkpoint.origin}"
            raise FormatError(message)
        names = {(one.name, one.key_id) for one in known}
        for line in seen.signed.note.signatures:
            if (line.name, line.key_id) not in names:
                message = f"a line of {line.name}, a key of nobody in the charters"
                raise FormatError(message)
        verify_cosignatures(seen.signed.note, known)
        return seen

    def _find(
        self,
        code: str,
        message: str,
        origin: Origin = Origin(""),
        path: str = "",
        weight: Weight = Weight.FINDING,
    ) -> None:
        self.found.append(
            Found(
                weight=weight,
                code=code,
                message=message,
                export=self._export.number,
                origin=origin,
                path=path,
            )
        )

    def _of_file(self, folder: str, origin: Origin, finding: Finding) -> Found:
        return Found(
            weight=Weight.FINDING,
            code=finding.code,
            message=finding.message,
            export=self._export.number,
            origin=origin,
            path=f"{LOGS}/{folder}/{finding.path}",
        )


def known_keys(trust: Trust, origin: Origin) -> tuple[VerifierKey, ...]:
    """The keys whose lines may stand under a checkpoint of a log: its own, and all cosigners'."""
    key = trust.log_key(origin)
    own = () if key is None else (key,)
    return (*own, *trust.head_keys(), *trust.witness_keys(), *trust.mirror_keys())


def query_log_keys(trust: Trust) -> tuple[VerifierKey, ...]:
    """The keys of all members' query logs."""
    return tuple(
        key
        for alliance in trust.alliances
        for member in alliance.charter.terms.members
        for key in member.keys.query_log
    )


def _named(chain: CharterChain) -> Iterator[VerifierKey]:
    for version in chain.versions:
        for member in version.terms.members:
            yield from (*member.keys.head, *member.keys.witness, *member.keys.mirror)
