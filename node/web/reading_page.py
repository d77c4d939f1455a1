"""The description of the interface as a page for people: no script, nothing from elsewhere.

It says the same to everybody and knows nothing of a node, a caller or a subject.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from html import escape
from typing import Any, Final

from node.web import problems

_STYLE: Final = """\
body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:16px/1.6 sans-serif;color:#1b2733}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2rem 0 .3rem;border-top:1px solid #d5dce3;
padding-top:1rem}code{background:#f0f3f6;padding:0 .25rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}
td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;
border-bottom:1px solid #e6ebf0}
"""
_DIGEST: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()
HEADERS: Final[dict[str, str]] = {
    **problems.SECURITY_HEADERS,
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}
MEDIA_TYPE: Final = "text/html; charset=utf-8"
_METHODS: Final = ("get", "post")


def page(description: Mapping[str, Any]) -> bytes:
    """Return the page of a description (`node.web.openapi`)."""
    info = description["info"]
    about = "".join(f"<p>{escape(part)}</p>" for part in info["description"].split("\n\n"))
    operations = "".join(_operations(description))
    return (
        '<!doctype html><html lang="zh"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style>"
        f"<h1>{escape(info['title'])} · HTTP</h1>{about}"
        '<p><a href="openapi.json">openapi.json</a> (OpenAPI 3.1)</p>'
        f"{operations}</html>"
    ).encode()


def _operations(description: Mapping[str, Any]) -> Iterator[str]:
    for path, item in description["paths"].items():
        for method in _METHODS:
            if method in item:
                shared = item.get("parameters", ())
                yield _operation(description, f"{method.upper()} {path}", shared, item[method])


def _operation(
    description: Mapping[str, Any],
    title: str,
    shared: Iterable[Mapping[str, Any]],
    operation: Mapping[str, Any],
) -> str:
    rows = [
        (one["name"], one["in"], one.get("required", False), one.get("description", ""))
        for one in (*shared, *operation.get("parameters", ()))
    ]
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = _followed(description, content["schema"])
        required = schema.get("required", ())
        fields = schema.get("properties", {})
        rows += [
            (name, kind, name in required, field.get("description", ""))
            for name, field in fields.items()
        ] or [("", kind, True, "")]
    table = "".join(
        f"<tr><td><code>{escape(name)}</code><td>{escape(where)}<td>{'✓' if needed else ''}"
        f"<td>{escape(text)}"
        for name, where, needed, text in rows
    )
    head = "<tr><th>名称 / name<th>位置 / in<th>必填 / required<th>说明 / what it is"
    answers = ", ".join(operation["responses"])
    return (
        f"<h2><code>{escape(title)}</code></h2><p>{escape(operation['summary'])}</p>"
        f"{f'<table>{head}{table}</table>' if rows else ''}<p>{escape(answers)}</p>"
    )


def _followed(description: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Mapping[str, Any] = description["components"]["schemas"][name] if name else schema
    return found
