"""The chapter of the demo in which a repair is executed everywhere, and the firm can prove it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final

from federation.errors import FederationError
from federation.ids import StatementId
from node.codec import ProtobufPayloads
from node.demo.client import STATUS_SECONDS, NodeClient, wait
from node.demo.processes import DemoError
from node.relief.certificate_check import check_file

CERTIFICATES: Final = "certificate"
"""The folder in which the certificate lies by itself."""
FILE: Final = "certificate.pdf"
_HUXIN: Final = (sys.executable, "-c", "from node.cli.main import main; main()")
_VERIFY_SECONDS: Final = 60


class Execution:
    """A repair as its origin follows it, and what the firm holds in the end."""

    def __init__(self, origin: NodeClient, relief: StatementId) -> None:
        """Take the origin and its relief."""
        self._origin = origin
        self._relief = relief

    def wait_outstanding(self, cities: AbstractSet[str]) -> dict[str, Any]:
        """Wait until only these have not acknowledged; they, as `huxin repairs show` names them.

        Raises:
            DemoError: others have not, or these have.
        """
        shown: dict[str, Any] = {}

        def unlike() -> str:
            shown.update(self._origin.repair_shown(self._relief))
            found = set(shown["outstanding"])
            return "" if found == cities else f"outstanding are {sorted(found)}"

        wait(f"outstanding are {sorted(cities)} alone", unlike, STATUS_SECONDS)
        return {"outstanding": shown["outstanding"]}

    def prove(self, subject: Mapping[str, str], folder: Path) -> dict[str, Any]:
        """Let a certificate be made, and verify it where nothing else is.

        Args:
            subject: `code` of the firm.
            folder: to be made.

        Returns:
            The regions that are proved to have `lifted`, and the code by which it is found that a
            byte was `changed`.

        Raises:
            DemoError: it does not verify, or it verifies although a byte is changed.
        """
        folder.mkdir()
        data = self._origin.certificate(self._relief, subject["code"])
        (folder / FILE).write_bytes(data)
        checked = subprocess.run(  # noqa: S603 - our own program
            [*_HUXIN, "repairs", "verify", FILE, "--subject", subject["code"], "-o", "json"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_VERIFY_SECONDS,
            check=False,
        )
        if checked.returncode:
            raise DemoError(f"the certificate does not verify: {checked.stdout.decode()}")
        regions = json.loads(checked.stdout)["regions"]
        lifted = [one["region"] for one in regions if one["lifted"]]
        return {"lifted": lifted, "changed": _found(data)}


def _found(data: bytes) -> str:
    """The code by which a certificate is refused of which one byte is another."""
    middle = len(data) // 2
    changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    try:
        check_file(changed, ProtobufPayloads())
    except FederationError as error:
        return error.code
    raise DemoError("a certificate of which one byte is changed verifies")
