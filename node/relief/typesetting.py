"""Sets the page of a certificate; the same facts, template, typesetter and font: the same bytes.

What stands on the page is data for the template, never markup. A verifier sets the page anew from
the evidence and compares the whole file, so that no word of it can say what the evidence does not.
"""

from __future__ import annotations

import io
import json
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, StrictUndefined

from crypto.strict import b64
from federation.errors import RefusedError
from federation.relief.certificate import CertificateFacts, tlog_policy
from federation.relief.evidence import PageVersion
from federation.visible import visible
from node.relief.certificate_words import page_of
from node.system.clock import CHINA

TEMPLATE: Final = "6"
"""Number of the template; changes with every change of `certificate.typ` or of the words, so that
no older certificate is taken for a false one."""
QR_MAX: Final = 300
"""Bytes in the QR code."""
_TEMPLATES: Final = "templates"
_FONT: Final = "Noto Sans SC"
_FONT_PACKAGE: Final = "pylopdf_fonts_zh_cn"
_FONT_FILE: Final = "NotoSansSC-Regular.otf"


def page_version() -> PageVersion:
    """By what this program sets a page.

    Raises:
        RefusedError: `repair-certificate.no-font`: font or typesetter are not installed.
    """
    return PageVersion(template=TEMPLATE, typst=_typst_version(), font=_font_digest(font_file()))


def font_file() -> Path:
    """The font that pages are set in.

    Raises:
        RefusedError: `repair-certificate.no-font`.
    """
    spec = find_spec(_FONT_PACKAGE)
    places = () if spec is None else tuple(spec.submodule_search_locations or ())
    for place in places:
        if (path := Path(place) / _FONT_FILE).is_file():
            return path
    message = (
        f"no Chinese font: expected {_FONT_FILE} of the package pylopdf-fonts-zh-cn; "
        "pip install pylopdf-fonts-zh-cn"
    )
    raise RefusedError("repair-certificate.no-font", message)


def set_page(facts: CertificateFacts, evidence: bytes) -> bytes:
    """Set a certificate as PDF/A-3b with its evidence attached; not sealed yet.

    Args:
        facts: what the evidence proves.
        evidence: the file, attached as it is.

    Raises:
        RefusedError: `repair-certificate.no-font`.
    """
    _typst_version()
    import typst  # noqa: PLC0415 - 80 MB, which only certificates need

    document = _shown(page_of(facts), _drawn(font_file())) | {
        "font": _FONT,
        "qr": _qr(facts).decode(),
        "made": _date_parts(facts.evidence.at),
    }
    template = files("node.relief") / _TEMPLATES / "certificate.typ"
    with as_file(template) as path:
        made = typst.compile(
            str(path),
            font_paths=[str(font_file().parent)],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=["a-3b"],
            timestamp=facts.evidence.at,
            sys_inputs={
                "page": json.dumps(document, ensure_ascii=False),
                "evidence": evidence.decode(),
                "policy": tlog_policy(facts).decode(),
            },
        )
    return bytes(made)


def render_html(facts: CertificateFacts) -> bytes:
    """The same page as HTML, for reading; nothing seals it."""
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    source = (files("node.relief") / _TEMPLATES / "certificate.html.j2").read_text("utf-8")
    qr = b64(_qr(facts))
    return environment.from_string(source).render(page=_shown(page_of(facts)), qr=qr).encode()


def qr_text(facts: CertificateFacts) -> str:
    """What the QR code says: where the relief stands, and how to check it."""
    lines = (
        facts.relief_origin,
        str(facts.relief_index),
        b64(facts.leaf_hash),
        facts.evidence.number,
        facts.evidence.check,
    )
    return "\n".join(lines).removesuffix("\n")


def _qr(facts: CertificateFacts) -> bytes:
    import segno  # noqa: PLC0415 - which only certificates need

    text = qr_text(facts)
    if len(text.encode()) > QR_MAX:
        message = f"expected at most {QR_MAX} bytes in the QR code; give a shorter address"
        raise RefusedError("repair-certificate.malformed", message)
    picture = io.BytesIO()
    segno.make_qr(text, error="m").save(picture, kind="svg", xmldecl=True, svgns=True, border=2)
    return picture.getvalue()


def _typst_version() -> str:
    try:
        return version("typst")
    except PackageNotFoundError as error:
        message = "the typesetter is not installed: pip install typst"
        raise RefusedError("repair-certificate.no-font", message) from error


@lru_cache(maxsize=4)
def _font_digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _date_parts(at: int) -> list[int]:
    made = datetime.fromtimestamp(at, CHINA)
    return [made.year, made.month, made.day, made.hour, made.minute, made.second]


@lru_cache(maxsize=4)
def _drawn(path: Path) -> frozenset[int]:
    """The characters that a font draws."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - which only certificates need

    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def _shown(value: Any, drawn: AbstractSet[int] | None = None) -> Any:  # noqa: ANN401 - a JSON document
    """A document with what cannot be seen in its texts written out, or not `drawn` by the font."""
    match value:
        case str():
            text = visible(value)
            return text if drawn is None else "".join(_seen(char, drawn) for char in text)
        case dict():
            return {name: _shown(one, drawn) for name, one in value.items()}
        case list() | tuple():
            return [_shown(one, drawn) for one in value]
        case _:
            return value


def _seen(char: str, drawn: AbstractSet[int]) -> str:
    return char if char in "\n\t" or ord(char) in drawn else f"<U+{ord(char):04X}>"
