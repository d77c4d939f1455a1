"""Writing DIR/huxin.toml: all settings with their defaults and what they mean; adding a pin."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from adapters.files.atomic import write_atomically
from federation.errors import RefusedError
from federation.ids import CharterId, Origin
from node.directory.config import FILE_NAME, Config, ConfigError, load_config, parse_config

_TEMPLATE: Final = """\
# Configuration of a huxin 互信 node. Every setting stands here with its default; keys that are not
# known are refused. Restart the node after a change.

[node]
# Given by `huxin init`; charters know the node by the origin, so these are not edited.
region = {region}
name = {name}
role = {role}
origin = {origin}

[listen]
# Where peers connect, host:port; port 0 takes a free one (see node.json).
exchange = {listen}
# host:port under which peers reach this node; empty: it only dials, and peers wait for it.
advertise = {advertise}
# host:port for Prometheus; empty: off. Not meant for other networks.
metrics = ""

[http]
# host:port where departments ask over HTTP (docs/zh/checking.md); empty: off. Without certificate
# and key only an address of this machine, such as 127.0.0.1:7480, behind the city's gateway.
listen = ""
# PEM files, relative to DIR: the certificate with its chain, for the name that departments call,
# and its key. Read again when they change.
cert = ""
key = ""
# true: pages for people beside them (docs/console.md; `huxin access account new` lets them in).
console = false
# https://… as browsers call them where a gateway stands before this address; empty: as they do.
origin = ""
# Most bytes of a list file that is published over HTTP (docs/zh/operations/api.md).
upload_bytes = 67108864
# The city's identity provider 统一身份认证, by which people may sign in to the console as well
# (docs/console.md); it sends browsers back to ORIGIN/sign-in/provider.
# [http.oidc]
# issuer = "https://sso.example"
# client_id = "huxin"
# client_secret_file = "keys/oidc-secret"

[logs]
# host:port where the logs are shown as files (C2SP tlog-tiles) and others' checkpoints cosigned
# (tlog-witness); empty: off. To whom, the charter's `tiles` says (docs/operations/running.md).
listen = ""
# PEM files of a certificate for the name that others call; empty: the node's own.
cert = ""
key = ""
# true: without TLS, behind a gateway on this machine; then only what is public is shown.
plain = false

[database]
# sqlite:///FILE or postgresql://…; empty: DIR/huxin.db.
url = ""

[state]
# Where what this node has signed is kept, apart from the database: files in DIR/state, or, for
# several hosts of which one signs, a database of another PostgreSQL server; see the page failover.
mark = ""
mark_password_file = ""
mark_ca_file = ""
# mark = "postgresql://huxin_mark@mark.example:5432/huxin_mark"
# mark_password_file = "keys/mark"
# mark_ca_file = "mark-ca.pem"

[alliance]
# Ids of the alliances that this node trusts, compared with paper; `huxin charter adopt` adds them.
# Where two charters contradict each other about a log's key, the first one counts.
pins = []

[peers]
# Seconds until a connection attempt is given up, and the longest pause between two of them.
connect_seconds = 10
retry_longest_seconds = 30
# Member ids with which no connection is made, nor taken; their logs come through the hub.
not_direct = []

[files]
# Where sources lay files (one directory each) and where results are laid; relative to DIR.
inbox = "inbox"
outbox = "outbox"
# outbox = "" writes no files; then a platform's database must be named below.
# A file without .done or manifest is taken when it has not changed for so many seconds.
settle_seconds = 10
# Files taken or refused, with their errors files, are removed after so many days.
keep_days = 30
# A full snapshot that leaves out more than this share of a feed's rows is refused whole.
snapshot_share_max = 0.2
# Whether a source publishes lists only once `sharing` and `consent` below are stated.
consent_required = false
# What lists somebody and waits until two persons confirm it: "no", "by-hand" (what persons bring),
# "all" (what systems bring, too); "auto": by hand once [persons] names two. Relief never waits.
second_person = "no"
# The same of single lists: {{ "judgment-defaulter" = "all" }}
second_person_lists = {{}}

# Each source speaks only for the authorities and list types bound to it:
# [files.sources.court]
# authorities = {{ "泸州市江阳区人民法院" = "11510502000000000X" }}
# list_types = ["judgment-defaulter"]
# mapping = "court.yaml"
# How its catalog says that its data are shared (unconditional, conditional, none), and the document
# in which it consents to handing them on to other cities.
# sharing = "conditional"
# consent = "泸法函〔2026〕9号"

[limits]
# Calls at a time on one connection of a peer; bytes and rows of one file.
streams = 64
file_bytes = 268435456
file_rows = 1000000

[storage]
# Bytes kept free on the disk for relief, never more than a twentieth of it; while less is free,
# nothing else is published; below half of it the logs of others wait, but for their reliefs.
reserve_bytes = 268435456
# Stored leaves, with their openings, that are read and proved every ten seconds; 0: none.
scrub_leaves = 2048

[workers]
# Processes that read and seal what peers deliver while this one stores it; 0: none; "auto": none on
# one or two processors, one on three, two on more.
prepare = "auto"

[timing]
# Seconds between two signatures on our newest head, also when idle (1 to 60).
head_seconds = 50
# Seconds after which an origin that shows no fresh head no longer punishes anyone.
stale_after_seconds = 86400
# Seconds between two rounds in which peers are asked for heads and missing openings.
pull_seconds = 30

[receipts]
# Seconds for which outcomes are gathered before the origin is told of them: in all within an hour,
# where relief is among them within five seconds.
seconds = 3000
relief_seconds = 3

[quality]
# Working days from the decision within which a listing is published in time.
working_days = 7
# Of what the rate of compliance is: "reported", or "judged" by a receiver or refused at intake.
compliance_of = "reported"
# Of what the rate of timeliness is: "known", or all "published".
timeliness_of = "known"
# Whether a listing that a receiver holds is compliant all the same.
ignore_held = false
# Beginnings of reason codes for which the source is not answerable, such as "catalog.".
ignored_reasons = ["catalog."]
# Beginnings of reason codes by which a record is incomplete, badly written, or without a subject.
incomplete_reasons = [
  "field.missing", "document.missing", "basis.missing", "notice.missing", "period.missing"
]
irregular_reasons = ["identity.code-", "date.", "field.control", "field.long", "field.value"]
unlinked_reasons = ["identity.subject-unknown", "identity.attested-unknown",
                    "identity.attested-differs", "identity.name-mismatch"]
# Days from one publication of a list to the next that are no gap.
gap_days = 30

[keys]
# Days after which the key that seals what is held is replaced and the old one destroyed; 0: only
# by `huxin keys rotate`.
rotate_days = 30
# File (absolute path, on a place off this machine) that always holds a copy of the key ring; empty:
# you keep it by hand. While it cannot be written no key is replaced.
escrow = ""

[access]
# Where departments ask over gRPC, host:port; empty: nowhere. Both speak TLS 1.3 with this node's
# certificate: one for departments with a client certificate, one for those with a token
# (`huxin access new`).
listen = ""
listen_tokens = ""
# Processes that answer checks there, each on a processor of its own; 0: the node itself does.
workers = 0
# Years for which what departments asked and operators read is kept; then it is erased.
keep_years = 5

[observe]
# Traces, to a collector that takes OTLP over gRPC: https://HOST:PORT, or http://127.0.0.1:PORT;
# empty: off. Needs `pip install 'huxin[otel]'` (docs/operations/running.md).
otlp = ""

[persons]
# Who may propose, adopt and decide, each with a key of their own (`huxin keys person`). Where
# nobody is named, persons are names that the operator types, and nothing is signed.
# "张某" = "张某+0a1b2c3d+AQ…"

# Where persons work, for letters and stories; who has an account is known by it already.
# [posts]
# "张某" = {{ unit = "泸州市信用办（演示）", post = "科长" }}

[letters]
# The unit that issues letters 发文机关, and the code 机关代字 of the numbers that this node gives
# them, such as 泸信办〔2026〕12号; empty: letters have room, and people type numbers.
issuer = ""
code = ""
# Another code for letters of a kind (docs/zh/documents.md):
# [letters.codes]
# decision = "泸信决"

# Databases or services of the city's platform that are told what the outbox is told
# (docs/platform.md):
# [platform.city]
# url = "postgresql://huxin_node@db.example/exchange"
# password_file = "keys/platform-city"
# Sources for which rows of its inbox table may speak:
# sources = ["court"]
# Whether these systems ask by rows of huxin_check_batch as well:
# batches = true
# Files of the tokens with which systems that cannot call ask by rows of huxin_check, by source:
# [platform.city.checks]
# tender = "keys/check-tender"
"""

_PINS: Final = re.compile(r"^pins[ \t]*=[ \t]*\[[^\]]*\]", re.MULTILINE)


def default_config(
    directory: Path,
    *,
    region: str,
    name: str,
    role: str,
    origin: Origin,
    listen: str,
    advertise: str = "",
) -> str:
    """Return the text of a new node's configuration.

    Raises:
        ConfigError: a value is not valid.
    """
    text = _TEMPLATE.format(
        region=_quote(region),
        name=_quote(name),
        role=_quote(role),
        origin=_quote(origin),
        listen=_quote(listen),
        advertise=_quote(advertise),
    )
    parse_config(text, directory)
    return text


def add_pin(directory: Path, charter: CharterId) -> Config:
    """Add an alliance to the pins, leaving the rest of the file as the operator wrote it.

    Raises:
        ConfigError: the configuration cannot be read.
        RefusedError: the place of the pins was not found (`config.pins`); nothing was changed.
    """
    config = load_config(directory)
    if charter in config.pins:
        return config
    path = directory / FILE_NAME
    text = path.read_text("utf-8")
    pins = (*config.alliance.pins, charter.hex())
    lines = "".join(f'  "{pin}",\n' for pin in pins)
    changed = _PINS.sub(f"pins = [\n{lines}]", text, count=1)
    if changed == text:
        separator = "" if "[alliance]" in text else "\n[alliance]\n"
        changed = f"{text}{separator}pins = [\n{lines}]\n"
    try:
        written = parse_config(changed, directory)
    except ConfigError:
        written = config
    if written != config.model_copy(update={"alliance": written.alliance}) or (
        written.alliance.pins != pins
    ):
        message = (
            f"{path}: expected one list `pins` in [alliance], got another form; "
            f'add "{charter.hex()}" to it by hand'
        )
        raise RefusedError("config.pins", message)
    write_atomically(path, changed.encode(), mode=0o600)
    return written


def _quote(text: str) -> str:
    """Write a TOML basic string; JSON's escapes are among TOML's, but for U+007F."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
