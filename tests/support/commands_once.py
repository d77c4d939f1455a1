"""What the command line is made of is made once in a process of the tests, not for each command.

A program runs one command; the tests run thousands in their process, and reading the same options
off the same functions again was a tenth of what they cost.
"""

from __future__ import annotations

from typing import Any

from node.cli import main as cli
from node.cli.main import COMMANDS, LazyGroup

_cli: Any = cli  # by whose name for it a test may put another `import_module`
_make: Any = LazyGroup.get_command
_MADE: dict[tuple[str, object], Any] = {}
"""By name and function, or group of functions: a test may put another in its place."""


def share() -> None:
    """Let all runs of a command share what typer makes of it."""
    LazyGroup.get_command = _made  # type: ignore[method-assign, assignment]


def _made(group: LazyGroup, ctx: object, cmd_name: str) -> Any:
    if cmd_name not in COMMANDS:
        return _make(group, ctx, cmd_name)
    module, _, attribute = COMMANDS[cmd_name].target.partition(":")
    key = (cmd_name, getattr(_cli.import_module(module), attribute))
    if key not in _MADE:
        _MADE[key] = _make(group, ctx, cmd_name)
    return _MADE[key]
