"""The key of a record (SPEC §6.1): what makes two copies the same record.

Each part u16-length-prefixed UTF-8, in this order: subject scheme, subject code, list type,
authority code, document number.

The subject stands by its organisation code 组织机构代码 where it has one: a unified code
统一社会信用代码 contains it (GB 32100, characters 9 to 17), so that a listing under either code and
a relief under the other are of one subject. The document number is taken in NFKC, upper case, and
only the characters of the Unicode categories L and N, so that 〔2026〕 and [2026] agree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from federation.errors import StatementError

UNIFIED: Final = "uscc"
ORGANISATION: Final = "organisation-code"
_UNIFIED_SIZE: Final = 18
_ORGANISATION_SIZE: Final = 9
_WITHIN: Final = slice(8, 17)
"""Where the organisation code stands in a unified code."""
_ORGANISATION_HEAD: Final = len(ORGANISATION).to_bytes(2, "big") + ORGANISATION.encode()
_BARE: Final = {ord("-"): None} | {ord(c): ord(c) - 32 for c in "abcdefghijklmnopqrstuvwxyz"}
"""An organisation code is written 12345678-9 or 123456789."""

_PLAINLY: Final = re.compile("[0-9A-Za-z]").search
"""What remains in every normal form."""


@lru_cache(maxsize=4096)  # a record's is asked for several times within its batch
def normalise_document(number: str) -> str:
    """Return a document number as it stands in record keys."""
    # str.isalnum() holds for exactly the categories L and N (tested over all code points) and
    # is several times faster than asking unicodedata for each character.
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", number).upper()))


def names_document(number: str) -> bool:
    """Whether anything of a document number stands in record keys."""
    return _PLAINLY(number) is not None or bool(normalise_document(number))


def same_subject(scheme: str, code: str) -> tuple[str, str]:
    """Return scheme and code under which a subject is compared, whichever code names it.

    Args:
        scheme: as in `payloads.Subject`.
        code: as written by the origin.
    """
    if scheme == UNIFIED and len(code) == _UNIFIED_SIZE:
        scheme, code = ORGANISATION, code[_WITHIN]
    if scheme == ORGANISATION:
        plain = code.isascii() and code.isalnum()  # as nearly all are, and four times faster
        bare = code.upper() if plain else code.translate(_BARE)
        return scheme, bare if len(bare) == _ORGANISATION_SIZE else code
    return scheme, code


def pack_subject(scheme: str, code: str) -> bytes:
    """Return the beginning of the record keys of a subject.

    Raises:
        StatementError: a part is longer than 65,535 bytes (`record-key.long`).
    """
    scheme, code = same_subject(scheme, code)
    if scheme == ORGANISATION and len(code) == _ORGANISATION_SIZE:  # as nearly all of them
        raw = code.encode()
        return _ORGANISATION_HEAD + len(raw).to_bytes(2, "big") + raw
    return _prefixed(scheme, code)


def former_key(key: bytes, scheme: str, code: str) -> bytes:
    """Return a record key as it was formed while subjects stood by the code that names them.

    Tags of that time can only be found by it.

    Args:
        key: `RecordKey.pack()`.
        scheme: of the subject, as written by the origin.
        code: likewise.
    """
    return _prefixed(scheme, code) + key[len(pack_subject(scheme, code)) :]


SUBJECT_TAG_SIZE: Final = 16
"""Bytes of the lookup tag of a subject."""
RECORD_PART_SIZE: Final = 8
"""Bytes of a record's own, after those of its subject."""


def record_tag(lookup: Callable[[bytes], bytes], subject: bytes, key: bytes) -> bytes:
    """Return the lookup tag of a record: its subject's, then the first bytes of its own.

    So one ordered index answers for a record and for all records of a subject; random keys in an
    index are most of what storing a row costs.

    Args:
        lookup: makes keyed tags of 16 bytes (`federation.ports.store.Tagger`).
        subject: `pack_subject` of the subject.
        key: `RecordKey.pack()`.
    """
    return lookup(subject) + lookup(key)[:RECORD_PART_SIZE]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKey:
    """(subject, list type, determining authority, document number), as written by the origin."""

    scheme: str
    code: str
    list_type: str
    authority: str
    document: str

    def pack(self) -> bytes:
        """Return the canonical bytes; two records are the same iff these are equal.

        Raises:
            StatementError: a part is longer than 65,535 bytes (`record-key.long`).
        """
        number = normalise_document(self.document)
        return (
            pack_subject(self.scheme, self.code)
            + _listed(self.list_type, self.authority)
            + _prefixed(number)
        )


@lru_cache(maxsize=4096)  # of list types and authorities there are few
def _listed(list_type: str, authority: str) -> bytes:
    return _prefixed(list_type, authority)


def _prefixed(*parts: str) -> bytes:
    packed = bytearray()
    for part in parts:
        raw = part.encode()
        if len(raw) > 0xFFFF:
            message = f"record key: expected parts of at most 65535 bytes, got {len(raw)}"
            raise StatementError("record-key.long", message)
        packed += len(raw).to_bytes(2, "big") + raw
    return bytes(packed)
