"""Commands as pages and files show them: do they, their options and arguments exist?"""

from __future__ import annotations

from enum import Enum
from typing import Any

from typer.main import get_command

from node.cli.main import app


def resolve(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words name, and the words after its name."""
    command: Any = get_command(app)
    rest = words
    while hasattr(command, "list_commands"):
        if not rest or (rest[0].startswith("-") and command.invoke_without_command):
            return command, rest
        found = command.get_command(None, rest[0])
        if found is None and (default := getattr(command, "default", None)):
            return command.get_command(None, default), rest
        assert found is not None, f"no command {rest[0]!r}"
        command, rest = found, rest[1:]
    return command, rest


def check(words: list[str]) -> None:
    """Check options, their values among choices, and the number of arguments."""
    command, rest = resolve(words)
    options: dict[str, Any] = {}
    arguments: list[Any] = []
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            arguments.append(parameter)
        else:
            options |= dict.fromkeys((*parameter.opts, *parameter.secondary_opts), parameter)
    given: list[str] = []
    used: set[str] = set()
    words_left = iter(rest)
    for word in words_left:
        if not word.startswith("-"):
            given.append(word)
            continue
        name, _, value = word.partition("=")
        assert name in options, f"no option {name}"
        option = options[name]
        used.add(option.name)
        if not option.is_flag:
            check_choice(option, value or next(words_left))
    missing = [o.opts[0] for o in options.values() if o.required and o.name not in used]
    assert not missing, f"required: {missing}"
    many = any(argument.nargs == -1 for argument in arguments)
    least = sum(argument.required for argument in arguments)
    assert least <= len(given), f"{len(given)} arguments, at least {least} are needed"
    assert many or len(given) <= len(arguments), f"{len(given)} arguments are too many"
    for argument, word in zip(arguments, given, strict=False):
        check_choice(argument, word)


def check_choice(parameter: Any, value: str) -> None:
    kind = parameter.type_descriptor.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        assert value in {member.value for member in kind}, f"{parameter.name}: {value}"
