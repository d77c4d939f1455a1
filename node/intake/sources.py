"""Source departments 数源部门 as configured: for whom, and for which lists, each speaks.

What one public body shares another may hand on only with the provider's consent (政务数据共享条例):

    DS1  a source whose data are not to be shared 不予共享 publishes no list
    DS2  where `files.consent_required` says so, one that states neither how its data are shared
         共享属性 nor the document of its consent publishes none either
    DS3  reliefs, annotations and dry runs ask for none of it: what ends a listing always passes,
         also where a list file says it of a row
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from adapters.files.errors import MappingError
from adapters.files.headings import column_name
from adapters.files.mapping import Mapping as Layout
from adapters.files.mapping import (
    built_in_mappings,
    check_list,
    find_mapping,
    list_names,
    load_mapping,
    read_mapping,
)
from federation.errors import RefusedError
from node.directory.config import SourceSection
from node.intake.signed_mappings import SignedMappings

SAVED: Final = "mappings"
"""Folder of mappings of one's own, below the node's directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """List and authority of the rows of a relief file that do not name them; empty: they must."""

    list_type: str = ""
    authority: str = ""


UNSAID: Final = Unsaid()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source department and the list for which it is asked."""

    name: str
    list_type: str
    authorities: dict[str, str]
    """Codes by name, and codes by themselves."""
    mapping: str


class Sources:
    """All sources of a node."""

    def __init__(
        self,
        directory: Path,
        sections: Mapping[str, SourceSection],
        signed: SignedMappings | None = None,
        *,
        consent_required: bool = False,
    ) -> None:
        """Take them from the configuration.

        Args:
            directory: mappings are found relative to it.
            sections: by the source's name.
            signed: asked before a mapping file publishes; None where nobody has to sign.
            consent_required: whether a source without consent publishes no list (DS2).
        """
        self._consent_required = consent_required
        self._directory = directory
        self._sections = sections
        self._signed = signed

    def find(self, name: str, list_type: str) -> Source:
        """Find the source department that may speak for the list.

        Where neither is named, the only source with the only list is meant.

        Raises:
            RefusedError: `source.unknown`, `list.unnamed`, `source.list-not-bound`,
                `source.ambiguous`.
        """
        sources = self._sections
        if not sources:
            message = (
                "huxin.toml names no source; see docs/operations/running.md#sources-and-mappings"
            )
            raise RefusedError("source.unknown", message)
        if name and name not in sources:
            message = f"no source {name!r} in [files.sources]; known: {', '.join(sources)}"
            raise RefusedError("source.unknown", message)
        found = {name: sources[name]} if name else dict(sources)
        lists = {t: None for section in found.values() for t in section.list_types}
        if not list_type and len(lists) == 1:
            (list_type,) = lists
        if not list_type:
            message = f"name the list with --list, one of: {', '.join(lists)}"
            raise RefusedError("list.unnamed", message)
        found = {n: section for n, section in found.items() if list_type in section.list_types}
        if name and not found:
            message = f"source {name!r} is not bound to the list {list_type!r}"
            raise RefusedError("source.list-not-bound", message)
        if len(found) != 1:
            message = (
                f"{len(found)} sources may give the list {list_type!r}; name one with --source "
                f"(see [files.sources]), or another list: {', '.join(lists)}"
            )
            raise RefusedError("source.ambiguous", message)
        ((chosen, section),) = found.items()
        return Source(
            name=chosen,
            list_type=list_type,
            authorities=_authorities([section]),
            mapping=section.mapping,
        )

    def authorities(self, name: str) -> dict[str, str]:
        """Return the authorities of one source; of all where none, or one for all, is named.

        Raises:
            RefusedError: `source.unknown`.
        """
        if name and name not in self._sections:
            raise RefusedError("source.unknown", f"no source {name!r} in [files.sources]")
        one = self._sections[name] if name else None
        return _authorities([one] if one and not one.relief_only else self._sections.values())

    def named(self, name: str) -> str:
        """Return the name, or that of the only source where none is given; else empty."""
        return name or (next(iter(self._sections)) if len(self._sections) == 1 else "")

    def lists_of(self, name: str) -> tuple[str, ...]:
        """Return the list types for which a source may speak."""
        return self._sections[name].list_types

    def names_of(self, list_types: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return all names of lists, in the form of `column_name`, by list type."""
        names = self.list_names()
        return {
            list_type: (list_type, *(n for n, t in names.items() if t == list_type != n))
            for list_type in list_types
        }

    def list_names(self) -> dict[str, str]:
        """Return list type ids by every name of the lists of all mappings of the sources.

        A mapping file that cannot be read has no names: it keeps lists waiting, never relief.
        """
        layouts = [*built_in_mappings().values()]
        for path in sorted({s.mapping for s in self._sections.values() if s.mapping}):
            with suppress(MappingError, OSError):
                layouts.append(load_mapping(self._directory / path))
        bound = {column_name(t): t for s in self._sections.values() for t in s.list_types}
        return bound | list_names(layouts)

    def layouts_of(self, name: str, list_type: str = "") -> list[Layout]:
        """Return the mappings of a source's lists, as far as they can be read; relief never waits.

        Without a name those of the only source, none where there are several; of one that relieves
        for all, those of all. Where a list is named, its mapping alone.
        """
        if list_type:
            with suppress(MappingError, RefusedError):
                return [self.layout(self.find(name, list_type), publishes=False)]
        named = self.named(name)
        if not named:
            return []
        every = self._sections[named].relief_only
        found: list[Layout] = []
        for source in self._sections if every else (named,):
            for one in self.lists_of(source):
                with suppress(MappingError, RefusedError):
                    found.append(self.layout(self.find(source, one), publishes=False))
        return found

    def unsaid(self, name: str, list_type: str) -> Unsaid:
        """Return what holds of rows of a relief file that do not say it.

        The list is the one that was chosen for the file; the authority is that of its source, where
        it has one only.
        """
        bound: set[str] = set()
        with suppress(RefusedError):
            bound |= set(self.find(name, list_type).authorities.values())
        return Unsaid(list_type=list_type, authority=bound.pop() if len(bound) == 1 else "")

    def layout(self, source: Source, mapping: str = "", *, publishes: bool) -> Layout:
        """Return the mapping of a source's list: the one named, its own, or the built-in one.

        Args:
            source: the source and its list.
            mapping: path of a mapping file, id of a saved or built-in one, or empty.
            publishes: whether it is to publish, not only to be tried.

        Raises:
            MappingError: there is none, it cannot be read, it is not valid, or it is of another
                list.
            RefusedError: it is to publish, and its persons have not signed it (V7).
        """
        chosen = mapping or source.mapping
        built_in = built_in_mappings().get(chosen)
        path = self.place(chosen)
        if path is None and built_in is not None:
            check_list(built_in, source.list_type, Path(chosen))
            return built_in
        if not chosen:
            return find_mapping(source.list_type)
        path = path or self._directory / chosen
        try:
            layout, data = read_mapping(path)
        except OSError as error:
            message = (
                f"映射文件无法读取 / the mapping {chosen} of the source {source.name} cannot be "
                f"read: {error}"
            )
            raise MappingError("mapping.unreadable", message) from error
        check_list(layout, source.list_type, path)
        if publishes and self._signed is not None:
            self._signed.check(path, layout.id, data)
        return layout

    def unshared(self, source: Source) -> RefusedError | None:
        """Why no row of a source lists anything (DS1, DS2): `source.…`; None where rows may."""
        section = self._sections[source.name]
        if section.sharing == "none":
            message = (
                f"数源部门 {source.name} 的数据不予共享，名单不发布；修复、标注照常 / the data of "
                f"the source {source.name} are not to be shared, so its lists are not published; "
                "reliefs are. See files.sources in huxin.toml"
            )
            return RefusedError("source.not-shared", message)
        if self._consent_required and not is_declared(section):
            message = (
                f"数源部门 {source.name} 未写明共享属性（sharing）和同意转交的文书（consent），"
                f"名单不发布 / expected sharing and consent of the source {source.name} in "
                "huxin.toml, got none of them or one; its lists are not published until then, "
                "reliefs are"
            )
            return RefusedError("source.no-consent", message)
        return None

    def named_layout(self, mapping: str) -> Layout:
        """Return a mapping by the id of a built-in one, or by its path.

        Raises:
            MappingError: there is none, or it is not valid.
        """
        built_in = built_in_mappings()
        path = self.place(mapping)
        if mapping in built_in:
            return built_in[mapping]
        if path is None:
            message = (
                f"没有这个映射 / expected the path of a mapping file or one of "
                f"{', '.join(built_in)}; got {mapping!r}"
            )
            raise MappingError("mapping.unknown", message)
        return load_mapping(path)

    def place(self, mapping: str) -> Path | None:
        """Where a mapping file lies: at its path, or among those that were saved by their id."""
        saved = self.saved / f"{mapping}.yaml"
        for path in (self._directory / mapping, saved):
            if mapping and path.is_file():
                return path
        return None

    def mappings(self) -> list[dict[str, Any]]:
        """Return the mappings that are named by their id, those saved here first.

        A saved file that cannot be read is none of them.
        """
        found: list[tuple[Layout, bool]] = []
        for path in sorted(self.saved.glob("*.yaml")):
            with suppress(MappingError, OSError):
                found.append((load_mapping(path), True))
        found += [(one, False) for _, one in sorted(built_in_mappings().items())]
        return [
            {
                "mapping": layout.id,
                "list_type": layout.list_type,
                "title": layout.title,
                "saved": saved,
            }
            for layout, saved in found
        ]

    @property
    def saved(self) -> Path:
        """Where mappings lie that persons signed for an import, by their ids."""
        return self._directory / SAVED


def is_declared(section: SourceSection) -> bool:
    """Whether a source says how its data are shared, and by which document it consents."""
    return bool(section.sharing and section.consent)


def _authorities(sections: Iterable[SourceSection]) -> dict[str, str]:
    by_name = {name: code for s in sections for name, code in s.authorities.items()}
    return by_name | {code: code for code in by_name.values()}
