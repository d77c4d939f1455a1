"""Pure functions whose results one process keeps: a world asks the same ones thousands of times.

Fifty nodes show each other the same signed lines again and again. What a function of bytes
answered once it would answer again; nothing else of the program is replaced.
"""

from __future__ import annotations

from functools import lru_cache

from crypto import _ed25519
from crypto.notes import SignatureLine
from federation import charter

KEPT = 100_000
_PURE = (
    (_ed25519, "verify"),
    (_ed25519, "check_public"),
    (_ed25519, "keypair"),
    (charter, "parse_terms"),
)


def remember() -> None:
    """Keep what these functions answered; refusals are not kept."""
    for module, name in _PURE:
        setattr(module, name, lru_cache(maxsize=KEPT)(getattr(module, name)))
    parse = lru_cache(maxsize=KEPT)(SignatureLine.parse)
    setattr(SignatureLine, "parse", staticmethod(parse))  # noqa: B010 - mypy forbids the other form
