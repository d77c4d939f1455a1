"""Everything is put together here, by constructor, from a node's directory.

Each wing wires its own parts (`wiring.py` in it) and makes its own jobs; what several wings make
together stands in `node.app.wire_log` and `node.app.wire_peers`. A new wing adds one call here.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from federation.errors import RefusedError
from node.access.provider_wiring import wire_provider_sign_in
from node.access.reading import OperatorReads
from node.access.wiring import (
    Queries,
    query_jobs,
    wire_access,
    wire_accounts,
    wire_cosigned,
    wire_queries,
    wire_query_desk,
    wire_query_witness,
)
from node.app.parts import Parts
from node.app.schedule import together
from node.app.told import info_of, settings_of
from node.app.wire_check_workers import wire_check_workers
from node.app.wire_peers import wire_packets, wire_peers, wire_recovering
from node.app.wire_status import wire_status
from node.attestation.wiring import wire_attestation
from node.audit.wiring import wire_shown
from node.campaigns.wiring import wire_campaigns
from node.charters.waiting import WaitingRequests
from node.clocks.desk import ClockDesk
from node.clocks.wiring import clock_jobs
from node.directory.opened import Opened, open_directory
from node.intake.second_person import SecondPerson
from node.intake.wiring import wire_intake
from node.letters.wiring import wire_letters, wire_posts
from node.notices.wiring import wire_notices
from node.platform.wiring import configured_platforms, wire_platforms
from node.publishing.wiring import wire_publishing
from node.quality.wiring import wire_quality
from node.recognition.trustworthy import Trustworthy
from node.recognition.wire_scenarios import wire_scenario_book, wire_scenarios
from node.recognition.wiring import wire_benefits
from node.reconcile.job import judge_anew
from node.reconcile.wiring import reconcile_jobs, wire_cases, wire_judging
from node.records.subject_codes import SubjectCodes
from node.records.subject_reading import SubjectReading
from node.records.wiring import wire_records
from node.relief.wire_requests import wire_requests
from node.relief.wiring import wire_certificates, wire_displays, wire_reliefs
from node.screening.wire_outcomes import wire_outcomes
from node.screening.wiring import wire_screening
from node.status.job_runs import JobRuns
from node.system.clock import monotonic
from node.system.entropy import token
from node.system.wakeups import Changes
from node.upkeep.wiring import wire_upkeep
from node.web.desk_calls import DeskCalls
from node.workers.wiring import wire_workers


def build(directory: Path) -> Parts:
    """Wire the parts of the node in a directory, and start them as far as without a network.

    Raises:
        ConfigError: the configuration.
        RefusedError: keys, key ring or high-water mark.
        CharterError: a charter on disk.
        StoreError: the database.
        KeyRingError: the key ring is missing, damaged, or older than the database.
    """
    opened = open_directory(directory)
    with ExitStack() as stack:
        stack.callback(opened.store.close)
        queries = wire_queries(opened)
        stack.callback(queries.close)
        parts = _parts(opened, queries)
        stack.pop_all()
        return parts


def _parts(opened: Opened, queries: Queries) -> Parts:
    """Build all parts, in the order in which they need each other."""
    config, changes, runs = opened.config, Changes(), JobRuns(monotonic)
    platforms, workers = configured_platforms(opened), wire_workers(opened)
    peers = wire_peers(opened, workers=workers, changed=changes.ring)
    trust, writer, persons = peers.charters.view, peers.writer, peers.persons
    trusted, latest, log, exchange = peers.trusted, peers.trusted.latest, peers.log, peers.exchange
    access = wire_access(queries, latest)
    issuer = config.http.oidc.issuer if config.http.oidc else ""
    accounts, sessions = wire_accounts(queries, access, latest, issuer)
    elsewhere = wire_provider_sign_in(queries, access, latest, config)
    posts = wire_posts(config, accounts)
    judging = wire_judging(
        opened, trust=trust, writer=writer, persons=persons, posts=posts, today=latest.today
    )
    catalog = judging.catalogs.catalog
    codes = SubjectCodes(library=judging.library, tagger=opened.keyring)
    attestation = wire_attestation(
        opened, judging=judging, trust=trust, openings=exchange.openings_for, writer=writer
    )
    upkeep = wire_upkeep(
        opened,
        trust=trust,
        ledger=log.ledger,
        exchange=exchange,
        writer=writer,
        reconciliation=judging.reconciliation,
        trusted=trusted.now,
        lent_again=workers.renew,
        behind=lambda: log.publisher.behind,
    )
    scenarios = wire_scenario_book(opened, trust=trust)
    publishing = wire_publishing(
        opened,
        trust=trust,
        catalog=catalog,
        persons=persons,
        today=latest.today,
        heard_today=trusted.heard_latest.today,
        known=scenarios,
        check_drafts=SecondPerson(opened.config.files, lambda: len(persons.keys)).check_drafts,
    )
    intakes = wire_intake(
        opened,
        writer=writer,
        publisher=log.publisher,
        asking=log.asking,
        publishing=publishing,
        persons=persons,
        catalog=catalog,
        today=latest.today,
        trusted=trusted.now,
        linked=codes.names,
        subjects=judging.library.by_code,
    )
    reading = wire_records(
        opened,
        trust=trust,
        catalog=catalog,
        latest=latest,
        behind=lambda: log.publisher.behind or opened.marks.unconfirmed(),
    )
    cases = wire_cases(
        opened,
        judging=judging,
        records=reading.records,
        ledger=log.ledger,
        writer=writer,
        persons=persons,
        posts=posts,
    )
    judges = reconcile_jobs(
        opened,
        judging=judging,
        trust=trust,
        registry=publishing.registry,
        writer=writer,
        changed=changes.ring,
    )
    asking = wire_requests(
        opened,
        publishing=publishing,
        records=reading.records,
        writer=writer,
        trust=trust,
        catalog=catalog,
        latest=latest,
    )
    outcomes = wire_outcomes(
        opened,
        queries=queries,
        publishing=publishing,
        records=reading.records,
        writer=writer,
        judge=lambda session, places: judge_anew(judging.reconciliation, session, places),
        trust=trust,
        catalog=catalog,
        today=latest.today,
    )

    def silent() -> RefusedError | None:
        """Why nothing, or no listing, is signed here: reliefs may be missing."""
        return log.publisher.refusal or log.publisher.waiting

    subjects = SubjectReading(
        records=reading.records,
        judged=judging.reconciliation.findings,
        library=judging.library,
        tagger=opened.keyring,
        trust=trust,
        refusal=silent,
        today=latest.today,
    )
    screening = wire_screening(
        opened,
        queries=queries,
        access=access,
        reading=reading,
        subjects=subjects,
        trust=trust,
        catalog=catalog,
        refusal=silent,
        library=judging.library,
        trusted=trusted,
    )
    commended = Trustworthy(
        records=reading.records,
        judged=judging.reconciliation.findings,
        library=judging.library,
        tagger=opened.keyring,
        refusal=silent,
        today=latest.today,
    )
    benefits = wire_benefits(
        opened,
        queries=queries,
        access=access,
        reading=reading,
        subjects=subjects,
        commended=commended,
        codes=codes,
        book=scenarios,
        publishing=publishing,
        writer=writer,
        trust=trust,
        catalog=catalog,
        refusal=silent,
        latest=latest,
    )
    displays = wire_displays(
        opened,
        queries=queries,
        access=access,
        doubts=reading.doubts,
        codes=codes,
        trust=trust,
        catalog=catalog,
        refusal=silent,
        latest=latest,
    )
    shown = wire_scenarios(opened, book=scenarios, trust=trust, catalog=catalog, today=latest.today)
    calls = DeskCalls(
        admission=access,
        questions=screening.desk,
        batches=screening.batches,
        outcomes=outcomes.desk,
        scenarios=shown,
        benefits=benefits.desk,
        uses=benefits.uses,
        displays=displays,
        sessions=sessions,
        provider=elsewhere,
        refusal=lambda: queries.sequencer.refusal,
    )
    notices = wire_notices(opened, reading.records, judging.pages, writer, trust, catalog, latest)
    outlets = wire_platforms(
        opened,
        platforms=platforms,
        intakes=intakes,
        records=reading.records,
        asking=log.asking,
        writer=writer,
        persons=persons,
        today=latest.today,
        asks=calls.check,
        local=judging.pages.local,
        asks_many=calls.check_batch,
    )
    reliefs = wire_reliefs(
        opened,
        departments=outcomes.documents.open_of,
        platforms=platforms.compared,
        trust=trust,
        catalog=catalog,
        registry=publishing.registry,
        ledger=log.ledger,
        asking=log.asking,
        writer=writer,
        trusted=trusted,
        requests=asking.ended,
        terms=asking.terms,
        persons=persons,
    )
    quality = wire_quality(
        opened,
        trust=trust,
        catalog=catalog,
        library=judging.library,
        findings=reading.records.findings,
        today=latest.today,
        outcomes=outcomes.reads.all,
        writer=writer,
    )
    check_workers = wire_check_workers(
        opened,
        access=access,
        screening=screening,
        reading=reading,
        trust=trust,
        catalog=catalog,
        refusal=silent,
        library=judging.library,
        latest=latest,
        identity=lambda: peers.tls.identities()[0],
    )
    cosigned = wire_cosigned(opened, queries, trust=trust)
    query_witness = wire_query_witness(opened, queries, trust=trust)
    return Parts(
        settings=settings_of(config),
        me=trust().me,
        info=lambda: info_of(opened),
        clock=opened.clock,
        token=token,
        identities=peers.tls.identities,
        store=opened.store,
        queries=queries,
        access=access,
        accounts=accounts,
        persons=persons.keys,
        sessions=sessions,
        provider=elsewhere,
        asked=wire_query_desk(
            opened,
            queries,
            persons=persons,
            trust=trust,
            trusted=trusted.now,
            linked=codes.of_code,
        ),
        query_witness=query_witness.add_checkpoint,
        cosigned=cosigned,
        reads=OperatorReads(writer=queries.writer, log=queries.log, now=opened.clock.now),
        screening=screening.desk,
        batches=screening.batches,
        watches=screening.watches.desk,
        scenarios=shown,
        benefits=benefits.desk,
        uses=benefits.uses,
        calls=calls,
        shown=wire_shown(
            opened,
            trust=trust,
            chains=lambda: peers.charters.chains,
            shown=exchange.shown,
            writer=writer,
            add_checkpoint=exchange.add_checkpoint,
            cosigned=exchange.cosigned_last,
            query_witness=query_witness,
        ),
        publisher=log.publisher,
        asking=log.asking,
        exchange=exchange,
        writer=writer,
        workers=workers,
        check_workers=check_workers,
        changes=changes,
        registry=publishing.registry,
        records=reading.records,
        codes=codes,
        proofs=reading.proofs,
        names=reading.naming,
        intake=intakes.intake,
        imports=intakes.imports,
        status=wire_status(
            opened,
            peers=peers,
            judging=judging,
            reading=reading,
            upkeep=upkeep,
            intakes=intakes,
            platforms=platforms,
            requests=asking.job.report,
            kept=asking.terms.report,
            outcomes=lambda: outcomes.job.report() | {"uses": benefits.report()},
            reliefs=reliefs,
            displays=displays.status,
            queries=cosigned.report,
            access=lambda: access.report() | {"workers": check_workers.report()},
            runs=runs,
        ),
        charters=peers.charters,
        pending=WaitingRequests(config.directory, lambda: peers.charters.chains).document,
        reloading=opened.reloading,
        rebuild=upkeep.rebuild,
        rotation=upkeep.rotation,
        lookup_keys=upkeep.lookup_keys,
        clock_desk=ClockDesk(trusted=trusted, persons=persons),
        recovering=wire_recovering(peers, changed=changes.ring),
        packets=wire_packets(opened, peers=peers, attestations=attestation.carried),
        catalogs=judging.desk,
        attest=attestation.answers.answer,
        attesting=attestation.attesting,
        platforms=outlets.desk,
        cases=cases,
        quality=quality.desk,
        repairs=reliefs.desk,
        displays=displays,
        requests=asking.desk,
        notices=notices.desk,
        campaigns=wire_campaigns(
            opened,
            records=reading.records,
            local=judging.pages.local,
            codes=codes,
            writer=writer,
            catalog=catalog,
            trust=trust,
            library=judging.library.stamp,
            latest=latest,
        ),
        letters=wire_letters(opened, persons, posts, writer, latest),
        outcomes=outcomes.desk,
        certificates=wire_certificates(
            opened, proofs=reading.proofs, trust=trust, chains=lambda: peers.charters.chains
        ),
        runs=runs,
        jobs=together(
            clock_jobs(trusted),
            query_jobs(opened, queries, trusted=trusted.now),
            judges,
            notices.jobs,
            quality.jobs,
            outlets.jobs,
            intakes.jobs,
            reliefs.jobs,
            asking.jobs,
            outcomes.jobs,
            (*benefits.jobs, screening.watches.job, *upkeep.jobs),
        ),
    )
