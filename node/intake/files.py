"""Files of departments come in: lists, reliefs, scenarios and recognitions (`huxin publish`).

A list file is first read to its end as a table, so that a file that is damaged anywhere publishes
nothing. Then its rows are read, checked and published in chunks; bad rows are written to
`FILE.errors.csv` and the good ones around them go on.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

from adapters.files.annotations import KIND as ANNOTATION
from adapters.files.commitments import KIND as COMMITMENT
from adapters.files.faults import Faults
from adapters.files.headings import column_name
from adapters.files.nation_export import KIND as COMPARISON
from adapters.files.private_room import PrivateCopy, PrivateRoom
from adapters.files.spool import KEY_SIZE, Spool
from adapters.files.tables import Limits
from federation.errors import RefusedError
from federation.ids import Date, Timestamp
from federation.names import RELIEFS, STOPPING
from federation.ports.store import Store, Tagger
from federation.reconcile.catalog import Catalog
from node.directory.config import FilesSection
from node.intake.annotations import Annotations
from node.intake.commitments import Commitments
from node.intake.feeds import Feeds
from node.intake.file_ends import FileEnds
from node.intake.list_files import ListFiles
from node.intake.list_meant import list_meant
from node.intake.mapping_trial import MappingTrial
from node.intake.nation_export import Linked, NationExport, unlinked
from node.intake.other_names import Subjects
from node.intake.reliefs import Reliefs
from node.intake.row_words import MUCH_ABSENT, NO_WORDS, RowHearing, RowWords
from node.intake.rows import RowIntake
from node.intake.scenarios import Scenarios
from node.intake.second_person import SecondPerson
from node.intake.seen_rows import See, unseen
from node.intake.signed_mappings import SignedMappings
from node.intake.sources import Sources
from node.log.writer import Writer
from node.publishing.own_statements import OwnStatements
from node.publishing.registry import Registry
from node.system.failpoints import Failpoints

_NOT_A_LIST: Final = "only a list file can be a full snapshot, or have rows that persons vouch for"
READING: Final = "reading"
"""Directory of private copies (F27)."""
ROW_BYTES: Final = 4096
"""What a row of a file may come to on average; with the texts of a mapping it is a thousand."""


class Intake:
    """Takes files; blocks while a file is read, so it runs in a thread of its own."""

    def __init__(  # noqa: PLR0913 - wired once, in node.app.wiring
        self,
        *,
        directory: Path,
        files: FilesSection,
        limits: Limits,
        store: Store,
        writer: Writer,
        registry: Registry,
        statements: OwnStatements,
        tagger: Tagger,
        now: Callable[[], Timestamp],
        token: Callable[[int], bytes],
        today: Callable[[], Date],
        failpoints: Failpoints,
        hearing: RowHearing,
        signed: SignedMappings | None = None,
        catalog: Callable[[], Catalog] = lambda: Catalog(()),
        need: Callable[[int], None] = lambda _: None,
        linked: Linked = unlinked,
        subjects: Subjects = lambda _scheme, _codes: {},
    ) -> None:
        """Wire the intake.

        `hearing` hears what persons say of rows; `signed` is asked before a mapping file publishes;
        `catalog` is that of the moment; `need` raises where so many bytes more, of a file that is
        no relief, would go into the disk's reserve; `linked` gives all names of subjects;
        `subjects` are those of the base library (F53).
        """
        self._need = need
        self._catalog = catalog
        self._hearing = hearing
        self.sources = Sources(
            directory, files.sources, signed, consent_required=files.consent_required
        )
        """Departments, their lists and mappings."""
        self._limits = limits
        self.room = PrivateRoom(directory / READING, limits.file_bytes)
        """Where files are read, out of the reach of others."""
        feeds = Feeds(
            registry=registry,
            statements=statements,
            tagger=tagger,
            today=today,
            catalog=catalog,
            subjects=subjects,
            now=now,
        )
        self.trial = MappingTrial(sources=self.sources, feeds=feeds, store=store)
        """Shows what rows would become."""
        self._reliefs = Reliefs(
            store=store,
            writer=writer,
            registry=registry,
            statements=statements,
            tagger=tagger,
            today=today,
            limits=limits,
            names=self._list_names,
            catalog=catalog,
        )
        self._annotations = Annotations(
            store=store,
            writer=writer,
            registry=registry,
            statements=statements,
            reliefs=self._reliefs,
            limits=limits,
        )
        self._scenarios = Scenarios(
            store=store,
            writer=writer,
            registry=registry,
            statements=statements,
            tagger=tagger,
            today=today,
            catalog=catalog,
        )
        self._commitments = Commitments(
            store=store,
            writer=writer,
            registry=registry,
            statements=statements,
            tagger=tagger,
            today=today,
            limits=limits,
        )
        self._exports = NationExport(
            store=store,
            writer=writer,
            registry=registry,
            statements=statements,
            tagger=tagger,
            now=now,
            today=today,
            limits=limits,
            names=self._list_names,
            share_max=files.snapshot_share_max,
            linked=linked,
        )
        self._ends = FileEnds(
            store=store, writer=writer, tagger=tagger, now=now, failpoints=failpoints
        )
        self.spool = partial(self._spool, token)
        """Makes a sealed place for what is read of a file."""
        second = SecondPerson(files, lambda: hearing.named)
        self._lists = ListFiles(
            sources=self.sources,
            feeds=feeds,
            reliefs=self._reliefs,
            ends=self._ends,
            limits=limits,
            share_max=files.snapshot_share_max,
            second=second,
            spool=self.spool,
            store=store,
            writer=writer,
            failpoints=failpoints,
        )
        self.rows = RowIntake(
            sources=self.sources,
            feeds=feeds,
            reliefs=self._reliefs,
            annotations=self._annotations,
            second=second,
            store=store,
            writer=writer,
        )
        """Takes rows that stand in no file."""

    def _spool(self, token: Callable[[int], bytes]) -> Spool:
        return self.room.spool(token(KEY_SIZE), self._limits.rows * ROW_BYTES, self._need)

    def _list_names(self) -> dict[str, str]:
        """Every name of a list by which a relief may find it (F23): mappings' and catalogs'."""
        catalog = self._catalog()
        told = {
            column_name(item.name): list_type
            for edition in catalog.editions
            for list_type, item in edition.lists.items()
        }
        return told | self.sources.list_names()

    def list_meant(self, path: Path, title: str, source: str) -> str:
        """Return the list of a source that a dropped file is of (F25; `node.intake.list_meant`)."""
        return list_meant(self.sources, self._limits, source, path, title)

    def publish_file(  # noqa: PLR0913 - the options of one command
        self,
        path: Path,
        *,
        kind: str,
        list_type: str,
        mapping: str,
        dry_run: bool,
        full_snapshot: bool,
        source: str,
        progress: Callable[[int], None],
        words: RowWords = NO_WORDS,
        private: PrivateCopy | None = None,
        by_hand: bool = True,
        see: See = unseen,
    ) -> dict[str, Any]:
        """Take a file.

        Args:
            path: absolute path of the file.
            kind: `list`, `repair`, `withdrawal`, `annotation`, `scenario`, `recognition`,
                `commitment`, or `comparison` of an export of 信用中国; where it is empty,
                a list, unless the file's name speaks of something else (F18).
            list_type: the list, where the mapping does not say it.
            mapping: path of a mapping file, or empty.
            dry_run: decide and report, publish nothing.
            full_snapshot: the file has every row that stands; what is gone is paused.
            source: the source department, or empty where only one is configured for the list.
            progress: told the number of rows read.
            words: what two persons say of the rows of a list; a dry run hears nobody.
            private: the private copy (F27) of the path; None where one is to be made.
            by_hand: a person brings it, and no department's system (F58).
            see: told of each good row, and what it leads to.

        Raises:
            RefusedError: the file as a whole may not be taken.
            FileAdapterError: it cannot be read.
            StoreError: there is no space for a copy, or the database fails.
        """
        if not path.is_file():
            raise RefusedError("file.missing", f"{path}: expected a file, got none")
        with ExitStack() as stack:
            copy = private
            if copy is None:
                if kind not in STOPPING:
                    self._need(path.stat().st_size)
                copy = stack.enter_context(
                    self.room.copy(stack.enter_context(path.open("rb")), path.name)
                )
            return self._take(
                path,
                copy,
                kind=kind,
                list_type=list_type,
                mapping=mapping,
                dry_run=dry_run,
                full_snapshot=full_snapshot,
                source=source,
                progress=progress,
                words=words,
                by_hand=by_hand,
                see=see,
            )

    def _take(  # noqa: PLR0913 - the options of one command
        self,
        path: Path,
        copy: PrivateCopy,
        *,
        kind: str,
        list_type: str,
        mapping: str,
        dry_run: bool,
        full_snapshot: bool,
        source: str,
        progress: Callable[[int], None],
        words: RowWords,
        by_hand: bool,
        see: See,
    ) -> dict[str, Any]:
        """Take a file of this path, of which `copy` is the private one."""
        if kind == COMPARISON:
            return self._compare(
                path, copy, source, progress, dry_run=dry_run, full=full_snapshot, words=words
            )
        if kind in ("", "list"):
            hear = partial(
                self._hearing.hear,
                copy.sha256,
                list_type=list_type,
                mapping=mapping,
                source=source,
                words=words,
            )
            if mapping and not list_type:
                list_type = self.sources.named_layout(mapping).list_type
            bound = self.sources.find(source, list_type)
            return self._lists.take(
                path,
                copy.path,
                mapping,
                bound,
                progress,
                said=bool(kind),
                dry_run=dry_run,
                full=full_snapshot,
                words=words,
                hear=hear,
                by_hand=by_hand,
                see=see,
            )
        if full_snapshot or words.says:
            raise RefusedError("file.not-a-list", _NOT_A_LIST)
        authorities = self.sources.authorities(source)
        if kind in RELIEFS:
            layouts = (
                [self.sources.named_layout(mapping)]
                if mapping
                else self.sources.layouts_of(source, list_type)
            )
            faults, result = self._reliefs.take(
                copy.path,
                RELIEFS[kind],
                authorities,
                progress,
                dry_run=dry_run,
                layouts=layouts,
                unsaid=self.sources.unsaid(source, list_type),
                see=see,
            )
        elif kind == ANNOTATION:
            layouts = self.sources.layouts_of(source, list_type)
            unsaid = self.sources.unsaid(source, list_type)
            context = self._reliefs.context(authorities, layouts, unsaid)
            faults, result = self._annotations.take(
                copy.path, context, progress, dry_run=dry_run, see=see
            )
        elif kind == COMMITMENT:
            faults, result = self._commitments.take(
                copy.path, self.sources.named(source), path.name, progress, dry_run=dry_run, see=see
            )
        elif kind in ("scenario", "recognition"):
            faults, result = self._scenarios.take(
                copy.path, kind, authorities, progress, dry_run=dry_run, see=see
            )
        else:
            expected = "list, repair, withdrawal, annotation, scenario, recognition, commitment"
            expected += ", comparison"
            message = f"expected {expected}, got {kind!r}"
            raise RefusedError("kind.unknown", message)
        found = Faults(faults)
        if kind in RELIEFS and not dry_run:
            group = (self.sources.named(source), "")
            self._ends.note(path.name, group, found, result["refused_rows"], 0, relief=True)
        return self._ends.reported(path, found, result)

    def _compare(
        self,
        path: Path,
        copy: PrivateCopy,
        source: str,
        progress: Callable[[int], None],
        *,
        dry_run: bool,
        full: bool,
        words: RowWords,
    ) -> dict[str, Any]:
        """Compare an export of 信用中国 with what stands here."""
        if set(words.says) - {MUCH_ABSENT}:
            raise RefusedError("file.not-a-list", _NOT_A_LIST)
        if not dry_run:
            self._hearing.hear(copy.sha256, list_type="", mapping="", source=source, words=words)
        faults, result = self._exports.take(
            copy.path, progress, dry_run=dry_run, full=full, anyway=words.much_absent
        )
        return self._ends.reported(path, Faults(faults), result)
