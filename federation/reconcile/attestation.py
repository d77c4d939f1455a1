"""Subjects are attested at home 主体核验: questions and answers as values and as text (SPEC §9.9).

A city's base library holds the subjects registered there. A member that reads a listing of a
foreign subject asks the member in whose region the subject is registered whether code and name
agree. The question names a leaf, never a code or a name: who cannot open it learns nothing. The
answer is the text of a signed note, by the answerer's document key. Rules:

    H1  attestation.malformed     exactly the lines of the form, in their order, nothing else
    H2  attestation.signature     signed by a document key that the charter names for the answerer
    H3  attestation.other         from, to, charter, question are those asked; a line for each item
    H4  attestation.future        as of a time at most 300 s ahead of the reader's clock
    H5  –                         counts only where the charter lets the answerer attest for the
                                  region of the subject (`Trust.attests_for`)
    H6  identity.attestation-old  counts for so many days as the catalog says
    H7  identity.attested-…       only `current` and `former` make certain; all else holds
    H8  identity.subject-ceased   deregistered, or with a successor: held, whoever says so
    H9  –                         a person's rejection outweighs it (`federation.reconcile.cases`)

H5 to H8 are asked anew each time a listing is judged, by the charter and the catalog of the moment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from crypto.errors import CryptoError, FormatError
from crypto.keys import Signer, VerifierKey
from crypto.notes import parse_note, sign_note, verify_note
from crypto.strict import parse_decimal
from federation.errors import ReplicationError
from federation.ids import ORIGIN_FORM, CharterId, Date, Origin, Timestamp
from federation.payloads import Reference
from federation.reconcile.identity import BaseSubject, Status, agrees, changed_hands, code_fault
from federation.subject_names import normal_name

FORMAT: Final = "huxin-attestation/1"
FEATURE: Final = "attest"
"""Name of the addition in the features that a node tells of itself."""
MAX_ITEMS: Final = 64
MAX_BYTES: Final = 16_384
"""Bytes of an answer; 64 lines with a successor each take half of it."""
ID_SIZE: Final = 32
AHEAD_SECONDS: Final = 300

DocumentKeys = Callable[[CharterId, Origin], Sequence[VerifierKey]]
"""The document keys that a charter names for the node of a log; none for a stranger."""

_HEADER: Final = ("from", "to", "charter", "question", "as-of")
_SCHEMES: Final = frozenset({"uscc", "organisation-code", "registration-number"})
_CODE: Final = re.compile(r"[0-9A-Z-]{1,64}").fullmatch
_REASON: Final = re.compile(r"(?=.{1,64}$)[a-z][a-z0-9-]*\.[a-z0-9-]+").fullmatch


class Agreement(StrEnum):
    """What the answerer's library says of a code and a name together."""

    CURRENT = "current"
    """The code's subject bears this name."""
    FORMER = "former"
    """It bore this name."""
    REUSED = "reused"
    """It bears or bore it, and so did another, of whom one bears it no longer: proves nothing."""
    DIFFERS = "differs"
    """The code's subject never bore it; which name it bears is not told."""
    UNKNOWN = "unknown"
    """No subject has this code."""
    NOT_ANSWERED = "not-answered"
    """Nothing is said, for the reason given."""


class Registration(StrEnum):
    """Status 登记状态 of a subject; told only where the name is its own."""

    EXISTING = "existing"
    """存续"""
    DEREGISTERED = "deregistered"
    """注销"""
    REVOKED = "revoked"
    """吊销"""
    MOVED = "moved"
    """迁出"""
    UNKNOWN = "unknown"


_AGREEING: Final = frozenset({Agreement.CURRENT, Agreement.FORMER})
_REGISTRATIONS: Final[Mapping[str, Registration]] = {
    Status.LIVE: Registration.EXISTING,
    Status.CANCELLED: Registration.DEREGISTERED,
    Status.REVOKED: Registration.REVOKED,
    Status.MOVED: Registration.MOVED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafDisclosure:
    """What shows an answerer a leaf that it cannot open itself: leaf, opening and proof file."""

    leaf: bytes
    salt: bytes
    payload: bytes
    proof: bytes

    def __repr__(self) -> str:
        """Show nothing of it, so that no log line can keep an opening."""
        return "LeafDisclosure()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One subject that is asked about: that of this leaf's payload."""

    leaf: Reference
    disclosure: LeafDisclosure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a member asks. Its exact bytes are what an answer names."""

    question_id: bytes
    charter: CharterId
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of one item; `code` is the reason of what is not answered."""

    agreement: Agreement
    registration: Registration = Registration.UNKNOWN
    successor: tuple[str, str] | None = None
    """Scheme and code of the subject that took its place."""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """An answer: who says it to whom, under which charter, to which question, as of when."""

    answerer: Origin
    asker: Origin
    charter: CharterId
    question: bytes
    """SHA-256 of the question's exact bytes."""
    as_of: Timestamp
    """When the answerer's library was brought up to date last."""
    said: tuple[Said, ...]

    def to_text(self) -> str:
        """Write the text of the note."""
        lines = [
            FORMAT,
            f"from {self.answerer}",
            f"to {self.asker}",
            f"charter {self.charter.hex()}",
            f"question {self.question.hex()}",
            f"as-of {self.as_of}",
            *(f"subject {number} {_words(said)}" for number, said in enumerate(self.said)),
        ]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an answer must answer."""

    answerer: Origin
    asker: Origin
    charter: CharterId
    question: bytes
    items: int


class Attested(NamedTuple):
    """What the home of a subject says of it, as a listing is judged by it."""

    agreement: Agreement
    registration: Registration
    succeeded: bool
    as_of: Timestamp
    now: Timestamp
    today: Date

    @property
    def ceased(self) -> bool:
        """Whether it was deregistered, or another one took its place (H8)."""
        return self.succeeded or self.registration is Registration.DEREGISTERED

    def older_than(self, days: int) -> bool:
        """Whether it is of more than so many days ago (H6)."""
        return self.now - self.as_of > days * 86_400


def attest(name: str, known: BaseSubject | None) -> Said:
    """Compare a name with what the library knows of its code.

    Args:
        name: as the leaf's payload has it.
        known: the library's answer for the code, or None.
    """
    if known is None:
        return Said(agreement=Agreement.UNKNOWN)
    if not agrees(name, known):
        return Said(agreement=Agreement.DIFFERS)
    if changed_hands(name, known):
        return Said(agreement=Agreement.REUSED)
    current = normal_name(name) == normal_name(known.name)
    sound = known.successor and not code_fault("uscc", known.successor)
    return Said(
        agreement=Agreement.CURRENT if current else Agreement.FORMER,
        registration=_REGISTRATIONS.get(known.status, Registration.UNKNOWN),
        successor=("uscc", known.successor) if sound else None,
    )


def not_answered(code: str) -> Said:
    """Say nothing of an item, for a reason."""
    return Said(agreement=Agreement.NOT_ANSWERED, code=code)


def sign_attestation(attestation: Attestation, signer: Signer) -> bytes:
    """Write and sign an answer with the node's document key."""
    return sign_note(attestation.to_text(), [signer]).to_bytes()


def read_attestation(data: bytes, keys: DocumentKeys) -> Attestation:
    """Read an answer whose signature holds (H1, H2).

    Args:
        data: the signed note.
        keys: document keys of a node in a charter.

    Raises:
        ReplicationError: `attestation.malformed` or `attestation.signature`.
    """
    if len(data) > MAX_BYTES:
        message = f"expected at most {MAX_BYTES} bytes, got {len(data)}"
        raise ReplicationError("attestation.malformed", message)
    try:
        note = parse_note(data)
        attestation = _read(note.text)
    except (ValueError, FormatError) as error:
        message = "expected a note with the lines of the specification"
        raise ReplicationError("attestation.malformed", message) from error
    if attestation.to_text() != note.text:
        message = "expected a text in its one canonical form"
        raise ReplicationError("attestation.malformed", message)
    try:
        verify_note(note, keys(attestation.charter, attestation.answerer))
    except CryptoError as error:
        message = f"expected a signature by a document key of {attestation.answerer}: {error}"
        raise ReplicationError("attestation.signature", message) from error
    return attestation


def verify_attestation(
    data: bytes, asked: Asked, keys: DocumentKeys, now: Timestamp
) -> Attestation:
    """Check that an answer is one to what was asked (H1 to H4).

    Args:
        data: the signed note.
        asked: what was asked of whom.
        keys: document keys of a node in a charter.
        now: the reader's clock.

    Raises:
        ReplicationError: `attestation.malformed`, `.signature`, `.other` or `.future`.
    """
    attestation = read_attestation(data, keys)
    answered = Asked(
        answerer=attestation.answerer,
        asker=attestation.asker,
        charter=attestation.charter,
        question=attestation.question,
        items=len(attestation.said),
    )
    if answered != asked:
        message = f"expected an answer of {asked.answerer} to the question asked, got another"
        raise ReplicationError("attestation.other", message)
    if attestation.as_of > now + AHEAD_SECONDS:
        ahead = attestation.as_of - now
        message = f"expected a time at most {AHEAD_SECONDS} s ahead, got one {ahead} s ahead"
        raise ReplicationError("attestation.future", message)
    return attestation


def _words(said: Said) -> str:
    if said.agreement is Agreement.NOT_ANSWERED:
        return f"{said.agreement} {said.code}"
    return " ".join((said.agreement, said.registration, *(said.successor or ())))


def _read(text: str) -> Attestation:
    first, *lines = text.removesuffix("\n").split("\n")
    values = [_after(word, line) for word, line in zip(_HEADER, lines, strict=False)]
    subjects = lines[len(_HEADER) :]
    if first != FORMAT or not 1 <= len(subjects) <= MAX_ITEMS:
        raise ValueError(first[:32])
    answerer, asker, charter, question, as_of = values
    if not (ORIGIN_FORM.fullmatch(answerer) and ORIGIN_FORM.fullmatch(asker)):
        raise ValueError(answerer[:64])
    return Attestation(
        answerer=Origin(answerer),
        asker=Origin(asker),
        charter=CharterId(_digest(charter)),
        question=_digest(question),
        as_of=Timestamp(parse_decimal(as_of)),
        said=tuple(_said(_after(f"subject {n}", line)) for n, line in enumerate(subjects)),
    )


def _after(words: str, line: str) -> str:
    rest = line.removeprefix(f"{words} ")
    if rest == line:
        raise ValueError(words)
    return rest


def _digest(digits: str) -> bytes:
    digest = bytes.fromhex(digits)
    if len(digest) != ID_SIZE:
        raise ValueError(digits[:64])
    return digest


def _said(words: str) -> Said:
    """Read what stands after `subject <n>`: status and successor only where the name agrees."""
    agreement_word, *rest = words.split(" ")
    agreement = Agreement(agreement_word)
    if agreement is Agreement.NOT_ANSWERED:
        (code,) = rest
        if not _REASON(code):
            raise ValueError(code[:64])
        return not_answered(code)
    registration = Registration(rest[0] if rest else "")
    said = Said(agreement=agreement, registration=registration)
    if agreement not in _AGREEING and (len(rest) > 1 or registration is not Registration.UNKNOWN):
        raise ValueError(agreement)
    if len(rest) == 1:
        return said
    scheme, code = rest[1:]
    if scheme not in _SCHEMES or not _CODE(code):
        raise ValueError(scheme[:32])
    return Said(agreement=agreement, registration=registration, successor=(scheme, code))
