"""Packets: SPEC §9.8."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from google.protobuf.message import DecodeError
from huxin.v1 import exchange_pb2

from tests.independent import exchange_rules as exchange
from tests.independent import forms
from tests.independent.forms import ORIGIN, Refused, demand, lp, recoded, sha256

HEADER = re.compile(
    rf"huxin-packet/1\nfrom ({ORIGIN.pattern})\nto ({ORIGIN.pattern})\ncharter ([0-9a-f]{{64}})\n"
    r"packet ([0-9a-f]{32})\npart ([1-9][0-9]{0,9}) (?:more|last)\nleaves (?:0|[1-9][0-9]{0,18})\n"
    r"suite ([1-9][0-9]{0,2})\nkey ([0-9a-f]{32})\nbody (0|[1-9][0-9]{0,18})\ndigest (\S{44})\n"
    rf"(?:log (?:{ORIGIN.pattern}) (?:0|[1-9][0-9]{{0,18}}) (?:0|[1-9][0-9]{{0,18}})\n){{0,128}}",
    re.ASCII,
)


def well_formed(header: str) -> tuple[str, ...]:
    """The fields of a header that has the form, and no other."""
    match = HEADER.fullmatch(header)
    if match is None:
        raise Refused("packet.malformed")
    forms.base64_bytes(match[9], 32, "packet.malformed")
    spans = re.findall(r"^log (\S+) (\d+) (\d+)$", header, re.ASCII | re.MULTILINE)
    counts = [int(end) - int(start) for _, start, end in spans]
    leaves = int(header.split("\nleaves ")[1].split("\n", maxsplit=1)[0])
    demand(len({x for x, _, _ in spans}) == len(spans), "packet.malformed")
    demand(min(counts, default=0) >= 0 and sum(counts) == leaves, "packet.malformed")
    demand(int(match[5]) < 2**32 and int(match[6]) <= 255, "packet.malformed")
    return match.groups()


def packet(header: str, body: bytes, secrets: list[bytes]) -> bytes:
    """The frames of a part, its header verified (§9.8)."""
    origin, to, charter, number, part, suite, key, length, digest = well_formed(header)
    demand(len(body) == int(length), "packet.truncated")
    demand(sha256(body) == forms.base64_bytes(digest), "packet.altered")
    demand(suite == "1", "packet.suite")
    place = lp(origin), lp(to), bytes.fromhex(number), int(part).to_bytes(4, "big")
    info = exchange.seal_info(2, bytes.fromhex(charter), *place)
    found = exchange.unseal(secrets, bytes.fromhex(key), body, info, "packet")
    at = 0
    while at < len(found):
        end = at + 4 + int.from_bytes(found[at : at + 4], "big")
        demand(at + 4 <= end <= len(found), "packet.malformed")
        with suppress(DecodeError):
            exchange_pb2.FollowRequest.FromString(found[at + 4 : end])
            at = end
            continue
        raise Refused("packet.malformed")
    return found


def part(data: Any, case: Any) -> None:
    """A file as it comes, in the order of the table."""
    raw = bytes.fromhex(case["part"])
    with recoded("packet.malformed"):
        first = re.match(rb"huxin-packet/1 ([1-9][0-9]{0,5})\n", raw)
        demand(first and len(raw) <= 4_000_000)
        begin, size = (first.end(), int(first[1])) if first else (0, 0)
        text, lines = forms.note(raw[begin : begin + size])
        well_formed(text)
    said = dict(row.split(" ", 1) for row in text.split("\n")[1:11])
    demand(said["to"] == data["own"], "packet.other-receiver")
    senders = [m for m in data["members"] if m["origin"] == said["from"]]
    demand(senders and said["charter"] in senders[0]["charters"], "packet.sender")
    keys = {key[:2]: key for key in map(forms.vkey, senders[0]["head"])}
    own = [(keys[n, i], sig) for _, n, i, sig in lines if (n, i) in keys]
    demand(own and all(forms.good_line(key, text, sig) for key, sig in own), "packet.signature")
    packet(text, raw[begin + size :], [bytes.fromhex(x) for x in data["secrets"]])
    time = max(int.from_bytes(sig[:8], "big") for _, sig in own)
    taken = case["last"] or {"packet": said["packet"], "time": time}
    demand(taken["packet"] == said["packet"] or taken["time"] < time, "packet.replayed")
    spans = re.findall(r"^log (\S+) (\d+) ", text, re.ASCII | re.MULTILINE)
    demand(all(int(start) <= data["held"].get(log, 0) for log, start in spans), "packet.gap")
