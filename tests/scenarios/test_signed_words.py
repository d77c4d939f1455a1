"""Persons sign what they say: the commands of docs/reconciliation.md, and what is refused.

Covers node/cli/sign.py, node/cli/signing.py, node/intake/signed_mappings.py,
node/persons/roster.py, node/publishing/relisting.py, node/reconcile/signature_check.py.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from huxin.v1.access_pb2 import NewCredentialRequest
from huxin.v1.access_pb2_grpc import AccessStub
from huxin.v1.cases_pb2 import DecideCaseRequest
from huxin.v1.cases_pb2_grpc import CasesStub

from adapters.files.mapping import BUILT_IN
from crypto.keys import VerifierKey
from node.app.local import connect
from node.app.wiring import build
from node.directory.config import FILE_NAME
from node.network.errors import error_of
from tests.support.asgi import Answered, ask
from tests.support.cased import DOCUMENT, EXAMPLE_ID, PEER, make_case, reconcile
from tests.support.catalogs import edition_text
from tests.support.commands import Ran, run
from tests.support.days import REPAIRED
from tests.support.federation_dirs import LIST_TYPE, write_list
from tests.support.operated import Operated, Reached

PERSONS = {"张某": "zhang.key", "李某": "li.key"}
FINDINGS = 1
JSON = ("Content-Type", "application/json")
REFUSED = 3


def signing_commands() -> list[list[str]]:
    """The commands of the document that are about keys and signatures, in their order."""
    section = DOCUMENT.read_text("utf-8").split("## Signed words")[1].split("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    lines = [line.removeprefix("$ huxin ") for block in blocks for line in block.splitlines()]
    return [shlex.split(line) for line in lines]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A directory with a case and a key for each person, to be copied; their verifier keys."""
    folder = make_case(tmp_path_factory.mktemp("prepared"))
    vkeys: dict[str, str] = {}
    for name, file in PERSONS.items():
        vkeys[name] = run("keys", "person", name, "--out", folder / file, "-o", "json").json["vkey"]
        assert (folder / file).stat().st_mode & 0o777 == 0o600
    run("catalog", "library", folder / "subjects.csv", "--dir", folder / PEER.region)
    reconcile(folder / PEER.region)
    return folder, vkeys


class Town:
    """泸州, whose persons have keys, with one listing of 自贡 that waits for them."""

    def __init__(self, folder: Path, vkeys: dict[str, str]) -> None:
        self.folder = folder
        self.node = folder / PEER.region
        self.case = (folder / "id").read_text()
        self.vkeys = vkeys
        self.name_persons(vkeys)

    def name_persons(self, vkeys: dict[str, str]) -> None:
        path = self.node / FILE_NAME
        lines = "".join(f"{_quoted(name)} = {_quoted(vkey)}\n" for name, vkey in vkeys.items())
        section = re.compile(r'^\[persons\]\n(?:".*\n)*', re.MULTILINE)
        text = section.sub(lambda _: f"[persons]\n{lines}", path.read_text("utf-8"))
        path.write_text(text, "utf-8")

    def run(self, *words: object) -> Ran:
        return run(*words, "--dir", self.node)

    def decide(self, person: str, key: str | None, verdict: str = "use", *, shown: str = "") -> Ran:
        more = (() if key is None else ("--key", self.folder / key)) + (
            ("--shown", shown) if shown else ()
        )
        return self.run(
            "cases", "decide", self.case, verdict, "--by", person, "--reason", "已核对", *more
        )

    def history(self) -> Sequence[dict[str, Any]]:
        shown = self.run("cases", "show", self.case, "-o", "json").json
        history: list[dict[str, Any]] = shown["history"]
        return history

    def states(self) -> list[str]:
        reconcile(self.node)
        return sorted(r["state"] for r in self.run("records", "list", "-o", "json").json)


@pytest.fixture
def town(
    prepared: tuple[Path, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Town:
    folder, vkeys = prepared
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return Town(tmp_path, dict(vkeys))


def assert_refused(ran: Ran, code: str) -> None:
    assert (ran.code, code in ran.err) == (REFUSED, True), ran.err


def test_the_commands_of_the_document_do_what_it_says(town: Town) -> None:
    for words in signing_commands():
        if words[:2] == ["keys", "person"]:
            Path(words[words.index("--out") + 1]).unlink()
            made = run(*words, "-o", "json").json
            town.vkeys[made["name"]] = made["vkey"]
            town.name_persons(town.vkeys)
            continue
        ran = town.run(*(town.case if word == EXAMPLE_ID else word for word in words))
        assert ran.code == (FINDINGS if words[1] == "check" else 0), (words, ran.err)
    checked = town.run("cases", "check", "-o", "json").json
    unsigned = {(one["sort"], one["about"]) for one in checked if one["result"] != "signed"}
    assert unsigned == {("edition", "tests-2015")}  # adopted before persons were named
    assert {words[1] for words in signing_commands()} == {
        "person",
        "decide",
        "sign",
        "import",
        "check",
    }


def test_two_persons_decide_with_their_keys(town: Town) -> None:
    assert_refused(town.decide("张某", None), "person.unsigned")
    assert_refused(town.decide("王某", "zhang.key"), "person.unknown")
    assert_refused(town.decide("李某", "zhang.key"), "person.signature")
    assert town.history() == []
    seen = town.run("cases", "show", town.case, "-o", "json").json["shown"]
    assert town.decide("张某", "zhang.key").code == 0
    assert_refused(town.decide("李某", "li.key", shown=seen), "seen.changed")
    assert_refused(town.decide("张某", "zhang.key"), "case.same-person")
    assert_refused(town.decide("李某", "zhang.key"), "person.signature")
    assert town.states() == ["active", "held"]
    seen = town.run("cases", "show", town.case, "-o", "json").json["shown"]
    assert town.decide("李某", "li.key", shown=seen).code == 0
    assert town.states() == ["active", "active"]
    assert_refused(town.decide("张某", "zhang.key", "reject"), "case.decided")
    first, second = town.history()
    assert first["note"].startswith("huxin/person/v1\n510500.huxin.example/1\ndecision\n")
    assert f'"statement_id":"{town.case}","verdict":"use"' in first["note"]
    assert "\n— 李某 " in second["note"]
    # What a rule decided about is signed too, also where a decision stands already.
    assert town.decide("李某", "li.key", "reopen").code == 0
    assert town.states() == ["active", "held"]
    checked = town.run("cases", "check", "-o", "json")
    assert [one["result"] for one in checked.json if one["sort"] == "decision"] == ["signed"] * 3


def test_who_issues_a_letter_signs_it(town: Town) -> None:
    issue = ("letters", "issue", "decision", town.case, "--number", "甲〔2026〕3号", "--by")
    assert_refused(town.run(*issue, "李某"), "person.unsigned")
    assert_refused(town.run(*issue, "李某", "--key", town.folder / "zhang.key"), "person.signature")
    assert town.run("letters", "list", "-o", "json").json == []
    word = town.folder / "letter.note"
    sign = ("sign", "letter", word, "decision", town.case, "--number", "甲〔2026〕3号", "--key")
    assert town.run(*sign, town.folder / "li.key").code == 0
    assert word.read_text("utf-8").startswith("huxin/person/v1\n510500.huxin.example/1\nletter\n")
    issued = town.run(*issue, "李某", "--key", town.folder / "li.key", "-o", "json")
    assert issued.code == 0, issued.err
    assert [one["name"] for one in issued.json["handled"]] == ["李某"]
    checked = town.run("cases", "check", "-o", "json").json
    (word,) = (one for one in checked if one["sort"] == "letter")
    assert (word["about"], word["persons"], word["result"]) == (
        f"decision/{town.case}",
        ["李某"],
        "signed",
    )


def test_one_key_is_not_two_persons(town: Town) -> None:
    zhang = VerifierKey.parse(town.vkeys["张某"])
    twin = VerifierKey(name="李某", type=zhang.type, public=zhang.public)
    town.name_persons({"张某": str(zhang), "李某": str(twin)})
    assert_refused(town.run("cases", "list"), "person.same-key")


def test_without_persons_nothing_is_signed(town: Town) -> None:
    town.name_persons({})
    assert town.decide("张某", None).code == 0
    assert_refused(town.decide("李某", "li.key"), "person.unknown")
    assert [one["note"] for one in town.history()] == [""]


def test_an_edition_takes_effect_by_two_signatures(town: Town) -> None:
    path = town.folder / "strike.yaml"
    text = edition_text("peer-2026", layer="city", lists=["judgment-defaulter"], struck=True)
    path.write_text(text, "utf-8")
    adopt = ("catalog", "import", path, "--by", "张某", "--by", "李某")
    assert_refused(town.run(*adopt), "person.unsigned")
    assert town.run("catalog", "sign", path, "--key", town.folder / "zhang.key").code == 0
    assert_refused(town.run(*adopt), "person.signature")
    assert town.run("catalog", "sign", path, "--key", town.folder / "li.key").code == 0
    path.write_text(f"{text}\n", "utf-8")
    assert_refused(town.run(*adopt), "person.other-words")
    assert_refused(
        town.run("catalog", "sign", path, "--key", town.folder / "li.key"), "person.other-words"
    )
    path.write_text(text, "utf-8")
    assert town.run(*adopt).code == 0
    assert town.states() == ["rejected", "rejected"]
    results = {
        one["about"]: one["result"]
        for one in town.run("cases", "check", "-o", "json").json
        if one["sort"] == "edition"
    }
    assert results["peer-2026"] == "signed"


def test_a_proposal_carries_the_signature_of_who_proposed_it(town: Town) -> None:
    path = town.folder / "supplement.yaml"
    text = edition_text(
        "peer-2026",
        layer="province",
        lists=["judgment-defaulter"],
        authorities=["510500-court"],
        certainty="C",
    )
    path.write_text(text, "utf-8")
    town.name_persons({})
    town.run("catalog", "import", path, "--by", "张某", "--by", "李某")
    town.name_persons(town.vkeys)
    reconcile(town.node)
    propose = ("cases", "propose", town.case, "proposal.yaml", "--by")
    assert_refused(town.run(*propose, "王某"), "person.unknown")
    assert town.run(*propose, "张某", "--key", "zhang.key").code == 0
    tried = town.run("catalog", "import", "proposal.yaml", "-o", "json").json
    assert (tried["adopted"], tried["changes"][0]["listings"]) == (False, 1)
    adopt = ("catalog", "import", "proposal.yaml", "--by", "李某")
    assert_refused(town.run(*adopt), "person.signature")
    assert town.run("catalog", "sign", "proposal.yaml", "--key", "li.key").code == 0
    assert town.run(*adopt).code == 0
    assert "proposed_by: 张某" in Path("proposal.yaml").read_text("utf-8")


def test_a_confirmation_is_signed(town: Town) -> None:
    path = town.folder / "unsure.yaml"
    path.write_text(
        edition_text("peer-2026", layer="province", lists=["judgment-defaulter"], certainty="M"),
        "utf-8",
    )
    for file in PERSONS.values():
        town.run("catalog", "sign", path, "--key", town.folder / file)
    town.run("catalog", "import", path, "--by", "张某", "--by", "李某")
    confirm = ("catalog", "confirm", "peer-2026/judgment-defaulter", "--by", "张某")
    assert_refused(town.run(*confirm), "person.unsigned")
    assert_refused(town.run(*confirm, "--key", town.folder / "li.key"), "person.signature")
    assert town.run(*confirm, "--key", town.folder / "zhang.key").code == 0
    checked = {one["about"]: one for one in town.run("cases", "check", "-o", "json").json}
    assert checked["peer-2026/judgment-defaulter"]["result"] == "signed"


def test_a_mapping_publishes_once_two_persons_have_signed_it(town: Town) -> None:
    """V7; until then it can be tried."""
    mapping, rows = town.folder / "court.yaml", town.folder / "list.csv"
    text = (BUILT_IN / f"{LIST_TYPE}.yaml").read_text("utf-8")
    mapping.write_text(text, "utf-8")
    write_list(rows, PEER.region, range(2, 5))
    publish = ("publish", rows, "--mapping", mapping, "--list", LIST_TYPE)
    assert town.run("adapter", "try", mapping, rows).code == 0
    assert town.run(*publish, "--dry-run").code == 0
    assert_refused(town.run(*publish), "person.unsigned")
    for _ in range(2):
        town.run("adapter", "sign", mapping, "--key", town.folder / "zhang.key")
    assert_refused(town.run(*publish), "person.unsigned")
    assert town.run("adapter", "sign", mapping, "--key", town.folder / "li.key").code == 0
    mapping.write_text(f"{text}\n", "utf-8")
    assert_refused(town.run(*publish), "person.other-words")
    mapping.write_text(text, "utf-8")
    assert town.run(*publish).code == 0
    checked = town.run("cases", "check", "-o", "json").json
    (said,) = [one for one in checked if one["sort"] == "mapping"]
    assert (said["about"], said["result"]) == (LIST_TYPE, "signed")
    assert set(said["persons"]) == set(PERSONS)
    built_in = ("publish", rows, "--list", LIST_TYPE)
    assert town.run(*built_in).code == 0


def test_who_writes_into_the_database_is_found_out(town: Town) -> None:
    assert town.decide("张某", "zhang.key", "reject").code == 0
    with sqlite3.connect(town.node / "huxin.db") as database:
        database.execute(
            """UPDATE journal SET body = replace(body, '"verdict": "reject"', '"verdict": "use"')"""
        )
    checked = town.run("cases", "check", "-o", "json")
    assert checked.code == 1
    (said,) = [one for one in checked.json if one["sort"] == "decision"]
    assert said["result"] == "person.other-words"


def test_words_of_who_left_are_verified_under_the_former_key(town: Town) -> None:
    assert town.decide("张某", "zhang.key", "reject").code == 0
    zhang = town.vkeys.pop("张某")
    town.name_persons(town.vkeys)
    results = [
        town.run("cases", "check", "-o", "json", *former).json[0]["result"]
        for former in ((), ("--former", zhang))
    ]
    assert results == ["person.unknown", "signed"]


def test_a_relisting_needs_the_signed_words_of_two_persons(town: Town) -> None:
    """V9: two typed names are none where persons have keys; another act's word is none either."""
    listed = publish_own(town)
    act = ("--document", "川撤〔2026〕1号", "--date", REPAIRED.isoformat(), "--ground", "fraud")
    shown = town.run("records", "show", listed, "-o", "json").out
    Path("listing.json").write_text(shown, "utf-8")
    relief = town.run("repair", listed, *act[:4], "-o", "json").json["statement_id"]
    both = ("--approved-by", "张某", "--approved-by", "李某")
    whole = (*act, "--file", "listing.json")
    relist = ("relist", relief, *whole, *both)
    assert_refused(town.run(*relist), "person.unsigned")
    assert_refused(town.run(*relist[:-1], "张某 "), "relisting.two-persons")
    sign = ("sign", "relist", "relist.note", relief, *whole)
    assert town.run(*sign, "--key", "zhang.key").code == 0
    assert_refused(town.run(*relist, "--note", "relist.note"), "person.signature")
    error = ("error" if word == "fraud" else word for word in sign)
    assert_refused(town.run(*error, "--key", "li.key"), "person.other-words")
    assert town.run(*sign, "--key", "li.key").code == 0
    other = (*relist[:2], "--document", "川撤〔2026〕2号", *relist[4:])
    assert_refused(town.run(*other, "--note", "relist.note"), "person.other-words")
    Path("listing.json").write_text(shown.replace("虚构企业3", "虚构企业4"), "utf-8")
    assert_refused(town.run(*relist, "--note", "relist.note"), "person.other-words")
    Path("listing.json").write_text(shown, "utf-8")
    assert town.run(*relist, "--note", "relist.note").code == 0
    assert town.run("records", "show", listed, "-o", "json").json["state"] == "active"
    again = town.run("repair", listed, *act[:4], "-o", "json").json["statement_id"]
    assert_refused(
        town.run("relist", again, *whole, *both, "--note", "relist.note"), "person.other-words"
    )
    checked = town.run("cases", "check", "-o", "json").json
    (said,) = [one for one in checked if one["sort"] == "relisting"]
    assert (said["about"], said["result"]) == (relief, "signed")


def test_an_unsigned_relisting_is_found_out(town: Town) -> None:
    """It was made before persons were named, or by who changed the configuration."""
    listed = publish_own(town)
    act = ("--document", "川撤〔2026〕1号", "--date", REPAIRED.isoformat())
    relief = town.run("repair", listed, *act, "-o", "json").json["statement_id"]
    town.name_persons({})
    both = ("--approved-by", "张某", "--approved-by", "李某")
    assert town.run("relist", relief, *act, "--ground", "error", *both).code == 0
    town.name_persons(town.vkeys)
    checked = town.run("cases", "check", "-o", "json").json
    assert {(one["about"], one["result"]) for one in checked if one["sort"] == "relisting"} == {
        (relief, "person.unsigned")
    }
    with sqlite3.connect(town.node / "huxin.db") as database:  # as it was kept before
        database.execute("UPDATE journal SET kind = 'decision' WHERE kind = 'relisting'")
    assert town.run("cases", "check", "-o", "json").json == checked


def test_f58_a_clean_file_is_published_by_two_who_sign_that_it_is(town: Town) -> None:
    path = town.node / FILE_NAME
    path.write_text(
        path.read_text("utf-8").replace('second_person = "no"', 'second_person = "auto"'), "utf-8"
    )
    rows = town.folder / "clean.csv"
    write_list(rows, PEER.region, range(60, 62))
    said = (rows, "--list", LIST_TYPE)
    held = town.run("publish", *said, "-o", "json")
    assert (held.code, held.json["decisions"]) == (1, {"held-second-person": 2})
    assert_refused(town.run("publish", *said, "--confirmed", "--reason", "已核对"), "rows.unseen")
    seen = ("--shown", held.json["shown"])
    confirmed = (*said, "--confirmed", "--reason", "已核对", *seen)
    for key in ("zhang.key", "li.key"):
        assert town.run("sign", "rows", "clean.note", *confirmed, "--key", key).code == 0
        assert town.run("sign", "rows", "blind.note", *confirmed[:-2], "--key", key).code == 0
    blind = ("--by", "张某", "--by", "李某", "--note", "blind.note")
    assert_refused(town.run("publish", *confirmed, *blind), "person.other-words")
    by = ("--by", "张某", "--by", "李某", "--note", "clean.note", "-o", "json")
    published = town.run("publish", *confirmed, *by)
    assert (published.code, published.json["decisions"]) == (0, {"listed": 2})


def test_what_is_said_of_rows_is_signed(town: Town) -> None:
    """V9: of this file, with this mapping, list, source, matter and reason."""
    rows = town.folder / "list.csv"
    write_list(rows, PEER.region, range(30, 50))
    header, *lines = rows.read_text("utf-8").splitlines()
    cells = [line.split(",") for line in lines]
    rows.write_text(
        "\n".join([header, *(",".join([c[0], *cells[0][1:3], *c[3:]]) for c in cells)]), "utf-8"
    )
    said = (rows, "--list", LIST_TYPE, "--one-subject", "--reason", "已核对")
    publish = ("publish", *said, "--by", "张某", "--by", "李某")
    assert_refused(town.run("publish", *said[:3]), "mapping.one-subject")
    assert_refused(town.run(*publish), "person.unsigned")
    for key in ("zhang.key", "li.key"):
        assert town.run("sign", "rows", "rows.note", *said, "--key", key).code == 0
    noted = ("--note", "rows.note")
    assert_refused(town.run(*publish[:-1], "张某 ", *noted), "rows.two-persons")
    assert_refused(town.run(*publish, "--two-records", *noted), "person.other-words")
    assert_refused(town.run(*publish, "--source", "court", *noted), "person.other-words")
    assert_refused(town.run(*publish, "--reason", "没有核对", *noted), "person.other-words")
    text = rows.read_text("utf-8")
    rows.write_text(f"{text}\n{lines[-1]}\n", "utf-8")
    assert_refused(town.run(*publish, *noted), "person.other-words")
    rows.write_text(text, "utf-8")
    assert town.run(*publish, *noted).code == 0
    assert_refused(town.run(*publish, *noted), "person.repeated")
    checked = town.run("cases", "check", "-o", "json").json
    assert [one["result"] for one in checked if one["sort"] == "rows"] == ["signed"]
    with sqlite3.connect(town.node / "huxin.db") as database:  # who changes what was said
        database.execute(
            "UPDATE journal SET body = replace(body, '已核对', '无') WHERE kind = 'rows-said'"
        )
    checked = town.run("cases", "check", "-o", "json").json
    assert [one["result"] for one in checked if one["sort"] == "rows"] == ["person.unsigned"]


def test_to_go_on_is_signed(town: Town) -> None:
    go_on = ("recover", "--go-on", "--by", "张某", "--reason", "断网（演示）")
    assert_refused(town.run(*go_on), "person.unsigned")
    sign = ("sign", "go-on", "go-on.note", "--reason", "断网（演示）", "--key", "zhang.key")
    assert town.run(*sign, "--size", 7).code == 0
    assert_refused(town.run(*go_on, "--note", "go-on.note"), "person.other-words")
    Path("go-on.note").unlink()
    assert town.run(*sign, "--size", 0).code == 0
    assert town.run(*go_on, "--note", "go-on.note").code == 0
    checked = town.run("cases", "check", "-o", "json").json
    assert [one["about"] for one in checked if one["sort"] == "go-on"] == ["0"]


def test_ht18_over_http_words_are_signed_as_on_the_socket(town: Town) -> None:
    """What widens a penalty, and who asked about a subject: refused with the same codes."""
    with connect(town.node, build) as channel, ThreadPoolExecutor(1) as threads:
        app = Operated(threads, Reached(channel)).app
        tokens = {role: _token(channel, role) for role in ("reviewer", "operator", "audit")}

        def call(method: str, target: str, role: str, said: object = None) -> Answered:
            headers = [("Authorization", f"Bearer {tokens[role]}"), JSON]
            return ask(app, method, target, headers, json.dumps(said).encode())

        case = call("GET", f"/v1/cases/{town.case}", "reviewer").json()
        rule, seen = case["question"], case["shown"]

        def decide(person: str, key: str = "", role: str = "reviewer", shown: str = "") -> Answered:
            said = {"verdict": "use", "person": person, "reason": "已核对", "shown": shown}
            if key:
                note = Path(f"{person}.{key}.note")
                words = ("--by", person, "--rule", rule, "--reason", "已核对", "--key", key)
                if not note.exists():
                    assert town.run("sign", "decision", note, town.case, "use", *words).code == 0
                said["note"] = note.read_text("utf-8")
            return call("POST", f"/v1/cases/{town.case}:decide", role, said)

        asked = DecideCaseRequest(
            statement_id=bytes.fromhex(town.case), verdict="use", person="张某", reason="已核对"
        )
        with pytest.raises(grpc.RpcError) as caught:
            CasesStub(channel).DecideCase(asked)
        over_grpc = error_of(cast("grpc.aio.AioRpcError", caught.value)).code
        assert over_grpc == "person.unsigned"
        assert code(decide("张某")) == (409, over_grpc)
        assert code(decide("李某", "zhang.key")) == (409, "person.signature")
        assert code(decide("王某", "zhang.key")) == (409, "person.unknown")
        assert code(decide("张某", "zhang.key", "operator")) == (403, "access.denied")
        assert decide("张某", "zhang.key").json()["second_person_needed"]
        assert code(decide("张某", "zhang.key")) == (409, "case.same-person")
        assert code(decide("李某", "li.key", shown=seen)) == (409, "seen.changed")
        assert not decide("李某", "li.key").json()["second_person_needed"]

        subject = {"name": "泸州示例（演示）", "authorisation": "授-1"}

        def search(role: str, *by: str) -> Answered:
            return call("POST", "/v1/queries:search", role, subject | {"by": by})

        assert code(search("audit", "张某")) == (422, "queries.two-persons")
        assert code(search("audit", "张某", "李某")) == (409, "person.unsigned")
        assert code(search("reviewer", "张某", "李某")) == (403, "access.denied")


def test_v11_no_credential_speaks_in_the_name_of_who_has_a_key(town: Town) -> None:
    with connect(town.node, build) as channel:
        token = _token(channel, "security")

        def made(by: str) -> str:
            wanted = NewCredentialRequest(
                department="财政局（演示）",
                roles=["department"],
                budget=1,
                expires_on=20991231,
                by=by,
            )
            came = (("authorization", f"Bearer {token}"),)
            try:
                AccessStub(channel).NewCredential(wanted, metadata=came)
            except grpc.RpcError as error:
                return error_of(cast("grpc.aio.AioRpcError", error)).code
            return ""

        assert made("张某") == "person.account"
        assert made("示例人丁") == ""


def code(found: Answered) -> tuple[int, str]:
    return found.status, found.json()["code"]


def _token(channel: grpc.Channel, role: str) -> str:
    wanted = NewCredentialRequest(
        department=f"{role}（演示）", roles=[role], budget=100, expires_on=20991231, by="张某"
    )
    return AccessStub(channel).NewCredential(wanted).token


def publish_own(town: Town) -> str:
    """Publish a listing of 泸州 itself; its id."""
    rows = town.folder / "own.csv"
    write_list(rows, PEER.region, range(3, 4))
    assert town.run("publish", rows, "--list", LIST_TYPE).code == 0
    shown = town.run("records", "list", "--origin", PEER.origin, "-o", "json").json
    return str(shown[0]["statement_id"])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
