"""What is wrong with this node, each with a code and what the operator does about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from adapters.files.dropfolder import Stuck
from federation.charters.entitlement import AllianceState
from federation.ids import Origin, Timestamp
from federation.platform.control_totals import DIFFER
from federation.reconcile.catalog import Catalog
from federation.reconcile.grounds import GROUND_MISSING
from federation.reconcile.receipts import may_tell
from node.charters.expiring_certificates import WARNING_SECONDS, Ending, ending_told
from node.charters.view import TrustView
from node.log.publisher import REPLACED, UNREACHABLE, Publisher
from node.peers.exchange import Exchange
from node.status.fixes import (
    BEHIND,
    CATALOG,
    CHARTER,
    CHARTER_ENDS,
    CHARTER_OVER,
    CLOCK_FIRST,
    CONFIG_RELOAD,
    CONFIG_RESTART,
    DAMAGED,
    FORKED,
    GROUNDS,
    INBOX,
    JOBS,
    JOINING,
    LIBRARY,
    MARK,
    QUERIES,
    QUERY_KEY,
    RESTORE,
    ROOM,
    UNANSWERED,
    WRITABLE,
)
from node.status.job_runs import code_of, in_words, problems
from node.texts.messages import spoken

UNACKNOWLEDGED: Final = "platform.unacknowledged"
ACKNOWLEDGED_WITHIN: Final = 3600
"""Seconds; a platform that works acknowledges in some of them, and laws give a day or more."""
_UNSIGNED: Final = {
    REPLACED: MARK,
    UNREACHABLE: MARK,
    "own-log.behind": BEHIND,
    "own-log.forked": FORKED,
}
"""What to do where nothing is signed, by code; else our log is refilled."""
_OF_LIBRARY: Final = {
    "library.none": "there is no base library: the subject of no listing is certain, all are held",
    "library.damaged": "the base library is damaged (DIR/library.db): nothing is listed here and "
    "nothing judged until it is imported anew; reliefs pass",
}
Problem = Iterator[dict[str, str]]
SHOWN_MAX: Final = 20
"""Damaged places that the problems name one by one."""


class Problems:
    """Sees what needs more than one part of the status document."""

    def __init__(
        self,
        *,
        exchange: Exchange,
        publisher: Publisher,
        trust: Callable[[], TrustView],
        now: Callable[[], Timestamp],
        endings: Callable[[], Iterable[Ending]],
    ) -> None:
        """Wire it; `endings` are those of certificates."""
        self._exchange = exchange
        self._publisher = publisher
        self._trust = trust
        self._now = now
        self._endings = endings

    def of_node(self, logs: list[dict[str, Any]], pending: int) -> list[dict[str, str]]:
        """What is wrong with signing, charters, certificates, logs, openings and peers.

        Args:
            logs: as the status document has them.
            pending: openings that are asked of peers.
        """
        problems: list[dict[str, str]] = []
        if self._publisher.refusal is not None:
            refusal = self._publisher.refusal
            fix = _UNSIGNED.get(refusal.code, RESTORE)
            problems.append(_problem(refusal.code, str(refusal), fix))
        elif self._publisher.waiting is not None:
            waiting = self._publisher.waiting
            problems.append(_problem(waiting.code, str(waiting), UNANSWERED))
        if self._publisher.refusal is None and self._publisher.trouble is not None:
            trouble = self._publisher.trouble
            problems.append(_problem(trouble.code, str(trouble), MARK))
        for alliance in self._trust().trust.alliances:
            left = alliance.charter.terms.not_after - self._now()
            name = alliance.charter.terms.name
            if alliance.state is AllianceState.FORKED:
                problems.append(
                    _problem(
                        "charter.forked",
                        f"two valid charters of one version of {name}; nothing of it punishes",
                        "成员签署写明两者的新版：huxin charter renew --settles / "
                        "the members sign a version that names both: "
                        "huxin charter renew --settles",
                    )
                )
            elif left < WARNING_SECONDS:
                problems.append(
                    _problem(
                        "charter.expired" if left < 0 else "charter.expires",
                        ending_told(f"{name}的章程", f"the charter of {name}", self._now(), left),
                        CHARTER_OVER if left < 0 else CHARTER_ENDS,
                    )
                )
        for alliance in self._trust().joining():
            terms = alliance.charter.terms
            voters = [one.name for one in terms.members if one.id in terms.voters.values()]
            message = (
                f"{terms.name} 尚未列入本节点，等待成员签署；投票成员：{'、'.join(voters)} / "
                f"{terms.name} does not name this node yet; who votes: {', '.join(voters)}"
            )
            problems.append(_problem("charter.waiting", message, JOINING))
        if not self._trust().trust.alliances:
            problems.append(_problem("charter.none", "no charter is adopted", CHARTER))
        problems += [
            _problem(
                ending.code,
                ending.told(self._now()),
                _renewal(ending),
            )
            for ending in self._endings()
        ]
        problems += [
            _problem(
                f"log.{log['state']}",
                f"{log['origin']}: {log['state']}",
                "见 see docs/operations/faults.md#states-of-a-log",
            )
            for log in logs
            if log["state"] not in {"ok", "waiting"}
        ]
        problems += [
            _problem(
                "disk.following",
                f"{log['origin']}: what can wait is not taken while so little is free",
                ROOM,
            )
            for log in logs
            if log["waits_for_room"]
        ]
        if pending:
            problems.append(
                _problem(
                    "opening.pending",
                    f"{pending} openings are asked of peers",
                    "稍候，或查看被记过错的对方 / wait, or look at the peers blamed",
                )
            )
        problems += [
            _problem("store.damaged", f"{origin}: {message}", DAMAGED)
            for origin, message in sorted(self._exchange.damaged().items())
        ]
        problems += [
            _problem(
                code, f"{peer} delivered it {number} times", "告知对方运维 / tell its operator"
            )
            for (peer, code), number in sorted(self._exchange.blamed().items())
        ]
        return problems


def of_trouble(trouble: Exception | None) -> Iterable[dict[str, str]]:
    """That nothing can be written."""
    if trouble is not None:
        code, words = code_of(trouble), in_words(trouble)
        said = spoken(code, words, english=False), spoken(code, words, english=True)
        text = (
            f"写不进去，修复也在等待：{said[0]} / nothing can be kept, relief waits too: {said[1]}"
        )
        yield _problem(code, text, WRITABLE)


def of_grounds(found: Mapping[str, Sequence[str]]) -> Iterable[dict[str, str]]:
    """Lists of our own without the ground that their catalog names."""
    for code, editions in found.items():
        yield _problem(
            GROUND_MISSING,
            f"{code} ({', '.join(editions)})",
            GROUNDS,
        )


def of_judging(trust: TrustView, own: Origin, catalog: Catalog, *, library: str) -> Problem:
    """That nothing of others is recognised here, or nobody, for want of what judges it.

    A member that judges nothing, a hub alone, needs neither. `library` is the code of what is wrong
    with the base library; empty for nothing.
    """
    members = map(trust.trust.member, trust.trust.members(own))
    if not may_tell(role for member in members for role in member.roles):
        return
    if not catalog.editions:
        yield _problem(
            "catalog.none",
            "no edition is adopted: every listing of others stands as not recognised",
            CATALOG,
        )
    if library in _OF_LIBRARY:
        yield _problem(library, _OF_LIBRARY[library], LIBRARY)


def of_config(found: tuple[str, str, bool] | None) -> Problem:
    """That huxin.toml says otherwise than what is in use."""
    if found is not None:
        code, message, reload_suffices = found
        yield _problem(code, message, CONFIG_RELOAD if reload_suffices else CONFIG_RESTART)


def of_jobs(jobs: Iterable[dict[str, Any]]) -> Iterable[dict[str, str]]:
    """Jobs that fail."""
    for code, message in problems(jobs):
        yield _problem(code, message, JOBS)


def _renewal(ending: Ending) -> str:
    """What to do about a certificate that ends; of one that is over this clock may be wrong."""
    if ending.seconds < 0:
        chinese, _, english = _made_anew(ending).partition(" / ")
        return f"{CLOCK_FIRST[0]}；{chinese} / {CLOCK_FIRST[1]}; {english}"
    return _made_anew(ending)


def _made_anew(ending: Ending) -> str:
    if ending.departments:
        return "换发后替换文件，无须重启 / renew it and replace the files; no restart"
    if ending.whose:
        return "告知对方运维 / tell its operator"
    if ending.waits:
        return (
            "新证书已备，成员签署写明它的新版章程：huxin charter rotate --member member.json / "
            "a new certificate waits for a charter that names it: "
            "huxin charter rotate --member member.json, sign, adopt"
        )
    return (
        "换发证书并写入章程：huxin keys tls --new / "
        "make a new certificate, then a charter that names both: "
        "huxin keys tls --new"
    )


def of_key_ring(ring: dict[str, Any]) -> Iterable[dict[str, str]]:
    """Openings under keys that are gone, and an escrow that fails."""
    if ring["openings_lost"]:
        yield _problem(
            "openings.lost",
            f"{ring['openings_lost']} openings in the database are sealed under keys that were "
            "destroyed (a backup from before a rotation was restored); they count as missing",
            "无须处理，将向成员索取 / nothing: peers are asked for what was not erased",
        )
    if ring["escrow_fault"]:
        yield _problem(
            "keys.escrow", ring["escrow_fault"], "见 see docs/operations/running.md#key-ring"
        )
    if ring["tags_ready"]:
        yield _problem(
            "keys.lookup-ready",
            f"lookup key {ring['lookup_next']} is ready, {ring['tags_made']} tags made",
            "重启节点以生效 / restart the node: it takes effect, and the old one is destroyed",
        )


def of_platforms(platforms: Iterable[dict[str, Any]]) -> Iterable[dict[str, str]]:
    """Platforms that cannot be told, or hold something else than they were told."""
    for platform in platforms:
        if platform["fault"]:
            yield _problem(
                platform["fault"],
                f"{platform['name']}: {platform['waiting']} statements wait, "
                f"{platform['relief']} of them relief: {platform['message']}",
                "见 see docs/platform.md；内容不会丢失 / nothing is lost",
            )
        if platform["totals"]["outcome"] == "differs":
            yield _problem(
                DIFFER,
                f"{platform['name']}: {platform['totals']['count']} rows are not what was told",
                f"huxin adapter totals {platform['name']}; huxin adapter redeliver "
                f"{platform['name']}",
            )


def of_outcomes(outcomes: dict[str, Any]) -> Iterable[dict[str, str]]:
    """Outcomes 惩戒反馈: what is to be undone, what is late, what cannot be said now."""
    if outcomes["reopened"]:
        yield _problem(
            "outcomes.reopened",
            f"{outcomes['reopened']} 件的列入已修复或撤销，部门须解除或复核："
            f"{_named(outcomes['to_undo'])} / {outcomes['reopened']} matches whose listing was "
            f"repaired or withdrawn: {_named(outcomes['to_undo'])}",
            "通知部门解除或复核：huxin outcomes pending / "
            "the departments undo or re-examine: huxin outcomes pending",
        )
    if outcomes["overdue"]:
        yield _problem(
            "outcomes.overdue",
            f"{outcomes['overdue']} 件逾期未反馈：{_named(outcomes['late'])} / "
            f"{outcomes['overdue']} matches without a report in time: {_named(outcomes['late'])}",
            "催办部门，不影响核查与办件：huxin outcomes pending / "
            "remind the departments; nothing is held up by it: "
            "huxin outcomes pending",
        )
    if outcomes["unsaid"]:
        yield _problem(
            "outcomes.unsaid",
            f"reports are kept and not said in our log: {outcomes['unsaid']}",
            "恢复签名后自动发布 / they are said once something may be signed",
        )


def of_uses(uses: dict[str, Any]) -> Iterable[dict[str, str]]:
    """Uses of benefits 场景使用 that cannot be said now."""
    if uses["code"]:
        yield _problem(
            "benefits.unsaid",
            f"{uses['waiting']} uses are kept and not said in our log: {uses['code']}",
            "恢复签名后自动发布 / they are said once something may be signed",
        )


def _named(matches: Iterable[dict[str, Any]]) -> str:
    by = Counter(one["department"] or "-" for one in matches)
    return "、".join(f"{department} {number}" for department, number in sorted(by.items()))


def of_requests(requests: dict[str, Any]) -> Iterable[dict[str, str]]:
    """Requests 转办 that are late here or there, and those that wait for a person (J5)."""
    for one in requests["late"]:
        here = one["side"] == "answer"
        what = f"{one['statement_id']}: {one['stage']} is overdue"
        yield _problem(
            "request.overdue",
            f"{what}, asked by {one['from']}" if here else f"{what}, {one['to']} has not answered",
            f"huxin requests answer {one['statement_id']} …"
            if here
            else "催办认定方：huxin requests show / "
            "remind the origin of the listing: huxin requests show",
        )
    for member, number in requests["waiting"].items():
        yield _problem(
            "request.limit",
            f"{member}: {number} requests beyond what is taken up on a day",
            "逐件收办：huxin requests answer ID received / "
            "a person takes them up: huxin requests answer ID received",
        )


def of_acknowledging(
    outlets: Iterable[dict[str, Any]], platforms: Iterable[dict[str, Any]], now: Timestamp
) -> Iterable[dict[str, str]]:
    """Platforms that were told of the end of listings and do not say that it is done."""
    why = {one["name"]: one.get("silent", "") for one in platforms}
    for outlet in outlets:
        name = outlet["name"] or "outbox"
        if outlet["unacknowledged"] and now - outlet["since"] >= ACKNOWLEDGED_WITHIN:
            since = datetime.fromtimestamp(outlet["since"], UTC).isoformat(" ", "minutes")
            odd = ", ".join(f"{code} {count}" for code, count in sorted(outlet["odd"].items()))
            yield _problem(
                UNACKNOWLEDGED,
                f"{name}: {outlet['unacknowledged']} ends of listings are not acknowledged, the "
                f"first since {since}; nothing says that they are lifted. "
                f"{odd and f'Of its words these count for nothing: {odd}. '}"
                f"{why.get(outlet['name'], '')}".rstrip(),
                "平台须确认已解除措施；见 docs/platform.md#acknowledgements-执行确认 / "
                "the platform acknowledges what it has done, see "
                "docs/platform.md#acknowledgements-执行确认",
            )


def of_disk(disk: dict[str, Any]) -> Iterable[dict[str, str]]:
    """A disk that runs full."""
    if disk["problem"] is not None:
        yield _problem(
            disk["problem"]["code"],
            disk["problem"]["message"],
            ROOM,
        )


def of_queries(queries: dict[str, Any]) -> Iterable[dict[str, str]]:
    """A query log that cannot go on, or that nobody witnesses."""
    problem = queries["problem"]
    if problem is not None:
        fix = QUERY_KEY if problem["code"] == "queries.unwitnessed" else QUERIES
        yield _problem(problem["code"], problem["message"], fix)


def of_access(access: dict[str, Any]) -> Iterable[dict[str, str]]:
    """Credentials that were stopped, and tokens that others may have read."""
    for one in access["stopped"]:
        yield _problem(
            "access.stopped",
            f"{one['credential']} of {one['department']}: {one['code']}",
            f"问明后解除：huxin access lift {one['credential']}，或者吊销 / "
            f"ask why, then huxin access lift {one['credential']}, or revoke",
        )
    for one in access["exposed"]:
        yield _problem(
            "access.token-exposed",
            f"the token of {one['credential']} stood in a {one['place']}",
            f"huxin access revoke {one['credential']}，再换发 / "
            f"huxin access revoke {one['credential']}, and give a new one",
        )


def of_check_workers(workers: dict[str, Any]) -> Iterable[dict[str, str]]:
    """Workers that are away."""
    if workers["away"]:
        yield _problem(
            "check-workers.away",
            f"{workers['ready']} of {workers['wanted']} answer, {workers['ended']} have ended",
            "查看节点日志与内存 / look at the node's log, and whether there is memory",
        )


def of_scrub(scrub: dict[str, Any]) -> Iterable[dict[str, str]]:
    """Stored bytes that were found changed."""
    for one in scrub["damaged"][:SHOWN_MAX]:
        text = f"{one['origin']}: {one['part']} from {one['first']}: {one['message']}"
        yield _problem("store.damaged", text, DAMAGED)


def of_inbox(stuck: Iterable[tuple[str, Stuck]]) -> Iterable[dict[str, str]]:
    """Files that cannot be taken."""
    for source, one in stuck:
        yield _problem(one.code, f"{source}: {one.title or 'inbox'}: {one.message}", INBOX)


def _problem(code: str, message: str, fix: str) -> dict[str, str]:
    return {"code": code, "message": message, "fix": fix}
