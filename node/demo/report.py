"""What the demo tells: a sentence before each step, one table at the end, and what to try next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from federation.ids import CharterId
from node.cli import render
from node.cli.language import Language
from node.demo.checks import Statuses, log_of
from node.demo.execution import CERTIFICATES, FILE
from node.demo.members import ALLIANCES, CITIES, HUB, MEMBERS, NEIJIANG, SOUTH, ZIGONG, DemoMember
from node.demo.steps import Step
from node.demo.words import Words
from node.texts.fields import Pair

STORY_FILE: Final = "story.json"
_ROOT_SHOWN: Final = 8
"""Characters of a root that are enough to see whether two are the same."""

_SIZE: Final = ("条目", "entries")
_ROOT: Final = ("校验值", "digest")
_OWN: Final = ("本市", "own")
_VERDICTS: Final = ("recognised", "held", "not-recognised")
_TABLE: Final = (
    "各市的名单（列）在各处相同；每一行是一市自己的认定：认定/待核/不予认定，“-”为不在同一联盟",
    "Each city's log (column) is the same everywhere; a row: its recognised/held/rejected of them",
)
PLATFORMS: Final = "platforms"
_PLATFORMS: Final = {
    "member": ("平台", "platform"),
    "database": ("方式", "by way of"),
    "rows": ("行数", "rows"),
    "rows_by_log": ("各日志的行数", "rows of each log"),
    "states": ("最新状态", "newest states"),
    "record": ("一条记录的经过", "one record's way"),
    "inbox": ("收件表中的一行", "a row of the inbox"),
}
_PLACES: Final = ("节点目录与经过", "directories of the nodes, and the story")
_NEXT: Final = ("接下来可以试试", "what to try next")
_STAYS: Final = (
    "七个节点仍在运行；{stop} 停止。试一次故障：huxin demo break hub，然后 heal。",
    "The seven nodes stay up; {stop} stops them. Try a fault: huxin demo break hub, then heal.",
)
_TITLES: Final = {
    "connect": "connect",
    "publish": "publish lists",
    "attest": "subjects attested at home",
    "reconcile": "each city judges for itself",
    "repair": "repair",
    "withdraw": "withdraw",
    "old-file": "the old files again",
    "scenario": "a scenario, accepted and declined",
    "alliances": "two alliances",
    "invented-list": "an invented list refused",
    "quality": "quality of what was reported",
    "catch-up": "a node stops and catches up",
    "outstanding": "who has not executed it is seen",
    "notice": "told at home",
    "campaign": "a campaign and its rate",
    "check": "asked before acting",
    "tender": "5,000 bidders at once",
    "watch": "listed before the contract",
    "same-name": "another firm of the name",
    "cleared": "repaired, and asked again",
    "undone": "withdrawn, and undone",
    "benefit": "earned here, had there",
    "benefit-withdrawn": "withdrawn, and had no more",
    "benefit-equivalence": "a grade of another method",
    "certificate": "executed everywhere, and proved",
    "agree": "all agree",
    "platforms": "the platforms",
}
SENTENCES: Final[Mapping[str, Pair]] = {
    "connect": (
        "七个节点以双向 TLS 互连；自贡与宜宾之间没有直连，只经四川枢纽。",
        "Seven nodes connect by mutual TLS; Zigong and Yibin only through the hub.",
    ),
    "publish": (
        "川南四市各自发布部门的名单文件，共一万行；有错的行拒收。",
        "The cities of Chuannan publish their departments' files; faulty rows are refused.",
    ),
    "attest": (
        "各市法人库只有本市企业；外地主体向其登记地核验代码与名称，答复前一律待核。",
        "Each city knows its own firms alone and asks the others' homes; till then it holds.",
    ),
    "reconcile": (
        "自贡的一条列入，其他三市各按本地目录和法人库认定。",
        "One listing of Zigong is judged by the three others, each by its own catalog and library.",
    ),
    "repair": (
        "泸州修复自己的一条列入，处处同时失效。",
        "Luzhou repairs one of its listings, and it ends everywhere.",
    ),
    "withdraw": (
        "宜宾撤销自己的一条列入。",
        "Yibin withdraws one of its listings.",
    ),
    "old-file": (
        "泸州、宜宾再报修复之前的旧文件，已解除的不会复活。",
        "Luzhou and Yibin send the files from before again; nothing that ended comes back.",
    ),
    "scenario": (
        "内江发布惠民便企场景，泸州认可，自贡不予认可。",
        "Neijiang opens a benefit scenario; Luzhou accepts it, Zigong declines.",
    ),
    "alliances": (
        "泸州同在川南、成渝两个联盟，分别发布；内容只到所发的联盟。",
        "Luzhou speaks to each of its two alliances and to both; each has its own content alone.",
    ),
    "invented-list": (
        "一份川渝联合补充目录自设名单，成都拒收。",
        "A joint supplement makes a list that no law makes; Chengdu refuses it.",
    ),
    "quality": (
        "自贡的数据质量报告说明谁搁下了它的列入，为什么。",
        "Zigong's quality report names who held its listing, and why.",
    ),
    "catch-up": (
        "内江停机，其间自贡修复一条；内江再启动，自行追平。",
        "Neijiang is stopped while Zigong repairs; started again, it catches up by itself.",
    ),
    "outstanding": (
        "自贡平台自修复以来停机，泸州看到只有它尚未执行；随后恢复。",
        "Zigong's platform is down since the repair, and alone has not executed it; then it is up.",
    ),
    "certificate": (
        "各市平台都已确认，企业取得证明，在空文件夹内核验。",
        "All platforms have acknowledged; the firm gets its certificate and verifies it.",
    ),
    "notice": (
        "宜宾列入一户自贡的企业；自贡得到属地通报，出具通报函，函中写明企业何时可以申请修复。",
        "Yibin lists a firm of Zigong; Zigong is told and prints the letter, with what it may do.",
    ),
    "campaign": (
        "自贡把失信被执行人名单上的本地企业记入专项治理台账；退出只凭修复、撤销、到期。",
        "Zigong enters its firms on a list into a campaign; they exit by relief or expiry alone.",
    ),
    "check": (
        "泸州欠薪名单上的建筑企业到宜宾申请资金：提示，承办人反馈，泸州看到；自贡没有措施。",
        "A builder on Luzhou's wage list applies in Yibin: a prompt, reported; in Zigong none.",
    ),
    "tender": (
        "宜宾一个标段的五千家投标人，一个办件一次问清：十二家在泸州的欠薪名单上。",
        "All 5,000 bidders of a tender in Yibin at once: twelve are on Luzhou's wage list.",
    ),
    "watch": (
        "宜宾跟踪这些投标人直至签约；签约前泸州列入其中一家，宜宾被告知，仅此一家。",
        "Yibin watches them until the contract; Luzhou lists one, and Yibin is told of it alone.",
    ),
    "same-name": (
        "另一家同名企业申请：无法判定，不是命中。",
        "Another firm of its name applies: not to be told, never a match.",
    ),
    "cleared": (
        "工资付清，泸州修复，各市都已确认；同一申请再查，未发现。",
        "The wages are paid, Luzhou repairs, all acknowledge; the same application is clear.",
    ),
    "undone": (
        "另一条列入被撤销，宜宾的部门被告知解除，并反馈。",
        "Another listing is quashed and withdrawn; Yibin's department is told to undo, and does.",
    ),
    "benefit": (
        "泸州的守信纳税人到内江租厂房免押金；自贡不认可，答复写明；使用两地都计。",
        "An A-grade tax payer of Luzhou rents without deposit in Neijiang; Zigong declined it.",
    ),
    "benefit-withdrawn": (
        "守信记录被撤销，内江再查：不再符合，写明是哪一项。",
        "The grade is withdrawn; asked again, Neijiang says no, and which condition it is.",
    ),
    "benefit-equivalence": (
        "同一场景在成都：本市评价的“优”按两人采用的等级对照，视同纳税信用最高级。",
        "The same scenario in Chengdu reads a grade of its own evaluation by an equivalence.",
    ),
    "agree": (
        "核对：每份日志在各处条数、校验值、状态相同，都已验证。",
        "Check: each log has the same size, digest and state everywhere, and is verified.",
    ),
    "platforms": (
        "看三市平台各自收到了什么。",
        "See what arrived at the platforms of three cities.",
    ),
}
"""What each step is about, said before it begins."""


def story_document(
    directory: Path,
    alliances: Mapping[str, CharterId],
    steps: Sequence[Step],
    statuses: Statuses,
    failure: str,
) -> dict[str, Any]:
    """Build the document of `story.json`; `alliances` are their ids by name."""
    return {
        "dir": str(directory),
        "alliance": alliances[SOUTH.name].hex(),
        "alliances": [
            {
                "name": alliance.name,
                "id": alliances[alliance.name].hex(),
                "charter": str(directory / alliance.file),
                "members": [member.region for member in alliance.members],
            }
            for alliance in ALLIANCES
        ],
        "ok": not failure,
        "failure": failure or None,
        "steps": [asdict(step) for step in steps],
        "nodes": {
            member.region: {
                "name": member.name,
                "dir": str(directory / member.region),
                "local_state": statuses[member.region]["local_state"],
                "logs": [
                    {name: log[name] for name in _KEPT} for log in statuses[member.region]["logs"]
                ],
            }
            for member in MEMBERS
            if member.region in statuses
        },
    }


_KEPT: Final = ("origin", "size", "root", "log_state", "records", "set_aside", "state")


def tell_begin(name: str, language: Language) -> None:
    """Tell the person who waits what comes now."""
    render.say(f"\n{Words(language).pick(SENTENCES[name])}")


def tell_step(step: Step, language: Language) -> None:
    """Tell the person who waits that a step is done, and what it led to."""
    words = Words(language)
    last = "" if step.to_last_node_s is None else f"  → {step.to_last_node_s:.2f} s"
    render.say(f"✓ {_title(step, words)}  {step.took_s:.1f} s{last}")
    if step.subject is not None:
        render.say_under(f"{step.subject['name']} {step.subject['code']}")
    if step.name != PLATFORMS and step.results:
        render.say_under(words.results(step.name, step.results))


def write_report(
    document: Mapping[str, Any], statuses: Statuses, language: Language, *, stop: str
) -> None:
    """Write everything that the demo has to tell on standard output.

    `stop` is how one ends a demo that stays up; empty: it ends by itself.
    """
    words = Words(language)
    _write_logs(statuses, words)
    for step in (Step(**step) for step in document["steps"]):
        if step.name == PLATFORMS:
            rows = [_platform_row(*found, words) for found in step.results.items()]
            render.write_table(_title(step, words), render.pick(language, _PLATFORMS), rows)
    _write_places(Path(document["dir"]), words)
    _write_next(document["steps"], words)
    if stop:
        render.write_line(words.pick(_STAYS).format(stop=stop))


def _write_logs(statuses: Statuses, words: Words) -> None:
    """One table: nodes by the logs of the cities; a hub's has nothing in the demo."""
    cities = [member for member in MEMBERS if member is not HUB]
    own = {m.region: log_of(statuses[m.region], m.origin) or {} for m in cities}
    rows: list[dict[str, Any]] = [
        {"city": words.pick(_SIZE)} | {region: log["size"] for region, log in own.items()},
        {"city": words.pick(_ROOT)}
        | {region: log["root"][:_ROOT_SHOWN] for region, log in own.items()},
    ]
    rows += [
        {"city": words.member(member)}
        | {one.region: _verdict(statuses[member.region], member, one, words) for one in cities}
        for member in MEMBERS
    ]
    columns = {"city": ""} | {member.region: words.member(member) for member in cities}
    render.write_line(f"\n{words.pick(_TABLE)}")
    render.write_table("", columns, rows)


def _verdict(
    status: Mapping[str, Any], member: DemoMember, speaker: DemoMember, words: Words
) -> str:
    """What a node made of a city's listings; its own it does not judge."""
    log = log_of(status, speaker.origin)
    if log is None:
        return "-"
    if member is speaker:
        return words.pick(_OWN)
    return "/".join(str(log["verdicts"][word]) for word in _VERDICTS)


def _platform_row(region: str, found: Mapping[str, Any], words: Words) -> dict[str, Any]:
    return {
        "member": words.city(region),
        "database": found["database"],
        "rows": found["rows"],
        "rows_by_log": words.counts(found["rows_by_log"], words.city),
        "states": words.counts(found["states"], words.state),
        "record": words.way(found["record"]),
        "inbox": words.inbox(found.get("inbox")),
    }


def _write_places(directory: Path, words: Words) -> None:
    render.write_line(words.pick(_PLACES))
    render.write_line(f"  cd {directory}")
    for members in (CITIES, MEMBERS[len(CITIES) :]):
        render.write_line("  " + "  ".join(f"{m.region} {words.member(m)}" for m in members))
    render.write_line(f"  {STORY_FILE}")


def _write_next(steps: Sequence[Mapping[str, Any]], words: Words) -> None:
    here = CITIES[0].region
    relieved = next((s["statement_ids"][0] for s in steps if s["name"] == "repair"), "")
    render.write_line(f"\n{words.pick(_NEXT)}")
    for command in (
        f"huxin status --dir {here}",
        f"huxin records show {relieved} --dir {here}",
        f"huxin repairs show {relieved} --dir {here}",
        f"huxin repairs verify {CERTIFICATES}/{FILE}",
        f"huxin proof {relieved} --bundle proof --dir {here}",
        f"huxin log export logs --dir {here}",
        "huxin log verify logs",
        f"huxin quality --records --dir {here}",
        f"huxin cases list --dir {NEIJIANG.region}",
        f"huxin notices list --dir {ZIGONG.region}",
        f"huxin campaign show 1 --dir {ZIGONG.region}",
    ):
        render.write_line(f"  {command}")


def _title(step: Step, words: Words) -> str:
    return words.pick((step.title, _TITLES[step.name]))
