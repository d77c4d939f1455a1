"""A city joins a running alliance by invitation: files carried, fingerprints compared by voice.

Covers federation/charters/invitation.py, node/charters/joining.py, node/cli/invite.py,
node/cli/join_sending.py,
node/cli/given_files.py, node/cli/join.py, node/cli/charter/pending.py, node/network/newcomer.py,
node/charters/waiting.py.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from federation.charters.invitation import read_invitation, spoken
from federation.ids import Timestamp
from node.charters.files import load_chain, load_chains
from node.charters.joining import PENDING
from node.charters.waiting import WaitingRequests
from node.cli.offline_node import open_held
from node.demo.members import DemoMember
from node.directory.config import LogsSection, load_config
from node.network.tls_keys import load_tls_keys
from node.system.clock import SystemClock
from node.texts.fields import moment
from node.upkeep.morning import of_joining
from node.web.wiring import serve_logs
from tests.support.commands import Ran, run
from tests.support.fake_shown import FakeShown
from tests.support.federation_dirs import WiredNode, exchange_all, found
from tests.support.operating import status
from tests.support.processes import eventually, serving

HUB = DemoMember(region="510000", name="四川", role="hub")
CITY = DemoMember(region="510500", name="泸州", role="city")
NEW = "511500"
NEWCOMER = DemoMember(region=NEW, name="宜宾")


class Office:
    """Two members of an alliance, and one that wants to join."""

    def __init__(self, tmp_path: Path) -> None:
        self.place = tmp_path
        self.alliance = found(tmp_path, [HUB, CITY])
        self.hub, self.city, self.new = (tmp_path / one for one in (HUB.region, CITY.region, NEW))
        done = run(
            *("init", self.new, "--region", NEW, "--name", "宜宾", "--listen", "127.0.0.1:0"),
            *("--advertise", "yibin.example:7443"),
        )
        assert done.code == 0, done.err

    def invite(self, *more: str, name: str = "invite.json") -> Path:
        out = self.place / name
        done = run("invite", "create", "-o", out, "--dir", self.hub, *more)
        assert done.code == 0, done.err
        assert spoken(self.alliance) in done.out
        return out

    def waiting(self) -> dict[str, Any]:
        """What a running node of the hub tells of requests that wait."""
        config = load_config(self.hub)
        chains = load_chains(config.charters_directory, config.pins)
        return WaitingRequests(self.hub, lambda: chains).document()

    def morning(self) -> list[str]:
        """What the doctor and a support bundle say of requests to join."""
        with open_held(self.hub) as held:
            return [row.code for row in of_joining(self.hub, held.in_force)]

    def join(self, invite: Path, *, fingerprint: str = "", out: str = "request.json") -> Ran:
        return run(
            *("join", invite, "--fingerprint", fingerprint or spoken(self.alliance)),
            *("--out", self.place / out, "--dir", self.new, "--output", "json"),
        )

    def pending(self, *files: str) -> Ran:
        return run(
            "charter",
            "pending",
            *(self.place / one for one in files),
            "--dir",
            self.hub,
            "--output",
            "json",
        )

    def approve(self, what: str | Path, directory: Path, *more: object) -> Ran:
        return run("charter", "approve", what, "--dir", directory, "--yes", *more)

    def version(self, directory: Path) -> int:
        config = load_config(directory)
        return load_chain(config.charters_directory, self.alliance).latest.terms.version


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_where_the_newcomer_signs_last_its_version_is_carried_back(tmp_path: Path) -> None:
    """None of the others has it, and none lets the newcomer in before: it cannot travel."""
    found(tmp_path, [HUB])
    hub, new = tmp_path / HUB.region, tmp_path / NEW
    address = ("--listen", "127.0.0.1:0", "--advertise", "yibin.example:7443")
    assert run("init", new, "--region", NEW, "--name", "宜宾", *address).code == 0
    invite, request, draft = (tmp_path / one for one in ("invite.json", "request.json", "2.json"))
    invited = run("invite", "create", "-o", invite, "--dir", hub)
    fingerprint = spoken(read_invitation(invite.read_bytes())[0].charter)
    assert fingerprint in invited.out
    joined = run(
        *("join", invite, "--fingerprint", fingerprint, "--out", request, "--dir", new),
    )
    assert joined.code == 0, joined.err
    (waits,) = run("charter", "pending", request, "--dir", hub, "-o", "json").json["pending"]
    first = run("charter", "approve", waits["id"], "-o", draft, "--dir", hub, "--yes")
    assert "1/2" in first.out
    last = run("charter", "approve", draft, "--dir", new, "--yes")
    assert f"带给任一成员，下一步在那里：huxin charter adopt {draft.name}" in last.err + last.out
    other = tmp_path / "3.json"
    more = ("-o", other, "--days", "30", "--dir", hub, "--yes")
    assert run("charter", "approve", waits["id"], *more).code == 0
    behind = run("charter", "approve", other, "--dir", new, "--yes")
    assert behind.code == 3
    assert "第 2 版" in behind.err
    assert "再重新起草" in behind.err
    assert run("charter", "adopt", draft, "--dir", hub).code == 0


@pytest.mark.process
@pytest.mark.timeout(300)
def test_a_city_joins_by_three_files_and_two_calls(office: Office) -> None:
    invite = office.invite("--ttl", "72h", "--region", NEW)
    joined = office.join(invite)
    assert joined.code == 0, joined.err
    checks = {one["what"]: one["state"] for one in joined.json["checks"]}
    assert checks["region"] == checks["certificate"] == checks["disk"] == "ok"
    assert office.version(office.new) == 1

    (waits,) = office.pending("request.json").json["pending"]
    assert waits["fingerprint"] == joined.json["fingerprint"]
    assert (waits["name"], waits["region"], waits["trouble"]) == ("宜宾", NEW, "")
    assert office.waiting() == office.pending().json, "a running node tells the same"
    assert office.morning() == ["join.pending"]
    draft = office.place / "charter-2.json"
    unseen = run("charter", "approve", waits["id"], "--dir", office.hub, "-o", draft)
    assert (unseen.code, "approve.unseen" in unseen.err, draft.exists()) == (3, True, False)
    assert "宜宾" in unseen.out
    first = office.approve(waits["id"], office.hub, "-o", draft)
    assert first.code == 0, first.err
    assert "宜宾" in first.out
    assert office.version(office.hub) == 1, "one of two is not more than half of three"
    second = office.approve(draft, office.city)
    assert second.code == 0, second.err
    assert office.version(office.city) == 2

    city, hub = (WiredNode(one) for one in (office.city, office.hub))
    exchange_all(city, hub)
    assert office.version(office.hub) == 2, "a version travels by itself"
    assert len(list((office.hub / PENDING).iterdir())) == 1
    assert office.waiting()["pending"] == [], "what a version in force took in waits no more"
    assert office.morning() == []
    assert len(list((office.hub / PENDING).iterdir())) == 1, "and reading settles nothing"
    assert office.pending().json["pending"] == []
    city.close()
    hub.close()

    with serving(office.place, [HUB, NEWCOMER]):
        eventually("the newcomer has the version", lambda: 2 - office.version(office.new))
        eventually("it follows the hub", lambda: behind(office.place))


def behind(directory: Path) -> dict[str, str]:
    """Logs of the hub and the newcomer that the newcomer does not show as they are."""
    logs = {log["origin"]: log["state"] for log in status(directory, NEWCOMER)["logs"]}
    wanted = {HUB.origin, NEWCOMER.origin}
    return {one: logs.get(one, "not there") for one in wanted if logs.get(one) != "ok"}


def test_what_is_in_the_way_is_named_and_nothing_is_changed(office: Office) -> None:
    invite = office.invite()
    before = sorted(path for path in office.new.rglob("*") if path.is_file())
    for done, code in (
        (office.join(invite, fingerprint="0000-0000-0000-0000-0000"), "invitation.fingerprint"),
        (office.join(changed(invite, "cut.json", charters=[])), "invitation.malformed"),
        (office.join(changed(invite, "another.json", charter="0" * 64)), "charter.pin"),
        (office.join(changed(invite, "late.json", not_after=1)), "invitation.expired"),
        (
            office.join(changed(invite, "early.json", created_at=SystemClock().now() + 3600)),
            "invitation.clock",
        ),
    ):
        assert done.code in {2, 3}
        assert code in done.err
    other = office.join(office.invite("--region", "511000", name="other.json"))
    (region,) = [one for one in other.json["checks"] if one["what"] == "region"]
    assert (region["state"], "511000" in region["detail"]) == ("wrong", True)
    assert (other.code, other.json["request"]) == (1, None)
    assert sorted(path for path in office.new.rglob("*") if path.is_file()) == before


def test_a_region_that_is_taken(office: Office) -> None:
    shutil.rmtree(office.new)
    done = run(
        *("init", office.new, "--region", CITY.region, "--name", "泸州二"), *("--node", "b.example")
    )
    assert done.code == 0, done.err
    joined = office.join(office.invite())
    assert joined.code == 1
    taken = {
        "what": "region",
        "state": "wrong",
        "detail": "泸州 已用此区划代码 / 泸州 has this region",
    }
    assert taken in joined.json["checks"]
    shown = run(
        *("join", office.place / "invite.json", "--fingerprint", spoken(office.alliance)),
        *("--out", office.place / "no.json", "--dir", office.new),
    )
    assert "泸州 已用此区划代码" in shown.out
    assert "has this" not in shown.out


def test_an_invitation_is_good_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    invite = office.invite()
    assert office.join(invite).code == 0
    assert office.join(invite, out="again.json").code == 0, "a join tried again does no harm"
    assert office.pending("request.json").code == 0
    assert office.pending("request.json").code == 0, "the same request again changes nothing"
    clock = SystemClock.now
    monkeypatch.setattr(SystemClock, "now", lambda self: Timestamp(clock(self) + 2))
    assert office.join(invite, out="third.json").code == 0
    second = office.pending("third.json")
    assert second.code == 0, "made again by the same node, it is the same"
    (waits,) = second.json["pending"]
    assert second.json == office.pending("third.json").json
    shutil.rmtree(office.new)
    other = ("init", office.new, "--region", "511000", "--name", "内江", "--listen", "127.0.0.1:0")
    assert run(*other).code == 0
    assert office.join(invite, out="other.json").code == 0
    used = office.pending("other.json")
    assert (used.code, "invitation.used" in used.err) == (3, True)
    assert office.pending().json["pending"] == [waits]


def test_until_it_is_in_a_newcomer_says_for_what_it_waits(office: Office) -> None:
    assert office.join(office.invite()).code == 0
    new = WiredNode(office.new)
    found_problems = {one["code"]: one["message"] for one in new.parts.status()["problems"]}
    states = {log["state"] for log in new.parts.status()["logs"] if log["origin"] != new.origin}
    new.close()
    assert states == {"waiting"}
    assert not [code for code in found_problems if code.startswith("log.")]
    assert HUB.name in found_problems["charter.waiting"]
    assert CITY.name in found_problems["charter.waiting"]


def test_a_request_that_is_there_is_not_overwritten(office: Office) -> None:
    invite = office.invite()
    assert office.join(invite).code == 0
    before = (office.place / "request.json").read_bytes()
    again = office.join(invite)
    assert (again.code, "join.exists" in again.err) == (3, True)
    assert (office.place / "request.json").read_bytes() == before
    forced = run(
        *("join", invite, "--fingerprint", spoken(office.alliance), "--force"),
        *("--out", office.place / "request.json", "--dir", office.new),
    )
    assert forced.code == 0, forced.err


@pytest.mark.parametrize(
    ("seconds", "code"), [(-7200, "invitation.clock"), (86_400 * 4, "invitation.expired")]
)
def test_a_request_out_of_its_time(
    office: Office, monkeypatch: pytest.MonkeyPatch, seconds: int, code: str
) -> None:
    assert office.join(office.invite()).code == 0
    clock = SystemClock.now
    monkeypatch.setattr(SystemClock, "now", lambda self: Timestamp(clock(self) + seconds))
    done = office.pending("request.json")
    assert (done.code, code in done.err) == (3, True)


def test_a_request_that_waited_too_long_is_not_approved(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What so old a paper says of keys nobody relies on, whenever it came."""
    office.join(office.invite())
    (waits,) = office.pending("request.json").json["pending"]
    clock = SystemClock.now
    monkeypatch.setattr(SystemClock, "now", lambda self: Timestamp(clock(self) + 86_400 * 31))
    draft = office.place / "charter-2.json"
    done = office.approve(waits["id"], office.hub, "-o", draft)
    assert done.code == 2
    assert "join.expired" in done.err
    assert not draft.exists()


def test_an_invitation_that_goes_on_is_not_read_whole(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite = office.invite()
    monkeypatch.setattr("federation.charters.invitation.MAX_INVITATION", 100)
    monkeypatch.setattr("node.cli.join.MAX_INVITATION", 100)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read whole"))
    assert "invitation.malformed" in office.join(invite).err


@pytest.mark.parametrize("field", ["created_at", "not_after"])
def test_a_time_without_end_is_no_time(office: Office, field: str) -> None:
    done = office.join(changed(office.invite(), "inf.json", **{field: float("inf")}))
    assert "invitation.malformed" in done.err


def test_a_request_that_nobody_invited(office: Office) -> None:
    assert office.join(office.invite()).code == 0
    (office.hub / "invitations.json").unlink()
    done = office.pending("request.json")
    assert (done.code, "invitation.unknown" in done.err) == (3, True)
    assert office.pending().json["pending"] == []


def test_a_draft_of_another_alliance_is_not_signed(office: Office, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    other = Office(tmp_path / "elsewhere")
    other.join(other.invite())
    (waits,) = other.pending("request.json").json["pending"]
    draft = other.place / "charter-2.json"
    assert other.approve(waits["id"], other.hub, "-o", draft).code == 0
    before = draft.read_bytes()
    done = office.approve(draft, office.hub)
    assert (done.code, "charter.alliance" in done.err) == (3, True)
    assert draft.read_bytes() == before


def test_a_request_may_be_refused(office: Office) -> None:
    office.join(office.invite())
    (waits,) = office.pending("request.json").json["pending"]
    assert run("charter", "refuse", waits["id"], "--dir", office.hub).code == 0
    assert office.pending().json["pending"] == []
    done = office.approve("abc", office.hub)
    assert (done.code, "join.unknown" in done.err) == (3, True)


def test_who_invites_is_told_what_runs_next_there(office: Office) -> None:
    done = run("invite", "create", "-o", office.place / "one.json", "--dir", office.hub)
    assert f"huxin join one.json --fingerprint {spoken(office.alliance)}" in done.err
    again = run("invite", "create", "-o", office.place / "one.json", "--dir", office.hub)
    assert (again.code, "文件已存在" in again.err) == (3, True)
    other = run(
        *("invite", "create", "-o", office.place / "two.json", "--dir", office.hub),
        *("--region", "9"),
    )
    assert (other.code, (office.place / "two.json").exists()) == (2, False)


def test_a_wrong_fingerprint_is_not_corrected_from_the_file(office: Office) -> None:
    done = office.join(office.invite(), fingerprint="0000-0000-0000-0000-0000")
    assert spoken(office.alliance) not in done.err
    english = run(
        *("join", office.place / "invite.json", "--fingerprint", "0", "--dir", office.new),
        *("--lang", "en"),
    )
    assert (english.code, spoken(office.alliance) in english.err) == (3, False)


def test_a_request_that_waits_is_told_in_words(office: Office) -> None:
    office.join(office.invite())
    office.pending("request.json")
    (waits,) = office.pending().json["pending"]
    shown = run("charter", "pending", "--dir", office.hub).out
    assert moment(waits["since"]) in shown
    assert str(waits["since"]) not in shown
    draft = office.place / "charter-2.json"
    first = office.approve(waits["id"], office.hub, "-o", draft)
    assert "2 -> 3" in first.out, "how many vote"
    assert not {"joins", "alliance", "voters"} & set(first.out.split())
    assert office.approve(draft, office.city).code == 0
    again = office.approve(draft, office.city)
    assert (again.code, "第 2 版已生效" in again.err) == (3, True)


def test_a_newcomer_walks_to_those_who_have_not_signed_yet(office: Office) -> None:
    office.join(office.invite())
    done = run("doctor", "--peer", "all", "--dir", office.new, "-o", "json")
    assert done.code == 1
    assert {one["peer"] for one in done.json["steps"]} == {HUB.region, CITY.region}
    shown = run("doctor", "--peer", HUB.region, "--dir", office.new)
    assert HUB.region in shown.out
    assert CITY.region not in shown.out
    assert not {"name", "connection", "/"} & set(shown.out.split())


def test_an_invitation_is_private_and_its_secret_is_not_kept(office: Office) -> None:
    invite = office.invite()
    invitation, _ = read_invitation(invite.read_bytes())
    assert invite.stat().st_mode & 0o077 == 0
    assert invitation.secret.hex() not in (office.hub / "invitations.json").read_text()


def changed(path: Path, name: str, **changes: Any) -> Path:
    other = path.with_name(name)
    other.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return other


def test_a_request_that_cannot_be_read_keeps_no_other_waiting(office: Office) -> None:
    assert office.join(office.invite()).code == 0
    (waits,) = office.pending("request.json").json["pending"]
    (office.hub / "pending" / "0.json").write_text("{", "utf-8")
    done = office.pending()
    assert (done.code, [one["id"] for one in done.json["pending"]]) == (0, [waits["id"]])
    assert "0.json" in done.err


@contextmanager
def listening(office: Office) -> Iterator[int]:
    """The hub's `[logs]` listener, with the node's own certificate."""
    config = load_config(office.hub)
    fake = FakeShown()
    server = serve_logs(
        LogsSection(listen="127.0.0.1:0"),
        office.hub,
        (fake, fake),
        CollectorRegistry(),
        identity=lambda: load_tls_keys(config.keys_directory)[0].identity,
        members=tuple,
    )
    try:
        yield server.port
    finally:
        server.close()


def test_a_request_is_handed_over_by_https(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    none = run(
        "invite", "create", "-o", office.place / "no.json", "--dir", office.hub, "--https", "a.b:1"
    )
    assert (none.code, "invitation.https" in none.err) == (3, True)
    file = office.hub / "huxin.toml"
    before, section, after = file.read_text().partition("[logs]\n")
    file.write_text(before + section + after.replace('listen = ""', 'listen = "127.0.0.1:1"', 1))
    with listening(office) as port:
        monkeypatch.setattr("node.cli.invite._on_terminal", lambda: True)
        created = run(
            *("invite", "create", "-o", office.place / "invite.json", "--dir", office.hub),
            *("--https", f"127.0.0.1:{port}"),
        )
        assert created.code == 0, created.err
        assert "\u2588" in created.out or "\u2580" in created.out, "a QR code"
        invite = office.place / "invite.json"
        elsewhere = changed(invite, "elsewhere.json", certificate="00")
        for one, code in ((elsewhere, "invitation.certificate"), (invite, "")):
            done = sent(office, one)
            assert (done.code == 0) == (not code), done.err
            assert code in done.err
            waiting = office.pending().json["pending"]
            assert [row["region"] for row in waiting] == ([] if code else [NEW])
        (office.hub / "invitations.json").unlink()
        gone = sent(office, invite)
        assert (gone.code, "invitation.unknown" in gone.err) == (3, True)
    away = sent(office, invite)
    assert (away.code, "join.unsent" in away.err) == (4, True)
    assert (office.place / "request.json").exists(), "it may still be carried by hand"


def sent(office: Office, invite: Path) -> Ran:
    return run(
        *("join", invite, "--fingerprint", spoken(office.alliance), "--send", "--force"),
        *("--out", office.place / "request.json", "--dir", office.new),
    )


def test_an_invitation_without_an_address_is_for_files(office: Office) -> None:
    done = sent(office, office.invite())
    assert (done.code, "invitation.https" in done.err) == (3, True)
    for wrong in ("here", "https://a.example:1", "a.example:99999"):
        other = changed(office.place / "invite.json", "x.json", endpoint=wrong, certificate="00")
        assert "invitation.malformed" in sent(office, other).err
