"""What strangers are shown over HTTP, wired: the logs as files, and the witness."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from federation.charters.chain import CharterChain
from federation.ids import Origin
from node.access.witnessing import QueryWitness
from node.audit.shown_logs import Shown, ShownLogs
from node.audit.shown_witness import ShownWitness
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.log.writer import WriteThread
from node.network.witness_door import WitnessDoor
from node.system.clock import monotonic


class ForStrangers(NamedTuple):
    """Both, as `node.web.wiring.serve_logs` takes them."""

    files: ShownLogs
    witness: ShownWitness


def wire_shown(
    opened: Opened,
    *,
    trust: Callable[[], TrustView],
    chains: Callable[[], Sequence[CharterChain]],
    shown: Mapping[Origin, Shown],
    writer: WriteThread,
    add_checkpoint: Callable[[bytes], bytes],
    cosigned: Callable[[Origin], bytes | None],
    query_witness: QueryWitness,
) -> ForStrangers:
    """Build what answers strangers.

    Args:
        opened: the node's directory.
        trust: the charters of the moment.
        chains: all their versions.
        shown: what peers are shown of each log.
        writer: the thread on which logs of statements are cosigned.
        add_checkpoint: cosigns them there.
        cosigned: the checkpoint of a log that was cosigned last.
        query_witness: cosigns query logs.
    """
    files = ShownLogs(
        store=opened.store, keyring=opened.keyring, trust=trust, chains=chains, shown=shown
    )
    witness = ShownWitness(
        store=opened.store,
        trust=trust,
        may_see=files.may_see,
        door=WitnessDoor(
            statements=add_checkpoint, writer=writer, query_logs=query_witness.add_checkpoint
        ),
        cosigned=cosigned,
        query_cosigned=query_witness.latest,
        cosigner=opened.keys.witness.name,
        monotonic=monotonic,
    )
    return ForStrangers(files, witness)
