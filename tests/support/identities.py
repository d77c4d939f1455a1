"""Subjects as they are listed beside subjects of a base library, made from a seed.

`clean` pairs write a subject's code, and one of its names in any of the ways in which a name stays
itself: they should be recognised. All others say something of another subject, or of none, or
leave a doubt: none of them may ever be. What an attack does is a function of `ATTACKS`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from federation.reconcile.identity import USCC, BaseSubject, Status
from federation.uscc import ALPHABET, make_uscc, organisation_check
from tests.support import lookalikes as chars

CLEAN: Final = "clean"
PREFIXES: Final = ("91510500", "91510300", "92510500", "93511500", "52510000")
REUSED_EVERY: Final = 1000
"""Of so many subjects one has a name that another had before: its clean records are held."""
RENAMED_EVERY: Final = 4
CEASED_EVERY: Final = 25


class Pair(NamedTuple):
    """A subject as it is listed, and how the pair was made."""

    attack: str
    """`clean`, or a key of `ATTACKS`."""
    scheme: str
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The subjects of a base library, by what has become of them."""

    live: Sequence[BaseSubject]
    ceased: Sequence[BaseSubject]
    heirs: Sequence[tuple[BaseSubject, BaseSubject]]
    """(the earlier bearer of a name, the later one)."""
    by_code: Mapping[str, BaseSubject]
    """The live ones."""
    old_codes: Sequence[tuple[str, BaseSubject]]
    """Old organisation codes that the library knows."""


def make_world(random: Random, subjects: int) -> World:
    """Invent a base library; no two live subjects bear the same name."""
    names = _names(random)
    live: list[BaseSubject] = []
    for number in range(subjects):
        former = (next(names),) if number % RENAMED_EVERY == 0 else ()
        live.append(BaseSubject(_code(random, number), next(names), former))
    heirs = []
    for number in range(0, subjects, REUSED_EVERY):
        # Of two that were never renamed: the first was once called what the second is now.
        earlier, later = live[number + 1], live[number + 2]
        live[number + 1] = earlier._replace(former_names=(later.name,))
        heirs.append((live[number + 1], later))
    ceased = []
    for number in range(subjects, subjects + subjects // CEASED_EVERY):
        gone = BaseSubject(_code(random, number), next(names), (), Status.CANCELLED)
        if number % 2:
            gone = gone._replace(status=Status.LIVE, successor=random.choice(live).code)
        ceased.append(gone)
    return World(
        live=live,
        ceased=ceased,
        heirs=heirs,
        by_code={subject.code: subject for subject in live},
        old_codes=[(subject.code[8:17], subject) for subject in live[::3]],
    )


def write_library(path: Path, world: World) -> None:
    """Write the base library as a CSV."""
    old = {subject.code: code for code, subject in world.old_codes}
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("code", "name", "former_names", "status", "successor", "organisation_code"))
        for one in (*world.live, *world.ceased):
            former = "|".join(one.former_names)
            rows.writerow(
                (one.code, one.name, former, one.status, one.successor, old.get(one.code, ""))
            )


def clean_pairs(random: Random, world: World) -> Iterator[Pair]:
    """Every live subject once, written in one of the ways in which it stays itself."""
    old = {subject.code: code for code, subject in world.old_codes}
    for subject in world.live:
        name = random.choice((subject.name, *subject.former_names))
        scheme, code = USCC, subject.code
        if code in old and random.random() < 0.2:
            scheme, code = "organisation-code", old[code]
        yield Pair(CLEAN, scheme, code, written_otherwise(random, name))


def hostile_pairs(random: Random, world: World, count: int) -> Iterator[Pair]:
    """Pairs of every attack in turn, each on a subject of the library."""
    kinds = list(ATTACKS)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        scheme, code, name = ATTACKS[kind](random, world)
        yield Pair(kind, scheme, code, name)


def written_otherwise(random: Random, name: str) -> str:
    """Write a name as another typist, font or code page does; half of the time as it is."""
    if random.random() < 0.5:
        return name
    made = [random.choice(chars.WRITTEN_OTHERWISE.get(char, char)) for char in name]
    if random.random() < 0.3:
        made = [_other_width(char) for char in made]
    if random.random() < 0.3:
        made = [char.lower() for char in made]
    if random.random() < 0.3:
        made.insert(random.randrange(len(made) + 1), random.choice(chars.INVISIBLE))
    return "".join(made)


# ---------------------------------------------------------------- attacks

Listed = tuple[str, str, str]
"""(scheme, code, name)"""


def _exchanged(random: Random, world: World, pairs: Sequence[str]) -> Listed:
    """One character of the name for one that is taken for it."""
    while True:
        subject = random.choice(world.live)
        places = [(at, p) for at, char in enumerate(subject.name) for p in pairs if char in p]
        if places:
            at, pair = random.choice(places)
            other = pair[1 - pair.index(subject.name[at])]
            return USCC, subject.code, subject.name[:at] + other + subject.name[at + 1 :]


def _homophone(random: Random, world: World) -> Listed:
    return _exchanged(random, world, chars.HOMOPHONES)


def _lookalike(random: Random, world: World) -> Listed:
    return _exchanged(random, world, chars.LOOKALIKES)


def _traditional(random: Random, world: World) -> Listed:
    return _exchanged(random, world, chars.TRADITIONAL)


def _swapped(random: Random, world: World) -> Listed:
    """Two neighbours change places."""
    while True:
        subject = random.choice(world.live)
        name = subject.name
        at = random.randrange(len(name) - 1)
        if name[at] != name[at + 1]:
            return USCC, subject.code, name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _left_out(random: Random, world: World) -> Listed:
    """A character is missing, or stands there twice."""
    subject = random.choice(world.live)
    at = random.randrange(len(subject.name))
    middle = random.choice(("", subject.name[at] * 2))
    return USCC, subject.code, subject.name[:at] + middle + subject.name[at + 1 :]


def _private_use(random: Random, world: World) -> Listed:
    """A character that each font shows differently, in the place of one, or besides."""
    subject = random.choice(world.live)
    at = random.randrange(len(subject.name))
    rest = subject.name[at + random.randrange(2) :]
    return USCC, subject.code, subject.name[:at] + random.choice(chars.PRIVATE) + rest


def _without_place(random: Random, world: World) -> Listed:
    """The region in front of the name is dropped, or another one stands there."""
    subject = random.choice(world.live)
    other = random.choice(("", *(place for place in chars.PLACES if place != subject.name[:3])))
    return USCC, subject.code, other + subject.name[3:]


def _other_name(random: Random, world: World) -> Listed:
    """The code of one and the name, also a former one, of another."""
    one, other = random.sample(world.live, 2)
    while other.name in one.former_names:  # that is `_reused`
        other = random.choice(world.live)
    name = random.choice((other.name, *other.former_names))
    if name in (one.name, *one.former_names):
        name = other.name
    return USCC, one.code, written_otherwise(random, name)


def _reused(random: Random, world: World) -> Listed:
    """A name that was one's and is another's, with the code of either."""
    earlier, later = random.choice(world.heirs)
    return USCC, random.choice((earlier, later)).code, written_otherwise(random, later.name)


def _near_code(random: Random, world: World) -> Listed:
    """One character of the organisation code changed, both check characters made right again."""
    subject = random.choice(world.live)
    organisation = subject.code[8:16]
    while True:
        at = random.randrange(8)
        other = random.choice(ALPHABET)
        if other != organisation[at]:
            changed = organisation[:at] + other + organisation[at + 1 :]
            return USCC, make_uscc(subject.code[:8], changed), subject.name


def _other_region_code(random: Random, world: World) -> Listed:
    """Another department or region in front of the same organisation code, checks made right."""
    subject = random.choice(world.live)
    prefix = random.choice([p for p in PREFIXES if p != subject.code[:8]])
    return USCC, make_uscc(prefix, subject.code[8:16]), subject.name


def _broken_code(random: Random, world: World) -> Listed:
    """One character of the code changed, or two changed places, and nothing made right."""
    while True:
        subject = random.choice(world.live)
        code = subject.code
        at = random.randrange(17)
        swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        changed = code[:at] + random.choice(ALPHABET) + code[at + 1 :]
        listed = random.choice((swapped, changed, code.lower(), _wide(code)))
        if listed != code:
            return USCC, listed, subject.name


def _near_organisation_code(random: Random, world: World) -> Listed:
    """An old organisation code with one character changed and its check made right."""
    old, subject = random.choice(world.old_codes)
    at = random.randrange(2, 8)
    other = random.choice([digit for digit in "0123456789" if digit != old[at]])
    changed = old[:at] + other + old[at + 1 : 8]
    return "organisation-code", changed + organisation_check(changed), subject.name


def _ceased(random: Random, world: World) -> Listed:
    """A subject that was cancelled, or merged into another."""
    subject = random.choice(world.ceased)
    return USCC, subject.code, written_otherwise(random, subject.name)


def _for_the_successor(random: Random, world: World) -> Listed:
    """A merged subject's name with its successor's code, or the other way round."""
    subject = random.choice([one for one in world.ceased if one.successor])
    heir = world.by_code[subject.successor]
    return random.choice(((USCC, heir.code, subject.name), (USCC, subject.code, heir.name)))


ATTACKS: Final[dict[str, Callable[[Random, World], Listed]]] = {
    "homophone": _homophone,
    "look-alike": _lookalike,
    "traditional": _traditional,
    "swapped": _swapped,
    "left-out": _left_out,
    "private-use": _private_use,
    "without-place": _without_place,
    "other-name": _other_name,
    "reused-name": _reused,
    "near-code": _near_code,
    "other-region-code": _other_region_code,
    "broken-code": _broken_code,
    "near-organisation-code": _near_organisation_code,
    "ceased": _ceased,
    "successor": _for_the_successor,
}


# ---------------------------------------------------------------- parts


def _names(random: Random) -> Iterator[str]:
    """Names that are all different, in normal form as well."""
    seen: set[str] = set()
    while True:
        word = "".join(random.choices(chars.WORDS, k=random.choice((2, 3, 3, 4))))
        if random.random() < 0.1:
            word += "".join(random.choices(chars.LATIN, k=2))
        if random.random() < 0.1:
            word = word[:1] + random.choice("·－") + word[1:]
        name = f"{random.choice(chars.PLACES)}{word}{random.choice(chars.TRADES)}"
        name += f"{random.choice(chars.SHAPES)}（演示）"
        if name not in seen:
            seen.add(name)
            yield name


def _code(random: Random, number: int) -> str:
    """A code with an organisation code that is not allocated; many are close to each other."""
    return make_uscc(random.choice(PREFIXES), f"YY{number * 7:06d}")


def _other_width(char: str) -> str:
    if "！" <= char <= "～":
        return chr(ord(char) - 0xFEE0)
    return _wide(char) if "!" <= char <= "~" else char


def _wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) for char in text)
