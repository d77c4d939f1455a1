"""Which TLS certificates end soon: our own, and those by which charters know the peers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography import x509

from federation.ids import Timestamp
from node.charters.contacts import Contact
from node.system.clock import date_of
from node.texts.fields import day

WARNING_SECONDS: Final = 30 * 86_400
"""A month for what needs signatures of several members: a charter with a new certificate."""
OWN_WARNING_SECONDS: Final = 60 * 86_400
"""Two for our own, so that peers are not troubled by it."""
_DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A certificate that has ended, or ends within `WARNING_SECONDS`."""

    whose: str
    """A peer's id; empty for our own."""
    seconds: int
    """Until the end; negative once it is over."""
    waits: bool = False
    """Whether a new one of our own waits for a charter that names it."""
    departments: bool = False
    """Whether it is the one that departments are shown over HTTP."""

    @property
    def code(self) -> str:
        """The stable code of the problem."""
        return "certificate.expired" if self.seconds < 0 else "certificate.expires"

    def told(self, now: Timestamp) -> str:
        """Whose it is and when it ends, as `中文 / English`; `now` as the end was counted from."""
        if self.departments:
            chinese, english = "部门查询 [http] 的证书", "the certificate that [http] shows"
        elif self.whose:
            chinese, english = f"{self.whose} 的证书", f"the certificate of {self.whose}"
        else:
            chinese, english = "本节点的证书", "the certificate of this node"
        return ending_told(chinese, english, now, self.seconds)


def ending_told(chinese: str, english: str, now: Timestamp, seconds: int) -> str:
    """Say on which day something ends or has ended, as `中文 / English`.

    What is over is over by this machine's clock, which is named: where that is wrong, so is this.
    """
    last, today = day(date_of(Timestamp(now + seconds))), day(date_of(now))
    if seconds < 0:
        return (
            f"{chinese}已于 {last} 到期；本机时钟现为 {today} / "
            f"{english} ended on {last}; by this machine's clock it is {today}"
        )
    left = seconds // _DAY_SECONDS
    return f"{chinese}于 {last} 到期，还有 {left} 天 / {english} ends on {last}, in {left} days"


def ending_certificates(
    own: bytes,
    contacts: Iterable[Contact],
    now: Timestamp,
    waits: Callable[[], bool] = lambda: False,
) -> Iterator[Ending]:
    """Name the certificates that end soon.

    Args:
        own: our certificate, the one that is shown, DER.
        contacts: the peers in today's charters; of several certificates of a peer, as at a
            rotation, the one that lasts longest counts.
        now: seconds, UTC.
        waits: whether a newer one of our own lies beside it.
    """
    if (left := _ends(own) - now) < OWN_WARNING_SECONDS:
        yield Ending(whose="", seconds=left, waits=waits())
    ends = [(c.peer, max(map(_ends, c.certificates))) for c in contacts if c.certificates]
    for whose, end in ends:
        if end - now < WARNING_SECONDS:
            yield Ending(whose=whose, seconds=end - now)


def ending_listener(certificate: Path | None, now: Timestamp) -> Iterator[Ending]:
    """Name the certificate that departments are shown over HTTP, where it ends soon.

    Args:
        certificate: its file, PEM; None where there is none. One that cannot be read is said where
            it is served.
        now: seconds, UTC.
    """
    if certificate is None:
        return
    try:
        read = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    except (OSError, ValueError):
        return
    left = int(read.not_valid_after_utc.timestamp()) - now
    if left < WARNING_SECONDS:
        yield Ending(whose="", seconds=left, departments=True)


@lru_cache(maxsize=4096)
def _ends(der: bytes) -> int:
    return int(x509.load_der_x509_certificate(der).not_valid_after_utc.timestamp())
