"""Leaves TLS 1.2 no cipher suite; to be imported before `grpc` (SPEC §9.1).

grpcio has no switch for the version. Its library reads `GRPC_SSL_CIPHER_SUITES` once, when it is
loaded; the one suite named here needs a pre-shared key that nobody has, and TLS 1.3 has suites of
its own that the variable does not touch. A client that offers only TLS 1.2 finds no suite in
common and is refused. `node.network.transport` looks at the version of each call as well.
"""

from __future__ import annotations

import os
import sys
from typing import Final

SUITES: Final = "PSK-AES128-CBC-SHA"
_VARIABLE: Final = "GRPC_SSL_CIPHER_SUITES"

if "grpc" not in sys.modules:
    # The one place that writes the environment: it has to happen before any import of grpc.
    os.environ[_VARIABLE] = SUITES  # noqa: TID251
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # noqa: TID251
    """Its lines are no JSON and say nothing that our own log does not."""

IN_TIME: Final = os.environ.get(_VARIABLE) == SUITES  # noqa: TID251
"""Whether the variable was set when grpc was loaded."""


def require() -> None:
    """Refuse to go on where grpc was imported without the setting.

    Raises:
        RuntimeError: the program's fault: an import stands before that of this module.
    """
    if not IN_TIME:
        message = f"grpc was imported before {__name__}: TLS 1.2 would be accepted"
        raise RuntimeError(message)
