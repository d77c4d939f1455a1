"""The trust of charters as a C2SP `tlog-policy` file, for verifiers written by others."""

from __future__ import annotations

from collections.abc import Iterable

from federation.charters.trust import Trust
from federation.ids import Origin


def tlog_policy(trust: Trust, origins: Iterable[Origin]) -> bytes:
    """Write every log's key, every witness and mirror key, and a quorum of one.

    That is what the times of leaves rest on: one node other than the log's has vouched.

    Args:
        trust: the charters.
        origins: of logs that they name.
    """
    cosigners = dict.fromkeys((*trust.witness_keys(), *trust.mirror_keys()))
    names = [f"w{number}" for number in range(1, len(cosigners) + 1)]
    lines = [f"log {trust.log_key(origin)}" for origin in sorted(origins)]
    lines += [f"witness {name} {key}" for name, key in zip(names, cosigners, strict=True)]
    lines += [f"group others any {' '.join(names)}", "quorum others"] if names else ["quorum none"]
    return "".join(f"{line}\n" for line in lines).encode()
