"""Pure functions whose results one process keeps: a world asks the same ones thousands of times.

Fifty nodes show each other the same signed lines again and again. What a function of bytes
answered once it would answer again; nothing else of the program is replaced.
"""

from __future__ import annotations

import sys
from functools import lru_cache

from crypto import _ed25519
from crypto.checkpoint import peek_checkpoint
from crypto.notes import SignatureLine, parse_note
from federation.charters import verification as charter

KEPT = 100_000
_PURE = (
    (_ed25519, "verify"),
    (_ed25519, "check_public"),
    (_ed25519, "keypair"),
    (charter, "parse_terms"),
)
_NAMED_EVERYWHERE = (parse_note, peek_checkpoint, charter.read_envelope)
"""Functions that their callers have imported by name."""


def remember() -> None:
    """Keep what these functions answered; refusals are not kept. Call when all is imported."""
    for module, name in _PURE:
        setattr(module, name, lru_cache(maxsize=KEPT)(getattr(module, name)))
    for function in _NAMED_EVERYWHERE:
        kept = lru_cache(maxsize=KEPT)(function)
        for module in list(sys.modules.values()):
            if getattr(module, function.__name__, None) is function:
                setattr(module, function.__name__, kept)
    parse = lru_cache(maxsize=KEPT)(SignatureLine.parse)
    setattr(SignatureLine, "parse", staticmethod(parse))  # noqa: B010 - mypy forbids the other form
