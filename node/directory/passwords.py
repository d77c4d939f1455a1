"""Passwords and tokens that lie in files of their own, one line each, for the node's user alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from node.directory.config import ConfigError

_PASSWORD_MAX: Final = 1024


def read_password(path: Path, setting: str) -> str:
    """Read one.

    Args:
        path: the file.
        setting: of the configuration that names it, for errors.

    Raises:
        ConfigError: it cannot be read, others may read it, or it is no line of text.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(_PASSWORD_MAX + 1)
    except OSError as error:
        message = f"{setting}: expected a readable file, got: {error}"
        raise ConfigError(message) from error
    if mode & 0o077:
        message = f"{setting}: {path}: expected mode 0600, got {mode:04o}; chmod 600 it"
        raise ConfigError(message)
    try:
        password = content.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        password = ""
    if not password or len(content) > _PASSWORD_MAX:
        message = f"{setting}: {path}: expected a password as one line of UTF-8"
        raise ConfigError(message)
    return password
