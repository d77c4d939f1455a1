"""What a condition 条件 asks, in Chinese and English: one function for all who show it.

The sentences say exactly what is decided (`federation.conditions`): all, any and the opposite with
brackets, each test with the names of today's catalogs beside the codes. A test that this program
does not know is said as such, and that nobody is entitled by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from federation.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    CommitmentKept,
    Condition,
    KindOfSubject,
    Negated,
    NoListing,
    OnList,
    RegisteredIn,
    Test,
    UnknownTest,
)
from federation.names import SUBJECT_KINDS

Naming = Callable[[str], str]
"""The name of a code; empty where nobody knows one."""


def _nameless(code: str) -> str:
    del code
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What codes are called, by the catalogs of the moment."""

    lists: Naming = _nameless
    methods: Naming = _nameless
    measures: Naming = _nameless
    regions: Naming = _nameless


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One text in both languages."""

    zh: str
    en: str


def explain(condition: Condition | None, names: Names) -> Explained:
    """Say what a condition asks; total: whatever it holds has words."""
    match condition:
        case None:
            return Explained(zh="无另外的条件", en="nothing further is asked")
        case AllOf(of=of):
            return _joined(of, names, ("同时符合", "all of"))
        case AnyOf(of=of):
            return _joined(of, names, ("符合任一", "any of"))
        case Negated(condition=inner):
            said = explain(inner, names)
            return Explained(zh=f"不属于（{said.zh}）", en=f"not ({said.en})")
        case _:
            return _test(condition, names)


def _test(test: Test, names: Names) -> Explained:
    match test:
        case OnList():
            return _on_list(test, names)
        case AtLeast():
            return _at_least(test, names)
        case NoListing():
            return _no_listing(test, names)
        case RegisteredIn():
            named = _named(names.regions, test.region)
            return Explained(zh=f"注册地在{named}", en=f"registered in {named}")
        case KindOfSubject():
            return Explained(
                zh=f"主体为{'、'.join(map(SUBJECT_KINDS.label, test.kinds))}",
                en=f"of the kind {' or '.join(map(SUBJECT_KINDS.name, test.kinds))}",
            )
        case CommitmentKept():
            made = test.commitment_type
            return Explained(
                zh=f"作出过“{made}”承诺并已履行，且无逾期未履行的",
                en=f"made a commitment {made} and kept it, and none is overdue",
            )
        case UnknownTest():
            return Explained(
                zh="本节点不认识的条件（无法判断，不据此给予）",
                en="a test that this node does not know (undecided: nobody is entitled by it)",
            )


def _on_list(test: OnList, names: Names) -> Explained:
    named, edition = _named(names.lists, test.list_type), test.edition
    return Explained(
        zh=f"列入守信名单{named}" + (f"（{edition}版）" if edition else ""),
        en=f"on the list of the trustworthy {named}" + (f", edition {edition}" if edition else ""),
    )


def _at_least(test: AtLeast, names: Names) -> Explained:
    named = _named(names.methods, test.method)
    return Explained(
        zh=f"{named}（{test.edition}版）评定的等级为“{test.at_least}”或更好",
        en=f"grade {test.at_least} or better by {named}, edition {test.edition}",
    )


def _no_listing(test: NoListing, names: Names) -> Explained:
    measure = _named(names.measures, test.measure)
    of = [_named(names.lists, one) for one in test.list_types]
    return Explained(
        zh=f"未被列入{'、'.join(of)}，以致依本地措施清单须“{measure}”（已修复、撤销、到期的不计）",
        en=f"no listing on {', '.join(of)} by which {measure} could follow here (what was "
        "repaired, withdrawn or has ended counts for nothing)",
    )


def _joined(of: Sequence[Condition], names: Names, words: tuple[str, str]) -> Explained:
    if len(of) == 1:
        return explain(of[0], names)
    parts = [explain(one, names) for one in of]
    return Explained(
        zh=f"{words[0]}（{'；'.join(part.zh for part in parts)}）",
        en=f"{words[1]} ({'; '.join(part.en for part in parts)})",
    )


def _named(naming: Naming, code: str) -> str:
    """The name with its code, or the code alone."""
    name = naming(code)
    return f"{name}（{code}）" if name and name != code else code
