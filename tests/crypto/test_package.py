"""What the package shows, and what it must not do."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import crypto

PACKAGE = Path(inspect.getfile(crypto)).parent
PURE = {
    "__future__", "binascii", "collections", "crypto", "dataclasses", "enum", "functools",
    "hashlib", "hmac", "json", "nacl", "re", "typing", "zlib",
}  # fmt: skip


def test_every_public_name_exists_once() -> None:
    assert len(crypto.__all__) == len(set(crypto.__all__))
    for name in crypto.__all__:
        assert hasattr(crypto, name), name


def test_no_clock_randomness_or_io_is_imported() -> None:
    for file in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            else:
                continue
            # HPKE draws its ephemeral keys itself; `crypto.hpke` says why.
            allowed = PURE | {"cryptography"} if file.name == "hpke.py" else PURE
            assert {module.partition(".")[0] for module in modules} <= allowed, file.name
