"""`huxin init` and `huxin charter`, from the directory to the adopted charter.

Covers node/charters/verifiers.py, node/cli/charter/adopt.py, node/cli/charter/change.py,
node/cli/charter/delegate.py, node/cli/charter/describe.py, node/cli/charter/drafts.py,
node/cli/charter/group.py, node/cli/charter/new.py, node/cli/charter/show.py,
node/cli/charter/sign.py, node/cli/charter/verify.py, node/cli/init.py, node/cli/main.py,
node/cli/offline_node.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.dsse import parse_envelope
from federation.charters.json_form import parse_member
from federation.errors import CharterError
from federation.ids import CharterId, Origin
from node.charters.files import load_chains
from node.cli import main as cli
from node.directory.config import load_config
from node.directory.keys import load_keys

REGIONS = ("510300", "510500", "511000")


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def huxin(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Result]:
    def run(*arguments: object) -> Result:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main([str(a).replace("@", f"{tmp_path}/") for a in arguments])
        said = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Result(ended.value.code, said.out, said.err)

    return run


Run = Callable[..., Result]


@pytest.fixture
def nodes(huxin: Run, tmp_path: Path) -> Path:
    for region in REGIONS:
        made = huxin("init", f"@{region}", "--region", region, "--name", f"{region}（演示）")
        assert made.code == 0, made.err
    return tmp_path


def members(*regions: str) -> list[str]:
    return [word for region in regions for word in ("--member", f"@{region}/member.json")]


def sign(huxin: Run, file: str, *regions: str) -> None:
    for region in regions:
        signed = huxin("charter", "sign", file, "--key", f"@{region}/offline/charter.key")
        assert (signed.code, signed.out.splitlines()[-1]) == (0, region)


@pytest.fixture
def first(huxin: Run, nodes: Path) -> str:  # noqa: ARG001 - the nodes must be there
    """Version 1 of all three, signed; its id."""
    made = huxin("charter", "new", "--name", "川南（演示）", *members(*REGIONS), "-o", "@1.json")
    assert made.code == 0, made.err
    sign(huxin, "@1.json", *REGIONS)
    return made.out.strip()


# ---- init


def test_init_makes_a_node(nodes: Path) -> None:
    directory = nodes / "510500"
    config = load_config(directory)
    assert config.node.region == "510500"
    keys = load_keys(directory / "keys", config.origin)
    member = parse_member((directory / "member.json").read_bytes())
    assert member.segments[0].log_key == keys.log.verifier
    assert member.certificates == (keys.certificate,)
    assert member.sealing_keys == keys.sealing_keys
    assert member.segments[0].entitlements.lists == ()
    assert member.receives == ()
    assert (directory / "huxin.toml").stat().st_mode & 0o777 == 0o600
    assert (directory / "state").stat().st_mode & 0o777 == 0o700
    assert (directory / "state" / "high-water").exists()
    assert (directory / "state" / "keyring.json").exists()
    assert (directory / "offline" / "charter.key").stat().st_mode & 0o777 == 0o600
    assert not (directory / "keys" / "charter.key").exists()


def test_the_document_key_stands_in_the_description(huxin: Run, nodes: Path) -> None:
    member = json.loads((nodes / "510500" / "member.json").read_text("utf-8"))
    shown = huxin("keys", "document", "--dir", "@510500")
    assert json.loads(shown.out) == {"document": member["keys"]["document"]}
    assert shown.out.count("510500.huxin.example/document+") == 1
    again = huxin("keys", "document", "--new", "--dir", "@510500")
    assert (again.code, "keys.exist" in again.err) == (3, True)


def test_a_directory_of_before_gets_a_document_key(huxin: Run, nodes: Path) -> None:
    file = nodes / "510500" / "keys" / "document.key"
    file.unlink()
    assert json.loads(huxin("keys", "document", "--dir", "@510500").out) == {"document": []}
    made = huxin("keys", "document", "--new", "--dir", "@510500")
    assert made.code == 0, made.err
    assert file.stat().st_mode & 0o777 == 0o600
    assert huxin("keys", "document", "--dir", "@510500").out == made.out
    assert len(json.loads(made.out)["document"]) == 1


def test_a_new_sealing_key_is_shown_above_the_old_one(huxin: Run, nodes: Path) -> None:
    old = json.loads((nodes / "510500" / "member.json").read_text("utf-8"))["sealing_keys"]
    shown = huxin("keys", "sealing", "--dir", "@510500")
    assert json.loads(shown.out) == {"sealing_keys": old}
    made = huxin("keys", "sealing", "--new", "--dir", "@510500")
    assert "huxin charter rotate" in made.err
    new, *rest = json.loads(made.out)["sealing_keys"]
    assert rest == old
    assert new not in old
    assert huxin("keys", "sealing", "--dir", "@510500").out == made.out


def test_init_tells_to_move_the_charter_key(huxin: Run) -> None:
    made = huxin(
        "init", "@n", "--region", "510500", "--name", "泸州", "--charter-key", "@usb/c.key"
    )
    assert made.code == 0
    assert "usb/c.key" in made.err
    assert "离线" in made.err
    assert made.out.startswith("510500.huxin.example/1")


@pytest.mark.parametrize("left", ["huxin.toml", "keys", "state", "charters", "member.json"])
def test_init_refuses_a_node_or_what_an_interrupted_init_left(
    huxin: Run, tmp_path: Path, left: str
) -> None:
    (tmp_path / "n").mkdir()
    (tmp_path / "n" / left).touch()
    refused = huxin("init", "@n", "--region", "510500", "--name", "n")
    assert refused.code == 3
    assert "init.exists" in refused.err
    assert [p.name for p in (tmp_path / "n").iterdir()] == [left]


@pytest.mark.parametrize(
    ("options", "votes", "endpoints"),
    [
        (("--role", "city"), True, ()),
        (("--role", "county"), False, ()),
        (("--role", "county", "--vote"), True, ()),
        (("--role", "hub", "--no-vote"), False, ()),
        (("--listen", "10.0.0.1:7443"), True, ("10.0.0.1:7443",)),
        (("--listen", "0.0.0.0:7443", "--advertise", "n.example:1"), True, ("n.example:1",)),
        (("--listen", "0.0.0.0:7443"), True, ()),
        (("--listen", "10.0.0.1:0"), True, ()),
    ],
)
def test_init_options(
    huxin: Run, tmp_path: Path, options: tuple[str, ...], votes: bool, endpoints: tuple[str, ...]
) -> None:
    made = huxin("init", "@n", "--region", "510500", "--name", "n", "--node", "a.example", *options)
    assert made.code == 0, made.err
    member = parse_member((tmp_path / "n" / "member.json").read_bytes())
    assert (member.charter_key is not None) == votes
    assert (tmp_path / "n" / "offline").exists() == votes
    assert member.endpoints == endpoints
    assert member.origins == (Origin("a.example/1"),)


def test_init_usage(huxin: Run, tmp_path: Path) -> None:
    assert huxin("init", "@n", "--region", "51", "--name", "n").code == 2
    assert huxin("init", "@n", "--region", "510500").code == 2
    for option in ("--listen", "--advertise"):
        refused = huxin("init", "@n", "--region", "510500", "--name", "n", option, "泸州:99999")
        assert (refused.code, option in refused.err) == (2, True)
    refused = huxin("init", "@n", "--region", "510500", "--name", "n", "--node", "A B")
    assert (refused.code, "--node" in refused.err) == (2, True)
    assert not (tmp_path / "n").exists()


# ---- charter


def test_a_charter_is_drafted_signed_verified_and_adopted(
    huxin: Run, nodes: Path, first: str
) -> None:
    verified = huxin("charter", "verify", "@1.json", "--pin", first, "-o", "json")
    assert verified.code == 0
    assert verified.json["valid"]
    assert verified.json["whole_chain"]
    assert verified.json["id"] == first
    for region in REGIONS:
        adopted = huxin("charter", "adopt", "@1.json", "--dir", f"@{region}", "--pin", first)
        assert (adopted.code, adopted.out.split()) == (0, [first, "1"])
        config = load_config(nodes / region)
        assert config.pins == (CharterId(bytes.fromhex(first)),)
        (chain,) = load_chains(config.charters_directory, config.pins)
        assert chain.latest.terms.name == "川南（演示）"


@pytest.mark.usefixtures("nodes")
def test_unsigned_is_a_finding(huxin: Run) -> None:
    huxin("charter", "new", "--name", "n", *members(*REGIONS), "-o", "@1.json")
    sign(huxin, "@1.json", *REGIONS[:2])
    found = huxin("charter", "verify", "@1.json", "-o", "json")
    assert (found.code, found.json["code"]) == (1, "charter.threshold")
    shown = huxin("charter", "show", "@1.json", "-o", "json")
    assert (shown.code, shown.json["signed"]) == (0, list(REGIONS[:2]))
    assert shown.json["missing"] == [REGIONS[2]]
    for command, code in (("show", 0), ("verify", 1)):
        said = huxin("charter", command, "@1.json")
        assert said.code == code
        assert "已签 2/3，缺 511000（演示）" in said.out
    assert "signed 2/3, missing" in huxin("charter", "show", "@1.json", "--lang", "en").out


def test_a_signer_sees_what_is_signed(huxin: Run, first: str) -> None:
    seen = huxin("charter", "sign", "@1.json", "--key", f"@{REGIONS[0]}/offline/charter.key").out
    for word in ("联合惩戒", "接收何种内容、用于何种目的", "修复", "仅成员", "已签 3/3"):
        assert word in seen
    for code in ("joint-punishment", "masking", "repair", "，缺"):
        assert code not in seen
    adopted = huxin("charter", "adopt", "@1.json", "--pin", first, "--dir", "@510500")
    assert "已签 3/3" in adopted.err


def test_another_pin_is_a_finding_and_is_not_adopted(huxin: Run, first: str) -> None:
    other = "00" * 32
    found = huxin("charter", "verify", "@1.json", "--pin", other, "-o", "json")
    assert (found.code, found.json["code"]) == (1, "charter.pin")
    refused = huxin("charter", "adopt", "@1.json", "--dir", "@510500", "--pin", other)
    assert (refused.code, "charter.pin" in refused.err) == (3, True)
    assert huxin("charter", "verify", "@1.json", "--pin", "xyz").code == 3
    assert first != other


def test_version_one_is_not_adopted_without_the_id_from_paper(
    huxin: Run, nodes: Path, first: str
) -> None:
    assert huxin("charter", "adopt", "@1.json", "--dir", "@510500").code == 3
    assert load_config(nodes / "510500").pins == ()
    assert huxin("charter", "adopt", "@1.json", "--dir", "@510500", "--pin", first).code == 0
    assert huxin("charter", "adopt", "@1.json", "--dir", "@510500").code == 0


def test_an_unverified_charter_is_not_adopted(huxin: Run, nodes: Path) -> None:
    made = huxin("charter", "new", "--name", "n", *members(*REGIONS), "-o", "@1.json")
    pin = made.out.strip()
    refused = huxin("charter", "adopt", "@1.json", "--dir", "@510500", "--pin", pin)
    assert (refused.code, "charter.threshold" in refused.err) == (3, True)
    assert load_config(nodes / "510500").pins == ()
    assert list((nodes / "510500" / "charters").iterdir()) == []


def test_adopting_into_no_node(huxin: Run, first: str) -> None:
    assert huxin("charter", "adopt", "@1.json", "--dir", "@none", "--pin", first).code == 4


@pytest.mark.usefixtures("nodes")
def test_a_node_is_told_that_a_charter_does_not_name_it(huxin: Run) -> None:
    made = huxin("charter", "new", "--name", "n", *members("510300", "510500"), "-o", "@1.json")
    sign(huxin, "@1.json", "510300", "510500")
    pin = made.out.strip()
    named = huxin("charter", "adopt", "@1.json", "--dir", "@510300", "--pin", pin)
    other = huxin("charter", "adopt", "@1.json", "--dir", "@511000", "--pin", pin)
    assert ("未列入" in named.err, "未列入" in other.err) == (False, True)


def test_rights_come_from_a_file(huxin: Run, nodes: Path) -> None:
    rights = {
        "510500": {
            "entitlements": {"kinds": [1], "lists": [{"list_type": "l", "authorities": ["a"]}]},
            "receives": [],
        }
    }
    (nodes / "rights.json").write_text(json.dumps(rights), "utf-8")
    lists = ("--lists", "@rights.json")
    made = huxin("charter", "new", "--name", "n", *members(*REGIONS), *lists, "-o", "@1.json")
    assert made.code == 0
    shown = huxin("charter", "show", "@1.json", "-o", "json").json["members"]
    segments = {m["id"]: m["segments"][0] for m in shown}
    assert "charter.list-unknown" in made.err, "a slip is told before anybody signs it"
    assert "l：随程序的目录和列名没有此名单代码" in made.err
    text = json.dumps(rights).replace('"l"', '"judgment-defaulter"')
    (nodes / "known.json").write_text(text.replace('"a"', '"telecom-fraud"'), "utf-8")
    known = ("--lists", "@known.json", "-o", "@known-1.json")
    told = huxin("charter", "new", "--name", "n", *members(*REGIONS), *known)
    assert (told.code, "charter.list-unknown" in told.err) == (0, False)
    assert (segments["510500"]["kinds"], segments["510500"]["lists"]) == ([1], {"l": ["a"]})
    assert segments["510300"]["lists"] == {}
    wrong = huxin("charter", "new", "--name", "n", *members("510300"), *lists, "-o", "@2.json")
    assert wrong.code == 3


@pytest.mark.usefixtures("first")
def test_a_draft_is_not_overwritten_and_breaks_no_rule(huxin: Run, nodes: Path) -> None:
    again = huxin("charter", "new", "--name", "n", *members(*REGIONS), "-o", "@1.json")
    assert (again.code, "draft.exists" in again.err) == (3, True)
    twice = huxin("charter", "new", "--name", "n", *members("510300", "510300"), "-o", "@2.json")
    assert (twice.code, "charter.member-id" in twice.err) == (3, True)
    assert not (nodes / "2.json").exists()


def cut(nodes: Path, region: str, size: int) -> None:
    """Write the checkpoint of a node's log at a size."""
    origin = Origin(f"{region}.huxin.example/1")
    keys = load_keys(nodes / region / "keys", origin)
    checkpoint = Checkpoint(origin=origin, size=size, root=bytes(range(32)))
    (nodes / "cut").write_bytes(sign_checkpoint(checkpoint, keys.log).to_bytes())


def test_a_member_is_removed_at_a_cut(huxin: Run, first: str, nodes: Path) -> None:
    bare = huxin("charter", "remove", "@1.json", "511000", "-o", "@2.json")
    assert (bare.code, "charter.cut" in bare.err) == (3, True)
    cut(nodes, "511000", 7)
    options = ("--cut", "@cut", "--successor", "510500", "-o", "@2.json")
    assert huxin("charter", "remove", "@1.json", "511000", *options).code == 0
    sign(huxin, "@2.json", "510300", "510500")
    verified = huxin(
        "charter", "verify", "@2.json", "--previous", "@1.json", "--pin", first, "-o", "json"
    )
    assert verified.code == 0
    (gone,) = (m for m in verified.json["members"] if m["id"] == "511000")
    assert gone["segments"][0]["to_size"] == 7
    assert (gone["votes"], gone["successor"]) == (False, "510500")
    both = huxin("charter", "adopt", "@2.json", "@1.json", "--dir", "@510500", "--pin", first)
    assert (both.code, both.out.split()) == (0, [first, "2"])


def delegations(huxin: Run, file: str) -> dict[str, list[str]]:
    """The delegations of each member of a draft, as people are shown them."""
    shown = huxin("charter", "show", file, "-o", "json").json["members"]
    return {m["id"]: m["delegates"] for m in shown if m["delegates"]}


def test_a_delegation_is_given_and_ended(huxin: Run, first: str) -> None:
    to = ("--delegate", "510300")
    given = huxin(
        "charter", "delegate", "@1.json", "510500", *to, "--from-size", "7", "-o", "@2.json"
    )
    assert given.code == 0, given.err
    assert delegations(huxin, "@2.json") == {"510500": ["510300 510300.huxin.example/1 [7, )"]}
    sign(huxin, "@2.json", "510300", "510500")
    ended = huxin(
        "charter", "delegate", "@2.json", "510500", *to, "--to-size", "9", "-o", "@3.json"
    )
    assert ended.code == 0, ended.err
    assert delegations(huxin, "@3.json") == {"510500": ["510300 510300.huxin.example/1 [7, 9)"]}
    sign(huxin, "@3.json", "510300", "510500")
    options = ("--dir", "@510500", "--pin", first)
    both = huxin("charter", "adopt", "@1.json", "@2.json", "@3.json", *options)
    assert both.out.split()[-1] == "3"


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), "charter.delegation"),
        (("--from-size", "1", "--to-size", "2"), "charter.delegation"),
        (("--to-size", "2"), "charter.delegation"),
        (("--from-size", "0", "--delegate", "599999"), "charter.member-unknown"),
        (("--from-size", "0", "--delegate", "510500"), "charter.member-unknown"),
    ],
)
def test_a_delegation_is_one_or_the_other(
    huxin: Run, nodes: Path, options: tuple[str, ...], code: str
) -> None:
    refused = huxin(
        "charter",
        "delegate",
        "@1.json",
        "510500",
        "--delegate",
        "510300",
        *options,
        "-o",
        "@2.json",
    )
    assert (refused.code, code in refused.err) == (3, True)
    assert not (nodes / "2.json").exists()


@pytest.mark.usefixtures("first")
def test_a_delegate_goes_on_in_its_next_log(huxin: Run, nodes: Path) -> None:
    to = ("--delegate", "511000", "--from-size", "3")
    assert huxin("charter", "delegate", "@1.json", "510500", *to, "-o", "@2.json").code == 0
    node = ("--node", "511000-b.huxin.example")
    assert huxin("init", "@new", "--region", "511000", "--name", "内江", *node).code == 0
    cut(nodes, "511000", 7)
    turned = huxin(
        "charter", "rotate", "@2.json", *members("new"), "--cut", "@cut", "-o", "@3.json"
    )
    assert turned.code == 0, turned.err
    assert delegations(huxin, "@3.json") == {
        "510500": [
            "511000 511000.huxin.example/1 [3, 7)",
            "511000 511000-b.huxin.example/1 [0, )",
        ]
    }
    cut(nodes, "510500", 5)
    bare = ("charter", "remove", "@3.json", "510500", "--cut", "@cut", "-o", "@4.json")
    assert huxin(*bare).code == 0
    assert delegations(huxin, "@4.json") == delegations(huxin, "@3.json")


@pytest.mark.usefixtures("first")
def test_the_cut_is_the_members_own_checkpoint(huxin: Run, nodes: Path) -> None:
    cut(nodes, "510300", 7)
    refused = huxin("charter", "remove", "@1.json", "511000", "--cut", "@cut", "-o", "@2.json")
    assert refused.code == 3


@pytest.mark.usefixtures("first")
def test_a_removed_member_may_still_sign(huxin: Run, nodes: Path) -> None:
    """Its vote counts in version N; the command says that it has none in N+1."""
    cut(nodes, "511000", 7)
    huxin("charter", "remove", "@1.json", "511000", "--cut", "@cut", "-o", "@2.json")
    signed = huxin("charter", "sign", "@2.json", "--key", "@511000/offline/charter.key")
    assert (signed.code, "投票成员" in signed.err) == (0, True)


def test_members_are_added_by_the_next_version(huxin: Run, first: str) -> None:
    huxin("init", "@511500", "--region", "511500", "--name", "宜宾")
    added = huxin("charter", "add", "@1.json", *members("511500"), "-o", "@2.json")
    assert added.code == 0
    again = huxin("charter", "add", "@1.json", *members("510500"), "-o", "@3.json")
    assert (again.code, "charter.member-id" in again.err) == (3, True)
    sign(huxin, "@2.json", "510300", "510500", "511500")
    huxin("charter", "adopt", "@1.json", "--dir", "@510500", "--pin", first)
    assert huxin("charter", "adopt", "@2.json", "--dir", "@510500").out.split() == [first, "2"]


@pytest.mark.usefixtures("first")
def test_a_node_rotates_to_a_new_log(huxin: Run, nodes: Path) -> None:
    made = huxin(
        "init", "@new", "--region", "511000", "--name", "内江", "--node", "511000-b.huxin.example"
    )
    assert made.code == 0
    cut(nodes, "511000", 7)
    turned = huxin(
        "charter", "rotate", "@1.json", *members("new"), "--cut", "@cut", "-o", "@2.json"
    )
    assert turned.code == 0, turned.err
    shown = huxin("charter", "show", "@2.json", "-o", "json").json
    (member,) = (m for m in shown["members"] if m["id"] == "511000")
    assert [s["origin"] for s in member["segments"]] == [
        "511000.huxin.example/1",
        "511000-b.huxin.example/1",
    ]
    assert member["segments"][0]["kinds"] == member["segments"][1]["kinds"]
    stranger = huxin("init", "@s", "--region", "599999", "--name", "s")
    assert stranger.code == 0
    refused = huxin("charter", "rotate", "@1.json", *members("s"), "-o", "@3.json")
    assert (refused.code, "charter.member-unknown" in refused.err) == (3, True)


@pytest.mark.usefixtures("first")
def test_certificates_rotate_without_a_cut(huxin: Run, nodes: Path) -> None:
    member = json.loads((nodes / "511000" / "member.json").read_text("utf-8"))
    member["endpoints"] = ["moved.example:7443"]
    (nodes / "511000" / "member.json").write_text(json.dumps(member), "utf-8")
    assert huxin("charter", "rotate", "@1.json", *members("511000"), "-o", "@2.json").code == 0
    shown = huxin("charter", "show", "@2.json", "-o", "json").json
    (moved,) = (m for m in shown["members"] if m["id"] == "511000")
    assert moved["endpoints"] == ["moved.example:7443"]
    assert len(moved["segments"]) == 1


def test_a_later_version_needs_the_one_before(huxin: Run, first: str) -> None:
    huxin("init", "@511500", "--region", "511500", "--name", "宜宾")
    huxin("charter", "add", "@1.json", *members("511500"), "-o", "@2.json")
    sign(huxin, "@2.json", *REGIONS)
    alone = huxin("charter", "verify", "@2.json", "-o", "json")
    assert (alone.code, alone.json["code"]) == (1, "charter.previous")
    assert huxin("charter", "adopt", "@2.json", "--dir", "@510500", "--pin", first).code == 3


def make_fork(huxin: Run) -> None:
    for number in ("2a", "2b"):
        huxin("init", f"@{number}", "--region", "511500", "--name", number)
        huxin("charter", "add", "@1.json", *members(number), "-o", f"@{number}.json")
        sign(huxin, f"@{number}.json", *REGIONS)


def test_a_fork_is_kept_and_told(huxin: Run, first: str, nodes: Path) -> None:
    make_fork(huxin)
    where = ("--dir", "@510500")
    huxin("charter", "adopt", "@1.json", "@2a.json", *where, "--pin", first)
    told = huxin("charter", "adopt", "@2b.json", *where)
    assert (told.code, "分叉" in told.err) == (1, True)
    folder = nodes / "510500" / "charters"
    config = load_config(nodes / "510500")
    (chain,) = load_chains(folder, config.pins)
    assert len(chain.forks) == 1
    assert chain.latest.envelope == (nodes / "2a.json").read_bytes()
    names = sorted(p.name for p in (folder / first).iterdir())
    assert (len(names), names[0], names[-1]) == (3, "1.json", "2.json")


def test_a_fork_is_settled_by_a_version_that_two_thirds_sign(
    huxin: Run, first: str, nodes: Path
) -> None:
    make_fork(huxin)
    where = ("--dir", "@510500")
    huxin("charter", "adopt", "@1.json", "@2a.json", *where, "--pin", first)
    huxin("charter", "adopt", "@2b.json", *where)
    renew = ("charter", "renew", "@2b.json", "--settles")
    for nothing in ("@1.json", "@2b.json"):
        refused = huxin(*renew, nothing, "-o", "@3.json")
        assert (refused.code, "charter.settles-nothing" in refused.err) == (3, True)
    assert huxin(*renew, "@2a.json", "-o", "@3.json").code == 0
    sign(huxin, "@3.json", *REGIONS)
    assert huxin("charter", "adopt", "@3.json", *where).code == 0
    (chain,) = load_chains(nodes / "510500" / "charters", load_config(nodes / "510500").pins)
    assert chain.forks == ()
    assert chain.versions[1].envelope == (nodes / "2b.json").read_bytes()


@pytest.mark.usefixtures("first")
def test_a_charter_is_renewed_unchanged(huxin: Run) -> None:
    assert huxin("charter", "renew", "@1.json", "-o", "@2.json", "--days", "700").code == 0
    before, after = (
        huxin("charter", "show", f"@{number}.json", "-o", "json").json for number in (1, 2)
    )
    for member in (*before["members"], *after["members"]):
        del member["signed"]
    assert after["members"] == before["members"]
    assert (after["version"], after["not_after"] > before["not_after"]) == (2, True)


# ---- charters on disk


def test_a_pinned_charter_that_is_missing_is_an_error(nodes: Path) -> None:
    with pytest.raises(CharterError) as caught:
        load_chains(nodes / "510500" / "charters", [CharterId(bytes(32))])
    assert caught.value.code == "charter.missing"


def test_files_are_verified_at_every_start(huxin: Run, first: str, nodes: Path) -> None:
    huxin("charter", "adopt", "@1.json", "--dir", "@510500", "--pin", first)
    folder = nodes / "510500" / "charters"
    stored = folder / first / "1.json"
    payload = parse_envelope(stored.read_bytes()).payload
    unsigned = huxin("charter", "new", "--name", "x", *members("510300"), "-o", "@x.json")
    assert unsigned.code == 0
    stored.write_bytes((nodes / "x.json").read_bytes())
    with pytest.raises(CharterError) as caught:
        load_chains(folder, [CharterId(bytes.fromhex(first))])
    assert caught.value.code == "charter.pin"
    assert payload
    (folder / first / "2.json").write_bytes(b"{}")
    stored.write_bytes((nodes / "1.json").read_bytes())
    with pytest.raises(CharterError, match=r"2\.json"):
        load_chains(folder, [CharterId(bytes.fromhex(first))])


# ---- the program


def test_help_imports_no_command(huxin: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "import_module", lambda name: pytest.fail(f"imported {name}"))
    shown = huxin("--help")
    assert shown.code == 0
    for name, command in cli.COMMANDS.items():
        assert f"{name} " in shown.out
        assert " / " in command.help


def test_every_registered_command_exists(huxin: Run) -> None:
    for name in cli.COMMANDS:
        assert huxin(name, "--help").code == 0


def test_usage(huxin: Run) -> None:
    assert huxin("no-such-command").code == 2
    assert huxin("charter", "new").code == 2


def test_an_error_of_the_program_is_not_taken_for_a_finding(
    huxin: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_name: str) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "import_module", broken)
    ended = huxin("init")
    assert ended.code == 4
    assert "ZeroDivisionError" in ended.err
