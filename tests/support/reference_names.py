"""Chinese of settings and figures, for the reference pages (`reference_pages`)."""

from __future__ import annotations

from typing import Final

SETTINGS: Final[dict[str, tuple[str, str]]] = {
    "node.region": ("行政区划代码（GB/T 2260，6 位）", "region, six digits of GB/T 2260"),
    "node.name": ("节点名称", "name of the node"),
    "node.role": ("角色：city、county、hub、auditor", "city, county, hub or auditor"),
    "node.origin": (
        "日志源；章程以此认得本节点，不改动",
        "origin of the log; charters know the node by it, it is not edited",
    ),
    "listen.exchange": (
        "成员连接的地址；端口 0 任取一个，空为不监听",
        "where peers connect; port 0 takes a free one; empty: not at all",
    ),
    "listen.advertise": (
        "`init` 写入 member.json 的地址；成员拨号以章程为准",
        "what `init` wrote into member.json; the charter decides where peers dial",
    ),
    "listen.metrics": ("指标的地址；空为关闭", "where figures are served; empty: off"),
    "http.listen": (
        "部门经 HTTP 查询的地址；空为不提供",
        "where departments ask over HTTP; empty: not at all",
    ),
    "http.cert": (
        "证书（PEM）；空时只限本机地址",
        "certificate, PEM; without it only an address of this machine",
    ),
    "http.key": ("私钥（PEM，权限 0600）", "its key, PEM, mode 0600"),
    "http.console": ("是否提供控制台页面", "whether pages for people are served beside it"),
    "http.origin": (
        "前有网关时，浏览器所用的地址（https://…）",
        "https://… as browsers call them, where a gateway stands before the node",
    ),
    "http.oidc": (
        "本市的统一身份认证；没有就只用本节点账号登录",
        "the city's identity provider; without it people sign in with accounts of this node alone",
    ),
    "http.upload_bytes": ("经 HTTP 发布的文件最大字节数", "most bytes of a file over HTTP"),
    "logs.listen": (
        "日志对外经 HTTP 的地址；空为不提供",
        "where logs are shown to strangers over HTTP; empty: not at all",
    ),
    "logs.cert": ("证书（PEM）；空用节点自己的", "certificate, PEM; empty: the node's own"),
    "logs.key": ("私钥（PEM）", "its key, PEM"),
    "logs.plain": (
        "不用 TLS，由本机网关代为；此时只显示公开的日志",
        "without TLS, for a gateway on this machine; then only public logs are shown",
    ),
    "state.mark": (
        "多台主机可签名时的共享标记：另一台 PostgreSQL 的地址；空为 DIR/state 中的文件",
        "where several hosts may sign: a database of another PostgreSQL server; empty: files",
    ),
    "state.mark_password_file": ("其口令文件，权限 0600", "file of its password, mode 0600"),
    "state.mark_ca_file": ("核验其证书的 PEM", "PEM by which its certificate is verified"),
    "database.url": (
        "空为 `DIR/huxin.db`；或 `sqlite:///文件`、`postgresql://…`",
        "empty: `DIR/huxin.db`; `sqlite:///FILE` or `postgresql://…`",
    ),
    "alliance.pins": (
        "联盟编号；`charter adopt` 写入，两章程相抵触时在前者为准",
        "alliance ids; `charter adopt` adds them; the first counts where two contradict each other",
    ),
    "peers.connect_seconds": ("一次连接尝试的秒数", "seconds until an attempt is given up"),
    "peers.retry_longest_seconds": (
        "两次尝试之间最长的停顿（秒）",
        "longest pause between two attempts, seconds",
    ),
    "peers.not_direct": (
        "没有直连的成员编号：不拨号、拒其拨入，日志来自枢纽",
        "member ids without a line: not dialled and refused; their logs come from hubs",
    ),
    "files.inbox": ("收件目录，相对节点目录", "folder of files to take, relative to the directory"),
    "files.outbox": (
        "发件目录；空为不写文件，须另配平台",
        "folder of files written; empty: none, then a platform must be named",
    ),
    "files.keep_days": (
        "取走或拒收的文件保留天数",
        "days for which a dropped file is kept once taken or refused",
    ),
    "files.settle_seconds": (
        "没有标志文件时，多久不变即取走（秒）",
        "a file without a sign is taken when unchanged for so many seconds",
    ),
    "files.consent_required": (
        "数源部门写明共享属性和同意转交的文书之后才发布其名单",
        "a source publishes lists only once it states sharing and consent",
    ),
    "files.second_person": (
        "须两人确认后发布的列入：`no`、`by-hand`、`all`；`auto`：`[persons]` 有两人即为 `by-hand`",
        "what of lists waits for two persons: `no`, `by-hand`, `all`; `auto`: `by-hand` with two",
    ),
    "files.second_person_lists": (
        "个别名单另行规定，按名单编号",
        "the same of single lists, by their ids",
    ),
    "files.snapshot_share_max": (
        "全量文件缺行超过此比例即整份拒收",
        "a full snapshot that leaves out a larger share of a feed is refused whole",
    ),
    "files.sources": ("数源部门，见“数源部门”", "source departments, below"),
    "limits.streams": (
        "一个成员的一条连接上同时的调用数",
        "calls at a time on one connection of a peer",
    ),
    "limits.file_bytes": ("名单文件最大字节数", "most bytes of a list file"),
    "limits.file_rows": ("名单文件最大行数", "most rows of a list file"),
    "storage.reserve_bytes": (
        "为解除预留的磁盘空间；不足时停收其他内容；0 为不留",
        "bytes kept free for relief; while less is free nothing else is taken; 0: none",
    ),
    "storage.scrub_leaves": (
        "每十秒读回并核验的叶数；0 为不读",
        "stored leaves read and proved every ten seconds; 0: none",
    ),
    "workers.prepare": (
        "与写入并行的读取进程数；auto 依处理器数",
        "processes that read and seal beside the one that stores; auto: by processors",
    ),
    "timing.head_seconds": (
        "两次最新签名之间的秒数（1 至 60）",
        "seconds between two signatures on our newest head, 1 to 60",
    ),
    "timing.stale_after_seconds": (
        "日志多久没有新签名即为过时（秒）",
        "a log without a fresh head for so many seconds is stale",
    ),
    "timing.pull_seconds": (
        "向成员询问最新签名和缺失内容的间隔（秒）",
        "seconds between two rounds in which peers are asked for heads and missing openings",
    ),
    "receipts.seconds": (
        "回执汇集的秒数，至多一小时",
        "seconds for which outcomes are gathered, at most an hour",
    ),
    "receipts.relief_seconds": (
        "其中有解除时汇集的秒数",
        "seconds where relief is among them",
    ),
    "quality.working_days": (
        "自决定起多少工作日内报送为及时",
        "working days from the decision within which a listing is timely",
    ),
    "quality.compliance_of": ("合规率的分母", "denominator of the compliance rate"),
    "quality.timeliness_of": ("及时率的分母", "denominator of the timeliness rate"),
    "quality.ignore_held": (
        "接收方待核的是否仍计合规",
        "whether a listing that a receiver holds is compliant all the same",
    ),
    "quality.ignored_reasons": (
        "不归责于来源的编码（开头）",
        "beginnings of codes for which the source is not answerable",
    ),
    "quality.incomplete_reasons": (
        "计为不完整的编码（开头）",
        "beginnings of codes by which a record is incomplete",
    ),
    "quality.irregular_reasons": (
        "计为不规范的编码（开头）",
        "beginnings of codes by which it is badly written",
    ),
    "quality.unlinked_reasons": (
        "计为未关联主体的编码（开头）",
        "beginnings of codes by which its subject was not found",
    ),
    "quality.gap_days": (
        "两次发布之间不算间断的天数",
        "days from one publication to the next that are no gap",
    ),
    "keys.rotate_days": (
        "密钥环更换的天数；0 只由命令更换",
        "age in days at which the opening key is replaced; 0: only by command",
    ),
    "keys.escrow": (
        "密钥环副本文件；写不进去时不更换密钥",
        "file that always holds a copy of the key ring; while it cannot, none is replaced",
    ),
    "access.listen": (
        "部门以证书经 gRPC 查询的地址",
        "where departments ask over gRPC with a client certificate",
    ),
    "access.listen_tokens": (
        "部门以凭据经 gRPC 查询的地址",
        "where departments ask over gRPC with a token",
    ),
    "access.workers": (
        "回答核查的进程数（0 至 16）；0 由节点自己回答",
        "processes that answer checks (0 to 16); 0: the node itself does",
    ),
    "access.keep_years": (
        "查询内容保存的年数（1 至 30），依可信时间",
        "years for which what was asked is kept, by trusted time",
    ),
    "observe.otlp": (
        "收集追踪的地址（OTLP，gRPC），空为不追踪；需要 huxin[otel]",
        "the collector of traces (OTLP over gRPC); empty: off; needs huxin[otel]",
    ),
    "persons": (
        "可以签署的人员的验证密钥，按姓名",
        "verifier key by name of who may propose, adopt, decide and vouch",
    ),
    "posts": (
        "人员的单位与岗位，按姓名，用于公文和经过",
        "where persons work, by name, for letters and stories",
    ),
    "letters.issuer": ("发文机关；空则公文留空待填", "who issues letters; empty: left free"),
    "letters.code": (
        "本节点所编文号的机关代字；空则由人填写文号",
        "code of the numbers that this node gives; empty: people type numbers",
    ),
    "letters.codes": ("某类公文另用的机关代字", "another code for letters of a kind"),
    "platform": (
        "平台的数据库或服务，见“平台”，至多 4 个",
        "a database or service of the city's platform, below; at most 4",
    ),
}

TABLES: Final[dict[str, tuple[str, str]]] = {
    "http.oidc.issuer": (
        "其地址，与它自称的逐字相同；其余由它自己公布",
        "its address, letter for letter as it names itself; all else is read there",
    ),
    "http.oidc.client_id": ("本节点在它那里的编号", "by which it knows this node"),
    "http.oidc.client_secret_file": (
        "本节点密钥的文件，权限 0600；与下一项只用其一",
        "file of the node's secret there, mode 0600; this or the next",
    ),
    "http.oidc.client_key_file": (
        "本节点私钥（PEM，权限 0600），用 `private_key_jwt` 时",
        "PEM of a private key, mode 0600, for `private_key_jwt`",
    ),
    "http.oidc.ca_file": (
        "核验其证书的 PEM；空用系统的",
        "PEM of who may have signed its certificate; empty: those of the system",
    ),
    "http.oidc.name": ("登录页按钮上的名称", "what the button of the sign-in page calls it"),
    "http.oidc.max_age_seconds": (
        "在它那里登录后多久须重新登录；0 为不问",
        "how long ago a person may have signed in there; 0: any time",
    ),
    "http.oidc.acr": (
        "要求的认证方式（`acr`）；空为不要求",
        "authentication context that is asked for; empty: none",
    ),
    "files.sources.<name>.name": ("部门全称", "full name of the department"),
    "files.sources.<name>.authorities": (
        "文件中的认定单位名称与其代码",
        "names of authorities in its files, and their codes",
    ),
    "files.sources.<name>.list_types": ("可以报送的名单类型", "list types it may say"),
    "files.sources.<name>.mapping": (
        "映射文件；空用内置的",
        "mapping file; empty: the built-in one",
    ),
    "files.sources.<name>.relief_only": ("只报送解除", "says reliefs alone"),
    "files.sources.<name>.comparison": (
        "只作比对，不发布",
        "only compared with, nothing is published",
    ),
    "files.sources.<name>.sharing": (
        "共享属性：unconditional 无条件、conditional 有条件、none 不予共享",
        "how its data are shared: unconditional, conditional, none",
    ),
    "files.sources.<name>.consent": (
        "同意转交的文书",
        "document in which it consents to handing on",
    ),
    "posts.<name>.unit": ("单位", "unit"),
    "posts.<name>.post": ("岗位", "post"),
    "platform.<name>.url": ("地址，不含口令", "address without a password"),
    "platform.<name>.password_file": (
        "口令或令牌文件，权限 0600",
        "file of the password or token, mode 0600",
    ),
    "platform.<name>.ca_file": ("服务的 CA 证书", "CA certificate of a service"),
    "platform.<name>.sources": (
        "其收件表可以代表的数源部门",
        "sources for which its inbox may speak",
    ),
    "platform.<name>.batches": (
        "是否也经批量表提问",
        "whether batches are asked by its table as well",
    ),
    "platform.<name>.checks": (
        "经查询表提问的来源及其凭据文件",
        "token file of each source that asks by tables",
    ),
}
"""Settings of the tables that stand once for each source and platform."""
