"""What the demo's steps led to, in words; `story.json` has the codes behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from federation.reconcile.findings import RULES
from node.cli.language import Language
from node.demo.alliances import LEAF_ONLY, UNKNOWN
from node.demo.members import MEMBERS, DemoMember
from node.texts.fields import DECISIONS, TOLD_STATES, Pair
from node.texts.outcomes import UNMEASURED

_STATES: Final[Mapping[str, Pair]] = {
    **TOLD_STATES,
    "not-recognised": TOLD_STATES["rejected"],
    LEAF_ONLY: ("只见条目不见内容", "the entry without its content"),
    UNKNOWN: ("未收到", "nothing"),
}
_RULES: Final[Mapping[str, Pair]] = {
    rule.code: (rule.chinese, rule.english) for rule in RULES.values()
}
_ANSWERS: Final[Mapping[str, Pair]] = {
    "accepted": ("认可", "accepted"),
    "declined": ("不予认可", "declined"),
}
NO_MEASURE: Final = "matter.no-measure"
_SAID: Final[Mapping[str, Pair]] = {
    "south": ("泸州发川南的", "Luzhou's to Chuannan"),
    "west": ("泸州发成渝的", "Luzhou's to Chengyu"),
    "both": ("泸州发两联盟的", "Luzhou's to both"),
    "chengdu": ("成都发成渝的", "Chengdu's to Chengyu"),
}
"""The listings of `node.demo.alliances`."""
_SCREENED: Final[Mapping[str, Pair]] = {
    "match": ("命中", "match"),
    "unmeasured": UNMEASURED,
    "clear": ("未发现", "clear"),
    "insufficient": ("无法判定", "not to be told"),
    "prompt": ("提示，由部门依法决定", "prompt; the department decides"),
    "identity.same-name": (
        "另有同名主体在名单上，代码不同",
        "another subject of the name is listed",
    ),
    "superseded": ("原先的命中不再成立", "the match of before holds no more"),
    "watch.now-match": ("告知新列入的一家：命中", "told of the one just listed: a match"),
    "prompted": ("看到一案，已提示", "sees a case, prompted"),
    "reopened": ("部门被告知解除或复核", "its department is told to undo"),
    "undone": ("看到已解除", "sees it undone"),
    "entitled": ("可以享受", "entitled"),
    "not": ("不能享受", "not entitled"),
    "used": ("与内江各计使用一次", "counts one use, as Neijiang does"),
    "benefit.declined": ("本市不认可该场景", "it declined the scenario"),
    "benefit.not-met": ("不再符合条件", "the condition is not met any more"),
    "equivalence": (
        "按等级对照，本市的“优”视同纳税信用最高级",
        "by its equivalence its own grade is an A",
    ),
}
"""What departments are answered, and what they and the origin are told."""
_COUNTS: Final[Mapping[str, Pair]] = {
    "rows": ("行数", "rows"),
    "published": ("发布", "published"),
    "refused": ("拒收", "refused"),
}
_TENDERED: Final[Mapping[str, Pair]] = {
    "rows": ("投标人", "bidders"),
    "clear": ("未发现", "clear"),
    "matches": ("命中", "matches"),
}
_WATCHED: Final[Mapping[str, Pair]] = {
    "watched": ("跟踪", "watched"),
    "matches": ("原已命中", "matches before"),
}
_THROUGH_HUB: Final[Pair] = ("只经四川枢纽相通：", "only through the hub of Sichuan: ")
_EXITED: Final[Pair] = ("退出／台账主体 ", "exited/entered ")
_REPAIR_FROM: Final[Pair] = ("可申请修复：", "repair from ")
_OUTSTANDING: Final[Pair] = ("停机时尚未确认：", "outstanding while it was down: ")
_PROVED: Final[Pair] = (
    "证明在空文件夹内离线核验，已证明解除：",
    "the certificate, verified offline in an empty folder, proves it lifted by: ",
)
_CHANGED: Final[Pair] = ("改动一个字节即被发现：", "one byte changed is found: ")
_AGREED: Final[Pair] = (
    "各市所问外地名单的主体，登记地答复“相符／已答”：",
    "subjects of other cities' listings, agreeing / answered by where they are registered:",
)


class Words:
    """Says results in one language."""

    def __init__(self, language: Language) -> None:
        """Choose the language."""
        self._english = language is Language.EN
        self._marks = _ENGLISH_MARKS if self._english else _CHINESE_MARKS

    def pick(self, pair: Pair) -> str:
        """The text of the language."""
        return pair[self._english]

    def member(self, member: DemoMember) -> str:
        """A node's name."""
        return self.pick((member.name, member.english))

    def city(self, region: str) -> str:
        """The name of the node of a region."""
        return next((self.member(m) for m in MEMBERS if m.region == region), region)

    def results(self, step: str, results: Mapping[str, Any]) -> str:
        """What a step led to; empty where its name says it all.

        Args:
            step: its name in `story.json`.
            results: as they stand there.
        """
        return _TELLERS[step](self, results) if results else ""

    def state(self, state: str, rule: str = "") -> str:
        """A state, with the rule behind it where there is one."""
        why = self.pick(_RULES[rule]) if rule in _RULES else rule
        return self._because(self._word(_STATES, state), why)

    def counts(self, counts: Mapping[str, int], name: Callable[[str], str]) -> str:
        """Numbers by what `name` calls them."""
        return self._marks.comma.join(f"{name(key)} {count}" for key, count in counts.items())

    def way(self, versions: Sequence[Mapping[str, Any]]) -> str:
        """The versions in which a record came into a platform's database."""
        return " → ".join(f"{one['version']} {self.state(one['state'])}" for one in versions)

    def inbox(self, found: Mapping[str, Any] | None) -> str:
        """What became of the row of an inbox table; empty where there is none."""
        if not found:
            return ""
        return f"{self._word(DECISIONS, found['outcome'])} → {self.way(found['arrived'])}"

    def connected(self, results: Mapping[str, Any]) -> str:
        """Who has no direct line to whom."""
        cities = self._marks.listed.join(map(self.city, results["through_hub_only"]))
        return f"{self.pick(_THROUGH_HUB)}{cities}"

    def published(self, results: Mapping[str, Any]) -> str:
        """Rows of all files."""
        return self.counts(results, lambda key: self.pick(_COUNTS[key]))

    def attested(self, results: Mapping[str, Any]) -> str:
        """How many subjects of whose listings were answered for where they are registered."""

        def of_city(found: Mapping[str, Mapping[str, int]]) -> str:
            return self._marks.listed.join(
                f"{self.city(region)} {counts['agreed']}/{counts['asked']}"
                for region, counts in found.items()
            )

        return f"{self.pick(_AGREED)}\n{self._by_city(results, of_city)}"

    def judged(self, results: Mapping[str, Any]) -> str:
        """What each city made of a listing, as it shows it."""
        return self._by_city(results, lambda said: self.state(said["state"], said["rule"]))

    def reported(self, results: Mapping[str, Any]) -> str:
        """What each city made of a listing, as its receipts say."""
        return self._by_city(results, lambda said: self.state(said["outcome"], said["reason"]))

    def told_at_home(self, results: Mapping[str, Any]) -> str:
        """From where a firm was listed, and the letter."""

        def of_city(said: Mapping[str, Any]) -> str:
            return self._marks.comma.join(
                (
                    self.state(said["state"]),
                    f"{self.pick(_REPAIR_FROM)}{said['repair_from']}",
                    said["letter"],
                )
            )

        return self._by_city(results, of_city)

    def exits(self, results: Mapping[str, Any]) -> str:
        """How many of a ledger have exited."""
        return self._by_city(
            results,
            lambda said: (
                f"{self.pick(_EXITED)}{said['exited']}/{said['subjects']} {said['rate']:.2%}"
            ),
        )

    def refeeds(self, results: Mapping[str, Any]) -> str:
        """What became of the rows of old files."""
        return self._by_city(
            results, lambda said: self.counts(said, lambda key: self._word(DECISIONS, key))
        )

    def answered(self, results: Mapping[str, Any]) -> str:
        """Who accepts a scenario."""
        return self._by_city(results, lambda said: self._word(_ANSWERS, said))

    def turned_down(self, results: Mapping[str, Any]) -> str:
        """Who did not adopt an edition, and why."""
        return self._by_city(results, lambda code: self.state("rejected", code))

    def shared(self, results: Mapping[str, Any]) -> str:
        """What each city has of listings that were said to different alliances."""

        def of_city(shown: Mapping[str, str]) -> str:
            names: dict[str, list[str]] = {}
            for name, state in shown.items():
                names.setdefault(state, []).append(self._word(_SAID, name))
            return self._marks.semicolon.join(
                f"{self._marks.listed.join(same)} {self.state(*state.split(': '))}"
                for state, same in names.items()
            )

        return self._by_city(results, of_city)

    def owing(self, results: Mapping[str, Any]) -> str:
        """Who has not executed a repair."""
        return f"{self.pick(_OUTSTANDING)}{self._marks.listed.join(results['outstanding'])}"

    def proved(self, results: Mapping[str, Any]) -> str:
        """Who is proved to have lifted, and that a change is found."""
        done = self._marks.listed.join(map(self.city, results["lifted"]))
        return f"{self.pick(_PROVED)}{done}\n{self.pick(_CHANGED)}{results['changed']}"

    def screened(self, results: Mapping[str, Any]) -> str:
        """What each city answered, or was told."""

        def of_city(said: Mapping[str, Any]) -> str:
            if said.get("code") == NO_MEASURE:
                return self._word(_SCREENED, "unmeasured")
            why = next((said[key] for key in ("class", "code") if key in said), "")
            why = why or ("superseded" if said.get("superseded") else "")
            return self._because(self._word(_SCREENED, said["result"]), self._word(_SCREENED, why))

        return self._by_city(results, of_city)

    def tendered(self, results: Mapping[str, Any]) -> str:
        """How many of those asked about at once are clear, and how many are matches."""
        return self._by_city(
            results, lambda said: self.counts(said, lambda key: self.pick(_TENDERED[key]))
        )

    def watched(self, results: Mapping[str, Any]) -> str:
        """How many are watched, and what was told of the one who was listed."""

        def of_city(said: Mapping[str, Any]) -> str:
            counts = {key: said[key] for key in _WATCHED}
            told = self._word(_SCREENED, said["told"])
            shown = self.counts(counts, lambda key: self.pick(_WATCHED[key]))
            return f"{shown}{self._marks.semicolon}{told}"

        return self._by_city(results, of_city)

    def _by_city(self, results: Mapping[str, Any], say: Callable[[Any], str]) -> str:
        return "\n".join(
            f"{self.city(region)}{self._marks.colon}{say(said)}" for region, said in results.items()
        )

    def _because(self, what: str, why: str) -> str:
        return f"{what}{self._marks.opening}{why}{self._marks.closing}" if why else what

    def _word(self, words: Mapping[str, Pair], code: str) -> str:
        return self.pick(words[code]) if code in words else code


class _Marks(NamedTuple):
    """Punctuation."""

    comma: str
    listed: str
    semicolon: str
    colon: str
    opening: str
    closing: str


_CHINESE_MARKS: Final = _Marks("，", "、", "；", "：", "（", "）")
_ENGLISH_MARKS: Final = _Marks(", ", ", ", "; ", ": ", " (", ")")

_TELLERS: Final[Mapping[str, Callable[[Words, Mapping[str, Any]], str]]] = {
    "connect": Words.connected,
    "publish": Words.published,
    "attest": Words.attested,
    "reconcile": Words.judged,
    "old-file": Words.refeeds,
    "scenario": Words.answered,
    "alliances": Words.shared,
    "invented-list": Words.turned_down,
    "quality": Words.reported,
    "outstanding": Words.owing,
    "notice": Words.told_at_home,
    "campaign": Words.exits,
    "check": Words.screened,
    "tender": Words.tendered,
    "watch": Words.watched,
    "same-name": Words.screened,
    "cleared": Words.screened,
    "undone": Words.screened,
    "benefit": Words.screened,
    "benefit-withdrawn": Words.screened,
    "benefit-equivalence": Words.screened,
    "certificate": Words.proved,
}
"""By step; the others have no results."""
