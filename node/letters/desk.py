"""The register of letters 发文登记簿: a letter is given its number, and who had a hand in it kept.

What a letter says is not kept here: it is made of the act each time it is printed, as that stands
then, and an act that no longer allows a letter refuses it there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from federation.errors import RefusedError, StatementError
from federation.ids import Date, StatementId, Timestamp
from federation.letters import (
    OF_STATEMENTS,
    LetterKind,
    next_number,
    read_number,
    statement_of,
    times_of,
)
from federation.persons import Sort, distinct, letter_body
from federation.ports.findings import Place
from federation.ports.letters import KeptLetter
from federation.ports.store import ReadSession, Store
from federation.reconcile.cases import letter_over
from node.log.writer import WriteThread
from node.persons.posts import Post, Posts
from node.persons.roster import Persons
from node.system.clock import date_of

PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What the unit that issues letters is.

    Attributes:
        issuer: its name 发文机关; empty: letters have room for it.
        code: its code 机关代字; empty: the node gives no numbers.
        codes: another one for letters of a kind, by the kind.
    """

    issuer: str
    code: str
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuing:
    """What is asked for when a letter is issued.

    Attributes:
        kind: of `LetterKind`.
        about: id of a statement in hexadecimal, number of a campaign, or id of an edition.
        number: as it was typed; empty: the node gives the next one.
        person: who issues it 签发.
        note: their signed word; empty where the node names no persons.
        prepared: who prepared it 经办; empty where nobody is known.
    """

    kind: str
    about: str
    number: str
    person: str
    note: str
    prepared: str


class LetterDesk:
    """Answers `huxin letters`; any thread, blocks."""

    def __init__(
        self,
        *,
        store: Store,
        writer: WriteThread,
        persons: Persons,
        posts: Posts,
        office: Office,
        now: Callable[[], Timestamp],
        today: Callable[[], Date],
    ) -> None:
        """Wire it; `today` is never behind any clock that is believed."""
        self._store = store
        self._writer = writer
        self._persons = persons
        self._posts = posts
        self._office = office
        self._now = now
        self._today = today

    def get(self, kind: str, about: str) -> dict[str, Any]:
        """What an office gives a letter, as far as it is issued.

        Raises:
            RefusedError: `letter.kind`.
        """
        _check_kind(kind)
        with self._store.read() as session:
            kept = session.letter(kind, about)
        return self._document(kept, kind, about)

    def page(self, page_size: int, page_token: str) -> tuple[list[dict[str, Any]], str]:
        """A page of the register, the newest first.

        Raises:
            StatementError: `page-token.invalid`.
        """
        size = page_size or PAGE
        with self._store.read() as session:
            found = session.letters(_place(page_token), size)
        shown = [self._document(one, one.kind, one.about) for _, one in found]
        return shown, str(found[-1][0]) if len(found) == size else ""

    def issue(self, asked: Issuing) -> dict[str, Any]:
        """Give a letter its number; the same again gives what it has (GW1).

        Raises:
            RefusedError: `letter.kind`, `letter.about` (GW6), `letter.over` (GW8),
                `letter.numbered` (GW1), `letter.taken` (GW2), `letter.no-code`: none was typed, and
                the node gives none; `person.none`, `person.…` (GW5).
        """
        _check_kind(asked.kind)
        names = distinct([asked.person])
        if not names:
            raise RefusedError("person.none", "须写明签发人 / expected who issues it: a name")
        (person,) = names

        def job() -> KeptLetter:
            with self._store.write() as session:
                typed = read_number(asked.number)
                text = asked.number.strip() if typed is None else typed.text
                if (kept := session.letter(asked.kind, asked.about)) is not None:
                    return _same(kept, text)
                _check_about(session, asked.kind, asked.about)
                if not text:
                    code = self._office.codes.get(asked.kind, self._office.code)
                    if not code:
                        raise RefusedError("letter.no-code", _NO_CODE)
                    today = self._today()
                    typed = next_number(code, today, session.last_serial(code, today // 10_000))
                    text = typed.text
                if (other := session.letter_numbered(text)) is not None:
                    message = (
                        f"{text}：已用于 {other.kind} {other.about} / {text} stands on another "
                        f"letter: {other.kind} {other.about}"
                    )
                    raise RefusedError("letter.taken", message)
                body = letter_body(kind=asked.kind, about=asked.about, number=asked.number.strip())
                note = self._persons.heard(asked.note, Sort.LETTER, body, [person])
                prepared = self._posts.of(asked.prepared) if asked.prepared else Post()
                unit, post = self._posts.of(person)
                letter = KeptLetter(
                    kind=asked.kind,
                    about=asked.about,
                    number=text,
                    code="" if typed is None else typed.code,
                    year=0 if typed is None else typed.year,
                    serial=0 if typed is None else typed.serial,
                    issued_at=self._now(),
                    prepared=asked.prepared,
                    prepared_unit=prepared.unit,
                    prepared_post=prepared.post,
                    person=person,
                    unit=unit,
                    post=post,
                )
                session.add_letter(letter)
                if note:
                    session.put_word(letter.issued_at, note)
                return letter

        kept = self._writer.submit(job).result()
        return self._document(kept, kept.kind, kept.about)

    def _document(self, kept: KeptLetter | None, kind: str, about: str) -> dict[str, Any]:
        return {
            "kind": kind,
            "about": about,
            "number": "" if kept is None else kept.number,
            "issuer": self._office.issuer,
            "dated": 0 if kept is None else date_of(kept.issued_at),
            "numbered_here": bool(self._office.codes.get(kind, self._office.code)),
            "handled": [] if kept is None else _handled(kept),
        }


_NO_CODE: Final = (
    "本节点未配置机关代字，请用 --number 给出文号 / this node has no code of its unit "
    "([letters] code): give the number"
)


def _handled(kept: KeptLetter) -> list[dict[str, Any]]:
    """Who prepared it and who issued it."""
    issued = {
        "step": "issued",
        "name": kept.person,
        "unit": kept.unit,
        "post": kept.post,
        "at": kept.issued_at,
    }
    if not kept.prepared:
        return [issued]
    prepared = {
        "step": "prepared",
        "name": kept.prepared,
        "unit": kept.prepared_unit,
        "post": kept.prepared_post,
        "at": kept.issued_at,
    }
    return [prepared, issued]


def _same(kept: KeptLetter, number: str) -> KeptLetter:
    """What a letter has already, where nothing else is asked for.

    Raises:
        RefusedError: `letter.numbered`.
    """
    if number not in ("", kept.number):
        message = (
            f"文号已定为 {kept.number}，不再更改 / its number is {kept.number}, and stays; "
            f"got {number}"
        )
        raise RefusedError("letter.numbered", message)
    return kept


def _check_kind(kind: str) -> None:
    if kind not in tuple(LetterKind):
        message = f"expected one of {', '.join(LetterKind)}, got {kind[:40]!r}"
        raise RefusedError("letter.kind", message)


def _check_about(session: ReadSession, kind: str, about: str) -> None:
    """Refuse a number for what is not held here (GW6); what came is not repeated.

    Raises:
        RefusedError: `letter.about`.
    """
    if kind in OF_STATEMENTS:
        rows = session.rows_by_id(None, [_statement(about)])
        known = bool(rows)
        if kind == LetterKind.DECISION:
            _check_stands(session, [(row.log, row.idx) for row in rows], times_of(about))
    elif kind == LetterKind.CAMPAIGN:
        known = about in {str(one.campaign) for one in session.campaigns()}
    else:
        known = about in {one.id for one in session.editions()}
    if not known:
        message = (
            f"{kind}：本节点没有此项，请核对编号 / {kind}: nothing of this id is held here; "
            "compare it with the list"
        )
        raise RefusedError("letter.about", message)


def _check_stands(session: ReadSession, places: Sequence[Place], times: int) -> None:
    """Refuse a number for a decision on a case that was opened again since (GW8).

    Raises:
        RefusedError: `letter.over`.
    """
    if any(letter_over(said, times) for said in session.decisions(places).values()):
        message = (
            "此案在此决定之后已重新打开，不再编号发文，请重看 / the case was opened again after "
            "this decision: its letter is given no number; look at the case as it stands"
        )
        raise RefusedError("letter.over", message)


def _statement(about: str) -> StatementId:
    try:
        return statement_of(about)
    except StatementError:
        message = (
            "应为声明编号，32 位十六进制 / expected the id of a statement, 32 hexadecimal digits"
        )
        raise RefusedError("letter.about", message) from None


def _place(token: str) -> int:
    if not token:
        return 0
    if not (token.isascii() and token.isdecimal() and len(token) < 10):
        message = "expected a page token, as an answer gave it"
        raise StatementError("page-token.invalid", message)
    return int(token)
