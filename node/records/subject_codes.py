"""By which codes one subject stands in records; whoever looks somebody up by a code asks here.

    SJ1 a subject is looked up by every code that the base library links with the one that is asked
        for: its present unified code, those that it had before (换码、重错码), its organisation
        code and its registration number; whichever of them is asked, and whoever asks
    SJ2 an identifier that two subjects had, or that is another one's present code, links nothing:
        it is looked up as it is

A listing of another city knows nothing of our library, so it stands under whichever code its
authority had; what is asked about somebody must find all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from federation.ports.store import Lookup
from federation.reconcile.identity import USCC, BaseSubject
from federation.record_key import ORGANISATION, UNIFIED, pack_subject

SCHEMES = (UNIFIED, ORGANISATION, "registration-number")
"""Every scheme of codes of subjects (payload.proto)."""

Name = tuple[str, str]
"""Scheme and code."""


class CodeLibrary(Protocol):
    """The base library, as far as it links codes."""

    def by_code(self, scheme: str, codes: Sequence[str]) -> Mapping[str, BaseSubject]:
        """See `BaseLibrary.by_code`."""
        ...

    def former_identifiers(self, codes: Sequence[str]) -> Mapping[str, Sequence[Name]]:
        """Scheme and identifier by which these subjects, and no others, are named too."""
        ...


class SubjectCodes:
    """Finds them; any thread."""

    def __init__(self, *, library: CodeLibrary, tagger: Lookup) -> None:
        """Wire it; `tagger` makes the node's keyed tags."""
        self._library = library
        self._tagger = tagger

    def names(self, asked: Iterable[Name]) -> Mapping[Name, tuple[Name, ...]]:
        """All names of the subjects that are asked for, each one's own first (SJ1)."""
        by_scheme: defaultdict[str, set[str]] = defaultdict(set)
        every = list(dict.fromkeys(asked))
        for scheme, code in every:
            by_scheme[scheme].add(code)
        present = {
            (scheme, code): known.code
            for scheme, codes in by_scheme.items()
            for code, known in self._library.by_code(scheme, sorted(codes)).items()
        }
        linked = names_of(self._library, sorted(set(present.values())))
        return {
            one: tuple(dict.fromkeys((*_forms(one), *linked.get(present.get(one, ""), ()))))
            for one in every
        }

    def of_code(self, code: str) -> tuple[Name, ...]:
        """All names of whom a code of no stated scheme means, as it was typed."""
        typed = code.strip().upper()
        found = self.names((scheme, typed) for scheme in SCHEMES)
        return tuple(dict.fromkeys(name for some in found.values() for name in some))

    def tags(self, names: Iterable[Name]) -> list[bytes]:
        """Lookup tags of names, each once, in order."""
        packed = {pack_subject(*name) for name in names}
        return sorted(map(self._tagger.lookup, packed))


def names_of(library: CodeLibrary, codes: Sequence[str]) -> Mapping[str, tuple[Name, ...]]:
    """All names of subjects, by their present unified codes (SJ1)."""
    formers = library.former_identifiers(codes)
    return {
        code: tuple(
            form for name in ((USCC, code), *formers.get(code, ())) for form in _forms(name)
        )
        for code in codes
    }


def tags_of(
    library: CodeLibrary, tagger: Lookup, codes: Sequence[str]
) -> Mapping[str, Sequence[bytes]]:
    """Lookup tags of subjects, by their present unified codes, with those of all their names."""
    codes_of = SubjectCodes(library=library, tagger=tagger)
    return {code: codes_of.tags(names) for code, names in names_of(library, codes).items()}


def _forms(name: Name) -> tuple[Name, ...]:
    """A name, and how else it is written: a unified code also stands as an organisation code."""
    scheme, code = name
    return (name, (ORGANISATION, code)) if scheme == UNIFIED else (name,)
