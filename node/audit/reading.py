"""One export, read by itself: its charters, and each log with its keys and kept checkpoints.

AD14 the keys beside a log are those of the charters; a line of any other key is a cosignature
     of nobody
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from adapters.export.export_files import ExportFolder
from adapters.processes import spread
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
    VKEY,
    directory_name,
)
from federation.audit.found import Found, Weight
from federation.audit.histories import Seen, ahead, kept, open_seen, proved_again
from federation.audit.log_facts import SHOWN, LogFacts, LogReader
from federation.audit.pinned import Pinned, read_charters
from federation.audit.verification import MAX_KEYS_FILE, Finding, LogAudit
from federation.charters.policy import tlog_policy
from federation.charters.trust import Trust
from federation.facts import PayloadReader
from federation.ids import CharterId, Origin, Timestamp
from node.audit.audit_files import MAX_FILE, AuditFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSeen:
    """A log of one export, verified by itself."""

    export: int
    folder: str
    origin: Origin
    files: ExportFolder
    key: VerifierKey
    checkpoint: Seen
    notes: tuple[Seen, ...]
    facts: LogFacts
    cosigners: tuple[str, ...]
    openings: int
    sound: bool
    """Every byte is what the log's key signed."""

    @property
    def size(self) -> int:
        """Leaves."""
        return self.checkpoint.signed.checkpoint.size


class ExportReading:
    """Reads one export; `found`, `copies` and `not_looked_at` say what was seen."""

    def __init__(
        self,
        export: AuditFiles,
        *,
        payloads: PayloadReader,
        now: Timestamp,
        processes: int = 1,
    ) -> None:
        """Prepare; see `node.audit.verifying.Auditor`."""
        self._export = export
        self._payloads = payloads
        self._now = now
        self._processes = processes
        self.found: list[Found] = []
        self.copies: list[LogSeen] = []
        self.not_looked_at: list[tuple[str, str]] = []

    def begun(self, pins: Sequence[CharterId]) -> Pinned:
        """What lies in an export beside its logs, and its charters."""
        self.found += self._export.accounted()
        pinned = read_charters(
            self._export.files, self._export.below(CHARTERS), pins, self._export.number
        )
        self.found += pinned.found
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

    def read(self, trust: Trust, step: Callable[[str, int, int], None]) -> None:
        """Read its logs, fork files and checkpoints of query logs."""
        folders = self._export.folders(LOGS)
        for place, folder in enumerate(folders):
            step(folder, place, len(folders))
            self._log(folder, trust)
        for path in self._export.below(FORKS):
            self._fork(path, trust)
        for path in self._export.below(QUERIES):
            self._query_log(path, trust)

    def _log(self, folder: str, trust: Trust) -> None:
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
        known = known_keys(trust, origin)
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
        notes = self._notes(origin, key, known)
        independent = trust.independent_keys(origin)
        reader = LogReader(
            origin,
            self._export.number,
            head.signed.checkpoint.size,
            notes=kept((head, *notes), independent),
            trust=trust,
            payloads=self._payloads,
        )
        audit = LogAudit(
            files,
            directory=folder,
            trusted=(key,),
            spread=partial(spread, processes=self._processes),
            noted=reader.add,
        )
        wrong = [self._of_file(folder, origin, finding) for finding in audit.run()]
        self.found += wrong
        facts = reader.finish()
        self.found += ahead(facts.notes, origin, self._export.number, self._now)
        self.copies.append(
            LogSeen(
                export=self._export.number,
                folder=folder,
                origin=origin,
                files=files,
                key=key,
                checkpoint=head,
                notes=notes,
                facts=facts,
                cosigners=audit.cosigners,
                openings=audit.openings,
                sound=not wrong,
            )
        )

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
        names = {(one.name, one.key_id) for one in known}
        found = []
        for path in self._export.below(f"{NOTES}/{directory_name(origin)}"):
            try:
                seen = open_seen(
                    self._export.files.read(path, MAX_NOTE_SIZE), key, self._export.number, path
                )
                for line in seen.signed.note.signatures:
                    if (line.name, line.key_id) not in names:
                        message = f"a line of {line.name}, a key of nobody in the charters"
                        raise FormatError(message)
                verify_cosignatures(seen.signed.note, known)
                point = seen.signed.checkpoint
                if point.origin != origin or path.rpartition("/")[2] != str(point.size):
                    message = f"a checkpoint of {point.origin} at {point.size}"
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
        """The checkpoint of a query log: whose, and that its key signed it."""
        known = {
            directory_name(key.name): key
            for alliance in trust.alliances
            for member in alliance.charter.terms.members
            for key in member.keys.query_log
        }
        folder = path.removeprefix(f"{QUERIES}/").partition("/")[0]
        key = known.get(folder)
        if key is None:
            self.not_looked_at.append(("log.not-in-charter", path))
            return
        try:
            open_seen(self._export.files.read(path, MAX_NOTE_SIZE), key, self._export.number, path)
        except CryptoError as error:
            self._find("checkpoint.invalid", str(error), Origin(key.name), path)

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
