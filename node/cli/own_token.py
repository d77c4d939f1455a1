"""The token of who types a command, where a role is held by somebody and no more by the socket."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from node.services.askers import AUTHORIZATION

TOKEN_MAX: Final = 256

TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        exists=True,
        dir_okay=False,
        help="本人令牌所在文件，该角色有专人后用 / Your own token, once somebody holds the role",
    ),
]


def own_token(file: Path | None) -> tuple[tuple[str, str], ...]:
    """The metadata of the call; none where no file is named.

    Raises:
        OSError: it cannot be read.
    """
    if file is None:
        return ()
    with file.open("rb") as opened:
        token = opened.read(TOKEN_MAX).decode("ascii", "replace").strip()
    return ((AUTHORIZATION, f"Bearer {token}"),)
