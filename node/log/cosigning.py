"""Which cosignatures are kept on a checkpoint, and which this node adds.

What each key says stands in SPEC §3.4: the head key of the origin "newest at this time", a witness
key "consistent with all I saw", a mirror key "durably held and served".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from crypto.checkpoint import SignedCheckpoint
from crypto.cosignature import (
    claimed_time,
    cosign,
    merge_signatures,
    only_known,
    verify_cosignatures,
)
from crypto.errors import CryptoError
from crypto.keys import Signer, VerifierKey
from crypto.notes import Note, SignatureLine, parse_note
from federation.errors import ReplicationError
from federation.ids import Origin, Timestamp
from federation.ports.store import LogHead
from node.charters.view import TrustView

FUTURE_SECONDS: Final = 300
"""A cosignature further ahead than this is ignored."""


class Cosigning:
    """Verifies others' cosignatures and makes ours."""

    def __init__(
        self,
        *,
        trust: Callable[[], TrustView],
        witness_signer: Signer,
        mirror_signer: Signer,
        now: Callable[[], Timestamp],
        heard: Callable[[VerifierKey, Timestamp], None],
    ) -> None:
        """Wire the keys `<node>/witness` and `<node>/mirror`.

        `heard` is told the time of every good line of a known key, before lines ahead are dropped.
        """
        self._trust = trust
        self._witness = witness_signer
        self._mirror = mirror_signer
        self._now = now
        self._heard = heard

    def known_lines(self, note: Note, held: bytes) -> Note:
        """Reduce a note to the log's signature and the good cosignatures of known keys.

        A line whose time is more than 300 s ahead, or older than the one held of the same key, is
        ignored; other lines of that key are not.

        Args:
            note: a checkpoint whose log signature was verified.
            held: the note held, empty where there is none; it may be of another size.

        Raises:
            ReplicationError: `batch.checkpoint`: a known key's signature is bad.
        """
        trust = self._trust()
        before_note = parse_note(held) if held else None
        keys = named_in((note,), trust.cosigner_keys())
        log_key = trust.log_key(Origin(note.text.partition("\n")[0]))
        try:
            known = only_known(note, [log_key, *keys])
            cosignatures = verify_cosignatures(known, keys)
        except CryptoError as error:
            raise ReplicationError("batch.checkpoint", f"cosignatures: {error}") from error
        for cosignature in cosignatures:
            self._heard(cosignature.key, Timestamp(cosignature.timestamp))
        before = {}
        if before_note is not None:
            before = {c.key: c.timestamp for c in verify_cosignatures(before_note, keys)}
        latest = self._now() + FUTURE_SECONDS
        earliest = {(c.key.name, c.key.key_id): before.get(c.key, 0) for c in cosignatures}
        return Note(
            text=note.text,
            signatures=tuple(
                line
                for line in known.signatures
                if (line.name, line.key_id) not in earliest  # the log's own
                or earliest[line.name, line.key_id] <= claimed_time(line) <= latest
            ),
        )

    def hold(
        self, head: LogHead, signed: SignedCheckpoint, known: Note, *, witness: bool
    ) -> LogHead:
        """Add our lines to a checkpoint that we hold in full, and record it as witnessed.

        What we replicated is consistent with everything that we saw of the log. As a witness we
        never go back (tlog-witness): no witness line for a size below the last one cosigned.

        Args:
            head: the log, of the checkpoint's size.
            signed: the checkpoint.
            known: its note reduced by `known_lines`.
            witness: whether nothing that we saw of the log speaks against it.
        """
        checkpoint = signed.checkpoint
        lines = [self.mirror_line(signed)]
        if witness and checkpoint.size >= head.witnessed_size:
            lines.append(self.witness_line(signed))
            head = replace(head, witnessed_size=checkpoint.size, witnessed_root=checkpoint.root)
        note = merge_signatures(known, Note(text=known.text, signatures=tuple(lines)))
        return replace(head, note=note.to_bytes(), note_size=checkpoint.size)

    def witness_line(self, signed: SignedCheckpoint) -> SignatureLine:
        """Say: I saw it, and it is consistent with all that I saw of this origin."""
        return cosign(signed.note.text, self._witness, self._now())

    def mirror_line(self, signed: SignedCheckpoint) -> SignatureLine:
        """Say: I durably hold and serve the contents up to this size."""
        return cosign(signed.note.text, self._mirror, self._now())


def signed_on(note: Note, line: SignatureLine) -> Note:
    """A note with a new line of our own.

    What this key signed before the clock was set back is left out: nobody takes a word from the
    future, and of two lines of one key the later one would be kept.
    """
    latest = claimed_time(line) + FUTURE_SECONDS
    before = tuple(
        one
        for one in note.signatures
        if (one.name, one.key_id) != (line.name, line.key_id) or claimed_time(one) <= latest
    )
    added = Note(text=note.text, signatures=(line,))
    return merge_signatures(Note(text=note.text, signatures=before), added)


def named_in(notes: Iterable[Note | None], keys: Sequence[VerifierKey]) -> list[VerifierKey]:
    """The keys that lines of notes name: alliances have hundreds, a note a few."""
    names = {line.name for note in notes if note is not None for line in note.signatures}
    return [key for key in keys if key.name in names]
