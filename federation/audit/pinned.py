"""The trust of an audit: the charters of an export, verified from the pins that the auditor brings.

AD1 an alliance counts only from its pin: version 1 has the digest of the pin, each version
    after it is verified against the one before; what does not follow is found, and so is a
    charter whose file is not named for its version, and for its digest where it is a rival
AD2 an alliance that nobody pinned is not looked at, and neither is a log that no charter of a
    pinned one names; a pin of which the export has no charter makes the audit incomplete. What
    a pinned charter does not allow in a log that an alliance not pinned names too, accuses nobody
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crypto.keys import VerifierKey
from federation.audit.export_names import CHARTERS, charter_name
from federation.audit.found import Found, Weight
from federation.audit.verification import ExportFiles
from federation.charters.chain import CharterChain, advance, begin_chain
from federation.charters.verification import Charter
from federation.errors import CharterError
from federation.ids import CharterId, Origin

MAX_ENVELOPE: Final = 4 * 2**20
MAX_VERSIONS: Final = 4096
MAX_CHARTERS: Final = 64 * 2**20
"""Bytes of all versions of one alliance together: they are in memory at once."""
MAX_OTHERS: Final = 64
"""Alliances that nobody pinned and of which is seen which logs they name."""
_ID: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """What an export shows of the alliances that the auditor pinned.

    Attributes:
        chains: verified, in the order of the pins.
        others: alliances of which the export has charters and nobody pinned.
        elsewhere: logs that these name, each with its key; what a pinned charter does not allow
            there, one of them may.
    """

    chains: tuple[CharterChain, ...]
    others: tuple[str, ...]
    found: tuple[Found, ...]
    elsewhere: frozenset[tuple[Origin, VerifierKey]] = frozenset()


def read_charters(
    files: ExportFiles, paths: Iterable[str], pins: Sequence[CharterId], export: int
) -> Pinned:
    """Verify the charters of an export (AD1, AD2).

    Args:
        files: the export.
        paths: of its files below `charters/`.
        pins: alliances that the auditor trusts.
        export: its number in the report.
    """
    by_alliance: dict[str, list[str]] = {}
    for path in paths:
        by_alliance.setdefault(path.split("/")[1], []).append(path)
    chains: list[CharterChain] = []
    found: list[Found] = []
    for pin in pins:
        of_pin = by_alliance.pop(pin.hex(), [])
        if not of_pin:
            message = f"no charter of the pinned alliance {pin.hex()} is in the export"
            found.append(_found(Weight.INCOMPLETE, "charter.missing", message, export))
            continue
        if len(of_pin) > MAX_VERSIONS:
            message = f"expected at most {MAX_VERSIONS} versions, got {len(of_pin)}"
            found.append(_found(Weight.FINDING, "charter.too-many", message, export))
            continue
        envelopes = _envelopes(files, of_pin)
        if envelopes is None:
            message = f"expected at most {MAX_CHARTERS} bytes of charters, got more"
            found.append(_found(Weight.FINDING, "charter.too-many", message, export))
            continue
        chain, wrong = _chain(envelopes, pin, export)
        found += wrong
        if chain is not None:
            chains.append(chain)
            found += _forks(chain, export)
    others = sorted(by_alliance)
    return Pinned(
        chains=tuple(chains),
        others=tuple(others),
        found=tuple(found),
        elsewhere=frozenset(
            named
            for other in others[:MAX_OTHERS]
            for named in _named_by(files, other, by_alliance[other], export)
        ),
    )


def logs_of(chain: CharterChain) -> Iterator[tuple[Origin, VerifierKey]]:
    """The logs that any version of a charter names, each with its key."""
    for version in chain.versions:
        for member in version.terms.members:
            for segment in member.segments:
                yield segment.origin, segment.log_key


def _named_by(
    files: ExportFiles, other: str, paths: Sequence[str], export: int
) -> Iterator[tuple[Origin, VerifierKey]]:
    """The logs that an alliance names which nobody pinned, if its charters are any."""
    if len(paths) > MAX_VERSIONS or not _ID.fullmatch(other):
        return
    envelopes = _envelopes(files, paths)
    if envelopes is not None:
        chain, _ = _chain(envelopes, CharterId(bytes.fromhex(other)), export)
        if chain is not None:
            yield from logs_of(chain)


def _envelopes(files: ExportFiles, paths: Iterable[str]) -> dict[str, bytes] | None:
    """The charters of one alliance; None where they are too long together."""
    found: dict[str, bytes] = {}
    left = MAX_CHARTERS
    for path in paths:
        found[path] = files.read(path, min(MAX_ENVELOPE, left)) or b""
        left -= len(found[path])
        if left < 0:
            return None
    return found


def longest(chains: Iterable[CharterChain]) -> tuple[CharterChain, ...]:
    """Of each alliance the chain with the most versions, in the order in which they come first.

    Where chains contradict each other, `contradictions` says so.
    """
    found: dict[CharterId, CharterChain] = {}
    for chain in chains:
        held = found.setdefault(chain.id, chain)
        if len(chain.versions) > len(held.versions):
            found[chain.id] = chain
    return tuple(found.values())


def contradictions(chains: Sequence[tuple[int, CharterChain]]) -> list[Found]:
    """Versions of one alliance that two exports show otherwise: neither shows the fork alone."""
    seen: dict[tuple[CharterId, int], bytes] = {}
    found: list[Found] = []
    for export, chain in chains:
        for version in chain.versions:
            key = (chain.id, version.terms.version)
            if seen.setdefault(key, version.digest) != version.digest:
                message = (
                    f"alliance {chain.id.hex()}: two valid charters of version "
                    f"{version.terms.version} are in the exports"
                )
                found.append(_found(Weight.FINDING, "charter.forked", message, export))
                break
    return found


def _chain(
    envelopes: Mapping[str, bytes], pin: CharterId, export: int
) -> tuple[CharterChain | None, list[Found]]:
    first = f"{CHARTERS}/{pin.hex()}/1.json"
    found: list[Found] = []
    try:
        chain = begin_chain(envelopes.get(first, b""), pin)
    except CharterError as error:
        return None, [_found(Weight.FINDING, error.code, str(error), export, first)]
    left = dict(envelopes)
    left.pop(first)
    errors: dict[str, CharterError] = {}
    rivals: dict[bytes, Charter] = {}
    progress = True
    while progress and left:
        progress = False
        for path in sorted(left, key=_version):
            try:
                chain = advance(chain, left[path])
            except CharterError as error:
                errors[path] = error
                continue
            rivals |= {c.envelope: c for fork in chain.forks for c in (fork.held, *fork.other)}
            del left[path]
            progress = True
    for path in sorted(left, key=_version):
        wrong = errors[path]
        found.append(_found(Weight.FINDING, wrong.code, str(wrong), export, path))
    names = _names(chain, rivals)
    for path in sorted(envelopes.keys() - left.keys()):
        expected = names.get(envelopes[path], ())
        if path not in (f"{CHARTERS}/{pin.hex()}/{name}" for name in expected):
            message = f"expected the name {expected[0]}" if expected else "expected each once"
            found.append(_found(Weight.FINDING, "charter.misnamed", message, export, path))
    return chain, found


def _names(chain: CharterChain, rivals: Mapping[bytes, Charter]) -> dict[bytes, tuple[str, ...]]:
    """Under which names each charter may lie; which of two rivals a node holds as trunk varies."""
    names: dict[bytes, tuple[str, ...]] = {
        c.envelope: (charter_name(c.terms.version),) for c in chain.versions
    }
    for envelope, charter in rivals.items():
        number = charter.terms.version
        names[envelope] = (charter_name(number), charter_name(number, charter.digest))
    return names


def _version(path: str) -> tuple[int, str]:
    number = path.rpartition("/")[2].partition(".")[0]
    return (int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0, path)


def _forks(chain: CharterChain, export: int) -> list[Found]:
    return [
        _found(
            Weight.FINDING,
            "charter.forked",
            f"alliance {chain.id.hex()}: two valid charters of version {fork.held.terms.version}",
            export,
        )
        for fork in chain.forks
    ]


def _found(weight: Weight, code: str, message: str, export: int, path: str = "") -> Found:
    return Found(weight=weight, code=code, message=message, export=export, path=path)
