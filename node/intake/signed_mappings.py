"""Mappings of one's own 映射 that two persons have signed, where the node names its persons (V7).

A mapping decides whom a department's rows are about, so it is proposed by one person and adopted by
another. Both sign it, into the file `.note` beside it; until then it can be tried, and publishes
nothing. A mapping that comes with the program needs no word.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from adapters.files.atomic import make_directory, write_atomically
from adapters.files.mapping import built_in_mappings
from federation.errors import RefusedError
from federation.persons import Sort, mapping_body, signers_of
from federation.ports.store import Store
from node.log.writer import WriteThread
from node.persons.roster import NOTE_ENDING, Persons

PERSONS_TO_ADOPT: Final = 2
_MODE: Final = 0o600


def signed_text(data: bytes) -> str:
    """Return the text of a mapping file that persons sign: UTF-8, each line end a line feed."""
    return data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def check_free(folder: Path, name: str, data: bytes) -> None:
    """Refuse the id of another mapping (IM5).

    Args:
        folder: where mappings are saved.
        name: id of a mapping to save.
        data: its file.

    Raises:
        RefusedError: `mapping.exists`.
    """
    saved = folder / f"{name}.yaml"
    plain = name.isascii() and name.replace("-", "").isalnum() and name == name.lower()
    if (
        plain
        and name not in built_in_mappings()
        and (not saved.exists() or saved.read_bytes() == data)
    ):
        return
    message = (
        f"映射编号“{name[:64]}”已有或不可用，请另取一个 / expected an id of small letters, "
        f"digits and hyphens that no other mapping has, got {name[:64]!r}"
    )
    raise RefusedError("mapping.exists", message)


def save_mapping(folder: Path, name: str, data: bytes, note: str) -> None:
    """Lay a mapping, with what two persons signed, where it is found by its id (IM5).

    Args:
        folder: where mappings are saved; made with the first one.
        name: its id.
        data: its file.
        note: signed by both; empty where no person has a key.

    Raises:
        RefusedError: `mapping.exists`.
    """
    check_free(folder, name, data)
    make_directory(folder, 0o700)
    path = folder / f"{name}.yaml"
    if note:
        write_atomically(path.with_name(path.name + NOTE_ENDING), note.encode(), _MODE)
    write_atomically(path, data, _MODE)


class SignedMappings:
    """Lets a mapping publish once it is signed; any thread, blocks."""

    def __init__(self, *, persons: Persons, store: Store, writer: WriteThread) -> None:
        """Wire it."""
        self._persons = persons
        self._store = store
        self._writer = writer
        self._kept: frozenset[str] = frozenset()

    def check(self, path: Path, mapping: str, data: bytes) -> None:
        """Refuse a mapping that is not signed; its word goes into the journal at the first use.

        Args:
            path: of the mapping's file.
            mapping: its id.
            data: what was read of it, and publishes; it is not read again.

        Raises:
            RefusedError: `person.unsigned`, and what `federation.persons.check_word` refuses.
        """
        if not self._persons.keys:
            return
        beside = path.with_name(path.name + NOTE_ENDING)
        try:
            note = beside.read_text("utf-8") if beside.exists() else ""
        except (OSError, UnicodeDecodeError) as error:
            raise RefusedError(
                "person.unsigned", f"{beside.name}: not readable: {error}"
            ) from error
        signers = tuple(dict.fromkeys(signers_of(note))) if note else ()
        if len(signers) < PERSONS_TO_ADOPT:
            message = (
                f"{path.name}: signed by {', '.join(signers) or 'nobody'}, expected "
                f"{PERSONS_TO_ADOPT} persons; see `huxin adapter sign`"
            )
            raise RefusedError("person.unsigned", message)
        body = mapping_body(mapping, signed_text(data))
        self._persons.check_kept(note, Sort.MAPPING, body, signers, self._persons.keys)
        if note not in self._kept:
            self._keep(note)

    def _keep(self, note: str) -> None:
        def job() -> None:
            with self._store.write() as session:
                if note not in session.words():
                    session.put_word(self._persons.now(), note)

        self._writer.submit(job).result()
        self._kept |= {note}
