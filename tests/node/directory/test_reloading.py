"""Sources are taken while the node runs, all or none; all else is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.errors import RefusedError
from node.directory.config import Config, ConfigError, load_config
from node.directory.reloading import CHANGED, INVALID, Reloading, with_sources_in_use

_NODE = '[node]\nregion = "510500"\nname = "泸州"\norigin = "510500.huxin.example/1"\n'
_COURT = '[files.sources.court]\nauthorities = {"法院" = "510500-court"}\nlist_types = ["a"]\n'
_TAX = '[files.sources.tax]\nauthorities = {"税务" = "510500-tax"}\nlist_types = ["b"]\n'


def _write(directory: Path, *parts: str) -> None:
    (directory / "huxin.toml").write_text("\n".join(parts), "utf-8")


def _running(directory: Path, *parts: str) -> tuple[Config, Reloading]:
    _write(directory, *parts)
    config, sources = with_sources_in_use(load_config(directory))
    return config, Reloading(config, sources)


def test_sources_that_changed_are_told_and_taken(tmp_path: Path) -> None:
    config, reloading = _running(tmp_path, _NODE, _COURT)
    assert reloading.report() is None
    held = config.files.sources.items()
    _write(tmp_path, _NODE, _COURT, _TAX)
    found = reloading.report()
    assert found is not None
    assert found[0] == CHANGED
    assert found[2]
    assert list(config.files.sources) == ["court"]
    assert reloading.reload()
    assert list(config.files.sources) == ["court", "tax"]
    assert [name for name, _ in held] == ["court"], "who iterates sees those of one moment"
    assert reloading.report() is None
    assert not reloading.reload()


def test_a_file_that_is_wrong_anywhere_changes_nothing(tmp_path: Path) -> None:
    config, reloading = _running(tmp_path, _NODE, _COURT)
    _write(tmp_path, _NODE, _TAX, "[timing]\npull_seconds = -1\n")
    found = reloading.report()
    assert found is not None
    assert (found[0], found[2]) == (INVALID, False)
    with pytest.raises(ConfigError):
        reloading.reload()
    assert list(config.files.sources) == ["court"]


def test_what_counts_at_the_next_start_is_named(tmp_path: Path) -> None:
    _, reloading = _running(tmp_path, _NODE, _COURT)
    _write(tmp_path, _NODE, _TAX, "[timing]\npull_seconds = 31\n")
    found = reloading.report()
    assert found is not None
    code, message, reload_suffices = found
    assert code == CHANGED
    assert "timing, files.sources" in message
    assert not reload_suffices
    assert not reloading.reload() or reloading.report() is not None
    left = reloading.report()
    assert left is not None
    assert "files.sources" not in left[1]


def test_a_platform_in_use_keeps_its_source(tmp_path: Path) -> None:
    platform = '[platform.city]\nurl = "sqlite:///platform.db"\nsources = ["tax"]\n'
    config, reloading = _running(tmp_path, _NODE, _COURT, _TAX, platform)
    _write(tmp_path, _NODE, _COURT)
    with pytest.raises(RefusedError, match=r"platform\.city"):
        reloading.reload()
    assert list(config.files.sources) == ["court", "tax"]
