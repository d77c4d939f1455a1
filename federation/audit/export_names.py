"""Names in the export of a log: where a stranger finds its files.

    OUT/<origin with / as __>/
        checkpoint          the note with its cosignatures
        vkey                verifier keys, one a line: the log's, then those that cosigned
        tile/<L>/<N>        hash tiles, tile/entries/<N> entry tiles (C2SP tlog-tiles)
        openings/<index>    salt (32 bytes), then the payload to the end of the file

The index of an opening is written in groups of three digits as the number of a tile is, so that
no folder holds more than two thousand names.
"""

from __future__ import annotations

from typing import Final

from crypto.errors import FormatError
from crypto.strict import parse_decimal
from crypto.tiles import TILE_WIDTH, parse_tile_path, tile_path
from federation.errors import StatementError
from federation.statements import MAX_PAYLOAD, SALT_SIZE, Opening

CHECKPOINT: Final = "checkpoint"
VKEY: Final = "vkey"
TILES: Final = "tile"
OPENINGS: Final = "openings"
TOP_NAMES: Final = (CHECKPOINT, VKEY, TILES, OPENINGS)
"""What lies directly in the folder of one log."""

MAX_OPENING_FILE: Final = SALT_SIZE + MAX_PAYLOAD

_ENTRIES: Final = "tile/entries/"


def directory_name(origin: str) -> str:
    """Name the folder of a log: its origin with `/` as `__`."""
    return origin.replace("/", "__")


def opening_path(index: int) -> str:
    """Name the file of an opening, such as `openings/x001/234` for leaf 1234."""
    return f"{OPENINGS}/{tile_path('entries', index, TILE_WIDTH).removeprefix(_ENTRIES)}"


def parse_opening_path(path: str) -> int:
    """Read what `opening_path` wrote, in that one spelling.

    Raises:
        FormatError: any other text.
    """
    name = path.removeprefix(f"{OPENINGS}/")
    if name == path:
        message = f"not the path of an opening: {path[:64]!r}"
        raise FormatError(message)
    _, index, width = parse_tile_path(_ENTRIES + name)
    if width != TILE_WIDTH:
        message = f"not the path of an opening: {path[:64]!r}"
        raise FormatError(message)
    return index


def format_opening(opening: Opening) -> bytes:
    """Write an opening as a file: salt, then payload."""
    return opening.salt + opening.payload


def parse_opening(data: bytes) -> Opening:
    """Read an opening's file.

    Raises:
        StatementError: `opening.malformed`: shorter than a salt, or longer than the longest
            payload allows.
    """
    if not SALT_SIZE <= len(data) <= MAX_OPENING_FILE:
        message = f"opening: expected {SALT_SIZE} to {MAX_OPENING_FILE} bytes, got {len(data)}"
        raise StatementError("opening.malformed", message)
    return Opening(salt=data[:SALT_SIZE], payload=data[SALT_SIZE:])


# --- The export of everything that a node holds, for an auditor:
#
#     OUT/SHA256SUMS                       of every file but tiles and openings
#     OUT/charters/<alliance>/<n>.json     envelopes as received; rivals as <n>.<digest>.json
#     OUT/policy/<alliance>.txt            the same trust as a C2SP tlog-policy
#     OUT/logs/<origin with / as __>/      each log, as above; `since` where it lacks the first
#                                          leaves, which an earlier export has
#     OUT/notes/<origin …>/<size>          the first independently cosigned checkpoints kept
#     OUT/forks/<origin …>.<n>             fork files
#     OUT/queries/<origin …>/<size>        of query logs, with the lines of their witnesses

SINCE: Final = "since"
"""In the folder of a log: of how many first leaves, a multiple of 256, what proves them is not
here: entry tiles, hash tiles of level 0 and openings. All else is."""
SUMS: Final = "SHA256SUMS"
CHARTERS: Final = "charters"
POLICIES: Final = "policy"
LOGS: Final = "logs"
NOTES: Final = "notes"
FORKS: Final = "forks"
QUERIES: Final = "queries"
AUDIT_NAMES: Final = (SUMS, CHARTERS, POLICIES, LOGS, NOTES, FORKS, QUERIES)
"""What lies directly in the folder of an audit export."""
RIVAL_DIGITS: Final = 16
MAX_SUMS: Final = 64 * 2**20


def charter_name(version: int, rival: bytes = b"") -> str:
    """Name the file of a charter; of a rival with the beginning of its digest."""
    return f"{version}.{rival.hex()[:RIVAL_DIGITS]}.json" if rival else f"{version}.json"


def note_path(origin: str, size: int) -> str:
    """Name the file of a checkpoint that is kept."""
    return f"{NOTES}/{directory_name(origin)}/{size}"


def parse_since(data: bytes, size: int) -> int:
    """Read the file `since` of a log of this size.

    Raises:
        FormatError: it is not a multiple of 256, from 256 to the size, and a newline.
    """
    text = data.removesuffix(b"\n").decode(errors="replace")
    since = parse_decimal(text) if data.endswith(b"\n") else 0
    if since % TILE_WIDTH or not 0 < since <= size:
        message = f"{SINCE}: expected a multiple of {TILE_WIDTH} up to {size}, got {text[:32]!r}"
        raise FormatError(message)
    return since


def lies_before(path: str, since: int) -> bool:
    """Whether a file of a log is one that `since` leaves out."""
    try:
        if path.startswith(f"{OPENINGS}/"):
            return parse_opening_path(path) < since
        level, number, width = parse_tile_path(path)
    except FormatError:
        return False
    return level in ("entries", 0) and width == TILE_WIDTH and (number + 1) * TILE_WIDTH <= since


def query_note_path(origin: str, size: int) -> str:
    """Name the file of a checkpoint of a query log."""
    return f"{QUERIES}/{directory_name(origin)}/{size}"


def summed(path: str) -> bool:
    """Whether a file stands in `SHA256SUMS`: tiles and openings prove themselves."""
    parts = path.split("/")
    return path != SUMS and not (
        parts[0] == LOGS and len(parts) > 2 and parts[2] in (TILES, OPENINGS)
    )


def format_sums(sums: dict[str, bytes]) -> bytes:
    """Write `SHA256SUMS` as `sha256sum` does: digest, two spaces, path, by path."""
    return "".join(f"{digest.hex()}  {path}\n" for path, digest in sorted(sums.items())).encode()


def parse_sums(data: bytes) -> dict[str, bytes]:
    """Read what `format_sums` wrote, in that one spelling.

    Raises:
        FormatError: any other text.
    """
    sums: dict[str, bytes] = {}
    try:
        for line in data.decode().splitlines():
            digest, _, path = line.partition("  ")
            sums[path] = bytes.fromhex(digest)
    except ValueError as error:
        message = f"{SUMS}: expected a digest, two spaces and a path a line"
        raise FormatError(message) from error
    if format_sums(sums) != data:
        message = f"{SUMS}: expected each path once, in order"
        raise FormatError(message)
    return sums
