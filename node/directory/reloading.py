"""Changes of huxin.toml while the node runs: sources are taken at once, all else at a new start.

Sources 数源部门 are what a city changes most, and no reason to stop the exchange:
`Reloading.reload` (`SIGHUP`) reads the whole file, and takes its `[files.sources]` together or,
where anything in the file is wrong, not at all. What else differs from what is in use is told in
the status.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import Final, NamedTuple

from federation.errors import RefusedError
from node.directory.config import FILE_NAME, Config, ConfigError, SourceSection, load_config

CHANGED: Final = "config.changed"
INVALID: Final = "config.invalid"
SOURCES: Final = "files.sources"


class SourcesInUse(Mapping[str, SourceSection]):
    """The sources of the moment; whoever iterates sees those of one moment. Any thread."""

    def __init__(self, sources: Mapping[str, SourceSection]) -> None:
        """Begin with these."""
        self._now = dict(sources)

    def take(self, sources: Mapping[str, SourceSection]) -> None:
        """Replace all."""
        self._now = dict(sources)

    def __getitem__(self, name: str) -> SourceSection:
        """One source, by its name."""
        return self._now[name]

    def __iter__(self) -> Iterator[str]:
        """Their names, in the order of the file."""
        return iter(self._now)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._now)

    def items(self) -> ItemsView[str, SourceSection]:
        """Sources by name, of one moment."""
        return self._now.items()

    def values(self) -> ValuesView[SourceSection]:
        """Likewise without their names."""
        return self._now.values()


class _Seen(NamedTuple):
    """What was found when the file was as `stamp` says."""

    stamp: tuple[int, int, int] | None
    code: str
    message: str
    reload_suffices: bool


class Reloading:
    """The file of a running node, compared with what is in use."""

    def __init__(self, config: Config, sources: SourcesInUse) -> None:
        """Take what is in use; `sources` are those that `reload` replaces."""
        self._config = config
        self._sources = sources
        self._seen = _Seen(_stamp(config), "", "", reload_suffices=False)

    def reload(self) -> bool:
        """Take the sources of the file; says whether they differ from those before.

        Raises:
            ConfigError: the file is wrong somewhere; nothing changed.
            RefusedError: `config.changed`: a platform in use names a source that is gone.
        """
        new = load_config(self._config.directory)
        for name, section in self._config.platform.items():
            gone = sorted(set(section.sources) - set(new.files.sources))
            if gone:
                message = (
                    f"platform.{name}.sources names {', '.join(gone)}, which [files.sources] no "
                    "longer has: take it out of both and start the node again"
                )
                raise RefusedError(CHANGED, message)
        differ = dict(self._sources) != dict(new.files.sources)
        self._sources.take(new.files.sources)
        return differ

    def report(self) -> tuple[str, str, bool] | None:
        """What the file says otherwise than what is in use; None where nothing.

        Returns:
            Code and message, and whether `SIGHUP` suffices. Any thread; the file is read again only
            when it changed.
        """
        stamp = _stamp(self._config)
        if stamp != self._seen.stamp or self._seen.code:
            self._seen = self._compare(stamp)
        seen = self._seen
        return (seen.code, seen.message, seen.reload_suffices) if seen.code else None

    def _compare(self, stamp: tuple[int, int, int] | None) -> _Seen:
        try:
            new = load_config(self._config.directory)
        except ConfigError as error:
            return _Seen(stamp, INVALID, str(error), reload_suffices=False)
        differ = _sections_of_difference(self._config, new)
        if dict(self._sources) != dict(new.files.sources):
            differ.append(SOURCES)
        if not differ:
            return _Seen(stamp, "", "", reload_suffices=False)
        message = f"{FILE_NAME} differs from what is in use: {', '.join(differ)}"
        return _Seen(stamp, CHANGED, message, reload_suffices=differ == [SOURCES])


def with_sources_in_use(config: Config) -> tuple[Config, SourcesInUse]:
    """The configuration with sources that may be replaced while the node runs."""
    sources = SourcesInUse(config.files.sources)
    files = config.files.model_copy(update={"sources": sources})
    return config.model_copy(update={"files": files}), sources


def _sections_of_difference(used: Config, new: Config) -> list[str]:
    """Sections that are not equal, but for the sources and the pins, which are read when needed."""
    found = []
    for name in type(used).model_fields:
        one, other = getattr(used, name), getattr(new, name)
        if name == "files":
            one, other = (part.model_copy(update={"sources": {}}) for part in (one, other))
        if name not in ("directory", "alliance") and one != other:
            found.append(name)
    return found


def _stamp(config: Config) -> tuple[int, int, int] | None:
    try:
        found = (config.directory / FILE_NAME).stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)
