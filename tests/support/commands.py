"""Running commands of `huxin` in this process, as a shell would see them."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

import structlog

from node.cli.main import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*arguments: object) -> Ran:
    """Run a command to its end."""
    out, err = io.StringIO(), io.StringIO()
    code: object = "did not exit"
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = ended.code
        finally:
            structlog.reset_defaults()  # commands set up the log of their process, here everybody's
    assert isinstance(code, int), code
    return Ran(code=code, out=out.getvalue(), err=err.getvalue())
