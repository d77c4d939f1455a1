"""Imports 导入: a file is brought and tried, persons say what is theirs to say, it is published.

What is kept of it outlives a restart (`import_folder`, IM1, IM2), so that the second person may
come a day later; what persons say is `import_words` (IM3, IM4).

    IM5  A mapping that came with an import publishes once two persons have said that it is to be
         used, and no earlier. Then it is saved, with what they signed, under its id; an id that is
         another mapping's is refused
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from threading import RLock
from typing import Any, Final

from adapters.files.errors import FileAdapterError
from adapters.files.faults import errors_path, read_faults
from adapters.files.mapping import check_list, load_mapping, read_mapping
from adapters.files.proposal import open_table
from adapters.files.proposed_columns import Proposed, corrected, look, read_columns
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.persons import Sort
from federation.screening.roles import Asker
from node.intake.files import Intake
from node.intake.import_folder import ImportFolder
from node.intake.import_rows import ImportRows, Wanted
from node.intake.import_words import ImportWords
from node.intake.imported import Brought, Import, Waiting, plain_name
from node.intake.row_words import NO_WORDS, RowWords
from node.intake.seen_rows import See, unseen
from node.intake.signed_mappings import check_free, save_mapping, signed_text

SECONDS: Final = 7 * 86_400
"""How long one waits: as long as a word of persons counts (V4)."""
ERRORS: Final = 1000
"""Faults of rows that are listed; the errors file has more."""
_UNREAD: Final = ("header.", "mapping.unknown", "mapping.invalid", "list.unnamed")
"""Codes of a file of which it is not known how to read it: a mapping may help."""


class Imports:
    """All imports of a node; any thread, blocks."""

    def __init__(
        self,
        *,
        folder: ImportFolder,
        intake: Intake,
        words: ImportWords,
        rows: ImportRows,
        now: Callable[[], Timestamp],
        trusted: Callable[[], Timestamp],
        token: Callable[[int], bytes],
    ) -> None:
        """Wire it.

        Args:
            folder: where they lie.
            intake: tries and publishes files.
            words: what persons say.
            rows: shows who stands in them.
            now: the node's clock.
            trusted: trusted time (SPEC §3.6), by which they are removed; 0 while none is known.
            token: gives that many random bytes.
        """
        self._folder = folder
        self._intake = intake
        self._words = words
        self._rows = rows
        self._now = now
        self._trusted = trusted
        self._token = token
        self._lock = RLock()
        self._busy: set[str] = set()

    def mappings(self) -> list[dict[str, Any]]:
        """Mappings that can be named by their id, those saved here first."""
        return self._intake.sources.mappings()

    def bring(
        self, asker: Asker, path: Path, brought: Brought, progress: Callable[[int], None]
    ) -> dict[str, Any]:
        """Take a file and try it; the same again from the same hands is the same import.

        Raises:
            RefusedError: `file.missing`, `import.full`, `disk.reserve`; what the file as a whole is
                refused for, unless a mapping may help.
            FileAdapterError: it cannot be read.
        """
        if not path.is_file():
            raise RefusedError("file.missing", f"{path}: expected a file, got none")
        number = self._token(16).hex()
        with self._held(number):
            try:
                copy, digest = self._folder.new(number, path, brought.kind)
                now = self._now()
                one = Import(
                    number=number,
                    at=now,
                    until=Timestamp(now + SECONDS),
                    by=asker.department,
                    file=copy.name,
                    sha256=digest,
                    **asdict(brought),
                )
                same = self._same(one)
                if same is None:
                    one = self._tried(one, progress)
                    with self._lock:  # the same may have been brought while it was tried
                        same = self._same(one)
                        if same is None:
                            self._folder.put(one)
            except BaseException:
                self._removed(number)
                raise
            if same is not None:
                self._removed(number)
                return self.get(same.number)
        return self._shown(one)

    def _same(self, one: Import) -> Import | None:
        return next((old for old in self._folder.all() if old.is_same(one)), None)

    def list(self) -> list[dict[str, Any]]:
        """All imports, the oldest first, each without its rows."""
        return [one.head() for one in self._folder.all()]

    def get(self, number: str) -> dict[str, Any]:
        """One import: what its try found, what persons may say and have said.

        Raises:
            RefusedError: `import.unknown`.
        """
        return self._shown(self._folder.get(number))

    def errors(self, number: str) -> bytes:
        """The errors file of an import; empty where no row was at fault.

        Raises:
            RefusedError: `import.unknown`.
        """
        path = errors_path(self._folder.beside(self._folder.get(number)))
        return path.read_bytes() if path.exists() else b""

    def rows(self, number: str, wanted: Wanted) -> dict[str, Any]:
        """A page of its rows; see `node.intake.import_rows`.

        Raises:
            RefusedError: `import.unknown`, `import.changed`, `import.busy`; what its try would be
                refused for.
            FileAdapterError: likewise.
            FullError: there is no room for its rows.
        """
        one = self._folder.get(number)
        if not self._rows.waits(one):
            with self._rows.trying(number, needed=True) as see:
                self._run(one, lambda _: None, see)
        return self._rows.page(one, wanted)

    def _removed(self, number: str) -> None:
        self._folder.remove(number)
        self._rows.forget(number)

    def name(self, number: str, called: str) -> dict[str, Any]:
        """Keep what whoever brought an import calls its file.

        Raises:
            RefusedError: `import.unknown`, `import.changed`, `import.over`, `import.published`.
        """
        with self._changed(number) as held:
            plain = plain_name(called)
            one = replace(held, called=plain, names_row=self._rows.named_in(number, plain))
            self._folder.put(one)
            return self._shown(one)

    def propose(
        self, number: str, list_type: str, chosen: Mapping[str, str], name: str
    ) -> dict[str, Any]:
        """Propose a mapping for the columns of an import; nothing changes by it.

        Args:
            number: of the import.
            list_type: the list; empty: the one that fits best.
            chosen: what each column is; empty: as the program guesses.
            name: id of the mapping; empty: the list's, with `-own`.

        Raises:
            RefusedError: `import.unknown`, `import.changed`.
            FileAdapterError: the file is no table; a column may not be what it was chosen for.
        """
        one = self._folder.get(number)
        table = open_table(self._folder.file_of(one))
        titles = (*table.titles, table.sheet)
        found: Proposed = (
            corrected(table, titles, list_type or one.list_type, chosen, name)
            if chosen
            else look(table, titles, list_type or one.list_type)
        )
        return {"import": number, **asdict(found)}

    def map(self, number: str, text: str, progress: Callable[[int], None]) -> dict[str, Any]:
        """Lay a mapping beside an import and try it; empty takes it away again.

        Raises:
            RefusedError: `import.unknown`, `import.changed`, `import.over`, `import.published`,
                `import.said`, `mapping.exists` (IM5).
            FileAdapterError: `mapping.invalid`, `mapping.other-list`.
        """
        with self._changed(number) as held:
            held.check_unsaid()
            one = replace(held, own="", own_sha256="", words=(), returned={})
            try:
                if text:
                    one = self._laid(one, text.encode())
                one = self._tried(one, progress)
                self._folder.put(one)
            except BaseException:
                self._folder.drop_mappings(held)
                raise
            self._folder.drop_mappings(one)
            return self._shown(one)

    def _laid(self, one: Import, text: bytes) -> Import:
        """An import with a mapping of its own laid beside it, where it may be used."""
        one = replace(one, own_sha256=sha256(text).hexdigest())
        path = self._folder.put_mapping(one, text)
        layout, data = read_mapping(path)
        check_list(layout, one.list_type, path)
        check_free(self._intake.sources.saved, layout.id, data)
        return replace(one, own=layout.id, mapping="", list_type=layout.list_type)

    def word(self, number: str, sort: str, says: Sequence[str], reason: str) -> dict[str, Any]:
        """Begin what two persons are to say; see `ImportWords.begin`.

        Raises:
            RefusedError: as there; `import.unknown`, `import.changed`, `import.over`,
                `import.published`.
        """
        with self._changed(number) as held:
            own = self._folder.own_mapping(held)
            text = signed_text(own.read_bytes()) if own else ""
            one = self._words.begin(
                held, Sort(sort), says, reason, mapping=self._mapping(held), text=text
            )
            self._folder.put(one)
            return self._shown(one)

    def say(
        self,
        asker: Asker,
        number: str,
        sort: str,
        person: str,
        note: str,
        shown: str = "",
        refusal: str = "",
        *,
        signed_in: bool = False,
    ) -> dict[str, Any]:
        """Take what one person says; see `ImportWords.say`.

        Raises:
            RefusedError: as there; `import.unknown`, `import.changed`, `import.over`,
                `import.published`, `mapping.exists`.
        """
        with self._changed(number) as held:
            one = self._words.say(
                asker, held, Sort(sort), person, note, shown, refusal, signed_in=signed_in
            )
            own = self._folder.own_mapping(one)
            if own and (word := one.word(Sort.MAPPING)) is not None and word.whole:
                save_mapping(self._intake.sources.saved, one.own, own.read_bytes(), word.note)
            self._folder.put(one)
            return self._shown(one)

    def publish(
        self, number: str, request_id: str, progress: Callable[[int], None]
    ) -> dict[str, Any]:
        """Publish an import once; the same request again gives the first answer.

        Raises:
            RefusedError: `import.unknown`, `import.changed`, `import.over`, `import.published`,
                `import.waits`: a word lacks a person; what `Intake.publish_file` refuses.
            FileAdapterError: likewise.
        """
        one = self._folder.get(number)
        if one.published and one.request_id == request_id:
            return self._shown(one)
        with self._changed(number) as held:
            lacks = [word.sort for word in held.words if not word.whole]
            if held.lacks_second and not lacks:
                return self._reliefs_of(held, progress)
            if held.own and held.word(Sort.MAPPING) is None:
                lacks.append(Sort.MAPPING.value)
            if lacks:
                message = (
                    f"尚缺另一人确认，不予发布 / expected the word of two persons about "
                    f"{', '.join(lacks)} before it is published"
                )
                raise RefusedError("import.waits", message)
            words = held.row_words
            begun = replace(held, begun=True)
            self._folder.put(begun)
            with self._rows.publishing(begun) as see:
                result = self._run(begun, progress, see, words=words, dry_run=False)
            one = begun.done(request_id, result)
            self._folder.put(one)
            self._folder.remove_file(one)
            self._rows.forget(number)
            return self._shown(one)

    def _reliefs_of(self, held: Import, progress: Callable[[int], None]) -> dict[str, Any]:
        """Publish what waits for nobody of an import that lacks a second person; it waits on.

        Raises:
            RefusedError: as of `Import.check_second` (F58) and `publish`.
            FileAdapterError: likewise.
        """
        held.check_second()
        self._run(held, progress, unseen, dry_run=False)
        one = self._tried(held, progress)
        self._folder.put(one)
        return self._shown(one)

    def drop(self, number: str) -> dict[str, Any]:
        """Remove an import that was not published, or whose answer nobody needs any more.

        Raises:
            RefusedError: `import.unknown`, `import.busy`.
        """
        self._folder.get(number)
        with self._held(number):
            self._removed(number)
        return {"import": number, "state": "dropped"}

    def expire(self) -> int:
        """Remove imports whose time is over, and what a crash left of any; how many went whole."""
        trusted, removed = self._trusted(), 0
        held = list(self._folder.all())
        for one in held:
            if one.published:  # noted before its file went: the node may have ended between
                self._folder.remove_file(one)
        over = [one.number for one in held if one.until < trusted]
        for number in (*over, *self._folder.left()):
            with self._lock:
                # What nobody was at a moment ago may have been brought since.
                if number not in self._busy and (number in over or self._folder.is_left(number)):
                    self._removed(number)
                    removed += 1
        return removed

    @contextmanager
    def _held(self, number: str) -> Iterator[None]:
        """Keep an import to this thread.

        Raises:
            RefusedError: `import.busy`.
        """
        with self._lock:
            if number in self._busy:
                message = "这一导入正在办理，请稍候 / somebody is at this import; come again"
                raise RefusedError("import.busy", message)
            self._busy.add(number)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(number)

    @contextmanager
    def _changed(self, number: str) -> Iterator[Import]:
        """Give an import that may still be changed, and keep it to this thread."""
        with self._held(number):
            one = self._folder.get(number)
            one.check_open(self._now())
            self._folder.file_of(one)
            yield one

    def _mapping(self, one: Import) -> str:
        """The mapping of an import, as `Intake.publish_file` takes it."""
        if (own := self._folder.own_mapping(one)) is not None:
            return str(own)
        place = self._intake.sources.place(one.mapping)
        return one.mapping if place is None else str(place)

    def _tried(self, one: Import, progress: Callable[[int], None]) -> Import:
        """Try an import; of a file that nobody knows how to read what was refused is kept."""
        try:
            with self._rows.trying(one.number) as see:
                waiting = Waiting(see)
                result = self._run(one, progress, waiting.add)
            named = self._rows.named_in(one.number, one.called)
            return replace(one, result=result, waited=waiting.as_text(), fault={}, names_row=named)
        except (RefusedError, FileAdapterError) as error:
            if one.kind != "list" or not error.code.startswith(_UNREAD):
                raise
            fault = {"code": error.code, "message": str(error)}
            return replace(one, result={}, waited={}, fault=fault, names_row=bool(one.called))

    def _run(
        self,
        one: Import,
        progress: Callable[[int], None],
        see: See,
        *,
        words: RowWords = NO_WORDS,
        dry_run: bool = True,
    ) -> dict[str, Any]:
        mapping = self._mapping(one)
        if one.own and not dry_run:
            mapping = str(self._intake.sources.place(one.own))
        result = self._intake.publish_file(
            self._folder.file_of(one),
            kind=one.kind,
            list_type=one.list_type,
            mapping=mapping,
            dry_run=dry_run,
            full_snapshot=one.full_snapshot,
            source=one.source,
            progress=progress,
            words=words,
            see=see,
        )
        result.pop("errors_file", "")
        return result | {"file": one.file}

    def _shown(self, one: Import) -> dict[str, Any]:
        own = None
        with suppress(RefusedError):  # it was published, or what was signed is no longer there
            own = self._folder.own_mapping(one)
        return one.head() | {
            "result": dict(one.result),
            "errors": read_faults(self._folder.beside(one), ERRORS),
            "fault": dict(one.fault),
            "awaited": one.awaited(),
            "words": [self._words.shown(word) for word in one.words],
            "mapping_text": own.read_text("utf-8") if own else "",
            "mapping_columns": read_columns(load_mapping(own)) if own else [],
        }
