"""The key of a record (design §3): what makes two copies the same record.

Each part u16-length-prefixed UTF-8, in this order: subject scheme, subject code, list type,
authority code, document number. The document number is taken in NFKC, upper case, and only the
characters of the Unicode categories L and N, so that 〔2026〕 and [2026] agree.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from federation.errors import StatementError

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
        parts = (
            self.scheme,
            self.code,
            self.list_type,
            self.authority,
            normalise_document(self.document),
        )
        packed = bytearray()
        for part in parts:
            raw = part.encode()
            if len(raw) > 0xFFFF:
                message = f"record key: expected parts of at most 65535 bytes, got {len(raw)}"
                raise StatementError("record-key.long", message)
            packed += len(raw).to_bytes(2, "big") + raw
        return bytes(packed)
