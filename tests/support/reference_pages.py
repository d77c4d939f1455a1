"""The reference pages in both languages: commands, settings and codes, from the program itself.

`python -m tests.support.reference_pages` writes `docs/reference/` and `docs/zh/reference/`; a test
compares.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from typer.main import get_command

from node.cli.main import app
from node.directory.config import Config
from tests.support import reference_names as names

ROOT = Path(__file__).parents[2]
ZH: Final = 0
EN: Final = 1
_FOLDERS: Final = (ROOT / "docs" / "zh" / "reference", ROOT / "docs" / "reference")
_TITLES: Final = {
    "commands": ("命令", "Commands"),
    "settings": ("设置", "Settings"),
    "codes": ("编码", "Codes"),
}
_MADE: Final = (
    "由程序生成（`python -m tests.support.reference_pages`），不手工改动。",
    "Made from the program (`python -m tests.support.reference_pages`); not edited by hand.",
)


def pages() -> Mapping[Path, str]:
    """Every page, by where it stands."""
    makers = {"commands": _commands, "settings": _settings, "codes": _codes}
    found = {}
    for language, folder in enumerate(_FOLDERS):
        for name, maker in makers.items():
            lines = [f"# {_TITLES[name][language]}", "", _MADE[language], "", *maker(language)]
            found[folder / f"{name}.md"] = "\n".join(lines).rstrip() + "\n"
    return found


def said(text: str | None, language: int) -> str:
    """The half of a bilingual text, "中文 / English", for a language."""
    first = " ".join((text or "").split("\n\n")[0].split())
    chinese, mark, english = first.partition(" / ")
    return (english if language == EN and mark else chinese).replace("|", "\\|")


def _commands(language: int) -> Iterator[str]:
    heading = ("| 参数 | 说明 | 缺省 |", "| parameter | | default |")[language]
    for path, command in _walk(get_command(app), ("huxin",)):
        if hasattr(command, "list_commands"):
            continue
        yield f"## `{' '.join(path)}`"
        yield ""
        yield said(command.help, language)
        yield ""
        rows = list(_parameters(command, language))
        if rows:
            yield heading
            yield "|---|---|---|"
            yield from rows
            yield ""


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The command, and those below it; typer brings its own click, so they are known by form."""
    yield path, command
    names_below = command.list_commands(None) if hasattr(command, "list_commands") else ()
    for name in sorted(names_below):
        one = command.get_command(None, name)
        if not one.hidden:
            yield from _walk(one, (*path, name))


def _parameters(command: Any, language: int) -> Iterator[str]:
    for one in command.params:
        if getattr(one, "hidden", False) or "--help" in one.opts:
            continue
        text = said(getattr(one, "help", ""), language)
        if one.param_type_name == "option":
            form = ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts))
            form += " " + " ".join(f"`{word}`" for word in _choices(one.type_descriptor.annotation))
        else:
            form = f"`{(one.metavar or one.name or '').strip('{}').upper()}`"
            form += "".join(f" `{word}`" for word in _choices(one.type_descriptor.annotation))
        default = "" if one.default in (None, False, ()) or callable(one.default) else one.default
        shown = f"`{_word(default)}`" if default not in ("", ...) else ""
        yield f"| {form.strip()} | {text} | {shown} |"


def _choices(annotation: Any) -> list[str]:
    """The words that it takes, where it takes only some."""
    if not (isinstance(annotation, type) and issubclass(annotation, Enum)):
        return []
    return [str(one.value) for one in annotation]


def _word(value: object) -> str:
    return str(getattr(value, "value", value))


def _settings(language: int) -> Iterator[str]:
    yield (
        "`huxin.toml`；未知的键会被拒绝。除 `[node]` 外均有缺省。",
        "`huxin.toml`; unknown keys are refused. All but those of `[node]` have a default.",
    )[language]
    yield ""
    yield ("| 设置 | 缺省 | 说明 |", "| setting | default | |")[language]
    yield "|---|---|---|"
    for name, default in settings():
        yield f"| `{name}` | {_default(default)} | {meaning(name)[language]} |"


def meaning(name: str) -> tuple[str, str]:
    """What a setting says, in both languages."""
    return names.SETTINGS[name] if name in names.SETTINGS else names.TABLES[name]


def settings() -> Iterator[tuple[str, Any]]:
    """Every setting with its default, those of the tables of sources and platforms last."""
    later = []
    for section, field in Config.model_fields.items():
        if section == "directory":
            continue
        model = field.annotation
        if not _is_model(model):
            yield section, field.default
            later += list(_of_table(section, model))
            continue
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        for key, one in model.model_fields.items():
            yield f"{section}.{key}", one.default
            later += list(_of_table(f"{section}.{key}", one.annotation))
    yield from later


def _of_table(name: str, annotation: Any) -> Iterator[tuple[str, Any]]:
    named = "" if type(None) in typing.get_args(annotation) else ".<name>"
    for one in typing.get_args(annotation):
        if _is_model(one):
            for key, field in one.model_fields.items():
                yield f"{name}{named}.{key}", field.default


def _is_model(annotation: Any) -> bool:
    plain = isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias)
    return plain and issubclass(annotation, BaseModel)


def _default(value: Any) -> str:
    if value is PydanticUndefined or value in ("", (), {}) or value is None:
        return ""
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _codes(language: int) -> Iterator[str]:
    yield (
        "随声明、错误、核查答复和核验结果出现；另见 [出了问题](../operations/{}.md)。",
        "In statements, errors, answers and findings; see also [faults](../operations/{}.md).",
    )[language].format(("bad-morning", "faults")[language])
    yield ""
    yield ("| 编码 | 含义 | 出现在 |", "| code | meaning | where |")[language]
    yield "|---|---|---|"
    for one in json.loads((ROOT / "protos" / "codes.json").read_text("utf-8"))["codes"]:
        text = one["en" if language == EN else "zh"].replace("|", "\\|")
        yield f"| `{one['code']}` | {text} | {', '.join(one['where'])} |"


if __name__ == "__main__":
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
