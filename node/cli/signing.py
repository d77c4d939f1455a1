"""Signing words of persons: at the command, with a key that never lies in a node's directory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from adapters.files.atomic import write_atomically
from federation.errors import RefusedError
from federation.persons import Sort, Word, join_word, read_word, sign_word, signers_of
from node.cli import render
from node.cli.language import english
from node.directory.config import load_config
from node.directory.keys import load_signer
from node.persons.roster import NOTE_ENDING
from node.system.clock import SystemClock
from node.texts.signed import word_in_words

_PERSONS: Final = 2
"""So many say what is signed into a file."""

Key = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="本人的签名密钥 / The person's own signing key"),
]

NoteFile = Annotated[
    Path | None,
    typer.Option(
        "--note",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="所列人员的签名文件 / What these persons signed (huxin sign)",
    ),
]
By = Annotated[
    list[str] | None,
    typer.Option("--by", metavar="NAME", help="具名人员，逐个给出 / Who says so; repeat it"),
]


def signed(directory: Path, key: Path | None, sort: Sort, body: str) -> str:
    """Sign a word; empty without a key.

    Args:
        directory: of the node to which it is said.
        key: file of the person's key.
        sort: what the word is about.
        body: what it says.

    Raises:
        RefusedError: `keys.…`: the key cannot be read.
        ConfigError: the configuration of the node, likewise.
    """
    if key is None:
        return ""
    _show(sort, body)
    origin = load_config(directory).origin
    word = Word(origin=origin, sort=sort, at=SystemClock().now(), body=body)
    return sign_word(word, load_signer(key))


def note_of(edition: str) -> Path:
    """The file that holds the signed word of an edition or mapping: beside it, or right here."""
    return Path(edition + NOTE_ENDING)


def read_note(edition: str) -> str:
    """Read the word beside an edition or mapping; empty where nobody signed it."""
    path = note_of(edition)
    return path.read_text("utf-8") if path.exists() else ""


def sign_beside(directory: Path, key: Path, sort: Sort, edition: str, body: str) -> str:
    """Sign an edition or a mapping into the file beside it, after those who signed it before.

    Args:
        directory: of the node that is to use it.
        key: file of the person's key.
        sort: which of them it is.
        edition: its file, or the name of a starter edition.
        body: what is signed.

    Returns:
        The note as it was written.

    Raises:
        RefusedError: `person.other-words`: the word that lies there is about another text;
            `keys.…`.
        ConfigError: the configuration of the node cannot be read.
    """
    return sign_onto(note_of(edition), directory, key, sort, body)


def sign_onto(path: Path, directory: Path, key: Path, sort: Sort, body: str) -> str:
    """Sign a word into a file, after those who signed it before.

    Args:
        path: of the file of the word.
        directory: of the node to which it is said.
        key: file of the person's key.
        sort: what the word is about.
        body: what it says.

    Returns:
        The note as it was written.

    Raises:
        RefusedError: see `sign_beside`.
        ConfigError: likewise.
    """
    if not path.exists():
        note = signed(directory, key, sort, body)
    else:
        before = path.read_text("utf-8")
        word = read_word(before)
        if (word.origin, word.sort, word.body) != (load_config(directory).origin, sort, body):
            message = (
                f"{path} is about something else or another node: expected {body[:200]}, got "
                f"{word.body[:200]}; remove it, and sign anew"
            )
            raise RefusedError("person.other-words", message)
        _show(sort, body)
        note = join_word(before, load_signer(key))
    write_atomically(path, note.encode())
    return note


def sign_text(path: Path, key: Path, word: Word) -> str:
    """Sign a word as it was written elsewhere into a file, after those who signed it before.

    Args:
        path: of the file of the word.
        key: file of the person's key.
        word: what is signed, with its time.

    Returns:
        The note as it was written.

    Raises:
        RefusedError: `person.other-words`: something else lies there; `keys.…`.
    """
    before = path.read_text("utf-8") if path.exists() else ""
    if before and read_word(before) != word:
        message = (
            f"{path} 中是另一份文本，请另存 / {path} holds another word: expected the one that is "
            "signed; remove it, and sign anew"
        )
        raise RefusedError("person.other-words", message)
    _show(word.sort, word.body)
    signer = load_signer(key)
    note = join_word(before, signer) if before else sign_word(word, signer)
    write_atomically(path, note.encode())
    return note


def tell_signers(path: Path, note: str) -> None:
    """Tell who has signed the word in a file, and whether another one must."""
    names = signers_of(note)
    count = f"{len(names)}/{_PERSONS}"
    who = "、".join(names)
    lacks = len(names) < _PERSONS
    render.write_line(
        f"{path}: 已签 {count} {who}{'，还缺一人' if lacks else ''} / "
        f"{path}: signed {count} {who}{', one more must' if lacks else ''}"
    )


def _show(sort: Sort, body: str) -> None:
    """Put what is about to be signed before whoever signs it."""
    for label, said in word_in_words(sort, body, english=english()).items():
        if said not in ("", []):
            render.say_field(label, said)


def read_word_of(note: Path | None) -> str:
    """Read the word that a command was given; empty without one."""
    return "" if note is None else note.read_text("utf-8")
