"""The lookup key that is to take the place of the one in use (ADR 0038), in the key ring's file.

    "lookup_next": {"number": 2, "key": "…", "blind": "…"}

Tags are made anew under `key` where their source is held. Where it is not, they are made of the old
tag under `blind`: what was equal stays equal, and nobody can make such a tag of a guess any more,
since `blind` is destroyed together with the old key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.state.lent_keys import TAG_SIZE
from crypto.keyed import KeyedHash
from crypto.vault import KEY_SIZE
from federation.record_key import RECORD_PART_SIZE, SUBJECT_TAG_SIZE

NEXT: Final = "lookup_next"
_WHOLE: Final = b"\x01"
_PART: Final = b"\x02"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retagging:
    """Makes the tags of now out of sources, and out of tags whose source is gone; never printed."""

    number: int
    """Of the key."""
    _key: KeyedHash = field(repr=False)
    _blind: KeyedHash = field(repr=False)

    @classmethod
    def of(cls, number: int, key: bytes, blind: bytes) -> Retagging:
        """Take the keys."""
        return cls(number=number, _key=KeyedHash(key), _blind=KeyedHash(blind))

    def lookup(self, value: bytes) -> bytes:
        """A tag as `KeyRing.lookup` will make it."""
        return self._key.digest(value)[:TAG_SIZE]

    def blinded(self, tag: bytes) -> bytes:
        """What takes the place of a tag whose source is gone; as long as it is.

        That of a record begins with that of its subject, as ever.
        """
        subject = self._blind.digest(_WHOLE + tag[:SUBJECT_TAG_SIZE])[:SUBJECT_TAG_SIZE]
        if len(tag) <= SUBJECT_TAG_SIZE:
            return subject[: len(tag)]
        return subject + self._blind.digest(_PART + tag)[:RECORD_PART_SIZE]


def begun(content: dict[str, Any], token: Callable[[int], bytes]) -> None:
    """Add the next key to the content of a ring that has none."""
    content.setdefault(
        NEXT,
        {
            "number": int(content["lookup"]["number"]) + 1,
            "key": token(KEY_SIZE).hex(),
            "blind": token(KEY_SIZE).hex(),
        },
    )


def finished(content: dict[str, Any]) -> None:
    """Put the next key into the place of the one in use, which is gone with that."""
    made = content.pop(NEXT)
    content["lookup"] = {"number": made["number"], "key": made["key"]}


def next_of(content: dict[str, Any]) -> Retagging | None:
    """Read the next key.

    Raises:
        ValueError, KeyError, TypeError: it is damaged.
    """
    if NEXT not in content:
        return None
    made = content[NEXT]
    key, blind = bytes.fromhex(made["key"]), bytes.fromhex(made["blind"])
    if len(key) != KEY_SIZE or len(blind) != KEY_SIZE:
        message = f"expected keys of {KEY_SIZE} bytes"
        raise ValueError(message)
    return Retagging.of(int(made["number"]), key, blind)
