"""A plugin of pytest that lays down each page the tests of the console are answered.

    HUXIN_PAGES=DIR python -m pytest -p tests.browser.laying tests/node/console

One file for each state of a template, in either language: pages whose tags, classes and order are
the same are laid once. `test_every_state.py` looks at them in a browser. What the tests say of
themselves meanwhile does not count: a page is asked for twice.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeAlias

from node.console.app import LANGUAGE
from node.console.rendering import Rendering
from node.console.words import Language, Pair
from tests.support.asgi import Answered
from tests.support.console import Browser

FOLDER: Final = Path(os.environ["HUXIN_PAGES"])
_SHAPE: Final = re.compile(r"<(/?[a-z0-9]+)|class=\"([^\"]*)\"| (?:open|checked|hidden)\b")
Rendered: TypeAlias = Callable[[Language], str]
_rendered: list[tuple[str, Rendered]] = []
_laid: set[str] = set()
_numbers: Counter[str] = Counter()
_render, _asked = Rendering.render, Browser._asked


def _noted(
    self: Rendering, template: str, language: Language, texts: Mapping[str, Pair], **values: Any
) -> str:
    _rendered.append((template, lambda said: _render(self, template, said, texts, **values)))
    return _render(self, template, language, texts, **values)


def _twice(
    self: Browser, method: str, target: str, headers: Sequence[tuple[str, str]], body: bytes
) -> Answered:
    """Ask; what is answered by a page is asked for in each language, as far as it is given again.

    A page that is given once, such as the one after signing out, is rendered anew.
    """
    _rendered.clear()
    answered = _asked(self, method, target, headers, body)
    if _rendered:
        template, rendered = _rendered[-1]
        before = dict(self.cookies)
        for language in Language:
            self.cookies = before | {LANGUAGE: language.value}
            _rendered.clear()
            page = _asked(self, method, target, headers, body).body.decode()
            again = bool(_rendered) and _rendered[-1][0] == template
            _lay(
                language.value,
                template.removesuffix(".html"),
                page if again else rendered(language),
            )
        self.cookies = before
    return answered


def _lay(language: str, template: str, page: str) -> None:
    shape = "".join(one.group(0) for one in _SHAPE.finditer(page))
    state = f"{language} {template} {sha256(shape.encode()).hexdigest()}"
    if state in _laid:
        return
    _laid.add(state)
    _numbers[f"{language}-{template}"] += 1
    folder = FOLDER / language
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{template}.{_numbers[f'{language}-{template}']:02}.html"
    (folder / name).write_text(page, "utf-8")


Rendering.render = _noted  # type: ignore[method-assign]
Browser._asked = _twice  # type: ignore[method-assign]
