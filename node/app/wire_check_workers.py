"""The workers that answer checks, wired."""

from __future__ import annotations

from collections.abc import Callable

from adapters.catalog.library import FileLibrary
from federation.errors import RefusedError
from federation.reconcile.catalog import Catalog
from federation.screening.roles import Asker
from node.access.admitting import Access
from node.access.presented import Presented
from node.app.check_workers import CheckWorkers
from node.app.worker_door import Door
from node.app.worker_state import Assumed, Fixed, WorkerStates
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.network.transport import TlsIdentity
from node.records.wiring import Reading
from node.screening.lane import Lane
from node.screening.lane_form import Moment
from node.screening.wiring import Screening
from node.system.clock import Clock


def wire_check_workers(  # noqa: PLR0913 - wired once, in node.app.wiring
    opened: Opened,
    *,
    access: Access,
    screening: Screening,
    reading: Reading,
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    refusal: Callable[[], RefusedError | None],
    library: FileLibrary,
    latest: Clock,
    identity: Callable[[], TlsIdentity],
) -> CheckWorkers:
    """Build it; none is begun yet.

    Args:
        opened: the node's directory.
        access: who may ask.
        screening: the node's own desk.
        reading: with what is known of the database.
        trust: the charters of the moment.
        catalog: this city's, of the moment.
        refusal: why nothing, or no listing, is signed here, or None.
        library: the city's base library.
        latest: never behind any clock that is believed.
        identity: our TLS key and certificate.
    """
    config, clock = opened.config, opened.clock

    def assumed() -> Assumed:
        why = refusal()
        return Assumed(
            trust=trust(),
            catalog=catalog(),
            keys=opened.keyring.reading,
            refusal=None if why is None else (why.code, str(why)),
            behind=reading.behind(),
            library=library.stamp(),
        )

    def moment() -> Moment:
        return Moment(now=latest.now(), today=latest.today(), wall=clock.now())

    def asker(presented: Presented) -> Asker:
        return presented.asker(access)

    fixed = Fixed(
        region=config.node.region,
        directory=config.directory.absolute(),
        database=config.database_url,
        stale_after=config.timing.stale_after_seconds,
        restored=reading.restored,
    )
    states = WorkerStates(fixed, assumed)

    def lane() -> Lane:
        return Lane(
            desk=screening.desk,
            asker=asker,
            states=states,
            moment=moment,
            number=screening.judging.number,
        )

    door = Door(
        asker=asker, counts=access.counts, identity=identity, certificates=access.certificates
    )
    return CheckWorkers(count=config.access.workers, door=door, lane=lane)
