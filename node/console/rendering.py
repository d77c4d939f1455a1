"""Templates: everything escaped, nothing undefined, what cannot be seen written out (CN6)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files
from typing import Final

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound
from markupsafe import Markup

from federation.visible import visible
from node.console import words
from node.console.assets import Assets
from node.console.texts.shell import TEXTS as SHELL
from node.console.words import Language, Pair
from node.texts.fields import STATES, VERDICTS
from node.texts.said import said

_LISTS: Final[Mapping[str, Mapping[str, Pair]]] = {"state": STATES, "verdict": VERDICTS}


class _Templates(BaseLoader):
    """The package's own templates."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, None]:
        """See `jinja2.BaseLoader`."""
        del environment
        path = files("node.console") / "templates" / template
        try:
            return path.read_text("utf-8"), str(path), None
        except FileNotFoundError:
            raise TemplateNotFound(template) from None


class Rendering:
    """Makes pages of templates; on the loop alone."""

    def __init__(self, assets: Assets, city: str, provider: str = "") -> None:
        """Take what stands in every page.

        Args:
            assets: named in pages.
            city: whose console this is.
            provider: what the identity provider is called; empty where there is none.
        """
        self.provider = provider
        self._always = {"asset": assets.path, "city": city, "provider": provider}
        self._environment = _environment()

    def render(
        self, template: str, language: Language, texts: Mapping[str, Pair], **values: object
    ) -> str:
        """Fill in a template.

        In it stand `t(key)`, a text of the page or of the shell, also with fields, `t("n", n=3)`;
        `code(c)`, what a code says; `word(kind, w)`, a state or verdict; `span(seconds)`;
        `between.list`, `then`, `colon`, `stop`, what stands between words.
        """
        return self._environment.get_template(template).render(
            language=language,
            t=partial(self._text, texts, language),
            code=partial(said_of_code, language),
            word=partial(_word, language),
            span=lambda seconds: words.span(seconds, language),
            between={name: language.of(pair) for name, pair in words.BETWEEN.items()},
            **self._always,
            **values,
        )

    def text(self, key: str, texts: Mapping[str, Pair], language: Language) -> str:
        """A text of a page, or of the shell."""
        return self._text(texts, language, key)

    @staticmethod
    def _text(texts: Mapping[str, Pair], language: Language, key: str, **values: object) -> str:
        pair = texts[key] if key in texts else SHELL[key]
        return language.of(pair).format(**values) if values else language.of(pair)


@cache
def _environment() -> Environment:
    """Templates of the package, compiled once in a process."""
    made = Environment(
        loader=_Templates(),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "day": words.day,
        "moment": words.moment,
        "count": words.count,
        "half": words.half,
    }
    return made


def said_of_code(language: Language, code: str) -> str:
    """What a code says, in the language of who looks."""
    return said(code, english=language is Language.EN)


def _word(language: Language, kind: str, word: str) -> str:
    pair = _LISTS[kind].get(word)
    return word if pair is None else language.of(pair)


def _seen(value: object) -> object:
    """What a template puts in: a text with what cannot be seen in it written out."""
    return visible(value) if type(value) is str and not isinstance(value, Markup) else value
