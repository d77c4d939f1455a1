"""What of the console's visual language can be held, and what of its texts and templates.

Covers node/console/texts/shell.py, node/console/texts/home.py, node/console/wiring.py.
"""

from __future__ import annotations

import re
import tomllib
from hashlib import sha256
from importlib import import_module
from itertools import product
from pathlib import Path

import pytest

from node.console.app import Console
from node.console.page import Page
from node.console.pages import PAGES
from node.console.rendering import said_of_code
from node.console.texts.shell import TEXTS as SHELL
from node.console.wiring import wire_console
from node.console.words import Language
from node.directory.config import HttpSection
from tests.support.console import FakeNode

ROOT = Path(__file__).parents[3]
CONSOLE = ROOT / "node" / "console"
STATIC, TEMPLATES = CONSOLE / "static", CONSOLE / "templates"
CSS = (STATIC / "console.css").read_text("utf-8")
COLOURS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", CSS))
READ_ON = {
    ("ink", "muted", "accent", "accent-deep", "good", "wait", "bad"): ("paper", "ground"),
    ("accent-deep", "ink"): ("accent-soft",),
    ("good", "ink"): ("good-soft",),
    ("wait", "ink"): ("wait-soft",),
    ("bad", "ink"): ("bad-soft",),
    ("paper",): ("accent", "accent-deep"),
}
TEXT = re.compile(r"""\bt\(\s*["']([a-z0-9.-]+)["']\s*(\)|,|~)?""")


def light(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_text_can_be_read_on_its_ground() -> None:
    for texts, grounds in READ_ON.items():
        for text, ground in product(texts, grounds):
            dark, bright = sorted((light(COLOURS[text]), light(COLOURS[ground])))
            assert (bright + 0.05) / (dark + 0.05) >= 4.5, (text, ground)


def test_colours_and_sizes_stand_in_one_place() -> None:
    beyond = {"#f9fbfb", "#ebeeee", "#4a5659"}
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", CSS)) <= set(COLOURS.values()) | beyond
    sizes = {int(one) for one in re.findall(r"font(?:-size)?: ?(\d+)px", CSS)}
    assert sizes <= {12, 13, 14, 15, 16, 18, 22}
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_what_is_not_ours_is_unchanged_and_has_its_licence() -> None:
    said = tomllib.loads((STATIC / "vendor.toml").read_text("utf-8"))["file"]
    for one in said:
        assert sha256((STATIC / one["name"]).read_bytes()).hexdigest() == one["sha256"]
        assert all((STATIC / text).stat().st_size for text in one["texts"])
    named = {name for one in said for name in (one["name"], *one["texts"])}
    ours = {"console.css", "console.js", "vendor.toml"}
    assert {path.name for path in STATIC.iterdir()} == named | ours


def test_templates_escape_and_have_no_script_or_style_of_their_own() -> None:
    for path in sorted(TEMPLATES.glob("*.html")):
        text = path.read_text("utf-8")
        for forbidden in ("|safe", "| safe", "Markup", "autoescape", "<style", " style=", "hx-on"):
            assert forbidden not in text, (path.name, forbidden)
        assert not re.search(r"\son[a-z]+=", text), path.name
        assert not re.findall(r"<script(?![^>]* src=)", text), path.name
        assert not re.search(r"""(?:src|href|action)=["']?(?:https?:)?//""", text), path.name
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL):
            assert "_token" in form or "form_token()" in form, path.name


@pytest.mark.parametrize("page", PAGES, ids=lambda one: one.name)
def test_a_page_has_the_texts_that_it_uses_and_no_other(page: Page) -> None:
    module = import_module(f"node.console.pages.{page.name}")
    own = sorted(TEMPLATES.glob(f"{page.name}*.html"))
    assert own
    texts = "".join(path.read_text("utf-8") for path in own)
    source = texts + Path(str(module.__file__)).read_text("utf-8")
    for key, end in TEXT.findall(texts):
        if end != "~" and not key.endswith("."):
            assert key in page.texts or key in SHELL, key
    for key, (zh, en) in page.texts.items():
        assert zh.strip() == zh != ""
        assert en.strip() == en != ""
        assert set(re.findall(r"\{(\w+)\}", zh)) == set(re.findall(r"\{(\w+)\}", en)), key
        stem = key.partition(".")[0] if "." in key else "-"
        used = re.search(rf"""["'](?:{re.escape(key)}["']|{re.escape(stem)}\.["'{{])""", source)
        assert key == "title" or used, key


def test_a_field_stands_where_its_width_is_bounded() -> None:
    """A field across a whole screen looks as if a page were to be written into it."""
    for path in sorted(TEMPLATES.glob("*.html")):
        for form in re.findall(r"<form.*?</form>", path.read_text("utf-8"), re.DOTALL):
            if re.search(r"<input(?![^>]*(?:hidden|checkbox|radio))[^>]*>", form):
                assert re.search(r'class="[^"]*(?:stack|filter|fields)', form), path.name
    assert re.search(r"\.stack > label > input[^{]*\{ max-width: 560px; \}", CSS)


def test_templates_say_nothing_in_one_language_alone() -> None:
    """Words come of the table of texts, and what stands between them of `between`."""
    for path in sorted(TEMPLATES.glob("*.html")):
        text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        found = re.findall("[\u3001\u3002\u4e00-\u9fff\uff08-\uff1f]+", text)
        assert found == [], path.name


def test_a_code_is_said_in_words_in_either_language() -> None:
    assert said_of_code(Language.ZH, "identity.code-check-digit") == "代码校验位不对"
    assert said_of_code(Language.EN, "identity.code-check-digit") == "identity: code check digit"


def test_no_link_says_an_identifier_where_there_is_a_word() -> None:
    """A column of identifiers tells nobody which one to take; they stand small beside the word."""
    said = r"<a [^>]*>\s*\{\{ [a-z_.]*(?:statement_id|check|number|watch|batch|about) \}\}"
    for path in sorted(TEMPLATES.glob("*.html")):
        assert re.findall(said, path.read_text("utf-8")) == [], path.name


def test_every_page_is_of_somebody_and_paths_are_apart() -> None:
    routes = [(route.method, page.path + route.path) for page in PAGES for route in page.routes]
    assert len(routes) == len(set(routes))
    assert all(page.needs and "title" in page.texts for page in PAGES)
    assert not {page.path for page in PAGES} & {"/sign-in", "/sign-out", "/static", "/language"}


def test_the_console_is_there_where_it_is_set() -> None:
    assert wire_console(HttpSection(), "泸州") is None
    made = wire_console(HttpSection(console=True), "泸州")
    assert made is not None
    assert isinstance(made(FakeNode()), Console)


@pytest.mark.parametrize("page", ["checks", "batches", "watches"])
@pytest.mark.parametrize("name", ["purpose", "matter"])
def test_of_several_purposes_and_matters_none_is_chosen_by_nobody(page: str, name: str) -> None:
    text = (TEMPLATES / f"{page}.html").read_text("utf-8")
    options = text.partition(f'<select name="{name}" required>')[2].partition("</select>")[0]
    assert re.match(r'{% if \w+ \| length > 1 %}<option value=""></option>{% endif %}', options)
