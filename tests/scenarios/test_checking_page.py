"""docs/zh/checking.md: its curl and Python examples run against a real node, over HTTP.

In the process of the node, and by `huxin http` beside it. Covers node/cli/http.py,
node/web/wiring.py.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import NullPool, create_engine, text

from adapters.platform.tables import METADATA
from federation.statements import Kind
from node.demo.members import YIBIN
from node.demo.processes import LOG_FILE
from node.directory.config import load_config
from node.directory.presence import read_node_file
from tests.support.catalogs import furnish
from tests.support.commands import run
from tests.support.days import AHEAD
from tests.support.federation_dirs import WiredNode, code_of, found, listing_of, name_of
from tests.support.fresh import open_fresh
from tests.support.processes import eventually, serving
from tests.support.screened import MATTER, MEASURE, matters_text

ROOT = Path(__file__).parents[2]
RUNS_OUT = date(2027, 11, 30)
"""Until when the page's credentials and watches are wanted; here it is a day that does not."""
PAGE = (
    (ROOT / "docs" / "zh" / "checking.md")
    .read_text("utf-8")
    .replace(RUNS_OUT.isoformat(), AHEAD.isoformat())
    .replace(f"{RUNS_OUT:%Y%m%d}", f"{AHEAD:%Y%m%d}")
)
API = (ROOT / "docs" / "zh" / "operations" / "api.md").read_text("utf-8")
DESCRIPTION = json.loads((ROOT / "protos" / "openapi.json").read_text("utf-8"))
HUXIN = str(Path(sys.executable).parent / "huxin")
SUBJECT = ("91510522YY0600007N", "泸州示例鑫源运输有限公司（演示）")


def blocks(language: str, page: str = PAGE) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)


def valid(name: str, document: Any) -> None:
    """Hold an answer against the committed description."""
    Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": DESCRIPTION["components"]}
    ).validate(document)


class World:
    """A node that has listed the page's subject, a token for it, and where it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.directory = folder / YIBIN.region
        self.platform = f"sqlite:///{folder / 'platform.db'}"
        found(folder, (YIBIN,))
        config = load_config(self.directory)
        store = open_fresh(config.database_url)
        known = [SUBJECT, *((code_of(n), name_of(n)) for n in range(9))]
        furnish(self.directory, store, known, matters_text())
        store.close()
        self._list()
        (command,) = re.findall(r"^huxin (access new --department .*)$", PAGE, re.MULTILINE)
        (token,) = re.findall(r"hx1_[\w-]{43}", self.command(*shlex.split(command)).out)
        self.token = folder / "token"
        self.token.write_text(token + "\n")
        self.token.chmod(0o600)
        written = (self.directory / "huxin.toml").read_text()
        listening = written.replace('\nlisten = ""', '\nlisten = "127.0.0.1:0"', 1)
        platform = f"""
[platform.city]
url = "sqlite:///{folder / "platform.db"}"
checks = {{ tender = "{self.token}" }}
"""
        (self.directory / "huxin.toml").write_text(listening + platform)
        METADATA.create_all(create_engine(self.platform, poolclass=NullPool))

    def _list(self) -> None:
        node = WiredNode(self.directory)
        content = listing_of(node.me, 1)
        subject = replace(content.subject, code=SUBJECT[0], name=SUBJECT[1])
        draft = (int(Kind.LISTING), 0, b"", replace(content, subject=subject))
        node.submit(node.registry.publish("page", [draft], ""))
        node.close()

    def command(self, *arguments: object) -> Any:
        done = run(*arguments, "--dir", self.directory)
        assert done.code == 0, done.err
        return done

    def bash(self, url: str, block: str, token: Path | None = None, **more: str) -> str:
        """Run a block of the page."""
        (self.folder / "ask.py").write_text(blocks("python")[0], "utf-8")
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", block],
            env={
                "PATH": path,
                "TZ": "CST-8",  # `date` is that of the city
                "HUXIN_URL": url,
                "HUXIN_TOKEN_FILE": str(token or self.token),
                **more,
            },
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout

    def get(self, url: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token.read_text().strip()}"}
        request = urllib.request.Request(url + path, None, headers)  # noqa: S310 - our own
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own
            return json.load(answer)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    one = World(tmp_path_factory.mktemp("page"))
    with serving(one.folder, (YIBIN,)):
        yield one


@contextmanager
def beside(world: World) -> Iterator[str]:
    """`huxin http` beside the node."""
    log = world.folder / "http.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [HUXIN, "http", "--dir", str(world.directory), "--listen", "127.0.0.1:0"],
            cwd=ROOT,
            stderr=out,
        )
    try:
        until = time.monotonic() + 30
        while not (said := re.search(r'"port": ([0-9]+)', log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        process.send_signal(signal.SIGHUP)  # of a reload, of a terminal that closes: it goes on
        yield f"http://127.0.0.1:{said[1]}"
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_the_examples_of_the_page_run(world: World) -> None:
    url = f"http://127.0.0.1:{read_node_file(world.directory).http_port}"
    curl, many, _, python = blocks("bash")
    answer = json.loads(world.bash(url, curl))
    valid("Answer", answer)
    assert (answer["result"], answer["complete"]) == ("match", True)
    ((match,), (measure,)) = (answer["matches"], answer["matches"][0]["measures"])
    assert (measure["code"], measure["class"]) == (MEASURE, "prompt")
    assert match["no_measure"] == ""
    again = json.loads(world.bash(url, curl))
    assert again["number"] == answer["number"], "sent again, it is the same question"
    batch = json.loads(world.bash(url, many))
    valid("BatchAnswer", batch)
    assert (batch["rows"], batch["matches"], batch["clear"]) == (2, 1, 1)
    ((found,),) = (batch["others"],)
    assert (found["row"], found["matches"][0]["measures"][0]["code"]) == (1, MEASURE)
    first, second, third, *_ = world.bash(url, python).splitlines()
    assert first.endswith(" match")
    assert second.startswith("提示承办人 ")
    reported = ast.literal_eval(third)
    valid("Reported", reported)
    assert reported["state"] == "reported"


def test_the_pages_table_is_checked_beside_the_running_node(world: World) -> None:
    (command,) = re.findall(r"^huxin (check --file .*) --dir DEMO/511500$", PAGE, re.MULTILINE)
    rows = [SUBJECT, (code_of(8), name_of(8))]
    text = "\n".join(["统一社会信用代码,投标人名称", *(",".join(row) for row in rows), ""])
    (world.folder / "bidders.csv").write_text(text, "utf-8")
    words = shlex.split(command)
    for name in ("bidders.csv", "result"):
        words[words.index(name)] = str(world.folder / name)
    done = run(*words, "--dir", world.directory)
    assert done.code == 1, done.err
    results = (world.folder / "result" / "result.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[1] for line in results] == ["result", "match", "clear"]


def test_the_same_by_the_process_beside_the_node(world: World) -> None:
    with beside(world) as url:
        curl, many, *_ = blocks("bash")
        answer = json.loads(world.bash(url, curl.replace("-1", "-3")))
        valid("Answer", answer)
        assert answer["result"] == "match"
        valid("BatchAnswer", json.loads(world.bash(url, many.replace("-1", "-4"))))
        for path, name in (("/v1/matters", "Matters"), ("/v1/measures", "Measures")):
            valid(name, world.get(url, path))
        matters = world.get(url, "/v1/matters")["matters"]
        assert MATTER in {matter["code"] for matter in matters}
        assert world.get(url, "/healthz") == {"status": "ok"}
        with pytest.raises(urllib.error.HTTPError) as exposed:
            world.get(url, f"/v1/matters?token={world.token.read_text().strip()}")
        problem = json.load(exposed.value)
    valid("Problem", problem)
    assert problem["code"] == "access.token-exposed"
    said = run("status", "--dir", world.directory, "-o", "json").json
    assert "access.token-exposed" in [one["code"] for one in said["problems"]]
    say_nothing_of_it(world, world.directory / LOG_FILE, world.folder / "http.log")


def watch_block() -> str:
    (block,) = [one for one in blocks("bash") if "/v1/watches" in one]
    return block


def watched(out: str) -> None:
    """What the page's requests about a watch were answered: a page, an empty one, the end."""
    page, empty, closed = (json.loads(one) for one in re.split(r"(?<=})(?={)", out))
    for one in (page, empty):
        valid_answer("listWatchEvents", one)
    (event,) = page["events"]
    assert (event["code"], event["result"], event["row"]) == (SUBJECT[0], "match", 1)
    assert [one["code"] for one in event["changed"]] == ["watch.now-match", "watch.match-began"]
    assert (empty["events"], empty["more"], empty["pending"]) == ([], False, 0)
    valid_answer("closeWatch", closed)
    assert closed["state"] == "closed"


def valid_answer(operation: str, document: Any) -> None:
    """Hold an answer against what the description says of its operation."""
    (answer,) = [
        one["responses"]["200"]["content"]["application/json"]["schema"]
        for path in DESCRIPTION["paths"].values()
        for one in path.values()
        if isinstance(one, dict) and one.get("operationId") == operation
    ]
    Draft202012Validator(answer | {"components": DESCRIPTION["components"]}).validate(document)


def test_the_watch_of_the_page_is_told_and_ends(world: World) -> None:
    url = f"http://127.0.0.1:{read_node_file(world.directory).http_port}"
    watched(world.bash(url, watch_block()))


def test_the_commands_of_the_page_about_watches_run(world: World) -> None:
    (world.folder / "bidders.csv").write_text(f"代码,名称\n{SUBJECT[0]},{SUBJECT[1]}\n")
    opening, listing, reading, closing = re.findall(r"^huxin (check watch .*)$", PAGE, re.MULTILINE)
    words = shlex.split(opening.replace("bidders.csv", str(world.folder / "bidders.csv")))
    number = world.command(*words, "-o", "json").json["watch"]
    assert number in world.command(*shlex.split(listing)).out

    def of_it(command: str) -> list[str]:
        return [
            word if word.count("-") != 2 or word[0] == "-" else number
            for word in shlex.split(command)
        ]

    # Where a shell put the tests into the background they ignore it, and so does what they start.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [HUXIN, *of_it(reading), "-o", "json", "--dir", str(world.directory)],
            stdout=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        try:
            assert process.stdout is not None
            page = json.loads(process.stdout.readline())
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            process.kill()
    assert [one["code"] for one in page["events"]] == [SUBJECT[0]]
    assert "已结束" in world.command(*of_it(closing)).out


def test_a_row_of_the_table_is_answered_by_the_same_desk(world: World) -> None:
    (block,) = blocks("sql")
    laid, asked = block.split(";\n")[:2]
    engine = create_engine(world.platform, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(laid))

    def answered() -> list[Any]:
        with engine.connect() as connection:
            return list(connection.execute(text(asked)).mappings())

    eventually("the row is answered", lambda: not answered())
    (row,) = answered()
    assert (row["result"], row["complete"], row["reason"]) == ("match", 1, "")
    (match,) = json.loads(row["measures"])
    assert [one["code"] for one in match["measures"]] == [MEASURE]


def test_the_examples_of_the_page_for_programs_run(world: World) -> None:
    """As an operator's program, through `huxin http` too; answers are those of the commands.

    The last of all: it notes an objection to the record.
    """
    made = world.command(
        *("access", "new", "--department", "宜宾市信用办（演示）", "--role", "operator"),
        *("--expires", AHEAD.isoformat(), "--by", "李某"),
    )
    (said,) = re.findall(r"hx1_[\w-]{43}", made.out)
    token = world.folder / "operator"
    token.write_text(said + "\n")
    file = world.folder / "repairs.csv"
    rows = f"声明编号,修复决定文书号,修复日期\n{'0' * 32},宜信修〔2026〕1号,20261120\n"
    file.write_text(rows, "utf-8")
    listed = json.loads(world.command("records", "list", "-o", "json").out)
    own = next(one["statement_id"] for one in listed if one["subject"]["code"] == SUBJECT[0])
    with beside(world) as url:
        more = {"STATEMENT": own, "FILE": str(file)}
        answers = [
            json.loads(world.bash(url, block, token, **more)) for block in blocks("bash", API)
        ]
        records, found, annotated, published = answers
        assert records == {"records": listed, "next_page_token": ""}
        assert [one["statement_id"] for one in found["records"]] == [own]
        assert annotated["annotated"]["statement_id"] == own
        again = json.loads(world.bash(url, blocks("bash", API)[2], token, **more))
        assert again["index"] == annotated["index"], "the same request is the same act"
        assert "errors" in published, published["detail_en"]
        (fault,) = published["errors"]
        assert published["faults"] == {fault["code"]: 1}
        assert not list((world.directory / "uploads").iterdir())
        department = json.loads(world.bash(url, blocks("bash", API)[0]))
        assert department["code"] == "access.denied"
        listing = blocks("bash", API)[0]
        for name, command in (("", ("records", "show", own)), ("/proof", ("proof", own))):
            asked = listing.replace("records?state=active&page_size=100", f"records/{own}{name}")
            shown = json.loads(world.bash(url, asked, token))
            told = json.loads(world.command(*command, "-o", "json").out)
            later = {"size", "root", "proof"}  # of a checkpoint, which may be a newer one
            assert {k: v for k, v in shown.items() if k not in later} == {
                k: v for k, v in told.items() if k not in later
            }


def say_nothing_of_it(world: World, *logs: Path) -> None:
    """No log names the subject or the token."""
    for log in logs:
        said = log.read_text("utf-8")
        for secret in (*SUBJECT, world.token.read_text().strip()):
            assert secret not in said
