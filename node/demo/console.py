"""The console 控制台 of a demo that stays up: 宜宾's, on the loopback address, and its people.

One does the work 经办, two decide 复核, as to use a listing takes two: no account may both (AC3). A
department asks, and each of the three administrators 三员 is another person. Who appoints comes
last: from then on the node's own socket makes no account.

Each has a password of its own already, so that whoever looks at the demo signs in with what stands
in the terminal. A code opens once and lasts for half a minute: Enter shows the next ones, and where
there is no terminal they are told again and again.
"""

from __future__ import annotations

import json
import re
from base64 import b32decode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from huxin.v1 import accounts_pb2 as pb

from adapters.files.atomic import write_atomically
from federation.charters.values import PURPOSES
from federation.errors import RefusedError
from federation.screening.roles import Role
from node.access import totp
from node.cli.client import Services
from node.demo.furnishing import PERSONS
from node.demo.members import YIBIN
from node.demo.words import Words
from node.directory.config import FILE_NAME, load_config
from node.directory.presence import read_node_file
from node.system.clock import SystemClock
from node.system.entropy import token
from node.texts.fields import Pair

UNIT: Final = "宜宾市信用办（演示）"
DEPARTMENT: Final = "宜宾市财政局（演示）"
MATTERS: Final = ("bidding", "government-funds")
LAST_DAY: Final = 20991231
_PASSWORD_SIZE: Final = 6
_HEAD: Final = (
    "控制台（宜宾），在浏览器里打开；动态码用一次、半分钟有效，按回车看新的",
    "The console of Yibin, in a browser; a code opens once, for half a minute: Enter for the next",
)
_HEAD_UNASKED: Final = (
    "控制台（宜宾），在浏览器里打开；动态码用一次、半分钟有效，新的随后列出",
    "The console of Yibin, in a browser; a code opens once, for half a minute; new ones follow",
)
_LINE: Final = (
    "{post}：用户名 {name}  口令 {password}  动态码 {code}",
    "{post}: name {name}  password {password}  code {code}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What somebody does at the console: the account's name, its role, its post."""

    name: str
    role: Role
    post: Pair
    unit: str = UNIT


PARTS: Final = (
    Part(name="jia", role=Role.OPERATOR, post=("经办", "does the work")),
    Part(name="yi", role=Role.REVIEWER, post=("复核", "decides")),
    Part(name="wu", role=Role.REVIEWER, post=("复核第二人", "decides as second")),
    Part(name="ren", role=Role.DEPARTMENT, post=("部门", "asks for a department"), unit=DEPARTMENT),
    Part(name="xin", role=Role.SYSTEM, post=("系统管理员", "runs the node")),
    Part(name="ji", role=Role.AUDIT, post=("审计员", "reads who asked")),
    Part(name="geng", role=Role.SECURITY, post=("安全管理员", "makes accounts")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One account: what its person types."""

    part: Part
    password: str
    secret: bytes

    def code(self, at: int) -> str:
        """The code of a moment, in seconds UTC."""
        return totp.code_at(self.secret, totp.step_of(at))


def open_console(directory: Path, port: int) -> None:
    """Let 宜宾's node, which is not started yet, serve the console at a port of the loopback.

    Raises:
        RefusedError: `demo.config`: the file is not as `init` wrote it.
    """
    path = directory / YIBIN.region / FILE_NAME
    head, http, rest = path.read_text("utf-8").partition("[http]\n")
    rest, listens = re.subn(r'(?m)^listen = ""$', f'listen = "127.0.0.1:{port}"', rest, count=1)
    rest, shown = re.subn(r"(?m)^console = false$", "console = true", rest)
    if (listens, shown) != (1, 1):
        message = f"{path}: expected lines `listen` and `console` in [http]"
        raise RefusedError("demo.config", message)
    write_atomically(path, (head + http + rest).encode(), mode=0o600)
    load_config(path.parent)


def make_logins(node: Services) -> tuple[Login, ...]:
    """Make the accounts at 宜宾's node, with passwords that are not the first ones."""
    return tuple(_made(node, part) for part in PARTS)


def _made(node: Services, part: Part) -> Login:
    asks = part.role in (Role.OPERATOR, Role.DEPARTMENT)
    wanted = pb.NewAccountRequest(
        name=part.name,
        unit=part.unit,
        post=part.post[0],
        roles=[part.role],
        matters=MATTERS if asks else (),
        purposes=tuple(PURPOSES) if asks else (),
        budget=1000,
        expires_on=LAST_DAY,
        by=PERSONS[0],
    )
    made = node.accounts.NewAccount(wanted)
    typed = token(_PASSWORD_SIZE).hex()
    password = "-".join(typed[at : at + 4] for at in range(0, len(typed), 4))
    secret = b32decode(made.secret)
    # With the code before this one, which counts as well: this one is for who looks.
    before = totp.code_at(secret, totp.step_of(SystemClock().now()) - totp.DRIFT)
    opening = pb.OpenSessionRequest(
        name=part.name, password=made.password, code=before, new_password=password
    )
    opened = json.loads(node.accounts.OpenSession(opening).json)
    bearer = (("authorization", f"Bearer {opened['token']}"),)
    node.accounts.CloseSession(pb.CloseSessionRequest(), metadata=bearer)
    return Login(part=part, password=password, secret=secret)


def address(directory: Path) -> str:
    """Where the console of the running node is."""
    return f"http://127.0.0.1:{read_node_file(directory / YIBIN.region).http_port}/"


def told(
    where: str, logins: Sequence[Login], at: int, words: Words, *, terminal: bool
) -> Sequence[str]:
    """What to open and to type, with the codes of a moment; at a `terminal` Enter is pressed."""
    return (
        words.pick(_HEAD if terminal else _HEAD_UNASKED),
        f"  {where}",
        *(
            "  "
            + words.pick(_LINE).format(
                post=words.pick(one.part.post),
                name=one.part.name,
                password=one.password,
                code=one.code(at),
            )
            for one in logins
        ),
    )
