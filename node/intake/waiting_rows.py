"""Which rows of a file wait for the word of two persons, and whether these saw them (IM10).

A word about rows is about those that waited when the file was tried: the try names them by a
digest, which is given with the word and signed with it. What waits by then is compared before
anything is heard, and each row beside it once more when its turn comes: one that was relieved or
changed since, and was seen by nobody, waits all the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from federation.errors import RefusedError
from federation.shown import check_shown
from node.intake.row_words import WORD_OF

UNSEEN = "rows.unseen"


class WaitingRows:
    """Collects them, chunk by chunk in the order of the file."""

    def __init__(self) -> None:
        """Begin with none."""
        self._digest = sha256()
        self._by_word: dict[str, set[int]] = {}

    def add(self, held: Sequence[tuple[int, str, str, str]]) -> None:
        """Those of a chunk: number, code, listing, what the library says, as `Outcome.held`."""
        for one in held:
            if (word := WORD_OF.get(one[1])) is not None:
                self._digest.update(json.dumps(one).encode() + b"\n")
                self._by_word.setdefault(word, set()).add(one[0])

    @property
    def digest(self) -> str:
        """What a person saw of them, hexadecimal; empty where none waits."""
        return self._digest.hexdigest() if self._by_word else ""

    @property
    def by_word(self) -> Mapping[str, frozenset[int]]:
        """By the word the numbers of the rows that wait for it."""
        return {word: frozenset(rows) for word, rows in self._by_word.items()}

    def check_seen(self, shown: str) -> None:
        """Check that persons who say a word saw what waits for it.

        Raises:
            RefusedError: `rows.unseen`, `seen.changed`.
        """
        if self._by_word and not shown:
            message = (
                "两人确认的是看过的各行：请先试行（huxin publish FILE --dry-run），"
                "核对等候的各行，再给出所示的 --shown / two persons confirm rows that they saw: "
                "try the file first (--dry-run), look at the rows that wait, then give the "
                "--shown that it names"
            )
            raise RefusedError(UNSEEN, message)
        check_shown(shown, self.digest)
