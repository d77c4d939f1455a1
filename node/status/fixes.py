"""What the operator does about a problem, as `中文 / English`; each half names the commands."""

from __future__ import annotations

from typing import Final

MARK: Final = "见 see docs/operations/failover.md#the-marks-server"
RESTORE: Final = "huxin recover; docs/operations/running.md#when-nothing-is-signed"
BEHIND: Final = (
    "先确认没有另一台机器用本节点的目录或密钥运行，是复制来的目录就停止这一台；再 huxin recover；"
    "见 docs/operations/running.md#when-nothing-is-signed / "
    "first make sure that no other machine runs with this node's directory or keys, and where this "
    "one is a copy stop it; then huxin recover; "
    "docs/operations/running.md#when-nothing-is-signed"
)
"""A copy that recovers and signs on makes a second history, which nothing takes back."""
FORKED: Final = (
    "两台机器都停止，什么也不删除，当日告知全体成员；见 docs/operations/incident.md / "
    "stop both machines, delete nothing, tell the members today; docs/operations/incident.md"
)
UNANSWERED: Final = (
    "连接任一成员；见 docs/operations/running.md#when-listings-wait / "
    "connect a member; docs/operations/running.md#when-listings-wait"
)
GROUNDS: Final = (
    "采用设立它的版本，或者改正所列版本：huxin catalog check / "
    "adopt the edition that makes it, or mend those named: "
    "huxin catalog check"
)
ROOM: Final = "腾出或扩大磁盘即可 / free space or make the disk larger; nothing else is to be done"
DAMAGED: Final = (
    "检测磁盘与内存；见 docs/operations/faults.md#faults-of-disk-and-database / "
    "test disk and memory; docs/operations/faults.md#faults-of-disk-and-database"
)
QUERIES: Final = (
    "放回较新的 queries.db 或所缺的标记，其间不应答；没有的，两人 huxin access new-log；"
    "见 docs/query-log.md#backup / bring the newer queries.db or the mark back; nobody is answered "
    "meanwhile; where they are lost two persons: huxin access new-log; docs/query-log.md#backup"
)
QUERY_KEY: Final = (
    "查询日志的密钥（member.json）写入章程，或连接成员；见 docs/operations/faults.md#node / "
    "put the key into the charter, or connect "
    "a member; "
    "docs/operations/faults.md#node"
)
WRITABLE: Final = (
    "检查磁盘空间、只读与数据库；见 docs/operations/faults.md#faults-of-disk-and-database / "
    "see disk space, read-only file systems, the database; "
    "docs/operations/faults.md#faults-of-disk-and-database"
)
CATALOG: Final = (
    "采用目录版本：huxin catalog import；见 docs/operations/running.md#what-is-recognised / "
    "adopt editions: huxin catalog import; docs/operations/running.md#what-is-recognised"
)
LIBRARY: Final = (
    "导入本市法人库：huxin catalog library；见 docs/operations/running.md#what-is-recognised / "
    "import the city's base library: huxin catalog library; "
    "docs/operations/running.md#what-is-recognised"
)
CONFIG_RELOAD: Final = (
    "对进程发 SIGHUP 即采用：systemctl reload huxin@…，kill -HUP PID / "
    "taken at SIGHUP: systemctl reload huxin@…, kill -HUP PID"
)
CONFIG_RESTART: Final = (
    "改正文件，或重启节点以采用 / mend the file, or start the node again for it to count"
)
JOBS: Final = (
    "将自动重试；见 docs/operations/faults.md#jobs / tried again; docs/operations/faults.md#jobs"
)
CHARTER: Final = (
    "受邀的 huxin join INVITE；新建联盟的 huxin charter new，签够后 huxin charter adopt FILE；"
    "见 docs/operations/join.md / where you are invited huxin join INVITE; to found an alliance "
    "huxin charter new, and once all have signed huxin charter adopt FILE; docs/operations/join.md"
)
CLOCK_FIRST: Final = (
    "先核对本机时钟（huxin clock show）",
    "look at this machine's clock first (huxin clock show)",
)
"""Before anything is made anew because it is over by the machine's clock."""
CHARTER_ENDS: Final = (
    "成员签署下一版：huxin charter renew / the members sign the next version: huxin charter renew"
)
CHARTER_OVER: Final = (
    f"{CLOCK_FIRST[0]}；成员签署下一版：huxin charter renew / "
    f"{CLOCK_FIRST[1]}; the members sign the next version: huxin charter renew"
)
JOINING: Final = (
    "申请交给邀请方后，等待这些成员签署，签够即自动加入 / hand the request to the inviter; once "
    "enough of them have signed this node joins by itself"
)
INBOX: Final = "见 see docs/operations/faults.md#files-and-rows；该文件不影响其他 / others go on"
