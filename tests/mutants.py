"""Switches each numbered rule off in turn and names the tests that fail without it.

Run by `make mutants`. Every mutant is one replacement in one file of a copy of the checkout; a
mutant that no test notices is a rule that nothing holds, and the run ends with 1. All of them take
hours: `make mutants ARGS='--held FILE'` notes in a file which are held, and leaves those out that
stand there, so that a run goes on where the one before was stopped.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COPIED = (
    "adapters",
    "crypto",
    "federation",
    "node",
    "protos",
    "tests",
    "deploy",
    "docs",
    "pyproject.toml",
)
HEADS_TESTS = "tests/hostile/test_false_requests.py"
LONGEST_SECONDS = 600
"""For the tests of one mutant."""


class Mutant(NamedTuple):
    """A rule, and how it is switched off."""

    rule: str
    file: str
    old: str
    new: str
    tests: str


SIMILAR, HOLDS, FORMING = (
    "federation/life/similar.py",
    "node/log/holds.py",
    "node/peers/tag_upgrade.py",
)
RELIEVED = "node/log/relieved_records.py"
SUBJECT_CODES = "node/records/subject_codes.py"
TEST_RECODED = "tests/scenarios/test_recoded.py"
TEST_CODES_OF = "tests/node/records/test_subject_codes.py"
ANNOTATIONS = "federation/life/annotations.py"
SCENARIOS = "federation/life/scenarios.py"
MARK, TEST_MARK = "adapters/state/highwater.py", "tests/contracts/test_highwater.py"
PUBLISHER, TEST_ANEW = "node/log/publisher.py", "tests/scenarios/test_signed_anew.py -k sqlite"
SHARED = "adapters/state/shared_mark.py"
TEST_SHARED = "tests/contracts/test_shared_mark.py -m postgres"
TEST_HOSTS = "tests/scenarios/test_two_hosts.py -m postgres"
JOURNAL_TESTS = "tests/federation/ports/test_journal.py"
SIMILAR_TESTS = "tests/scenarios/test_similar.py -k sqlite"
WRITING = "adapters/sql/writing.py"
TEST_ROWS = "tests/contracts/test_store_rows.py"
LIFE, REPLICATION, FEED = (
    "federation/life/life.py",
    "federation/peers/replication.py",
    "federation/intake/feed.py",
)
TEST_MEANWHILE = "tests/scenarios/test_meanwhile.py -k sqlite"
TEST_LETTERS = "tests/scenarios/test_letter_commands.py"
TEST_ACT_LETTERS = "tests/node/web/test_operations_act_letters.py"
TEST_RECONCILE_SCENARIO = "tests/scenarios/test_reconcile.py"
TEST_CONSOLE_CASES = "tests/node/console/test_cases.py"
CASE_DESK = "node/reconcile/case_desk.py"
TEST_HANDLED = "tests/federation/reconcile/test_handled.py"
CAMPAIGNS = "federation/quality/campaigns.py"
LEDGERS = "node/campaigns/ledgers.py"
TEST_KEPT_LEDGERS = "tests/scenarios/test_kept_ledgers.py"
TEST_CAMPAIGNS = "tests/federation/quality/test_campaigns.py"
NOTICES, NOTICE_JOB = "federation/screening/notices.py", "node/notices/job.py"
TEST_NOTICES = "tests/federation/screening/test_notices.py"
TEST_NOTICED = "tests/scenarios/test_notices.py -k sqlite"
HELD_RECORDS = "federation/reconcile/held_records.py"
NAMED_SUBJECT = "federation/reconcile/named_subject.py"
CHECK_RULES = "federation/screening/checks.py"
READING, SETTLING = "federation/life/reading.py", "federation/life/settling.py"
NATION_EXPORT = "federation/relief/nation_export.py"
TEST_EXPORT = "tests/scenarios/test_nation_export.py -k sqlite"
SUCCESSION = "federation/reconcile/succession.py"
TEST_SUCCESSION = "tests/federation/reconcile/test_succession.py"
TEST_SUCCESSORS = "tests/scenarios/test_succession.py -k sqlite"
TEST_LIFE, TEST_FEED = "tests/federation/life/test_life.py", "tests/federation/intake/test_feed.py"
RECONCILE, CASES = "federation/reconcile/rules.py", "federation/reconcile/cases.py"
CATALOG, TEST_CATALOG = (
    "federation/reconcile/catalog.py",
    "tests/federation/reconcile/test_catalog.py",
)
TEST_PROGRESS = "tests/federation/relief/test_progress.py"
TEST_REPAIRS = "tests/scenarios/test_repairs.py"
TEST_REPAIR_AUDIT = "tests/scenarios/test_repair_audit.py"
TEST_DEADLINES = "tests/federation/reconcile/test_deadlines.py"
TEST_RECONCILE = "tests/federation/reconcile/test_rules.py"
PLAUSIBLE = "federation/reconcile/plausibility.py"
TEST_PLAUSIBLE = "tests/federation/reconcile/test_plausibility.py"
DOORS = "tests/scenarios/test_plausibility.py -k sqlite"
GROUNDS, TEST_GROUNDS = (
    "federation/reconcile/grounds.py",
    "tests/federation/reconcile/test_grounds.py",
)
SCENE_GROUNDS = "tests/scenarios/test_grounds.py"
TEST_PENALTIES = "tests/federation/test_penalties.py"
TRUSTED, TEST_TRUSTED = "federation/trusted_time.py", "tests/federation/test_trusted_time.py"
TEST_TRUSTED_CLOCK = "tests/node/clocks/test_trusted_clock.py"
COPIES, TEST_COPIES = "federation/reconcile/copies.py", "tests/federation/reconcile/test_copies.py"
EXCHANGE = "tests/scenarios/test_exchange.py"
TRUST, TEST_AUDIENCES = (
    "federation/charters/trust.py",
    "tests/federation/charters/test_audience_vectors.py",
)
NARROWED = "tests/scenarios/test_narrowed.py"
PROPERTY = "tests/scenarios/test_relief_property.py"
INTAKE = "tests/scenarios/test_intake.py"
REFUSED = "tests/hostile/test_refused_notes.py"
TEST_TOTALS = "tests/federation/platform/test_control_totals.py"
TEST_PACKET_VECTORS = "tests/node/codec/test_packet_vectors.py"

PERSONS, TEST_PERSONS = "federation/persons.py", "tests/federation/test_persons.py"
TEST_WORDS = "tests/scenarios/test_signed_words.py"
ATTESTATION, TEST_ATTESTATION = (
    "federation/reconcile/attestation.py",
    "tests/federation/reconcile/test_attestation.py",
)
TEST_FALSE_ATTESTATION = "tests/hostile/test_false_attestations.py"
CHECKS, TEST_PAYLOADS = "node/codec/checks.py", "tests/node/codec/test_payload_vectors.py"
CONDITIONS = "federation/conditions.py"
TEST_CONDITIONS = "tests/federation/test_conditions.py"
REQUESTS, TEST_REQUESTS = "federation/requests.py", "tests/federation/test_requests.py"
TEST_READING = "tests/federation/life/test_reading.py"
RECEIPTS, TEST_RECEIPTS = (
    "federation/reconcile/receipts.py",
    "tests/federation/reconcile/test_receipts.py",
)
RECHECK, TEST_RECHECK = (
    "federation/relief/recheck.py",
    "tests/federation/relief/test_recheck.py",
)
RECHECKS, TEST_RECHECKS = "node/relief/rechecks.py", "tests/scenarios/test_rechecks.py"
EXECUTION, TEST_EXECUTION = (
    "federation/relief/execution.py",
    "tests/federation/relief/test_execution.py",
)
QUALITY, TEST_QUALITY = "federation/quality/figures.py", "tests/federation/quality/test_figures.py"
COLLECTION, TEST_COLLECTION = (
    "federation/quality/collection.py",
    "tests/federation/quality/test_collection.py",
)
SHARES, TEST_SHARES = "federation/quality/shares.py", "tests/federation/quality/test_shares.py"
TEST_QUALITY_DESK = "tests/scenarios/test_quality.py"
DAYS, TEST_DAYS = (
    "federation/working_days.py",
    "tests/federation/test_working_days.py",
)

SEALING, TEST_SEALING = (
    "federation/peers/sealing.py",
    "tests/federation/peers/test_sealing_vectors.py",
)
HPKE, TEST_HPKE = "crypto/hpke.py", "tests/crypto/test_hpke.py"
TEST_PACKETS = "tests/scenarios/test_packets.py"
MEMBERS, TEST_MEMBERS = (
    "federation/charters/members.py",
    "tests/federation/charters/test_members.py",
)
CHARTER_KEYS, CHARTER_RULES = "federation/charters/keys.py", "federation/charters/rules.py"
TEST_CHARTER_RULES = "tests/federation/charters/test_rules.py"
SPEAKERS, TEST_SPEAKERS = (
    "federation/charters/_trust_speakers.py",
    "tests/federation/charters/test_trust_speakers.py",
)
TEST_VERSIONS = "tests/federation/charters/test_trust_versions.py"
JOIN, TEST_JOIN = "federation/charters/join.py", "tests/federation/charters/test_join.py"
ALLIANCES = "tests/scenarios/test_two_alliances.py"

TEST_ABSENCES = "tests/hostile/test_false_absences.py tests/hostile/test_opening_vectors.py"
TEST_PULL, TEST_TIMES = "tests/node/network/test_pull.py", "tests/hostile/test_false_times.py"
TEST_OTHER_HISTORY = "tests/hostile/test_relief_of_another_history.py"
TEST_SPOOL = "tests/adapters/files/test_file_spool.py"
STANDING, TEST_STANDING = "adapters/files/standing.py", "tests/adapters/files/test_file_standing.py"
TEST_NOT_STANDING = "tests/scenarios/test_rows_that_do_not_stand.py"
TEST_ANNOTATION_FILES = "tests/scenarios/test_annotation_files.py"
TEST_MAPPING_PARTS = "tests/adapters/files/test_mapping_parts.py"
TEST_PERIODS = "tests/adapters/files/test_file_periods.py"
TEST_ROW_KEYS = "tests/scenarios/test_row_keys.py"
DROPPED, FOLDERS = "adapters/files/dropfolder.py", "adapters/files/folders.py"
DROP_JOB, NAMES = "node/intake/drop_job.py", "adapters/files/dropped_names.py"
TEST_DROPPED = "tests/adapters/files/test_file_dropfolder.py"
TEST_NAMES = "tests/adapters/files/test_file_dropped_names.py"
TEST_DROP_JOB, TEST_DROPS = (
    "tests/node/intake/test_drop_job.py",
    "tests/scenarios/test_dropped_files.py",
)
RELIEFS = "federation/relief/rules.py"
TEST_RELIEFS = "tests/scenarios/test_plausible_reliefs.py"

TEST_SCHEDULE, SCHEDULE, RUNS = (
    "tests/node/system/test_schedule.py",
    "node/system/schedule.py",
    "node/status/job_runs.py",
)
TEST_INBOX_TABLE = "tests/contracts/test_platform_inbox.py"
INBOX, TEST_INBOX = "node/platform/inbox_job.py", "tests/scenarios/test_platform_inbox.py"
JOBS = (
    Mutant(
        "JN1",
        "federation/charters/invitation.py",
        "    chain = begin_chain(invitation.envelopes[0], invitation.charter)",
        "    import hashlib as h\n    from crypto.dsse import parse_envelope as p\n    chain = begin_chain(\n        invitation.envelopes[0],\n        CharterId(h.sha256(p(invitation.envelopes[0]).payload).digest()),\n    )",
        "tests/scenarios/test_joining.py",
    ),
    Mutant(
        "JN2",
        "federation/charters/invitation.py",
        "    if digits not in {whole, whole[: _GROUPS * _GROUP]}:",
        "    if not digits:",
        "tests/scenarios/test_joining.py",
    ),
    Mutant(
        "JN3",
        "federation/charters/invitation.py",
        "    if now > invitation.not_after:",
        "    if not invitation.not_after:",
        "tests/scenarios/test_joining.py",
    ),
    Mutant(
        "JN3 not before it was made",
        "federation/charters/invitation.py",
        "    if now < invitation.created_at - CLOCK_SECONDS:",
        "    if not invitation.created_at:",
        "tests/scenarios/test_joining.py",
    ),
    Mutant(
        "JN4",
        "node/charters/joining.py",
        '        if row["used_by"] not in {"", asks}:',
        '        if row["used_by"] is None:',
        "tests/scenarios/test_joining.py",
    ),
    Mutant(
        "JN5",
        "node/charters/join_door.py",
        "        if not known or not self._invitations.has(secret):",
        "        if not known:",
        "tests/node/charters/test_join_door.py",
    ),
    Mutant(
        "JN5 first",
        "node/web/join_app.py",
        "            return Response(None, 401, problems.SECURITY_HEADERS)",
        "            secret = b''",
        "tests/node/web/test_join_app.py",
    ),
    Mutant(
        "JN6",
        "node/charters/join_door.py",
        "            if empty_at > now + _ROUNDING:",
        "            if now < 0:",
        "tests/node/charters/test_join_door.py",
    ),
    Mutant(
        "the certificate of the invitation",
        "node/cli/join_sending.py",
        "            line.sock.getpeercert(binary_form=True) != certificate",
        "            line.sock.getpeercert(binary_form=True) is None",
        "tests/scenarios/test_joining.py",
    ),
    Mutant(
        "JN4 made again",
        "node/charters/joining.py",
        "                self.remove(one)\n        return waiting",
        "                continue\n        return waiting",
        "tests/scenarios/test_joining.py",
    ),
    Mutant(
        "JN4 two at once",
        "node/charters/joining.py",
        "            fcntl.flock(descriptor, fcntl.LOCK_EX)\n",
        "",
        "tests/node/charters/test_joining.py",
    ),
    Mutant(
        "JN4 what waited too long",
        "node/cli/charter/pending.py",
        "            check_still_good(waiting.request, now)\n",
        "",
        "tests/scenarios/test_joining.py",
    ),
    Mutant(
        "SB1",
        "node/upkeep/support.py",
        '        "persons": len(config.persons),',
        '        "persons": list(config.persons),',
        "tests/node/upkeep/test_support.py",
    ),
    Mutant(
        "SB2 log",
        "node/upkeep/support.py",
        'if form.fullmatch(str(said.get(name, "")))',
        "if form and name in said",
        "tests/node/upkeep/test_support.py",
    ),
    Mutant(
        "SB2 status",
        "node/upkeep/support.py",
        "    return {name: one for name, one in part.items() if isinstance(one, bool | int | float)}",
        "    return dict(part)",
        "tests/node/upkeep/test_support.py",
    ),
    Mutant(
        "BK1",
        "node/upkeep/backups.py",
        "    for folder in (config.charters_directory, directory / WORKING_DAYS, directory / SAVED):",
        "    for folder in (directory / WORKING_DAYS, directory / SAVED):",
        "tests/scenarios/test_backups.py",
    ),
    Mutant(
        "BK7",
        "node/upkeep/backups.py",
        "                raise _no_database(source)",
        "                continue",
        "tests/scenarios/test_backups.py",
    ),
    Mutant(
        "BK1 mappings",
        "node/upkeep/backups.py",
        "    for folder in (config.charters_directory, directory / WORKING_DAYS, directory / SAVED):",
        "    for folder in (config.charters_directory, directory / WORKING_DAYS):",
        "tests/scenarios/test_backups.py",
    ),
    Mutant(
        "BK6",
        "node/upkeep/backups.py",
        "        if target.exists():\n            continue\n",
        "",
        "tests/scenarios/test_backups.py",
    ),
    Mutant(
        "BK1 links",
        "node/upkeep/backups.py",
        "            for secret in (config.keys_directory, config.state_directory)\n",
        "            for secret in ()\n",
        "tests/scenarios/test_backups.py",
    ),
    Mutant(
        "QX2",
        "federation/audit/query_export.py",
        '            if files.read(path, TILE_SIZE) != b"".join(right):',
        "            if files.read(path, TILE_SIZE) is None:",
        "tests/federation/audit/test_query_export.py",
    ),
    Mutant(
        "QX3",
        "federation/audit/query_export.py",
        "    if size > export.size:",
        "    if size > export.size + 2**40:",
        "tests/federation/audit/test_query_export.py",
    ),
    Mutant(
        "QX3 roots",
        "federation/audit/query_export.py",
        "    elif signed.checkpoint.root != roots[size]:",
        '    elif signed.checkpoint.root == b"":',
        "tests/federation/audit/test_query_export.py",
    ),
    Mutant(
        "QX4",
        "federation/audit/query_export.py",
        '    if "commitment" in said and not _commits(promised, said["commitment"]):',
        '    if "commitment" in said and False:',
        "tests/federation/audit/test_query_export.py",
    ),
    Mutant(
        "QX2 leaves",
        "federation/audit/query_export.py",
        "    except RefusedError:\n        if not export.findings",
        "    except RefusedError:\n        if False and not export.findings",
        "tests/federation/audit/test_query_export.py",
    ),
    Mutant(
        "QX4 of another query",
        "federation/audit/query_export.py",
        "    if export.headers[index] != (promised.query_id, promised.at):",
        "    if False:",
        "tests/federation/audit/test_query_export.py",
    ),
    Mutant(
        "QX4 at the node",
        "node/access/verifying.py",
        "            elif not _keeps(one_promised, leaf):",
        "            elif False:",
        "tests/node/access/test_queries.py",
    ),
    Mutant(
        "QL3 first place",
        "federation/audit/query_export.py",
        "places.setdefault(one, index)",
        "places[one] = index",
        "tests/federation/audit/test_query_export.py",
    ),
    Mutant(
        "QX5",
        "federation/audit/query_export.py",
        "for size, time in export.vouched if size > index)",
        "for size, time in export.vouched if size >= index)",
        "tests/federation/audit/test_query_export.py",
    ),
    Mutant(
        "BK2",
        "node/upkeep/backups.py",
        "        if _digest(folder / name) != expected:",
        "        if _digest(folder / name)[0] != expected[0]:",
        "tests/scenarios/test_backups.py",
    ),
    Mutant(
        "BK3",
        "node/upkeep/backups.py",
        "    if backup.origin != config.origin:",
        "    if not backup.origin:",
        "tests/scenarios/test_backups.py",
    ),
    Mutant(
        "BK4 others",
        "node/records/doubts.py",
        "        if not self._restored or head.origin in self._heard:",
        "        if self._restored or head.origin in self._heard:",
        "tests/scenarios/test_backups.py",
    ),
    Mutant(
        "a newcomer waits",
        "node/charters/view.py",
        "        return bool(charters) and charters <= joining",
        "        return bool(charters) and charters < joining",
        "tests/scenarios/test_joining.py",
    ),
    Mutant(
        "a newcomer asks less and less often",
        "node/network/newcomer.py",
        "min(wait * 1.5, LONGEST_SECONDS) if now == known else",
        "wait if now == known else",
        "tests/node/network/test_newcomer.py",
    ),
    Mutant(
        "a member that leaves is shown",
        "node/cli/charter/describe.py",
        "    return new.ended and not old.ended",
        "    return new.ended and old.ended",
        "tests/scenarios/test_leaving.py",
    ),
    Mutant(
        "BK3 cut short",
        "node/upkeep/backups.py",
        "        kept.hardlink_to(path.with_name(path.name + ending))",
        "        path.with_name(path.name + ending).rename(kept)",
        "tests/scenarios/test_backups.py",
    ),
    Mutant(
        "BK5 swept",
        "node/upkeep/drill.py",
        "                shutil.rmtree(left)  # follows no link",
        "                left.lstat()",
        "tests/scenarios/test_backups.py",
    ),
    Mutant(
        "drill.scratch",
        "node/cli/backups.py",
        "    if typed and make_url(given).password is not None:",
        "    if typed and make_url(given).password is None:",
        "tests/scenarios/test_backups.py",
    ),
    Mutant(
        "a directory that cannot be read",
        "node/upkeep/morning.py",
        "rows = (row, *others) if group.name == place else group.rows",
        "rows = (row, *others) if group.name == 'node' else group.rows",
        "tests/node/cli/test_doctor.py",
    ),
    Mutant(
        "a node that does not answer",
        "node/upkeep/morning.py",
        "    answered = status is not None and not status.get(UNANSWERED)",
        "    answered = status is not None",
        "tests/node/cli/test_doctor.py",
    ),
    Mutant(
        "BK4 copies",
        "node/records/doubts.py",
        "        if self.unheard(session, head):",
        "        if self._is_unheard(head):",
        "tests/simulation/test_restoring.py",
    ),
    Mutant(
        "BK4 whose relief",
        "federation/charters/_trust_speakers.py",
        "                may.setdefault((one.charter, authority), set()).add(origin)",
        "                may.setdefault((one.charter, authority), set())",
        "tests/federation/charters/test_trust_speakers.py",
    ),
    Mutant(
        "keys.behind",
        "node/upkeep/rotation.py",
        '            raise RefusedError("keys.behind", message)',
        "            _log.info(message)",
        "tests/scenarios/test_rotation.py",
    ),
    Mutant(
        "BK4 our own",
        "node/records/doubts.py",
        "        if head.ours and self._is_unheard(head):",
        "        if head.ours and self.stale(head):",
        "tests/scenarios/test_backups.py",
    ),
    Mutant(
        "BK4 platforms",
        "node/platform/outbox_rows.py",
        "        return not self._records.unheard(session, head)",
        "        return bool(head.origin)",
        "tests/scenarios/test_backups.py",
    ),
    Mutant(
        "BK5",
        "node/upkeep/drill.py",
        "            shutil.rmtree(folder)",
        "            folder.touch()",
        "tests/scenarios/test_backups.py",
    ),
    Mutant(
        "periodic",
        SCHEDULE,
        "begun = self._clock() - job.seconds * self._random() / 2",
        "self._clock = self._wall\n        begun = self._clock() - job.seconds * self._random() / 2",
        TEST_SCHEDULE,
    ),
    Mutant(
        "calendar back",
        SCHEDULE,
        "if back or due:",
        "if due:",
        TEST_SCHEDULE,
    ),
    Mutant(
        "calendar once",
        SCHEDULE,
        "            self._next = self._after(now)\n        return due",
        "            self._next = self._after(_seconds(self._next))\n        return due",
        TEST_SCHEDULE,
    ),
    Mutant(
        "job.late",
        RUNS,
        "now - state.since > _patience(state)",
        "now - state.since > _patience(state) * 9",
        TEST_SCHEDULE,
    ),
    Mutant(
        "readers' heads",
        "adapters/sql/known.py",
        "if mark != self.mark or",
        "if self.mark is None or",
        "tests/contracts/test_store_sessions.py -k sqlite",
    ),
    Mutant(
        "status at rest",
        "node/status/report.py",
        'session.seen(f"local_state {today}", lambda: digest_of(session, today))',
        "digest_of(session, today)",
        "tests/scenarios/test_at_rest.py",
    ),
    Mutant(
        "openings at rest",
        "node/peers/late_openings.py",
        "session.heads() if missing else ()",
        "session.heads()",
        "tests/scenarios/test_at_rest.py",
    ),
    Mutant("job rests", RUNS, "and not state.failures else None", "else None", TEST_SCHEDULE),
    Mutant(
        "job rests written",
        "node/system/rests.py",
        "written == self._seen and ",
        "",
        TEST_SCHEDULE,
    ),
    Mutant("job rests long", "node/system/rests.py", "and now < self._until ", "", TEST_SCHEDULE),
    Mutant(
        "job rests waiting", "node/system/rests.py", " and not self._waits()", "", TEST_SCHEDULE
    ),
    Mutant("job twice", RUNS, "FAILURES: Final = 2", "FAILURES: Final = 3", TEST_SCHEDULE),
    Mutant("job threads", RUNS, "THREADS: Final = 64", "THREADS: Final = 8", TEST_SCHEDULE),
    Mutant(
        "job cancelled",
        RUNS,
        "            if is_ended():\n                raise\n",
        "            raise\n",
        TEST_SCHEDULE,
    ),
    Mutant(
        "item cancelled",
        "node/system/item_errors.py",
        "if isinstance(error, asyncio.CancelledError) and not is_ended():\n            error = stray(error)",
        "if False:\n            pass",
        TEST_SCHEDULE,
    ),
    Mutant(
        "item guarded",
        "node/system/item_errors.py",
        "        return True\n",
        "        return False\n",
        TEST_SCHEDULE,
    ),
    Mutant(
        "answer closed",
        "node/network/answering.py",
        "        if is_ended():\n            raise\n",
        "        raise\n",
        "tests/node/network/test_answering.py",
    ),
    Mutant(
        "answer on a closed channel",
        "node/network/answering.py",
        '        if "closed" not in str(error):\n            raise\n',
        "        raise\n",
        "tests/node/network/test_answering.py",
    ),
    Mutant(
        "query witnesses apart",
        "node/network/query_witnesses.py",
        "        with items.each(one.contact.peer):\n",
        "        if True:\n",
        "tests/node/access/test_witnessing.py",
    ),
    Mutant(
        "pull silent",
        "node/network/pull.py",
        "            self._silent.add(peer)\n",
        "            pass\n",
        "tests/node/network/test_pull.py",
    ),
    Mutant(
        "pull reliefs",
        "node/network/pull.py",
        "for reliefs in (True, False):",
        "for reliefs in (False,):",
        "tests/node/network/test_pull.py",
    ),
    Mutant(
        "inbox groups",
        INBOX,
        "                    after[kinds, source] = rows[-1].id\n",
        "                    pass\n",
        TEST_INBOX,
    ),
    Mutant(
        "inbox reliefs first",
        INBOX,
        "(_FIRST,) if self._short() else (_FIRST, ())",
        "(_FIRST,) if self._short() else ((),)",
        TEST_INBOX,
    ),
    Mutant(
        "inbox sources",
        INBOX,
        "        among, but = ((), self._sources) if source is None else ((source,), ())\n",
        "        among, but = (), ()\n",
        TEST_INBOX,
    ),
    Mutant(
        "inbox relief alone",
        INBOX,
        "and len(group) > 1:",
        "and len(group) > 9:",
        TEST_INBOX,
    ),
    Mutant(
        "inbox relief waits",
        INBOX,
        "                answers[number] = None\n",
        "                pass\n",
        TEST_INBOX,
    ),
    Mutant(
        "inbox text",
        "adapters/platform/inbox.py",
        "return _as_text(value) == value",
        "return True",
        TEST_INBOX,
    ),
    Mutant(
        "mark torn",
        MARK,
        "if len(slots) < len(texts):",
        "if not slots:",
        TEST_MARK,
    ),
    Mutant(
        "mark whole",
        MARK,
        "whole = data == _text(origin, slot.sequence, slot.mark) and len(slot.root) == HASH_SIZE",
        "whole = len(slot.root) == HASH_SIZE",
        TEST_MARK,
    ),
    Mutant(
        "mark follows",
        MARK,
        "elif slots[0].sequence + 1 != slots[1].sequence:",
        "elif False:",
        TEST_MARK,
    ),
    Mutant(
        "mark compared",
        MARK,
        "            found = self._here(self._read())\n            if found.mark != expected:",
        "            found = self._here(self._read())\n            if False:",
        TEST_MARK,
    ),
    Mutant(
        "SM1",
        "adapters/state/mark_row.py",
        "return row if digest == row.digest(origin) else None",
        "return row",
        TEST_SHARED,
    ),
    Mutant(
        "SM2",
        "adapters/state/mark_server.py",
        "str(found[0]) == self._apart_from",
        "not self._apart_from",
        TEST_SHARED,
    ),
    Mutant(
        "SM3: sequence",
        "adapters/state/mark_statements.py",
        '"AND sequence = %(sequence)s AND size = %(size)s AND root = %(root)s "',
        '"AND size = %(size)s AND root = %(root)s "',
        TEST_SHARED,
    ),
    Mutant(
        "SM3: read once",
        SHARED,
        "if not self._accepted or (found.mark is not None and self._is_ours(row)):",
        "if True:",
        TEST_SHARED,
    ),
    Mutant("SM4", SHARED, "if new[0] < base.size or (", "if False and (", TEST_SHARED),
    Mutant(
        "SM5",
        "adapters/state/mark_statements.py",
        "current_setting('synchronous_commit') = 'on' ",
        "current_setting('synchronous_commit') != '' ",
        TEST_SHARED,
    ),
    Mutant("SM6", SHARED, "row.server != server:", "False:", TEST_SHARED),
    Mutant(
        "SM7",
        SHARED,
        "if found.mark is not None and found.row in self._unsure:\n            self._base",
        "if found.row is not None:\n            self._base",
        TEST_SHARED,
    ),
    Mutant(
        "SM8",
        "adapters/state/mark_server.py",
        "    watch.start()\n",
        "    watch.daemon = True\n",
        TEST_SHARED,
    ),
    Mutant(
        "SM8: pause",
        "adapters/state/mark_server.py",
        "self._failed_at = self._clock()",
        "self._failed_at = None",
        "tests/contracts/test_shared_mark.py -k says_nothing",
    ),
    Mutant(
        "SM9",
        SHARED,
        "found.row != base or base.holder != self._holder:",
        "found.row != base:",
        TEST_SHARED,
    ),
    Mutant(
        "SM9: head lines",
        "node/log/publisher.py",
        "        if not self._holds():\n            return None\n",
        "",
        TEST_HOSTS,
    ),
    Mutant(
        "SM9: time before",
        "node/log/publisher.py",
        "parse_note(head.note), at)",
        "parse_note(head.note), self._now())",
        TEST_HOSTS,
    ),
    Mutant(
        "SM10: row",
        SHARED,
        "found.row.state is not Standing.HERE:",
        "False:",
        TEST_SHARED,
    ),
    Mutant(
        "SM10: file",
        MARK,
        "if found.elsewhere is not None:\n            message",
        "if False:\n            message",
        TEST_HOSTS,
    ),
    Mutant(
        "SM10: order",
        "node/directory/marks.py",
        "if self._stands_in_file(origin):\n            message",
        "if False:\n            message",
        TEST_HOSTS,
    ),
    Mutant(
        "mark unconfirmed",
        "node/directory/marks.py",
        "return seconds is None or seconds > UNCONFIRMED_SECONDS",
        "return seconds is None",
        TEST_HOSTS,
    ),
    Mutant(
        "mark taken: peers",
        "node/services/exchange.py",
        "        if self._replaced():\n",
        "        if False:\n",
        "tests/node/network/test_follow_streams.py",
    ),
    Mutant(
        "mark taken: dialling",
        "node/app/runtime.py",
        "() if parts.publisher.replaced else parts.charters.contacts()",
        "parts.charters.contacts()",
        TEST_HOSTS,
    ),
    Mutant(
        "mark unreachable: shown",
        PUBLISHER,
        "            self._mark.shown = (peer, size, root)",
        "            pass",
        TEST_HOSTS,
    ),
    Mutant(
        "mark taken: doubt",
        PUBLISHER,
        "_UNKNOWN: Final = (*_BEHIND, REPLACED, UNREACHABLE)",
        "_UNKNOWN: Final = _BEHIND",
        TEST_HOSTS,
    ),
    Mutant(
        "mark remains",
        "node/log/mark_check.py",
        "known = mark or remains",
        "known = mark",
        "tests/scenarios/test_publisher.py -k remains",
    ),
    Mutant(
        "mark written again",
        "node/log/held_mark.py",
        "if new == self.found and self._durable:",
        "if new == self.found:",
        TEST_ANEW,
    ),
    Mutant(
        "anew at the mark",
        PUBLISHER,
        "self._held_back = beyond and not relieves_beyond(snapshot, head, mark[0])",
        "self._held_back = False",
        TEST_ANEW,
    ),
    Mutant(
        "anew relief",
        PUBLISHER,
        "self._held_back = beyond and not relieves_beyond(snapshot, head, mark[0])",
        "self._held_back = beyond",
        TEST_ANEW,
    ),
    Mutant(
        "anew repeated",
        PUBLISHER,
        "self._held_back and not drafts",
        "False",
        TEST_ANEW,
    ),
    Mutant(
        "head line",
        PUBLISHER,
        " or head.note_size < self.mark[0]:",
        ":",
        TEST_ANEW,
    ),
    Mutant(
        "turns relief",
        "node/log/round_robin.py",
        "left.sort(key=lambda head: not relief_next(head))",
        "pass",
        "tests/node/log/test_round_robin.py",
    ),
    Mutant(
        "turns guarded",
        "node/log/round_robin.py",
        "            with items.each(head.origin):\n",
        "            if True:\n",
        "tests/node/log/test_round_robin.py",
    ),
    Mutant(
        "disk read-only",
        "adapters/sql/engine.py",
        "    sqlite3.SQLITE_READONLY: _READ_ONLY,\n",
        "    sqlite3.SQLITE_READONLY: _UNREACHABLE,\n",
        "tests/adapters/sql/test_engine.py",
    ),
    Mutant(
        "store trouble",
        "node/log/writer.py",
        "                self._trouble = (error, self._clock())\n                raise\n",
        "                raise\n",
        "tests/node/log/test_writer.py",
    ),
    Mutant(
        "status not running",
        "node/cli/status.py",
        "    if not running or (wait",
        "    if (wait",
        "tests/node/cli/test_records.py -k status",
    ),
    Mutant(
        "dial closed",
        "node/network/dialer.py",
        "                if is_ended():\n                    raise\n",
        "                raise\n",
        "tests/node/network/test_follow_streams.py",
    ),
    Mutant(
        "stream closed",
        "node/network/follow.py",
        "        if is_ended():\n            raise\n        return ending_of",
        "        raise\n        return ending_of",
        "tests/node/network/test_follow_streams.py",
    ),
    *(
        Mutant(f"clock set back: {what}", file, old, new, "tests/scenarios/test_time.py -k at_rest")
        for what, file, old, new in (
            (
                "head line",
                "node/log/cosigning.py",
                " or claimed_time(one) <= latest\n",
                " or True\n",
            ),
            (
                "note due",
                "node/peers/plan.py",
                "if due <= now or now + HEAD_INTERVAL_SECONDS < due < NEVER:",
                "if due <= now:",
            ),
        )
    ),
    Mutant(
        "R1 an opening for each leaf",
        "federation/peers/replication.py",
        "        or len(batch.openings) != count\n",
        "",
        "tests/hostile/test_altered_frames.py",
    ),
    Mutant(
        "a frame under way",
        "node/network/follow.py",
        "                await _let_write_end(talk, send)\n",
        "",
        "tests/node/network/test_follow_streams.py -k under_way",
    ),
    Mutant(
        "a newcomer's charters",
        "node/network/newcomer.py",
        "asyncio.to_thread(self._exchange.prepare, session, frame)",
        "asyncio.wrap_future(self._writer.submit(partial(self._exchange.prepare, session, frame)))",
        "tests/node/network/test_newcomer.py -k beside_the_writer",
    ),
    Mutant(
        "1,024 cursors",
        "node/network/follow.py",
        "[*subscribe.divided(), *frames]",
        "[subscribe, *frames]",
        "tests/node/network/test_follow_streams.py -k more_logs",
    ),
    Mutant(
        "1,024 cursors in packets",
        "node/peers/packets.py",
        "            holds |= {cursor.origin",
        "            holds = {cursor.origin",
        "tests/scenarios/test_packets.py -k taken_whole",
    ),
    Mutant(
        "internal",
        "node/services/exchange.py",
        "            raise InternalError(ending.code, ending.message)",
        "            raise UnavailableError(ending.code, ending.code)",
        "tests/node/network/test_follow_streams.py -k our_own",
    ),
    *(
        Mutant(f"charters refused: {what}", file, old, new, test)
        for what, file, old, new, test in (
            (
                "held",
                "node/charters/book.py",
                "if any(envelope in chain.envelopes for chain in chains):",
                "if False:",
                "tests/hostile/test_false_charters.py -k read_once",
            ),
            (
                "by the writer",
                "node/peers/exchange.py",
                "return frame if offered is Offered.NEW else None",
                "return frame",
                "tests/hostile/test_false_charters.py -k read_once",
            ),
            (
                "read once",
                "node/charters/book.py",
                "longer = advance(chain, envelope, read)",
                "longer = advance(chain, envelope)",
                "tests/hostile/test_false_charters.py -k read_once",
            ),
            (
                "waits",
                "node/network/follow.py",
                "            self._pace.charge(session.peer, session.wasted)\n",
                "",
                "tests/hostile/test_floods.py -k charters_that_are_refused",
            ),
        )
    ),
    *(
        Mutant(f"list of heads: {what}", file, old, new, HEADS_TESTS)
        for what, file, old, new in (
            (
                "notes of one log",
                "node/peers/incoming.py",
                "            if listed[origin] > NOTES_OF_ONE:\n                continue\n",
                "",
            ),
            (
                "length",
                "node/peers/incoming.py",
                "for note in fitting(tuple(notes)):",
                "for note in notes:",
            ),
            (
                "forks of one log",
                "node/peers/forks.py",
                "if origin in looked or origin in self.origins:",
                "if origin in self.origins:",
            ),
            (
                "unasked refusals",
                "node/peers/incoming.py",
                "    if frame.origin not in session.subscribed:\n        return\n",
                "",
            ),
            (
                "reasons",
                "node/peers/incoming.py",
                'frame.reason if _CODE.fullmatch(frame.reason) else ""',
                "frame.reason",
            ),
        )
    ),
    Mutant(
        "a worker's own end",
        "node/workers/pool.py",
        "if idle or worker.keys",
        "if worker.keys",
        "tests/node/workers/test_pool.py -k ending_by_itself",
    ),
    Mutant(
        "a worker's time",
        "node/workers/messages.py",
        "            source.settimeout(before)",
        "            pass",
        "tests/node/workers/test_pool.py -k next_question",
    ),
)
AUDIT_TESTS = (
    "tests/node/audit/test_verifying.py tests/node/audit/test_handed_over.py "
    "tests/node/audit/test_export_files.py"
)
CERTIFIED_TESTS = (
    "tests/scenarios/test_repair_certificates.py tests/scenarios/test_false_certificates.py"
)
ROLES, TEST_ROLES = "federation/screening/roles.py", "tests/federation/screening/test_roles.py"
ENUMERATION, TEST_ENUMERATION = (
    "federation/screening/enumeration.py",
    "tests/federation/screening/test_enumeration.py",
)
ACCESS = (
    Mutant(
        "AC1",
        ROLES,
        "return action in _TABLE.get(role, frozenset())",
        "return action in _TABLE.get(role, frozenset({Action.CHECK}))",
        TEST_ROLES,
    ),
    Mutant(
        "AC2",
        ROLES,
        "            Action.ACCESS_LIST,\n            Action.QUERIES_READ,\n",
        "            Action.ACCESS_MANAGE,\n            Action.QUERIES_READ,\n",
        TEST_ROLES,
    ),
    Mutant(
        "AC3",
        ROLES,
        "(held & _ALONE and len(held) > 1)",
        "(held & _ALONE and len(held) > 2)",
        TEST_ROLES,
    ),
    Mutant(
        "AC3 two",
        ROLES,
        " or any(apart <= held for apart in _APART)",
        "",
        TEST_ROLES,
    ),
    Mutant(
        "AC9 benefit",
        ROLES,
        "COUNTED: Final = frozenset({Action.CHECK, Action.BENEFIT})",
        "COUNTED: Final = frozenset({Action.CHECK})",
        "tests/node/access/test_admitting.py",
    ),
    Mutant(
        "AC4 matter",
        ROLES,
        "asker.matters is not None and matter not in asker.matters:",
        "asker.matters and matter not in asker.matters:",
        TEST_ROLES,
    ),
    Mutant(
        "AC4 purpose",
        ROLES,
        "purpose not in asker.purposes:",
        "not asker.purposes:",
        TEST_ROLES,
    ),
    Mutant(
        "AC29", ROLES, "if asker.roles & _CITY_WIDE else", "if not asker.roles else", TEST_ROLES
    ),
    Mutant("AC5", ROLES, "if may_be_person(subject_code):", "if False:", TEST_ROLES),
    Mutant(
        "EN1",
        ENUMERATION,
        "NEAR: Final = 4",
        "NEAR: Final = 1",
        TEST_ENUMERATION,
    ),
    Mutant(
        "EN1 stride",
        ENUMERATION,
        "max(_near(self._codes.values()), _stride(self._codes.values()))",
        "_near(self._codes.values())",
        TEST_ENUMERATION,
    ),
    Mutant(
        "EN1 slow",
        ENUMERATION,
        "signs = max(sequence - SLOW_SEQUENCE + 1, beyond, 0)",
        "signs = max(beyond, 0)",
        TEST_ENUMERATION,
    ),
    Mutant("EN2", ENUMERATION, "if beyond > CASE_BEYOND:", "if False:", TEST_ENUMERATION),
    Mutant(
        "EN2 slow",
        ENUMERATION,
        "signs = max(sequence - SLOW_SEQUENCE + 1, beyond, 0)",
        "signs = max(sequence - SLOW_SEQUENCE + 1, 0)",
        TEST_ENUMERATION,
    ),
    Mutant("EN3", ENUMERATION, "self._allowance -= 1", "", TEST_ENUMERATION),
    Mutant(
        "EN3 stop",
        ENUMERATION,
        "if self._impatient > IMPATIENT:",
        "if False:",
        TEST_ENUMERATION,
    ),
    Mutant(
        "EN4",
        ENUMERATION,
        "(STOP_SILENT if question.silent else STOP_SEQUENCE)",
        "STOP_SEQUENCE",
        TEST_ENUMERATION,
    ),
    Mutant(
        "EN5",
        ENUMERATION,
        "self._stopped = Stop(code)\n        return self._stopped",
        "return Stop(code)",
        TEST_ENUMERATION,
    ),
    Mutant(
        "EN5 again",
        ENUMERATION,
        "if code in self._codes:",
        "if code in self._codes and self._codes.pop(code):",
        TEST_ENUMERATION,
    ),
)
MATTERS, MATTER_GROUNDS = (
    "federation/reconcile/matters.py",
    "federation/reconcile/matter_grounds.py",
)
TEST_COMMENDATION_FILES = "tests/scenarios/test_commendation_files.py"
TRUSTWORTHY = "node/recognition/trustworthy.py"
TEST_AWARDS = "tests/scenarios/test_commendations.py"
TEST_COMMITMENT_FILES = "tests/scenarios/test_commitment_files.py"
COMMENDATIONS = "federation/recognition/commendations.py"
TEST_COMMENDATIONS = "tests/federation/recognition/test_commendations.py"
EQUIVALENCES = "federation/reconcile/equivalences.py"
TEST_EQUIVALENCES = "tests/federation/reconcile/test_equivalences.py"
TRUST_LISTS = "federation/reconcile/trust_lists.py"
TEST_TRUST_LISTS = "tests/federation/reconcile/test_trust_lists.py"
TEST_MATTERS = "tests/federation/reconcile/test_matters.py"
TEST_MATTERS_ANY = "tests/federation/reconcile/test_matters_property.py"
TEST_MATTER_GROUNDS = "tests/federation/reconcile/test_matter_grounds.py"
SCREENED_MATTERS = (
    Mutant(
        "MA1",
        CATALOG,
        "if found is None or found.certainty is not Certainty.CONFIRMED:",
        "if found is None:",
        TEST_MATTERS,
    ),
    Mutant(
        "MA1 days",
        MATTERS,
        "if code in edition.matters and edition.matters[code].counts_on(day)",
        "if code in edition.matters",
        TEST_MATTERS,
    ),
    Mutant(
        "MA1 every entry",
        MATTERS,
        "return Certainty.CONFIRMED if all(counts)",
        "return Certainty.CONFIRMED if any(counts)",
        TEST_MATTERS,
    ),
    Mutant(
        "CM1 struck",
        TRUST_LISTS,
        "    if not speaking or any(item.struck for _, item in counting):\n",
        "    if not speaking:\n",
        TEST_TRUST_LISTS,
    ),
    Mutant(
        "CM1 days",
        TRUST_LISTS,
        "        within=bool(counting),\n",
        "        within=True,\n",
        TEST_TRUST_LISTS,
    ),
    Mutant(
        "CM1 confirmed",
        TRUST_LISTS,
        "        confirmed=all(\n",
        "        confirmed=any(\n",
        TEST_TRUST_LISTS,
    ),
    Mutant(
        "CM1 narrower",
        TRUST_LISTS,
        "        authorities &= lower.authorities\n",
        "        authorities |= lower.authorities\n",
        TEST_TRUST_LISTS,
    ),
    Mutant(
        "CM2",
        TRUST_LISTS,
        "if name.startswith(PENALTY_LIST_TYPE) or any(name in one.lists for one in beside):",
        "if False:",
        TEST_TRUST_LISTS,
    ),
    Mutant(
        "CM2 the other way",
        TRUST_LISTS,
        "        if any(name in one.trust_lists for one in beside):\n",
        "        if False:\n",
        TEST_TRUST_LISTS,
    ),
    Mutant(
        "CM3 agree",
        TRUST_LISTS,
        "    if len(scales) != 1 or not all(",
        "    if not scales or not all(",
        TEST_TRUST_LISTS,
    ),
    Mutant(
        "CM3 confirmed",
        TRUST_LISTS,
        "    if len(scales) != 1 or not all(confirmed for _, confirmed in said):\n",
        "    if len(scales) != 1:\n",
        TEST_TRUST_LISTS,
    ),
    Mutant(
        "CM4 code",
        COMMENDATIONS,
        "    if code_fault(said.scheme, said.code):\n",
        "    if False:\n",
        TEST_COMMENDATIONS,
    ),
    Mutant(
        "CM4 kind",
        COMMENDATIONS,
        "    if not said.subject_kind:\n",
        "    if False:\n",
        TEST_COMMENDATIONS,
    ),
    Mutant(
        "CM4 of the code",
        COMMENDATIONS,
        "    return Finding.KIND_DIFFERS if kind_differs(",
        "    return Finding.KIND_DIFFERS if False and kind_differs(",
        TEST_COMMENDATIONS,
    ),
    Mutant(
        "CM5 punishes",
        COMMENDATIONS,
        "or catalog.punishes(said.list_type):",
        "or False:",
        TEST_COMMENDATIONS,
    ),
    Mutant(
        "CM5 days",
        COMMENDATIONS,
        "    if not entry.within:\n",
        "    if False:\n",
        TEST_COMMENDATIONS,
    ),
    Mutant(
        "CM5 confirmed",
        COMMENDATIONS,
        "    if not entry.confirmed:\n",
        "    if False:\n",
        TEST_COMMENDATIONS,
    ),
    Mutant(
        "CM6",
        COMMENDATIONS,
        "if item.authorities is not None and said.authority",
        "if False and said.authority",
        TEST_COMMENDATIONS,
    ),
    Mutant(
        "CM6 kind",
        COMMENDATIONS,
        "    if said.subject_kind not in item.subjects:\n",
        "    if False:\n",
        TEST_COMMENDATIONS,
    ),
    Mutant(
        "CM7 future",
        COMMENDATIONS,
        "    if in_future(said.decided_on, today):\n",
        "    if False:\n",
        TEST_COMMENDATIONS,
    ),
    Mutant(
        "CM7 last day",
        COMMENDATIONS,
        "    if not said.until:\n",
        "    if False:\n",
        TEST_COMMENDATIONS,
    ),
    Mutant(
        "CM7 longest",
        COMMENDATIONS,
        "    if item.longest_months and said.until >",
        "    if False and said.until >",
        TEST_COMMENDATIONS,
    ),
    Mutant(
        "CM8",
        COMMENDATIONS,
        "and scale and said.grade in scale else",
        "and scale else",
        TEST_COMMENDATIONS,
    ),
    Mutant(
        "CM8 method",
        COMMENDATIONS,
        'of_list = item.method in ("", said.method)',
        "of_list = True",
        TEST_COMMENDATIONS,
    ),
    Mutant(
        "CM9",
        COMMENDATIONS,
        "    return finding or identity_finding(said.name, catalog, known, attested)\n",
        "    return finding or Finding.RECOGNISED\n",
        TEST_COMMENDATIONS,
    ),
    Mutant(
        "CM10 at once",
        TRUSTWORTHY,
        "        rows = [row for row in rows if row.state in (State.ACTIVE, *_NOT_NOW)]\n",
        "",
        TEST_AWARDS,
    ),
    Mutant(
        "CM11 last day",
        TRUSTWORTHY,
        "            over = life.at(State(row.state), until, today) is State.EXPIRED\n",
        "            over = False\n",
        TEST_AWARDS,
    ),
    Mutant(
        "CM11 rejected",
        TRUSTWORTHY,
        " or over or _is_rejected(finding):",
        " or over:",
        TEST_AWARDS,
    ),
    Mutant(
        "CM11 in doubt",
        TRUSTWORTHY,
        "weight=Weight.DOUBT if rule else Weight.COUNTS,",
        "weight=Weight.COUNTS,",
        TEST_AWARDS,
    ),
    Mutant(
        "CM11 paused",
        TRUSTWORTHY,
        "            if not rule and row.state in _NOT_NOW:\n",
        "            if False:\n",
        TEST_AWARDS,
    ),
    Mutant(
        "CM11 judged now",
        TRUSTWORTHY,
        "            for place, judged in self._judged(session, rows).items()\n",
        "            for place, judged in dict[tuple[int, int], int]().items()\n",
        TEST_AWARDS,
    ),
    Mutant(
        "awards are attested",
        "node/attestation/answers.py",
        "    {Kind.LISTING, Kind.PENALTY, Kind.COMMENDATION, Kind.CORRECTION, Kind.RELISTING}\n",
        "    {Kind.LISTING, Kind.PENALTY, Kind.CORRECTION, Kind.RELISTING}\n",
        TEST_AWARDS,
    ),
    Mutant(
        "awards are no namesakes",
        "node/attestation/attesting.py",
        "        rows = [row for row in rows if row.kind != Kind.COMMENDATION]\n",
        "",
        TEST_AWARDS,
    ),
    Mutant(
        "awards are judged",
        "node/reconcile/judging.py",
        "        standing = [row for row in rows if row.kind in JUDGED_KINDS and stands(row)]\n",
        "        standing = [row for row in rows if row.kind == 1 and stands(row)]\n",
        TEST_AWARDS,
    ),
    Mutant(
        "GE1",
        EQUIVALENCES,
        "        if one.counts_on(day)\n",
        "",
        TEST_EQUIVALENCES,
    ),
    Mutant(
        "GE2",
        EQUIVALENCES,
        "            if (one.method, one.edition, one.grade) == held\n",
        "            if (one.method, one.grade) == (held[0], held[2])\n",
        TEST_EQUIVALENCES,
    ),
    Mutant(
        "GE2 own edition",
        EQUIVALENCES,
        "            and (one.own_method, one.own_edition) == (method, edition)\n",
        "            and one.own_method == method\n",
        TEST_EQUIVALENCES,
    ),
    Mutant(
        "GE3 scale",
        EQUIVALENCES,
        "        if scale is None:\n            yield",
        "        if False:\n            yield",
        TEST_EQUIVALENCES,
    ),
    Mutant(
        "GE3 grade",
        EQUIVALENCES,
        "        elif grade not in scale:\n",
        "        elif False:\n",
        TEST_EQUIVALENCES,
    ),
    Mutant(
        "GE3 of one",
        EQUIVALENCES,
        "    if (said.method, said.edition) == (said.own_method, said.own_edition):\n",
        "    if False:\n",
        TEST_EQUIVALENCES,
    ),
    Mutant(
        "GE3 contradicts",
        EQUIVALENCES,
        "            if beside != one and _contradicts(",
        "            if False and _contradicts(",
        TEST_EQUIVALENCES,
    ),
    Mutant(
        "GE4",
        EQUIVALENCES,
        "    return own_place * (len(scale) - 1) < place * (len(own) - 1)\n",
        "    return own_place < place\n",
        TEST_EQUIVALENCES,
    ),
    Mutant(
        "GE4 unknown",
        EQUIVALENCES,
        "one.own_grade not in own:\n        return True\n",
        "one.own_grade not in own:\n        return False\n",
        TEST_EQUIVALENCES,
    ),
    Mutant(
        "GE4 signed",
        "node/reconcile/catalog_book.py",
        "        if not self.signed and (found := lowering(edition, catalog)):\n",
        "        if False and (found := lowering(edition, catalog)):\n",
        TEST_AWARDS,
    ),
    Mutant(
        "GE3 at adoption",
        "node/reconcile/catalog_book.py",
        "        check_equivalences(edition, catalog)\n",
        "",
        TEST_AWARDS,
    ),
    Mutant(
        "GE5",
        EQUIVALENCES,
        "        if one not in adopted:\n",
        "        if False:\n",
        TEST_EQUIVALENCES,
    ),
    Mutant(
        "MA2",
        MATTERS,
        "    if len(naming) < len(speaking) - first or not list_types:\n",
        "    if not list_types:\n",
        TEST_MATTERS,
    ),
    Mutant(
        "MA2 lists",
        MATTERS,
        "frozenset.intersection(",
        "frozenset.union(",
        TEST_MATTERS,
    ),
    Mutant(
        "MA2 block",
        MATTERS,
        "block=all(row.block for row in rows),",
        "block=any(row.block for row in rows),",
        TEST_MATTERS,
    ),
    Mutant(
        "MA2 outcome",
        MATTERS,
        "outcome_days=min((m",
        "outcome_days=max((m",
        TEST_MATTERS,
    ),
    Mutant(
        "MA2 undoing",
        MATTERS,
        "max(undone) if all(undone) else 0",
        "max(undone)",
        TEST_MATTERS,
    ),
    Mutant(
        "MA2 objection",
        MATTERS,
        "objection_suspends=any(",
        "objection_suspends=all(",
        TEST_MATTERS,
    ),
    Mutant(
        "MA3",
        MATTERS,
        "return entry.confirmed and punishes_severely(",
        "return punishes_severely(",
        TEST_MATTERS,
    ),
    Mutant(
        "MA3 measures",
        MATTERS,
        "        for measure in catalog.measures(entry, today)\n",
        "        for edition in catalog.in_force(today)\n"
        "        for measure in edition.measures.values()\n",
        TEST_MATTERS,
    ),
    Mutant(
        "MA4 row",
        MATTERS,
        "    if not row.block:\n",
        "    if not row.manner:\n",
        TEST_MATTERS_ANY,
    ),
    Mutant(
        "MA4 class",
        MATTERS,
        "    if measure.measure_class != RIGHTS:\n",
        "    if measure.measure_class > RIGHTS:\n",
        TEST_MATTERS,
    ),
    Mutant(
        "MA4 rank",
        MATTERS,
        "    if measure.basis_rank not in BLOCKING_RANKS or measure.regulation is not None:\n",
        "    if measure.regulation is not None:\n",
        TEST_MATTERS,
    ),
    Mutant(
        "MA4 local",
        MATTERS,
        "not in BLOCKING_RANKS or measure.regulation is not None:\n",
        "not in BLOCKING_RANKS:\n",
        TEST_MATTERS,
    ),
    Mutant(
        "MA4 article",
        MATTERS,
        "return bool(row.article) and row.certainty is Certainty.CONFIRMED",
        "return bool(row.article)",
        TEST_MATTERS,
    ),
    Mutant(
        "MA4 term",
        MATTERS,
        "    if row.block_months and not _lasts(row, today, decided_on):\n",
        "    if row.block_months and not decided_on:\n",
        TEST_MATTERS,
    ),
    Mutant(
        "MA4 term unknown",
        MATTERS,
        "return bool(decided_on) and today <= add_months(decided_on, row.block_months)",
        "return today <= add_months(decided_on or today, row.block_months)",
        TEST_MATTERS,
    ),
    Mutant(
        "MA2 months",
        MATTERS,
        "block_months=min((row",
        "block_months=max((row",
        TEST_MATTERS,
    ),
    Mutant(
        "MA8 months",
        MATTER_GROUNDS,
        "longer = 0 < higher.block_months < row.block_months",
        "longer = 0",
        TEST_MATTER_GROUNDS,
    ),
    Mutant(
        "CK5 last day",
        "federation/reconcile/held_records.py",
        "one.state is State.ACTIVE and bool(one.until)",
        "one.state is State.ACTIVE",
        "tests/federation/screening/test_checks.py",
    ),
    Mutant(
        "CK11 longest",
        "federation/screening/checks.py",
        "today > add_months(decided_on, longest_months)",
        "not today",
        "tests/federation/screening/test_checks.py",
    ),
    Mutant(
        "CK11 copies",
        "federation/screening/checks.py",
        "objection = any(copy.objection for copy in same)",
        "objection = one.objection",
        "tests/federation/screening/test_checks.py",
    ),
    Mutant(
        "CK11 term",
        "federation/screening/checks.py",
        "catalog.applicable(matter, entry, today, decided_on)",
        "catalog.applicable(matter, entry, today, today)",
        "tests/federation/screening/test_checks.py",
    ),
    Mutant(
        "MA5 tier",
        MATTERS,
        "return tier is Tier.SEVERE and not",
        "return not",
        TEST_MATTERS,
    ),
    Mutant(
        "MA5 shown",
        MATTERS,
        "        if entry is None or not _may_lead(entry):\n",
        "        if entry is None:\n",
        TEST_MATTERS,
    ),
    Mutant(
        "MA5 penalty",
        MATTERS,
        "tier is Tier.SEVERE and not list_type.startswith(PENALTY_LIST_TYPE)",
        "tier is Tier.SEVERE",
        TEST_MATTERS,
    ),
    Mutant(
        "MA6",
        MATTER_GROUNDS,
        "            if not punishes_severely(name, tier):\n",
        "            if not name:\n",
        TEST_MATTER_GROUNDS,
    ),
    Mutant(
        "MA6 reading",
        "adapters/catalog/editions.py",
        "        check_matters(edition, [edition])\n",
        "        pass\n",
        TEST_MATTER_GROUNDS,
    ),
    Mutant(
        "MA7 class",
        MATTER_GROUNDS,
        "if row.block and classed not in (0, RIGHTS):",
        "if row.block and not classed + 1:",
        TEST_MATTER_GROUNDS,
    ),
    Mutant(
        "MA7 rank",
        MATTER_GROUNDS,
        "(ranked and ranked not in BLOCKING_RANKS)",
        "(ranked and not ranked)",
        TEST_MATTER_GROUNDS,
    ),
    Mutant(
        "MA7 local",
        MATTER_GROUNDS,
        "if row.block and (measure.regulation or (ranked",
        "if row.block and ((ranked",
        TEST_MATTER_GROUNDS,
    ),
    Mutant(
        "MA7 choice",
        MATTER_GROUNDS,
        "if classed == OF_CHOICE:",
        "if classed > OF_CHOICE:",
        TEST_MATTER_GROUNDS,
    ),
    Mutant(
        "MA8",
        MATTER_GROUNDS,
        "missing = [] if row.measure in measures else",
        "missing = [] if row.measure else",
        TEST_MATTER_GROUNDS,
    ),
    Mutant(
        "MA8 lists",
        MATTER_GROUNDS,
        "for name in sorted(row.list_types - lists)]",
        "for name in sorted(row.list_types & set())]",
        TEST_MATTER_GROUNDS,
    ),
    Mutant(
        "MA8 wider",
        MATTER_GROUNDS,
        "for n in sorted(row.list_types - higher.list_types)]",
        "for n in sorted(row.list_types & set())]",
        TEST_MATTER_GROUNDS,
    ),
    Mutant(
        "MA8 block",
        MATTER_GROUNDS,
        'wider += ["block true"] if row.block and not higher.block else []',
        "wider += []",
        TEST_MATTER_GROUNDS,
    ),
    Mutant(
        "MA8 adopting",
        GROUNDS,
        "    check_matters_beside(edition, beside)\n",
        "",
        TEST_MATTER_GROUNDS,
    ),
)
QUERY_LOG, SEQUENCING, VERIFYING = (
    "federation/screening/query_log.py",
    "node/access/sequencing.py",
    "node/access/verifying.py",
)
TEST_QUERY_LEAVES = "tests/federation/screening/test_query_log.py"
TEST_QUERIES, TEST_QUERY_CRASH = (
    "tests/node/access/test_queries.py",
    "tests/node/access/test_query_crash.py",
)
QUERY_LOGS = (
    Mutant(
        "QL1",
        QUERY_LOG,
        "Committer(origin).commit(salt, head, payload)",
        'Committer("queries.any/1").commit(salt, head, payload)',
        TEST_QUERY_LEAVES,
    ),
    Mutant(
        "QL1 form",
        QUERY_LOG,
        "if magic == _MAGIC and not any(zeros) and kind in set(EntryKind):",
        "if magic == _MAGIC and kind in set(EntryKind):",
        TEST_QUERY_LEAVES,
    ),
    Mutant(
        "QL2",
        QUERY_LOG,
        "    if promised.origin != key.name:\n",
        "    if not promised.origin:\n",
        TEST_QUERY_LEAVES,
    ),
    Mutant(
        "QL2 durable",
        "node/access/query_writer.py",
        "        if isinstance(error, StoreError) and not isinstance(error, ConflictError):\n"
        "            raise\n",
        "",
        "tests/node/access/test_query_writer.py",
    ),
    Mutant(
        "QL3",
        SEQUENCING,
        "            set_indexes(writes, head.size, [place for place, _ in waiting])\n",
        "",
        TEST_QUERY_CRASH,
    ),
    Mutant("QL4", SEQUENCING, "if size > head.size:", "if size > 2**40:", TEST_QUERY_CRASH),
    Mutant(
        "QL4 root",
        SEQUENCING,
        "if (frontier_at(size, nodes).root() if size else EMPTY_ROOT) != root:",
        "if not root:",
        TEST_QUERY_CRASH,
    ),
    Mutant(
        "QL4 answered",
        "node/access/query_log.py",
        "        self._check()\n",
        "",
        TEST_QUERY_CRASH,
    ),
    Mutant(
        "QL5",
        "node/access/witnessing.py",
        "signed = witness.check(request, key, size, root)",
        "signed = witness.check(request, key, request.old_size, root)",
        "tests/node/access/test_witnessing.py",
    ),
    Mutant(
        "QL5 one word",
        "node/access/cosigned.py",
        "AGREEING: Final = 2",
        "AGREEING: Final = 1",
        "tests/node/access/test_witnessing.py",
    ),
    Mutant(
        "QL5 charter",
        "node/charters/view.py",
        "        return self._query_logs.get(origin)\n",
        "        return next(iter(self._query_logs.values()), None)\n",
        "tests/node/charters",
    ),
    Mutant(
        "QL6",
        "node/access/erasing.py",
        "cutoff = Timestamp(self._trusted() - self._keep_seconds)",
        "cutoff = Timestamp(0)",
        TEST_QUERIES,
    ),
    Mutant(
        "QL6 waiting",
        "adapters/sql/query_rows.py",
        "            query_rows.c.idx.is_not(None),\n",
        "",
        TEST_QUERIES,
    ),
    Mutant(
        "QL7",
        "node/access/queries.py",
        'by, note, Sort.QUERIES, body, code="queries.two-persons", words=words',
        'by, note, Sort.QUERIES, body, code="queries.two-persons", words=words, needed=1',
        TEST_QUERIES,
    ),
    Mutant(
        "verify rows",
        VERIFYING,
        "    return row.leaf == leaf and (row.query_id, row.kind, row.at) == said\n",
        "    return row.query_id == said[0]\n",
        TEST_QUERIES,
    ),
)

PUBLICATION = tuple(
    Mutant(
        rule,
        "adapters/export/publication.py",
        old,
        new,
        "tests/adapters/export/test_publication.py",
    )
    for rule, old, new in (
        (
            "FO6",
            "    before = _before(session, head, copy, key)\n",
            "    before = _before(session, head, copy, key)\n    copy.put(CHECKPOINT, head.note)\n",
        ),
        ("FO7", "range(_count(before, level) // TILE_WIDTH,", "range(0,"),
        ("FO7 partial", "            copy.drop_below(", "            str("),
        ("FO8 older", "if point.size > head.note_size:", "if False:"),
        (
            "FO8 history",
            "if point.size and frontier_at(point.size, tree).root() != point.root:",
            "if False:",
        ),
    )
)

APP, SERVED = "tests/node/web/test_app.py", "tests/node/web/test_server.py"
UPLOADED = "tests/node/web/test_uploads.py"
OPERATED, PARAMETERS = "tests/node/web/test_operations.py", "tests/node/web/test_parameters.py"
BUSINESS = "tests/node/web/test_operations_business.py"
STRANGERS, SHOWN = "tests/node/web/test_log_app.py", "tests/node/audit/test_shown.py"
CHECK_ROWS = "tests/node/platform/test_check_job.py"
HTTP = tuple(
    Mutant(rule, f"node/{file}", old, new, tests)
    for rule, file, old, new, tests in (
        ("HT1", "web/tokens.py", "if len(found) == 1 else None", "if found else None", APP),
        ("HT1", "web/edge.py", 'await self.refuse_exposed(found, "url")', "", APP),
        ("HT1", "web/edge.py", 'await self.refuse_exposed(tokens.in_body(body), "body")', "", APP),
        ("HT1", "web/edge.py", "in_values(asked)", 'in_body(b"")', APP),
        ("HT1", "web/tokens.py", "waiting += one\n", "pass\n", APP),
        (
            "HT1",
            "web/app.py",
            "or bool(tokens.in_target",
            "or False and (tokens.in_target",
            OPERATED,
        ),
        ("HT1", "web/tokens.py", " or _TOKEN.search(unquote_plus(text))", "", APP),
        (
            "HT1",
            "web/node_channel.py",
            "if not token:",
            "if False:",
            "tests/node/web/test_remote_calls.py",
        ),
        ("HT2", "web/parameters.py", "        if query:\n", "        if False:\n", APP),
        ("HT2", "web/parameters.py", "if name not in known or", "if name in known and", PARAMETERS),
        ("HT2", "web/parameters.py", "if text not in self.words:", "if False:", PARAMETERS),
        ("HT14", "web/operations.py", "if rpc not in self._operation.rpcs:", "if False:", OPERATED),
        (
            "HT14",
            "web/operations.py",
            "self._token = token",
            'self._token = ""',
            OPERATED,
        ),
        ("HT15", "web/operations.py", '        "Admin/Recover",\n', "", OPERATED),
        (
            "HT17",
            "web/operating.py",
            "await self._edge.answered(token, ask.check_allowed, self._threads)",
            "",
            UPLOADED,
        ),
        ("HT17", "web/uploads.py", "if size > self._most:", "if False:", UPLOADED),
        ("HT17", "web/uploads.py", "async with asyncio.timeout(SECONDS):", "if True:", UPLOADED),
        ("HT17", "web/uploads.py", "if kind not in ENDINGS or", "if", UPLOADED),
        (
            "HT17",
            "web/uploads.py",
            "os.open(path, flags, 0o600)",
            "os.open(path, flags, 0o644)",
            UPLOADED,
        ),
        (
            "HT17",
            "web/uploads.py",
            "await in_thread(threads, shutil.rmtree, folder, True)",
            "await in_thread(threads, str, folder)",
            UPLOADED,
        ),
        ("HT17", "web/uploads.py", "if SystemClock().now() - ", "if 0 * ", UPLOADED),
        ("HT16", "web/operations.py", "if len(said) != 1 or", "if not said or", OPERATED),
        (
            "HT16 act",
            "publishing/submissions.py",
            "if (row.kind, row.action, row.about) != (act.kind, act.action, act.about):",
            "if False:",
            "tests/scenarios/test_publisher.py",
        ),
        (
            "HT16 content",
            "publishing/submissions.py",
            "return payload is None or act.says(payload)",
            "return True",
            "tests/scenarios/test_publisher.py",
        ),
        (
            "HT16 answer",
            "relief/requests.py",
            "_decides(said[place], decided, result)",
            "True",
            "tests/scenarios/test_requests.py",
        ),
        (
            "HT16 request",
            "publishing/submissions.py",
            "if same is not None and not same(session, rows):",
            "if False:",
            "tests/scenarios/test_requests.py",
        ),
        ("HT18", "web/operations_cases.py", 'note=said.get("note", ""),', 'note="",', BUSINESS),
        ("HT3 each", "web/bodies.py", "isinstance(value, list) and field.each", "False", BUSINESS),
        (
            "HT3 room",
            "web/messages.py",
            "            kind(**{name: value})\n",
            "            pass\n",
            BUSINESS,
        ),
        ("HT16", "web/operations.py", "        if said:\n", "        if False:\n", OPERATED),
        ("HT16", "web/operations.py", "if len(plain) != 32 or not", "if not", OPERATED),
        (
            "HT2",
            "web/routing.py",
            "answered(route, response",
            "answered(request.url.path, response",
            APP,
        ),
        ("HT3", "web/bodies.py", "if type(value) is not kind:", "if False:", APP),
        ("HT3", "web/bodies.py", "if name not in known:", "if False:", APP),
        ("HT3", "web/bodies.py", "if len(found) != len(pairs):", "if False:", APP),
        ("HT3", "web/bodies.py", "parse_constant=_constant", "", APP),
        ("HT3", "web/routing.py", "if len(body) > most:", "if False:", APP),
        ("HT3", "web/routing.py", "or int(length) > most", "", APP),
        ("HT3", "web/edge.py", 'or encoded != "identity"', "", APP),
        (
            "HT3",
            "web/routing.py",
            'if "transfer-encoding" in request.headers and',
            "if False and",
            APP,
        ),
        ("HT4", "web/connections.py", 'self._expect(self._patience.head, "head")', "", SERVED),
        ("HT4", "web/connections.py", 'self._expect(self._patience.busy, "busy")', "", SERVED),
        (
            "HT4",
            "web/connections.py",
            'self._expect(self._patience.idle + self._patience.flush, "idle")',
            "",
            SERVED,
        ),
        ("HT4", "web/routing.py", "async with asyncio.timeout(BODY_SECONDS):", "if True:", APP),
        ("HT5", "web/routing.py", "if self._taken[key] >= self._of_one:", "if False:", APP),
        ("HT5", "web/routing.py", "if self._taken.total() >= self._most:", "if False:", APP),
        ("HT5", "web/server.py", "(one.answers > 0, one.since)", "one.since", SERVED),
        ("HT5", "web/server.py", "if not self._room():", "if False:", SERVED),
        ("HT6", "web/tls.py", "ssl.TLSVersion.TLSv1_3", "ssl.TLSVersion.TLSv1_2", SERVED),
        (
            "HT6",
            "directory/config.py",
            "if self.listen and not self.cert and",
            "if False and",
            "tests/node/directory/test_config.py",
        ),
        ("HT7", "web/problems.py", "if status == 500:", "if False:", APP),
        ("HT10", "audit/shown_logs.py", "bool(named_by) and all(", "any(", SHOWN),
        (
            "HT10 log",
            "audit/shown_logs.py",
            "(member is None or not trust.offers",
            "(False and",
            SHOWN,
        ),
        (
            "HT10 charter",
            "audit/shown_logs.py",
            "if not public and (member",
            "if False and (member",
            SHOWN,
        ),
        (
            "HT10 certificate",
            "web/connections.py",
            "        if shown:\n",
            "        if False:\n",
            STRANGERS,
        ),
        (
            "HT11",
            "audit/shown_logs.py",
            "if number * TILE_WIDTH + width > _width(shown.size, level):",
            "if number * TILE_WIDTH + width > 2**60:",
            SHOWN,
        ),
        (
            "HT11 cache",
            "web/log_app.py",
            "if self._files.is_public(log) else",
            "if True else",
            SHOWN,
        ),
        ("HT12", "audit/shown_logs.py", "or leaf[1] not in OPEN_KINDS", "", SHOWN),
        ("HT13 size", "web/log_app.py", "if error.status == CONFLICT:", "if False:", SHOWN),
        (
            "HT13 often",
            "audit/shown_witness.py",
            "if max(empty_at.values()) > now + _ROUNDING:",
            "if False:",
            SHOWN,
        ),
        (
            "HT13 together",
            "audit/shown_witness.py",
            'shares = {_caller(address): 1, "strangers": STRANGERS}',
            "shares = {_caller(address): 1}",
            SHOWN,
        ),
        (
            "HT13 by address",
            "audit/shown_witness.py",
            'shares = {_caller(address): 1, "strangers": STRANGERS}',
            'shares = {"strangers": 1}',
            SHOWN,
        ),
        (
            "HT13 first",
            "audit/shown_witness.py",
            "            witness.check(request, trust.trust.log_key(origin), size, root)\n",
            "",
            SHOWN,
        ),
        ("HT8", "platform/check_job.py", ".{row.written:x}", "", CHECK_ROWS),
        ("HT9", "platform/check_job.py", "if error.code in WAITING:", "if False:", CHECK_ROWS),
        (
            "HT9",
            "platform/check_job.py",
            "except (UnavailableError, AdapterError):",
            "except ():",
            CHECK_ROWS,
        ),
    )
)
CREDENTIALS, TEST_CREDENTIALS = (
    "node/access/credentials.py",
    "tests/node/access/test_credentials.py",
)
ADMITTING, TEST_ADMITTING = "node/access/admitting.py", "tests/node/access/test_admitting.py"
GATES, TEST_MATRIX = "node/services/doors.py", "tests/node/test_access_matrix.py"
LISTENER, TEST_LISTENER = "node/app/departments.py", "tests/node/app/test_departments.py"
ADMISSION = tuple(
    Mutant(rule, file, old, new, tests)
    for file, tests, changes in (
        (
            CREDENTIALS,
            TEST_CREDENTIALS,
            (
                (
                    "AC6 kept",
                    "token=self._token_mac(token) if token",
                    "token=token.encode() if token",
                ),
                ("AC6", 'or not hmac.compare_digest(kept or b"", digest)', ""),
                ("AC6 bytes", " or found.stored.certificate != der", " and der"),
                ("AC7", 'return "expired" if today > self', 'return "expired" if 0 > self'),
                ("AC7 revoked", "if self.stored.revoked_at:", "if False:"),
                ("AC8", "if hmac.compare_digest(stored.mac, keys.mac(_said(stored))):", "if True:"),
            ),
        ),
        (
            ADMITTING,
            TEST_ADMITTING,
            (
                (
                    "AC9 role",
                    "        check_allowed(asker, action)\n        asked_for",
                    "        asked_for",
                ),
                (
                    "AC9 budget",
                    "if live.used.asked + count > credential.limits.budget:",
                    "if False:",
                ),
                (
                    "AC9 forged",
                    "credential = self.credentials.counting(asker.credential)\n        if action not",
                    "credential = self.credentials.all()[0]\n        if action not",
                ),
                ("AC10", "            add_stop(writes, stop)\n", ""),
                ("AC10 ends", "        if action not in COUNTED:\n            return\n", ""),
                ("AC11", "roles=frozenset(Role) - given,", "roles=frozenset(Role),"),
                ("AC12", "            live.day = day\n", ""),
                ("AC12 kept", "        put_used(writes, asker.credential, day, now)\n", ""),
            ),
        ),
        (
            GATES,
            TEST_MATRIX,
            (
                ("AC13", '        "NewCredential": Action.ACCESS_MANAGE,\n', ""),
                (
                    "AC14",
                    "check_allowed(self._askers.of(context), action)",
                    "self._askers.of(context)",
                ),
            ),
        ),
        (
            GATES,
            TEST_LISTENER,
            (
                ("AC15", "or method not in self._served", ""),
                (
                    "AC17 time",
                    "async with asyncio.timeout(seconds):\n                        return",
                    "async with asyncio.timeout(None):\n                        return",
                ),
            ),
        ),
        (
            LISTENER,
            TEST_LISTENER,
            (
                (
                    "AC16",
                    "lambda: barred.let_in(parts.access.certificates()) if mutual else (),\n        mutual=mutual,",
                    "lambda: barred.let_in(parts.access.certificates()) if mutual else (),\n        mutual=False,",
                ),
                (
                    "AC17",
                    '("grpc.max_receive_message_length", MAX_QUESTION)',
                    '("grpc.max_receive_message_length", 2 * MAX_QUESTION)',
                ),
                ("AC18", "            self._end(address)\n", ""),
            ),
        ),
    )
    for rule, old, new in changes
)
AT_HOME = tuple(
    Mutant(rule, file, old, new, tests)
    for rule, file, old, new, tests in (
        (
            "SH5",
            "node/quality/share_job.py",
            "counted = [] if kept else self._listed.shares(session)",
            "counted = self._listed.shares(session)",
            "tests/scenarios/test_quality.py",
        ),
        (
            "SH6 growing",
            "node/quality/share_job.py",
            "return unjudged or any(growing)",
            "return unjudged",
            "tests/scenarios/test_quality.py",
        ),
        (
            "SH6 judged",
            "node/quality/share_job.py",
            "return unjudged or any(growing)",
            "return any(growing)",
            "tests/scenarios/test_quality.py",
        ),
        (
            "CA6 list",
            "federation/quality/campaigns.py",
            'self.list_type in ("", row.list_type)',
            "True",
            "tests/federation/quality/test_campaigns.py",
        ),
        (
            "CA6 authority",
            "federation/quality/campaigns.py",
            '            and self.authority in ("", row.authority)\n',
            "",
            "tests/federation/quality/test_campaigns.py",
        ),
        (
            "CA6 origin",
            "federation/quality/campaigns.py",
            '            and self.origin in ("", origin)\n',
            "",
            "tests/federation/quality/test_campaigns.py",
        ),
        (
            "CA6 decided",
            "federation/quality/campaigns.py",
            "0 < row.decided_on <= self.decided_until",
            "True",
            "tests/federation/quality/test_campaigns.py",
        ),
        (
            "G16",
            "federation/quality/figures.py",
            "wrong_matches=sum(one.wrong for one in matched),",
            "wrong_matches=0,",
            "tests/federation/quality/test_figures.py",
        ),
        (
            "G16 newest",
            "node/quality/desk.py",
            "for one in cases(ours) if first",
            "for one in cases(ours[:1]) if first",
            "tests/scenarios/test_outcomes.py",
        ),
        (
            "CA1",
            "adapters/sql/campaigns.py",
            "if one.statement_id not in kept}",
            "}",
            "tests/contracts/test_store_campaigns.py",
        ),
        (
            "GW1",
            "node/letters/desk.py",
            'if number not in ("", kept.number):',
            "if False:",
            TEST_LETTERS,
        ),
        (
            "GW1 again",
            "federation/reconcile/cases.py",
            "return Standing(times=self.times)\n",
            "return Standing()\n",
            TEST_HANDLED,
        ),
        (
            "GW2",
            "node/letters/desk.py",
            "if (other := session.letter_numbered(text)) is not None:",
            "if (other := session.letter_numbered(asked.number)) is not None:",
            TEST_LETTERS,
        ),
        (
            "GW3",
            "node/letters/desk.py",
            "session.last_serial(code, today // 10_000)",
            "session.last_serial(code, today // 10_000) + 1",
            TEST_LETTERS,
        ),
        (
            "GW4",
            "node/letters/desk.py",
            "serial=0 if typed is None else typed.serial,",
            "serial=0 if asked.number or typed is None else typed.serial,",
            TEST_LETTERS,
        ),
        (
            "GW5",
            "node/letters/desk.py",
            "note = self._persons.heard(asked.note, Sort.LETTER, body, [person])",
            "note = asked.note",
            "tests/scenarios/test_signed_words.py",
        ),
        ("GW6", "node/letters/desk.py", "if not known:", "if False:", TEST_LETTERS),
        (
            "GW8 opened again",
            "node/letters/desk.py",
            "if any(letter_over(said, times) for said in session.decisions(places).values()):",
            "if False:",
            TEST_LETTERS,
        ),
        (
            "GW7",
            "node/services/letters.py",
            "prepared=account or request.prepared.strip(),",
            "prepared=request.prepared.strip(),",
            "tests/node/services/test_letters.py",
        ),
        (
            "GW7 steps",
            "node/texts/letters.py",
            "if one.step not in steps",
            "if one.step",
            TEST_LETTERS,
        ),
        (
            "GW8",
            "federation/reconcile/cases.py",
            'verdict = Verdict.USE if whole else ""',
            "verdict = Verdict.USE",
            TEST_HANDLED,
        ),
        (
            "GW8 over",
            "node/relief/relief_letters.py",
            'if found["over"]:',
            "if False:",
            TEST_ACT_LETTERS,
        ),
        (
            "GW8 ledger",
            "node/campaigns/campaign_letters.py",
            'if entry["state"] == _STANDS',
            'if entry["state"]',
            TEST_ACT_LETTERS,
        ),
        (
            "GW8 recognition",
            "node/recognition/recognition_letters.py",
            'if one["standing"] in _TITLES and',
            "if",
            TEST_ACT_LETTERS,
        ),
        (
            "GW8 removal",
            "node/records/removal_forms.py",
            'if found["subject"] is not None or found.get("payload"):',
            "if False:",
            TEST_ACT_LETTERS,
        ),
        ("CA2", CAMPAIGNS, "return self.state in EXITS", "return True", TEST_CAMPAIGNS),
        (
            "CA3 named by its first listing",
            "node/campaigns/desk.py",
            "        for some in (slice(1), slice(1, None)):",
            "        for some in (slice(1),):",
            TEST_KEPT_LEDGERS,
        ),
        (
            "OC5 turn",
            "federation/screening/outcomes.py",
            "order = ((reopened, late), (pending, late), (reopened, rest), (reopened, none))",
            "order = ((reopened, late), (reopened, rest), (pending, late), (reopened, none))",
            "tests/adapters/sql/test_outcomes.py",
        ),
        (
            "blocks follow changes",
            "adapters/sql/tallies.py",
            "                counts.add(row.idx // BLOCK, now, 1)\n",
            "                pass\n",
            "tests/contracts/test_store_rows.py -k blocks",
        ),
        (
            "blocks are not passed over",
            "node/records/seeking.py",
            "        elif stretch is not None:\n            yield stretch\n",
            "        elif stretch is not None:\n            continue\n",
            "tests/node/records/test_seeking.py",
        ),
        (
            "CA2 touched",
            LEDGERS,
            "self.touched |= entered & touched.listings",
            "self.touched |= set()",
            TEST_KEPT_LEDGERS,
        ),
        (
            "CA2 record",
            LEDGERS,
            "            self.touched |= self.by_record[tag]\n",
            "            pass\n",
            TEST_KEPT_LEDGERS,
        ),
        (
            "CA2 meanwhile",
            LEDGERS,
            "                kept.touch(self._noted)\n",
            "                pass\n",
            TEST_KEPT_LEDGERS,
        ),
        ("CA2 day", LEDGERS, "or kept.moment != moment", "", TEST_KEPT_LEDGERS),
        (
            "CA3",
            CAMPAIGNS,
            "all(one.has_exited for one in entries)",
            "any(one.has_exited for one in entries)",
            TEST_CAMPAIGNS,
        ),
        (
            "CA3 last",
            CAMPAIGNS,
            "last=max(entries, key",
            "last=min(entries, key",
            TEST_CAMPAIGNS,
        ),
        (
            "CA3 codes",
            LEDGERS,
            "subject = linked.get(own, own)",
            "subject = own",
            TEST_RECODED,
        ),
        (
            "SJ1",
            SUBJECT_CODES,
            '*linked.get(present.get(one, ""), ())',
            "",
            TEST_RECODED,
        ),
        (
            "SJ1 present",
            "node/records/subject_reading.py",
            "known[code].code if code in known else code",
            "code",
            TEST_RECODED,
        ),
        (
            "SJ1 export",
            "node/intake/nation_export.py",
            "lookup(pack_subject(*name)) for name in names})",
            "lookup(pack_subject(*name)) for name in names[:1]})",
            TEST_RECODED,
        ),
        (
            "SJ1 absent",
            "node/intake/nation_export.py",
            "for name in linked[row.scheme, row.code]}:",
            "for name in linked[row.scheme, row.code][:1]}:",
            TEST_RECODED,
        ),
        (
            "SJ1 share",
            "node/quality/listed.py",
            "yield from ((one, tags[one.code]) for one in some)",
            "yield from ((one, tags[one.code][:0]) for one in some)",
            TEST_RECODED,
        ),
        (
            "SJ1 shown",
            "node/records/wanted.py",
            "for scheme in SCHEMES), *self.others)",
            "for scheme in SCHEMES),)",
            "tests/scenarios/test_shown_records.py -k sqlite",
        ),
        (
            "SJ1 asked",
            "node/access/queries.py",
            "{code, *(other for _, other in self._linked(code))}",
            "{code}",
            "tests/node/access/test_queries.py",
        ),
        (
            "SJ1 batch",
            "adapters/catalog/_whole_library.py",
            "WHERE scheme = 'uscc' AND id > ?",
            "WHERE scheme = '' AND id > ?",
            TEST_CODES_OF,
        ),
        (
            "SJ2 two",
            "adapters/catalog/library.py",
            'f"WHERE f.scheme = ? AND f.id IN ({_marks(codes)}) "\n            "GROUP BY f.id HAVING count(*) = 1",',
            'f"WHERE f.scheme = ? AND f.id IN ({_marks(codes)})",',
            TEST_CODES_OF,
        ),
        (
            "SJ2 another",
            "adapters/catalog/library.py",
            '"SELECT 1 FROM subjects p WHERE p.code = f.id)) ORDER',
            '"SELECT 1 FROM subjects p WHERE p.code = 0)) ORDER',
            TEST_CODES_OF,
        ),
        (
            "SJ2 present",
            "adapters/catalog/library.py",
            "[code for code in codes if code not in present]",
            "list(codes)",
            TEST_CODES_OF,
        ),
        ("CA4", CAMPAIGNS, "if one.added_on <= day]", "]", TEST_CAMPAIGNS),
        ("CA5", CAMPAIGNS, "if due and day > due else 0", "if due else 0", TEST_CAMPAIGNS),
        (
            "N12",
            "node/platform/outbox_rows.py",
            "return self._marked(session, told, made)",
            "return made",
            TEST_NOTICED,
        ),
        (
            "N12 erased",
            "node/platform/outbox_rows.py",
            "kept = session.notices(bare) if bare else {}",
            "kept: dict[tuple[int, int], object] = {}",
            TEST_NOTICED,
        ),
        (
            "NO1",
            NOTICES,
            "row.kind == Kind.LISTING\n        and row.opening == OpeningStatus.PRESENT",
            "row.opening == OpeningStatus.PRESENT",
            TEST_NOTICES,
        ),
        (
            "NO1 others",
            NOTICE_JOB,
            "if not h.ours and not trust.is_ours(Origin(h.origin))",
            "if trust",
            TEST_NOTICED,
        ),
        (
            "NO2 library",
            NOTICES,
            "    if known is not None:\n        return known.status != Status.MOVED\n",
            "",
            TEST_NOTICES,
        ),
        ("NO2 moved", NOTICES, "return known.status != Status.MOVED", "return True", TEST_NOTICES),
        (
            "NO2 divided",
            NOTICES,
            "return all(within(one, seen",
            "return any(within(one, seen",
            TEST_NOTICES,
        ),
        ("NO2 confirmed", NOTICES, "and region_confirmed(catalog, edition, row)", "", TEST_NOTICES),
        (
            "NO2 anew",
            NOTICE_JOB,
            "return cursor.noticed_to if cursor.basis == basis else 0",
            "return cursor.noticed_to",
            TEST_NOTICED,
        ),
        (
            "NO3",
            NOTICES,
            "return scheme == USCC and not code_fault(scheme, code)",
            "return True",
            TEST_NOTICES,
        ),
        (
            "NO4",
            NOTICES,
            "        and row.opening == OpeningStatus.PRESENT\n        and row.state not in _UNREAD\n",
            "        and row.state not in _UNREAD\n",
            TEST_NOTICES,
        ),
        (
            "NO4 said",
            NOTICES,
            "        and row.opening == OpeningStatus.PRESENT\n        and row.state not in _UNREAD\n",
            "        and row.opening == OpeningStatus.PRESENT\n",
            TEST_NOTICES,
        ),
        (
            "NO4 relief",
            NOTICE_JOB,
            "        subjects |= self._relieved(session, rows, unread)\n",
            "",
            TEST_NOTICED,
        ),
        (
            "NO4 relief counts",
            NOTICE_JOB,
            "if row.state in ENDED and relief_tells(row):",
            "if relief_tells(row):",
            TEST_NOTICED,
        ),
        (
            "NO4 not for us",
            NOTICES,
            "listing.opening != OpeningStatus.NOT_FOR_US",
            "True",
            TEST_NOTICES,
        ),
        ("NO5", NOTICES, "return before != now", "return True", TEST_NOTICES),
        (
            "NO5 changed",
            "node/log/redelivery.py",
            "    session.put_notices_due([(r.log, r.idx) for r in rows if r.kind in _NOTICED])\n",
            "",
            TEST_NOTICED,
        ),
        (
            "NO5 annotations",
            NOTICE_JOB,
            "        listings |= self._about(session, rows)\n",
            "",
            TEST_NOTICED,
        ),
        ("NO5 over", NOTICE_JOB, "            self._over()\n", "            pass\n", TEST_NOTICED),
        (
            "NO8 acts",
            "node/records/judged_pages.py",
            "if row.kind in ACT_KINDS\n            or (",
            "if (",
            TEST_NOTICED,
        ),
        (
            "NO8 unread",
            "node/records/judged_pages.py",
            "(row.log, row.idx) not in elsewhere",
            "(row.log, row.idx) in read and (row.log, row.idx) not in elsewhere",
            TEST_NOTICED,
        ),
        (
            "NO8 once",
            "node/records/judged_pages.py",
            "(row.log, row.idx) not in elsewhere",
            "True",
            TEST_NOTICED,
        ),
        (
            "NO8 library",
            "node/records/judged_pages.py",
            "return page if page.basis == basis else None",
            "return page",
            TEST_NOTICED,
        ),
        (
            "NO8 end",
            "node/records/judged_pages.py",
            "if page is None or page.end > end:",
            "if page is None:",
            TEST_NOTICED,
        ),
        ("NO8 told", NOTICE_JOB, "sorted({*left, *told})", "sorted({*left})", TEST_NOTICED),
        ("NO6", NOTICES, "if state != REMINDED or ceased:", "if ceased:", TEST_NOTICES),
        (
            "NO6 ceased",
            NOTICES,
            "if state != REMINDED or ceased:",
            "if state != REMINDED:",
            TEST_NOTICES,
        ),
        (
            "NO7",
            NOTICES,
            "if 0 < repair_from <= today and reminded < Stage.REPAIR:",
            "if False:",
            TEST_NOTICES,
        ),
        (
            "NO7 once",
            NOTICES,
            "return Stage.LISTED if reminded < Stage.LISTED else Stage.NONE",
            "return Stage.LISTED",
            TEST_NOTICES,
        ),
        (
            "NO7 kept",
            "node/notices/desk.py",
            "                    stage = _due(document)\n",
            "                    stage = Stage.LISTED\n",
            TEST_NOTICED,
        ),
    )
)
SIGNING, SESSIONS = "node/access/signing_in.py", "node/access/sessions.py"
TEST_ACCOUNTS, TEST_SHELL = "tests/node/access/test_accounts.py", "tests/node/console/test_shell.py"
SIGN_INS = tuple(
    Mutant(rule, file, old, new, TEST_ACCOUNTS)
    for file, changes in (
        (
            SIGNING,
            (
                ("AC19 work", "hashed(asked.password, self._nobody, self._rows.cost)", "pass"),
                (
                    "AC19",
                    "if not right or not step:",
                    "if not step:",
                ),
                ("AC20", "_check_pause(failures(reads, who, FAILURES_MAX), now)", "pass"),
                (
                    "AC20 browsers",
                    'return number if hmac.compare_digest(mac.encode(), expected.encode()) else ""',
                    "return number",
                ),
                ("AC20 kept out", 'f"sign-in\\0{device}\\0{name}"', 'f"sign-in\\0{name}"'),
                ("AC20 lanes", "with self._lanes[bool(device)].place():", "if True:"),
                (
                    "AC21",
                    "if not self._writer.submit(unit).result():",
                    "if self._writer.submit(unit).result() is None:",
                ),
                (
                    "AC22 password",
                    "endings, alone=changed)",
                    "endings, alone=False)",
                ),
                ("AC23", "if secrets.initial and not asked.new_password:", "if False:"),
                (
                    "AC24",
                    "            self._log.record(writes, entry)\n            return True\n",
                    "            return True\n",
                ),
                (
                    "AC24 refusals",
                    "if stored is not None or failures_in_all(writes) <= UNKNOWN_KEPT:",
                    "if stored is None and failures_in_all(writes) <= UNKNOWN_KEPT:",
                ),
                ("AC24 flood", "failures_in_all(writes) <= UNKNOWN_KEPT", "True"),
            ),
        ),
        (
            SESSIONS,
            (
                ("AC22 idle", "now - self.seen > IDLE_SECONDS or ", ""),
                ("AC22 meanwhile", "if self._ended.get(credential, 0) > endings:", "if False:"),
                ("AC22 whole", " or now - self.opened > WHOLE_SECONDS", ""),
                ("AC22 many", "                del self._open[oldest]\n", "                pass\n"),
            ),
        ),
        (
            "node/access/accounts.py",
            (
                (
                    "AC19 bound",
                    'return f"account\\0{credential}\\0{name}".encode()',
                    'return b"account"',
                ),
            ),
        ),
    )
    for rule, old, new in changes
)
PROVIDER = "node/access/identity_provider.py"
TEST_PROVIDER = "tests/node/access/test_provider.py"
BY_PROVIDER = tuple(
    Mutant(rule, file, old, new, tests)
    for file, tests, changes in (
        (
            PROVIDER,
            TEST_PROVIDER,
            (
                ("OI1", 'if document.get("issuer") != self._client.issuer:', "if False:"),
                ("OI1 addresses", "if not self._fits(document.get(name)):", "if False:"),
                (
                    "OI1 kept",
                    "known is None or self._monotonic() - known.read_at > KEPT_SECONDS",
                    "known is None",
                ),
                (
                    "OI2",
                    "_text(sha256(verifier.encode()).digest()),",
                    "verifier,",
                ),
                (
                    "OI3",
                    "if (said or self._discovered().names_itself) and said != self._client.issuer:",
                    "if said and said != self._client.issuer:",
                ),
                ("OI3 other", "and said != self._client.issuer:", "and not said:"),
                ("OI4", 'if status >= 400 or "error" in answer:', "if status >= 400:"),
                (
                    "OI4 keys",
                    "if self._monotonic() - kept.read_at < AGAIN_SECONDS:",
                    "if False:",
                ),
                (
                    "OI4 newer",
                    "if self._monotonic() - kept.read_at < AGAIN_SECONDS:",
                    "if True:",
                ),
            ),
        ),
        (
            "node/access/id_tokens.py",
            TEST_PROVIDER,
            (
                (
                    "OI5",
                    "if not jws.validate_compact(read, key, registry=_REGISTRY):",
                    "if False:",
                ),
                ("OI5 size", "if modulus.bit_length() not in RSA_BITS:", "if False:"),
                (
                    "OI5 kind",
                    'if (one.get("kty"), one.get("crv", "")) == kind and',
                    "if",
                ),
                ("OI5 several", "if len(found) > 1:", "if False:"),
                ("OI5 use", 'and one.get("use", "sig") == "sig"', ""),
                ("OI6 iss", 'if claims.get("iss") != expected.issuer:', "if False:"),
                ("OI6 aud", "if expected.client_id not in audiences:", "if False:"),
                ("OI6 azp", 'and claims.get("azp") != expected.client_id:', "and False:"),
                ("OI6 nonce", 'if claims.get("nonce") != expected.nonce:', "if False:"),
                ("OI6 sub", "or not is_subject(subject):", "or False:"),
                ("OI7 exp", "now >= expires + LEEWAY_SECONDS or", ""),
                (
                    "OI7 iat",
                    "expected.begun_at - LEEWAY_SECONDS <= issued <= now + LEEWAY_SECONDS",
                    "True",
                ),
                ("OI7 auth_time", "if expected.max_age and", "if False and"),
                ("OI7 acr", 'if expected.acr and claims.get("acr") != expected.acr:', "if False:"),
            ),
        ),
        (
            "node/access/provider_sessions.py",
            TEST_PROVIDER,
            (
                ("OI9 state", "if not hmac.compare_digest(", "if False and hmac.compare_digest("),
                ("OI9 time", "if now - ticket.began > TICKET_SECONDS:", "if False:"),
                ("OI9 once", "if digest in self._used:", "if False:"),
                ("OI9 bounds", "if len(self._used) >= USED_MAX:", "if False:"),
                (
                    "OI9 log",
                    "self._writer.submit(lambda writes: self._log.record(writes, entry)).result()",
                    "pass",
                ),
                (
                    "OI9 flood",
                    "if stored is not None or failures_in_all(writes) <= UNKNOWN_KEPT:",
                    "if True:",
                ),
                (
                    "OI8 counts",
                    "credential = self._credentials.counting(stored.credential)",
                    "credential = self._credentials.get(stored.credential)",
                ),
                ("OI8 meanwhile", "        if not token:\n", "        if False:\n"),
                ("OI10 two", "if not self._places.acquire(blocking=False):", "if False:"),
            ),
        ),
        (
            "node/access/accounts.py",
            TEST_PROVIDER,
            (
                (
                    "OI8 bound",
                    "(secrets.issuer, secrets.subject) == (issuer, subject)",
                    "secrets.subject == subject",
                ),
                (
                    "OI8 one",
                    "                self._check_free(writes, subject)\n",
                    "                pass\n",
                ),
                ("OI8 reset", "        if before.subject:\n", "        if False:\n"),
            ),
        ),
        (
            "node/access/signing_in.py",
            TEST_PROVIDER,
            (("OI8 password", "if known is None or known[1].subject:", "if known is None:"),),
        ),
        (
            "adapters/identity/provider.py",
            "tests/adapters/identity/test_provider_http.py",
            (
                ("OI10 bytes", "if len(content) <= ANSWER_MAX else None", "if True else None"),
                ("OI10 time", "        ending.start()\n", "        pass\n"),
                (
                    "OI10 https",
                    'sealed = parts.scheme == "https" or (plain and',
                    "sealed = (True and",
                ),
            ),
        ),
        (
            "node/console/provider_pages.py",
            "tests/node/console/test_provider_pages.py",
            (
                (
                    "CN9 form",
                    'if not same(form.get("_token"), self._origin.cookie(request, FORM)):',
                    "if False:",
                ),
                ("CN9 target", "    return own_path(said)\n", "    return said\n"),
            ),
        ),
    )
    for rule, old, new in changes
)
CONSOLE = tuple(
    Mutant(rule, f"node/console/{file}", old, new, TEST_SHELL)
    for rule, file, old, new in (
        (
            "CN1",
            "app.py",
            "        if session is None:\n            return self._to_sign_in(request)\n",
            "        assert session\n",
        ),
        ("CN1 roles", "app.py", "if not any(map(session.may, page.needs)) or not (", "if not ("),
        ("CN1 routes", "app.py", "route.needs is None or session.may(route.needs)", "True"),
        (
            "CN1 ended",
            "app.py",
            "            if problem.status == 401:\n",
            "            if problem.status == 400:\n",
        ),
        (
            "CN2 fixation",
            "signing_in.py",
            "        cookie = self._sessions.begin(",
            "        cookie = self._origin.cookie(request, SESSION) or self._sessions.begin(",
        ),
        (
            "CN2 scripts",
            "origins.py",
            '            httponly=True,\n            samesite="strict",\n        )\n\n    def forget',
            '            httponly=False,\n            samesite="strict",\n        )\n\n    def forget',
        ),
        (
            "CN2 TLS",
            "origins.py",
            'return f"__Host-{name}" if self.secure(request) else name',
            "return name",
        ),
        ("CN2 idle", "sessions.py", "now - self.seen > IDLE_SECONDS or ", ""),
        ("CN2 whole", "sessions.py", " or now - self.opened > WHOLE_SECONDS", ""),
        ("CN2 many", "sessions.py", "while len(self._open) >= MOST:", "while False:"),
        (
            "CN2 out",
            "app.py",
            "            self._sessions.end(cookie)\n            await",
            "            await",
        ),
        (
            "CN8 strangers",
            "app.py",
            "            self._check_sent_here(request)\n        if session is None:\n",
            "            await read_form(request, route.upload)\n        if session is None:\n",
        ),
        ("CN3 origin", "app.py", "if not self._origin.sent_here(request):", "if False:"),
        (
            "CN3 token",
            "app.py",
            "if session is not None and not same(form.get(CSRF), session.form_token):",
            "if False:",
        ),
        (
            "CN3 door",
            "signing_in.py",
            'if not same(form.get("_token"), self._origin.cookie(request, FORM)):',
            "if False:",
        ),
        ("CN3 empty", "sessions.py", "return bool(expected) and ", "return "),
        ("CN4", "origins.py", '        or said.startswith("//")\n', ""),
        ("CN4 backslash", "origins.py", '        or "\\\\" in said\n', ""),
        (
            "CN4 language",
            "app.py",
            'target = own_path(request.query_params.get("next", ""))',
            'target = request.query_params.get("next", "")',
        ),
        ("CN5", "headers.py", '    "content-security-policy": POLICY,\n', ""),
        ("CN5 frames", "headers.py", "\"frame-ancestors 'none'; \"", '""'),
        ("CN6", "rendering.py", "autoescape=True", "autoescape=False"),
        ("CN6 unseen", "rendering.py", "return visible(value) if", "return value if"),
        ("CN8", "forms.py", "or int(length) > most:", "or False:"),
        (
            "CN8 files",
            "forms.py",
            "elif kind == _MULTIPART and upload:",
            "elif kind == _MULTIPART:",
        ),
    )
)
SIGNED_EDITIONS = tuple(
    Mutant(rule, "node/services/catalogs.py", old, new, "tests/node/services/test_catalogs.py")
    for rule, old, new in (
        ("AC25", "            if request.persons:\n", "            if False:\n"),
        (
            "AC25 entries",
            "            self._check_signed(context)\n            await",
            "            await",
        ),
        ("AC25 local", "self._askers.of(context).local or self._desk.signed", "self._desk.signed"),
    )
)
SETTLED = tuple(
    Mutant(rule, "node/console/settled.py", old, new, "tests/node/console/test_settled.py")
    for rule, old, new in (
        ("CN12", '    "outcomes.reopened": "/checks",\n', ""),
        ("CN12 seen", ' if address.partition("?")[0] in seen else ""', ""),
    )
)
FIRST_PAGE = tuple(
    Mutant(rule, "node/console/pages/home.py", old, new, "tests/node/console/test_home.py")
    for rule, old, new in (
        ("CN14", "    if visit.may(Action.RUN_NODE):\n", "    if True:\n"),
        ("CN14 words", '_SHELL.sub("", clause).strip()', "clause.strip()"),
        ("CN14 codes", "        runs=visit.may(Action.RUN_NODE),\n", "        runs=True,\n"),
    )
)
KEPT_FILES = (
    Mutant(
        "CN13",
        "node/console/page.py",
        'quote(f"{people}.{name.rpartition(\'.\')[2]}", safe="")',
        'quote(name, safe="")',
        "tests/node/console/test_documents.py",
    ),
)
MUTANTS = (
    *FIRST_PAGE,
    *KEPT_FILES,
    *SIGN_INS,
    *BY_PROVIDER,
    *SETTLED,
    *SIGNED_EDITIONS,
    *CONSOLE,
    *ADMISSION,
    *AT_HOME,
    *HTTP,
    *PUBLICATION,
    *ACCESS,
    *QUERY_LOGS,
    *JOBS,
    *SCREENED_MATTERS,
    Mutant(
        "F14",
        FEED,
        "if decision is Decision.REPLACE and now.other_subject:",
        "if decision is Decision.CORRECT and now.other_subject:",
        TEST_ROW_KEYS,
    ),
    Mutant(
        "F14 share",
        FEED,
        "return others > OTHERS_MAX or others > known * OTHERS_SHARE_MAX",
        "return others > OTHERS_MAX",
        TEST_ROW_KEYS,
    ),
    Mutant(
        "F15",
        "node/intake/known_rows.py",
        "            for former in row.former\n",
        "            for former in row.former[:0]\n",
        TEST_ROW_KEYS,
    ),
    Mutant(
        "F15 same record",
        "node/intake/known_rows.py",
        "if row.record_tag == record and row.status != FeedRowStatus.WITHDRAWN:",
        "if row.status != FeedRowStatus.WITHDRAWN:",
        TEST_ROW_KEYS,
    ),
    Mutant(
        "F15 snapshot",
        "node/intake/listings.py",
        "if row.row_tag in keys and row.record_tag in records]",
        "if row.row_tag in keys]",
        TEST_ROW_KEYS,
    ),
    Mutant(
        "X1",
        "node/records/records.py",
        "if whole and isinstance(content, Listing) and row.state in STANDING",
        "if whole and isinstance(content, Listing)",
        "tests/scenarios/test_reconcile.py -k sqlite",
    ),
    Mutant(
        "X2",
        "federation/relief/exits.py",
        "listing.listed_on or listing.decided_on",
        "listing.decided_on",
        "tests/federation/relief/test_exits.py",
    ),
    Mutant(
        "X3",
        "federation/relief/exits.py",
        "case ExitKind.REVOKED:",
        "case _:",
        "tests/federation/relief/test_exits.py",
    ),
    Mutant(
        "F33",
        FEED,
        "ended = replaces and (now.previous_ended or now.previous_corrected)",
        "ended = replaces and now.previous_corrected",
        TEST_FEED,
    ),
    Mutant(
        "F33 other key",
        "node/intake/listings.py",
        "relieved_by_other_key=led is not None\n",
        "relieved_by_other_key=False\n",
        TEST_ROW_KEYS,
    ),
    Mutant(
        "F33 corrected",
        "node/intake/listings.py",
        "return said != previous.content_tag",
        "return said == b''",
        TEST_ROW_KEYS,
    ),
    Mutant(
        "I1",
        "adapters/files/_columns.py",
        "            row[at] = found or stated\n",
        "            row[at] = stated or found\n",
        TEST_MAPPING_PARTS,
    ),
    Mutant(
        "I1 own cell",
        "adapters/files/_columns.py",
        "            if row[at]:\n                continue\n",
        "",
        TEST_MAPPING_PARTS,
    ),
    Mutant(
        "I1 no name",
        "adapters/files/mapping.py",
        "DEFAULTS: Final = (*FIELDS[2:],",
        "DEFAULTS: Final = (*FIELDS,",
        TEST_MAPPING_PARTS,
    ),
    Mutant(
        "I2",
        "adapters/files/_extraction.py",
        "    if len(found) > 1:\n",
        "    if len(found) > 2:\n",
        TEST_MAPPING_PARTS,
    ),
    Mutant(
        "I2 titles",
        "adapters/files/_columns.py",
        "            if len(found) > 1:\n",
        "            if len(found) > 2:\n",
        TEST_MAPPING_PARTS,
    ),
    Mutant(
        "I3",
        "adapters/files/_conversion.py",
        "self._terms.until(decided_on, stated, grade.longest_months, faults, notices)",
        "self._terms.until(decided_on, stated, self._mapping.longest_months, faults, notices)",
        TEST_MAPPING_PARTS,
    ),
    Mutant(
        "I3 grade",
        "adapters/files/_conversion.py",
        "        if not found.exchanged:\n",
        "        if False:\n",
        TEST_MAPPING_PARTS,
    ),
    Mutant(
        "I3 procedure",
        "adapters/files/_penalties.py",
        "    if found is PenaltyProcedure.SIMPLE:\n",
        "    if False:\n",
        TEST_MAPPING_PARTS,
    ),
    Mutant(
        "I4",
        "adapters/files/mapping_parts.py",
        "if not self.decided_from <= decided_on <= self.decided_to:",
        "if not self.decided_from <= decided_on:",
        TEST_MAPPING_PARTS,
    ),
    Mutant(
        "I5",
        "adapters/files/_conversion.py",
        "penal = mapping.list_type == PENALTY_LIST_TYPE",
        "penal = False",
        TEST_MAPPING_PARTS,
    ),
    Mutant(
        "I6",
        "adapters/files/_extraction.py",
        "if repeats > REPEATS_MAX or choices > CHOICES_MAX or _GROUP_REPEATS.search(plain):",
        "if False:",
        TEST_MAPPING_PARTS,
    ),
    Mutant(
        "I7",
        "node/intake/sources.py",
        "_authorities([one] if one and not one.relief_only else",
        "_authorities([one] if one else",
        TEST_ANNOTATION_FILES,
    ),
    Mutant(
        "I8",
        "node/intake/annotations.py",
        "            if row.action in _ENDED_BY:\n",
        "            if False:\n",
        TEST_ANNOTATION_FILES,
    ),
    Mutant(
        "I8 bound",
        "node/intake/annotations.py",
        "if not self._reliefs.speaks_for(session, listing, bound, day):",
        "if not bound:",
        TEST_ANNOTATION_FILES,
    ),
    Mutant(
        "I9",
        "adapters/files/annotations.py",
        '("暂停", "暂停公示", "中止公示", "停止执行"),\n',
        '("暂停", "暂停公示", "停止执行"),\n        AnnotationAction.RESUMED: ("恢复",),\n',
        TEST_ANNOTATION_FILES,
    ),
    Mutant(
        "F19",
        "adapters/files/_terms.py",
        "        for at in self._periods:\n",
        "        for at in self._periods[:0]:\n",
        TEST_PERIODS,
    ),
    Mutant(
        "F19 differs",
        "adapters/files/_terms.py",
        "if not next_to(min(ends), max(ends)):",
        "if not min(ends):",
        TEST_PERIODS,
    ),
    Mutant(
        "F20",
        "adapters/files/_terms.py",
        "months = self._context.term_months(decided_on)",
        "months = self._mapping.longest_months",
        TEST_PERIODS,
    ),
    Mutant(
        "F20 confirmed",
        CATALOG,
        "        if entry is None or entry.ground is not Ground.STANDS or not entry.confirmed:",
        "        if entry is None or entry.ground is not Ground.STANDS:",
        TEST_PERIODS,
    ),
    Mutant(
        "B4 changed",
        "node/reconcile/catalog_book.py",
        "            session.drop_confirmations(self._void(edition))\n",
        "",
        "tests/scenarios/test_catalog_commands.py",
    ),
    Mutant(
        "F24",
        "adapters/files/_conversion.py",
        "if (at := self.columns.broken(row)) != ABSENT:",
        "if (at := self.columns.broken(row)) < ABSENT:",
        TEST_PERIODS,
    ),
    Mutant(
        "F24 workbooks",
        "adapters/files/_xlsx_parts.py",
        "    if has_errors:\n",
        "    if not has_errors:\n",
        TEST_PERIODS,
    ),
    *(
        Mutant(rule, f"adapters/{file}", old, new, f"tests/adapters/{tests}")
        for rule, file, old, new, tests in (
            (
                "F34",
                "files/tables.py",
                "elif (found := find_header(self._first_cells(), wanted)) is not None:",
                "elif False and (found := find_header(self._first_cells(), wanted)) is not None:",
                "files/test_real_tables.py -k f34",
            ),
            (
                "F34 groups",
                "files/headings.py",
                "if column_name(text) in names and not _REMOVED.search(group):",
                "if column_name(text) in names or True:",
                "files/test_real_tables.py -k f34",
            ),
            (
                "F35",
                "files/headings.py",
                'if not c.isspace() and unicodedata.category(c) != "Cf"',
                "if not c.isspace()",
                "files/test_real_tables.py -k f35",
            ),
            (
                "F36",
                "files/_dates.py",
                "return (moment + _SHANGHAI).date()",
                "return moment.date()",
                "files/test_real_tables.py -k f36",
            ),
            (
                "F37",
                "files/personal_ids.py",
                "int(match[1]) <= _YOUNGEST for match",
                "True for match",
                "files/test_real_tables.py -k f37",
            ),
            (
                "F38 width",
                "files/tables.py",
                "if len(cells) < self._least or",
                "if len(cells) < width or",
                "files/test_real_tables.py -k f38",
            ),
            (
                "F38 last day",
                "files/_columns.py",
                "self.least = max(self._used) + 1",
                "self.least = 1",
                "files/test_real_tables.py -k f38",
            ),
            (
                "F38 no row",
                "files/_columns.py",
                "if not any(row[at] for at in self._used):",
                "if not any(row):",
                "files/test_real_tables.py -k f38",
            ),
            (
                "F38 reliefs",
                "files/reliefs.py",
                "if not any(filled(record[name]) for name in self._used):",
                "if False:",
                "files/test_file_reliefs.py -k f38",
            ),
            (
                "F38 notes of reliefs",
                "files/reliefs.py",
                "return is_aside([cell",
                "return False and is_aside([cell",
                "files/test_file_reliefs.py -k f38",
            ),
            (
                "F38 blanks",
                "files/_bounded.py",
                'if begun or kind != "XLSX" or',
                "if True or",
                "files/test_real_workbooks.py -k wide_sheet",
            ),
            (
                "F41 share",
                "files/listings.py",
                "if hidden := self.tally.notices[HIDDEN]:",
                "if hidden := 0:",
                "files/test_real_workbooks.py -k f41",
            ),
            (
                "F39",
                "files/_parties.py",
                "if _ACTING.search(rest):",
                "if False:",
                "files/test_real_tables.py -k f39",
            ),
            (
                "F40",
                "files/_book_rows.py",
                "if merged.fill(number, cells):",
                "if False:",
                "files/test_real_workbooks.py -k f40",
            ),
            (
                "F41",
                "files/_book_rows.py",
                "if number in hidden:",
                "if False:",
                "files/test_real_workbooks.py -k f41",
            ),
            (
                "F42 sheets",
                "files/tables.py",
                "if len(fitting) != 1:",
                "if not fitting:",
                "files/test_real_workbooks.py -k f42",
            ),
            (
                "F42 exact",
                "files/tables.py",
                "len(self.header) if self._exact else columns",
                "columns",
                "files/test_real_tables.py -k f42",
            ),
            (
                "F43 bad",
                "catalog/library.py",
                "if found.left_out > LOST_FEW and",
                "if False and",
                "catalog/test_library.py -k f43",
            ),
            (
                "F43 fewer",
                "catalog/library.py",
                "if before - found.subjects > max(",
                "if before - found.subjects > 9 * max(",
                "catalog/test_library.py -k f43",
            ),
            (
                "F44",
                "files/_incentive_table.py",
                'document["provider"] = only',
                'document["provider"] = ""',
                "files/test_file_scenarios.py -k f44",
            ),
        )
    ),
    *(
        Mutant(
            rule, f"adapters/files/{file}", old, new, f"tests/adapters/files/test_strange_{tests}"
        )
        for rule, file, old, new, tests in (
            (
                "F60",
                "_columns.py",
                "if cell and says_nothing(cell) else cell",
                "if False else cell",
                "tables.py -k f60",
            ),
            (
                "F60 reliefs",
                "_nothing.py",
                'return "" if cell and says_nothing(cell) else cell',
                "return cell",
                "reliefs.py -k f60",
            ),
            (
                "F60 words",
                "_nothing.py",
                "plain.casefold() in _WORDS",
                "plain in ()",
                "tables.py -k f60",
            ),
            (
                "F61 ditto",
                "_cells.py",
                "return (_ERROR.fullmatch(plain_text) or _DITTO.fullmatch(plain_text)) is not None",
                "return _ERROR.fullmatch(plain_text) is not None",
                "tables.py -k f61",
            ),
            (
                "F61 struck",
                "_shown_cells.py",
                "return STRUCK_TEXT",
                "return cell",
                "workbooks.py -k f61",
            ),
            (
                "F61 days",
                "_shown_cells.py",
                "if not isinstance(value, dt.date):",
                "if True:",
                "workbooks.py -k f61",
            ),
            (
                "F61 parts",
                "_xlsx_styles.py",
                "if int(index) in strings:",
                "if not strings:",
                "workbooks.py -k f61",
            ),
            (
                "F61 older",
                "_xls_records.py",
                "if told := styles.told(style):",
                'if told := "":',
                "workbooks.py -k f61",
            ),
            (
                "F61 pages",
                "_web_rows.py",
                "text = STRUCK if text and self._struck else text",
                "text = text",
                "workbooks.py -k f61",
            ),
            (
                "F62 names",
                "_told_texts.py",
                "    if lost is None and letters and",
                "    if letters and",
                "tables.py -k f62",
            ),
            (
                "F62 numbers",
                "_told_texts.py",
                "if _NUMERAL.search(plain) and _NO_NUMBER.fullmatch(plain) is None:",
                "if _NUMERAL.search(plain):",
                "tables.py -k f62",
            ),
            (
                "F62 columns",
                "_columns.py",
                "if said[0] != other and self._another(field, said[0], other):",
                "if not said[0]:",
                "tables.py -k f62",
            ),
            (
                "F63",
                "standing.py",
                "        if self._section:\n            return self._below()\n",
                "",
                "tables.py -k f63",
            ),
            (
                "F63 names",
                "standing.py",
                "if not (divides(text) or _OF_SECTIONS(text)):",
                "if not text:",
                "tables.py -k f63",
            ),
            (
                "F63 header",
                "headings.py",
                "        and not _is_section(lower)\n",
                "",
                "tables.py -k f63",
            ),
            (
                "F63 reliefs",
                "_granting.py",
                "        if self._section:\n            return",
                "        if not number:\n            return",
                "reliefs.py -k f63",
            ),
            (
                "F64",
                "_granting.py",
                "return _REFUSAL.match(cell) is not None and not _GRANTED.search(cell)",
                "return False",
                "reliefs.py -k f64",
            ),
            (
                "F64 in doubt",
                "_granting.py",
                "return _REFUSAL.match(cell) is not None and not _GRANTED.search(cell)",
                "return _REFUSAL.match(cell) is not None",
                "reliefs.py -k f64",
            ),
            (
                "F64 titles",
                "_granting.py",
                "if _REFUSED_TITLE.search(column_name(title)):",
                "if not title:",
                "reliefs.py -k f64",
            ),
            (
                "F64 documents",
                "_granting.py",
                "if _REFUSED_NUMBER(plain(record[name])):",
                "if not name:",
                "reliefs.py -k f64",
            ),
            (
                "F64 denied",
                "_granting.py",
                "不予(?!(?:行政|联合|信用)?(?:公示|列入|认定|处罚|惩戒|限制))",
                "不予",
                "reliefs.py -k f64",
            ),
            (
                "F54 titles",
                "standing.py",
                "any(one in text for one in own if one)",
                "text",
                "tables.py -k f54",
            ),
            (
                "F16 performed",
                "standing.py",
                "for position in self._duties:",
                "for position in self._duties[:0]:",
                "tables.py -k f16",
            ),
            (
                "F38 headers",
                "tables.py",
                "block = self._without_headers(block)",
                "pass",
                "tables.py -k f38",
            ),
            (
                "F19 columns",
                "_terms.py",
                "for at in self._ends:",
                "for at in self._ends[:0]:",
                "tables.py -k f19",
            ),
            (
                "F40 numbers",
                "_book_rows.py",
                "if own and not (",
                "if own or not (",
                "workbooks.py -k f40",
            ),
        )
    ),
    Mutant(
        "F54 door",
        "node/intake/list_files.py",
        "            check_titles(reader.titles, layout, others)\n",
        "",
        TEST_NOT_STANDING,
    ),
    Mutant(
        "F16",
        STANDING,
        "for position in self._filled:",
        "for position in self._filled[:0]:",
        TEST_STANDING,
    ),
    Mutant(
        "F16 words",
        STANDING,
        "            elif code:\n",
        "            elif code and not row:\n",
        TEST_STANDING,
    ),
    Mutant(
        "F16 pause",
        "node/intake/list_files.py",
        "self._end(listing_feed, ended,",
        "self._end(listing_feed, ended[:0],",
        TEST_NOT_STANDING,
    ),
    Mutant(
        "F16 one record",
        "adapters/files/listings.py",
        "if self._removed and record in self._removed:",
        "if self._removed and not record:",
        TEST_STANDING,
    ),
    Mutant(
        "F17",
        STANDING,
        "if not self._unread or not any(row[at] for at in self._unread):",
        "if row:",
        TEST_STANDING,
    ),
    Mutant(
        "F18 worksheet",
        "adapters/files/listings.py",
        'self.titles = (*titles, getattr(table, "sheet", ""))',
        "self.titles = titles",
        TEST_NOT_STANDING,
    ),
    Mutant(
        "F14 word",
        "node/intake/listings.py",
        "session.append_journal(self._said_other(decided, other_subjects))",
        "pass",
        TEST_ROW_KEYS,
    ),
    *(
        Mutant(f"F2 {rule}", file, before, after, tests)
        for rule, file, before, after, tests in (
            (
                "but F33",
                "node/intake/listings.py",
                "(prior or led or waits or tag in otherwise)",
                "(prior or waits or tag in otherwise)",
                TEST_ROW_KEYS,
            ),
            (
                "but F53",
                "node/intake/listings.py",
                "(prior or led or waits or tag in otherwise)",
                "(prior or led or waits)",
                "tests/scenarios/test_other_name.py",
            ),
            (
                "but F8",
                "node/log/standing.py",
                "return not held and self._tags[key] not in self._rows",
                "return not held",
                "tests/scenarios/test_platform_inbox.py",
            ),
            (
                "but F8 here",
                "node/log/standing.py",
                "held = key in self._added or",
                "held =",
                "tests/scenarios/test_suppression.py",
            ),
            (
                "but L14",
                "node/log/standing.py",
                " or key in self._similar\n",
                "\n",
                SIMILAR_TESTS,
            ),
            (
                "but F3",
                "node/log/standing.py",
                " or key in self._suppressed or ",
                " or ",
                "tests/scenarios/test_suppression.py",
            ),
        )
    ),
    *(
        Mutant("F53", file, before, after, "tests/scenarios/test_other_name.py")
        for file, before, after in (
            (
                "federation/intake/feed.py",
                "if now.other_name and decision in _PUBLISHED:",
                "if False:",
            ),
            (
                "node/intake/listings.py",
                "and self._bears(session, previous, row.name)",
                "and False",
            ),
            ("node/intake/rows.py", "said.other_names if said else (),", "(),"),
            ("node/intake/list_files.py", "persons if words.other_names else ()", "()"),
        )
    ),
    Mutant(
        "V10 requests",
        "node/relief/requests.py",
        "        self._check_ungranted(session, asked, row, decided)\n",
        "",
        "tests/scenarios/test_requests.py -k old_page",
    ),
    *(
        Mutant(f"F58 {name}", file, before, after, tests)
        for name, file, before, after, tests in (
            (
                "waits",
                "federation/intake/feed.py",
                "return Decision.HOLD_ALONE if now.alone and decision in _PUBLISHED else decision",
                "return decision",
                "tests/scenarios/test_second_person.py",
            ),
            (
                "praise",
                "node/intake/listings.py",
                "waits = alone and row.kind in ADVERSE_KINDS and",
                "waits = alone and",
                "tests/scenarios/test_commendation_files.py -k f58",
            ),
            (
                "new rows",
                "node/intake/listings.py",
                "if not (prior or led or waits or tag in otherwise)",
                "if not (prior or led or tag in otherwise)",
                "tests/scenarios/test_second_person.py",
            ),
            (
                "vouched",
                "node/intake/listings.py",
                " and not words.vouch(row.number)",
                "",
                "tests/scenarios/test_second_person.py",
            ),
            (
                "rows shown",
                "node/intake/row_words.py",
                "word in _OF_ROWS and self.covers(word, row)",
                "word in _OF_ROWS",
                "tests/scenarios/test_second_person.py",
            ),
            (
                "inbox",
                "node/intake/rows.py",
                "alone=said is None and self._second.asks(layout.list_type, by_hand=False),",
                "alone=False,",
                "tests/scenarios/test_second_person.py",
            ),
            (
                "inbox released",
                "node/intake/rows.py",
                "alone=said is None and self",
                "alone=self",
                "tests/scenarios/test_second_person.py",
            ),
            (
                "import",
                "node/intake/imports.py",
                "if held.lacks_second and not lacks:",
                "if False:",
                "tests/scenarios/test_second_person.py",
            ),
            (
                "import whole",
                "node/intake/imports.py",
                "        held.check_second()\n",
                "",
                "tests/scenarios/test_second_person.py",
            ),
            (
                "drop folder",
                "node/intake/drop_job.py",
                "by_hand=False,",
                "by_hand=True,",
                "tests/node/intake/test_drop_job.py",
            ),
            (
                "auto",
                "node/intake/second_person.py",
                'mode = "by-hand" if self._persons() >= TWO else "no"',
                'mode = "no"',
                "tests/node/intake/test_second_person.py",
            ),
            (
                "drafts",
                "node/intake/second_person.py",
                "if not isinstance(listed, Listing | Penalty):",
                "if True:",
                "tests/node/intake/test_second_person.py",
            ),
        )
    ),
    *(
        Mutant(f"F57 {name}", file, before, after, tests)
        for name, file, before, after, tests in (
            (
                "knows nobody",
                "adapters/catalog/library.py",
                "                raise RefusedError(DAMAGED, message) from error",
                "                return []",
                "tests/adapters/catalog/test_library.py -k f57",
            ),
            (
                "replaced",
                "adapters/catalog/library.py",
                "    except RefusedError:  # F57: what is damaged is replaced\n        before = 0\n",
                "",
                "tests/adapters/catalog/test_library.py -k f57",
            ),
            (
                "listed",
                "node/intake/listings.py",
                "            return self.decide(session, brought, outcome, unshared=damaged)",
                "            otherwise = {}",
                "tests/scenarios/test_other_name.py -k f57",
            ),
            (
                "relief",
                "node/intake/listings.py",
                "            return self.decide(session, brought, outcome, unshared=damaged)",
                "            raise damaged",
                "tests/scenarios/test_other_name.py -k f57",
            ),
        )
    ),
    *(
        Mutant(
            "F55",
            "federation/intake/feed.py",
            before,
            after,
            "tests/federation/intake/test_feed.py",
        )
        for before, after in (
            ("ROWS_SHOWN_MIN: Final = 5", "ROWS_SHOWN_MIN: Final = 4"),
            ("SHARE_SHOWN_MAX: Final = 0.5", "SHARE_SHOWN_MAX: Final = 0.6"),
        )
    ),
    *(
        Mutant(f"O4 {name}", file, before, after, "tests/scenarios/test_other_name.py -k o4")
        for name, file, before, after in (
            (
                "younger",
                "node/intake/other_names.py",
                "LibraryInForce.of(entry).at > said_at",
                "False",
            ),
            (
                "younger row",
                "node/intake/rows.py",
                "RowWords(seen_at=said.said_at) if said else NO_WORDS",
                "NO_WORDS",
            ),
            (
                "asked twice",
                "node/reconcile/judging.py",
                "if not named_by_row(",
                "if True or named_by_row(",
            ),
            (
                "another answer",
                "federation/reconcile/cases.py",
                "return alone and bool(about) and about[-1].reason == said",
                "return alone and bool(about)",
            ),
            (
                "a word on the case",
                "federation/reconcile/cases.py",
                "    alone = all(one.verdict == ROW_NAMED for one in about)\n",
                "    alone = True\n",
            ),
            (
                "no word on the case",
                "federation/reconcile/cases.py",
                "if word.finding == finding and word.verdict != ROW_NAMED:",
                "if word.finding == finding:",
            ),
            (
                "corrected",
                "node/intake/other_names.py",
                "        if corrected:\n",
                "        if False:\n",
            ),
            (
                "by rows",
                "node/intake/rows.py",
                "other_names=said.other_names if said else (),",
                "other_names=(),",
            ),
        )
    ),
    *(
        Mutant("HT2 code", "federation/ids.py", before, after, "tests/node/web/test_parameters.py")
        for before, after in (
            ("|[0-9]{1,6}-[a-z][a-z0-9.-]{0,56}", ""),
            ('"[a-z][a-z0-9.-]{0,63}|', '"[a-z0-9.-]{0,63}|'),
        )
    ),
    *(
        Mutant(
            "F57 words",
            f"node/reconcile/{file}.py",
            before,
            after,
            "tests/scenarios/test_other_name.py -k f57",
        )
        for file, before, after in (
            ("job", "        found = by_words(session, rows)\n", "        raise\n"),
            ("job", "                self._put_words(places)\n", ""),
            (
                "judging",
                "            if not asked:\n                raise\n",
                "            raise\n",
            ),
            ("kept_words", "kept = kept if now is Finding.DECIDED_USE else now", "pass"),
            (
                "case_desk",
                "self._known(view) if verdict == Verdict.USE else self._answer(view)[0]",
                "self._answer(view)[0]",
            ),
            (
                "case_desk",
                "            return None, DAMAGED\n",
                "            raise\n",
            ),
        )
    ),
    *(
        Mutant("V11", "node/services/names_said.py", before, after, tests)
        for tests, before, after in (
            (
                "tests/node/services/test_names_said.py",
                "normal_person(name) != normal_person(account)",
                "False",
            ),
            (
                "tests/node/services/test_names_said.py",
                "        if any(normal_person(name) in named for name in names):\n",
                "        if False:\n",
            ),
            ("tests/node/services/test_names_said.py", "len(names) > 1 or ", ""),
            (
                "tests/node/services/test_names_said.py",
                'getattr(request, "verdict", "") == Verdict.USE',
                "False",
            ),
            (
                "tests/node/services/test_names_said.py",
                "method in _HEARD and not alone",
                "method in _HEARD",
            ),
            (
                "tests/scenarios/test_signed_words.py -k v11",
                "await in_thread(self._readers, self.check, asker, method, request)",
                "pass",
            ),
        )
    ),
    Mutant(
        "V11 no",
        "node/intake/import_words.py",
        'who = person.strip() if own else ""',
        "who = person.strip()",
        "tests/scenarios/test_imports.py -k im9",
    ),
    *(
        Mutant("IM10 files", f"node/intake/{file}.py", before, after, tests)
        for file, before, after, tests in (
            (
                "waiting_rows",
                "if self._by_word and not shown:",
                "if False:",
                "tests/scenarios/test_similar.py -k im10",
            ),
            (
                "waiting_rows",
                "        check_shown(shown, self.digest)\n",
                "",
                "tests/scenarios/test_similar.py -k im10",
            ),
            (
                "list_files",
                "words = self._seen(listing_feed, read, words, alone=alone)",
                "pass",
                "tests/scenarios/test_similar.py -k im10",
            ),
            (
                "row_words",
                "        rows=words.seen,\n",
                "",
                "tests/scenarios/test_signed_words.py -k f58",
            ),
        )
    ),
    *(
        Mutant("F59", file, before, after, "tests/node/publishing/test_shorter.py")
        for file, before, after in (
            (
                "node/publishing/plausibility.py",
                "listed.publish_until < ends",
                "listed.publish_until <= ends",
            ),
            (
                "node/intake/read_rows.py",
                "told = (row.lacks, shorter(item.listing, making.moment.catalog))",
                "told = (row.lacks,)",
            ),
            (
                "node/intake/list_files.py",
                "*([_short(short)] if (short := read.tally.notices[SHORTER]) else []),",
                "",
            ),
        )
    ),
    *(
        Mutant(
            "counts bounded",
            f"adapters/sql/{file}.py",
            before,
            after,
            "tests/contracts/test_store_rows.py -k invents",
        )
        for file, before, after in (
            ("tallies", " and number > 0 and len(lists) < LISTS_MAX:", ":"),
            ("seeking", "(*sought.list_types, OTHERS)", "sought.list_types"),
        )
    ),
    *(
        Mutant(
            "O3 told",
            "node/reconcile/job.py",
            before,
            after,
            "tests/scenarios/test_other_name.py -k o3_who",
        )
        for before, after in (
            ("if self._passed or self._told:", "if self._passed:"),
            ("self._told |= put(session, {p", "put(session, {p"),
        )
    ),
    *(
        Mutant("O3", file, before, after, "tests/scenarios/test_other_name.py")
        for file, before, after in (
            (
                "federation/reconcile/own_lists.py",
                "return known is not None and not agrees(name, known)",
                "return False",
            ),
            ("node/reconcile/job.py", "self._own_left |= self._pass_own(head)", "pass"),
            ("node/reconcile/job.py", "for _ in range(OWN_ROUNDS):", "while True:"),
            (
                "node/reconcile/judging.py",
                "if heads[row.log].ours and self._named_otherwise(session, [row]):",
                "if False:",
            ),
        )
    ),
    *(
        Mutant("F54", STANDING, before, after, TEST_STANDING)
        for before, after in (
            ("if row[position] and named.isdisjoint(self._called)", "if named and False"),
            ("and named.isdisjoint(names):", ":"),
        )
    ),
    Mutant(
        "F13 inbox",
        "node/intake/rows.py",
        "two_records=said.two_records if said else (),",
        "two_records=(),",
        "tests/scenarios/test_platform_inbox.py",
    ),
    Mutant(
        "F26 export",
        "adapters/export/tile_export.py",
        "if path.is_dir() and not path.is_symlink():",
        "if path.is_dir():",
        "tests/adapters/export/test_tile_export.py",
    ),
    Mutant(
        "F26 new file",
        "adapters/files/folders.py",
        "os.open(name, _NEW, 0o666, dir_fd=self._descriptor)",
        "os.open(name, os.O_WRONLY | os.O_CREAT, 0o666, dir_fd=self._descriptor)",
        "tests/adapters/export/test_tile_export.py",
    ),
    Mutant(
        "error bounded",
        "node/network/errors.py",
        "        if spent > MAX_ENCODED:\n",
        "        if False:\n",
        "tests/node/network/test_errors.py",
    ),
    Mutant(
        "message cut",
        "node/texts/messages.py",
        '    return len(_WORD.findall(_QUOTED.sub("", text))) > _FEW\n',
        "    return False\n",
        "tests/node/texts/test_messages.py",
    ),
    Mutant(
        "outbox torn",
        "adapters/files/outbox.py",
        "        if self._torn:\n",
        "        if False:\n",
        "tests/adapters/files/test_file_outbox.py",
    ),
    Mutant(
        "outbox turns",
        "node/platform/outbox_job.py",
        "        if len(found) < BATCH:\n            logs",
        "        if found:\n            logs",
        "tests/scenarios/test_platforms.py",
    ),
    Mutant(
        "F29 no file",
        "adapters/files/dropfolder.py",
        "if _is_told(title_of(name), status) and",
        "if False and",
        "tests/scenarios/test_dropped_files.py",
    ),
    Mutant(
        "N11",
        "node/platform/outbox_rows.py",
        "made.append(_storable(content))",
        "made.append(content)",
        "tests/scenarios/test_platforms.py",
    ),
    Mutant(
        "F31 newest",
        "node/intake/known_rows.py",
        "last = {row.key: row.number for row in rows}",
        "last = {row.key: row.number for row in reversed(rows)}",
        TEST_INBOX,
    ),
    Mutant(
        "F31 refused",
        "node/intake/listings.py",
        "rows, outcome.superseded = newest(self._permitted(session, rows, outcome, unshared))",
        "_, outcome.superseded = newest(rows)\n"
        "        rows = self._permitted(session, rows, outcome, unshared)",
        TEST_INBOX,
    ),
    Mutant(
        "F31 record",
        "node/intake/rows.py",
        "for part in by_record(good):",
        "for part in [[row] for row in good]:",
        TEST_INBOX,
    ),
    Mutant(
        "F31 relief",
        "node/intake/reliefs.py",
        "if listing.row.statement_id in done:",
        "if False:",
        TEST_INBOX,
    ),
    Mutant(
        "F32 row",
        "adapters/platform/inbox.py",
        "            return self._one_by_one(wanted, most)",
        "            raise",
        TEST_INBOX_TABLE,
    ),
    Mutant(
        "F32 answer",
        "adapters/platform/inbox.py",
        'return self._write([(row, replace(answer, message=""))], instead_of)',
        "return 0",
        TEST_INBOX_TABLE,
    ),
    *(
        Mutant(rule, f"node/intake/{file}", old, new, "tests/scenarios/test_imports.py")
        for rule, file, old, new in (
            (
                "IM1",
                "import_folder.py",
                "if not path.is_file() or _digest(path) != digest:",
                "if not path.is_file():",
            ),
            (
                "IM1 mapping",
                "import_folder.py",
                "_MAPPING.format(one.own_sha256[:_DIGEST_SHOWN])",
                '_MAPPING.format("")',
            ),
            ("IM2 number", "import_folder.py", "if len(here) >= MOST or", "if"),
            ("IM2 relief", "import_folder.py", "urgent = kind in ABOUT_LISTINGS", "urgent = False"),
            ("IM2 week", "imported.py", "if self.until < now:", "if False:"),
            (
                "IM2 left",
                "imports.py",
                "for number in (*over, *self._folder.left()):",
                "for number in over:",
            ),
            (
                "IM2 whole",
                "import_folder.py",
                "for made in (place, place.parent, self._folder, self._folder.parent):",
                "for made in (place, place.parent, self._folder):",
            ),
            ("IM2 gone", "imports.py", "if one.published:  #", "if False:  #"),
            ("IM2 time", "imports.py", "if one.until < trusted]", "if one.until < self._now()]"),
            (
                "IM3 twice",
                "import_words.py",
                "if any(normal_person(before.person) == normal for before in word.said):",
                "if False:",
            ),
            (
                "IM3 credential",
                "import_words.py",
                "if not asker.local and asker.credential in",
                "if False and asker.credential in",
            ),
            ("IM9", "import_words.py", "if refusal.strip():", "if False:"),
            ("IM9", "imported.py", "words=(*rest, word), returned={})", "words=(*rest, word))"),
            (
                "IM7",
                "import_words.py",
                "if shown and shown != sha256(",
                "if False and shown != sha256(",
            ),
            (
                "IM2 left meanwhile",
                "imports.py",
                " and (number in over or self._folder.is_left(number)):",
                ":",
            ),
            (
                "IM3 begun",
                "import_words.py",
                "check_fresh(kept, self._now(), word_of_text(word.text).at, ())",
                "check_fresh(kept, self._now(), Timestamp(0), ())",
            ),
            ("IM4 found", "import_words.py", "if unknown := sorted(", "if False and sorted("),
            (
                "IM4 changed",
                "import_words.py",
                "            if _body(before.text) == body:",
                "            if True:",
            ),
            ("IM4 whole", "imports.py", "if not word.whole]\n", "if False]\n"),
            (
                "IM8 sealed",
                "import_rows.py",
                "(row.row, row.decision, row.statement_id, row.act_id)",
                "(row.row, row.decision, row.statement_id, row.act_id, row.name)",
            ),
            (
                "IM8 called",
                "imported.py",
                'called="" if self.names_row else self.called',
                "called=self.called",
            ),
            (
                "IM8 not told",
                "import_rows.py",
                "kept is None or any(",
                "kept is not None and any(",
            ),
            (
                "IM8 again",
                "import_rows.py",
                "or bool(one.fault) or one.number in self._kept",
                "or True",
            ),
            (
                "IM8 bytes",
                "import_rows.py",
                "            self._folder.file_of(one)\n",
                "",
            ),
            ("IM5", "imports.py", "if held.own and held.word(Sort.MAPPING) is None:", "if False:"),
            (
                "IM5 id",
                "signed_mappings.py",
                "and (not saved.exists() or saved.read_bytes() == data)",
                "",
            ),
        )
    ),
    *(
        Mutant(
            f"IM10 {what}", f"node/intake/{file}.py", old, new, f"tests/scenarios/{test}.py -k im10"
        )
        for what, file, old, new, test in (
            (
                "tried",
                "imported",
                "shown={one: numbers_of(rows) for one, rows in self.waited.items()}",
                "shown=None",
                "test_imports",
            ),
            (
                "records",
                "listings",
                "words.two_records and words.covers(TWO_RECORDS, row.number)",
                "words.two_records",
                "test_imports",
            ),
            (
                "subjects",
                "listings",
                "words.other_subjects and words.covers(OTHER_SUBJECTS, row.number)",
                "words.other_subjects",
                "test_row_keys",
            ),
            (
                "names",
                "listings",
                "if words.other_names and words.covers(OTHER_NAMES, row.number)",
                "if words.other_names",
                "test_other_name",
            ),
        )
    ),
    *(
        Mutant(
            f"O4 {what}", f"node/intake/{file}.py", old, new, "tests/node/intake/test_imported.py"
        )
        for what, file, old, new in (
            ("brought", "imported", "seen_at=self.at", "seen_at=Timestamp(0)"),
            ("signed", "row_words", "read_word(self.note).at if self.note else", "0 or"),
        )
    ),
    Mutant(
        "O4 released",
        "node/platform/desk.py",
        "persons=persons, said_at=at)",
        "persons=persons)",
        "tests/scenarios/test_platform_inbox.py -k signed_as_they_stand",
    ),
    Mutant(
        "IM3 bytes",
        "federation/persons.py",
        "if before is not None and before.text != more.text:",
        "if False:",
        "tests/scenarios/test_imports.py",
    ),
    *(
        Mutant(
            rule, "adapters/files/proposed_columns.py", old, new, "tests/scenarios/test_imports.py"
        )
        for rule, old, new in (
            ("IM6", "if holds_personal_id(cell):", "if False:"),
            ("IM6 name", "elif may_name and len(cell)", "elif False and len(cell)"),
            (
                "IM6 persons",
                "if chosen.get(column) == PERSONS or column in guess.persons",
                "if False",
            ),
        )
    ),
    *(
        Mutant(f"F50 {what}", file, old, new, tests)
        for what, file, old, new, tests in (
            (
                "gone",
                "node/intake/read_rows.py",
                "if not (self._gone or records or keys):",
                "if not (records or keys):",
                "tests/scenarios/test_read_once.py",
            ),
            (
                "copy",
                "node/intake/list_files.py",
                "copy.unlink()",
                "pass",
                "tests/scenarios/test_read_once.py",
            ),
            (
                "message anew",
                "node/codec/listing_writer.py",
                "(self._rows == ROWS or shared != self._shared)",
                "shared != self._shared",
                "tests/node/codec/test_facts.py",
            ),
            (
                "counted again",
                "node/intake/read_rows.py",
                "            self._count_again()",
                "            pass",
                "tests/scenarios/test_read_once.py",
            ),
            (
                "exact",
                "federation/intake/repeats.py",
                "if self._digests[place] == digest:",
                "if True:",
                "tests/federation/intake/test_repeats.py",
            ),
            (
                "sealed",
                "adapters/files/spool.py",
                "self._cipher.encrypt(_nonce(self._count), marshal.dumps(page), None)",
                "marshal.dumps(page)",
                TEST_SPOOL,
            ),
            (
                "place",
                "adapters/files/spool.py",
                'return number.to_bytes(_NONCE_SIZE, "big")',
                "return bytes(_NONCE_SIZE + 0 * number)",
                TEST_SPOOL,
            ),
            (
                "room",
                "adapters/files/spool.py",
                "self._need(_LENGTH_SIZE + len(sealed))",
                "pass",
                TEST_SPOOL,
            ),
            (
                "room for the copy",
                "node/intake/drop_job.py",
                "self._reserve.check_room(dropped.identity.size)",
                "pass",
                "tests/scenarios/test_disk_full.py",
            ),
            (
                "bound",
                "adapters/files/spool.py",
                "if self._size > self._most:",
                "if False:",
                TEST_SPOOL,
            ),
            (
                "anew",
                "node/intake/row_making.py",
                "row if row.moment is now else self._again(row)",
                "row",
                "tests/node/intake/test_row_making.py",
            ),
        )
    ),
    Mutant(
        "F18",
        "node/intake/list_files.py",
        "if not said:",
        "if said and not path:",
        TEST_NOT_STANDING,
    ),
    *(
        Mutant(f"F25 {what}", file, old, new, tests)
        for what, file, old, new, tests in (
            ("unclear", NAMES, "and not _UNCLEAR.search(plain)", "", TEST_NAMES),
            ("both kinds", NAMES, "len(said) == 1 and", "said and", TEST_NAMES),
            ("unfinished", NAMES, "or _UNFINISHED.search(plain)", "", TEST_NAMES),
            ("case", NAMES, "plain = column_name(title)", "plain = title", TEST_NAMES),
            ("list", "node/intake/list_meant.py", "if len(said) != 1:", "if False:", TEST_DROPS),
            (
                "title",
                "node/intake/list_meant.py",
                "_said(names, table.titles)",
                "set()",
                TEST_DROPS,
            ),
        )
    ),
    *(
        Mutant(f"F26 {what}", file, old, new, tests)
        for what, file, old, new, tests in (
            (
                "directory",
                FOLDERS,
                "os.O_DIRECTORY | os.O_NOFOLLOW",
                "os.O_DIRECTORY",
                TEST_DROPPED,
            ),
            (
                "file",
                FOLDERS,
                "os.O_RDONLY | os.O_NOFOLLOW",
                "os.O_RDONLY",
                "tests/adapters/files/test_file_outbox.py",
            ),
            ("second name", DROPPED, "if status.st_nlink > 1:", "if False:", TEST_DROPPED),
            (
                "overwritten",
                FOLDERS,
                "os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW",
                "os.O_CREAT | os.O_NOFOLLOW",
                "tests/adapters/files/test_file_atomic.py",
            ),
            (
                "retention",
                FOLDERS,
                "os.O_DIRECTORY | os.O_NOFOLLOW",
                "os.O_DIRECTORY",
                "tests/adapters/files/test_file_retention.py",
            ),
        )
    ),
    *(
        Mutant(f"F27 {what}", file, old, new, tests)
        for what, file, old, new, tests in (
            (
                "digest",
                DROPPED,
                'if dropped.digest not in ("", copy.sha256):',
                "if False:",
                TEST_DROPPED,
            ),
            (
                "moved",
                DROPPED,
                "if not _is(target, name, dropped.identity):",
                "if False:",
                TEST_DROPPED,
            ),
            (
                "changed",
                DROPPED,
                "if _is(folder, dropped.name, dropped.identity):",
                "if True:",
                TEST_DROPPED,
            ),
            ("once", "node/intake/files.py", "if copy is None:", "if False:", TEST_DROPS),
            (
                "while copied",
                DROPPED,
                """                if Identity.of(os.fstat(file.fileno())) != dropped.identity:
                    raise UnfinishedError
                if""",
                "                if",
                TEST_DROPPED,
            ),
        )
    ),
    *(
        Mutant(rule, DROP_JOB, old, new, TEST_DROP_JOB)
        for rule, old, new in (
            ("F28 reliefs first", "(comparison or kind_of(title) in FIRST) is reliefs", "True"),
            ("F28 turns", "                    if queue:", "                    while queue:"),
            ("F28 again", "if not any(queues.values()) or", "if True or"),
            ("F28 files", "if _of_the_file(error, code):", "if error:"),
            ("F28 mapping", "return code not in _OF_THE_MAPPING", "return True"),
            ("F28 persons", 'or code.startswith("person.")', ""),
            (
                "F28 folders",
                "            except OSError as error:",
                "            except EOFError as error:",
            ),
            ("F29 refused", "if self._reliefs and (refused := folder.refused()):", "if False:"),
            ("F29 reason", "refuse(dropped, fault_bytes([fault]))", 'refuse(dropped, b"")'),
            ("F30", 'and "relief.no-listing" in result["faults"]', "and False"),
            ("F30 hour", "            and folder.waits(dropped) < BEHIND_SECONDS", ""),
        )
    ),
    Mutant(
        "F21",
        RELIEFS,
        "if expected and got and expected != got:",
        "if not expected:",
        TEST_RELIEFS,
    ),
    Mutant(
        "F22 to come",
        RELIEFS,
        "    if in_future(decided_on, today):\n",
        "    if False:\n",
        TEST_RELIEFS,
    ),
    Mutant(
        "F22 annotations",
        "node/publishing/registry.py",
        "        check_come(decided_on, self._plausibility.today_of(relief=action not in ENDS))\n",
        "",
        TEST_RELIEFS,
    ),
    Mutant(
        "F22 any clock",
        "node/publishing/registry.py",
        "check_decided(found.payload, decided_on, self._plausibility.today_of(relief=True))",
        "check_decided(found.payload, decided_on, self._plausibility.today_of(relief=False))",
        TEST_RELIEFS,
    ),
    Mutant(
        "F22 any clock, rows",
        "node/intake/reliefs.py",
        "today=self._registry.relieving_today",
        "today=self._today()",
        TEST_RELIEFS,
    ),
    Mutant(
        "F22 any clock, annotations",
        "node/publishing/registry.py",
        "self._plausibility.today_of(relief=action not in ENDS)",
        "self._plausibility.today_of(relief=False)",
        TEST_RELIEFS,
    ),
    Mutant(
        "F22 the latest for what punishes",
        "node/publishing/registry.py",
        "self._plausibility.today_of(relief=action not in ENDS)",
        "self._plausibility.today_of(relief=True)",
        TEST_RELIEFS,
    ),
    Mutant(
        "F22 relistings to come",
        "node/publishing/relisting.py",
        "        check_come(decided_on, self._plausibility.today_of(relief=False))\n",
        "",
        TEST_RELIEFS,
    ),
    Mutant(
        "F22 relistings",
        "node/publishing/relisting.py",
        "if 0 < decided_on < relieved_on:",
        "if decided_on < 0:",
        TEST_RELIEFS,
    ),
    Mutant("F56 listed", RELIEFS, "decided_on < listed.listed_on", "decided_on < 0", TEST_RELIEFS),
    Mutant(
        "F56",
        RELIEFS,
        "return EARLY if months and",
        "return EARLY if not decided_on and",
        TEST_RELIEFS,
    ),
    Mutant(
        "F56 rows",
        "node/intake/reliefs.py",
        'told = _remark(one.early, [row.row]) if one.early else ""',
        'told = ""',
        TEST_RELIEFS,
    ),
    Mutant(
        "F22",
        RELIEFS,
        "0 < decided_on < listed.decided_on",
        "decided_on < 0",
        TEST_RELIEFS,
    ),
    Mutant(
        "DS1",
        "node/intake/sources.py",
        'if section.sharing == "none":',
        "if False:",
        "tests/scenarios/test_intake.py -k ds1",
    ),
    Mutant(
        "DS2",
        "node/intake/sources.py",
        "if self._consent_required and not is_declared(section):",
        "if False:",
        "tests/scenarios/test_intake.py -k ds1",
    ),
    Mutant(
        "DS2 both of them",
        "node/intake/sources.py",
        "return bool(section.sharing and section.consent)",
        "return bool(section.sharing or section.consent)",
        "tests/scenarios/test_intake.py -k ds1",
    ),
    Mutant(
        "DS3",
        "node/intake/list_files.py",
        "        relieved, early = self._relieve(reliefs, layout, source, faults, dry_run=dry_run, see=see)",
        "        relieved, early = self._relieve(\n            reliefs if dry_run or self._sources.unshared(source) is None else [],\n"
        "            layout,\n            source,\n            faults,\n            dry_run=dry_run,\n            see=see,\n        )",
        "tests/scenarios/test_rows_that_do_not_stand.py -k ds3",
    ),
    Mutant(
        "F23",
        "node/intake/sources.py",
        "for path in sorted({s.mapping for s in self._sections.values() if s.mapping}):",
        "for path in ():",
        TEST_RELIEFS,
    ),
    Mutant(
        "penalty noted",
        RECONCILE,
        "return Finding.NOTED if certain and candidate.is_penalty else finding",
        "return finding if certain else finding",
        TEST_PENALTIES,
    ),
    Mutant(
        "penalty notice",
        RECONCILE,
        "if not candidate.has_notice and not candidate.is_penalty:",
        "if not candidate.has_notice:",
        TEST_PENALTIES,
    ),
    Mutant(
        "penalty log_state",
        "federation/rows.py",
        "ADVERSE_KINDS: Final = (Kind.LISTING, Kind.PENALTY)",
        "ADVERSE_KINDS: Final = (Kind.LISTING,)",
        "tests/scenarios/test_penalties.py",
    ),
    Mutant(
        "Z1",
        "node/clocks/trusted_clock.py",
        "max(signed, before or signed)",
        "min(signed, before or signed)",
        TEST_TRUSTED_CLOCK,
    ),
    Mutant(
        "clocks differ: lines kept from before",
        "node/clocks/trusted_clock.py",
        "if before is not None and signed > before:",
        "if before is None or signed > before:",
        TEST_TRUSTED_CLOCK,
    ),
    Mutant(
        "DF1",
        "node/clocks/differences.py",
        "if len(fresh) < LEAST_VOTES:",
        "if not fresh:",
        "tests/node/clocks/test_differences.py",
    ),
    Mutant(
        "DF2",
        "node/clocks/differences.py",
        "if abs(said - middle) > APART_SECONDS",
        "if abs(said - middle) > 10 * 7200",
        "tests/node/clocks/test_differences.py",
    ),
    Mutant("Z2", TRUSTED, "max(others // 2 + 1, LEAST_VOTES)", "1", TEST_TRUSTED),
    Mutant("Z3", TRUSTED, "    if step <= 0:", "    if step == 0:", TEST_TRUSTED),
    Mutant("Z4", TRUSTED, "min(votes - time.now, time.room)", "votes - time.now", TEST_TRUSTED),
    Mutant("Z5", TRUSTED, "now=min(votes, clock)", "now=votes", TEST_TRUSTED),
    Mutant("Z6", TRUSTED, "now=moment, steps=()", "now=moment", TEST_TRUSTED),
    Mutant(
        "Z7",
        "node/relief/wiring.py",
        "        today=trusted.today,\n        failpoints",
        "        today=opened.clock.today,\n        failpoints",
        "tests/scenarios/test_clocks.py",
    ),
    Mutant(
        "Z7 files",
        "node/intake/wiring.py",
        "keep_days=config.files.keep_days,\n        now=trusted,",
        "keep_days=config.files.keep_days,\n        now=now,",
        "tests/scenarios/test_clocks.py",
    ),
    Mutant(
        "Z7 rotation",
        "node/upkeep/wiring.py",
        "        trusted=trusted,\n",
        "        trusted=now,\n",
        "tests/scenarios/test_clocks.py",
    ),
    Mutant(
        "Z8",
        "node/clocks/trusted_clock.py",
        "return _Latest(self._wall, self.now)",
        "return _Latest(self._wall, lambda: Timestamp(0))",
        TEST_TRUSTED_CLOCK,
    ),
    Mutant(
        "strict JSON levels",
        "crypto/strict_json.py",
        "        if levels == 0:\n",
        "        if False:\n",
        "tests/federation/charters/test_json_form.py",
    ),
    Mutant(
        "strict JSON surrogates",
        "crypto/strict_json.py",
        'if not value.isascii() and any("\\ud800" <= char <= "\\udfff" for char in value):',
        "if False:",
        "tests/federation/charters/test_json_form.py",
    ),
    Mutant(
        "strict JSON numbers",
        "crypto/strict_json.py",
        "            parse_int=_integer,\n",
        "",
        "tests/federation/charters/test_json_form.py",
    ),
    Mutant("charter key", CHARTER_RULES, "    check_charter_keys(terms)\n", "", TEST_CHARTER_RULES),
    Mutant(
        "epochs rise", CHARTER_RULES, "epoch < epochs.get(node, 0)", "False", TEST_CHARTER_RULES
    ),
    Mutant(
        "cut place",
        CHARTER_RULES,
        "was.cut.place != now.cut.place",
        "was.cut != now.cut",
        "tests/federation/charters/test_vectors.py",
    ),
    Mutant(
        "IPv6 address",
        CHARTER_RULES,
        "or not _is_address(match[1])",
        "",
        TEST_CHARTER_RULES,
    ),
    Mutant(
        "next number of all branches",
        "federation/charters/chain.py",
        "*(one.other[-1].terms.version for one in chain.forks)",
        "0",
        "tests/federation/charters/test_chain.py",
    ),
    Mutant(
        "alliance before number",
        "federation/charters/chain.py",
        "    check_alliance(chain.id, terms)\n",
        "",
        "tests/federation/charters/test_chain.py",
    ),
    Mutant(
        "null",
        "federation/charters/_fields.py",
        "return self.take(key, read) if key in self._left else None",
        "value = self._left.pop(key, None)\n"
        '        return None if value is None else read(value, f"{self._path}.{key}")',
        "tests/federation/charters/test_json_form.py",
    ),
    Mutant(
        "document key name",
        CHARTER_KEYS,
        'said != "document" or (nodes and node not in nodes)',
        'said != "document"',
        TEST_MEMBERS,
    ),
    Mutant(
        "query log name",
        CHARTER_KEYS,
        "            or (nodes and node not in nodes)\n            or key.name in names\n",
        "            or key.name in names\n",
        TEST_MEMBERS,
    ),
    Mutant("query log key", CHARTER_KEYS, "            or key.name in names\n", "", TEST_MEMBERS),
    Mutant(
        "queries",
        CHARTER_RULES,
        "if segment.origin.startswith(QUERIES):",
        "if False:",
        TEST_MEMBERS,
    ),
    Mutant(
        "document key once",
        CHARTER_KEYS,
        '        ("document key", member.keys.document),\n',
        "",
        TEST_MEMBERS,
    ),
    Mutant(
        "query log key once",
        CHARTER_KEYS,
        '        ("query log key", member.keys.query_log),\n',
        "",
        TEST_MEMBERS,
    ),
    Mutant(
        "member-twice",
        MEMBERS,
        "            if what in seen:",
        "            if False:",
        TEST_MEMBERS,
    ),
    Mutant("member-twice ended", MEMBERS, "if member.ended or not", "if not", TEST_MEMBERS),
    Mutant("member-twice endpoint", MEMBERS, "endpoint.lower()", "endpoint", TEST_MEMBERS),
    Mutant(
        "attests",
        CHARTER_RULES,
        "if Role.HUB not in member.roles or not",
        "if not",
        TEST_MEMBERS,
    ),
    Mutant(
        "delegation origin",
        MEMBERS,
        "if one.origin not in origins[one.member]:",
        "if False:",
        TEST_MEMBERS,
    ),
    Mutant(
        "delegation apart",
        MEMBERS,
        "if end is None or one.from_index < end:",
        "if False:",
        TEST_MEMBERS,
    ),
    Mutant(
        "delegation end",
        MEMBERS,
        "if one.to_index is not None and one.to_index < one.from_index:",
        "if False:",
        TEST_MEMBERS,
    ),
    Mutant(
        "delegation-vanished",
        MEMBERS,
        "if len(after.delegations) < len(before.delegations):",
        "if False:",
        f"{TEST_MEMBERS} {TEST_VERSIONS}",
    ),
    Mutant(
        "delegation-changed",
        MEMBERS,
        "if (was.member, was.origin, was.from_index) != (now.member, now.origin, now.from_index):",
        "if False:",
        TEST_MEMBERS,
    ),
    Mutant(
        "delegation-reopened",
        MEMBERS,
        "if was.to_index is not None and was.to_index != now.to_index:",
        "if False:",
        TEST_MEMBERS,
    ),
    Mutant(
        "successor-changed",
        MEMBERS,
        "if not after.ended or after.successor != before.successor:",
        "if False:",
        TEST_MEMBERS,
    ),
    Mutant(
        "member-vanished",
        CHARTER_RULES,
        "if not (before.segments or before.delegations):",
        "if not before.segments:",
        TEST_MEMBERS,
    ),
    Mutant(
        "span",
        SPEAKERS,
        "return self.start <= index and (self.end is None or index < self.end)",
        "return True",
        TEST_SPEAKERS,
    ),
    Mutant(
        "successor acts from the end",
        SPEAKERS,
        "while member.ended and member.successor is not None:",
        "while member.successor is not None:",
        TEST_SPEAKERS,
    ),
    Mutant(
        "successor circle",
        SPEAKERS,
        "        if ref in passed:",
        "        if not members:",
        TEST_SPEAKERS,
    ),
    Mutant(
        "ended",
        SPEAKERS,
        "if place.member.ended and not answered_for(place.ref, members, facts):",
        "if place.member.ended and place.member.successor is None:",
        TEST_SPEAKERS,
    ),
    Mutant(
        "delegation in one charter",
        SPEAKERS,
        "        if given.origin in origins_of(delegate, members[delegate], facts):\n",
        "        if given.origin:\n",
        TEST_SPEAKERS,
    ),
    Mutant(
        "competence in one charter",
        TRUST,
        "            place.ref.charter in competent\n",
        "            place.ref.charter\n",
        f"{TEST_SPEAKERS} {ALLIANCES}",
    ),
    Mutant(
        "tag in one charter",
        "node/charters/view.py",
        "copies = self._own_chain if copy in self._own_chain else (copy,)",
        "copies = self._own_chain",
        ALLIANCES,
    ),
    Mutant(
        "tag reaches",
        SETTLING,
        """                and any(
                    tag_reaches(""",
        """                and all(
                    not tag_reaches(""",
        f"{ALLIANCES} tests/scenarios/test_suppression.py",
    ),
    Mutant(
        "attests for",
        TRUST,
        "            and any(region.startswith(prefix) for prefix in attested(self._members[ref]))\n",
        "",
        TEST_SPEAKERS,
    ),
    Mutant("attests nowhere", MEMBERS, "lists = bool(own) and", "lists =", TEST_SPEAKERS),
    Mutant("join signature", JOIN, "if len(good) != len(keys):", "if not good:", TEST_JOIN),
    Mutant(
        "join invitation",
        JOIN,
        "if not compare_digest(request.invitation, invitation):",
        "if False:",
        TEST_JOIN,
    ),
    Mutant("join alliance", JOIN, "if request.charter != charter:", "if False:", TEST_JOIN),
    Mutant("join expired", JOIN, "if now > request.not_after:", "if False:", TEST_JOIN),
    Mutant(
        "join period",
        JOIN,
        "if not 0 < request.not_after - request.issued_at <= MAX_PERIOD:",
        "if False:",
        TEST_JOIN,
    ),
    Mutant("join size", JOIN, "if len(data) > MAX_REQUEST:", "if False:", TEST_JOIN),
    Mutant(
        "join member",
        JOIN,
        "if request.member.ended or not _signing_keys(request.member):",
        "if False:",
        TEST_JOIN,
    ),
    Mutant("join rules", JOIN, "    _check_member(request.member)\n", "", TEST_JOIN),
    Mutant(
        "L1",
        LIFE,
        "and (act.direct or act.follows)\n        and act.within_cut",
        "and act.follows\n        and act.within_cut",
        TEST_LIFE,
    ),
    Mutant(
        "L2",
        LIFE,
        "and (act.direct or act.follows)\n        and act.within_cut",
        "and act.direct\n        and act.within_cut",
        f"{TEST_LIFE} {PROPERTY}",
    ),
    Mutant(
        "L3", LIFE, "act.row.record_tag), NOWHERE)", "act.row.record_tag, 0), NOWHERE)", TEST_LIFE
    ),
    Mutant(
        "L3 order",
        LIFE,
        "act.place\n        >= revoked.get(",
        "NOWHERE\n        >= revoked.get(",
        TEST_LIFE,
    ),
    Mutant("L3 chain", LIFE, "for log in act.same_chain", "for log in (1, 2, 3)", TEST_LIFE),
    Mutant(
        "L3 opened",
        LIFE,
        "and was_read(row)\n        and row.state == State.IN_FORCE\n        and _is_of",
        "and row.state == State.IN_FORCE\n        and _is_of",
        TEST_LIFE,
    ),
    Mutant(
        "L3 record",
        LIFE,
        "for record in (act.row.record_tag, None)",
        'for record in (b"r" * 16, None)',
        TEST_LIFE,
    ),
    Mutant(
        "L4",
        LIFE,
        '    (State.WITHDRAWN, "withdrawal stands"),  # L4\n    (State.REPAIRED, "repair stands"),  # L1, L2',
        '    (State.REPAIRED, "repair stands"),  # L1, L2\n    (State.WITHDRAWN, "withdrawal stands"),  # L4',
        TEST_LIFE,
    ),
    Mutant(
        "L5",
        ANNOTATIONS,
        "and (one.row.action, one.leaf_hash) not in ended",
        "and not ended",
        TEST_LIFE,
    ),
    *(
        Mutant(
            f"superseded, {what}", SCENARIOS, old, new, "tests/federation/life/test_scenarios.py"
        )
        for what, old, new in (
            ("direct", "if earlier.log in speaks and", "if"),
            ("action", "or later.action == ScenarioAction.OPENED", ""),
            ("in force", " and row.state == State.IN_FORCE", ""),
        )
    ),
    Mutant(
        "L5 delegates",
        ANNOTATIONS,
        "if listing.log in speaks:",
        "if listing.log == act.log:",
        "tests/scenarios/test_delegation.py",
    ),
    Mutant(
        "reliefs of a delegate",
        "node/publishing/own_statements.py",
        "return _reliefs(session, listing, self.chain(session))",
        "return _reliefs(session, listing, {listing.log})",
        "tests/scenarios/test_delegation.py",
    ),
    Mutant(
        "L5 header",
        ANNOTATIONS,
        "if one.row.action in ENDS.values() and",
        "if one.row.action in ENDS.values() and was_read(one.row) and",
        TEST_LIFE,
    ),
    Mutant(
        "L6",
        LIFE,
        "if state in STANDING and until",
        "if until",
        TEST_LIFE,
    ),
    Mutant("L7 conflict", LIFE, "if len(followers) > 1:", "if len(followers) > 2:", TEST_LIFE),
    Mutant(
        "L7 unopened",
        LIFE,
        "not was_read(act.row) or act.row.state == State.HELD",
        "act.row.state == State.HELD",
        TEST_LIFE,
    ),
    Mutant(
        "L8",
        LIFE,
        "row.rule in UNKNOWN_RULES and row.flags & FLAG_SUSPEND_IF_UNKNOWN",
        "row.rule in UNKNOWN_RULES and not row",
        f"{TEST_LIFE} {EXCHANGE}",
    ),
    Mutant(
        "L9",
        LIFE,
        "objection_open=AnnotationAction.OBJECTION_OPENED in begun",
        "objection_open=False",
        TEST_LIFE,
    ),
    Mutant("L10", LIFE, "rule = OPENING_MISSING  # L10", 'rule = ""  # L10', TEST_LIFE),
    Mutant("L11", LIFE, "until < today", "until <= today", TEST_LIFE),
    Mutant(
        "tag's longest",
        "node/log/relieved_tags.py",
        "min(relief.until if until is None else until, date_of(now) + LONGEST)",
        "relief.until if until is None else until",
        "tests/node/log/test_relieved_tags.py",
    ),
    Mutant(
        "L7 chains",
        LIFE,
        "if len({act.same_chain for act in relistings}) > 1:",
        "if False:",
        TEST_LIFE,
    ),
    Mutant(
        "L7 epochs",
        LIFE,
        "or act.place > newest.place",
        "or act.row.idx > newest.row.idx",
        TEST_LIFE,
    ),
    Mutant("L12", LIFE, "if _narrows(base, a.row) and", "if", TEST_LIFE),
    Mutant(
        "L12 kind",
        LIFE,
        "if _narrows(base, a.row) and _is_of(a.row, listing.kind)",
        "if _narrows(base, a.row)",
        TEST_LIFE,
    ),
    Mutant("L12 kind of a relisting", LIFE, "\n        and _is_of(row, kind)", "", TEST_LIFE),
    Mutant(
        "doubts in order",
        LIFE,
        '            unknown = "suspended',
        '            return "suspended',
        TEST_LIFE,
    ),
    Mutant(
        "L13 read again",
        "node/peers/charter_changes.py",
        "if is_act(row) or not may_say(row):",
        "if not may_say(row):",
        "tests/scenarios/test_one_state.py",
    ),
    Mutant(
        "L13 a masking said late",
        "federation/rows.py",
        "return row.kind in RELIEF_KINDS or (\n        row.kind == Kind.ANNOTATION\n",
        "return row.kind in RELIEF_KINDS or (\n        row.kind == -1\n",
        "tests/scenarios/test_delegation.py",
    ),
    Mutant(
        "§7.4 what may be said now is read again",
        "node/peers/charter_changes.py",
        "if is_act(row) or not may_say(row):",
        "if is_act(row):",
        "tests/scenarios/test_one_state.py",
    ),
    Mutant(
        "§6.5 a tag of a revoked relief reaches nothing",
        SETTLING,
        "                    if relief not in revoked\n",
        "",
        "tests/scenarios/test_one_state.py",
    ),
    Mutant(
        "§6.5 what was erased counts as read",
        "federation/rows.py",
        "row.opening == OpeningStatus.ERASED and row.names is not None",
        "False",
        "tests/scenarios/test_one_state.py",
    ),
    Mutant(
        "§6.5 what is kept of what was erased",
        "node/log/ledger.py",
        "statements = _with_kept(_statements(session, head.log, start, examined), kept)",
        "statements = _statements(session, head.log, start, examined)",
        "tests/scenarios/test_one_state.py",
    ),
    Mutant(
        "§6.5 a rebuild asks tags once all RELISTINGs are read",
        "node/upkeep/rebuild.py",
        "ledger.read_rows_again(session, [r for rule in BY_TAG for r in session.rows_of_rule(rule)])",
        "pass",
        "tests/scenarios/test_one_state.py",
    ),
    Mutant(
        "L13 delegation",
        "federation/life/_judged.py",
        "direct=(late and row.kind in RELIEF_KINDS)\n                or (",
        "direct=bool(",
        "tests/scenarios/test_delegation.py",
    ),
    Mutant(
        "L8 repeated",
        SETTLING,
        "and row.rule not in UNKNOWN_RULES",
        "",
        "tests/scenarios/test_delegation.py",
    ),
    Mutant(
        "epochs in order",
        "federation/charters/epochs.py",
        "if earlier[o].isdisjoint(left)",
        "",
        "tests/federation/charters/test_trust.py",
    ),
    Mutant("L13", LIFE, "        and act.within_cut\n", "", TEST_LIFE),
    Mutant("L15", LIFE, "None if standing else _erased_on(listing, acts)", "None", TEST_LIFE),
    Mutant(
        "L15 relief first",
        LIFE,
        "None if standing else _erased_on(listing, acts)",
        "_erased_on(listing, acts)",
        TEST_LIFE,
    ),
    Mutant("L15 who", LIFE, "if act.erases and act.row", "if act.row", TEST_LIFE),
    Mutant(
        "L15 ended",
        TRUST,
        "if o.ended and o.contains(index)",
        "if o.contains(index)",
        TEST_SPEAKERS,
    ),
    Mutant(
        "L15 relisting",
        LIFE,
        "    if any(act.direct and _relists(act.row, listing.kind) for act in acts):\n        return None\n    grounds",
        "    grounds",
        TEST_LIFE,
    ),
    Mutant(
        "L15 order of grounds",
        LIFE,
        "for ground in ERASURE_RULES if bytes",
        "for ground in reversed(ERASURE_RULES) if bytes",
        TEST_LIFE,
    ),
    Mutant(
        "E1",
        "federation/peers/openings.py",
        "and by_origin and may_be_absent(leaf):",
        "and by_origin:",
        TEST_ABSENCES,
    ),
    Mutant(
        "E1 believed later",
        "node/peers/late_openings.py",
        "if row.opening == OpeningStatus.PENDING and may_be_erased(row)",
        "if row.opening == OpeningStatus.PENDING",
        TEST_ABSENCES,
    ),
    Mutant(
        "E2 a peer's word",
        "federation/peers/openings.py",
        "        return _NOT_FOR_US\n    return PENDING\n",
        "        return _NOT_FOR_US\n    return DeliveredOpening(status) if status == 3 else PENDING\n",
        TEST_ABSENCES,
    ),
    Mutant("E2", SETTLING, "        _believe_erasures(known, chains)\n", "", TEST_ABSENCES),
    Mutant(
        "E2 chain",
        SETTLING,
        "erased[row.about] |= chains.erases_for(row.log, row.idx)",
        "erased[row.about] |= {1, 2, 3}",
        TEST_ABSENCES,
    ),
    Mutant(
        "E2 in force",
        "federation/rows.py",
        "row.kind == Kind.ERASURE\n        and row.state == State.IN_FORCE\n",
        "row.kind == Kind.ERASURE\n",
        TEST_LIFE,
    ),
    Mutant(
        "E3",
        "federation/peers/openings.py",
        "if status == OpeningStatus.NOT_FOR_US and by_origin and",
        "if status == OpeningStatus.NOT_FOR_US and",
        TEST_ABSENCES,
    ),
    Mutant(
        "E3 origin asked",
        "node/network/pull.py",
        "            self._backoff.answered(owner, origin, index)\n            or ",
        "            ",
        TEST_PULL,
    ),
    Mutant(
        "E3 unreached",
        "node/network/pull.py",
        "index) + 1 >= UNREACHED_TRIES",
        "index) + 1 >= 1",
        TEST_PULL,
    ),
    Mutant(
        "backoff doubles",
        "node/network/backoff.py",
        "2.0 ** min(before.times, 64)",
        "1.0",
        TEST_PULL,
    ),
    Mutant("backoff bound", "node/network/backoff.py", ", LONGEST_SECONDS)", ", 1e9)", TEST_PULL),
    Mutant(
        "backoff memory",
        "node/network/backoff.py",
        "len(self._tried) > self._remembered",
        "False",
        TEST_PULL,
    ),
    Mutant("round bound", "node/network/pull.py", "left -= await", "await", TEST_PULL),
    Mutant(
        "reliefs first",
        "node/peers/late_openings.py",
        "turn = self._turn(session, head, limit, reliefs=True)",
        "turn: list[int] = []",
        "tests/hostile/test_false_openings.py",
    ),
    Mutant(
        "T1",
        "federation/peers/first_notes.py",
        "for line in note.signatures if (line.name, line.key_id) in known",
        "for line in note.signatures if line.signature[72:] == b''",
        TEST_TIMES,
    ),
    Mutant(
        "T1 verified",
        "node/log/first_notes.py",
        '            known = self._cosigning.known_lines(signed.note, b"")\n',
        "            known = signed.note\n",
        TEST_TIMES,
    ),
    Mutant(
        "T2 needed",
        "federation/peers/first_notes.py",
        "return session.has_timed_leaf(log, session.first_note_below(log, size), size)",
        "return True",
        TEST_TIMES,
    ),
    Mutant(
        "T2 covered",
        "federation/peers/first_notes.py",
        "session.has_timed_leaf(log, session.first_note_below(log, size), size)",
        "session.has_timed_leaf(log, 0, size)",
        TEST_TIMES,
    ),
    Mutant(
        "T2, T3 earlier",
        "federation/peers/first_notes.py",
        "at >= above.cosigned_at:",
        "at > above.cosigned_at + 3600:",
        TEST_TIMES,
    ),
    Mutant(
        "T3",
        "federation/peers/first_notes.py",
        "    if above is not None and above.size == size:\n        return True\n",
        "    if above is not None and above.size == size:\n        return False\n",
        TEST_TIMES,
    ),
    *(
        Mutant(f"counts {what}", file, old, new, test)
        for what, file, old, new, test in (
            ("new", WRITING, "self._tally_new(rows)", "pass", TEST_ROWS),
            ("changed", WRITING, "self._tally_changed(rows)", "pass", TEST_ROWS),
            ("cut", WRITING, "self._tally_cut(log, size)", "pass", TEST_ROWS),
            ("none", WRITING, "self._tally_none()", "pass", TEST_ROWS),
            (
                "heads known",
                WRITING,
                "if self._known.heads is None:",
                "if True:",
                "tests/scenarios/test_many_logs.py",
            ),
            (
                "known after a failure",
                "adapters/sql/store.py",
                "            except BaseException:\n                self._known.forget()\n",
                "            except BaseException:\n",
                "tests/contracts/test_store_sessions.py",
            ),
            (
                "known after others",
                "adapters/sql/known.py",
                "if mark != self.mark:",
                "if False:",
                "tests/contracts/test_store_sessions.py",
            ),
            (
                "findings counted",
                "adapters/sql/findings.py",
                "            changed[log, was] -= 1\n",
                "            pass\n",
                "tests/contracts/test_store_findings.py",
            ),
            (
                "findings cut",
                "adapters/sql/findings.py",
                "cut = [(log, finding, -number) for finding, number in rows]",
                "cut = []",
                "tests/contracts/test_store_findings.py",
            ),
            (
                "checked",
                "node/upkeep/row_check.py",
                "if session.miscounted(head.log):",
                "if False:",
                "tests/scenarios/test_doctor.py",
            ),
            (
                "rebuilt",
                "node/upkeep/rebuild.py",
                "for origin in miscounted]",
                "for origin in ()]",
                "tests/scenarios/test_doctor.py",
            ),
            (
                "log_state",
                "node/status/digests.py",
                "            if page != was:\n                break\n",
                "",
                "tests/node/status/test_digests.py",
            ),
        )
    ),
    Mutant(
        "T4",
        "adapters/sql/first_notes.py",
        ".order_by(_notes.size)",
        ".order_by(-_notes.size)",
        TEST_TIMES,
    ),
    Mutant(
        "first note set back",
        "node/log/first_notes.py",
        "    if note.size > head.note_size:\n        return False\n",
        "",
        "tests/scenarios/test_first_notes.py",
    ),
    Mutant(
        "other history: unknown record",
        "node/peers/fork_relief.py",
        "                self._unknown.setdefault(place, frontier)\n",
        "                pass\n",
        TEST_OTHER_HISTORY,
    ),
    Mutant(
        "other history: another one",
        "node/peers/fork_relief.py",
        "self._seen.pop(place, None)",
        "pass",
        TEST_OTHER_HISTORY,
    ),
    Mutant(
        "other history: of everybody",
        "node/peers/fork_relief.py",
        "            session.subscribed.add(origin)\n",
        "            if origin not in session.subscribed:\n                continue\n",
        TEST_OTHER_HISTORY,
    ),
    Mutant(
        "other history: charters",
        "node/peers/exchange.py",
        "        self._others.charters_changed()\n",
        "",
        TEST_OTHER_HISTORY,
    ),
    Mutant(
        "log.forked",
        "node/records/doubts.py",
        '        if head.forked:\n            return "log.forked"\n',
        "",
        TEST_OTHER_HISTORY,
    ),
    Mutant(
        "erased by order",
        "node/relief/ended_grounds.py",
        "if row.log in by[row.statement_id]\n",
        "if not by\n",
        "tests/scenarios/test_endings.py",
    ),
    Mutant(
        "E2 of a later epoch",
        "node/relief/ended_grounds.py",
        "chains.erases_for(row.log, row.idx) - ours",
        "{row.log} - ours",
        "tests/scenarios/test_one_state.py",
    ),
    Mutant(
        "§6.5 a tag lasts as long as what it ended",
        RELIEVED,
        "return max(lasting)",
        "return relief.until",
        "tests/scenarios/test_suppression.py",
    ),
    Mutant(
        "erased by order: no relief",
        "node/relief/ended_grounds.py",
        "        and row.kind not in (*RELIEF_KINDS, *OPEN_KINDS)\n    ]\n\n\ndef _ended",
        "    ]\n\n\ndef _ended",
        "tests/scenarios/test_endings.py",
    ),
    Mutant("log_state", LIFE, "if a.row.log == listing.log and", "if", TEST_LIFE),
    Mutant(
        "suppression",
        "federation/life/settling.py",
        """                current.state in UNRELIEVED
                and one.key not in lifted\n""",
        """                not known
                and one.key not in lifted\n""",
        "tests/scenarios/test_suppression.py",
    ),
    Mutant(
        "suppression key of no year",
        "node/relief/suppression_keys.py",
        "years |= held if year is None else {year}",
        "years |= {year or 0}",
        "tests/scenarios/test_endings.py",
    ),
    *(
        Mutant(f"journal, {what}", f"federation/ports/journal/{file}.py", old, new, JOURNAL_TESTS)
        for what, file, old, new in (
            ("a relisting is no decision", "persons", "if _RELISTING in said:", "if False:"),
            ("one person", "row_words", 'said.pop("person", "")', 'said.get("nobody", "")'),
            ("relief unsaid", "intake", '{"relief": False} | read(entry)', "read(entry)"),
            ("state and rule alone", "erasure", "if _RECORD in said:", "if said:"),
        )
    ),
    Mutant(
        "suppression within the cut",
        "federation/life/suppression.py",
        "if not rights.within_cut(origin, index):\n        return False",
        "if not origin:\n        return False",
        "tests/scenarios/test_suppression.py",
    ),
    Mutant(
        "suppression stays",
        "federation/life/_judged.py",
        "copy.rule == SUPPRESSED\n",
        "not copy\n",
        "tests/scenarios/test_suppression.py",
    ),
    Mutant(
        "late copies",
        "federation/life/settling.py",
        "known.add(session.rows_by_record(tags, BY_RECORD))",
        "pass",
        PROPERTY,
    ),
    Mutant("repeated id", SETTLING, "row.statement_id in taken\n", "not taken\n", EXCHANGE),
    Mutant("S3", READING, "if header.kind not in ACTIONS:", "if not ACTIONS:", EXCHANGE),
    Mutant(
        "opening damaged",
        "adapters/state/reading_ring.py",
        "            if len(stored) <= 1:\n                return []\n",
        "            if len(stored) <= 1:\n                raise\n",
        "tests/scenarios/test_bit_flips.py",
    ),
    Mutant(
        "repair unread",
        "node/publishing/own_statements.py",
        "return listing.payload is None and self._earlier_relief(session, listing) is None",
        "return False",
        "tests/scenarios/test_bit_flips.py",
    ),
    Mutant(
        "S7",
        READING,
        "return *self.entitled(index, kind, facts), facts",
        'return "", standing, facts',
        EXCHANGE,
    ),
    Mutant(
        "S7 of a worker",
        "node/workers/form.py",
        "if rule == UNASKED:",
        "if not rule:",
        "tests/node/workers/test_form.py",
    ),
    Mutant(
        "an answer of a worker",
        "node/workers/form.py",
        "_require(delivered.status == _PRESENT and sealed_bytes > 0)",
        "",
        "tests/node/workers/test_form.py",
    ),
    Mutant(
        "shut in",
        "node/workers/process.py",
        "(resource.RLIMIT_NOFILE, 0),",
        "",
        "tests/node/workers/test_pool.py",
    ),
    Mutant(
        "lethal",
        "node/peers/mirrors.py",
        "batch = replace(batch, openings=(PENDING,) * len(batch.leaves))",
        "pass",
        "tests/scenarios/test_workers.py",
    ),
    Mutant(
        "S9",
        READING,
        "if kind == Kind.RELISTING and facts.names[:16] != header.about:",
        "if not kind:",
        "tests/scenarios/test_suppression.py",
    ),
    Mutant("R1", REPLICATION, "or len(batch.openings) != count", "", EXCHANGE),
    Mutant("R2", REPLICATION, "if skip < 0:", "if skip < -99:", EXCHANGE),
    Mutant(
        "R3",
        REPLICATION,
        "signed = open_checkpoint(note, log_key)",
        'signed = SignedCheckpoint(checkpoint=peek_checkpoint(note), note=__import__("crypto.notes", fromlist=["x"]).parse_note(note), log_line=__import__("crypto.notes", fromlist=["x"]).parse_note(note).signatures[0])',
        EXCHANGE,
    ),
    Mutant(
        "R5",
        REPLICATION,
        "            proof=batch.path,\n        )\n    except CryptoError as error:",
        "            proof=batch.path,\n        ) if not replica else None\n    except CryptoError as error:",
        EXCHANGE,
    ),
    Mutant(
        "R6",
        "federation/peers/replica.py",
        "    if held_root == root:\n",
        "    if held_root:\n",
        EXCHANGE,
    ),
    Mutant(
        "R6 of one size",
        "federation/peers/replica.py",
        "        if one.size == other.size and one.root != other.root:\n",
        "        if False:\n",
        "tests/federation/peers/test_batch_vectors.py",
    ),
    Mutant(
        "R1 path",
        REPLICATION,
        "        or len(batch.path) > MAX_PATH\n",
        "",
        "tests/federation/peers/test_batch_vectors.py",
    ),
    *(
        Mutant(rule, "federation/peers/packets.py", old, "    if False:\n", TEST_PACKET_VECTORS)
        for rule, old in (
            (
                "packet log once",
                "    if len({span.origin for span in header.spans}) != len(header.spans):\n",
            ),
            (
                "packet sum",
                "    if sum(lengths) != header.leaves or min(lengths, default=0) < 0:\n",
            ),
            ("packet origins", "    if not all(map(ORIGIN_FORM.fullmatch, origins)):\n"),
        )
    ),
    Mutant(
        "packet.replayed",
        "node/peers/packets.py",
        "if taken and taken.packet != header.packet.hex() and created <= taken.created:",
        "if taken and taken.packet != header.packet.hex() and created < taken.created:",
        TEST_PACKET_VECTORS,
    ),
    Mutant(
        "packet.gap",
        "node/peers/packets.py",
        "            if span.start > held:\n",
        "            if False:\n",
        TEST_PACKET_VECTORS,
    ),
    Mutant(
        "fork of one history",
        "crypto/fork.py",
        "    if other == old.root:\n",
        "    if False:\n",
        "tests/crypto/test_file_vectors.py",
    ),
    Mutant(
        "R6 bare",
        "federation/peers/replica.py",
        "(*beyond, signed.bare())",
        "(*beyond, signed)",
        REFUSED,
    ),
    Mutant(
        "fork bare",
        "node/peers/forks.py",
        "self._keep(origin, fork.to_bytes())",
        "self._keep(origin, file)",
        REFUSED,
    ),
    Mutant(
        "S not yours",
        SETTLING,
        'rule = NOT_YOURS if logs and logs.isdisjoint(own) else ""',
        'rule = ""',
        "tests/hostile/test_acts_not_yours.py",
    ),
    Mutant(
        "Q5 not yours",
        RECEIPTS,
        "if row.rule == NOT_YOURS and not reaches:",
        "if not row:",
        "tests/hostile/test_acts_not_yours.py",
    ),
    Mutant(
        "DSSE one alphabet",
        "crypto/strict.py",
        'if "+" in text or "/" in text:',
        "if not text:",
        "tests/crypto/test_dsse.py",
    ),
    Mutant(
        "witness 422",
        "federation/peers/witness.py",
        "            new_root=root,",
        "            new_root=cosigned_root if size == cosigned_size else root,",
        "tests/federation/peers/test_witness_vectors.py",
    ),
    Mutant(
        "witness forked",
        "node/peers/witnessing.py",
        "            raise ForkError(origin, self._forks.proof_of(origin))\n",
        "            pass\n",
        "tests/hostile/test_two_histories.py",
    ),
    Mutant(
        "known line",
        "crypto/cosignature.py",
        "            timestamp = _verify_line(note.text, line, key)",
        "            timestamp = claimed_time(line)",
        "tests/crypto/test_note_vectors.py",
    ),
    *(
        Mutant(f"at hand: {what}", file, old, new, "tests/scenarios/test_newest.py")
        for what, file, old, new in (
            (
                "entitled",
                "node/peers/serving.py",
                "                    if trust.may_receive(peer, origin, kind, audience)\n",
                "                    if trust\n",
            ),
            (
                "written since",
                "node/peers/serving.py",
                " or newest.written != self._store.written",
                "",
            ),
            ("from where", "node/peers/serving.py", " or newest.first != start", ""),
            ("few", "node/log/newest.py", "len(leaves) > FEW or ", ""),
            (
                "once",
                "node/log/newest.py",
                "        self._appended = None\n        return",
                "        return",
            ),
            ("erased", "node/log/newest.py", "Kind.ERASURE in kinds", "False"),
        )
    ),
    Mutant(
        "letters seen",
        "node/texts/letters.py",
        "return visible_in_print(text.translate(_CONTROL))",
        "return text.translate(_CONTROL)",
        "tests/node/texts/test_letter_making.py",
    ),
    Mutant(
        "letters names",
        "federation/visible.py",
        '_HIDDEN - {"Co", "Cn"}',
        "_HIDDEN",
        "tests/node/texts/test_letter_making.py",
    ),
    Mutant(
        "offered still",
        "node/peers/plan.py",
        "if not self._offers(origin, session.peer):",
        "if False:",
        "tests/scenarios/test_two_alliances.py -k stream_that_stands",
    ),
    Mutant(
        "offered no longer told",
        "node/peers/plan.py",
        'return [Refusal(origin=origin, reason="log.unknown", message=message)]',
        "return []",
        "tests/scenarios/test_two_alliances.py -k stream_that_stands",
    ),
    *(
        Mutant(
            f"charter told {what}",
            file,
            old,
            new,
            "tests/scenarios/test_two_alliances.py -k charter_version",
        )
        for what, file, old, new in (
            (
                "members",
                "node/peers/streams.py",
                "(frame,) if any(alliance in",
                "(frame,) if True or any(alliance in",
            ),
            (
                "removed",
                "node/peers/exchange.py",
                "tell_members(frame, before, self",
                "tell_members(frame, self",
            ),
        )
    ),
    Mutant(
        "lines of a head",
        "node/peers/mirrors.py",
        'known = self._cosigning.known_lines(signed.note, b"" if served is None else served.note)',
        "known = signed.note",
        REFUSED,
    ),
    Mutant(
        "R8",
        "federation/charters/trust.py",
        "return kind in RELIEVING_KINDS or any(self._addressed(members, audience, kind))",
        "return True",
        "tests/hostile/test_false_audiences.py",
    ),
    Mutant(
        "audience-members",
        TRUST,
        "and (not narrowed or not self._names[ref].isdisjoint(audience.members))",
        "",
        TEST_AUDIENCES,
    ),
    Mutant(
        "audience-relief",
        TRUST,
        "return bool(audience.members) and kind not in RELIEVING_KINDS",
        "return bool(audience.members)",
        TEST_AUDIENCES,
    ),
    Mutant(
        "audience-charter",
        TRUST,
        "ref: frozenset(map(node_of, origins_of(ref, member, self._facts)))",
        "ref: frozenset(map(node_of, self._epochs.get((member.origins or (None,))[-1], ())))",
        TEST_AUDIENCES,
    ),
    Mutant(
        "audience-blame",
        TRUST,
        "return bool(audience.members) and others.issuperset(audience.members)",
        "return False",
        TEST_AUDIENCES,
    ),
    Mutant(
        "audience-blame-new",
        TRUST,
        "return bool(audience.members) and others.issuperset(audience.members)",
        "return own.isdisjoint(audience.members)",
        TEST_AUDIENCES,
    ),
    Mutant(
        "audience-names-origin",
        TRUST,
        " and ref.charter in naming)",
        ")",
        "tests/federation/charters/test_audience_vectors.py",
    ),
    Mutant(
        "audience-served",
        "node/charters/view.py",
        "and self.trust.entitled_reader(self._refs(peer), origin, audience, kind)",
        "",
        NARROWED,
    ),
    Mutant(
        "audience-aside",
        READING,
        "elif rule in _KIND_IS_KNOWN and opening.status == OpeningStatus.PRESENT:",
        "elif not rule:",
        "tests/hostile/test_false_audiences.py",
    ),
    Mutant(
        "audience-invalid",
        READING,
        "            facts = self._addressed(kind, opening.payload)\n            if",
        "            facts = self._addressed(kind, opening.payload) if held else _NO_FACTS\n            if",
        "tests/hostile/test_false_audiences.py",
    ),
    Mutant(
        "audience-origin",
        "node/charters/view.py",
        "            or peer in self.owners(origin)\n",
        "",
        NARROWED,
    ),
    Mutant(
        "audience-export",
        "node/records/exporting.py",
        "(audience is not None and not is_narrowed(audience, kind))",
        "audience is not None",
        NARROWED,
    ),
    Mutant(
        "audience-annotation",
        "node/publishing/registry.py",
        "audience=replace(self._statements.audience_of(session, found), members=()),",
        "audience=self._statements.audience_of(session, found),",
        NARROWED,
    ),
    Mutant(
        "audience-correction",
        "node/publishing/own_statements.py",
        "rows = [] if about is None else",
        "rows: list[StatementRow] = [] if True else",
        NARROWED,
    ),
    Mutant(
        "held-digest",
        "federation/charters/chain.py",
        "and self.versions[one.version - 1].digest == one.digest",
        "",
        "tests/federation/charters/test_beyond.py",
    ),
    Mutant(
        "held-branches",
        "federation/charters/chain.py",
        "return self.envelopes[shared:]",
        "return tuple(one.envelope for one in self.versions[shared:])",
        "tests/federation/charters/test_beyond.py",
    ),
    Mutant(
        "held-shared",
        "node/charters/book.py",
        "return [chain.held for chain in self._shared(peer)]",
        "return [chain.held for chain in self._chains]",
        "tests/node/charters/test_held_charters.py",
    ),
    Mutant(
        "R7",
        "federation/peers/openings.py",
        "return computed == leaf[HEADER_SIZE:]",
        "return True",
        EXCHANGE,
    ),
    Mutant(
        "F1",
        FEED,
        "if previous.content_tag == now.content_tag:",
        "if previous is now:",
        f"{TEST_FEED} {INTAKE}",
    ),
    Mutant(
        "F2",
        FEED,
        "return Decision.EXISTS if now.stands else Decision.LIST",
        "return Decision.EXISTS",
        TEST_FEED,
    ),
    Mutant("F3", FEED, "    if now.relieved:\n", "    if not now:\n", f"{TEST_FEED} {INTAKE}"),
    Mutant("F3 ended", FEED, "if same_record and now.previous_ended:", "if not now:", TEST_FEED),
    Mutant(
        "F4", FEED, "    return Decision.CORRECT\n", "    return Decision.UNCHANGED\n", TEST_FEED
    ),
    Mutant("F5", FEED, "if _longer(previous.until, now.until):", "if not now:", TEST_FEED),
    Mutant(
        "F6",
        FEED,
        "return Decision.LIST if now.previous_ended else Decision.REPLACE",
        "return Decision.LIST",
        TEST_FEED,
    ),
    Mutant(
        "F7",
        FEED,
        "return Decision.HOLD_WITHDRAWN if changed_back else Decision.RELIEVED",
        "return Decision.RELIEVED",
        TEST_FEED,
    ),
    Mutant(
        "F8", FEED, "        if now.stands:\n            return Decision.EXISTS\n", "", TEST_FEED
    ),
    Mutant(
        "F9",
        "node/intake/list_files.py",
        "self._end(listing_feed, gone, text,",
        "self._end(listing_feed, [], text,",
        INTAKE,
    ),
    Mutant(
        "F52 once",
        "node/intake/commitments.py",
        "        return not known or known[0].content_tag != content\n",
        "        return True\n",
        TEST_COMMITMENT_FILES,
    ),
    Mutant(
        "F52 again",
        "node/intake/commitments.py",
        "        return not known or known[0].content_tag != content\n",
        "        return not known\n",
        TEST_COMMITMENT_FILES,
    ),
    Mutant(
        "F52 learned again",
        "node/log/refill.py",
        "            if isinstance(said, Commitment) and said.source.key:\n",
        "            if False:\n",
        TEST_COMMITMENT_FILES,
    ),
    Mutant(
        "F52 lookup key",
        "node/upkeep/lookup_switch.py",
        "        return row_identity(feed, payload.source.key), commitment_content(payload)\n",
        '        return row_identity(feed, payload.source.key), b""\n',
        TEST_COMMITMENT_FILES,
    ),
    Mutant(
        "F52 word",
        "adapters/files/commitments.py",
        "    if found is None:\n",
        "    if False:\n",
        TEST_COMMITMENT_FILES,
    ),
    Mutant(
        "F51 not read",
        "node/intake/list_files.py",
        "        withheld = len(gone) if layout.commends and _unread(read.tally.faults) else 0\n",
        "        withheld = 0\n",
        TEST_COMMENDATION_FILES,
    ),
    Mutant(
        "F51 withdrawn",
        "node/intake/listings.py",
        "        if found.row.kind == Kind.COMMENDATION:\n            return",
        "        if False:\n            return",
        TEST_COMMENDATION_FILES,
    ),
    Mutant(
        "F51 grade",
        "adapters/files/_awards.py",
        "        if not (award.method and award.edition):\n",
        "        if False:\n",
        "tests/adapters/files/test_file_commendations.py",
    ),
    Mutant(
        "F8 of an award",
        "node/publishing/registry.py",
        "        if isinstance(payload, Listed):\n",
        "        if isinstance(payload, Listing):\n",
        TEST_COMMENDATION_FILES,
    ),
    Mutant(
        "rows of awards learned again",
        "node/log/refill.py",
        "_SAID_BY_FEEDS = (*LISTED_KINDS, Kind.CORRECTION, Kind.COMMITMENT)",
        "_SAID_BY_FEEDS = (Kind.LISTING, Kind.CORRECTION)",
        "tests/scenarios/test_recovery.py",
    ),
    Mutant(
        "F10",
        FEED,
        "if live and gone / live > share_max:",
        "if not live and gone:",
        f"{TEST_FEED} {INTAKE}",
    ),
    Mutant("F11", FEED, "return Decision.PAUSED_BACK", "return Decision.UNCHANGED", TEST_FEED),
    Mutant(
        "F12",
        FEED,
        "if judged and rows / found.rows > SHARE_OF_ONE_MAX]",
        "if judged and rows > found.rows]",
        f"{TEST_FEED} {INTAKE}",
    ),
    *(
        Mutant(f"C{number}", RECONCILE, f"return Finding.{name}\n", "pass\n", TEST_RECONCILE)
        for number, name in (
            (1, "CODE_INVALID"),
            (2, "DATE_ORDER"),
            (3, "DOCUMENT_MISSING"),
            (5, "LIST_UNCONFIRMED"),
            (6, "AUTHORITY_NOT_NAMED"),
            (7, "SUBJECT_KIND"),
            (8, "BASIS_MISSING"),
            (9, "NOTICE_MISSING"),
            (10, "PERIOD_MISSING"),
            (11, "PERIOD_LONG"),
            (12, "SUBJECT_UNKNOWN"),
            (13, "SUBJECT_CEASED"),
            (14, "NAME_MISMATCH"),
            (20, "NAME_REUSED"),
        )
    ),
    Mutant(
        "C4",
        RECONCILE,
        "Finding.LIST_UNKNOWN if entry is None",
        "None if not entry",
        TEST_RECONCILE,
    ),
    *(
        Mutant(rule, COPIES, old, new, TEST_COPIES)
        for rule, old, new in (
            ("C15", "if any(len(values - {0}) > 1 for values in _compared(taking)):", "if False:"),
            (
                "C16",
                "Finding.COPY if copy is not counting else _counted(copy.finding)",
                "_counted(copy.finding)",
            ),
            ("C21", "return Finding.COMPLETED if finding in CURABLE else", "return"),
            ("C21 sound", "copy.finding in CURABLE and copy.sound", "copy.finding in CURABLE"),
            ("C21 stated", "or stated >= _lacks(c)", "or stated"),
            (
                "C16 end",
                "return not own, not copy.until, copy.rank",
                "return not own, False, copy.rank",
            ),
            ("C16 own", "own = copy.rank[0] == Rank.OWN", "own = False"),
            ("C16 fields", "getattr(said[stating[0]], field)", "getattr(said[stating[-1]], field)"),
            ("C16 seat", "if seat == region or (not hub and", "if not (not hub and"),
        )
    ),
    *(
        Mutant(rule, PERSONS, old, new, TEST_PERSONS)
        for rule, old, new in (
            ("V1", "if unknown := [", "if unknown := [] and ["),
            ("V2", "if missing := [", "if missing := [] and ["),
            ("V3", "if told.text != word.text:", "if not told:"),
            ("V4", "earliest = max(now - AGE_SECONDS_MAX, since)", "earliest = since"),
            ("V4 ahead", "<= at <= now + AHEAD_SECONDS_MAX", "<= at"),
            (
                "V5",
                "earliest = max(now - AGE_SECONDS_MAX, since)",
                "earliest = now - AGE_SECONDS_MAX",
            ),
            ("V5 once", "if any(_parse(one)", "if any(not _parse(one)"),
            ("V6", "if owner != name:", "if not owner:"),
            ("V8", "if normal := normal_person(name):", "if normal := name.strip():"),
            ("V8 unseen", "return normal_name(seen).translate(_UNSEEN)", "return seen"),
            ("V8 keys", "if len(distinct(configured)) < len(configured):", "if not configured:"),
        )
    ),
    *(
        Mutant(f"V9 {what}", file, old, new, TEST_WORDS)
        for what, file, old, new in (
            ("two", "node/persons/roster.py", "if len(persons) < needed:", "if not persons:"),
            ("relisting kept", "node/publishing/relisting.py", "if agreed.note:", "if False:"),
            ("rows kept", "node/intake/row_words.py", "if agreed.note:", "if False:"),
            (
                "rows said",
                "node/reconcile/signature_check.py",
                "yield from _rows_said(session, kept, row)",
                "pass",
            ),
            ("file", "federation/persons.py", '"file": file,', '"file": "",'),
            ("matters", "node/intake/row_words.py", "says=words.says,", "says=(),"),
            ("reason said", PERSONS, '"reason": reason,\n        "says"', '"says"'),
        )
    ),
    *(
        Mutant(f"V9 {what}", file, old, new, "tests/scenarios/test_platform_inbox.py -k signed")
        for what, file, old, new in (
            ("inbox rows", "node/platform/desk.py", "[astuple(row) for row in rows]", "[]"),
            ("inbox code", PERSONS, '{"code": code, "platform"', '{"platform"'),
            (
                "inbox seen",
                "node/platform/inbox_job.py",
                "for row in found if row in meant",
                "for row in found",
            ),
            ("inbox kept", "node/intake/inbox_tally.py", "if agreed.note:", "if False:"),
        )
    ),
    *(
        Mutant(f"V9 {what}", "node/intake/row_words.py", old, new, f"{INTAKE} -k sqlite")
        for what, old, new in (
            ("reason", "if not (found := reason.strip()):", "if (found := reason) is None:"),
            ("journal", "session.append_journal([", "[].extend(["),
        )
    ),
    *(
        Mutant(what, file, old, new, "tests/scenarios/test_recovery.py -k called_erased")
        for what, file, old, new in (
            (
                "pending relisting",
                "node/publishing/relisting.py",
                "if found.row.opening == OpeningStatus.PENDING:",
                "if False:",
            ),
            (
                "pending annotation",
                "node/publishing/own_statements.py",
                "if listing.row.opening == OpeningStatus.PENDING:",
                "if False:",
            ),
            (
                "late openings once",
                "node/peers/late_openings.py",
                "if prepared.sealed and row.opening in MAY_OPEN:",
                "if prepared.sealed:",
            ),
        )
    ),
    Mutant(
        "V9 lists",
        "node/intake/files.py",
        "if full_snapshot or words.says:",
        "if full_snapshot:",
        INTAKE,
    ),
    Mutant(
        "V7",
        "node/intake/signed_mappings.py",
        "if len(signers) < PERSONS_TO_ADOPT:",
        "if not signers:",
        TEST_WORDS,
    ),
    Mutant("V unsigned", "node/persons/roster.py", "if not note:", "if note == '-':", TEST_WORDS),
    Mutant(
        "V edition",
        "node/reconcile/catalog_book.py",
        "self._keep_word(session, note, Sort.EDITION, body, names, replaced)",
        "pass",
        TEST_WORDS,
    ),
    Mutant(
        "M1",
        PLAUSIBLE,
        "if in_future(max(candidate.decided_on, candidate.listed_on), today):",
        "if not today:",
        TEST_PLAUSIBLE,
    ),
    Mutant(
        "judged outside the writer: late",
        "node/reconcile/job.py",
        "        late = judged.late\n",
        "        late: list[Place] = []\n",
        TEST_MEANWHILE,
    ),
    Mutant(
        "judged outside the writer: set back",
        "node/reconcile/job.py",
        "anew = touched.everything or touched.judged_anew",
        "anew = touched.everything",
        TEST_MEANWHILE,
    ),
    Mutant(
        "judged outside the writer: basis",
        "node/reconcile/job.py",
        "return anew or not judged.basis.same(self._reconciliation.basis)",
        "return anew",
        TEST_MEANWHILE,
    ),
    *(
        Mutant(f"told outside the writer: {name}", file, old, new, TEST_MEANWHILE)
        for name, file, old, new in (
            (
                "platforms",
                "node/platform/delivery.py",
                "told_again(session, batch.leaves, touched)",
                "{}",
            ),
            (
                "files",
                "node/platform/outbox_job.py",
                "told_again(session, rows, touched)",
                "{}",
            ),
            ("notices", NOTICE_JOB, " if p not in touched.places", ""),
        )
    ),
    Mutant(
        "TP6 older batch",
        "node/relief/displays.py",
        "if batch.read >= self._read.get(batch.party, 0):",
        "if True:",
        "tests/scenarios/test_displays.py",
    ),
    Mutant(
        "NE1 at once",
        "node/intake/nation_export.py",
        "all(o.verdict != SHOWN_ENDED for o in said.get(p, ()))",
        "True",
        TEST_EXPORT,
    ),
    Mutant(
        "M1 each day",
        "node/reconcile/job.py",
        "        self._on_another_day()\n",
        "",
        DOORS,
    ),
    Mutant(
        "M1 relief",
        RELIEFS,
        "if listed is None or in_future(listed.decided_on, today):",
        "if listed is None:",
        DOORS,
    ),
    Mutant(
        "M2",
        PLAUSIBLE,
        "return notice_on > decided_on > 0",
        "return decided_on < 0 < notice_on",
        TEST_PLAUSIBLE,
    ),
    Mutant(
        "M6",
        PLAUSIBLE,
        "if 0 < listed_on < decided_on:",
        "if listed_on < 0:",
        TEST_PLAUSIBLE,
    ),
    Mutant(
        "M6 until",
        PLAUSIBLE,
        "if 0 < until < max(decided_on, listed_on):",
        "if 0 < until < decided_on:",
        TEST_PLAUSIBLE,
    ),
    Mutant(
        "M6 column",
        "adapters/files/_listing_faults.py",
        "if 0 < listed_on < decided_on:",
        "if listed_on < 0:",
        TEST_RELIEFS,
    ),
    Mutant("M3", PLAUSIBLE, "if candidate.blank_basis:", "if not today:", TEST_PLAUSIBLE),
    Mutant("M3 merged", COPIES, 'field == "basis" and is_blank(value)', "False", TEST_COPIES),
    Mutant("M4", PLAUSIBLE, "candidate.tier != tier:", "not today:", TEST_PLAUSIBLE),
    Mutant(
        "M5",
        PLAUSIBLE,
        "return bool(kinds) and subject_kind not in kinds",
        "return not kinds and subject_kind not in kinds",
        TEST_PLAUSIBLE,
    ),
    Mutant(
        "M doubts",
        RECONCILE,
        "return _BY_CODE[doubt.code]",
        "pass",
        TEST_RECONCILE,
    ),
    Mutant(
        "M drafts",
        "node/publishing/registry.py",
        "        self._plausibility.check(payload)\n",
        "",
        DOORS,
    ),
    Mutant(
        "M rows",
        "node/intake/listings.py",
        "            elif doubt is not None:\n",
        "            elif False:\n",
        DOORS,
    ),
    Mutant(
        "F20 drafts",
        "node/publishing/registry.py",
        "        payload = self._plausibility.with_term(payload)\n",
        "",
        DOORS,
    ),
    *(
        Mutant(f"TLS {what}", file, old, new, "tests/scenarios/test_certificates.py")
        for what, file, old, new in (
            (
                "named",
                "node/network/tls_keys.py",
                "if named != self._named:",
                "if not self._use:",
            ),
            ("before", "node/network/dialer.py", "% len(ours)]", "% 1]"),
        )
    ),
    Mutant(
        "TLS waits",
        "node/network/tls_keys.py",
        "for count, key in counted if count]",
        "for count, key in counted]",
        "tests/node/network/test_tls_keys.py",
    ),
    Mutant(
        "TLS all charters",
        "node/network/tls_keys.py",
        "known.sort(key=lambda one: -one[0])",
        "pass",
        "tests/node/network/test_tls_keys.py",
    ),
    Mutant("C17", RECONCILE, "or Finding.RECOGNISED\n", "or Finding.NONE\n", TEST_RECONCILE),
    Mutant("C18", CASES, "len(hands) >= PERSONS_TO_USE", "bool(hands)", TEST_RECONCILE),
    Mutant("C19", CASES, "else Finding.DECIDED_REJECT", "else None", TEST_RECONCILE),
    *(
        Mutant(rule, CASES, old, new, "tests/federation/reconcile/test_deciding.py")
        for rule, old, new in (
            ("CD1", "if found.verdict and verdict != Verdict.REOPEN and", "if False and"),
            ("CD1 twice", "REJECT if self.verdict != Verdict.REJECT:", "REJECT:"),
            (
                "CD2",
                "case Verdict.USE if not self.verdict:",
                "case Verdict.USE if self.verdict != Verdict.USE:",
            ),
            (
                "CD2 opened",
                "return Standing(times=self.times)\n",
                "return Standing(hands=self.hands, times=self.times)\n",
            ),
            ("CD2 rejected", "hands=(word,), verdict", "hands=(*self.hands, word), verdict"),
        )
    ),
    *(
        Mutant(f"V10{what}", module, old, new, "tests/scenarios/test_deciding.py -k sqlite")
        for what, module, old, new in (
            ("", "federation/shown.py", "if shown and shown != now:", "if False:"),
            (" record", CASE_DESK, "[view.payload_json, view.state,", "[view.state,"),
            (
                " words",
                CASE_DESK,
                "for one in said],\n            }",
                "for one in ()],\n            }",
            ),
        )
    ),
    *(
        Mutant(f"CN4 {what}", "node/console/app.py", old, new, "tests/node/console/test_shell.py")
        for what, old, new in (
            ("unsaved", 'said.append("unsaved=1")', "pass"),
            ("shown", "back if self._shows(back) else", "back if back else"),
        )
    ),
    Mutant(
        "case reason",
        CASE_DESK,
        "text = view.subject, normal_name(reason)",
        "text = view.subject, reason",
        "tests/scenarios/test_deciding.py -k sqlite",
    ),
    Mutant(
        "V10 editions",
        "node/reconcile/catalog_book.py",
        "check_shown(shown, _shown(before), _last(before))",
        "pass",
        f"{TEST_RECONCILE_SCENARIO} -k v10",
    ),
    Mutant(
        "V5 confirmed",
        "node/reconcile/catalog_book.py",
        "[person], compared)",
        "[person], [])",
        f"{TEST_RECONCILE_SCENARIO} -k v5",
    ),
    Mutant(
        "V5 page",
        "node/console/pages/editions.py",
        "return min(now, Timestamp(int(said))) if is_number else now",
        "return now",
        "tests/node/console/test_editions.py",
    ),
    Mutant(
        "V10 editions called",
        "node/services/catalogs.py",
        "shown=request.shown",
        'shown=""',
        "tests/node/services/test_catalogs.py",
    ),
    Mutant(
        "V10 calls",
        "node/services/cases.py",
        "shown=request.shown)",
        'shown="")',
        "tests/scenarios/test_signed_words.py",
    ),
    *(
        Mutant(f"V10 page {what}", "node/console/pages/cases.py", old, new, TEST_CONSOLE_CASES)
        for what, old, new in (
            ("step", 'if said["shown"] != case["shown"]:', "if False:"),
            ("refused", 'if answer.document["code"] in CHANGED:', "if False:"),
        )
    ),
    Mutant(
        "copies together",
        "node/reconcile/judging.py",
        "                    for place in group\n                    if place in asked\n",
        "                    for place in group\n                    if place in listings\n",
        "tests/scenarios/test_reconcile.py",
    ),
    Mutant(
        "revoked unopened",
        "federation/life/suppression.py",
        "if _is_revoked(relief, revoked, chains):",
        "if not relief:",
        "tests/scenarios/test_suppression.py",
    ),
    Mutant("narrow", CATALOG, "return one & other", "return one | other", TEST_CATALOG),
    Mutant(
        "B1",
        CATALOG,
        "return self.layer is Layer.NATIONAL",
        "return self.layer is not Layer.CITY",
        TEST_CATALOG,
    ),
    Mutant("B1 regulation", CATALOG, "what.regulation is not None", "True", TEST_CATALOG),
    Mutant(
        "B1 judged",
        RECONCILE,
        "if (stopped := ground_finding(entry)) is not None:",
        "if (stopped := ground_finding(entry)) is Finding.LIST_UNKNOWN:",
        TEST_RECONCILE,
    ),
    Mutant(
        "B2",
        CATALOG,
        'for a decision of a day."""\n        return self.valid_from <= day <= self.valid_until',
        'for a decision of a day."""\n        return day > 0',
        TEST_CATALOG,
    ),
    Mutant(
        "B3",
        CATALOG,
        "found = {measure.code: measure for makes, measure in counting if makes}",
        "found = {measure.code: measure for makes, measure in counting}",
        TEST_CATALOG,
    ),
    Mutant(
        "B3 term",
        CATALOG,
        "terms = (higher.term_months, lower.term_months or higher.term_months)",
        "terms = (lower.term_months or higher.term_months,)",
        TEST_CATALOG,
    ),
    Mutant(
        "B8",
        CATALOG,
        "if one.measure_class != OF_CHOICE",
        "if one.measure_class <= OF_CHOICE",
        TEST_CATALOG,
    ),
    Mutant(
        "AU1",
        SUCCESSION,
        "        reached = earlier.keys() - found.keys() - bound\n",
        "        reached = earlier.keys() - bound if not found else frozenset()\n",
        TEST_SUCCESSION,
    ),
    Mutant(
        "AU1 day", SUCCESSION, "if row.gone_on(day) and", "if row.successors and", TEST_SUCCESSION
    ),
    Mutant(
        "AU1 named",
        "node/intake/reliefs.py",
        "            named = self._of_predecessor(session, head, row.record, row.decided_on)\n",
        "            named = None\n",
        TEST_SUCCESSORS,
    ),
    Mutant(
        "AU1 bound",
        "node/intake/reliefs.py",
        "return listing.payload.authority in predecessors(self._catalog(), bound, day)",
        "return bool(predecessors(self._catalog(), bound, day))",
        TEST_SUCCESSORS,
    ),
    Mutant(
        "AU2",
        SUCCESSION,
        " and authority_confirmed(catalog, edition, row)\n",
        "\n",
        TEST_SUCCESSION,
    ),
    Mutant(
        "AU3",
        "node/intake/annotations.py",
        "day = Date(0) if row.action in ENDS else row.said.decided_on",
        "day = row.said.decided_on",
        TEST_SUCCESSORS,
    ),
    Mutant(
        "AU3 log",
        "node/intake/reliefs.py",
        "if listing.row.log not in self._statements.chain(session):  # AU3",
        "if listing.row.log < 0:",
        TEST_SUCCESSORS,
    ),
    Mutant(
        "AU3 lists",
        "node/intake/reliefs.py",
        "            bound=bound,\n",
        "            bound=frozenset({*bound, *gone}),\n",
        TEST_SUCCESSORS,
    ),
    *(
        Mutant(rule, file, old, new, "tests/scenarios/test_other_subject.py")
        for rule, file, old, new in (
            (
                "OC1 held",
                "node/reconcile/judging.py",
                "        return found | others\n",
                "        return found\n",
            ),
            (
                "OC1 copies",
                "node/reconcile/kept_words.py",
                "for p in copies.get(place, (place,)) for one",
                "for p in (place,) for one",
            ),
            (
                "OC1 own",
                "node/records/records.py",
                "        found |= said\n",
                "",
            ),
        )
    ),
    Mutant("NE1", NATION_EXPORT, "    if stopped:\n", "    if ended:\n", TEST_EXPORT),
    Mutant(
        "NE1 once",
        "node/intake/nation_export.py",
        "one.verdict == SHOWN_ENDED",
        "False",
        TEST_EXPORT,
    ),
    Mutant(
        "NE1 held",
        "node/reconcile/judging.py",
        "        found |= contradicted_of(session, theirs)\n",
        "",
        TEST_EXPORT,
    ),
    Mutant(
        "NE1 before",
        "federation/reconcile/cases.py",
        "            case _:  # REOPEN, SHOWN_ENDED, FOUND_OTHER\n",
        "            case other if other != Verdict.REOPEN:\n                return self\n"
        "            case _:\n",
        "tests/federation/relief/test_nation_export.py",
    ),
    Mutant(
        "NE2",
        NATION_EXPORT,
        "return Step.AGREES if ended else Step.LETTER",
        "return Step.AGREES",
        TEST_EXPORT,
    ),
    Mutant(
        "NE3",
        NATION_EXPORT,
        "    if not ended or state not in STANDING:\n",
        "    if state not in STANDING:\n",
        TEST_EXPORT,
    ),
    Mutant(
        "NE4",
        NATION_EXPORT,
        "if len(absent) > share_max * len(standing):",
        "if len(absent) > len(standing):",
        TEST_EXPORT,
    ),
    Mutant(
        "NE4 lists",
        "node/intake/nation_export.py",
        "known is None or known.key.list_type not in lists",
        "known is None",
        TEST_EXPORT,
    ),
    Mutant(
        "NE5",
        NATION_EXPORT,
        "        and normalise_document(record.document) == normalise_document(document)\n",
        "",
        TEST_EXPORT,
    ),
    Mutant(
        "NE5 list",
        NATION_EXPORT,
        '        and list_type in ("", record.list_type)\n',
        "",
        TEST_EXPORT,
    ),
    Mutant(
        "NE5 name",
        "node/intake/nation_export.py",
        "                    check_name(listing.payload, row.name)\n",
        "",
        TEST_EXPORT,
    ),
    Mutant(
        "RP16",
        "node/relief/repairs.py",
        "return not self.departments and all(",
        "return all(",
        f"{TEST_REPAIRS} -k rp16",
    ),
    *(
        Mutant(
            f"OC1 offered: {what}",
            "federation/screening/report_choices.py",
            old,
            new,
            "tests/federation/screening/test_outcomes.py -k offered",
        )
        for what, old, new in (
            ("acts", "bool(reported) and EVENTS[reported[-1]] is Event.ACTED", "bool(reported)"),
            ("idle", "if acted else (*wanted[1:], act)", "if True else (*wanted[1:], act)"),
        )
    ),
    Mutant(
        "own tree compared",
        "node/peers/mirrors.py",
        "if self._compared.get(origin) == signed.checkpoint:",
        "if signed.checkpoint == peek_checkpoint(self.served[origin].note):",
        "tests/scenarios/test_bit_flips.py",
    ),
    Mutant(
        "RP16 reported",
        "node/screening/outcome_documents.py",
        "matches_of_listings(reads, listings, OWING)",
        "matches_of_listings(reads, listings, OWING - {MatchState.REPORTED})",
        "tests/scenarios/test_outcomes.py -k rp16",
    ),
    Mutant(
        "RP16 late",
        "node/relief/repairs.py",
        "owing = not wanted.member and any(",
        "owing = False and any(",
        f"{TEST_REPAIRS} -k rp16",
    ),
    Mutant(
        "RP16 listing",
        "node/relief/repairs.py",
        "            if row.state in ENDING:\n",
        "            if False:\n",
        f"{TEST_REPAIRS} -k rp16",
    ),
    Mutant(
        "RP1",
        "node/relief/member_words.py",
        "return (note.cosigned_at, note.note) if self._good[log, note.size] else None",
        "return (Timestamp(0), note.note) if self._good[log, note.size] else None",
        TEST_REPAIRS,
    ),
    Mutant(
        "RP2",
        "federation/relief/progress.py",
        "received = _earliest(word.mirrored, told)",
        "received = word.mirrored",
        TEST_PROGRESS,
    ),
    Mutant(
        "RP3",
        "node/relief/hearing.py",
        "        return row.kind in LISTED_KINDS\n",
        "        return False\n",
        TEST_REPAIRS,
    ),
    Mutant(
        "RP4",
        "federation/relief/progress.py",
        "executed = word.lifted if word.lifts else told",
        "executed = told",
        TEST_PROGRESS,
    ),
    Mutant(
        "RP5",
        "node/relief/member_words.py",
        "if origin not in chain]",
        "if chain]",
        TEST_REPAIRS,
    ),
    Mutant(
        "RP6",
        "federation/relief/progress.py",
        "return Verdict.UNKNOWN if over else Verdict.IN_TIME",
        "return Verdict.IN_TIME",
        TEST_PROGRESS,
    ),
    Mutant(
        "RP7",
        "federation/relief/progress.py",
        "        if not over:\n            return Verdict.WAITING\n",
        "",
        TEST_PROGRESS,
    ),
    Mutant(
        "RP8",
        "federation/relief/progress.py",
        "        return Verdict.UNKNOWN\n    over",
        "        return Verdict.IN_TIME\n    over",
        TEST_PROGRESS,
    ),
    Mutant(
        "RP9",
        "federation/relief/progress.py",
        "far = kind == Kind.REPAIR and ",
        "far = ",
        TEST_PROGRESS,
    ),
    Mutant(
        "RP7 status",
        "node/relief/overdue.py",
        "overdue = one.progress.overdue",
        "overdue = one.progress.outstanding",
        TEST_REPAIRS,
    ),
    Mutant(
        "audit of repairs: again",
        "node/relief/audit.py",
        "            if newest[key] == ReceiptOutcome.APPLIED:\n",
        "            if False:\n",
        TEST_REPAIR_AUDIT,
    ),
    Mutant(
        "audit of repairs: copies",
        "node/relief/audit.py",
        "if row.state in STANDING and row.record_tag in tags",
        "if row.state not in STANDING",
        TEST_REPAIR_AUDIT,
    ),
    Mutant(
        "heard once",
        "node/relief/hearing.py",
        "if self._through.get(head.log) == at:",
        "if False:",
        TEST_REPAIRS,
    ),
    Mutant(
        "heard anew",
        "node/relief/hearing.py",
        "at = (head.applied_to, heard_to.get(head.log, 0))",
        "at = (head.size, 0)",
        TEST_REPAIRS,
    ),
    Mutant(
        "RP11",
        "federation/relief/progress.py",
        "asked, pushed = owed(due, word.member_since), ",
        "asked, pushed = due, ",
        TEST_PROGRESS,
    ),
    Mutant(
        "RP11 push",
        "federation/relief/progress.py",
        "pushed = owed(due, word.member_since), owed(push_due, word.member_since)",
        "pushed = owed(due, word.member_since), push_due",
        TEST_PROGRESS,
    ),
    Mutant(
        "RP11 since",
        "node/relief/member_words.py",
        "            member_since=self.member_since(row, member),\n",
        "",
        TEST_REPAIRS,
    ),
    Mutant(
        "RX4",
        "node/relief/rechecks.py",
        "if finding is Finding.DOUBT and not note.strip():",
        "if False:",
        "tests/scenarios/test_rechecks.py",
    ),
    Mutant(
        "CT15",
        "federation/relief/certificate.py",
        "        if not self.pinned:\n",
        "        if False:\n",
        "tests/scenarios/test_repair_certificates.py",
    ),
    Mutant(
        "CT15 receipts",
        "federation/relief/certificate.py",
        "        if not pins or _is_named(one, trust)\n",
        "",
        "tests/scenarios/test_repair_certificates.py",
    ),
    Mutant(
        "certificate: no listing on the page",
        "node/relief/certificate_words.py",
        '        "fields": [[*names, value] for names, value in fields_of(facts)],',
        '        "fields": [[*n, value] for n, value in (*fields_of(facts), *listed_of(facts))],',
        "tests/scenarios/test_repair_certificates.py",
    ),
    Mutant(
        "RP12",
        "federation/relief/progress.py",
        "return None if published.by is None else max(decided_on, day_of(published.by))",
        "return decided_on",
        TEST_PROGRESS,
    ),
    Mutant(
        "RP12 asked",
        "node/relief/repairs.py",
        "            until, unknown = deadlines.due(obligation, begins)\n",
        "            until = spoken\n",
        TEST_REPAIRS,
    ),
    Mutant(
        "RP12 kept of annotations",
        "federation/peers/first_notes.py",
        "    Kind.ANNOTATION,\n",
        "",
        TEST_REPAIRS,
    ),
    Mutant(
        "RP13",
        "federation/relief/progress.py",
        "return Verdict.LATE if heard_until >= due.ends_at else Verdict.UNKNOWN",
        "return Verdict.LATE",
        TEST_PROGRESS,
    ),
    Mutant(
        "RP13 heard",
        "node/relief/member_words.py",
        "return signed_on(head.note, self.trust.trust.head_keys(head.origin)) or Timestamp(0)",
        "return self._now",
        TEST_REPAIRS,
    ),
    Mutant(
        "RP14",
        "federation/relief/progress.py",
        "return Verdict.LATE if done.after >= due.ends_at else Verdict.UNKNOWN",
        "return Verdict.LATE",
        TEST_PROGRESS,
    ),
    Mutant(
        "RP14 after",
        "node/relief/member_words.py",
        "self._said[place] = Said(by, self._after(place))",
        "self._said[place] = Said(by, Timestamp(1 << 40))",
        TEST_REPAIRS,
    ),
    Mutant(
        "RP15",
        "federation/relief/progress.py",
        "spoken=judged(published, spoken_due, now),",
        "spoken=Verdict.IN_TIME,",
        TEST_PROGRESS,
    ),
    Mutant(
        "RP15 listed",
        "node/relief/repairs.py",
        "if wanted.late and not spoken and not owing",
        "if wanted.late and not owing",
        TEST_REPAIRS,
    ),
    Mutant(
        "RQ9",
        "node/relief/request_documents.py",
        "        return min((self._signed_on(head) for head in answering), default=Timestamp(0))",
        "        return self._now()",
        "tests/scenarios/test_requests.py",
    ),
    Mutant(
        "RQ7 kept of requests",
        "federation/peers/first_notes.py",
        "    Kind.REQUEST,\n",
        "",
        "tests/scenarios/test_requests.py",
    ),
    Mutant(
        "AD4 its own node's word",
        "federation/audit/histories.py",
        "max(latest, *times), max(signed, *own, signed)",
        "max(latest, *times), max(latest, *times)",
        "tests/node/audit/test_verifying.py",
    ),
    Mutant(
        "RP10",
        "node/relief/repairs.py",
        "    if one.over:\n        return False\n",
        "",
        TEST_REPAIRS,
    ),
    Mutant(
        "DL1",
        "federation/reconcile/deadlines.py",
        "if keeps else last < found.last):",
        "if keeps else False):",
        TEST_DEADLINES,
    ),
    Mutant(
        "DL1 begins",
        "federation/reconcile/deadlines.py",
        "        if row.counts_on(day)\n",
        "",
        TEST_DEADLINES,
    ),
    Mutant(
        "DL2",
        "federation/reconcile/deadlines.py",
        "or not confirmed(catalog, edition, row):",
        "or not row.days + 1:",
        TEST_DEADLINES,
    ),
    Mutant(
        "DL3",
        "federation/reconcile/deadlines.py",
        "known = known and works is not None",
        "known = known or works is not None",
        TEST_DEADLINES,
    ),
    Mutant(
        "DL3 earlier",
        "federation/reconcile/deadlines.py",
        "if min(not_before, default=found.last) < found.last:",
        "if not found.last:",
        TEST_DEADLINES,
    ),
    Mutant(
        "DL4",
        "federation/reconcile/deadlines.py",
        "timedelta(hours=8)",
        "timedelta(hours=0)",
        TEST_DEADLINES,
    ),
    Mutant("B5", GROUNDS, "    if not grounded:\n", "    if not name:\n", TEST_GROUNDS),
    Mutant(
        "B5 measures",
        GROUNDS,
        "for code in sorted((told | named) - made):",
        "for code in sorted((told & named) - made):",
        TEST_GROUNDS,
    ),
    Mutant(
        "B5 adopting",
        "node/reconcile/catalog_book.py",
        "        check_edition(edition, others)\n",
        "",
        SCENE_GROUNDS,
    ),
    Mutant(
        "B6",
        GROUNDS,
        "in _wider(item, made):",
        "in list(_wider(item, made))[:0]:",
        TEST_GROUNDS,
    ),
    Mutant(
        "B7",
        "adapters/catalog/editions.py",
        "missing = [] if entry.certainty else",
        "missing = [] if entry.name else",
        TEST_CATALOG,
    ),
    Mutant(
        "B7 adopted",
        "adapters/catalog/editions.py",
        "certainty=item.certainty or Certainty.MEMORY,",
        "certainty=item.certainty or Certainty.CONFIRMED,",
        TEST_CATALOG,
    ),
    Mutant(
        "O1",
        "node/publishing/registry.py",
        "        check_own(self._catalog(), payload)\n        self._scenarios.check(session, action, about, payload)\n",
        "        self._scenarios.check(session, action, about, payload)\n",
        SCENE_GROUNDS,
    ),
    Mutant(
        "O1 files",
        "adapters/files/_conversion.py",
        "if decided_on and not self._terms.without_ground(decided_on, faults):",
        "if decided_on:",
        SCENE_GROUNDS,
    ),
    Mutant(
        "O1 held",
        "node/records/records.py",
        "if fault in WITHOUT_GROUND:",
        "if fault is not fault:",
        SCENE_GROUNDS,
    ),
    Mutant(
        "O2",
        "federation/reconcile/own_lists.py",
        "catalog.punishes(payload.list_type)",
        "not catalog.editions",
        SCENE_GROUNDS,
    ),
    Mutant("confirmed", CATALOG, "certainty is Certainty.CONFIRMED or", "True or", TEST_CATALOG),
    Mutant(
        "gate",
        "node/records/records.py",
        'return doubt or ("" if finding is None else obstacle(finding))',
        "return doubt",
        "tests/scenarios/test_reconcile.py",
    ),
    Mutant("Q1", RECEIPTS, "if row.kind not in TOLD_KINDS or row", "if row", TEST_RECEIPTS),
    Mutant(
        "Q2", RECEIPTS, "row.opening == OpeningStatus.NOT_FOR_US:", "row is None:", TEST_RECEIPTS
    ),
    Mutant(
        "Q3",
        RECEIPTS,
        "    if row.state == State.SET_ASIDE:\n        return Told(ReceiptOutcome.REJECTED, row.rule)\n",
        "",
        TEST_RECEIPTS,
    ),
    Mutant(
        "Q4",
        RECEIPTS,
        "    if row.opening == OpeningStatus.ERASED:\n        return _erased(row)",
        "    if False:\n        return _erased(row)",
        TEST_RECEIPTS,
    ),
    Mutant("Q5", RECEIPTS, "if row.kind in RELIEF_KINDS or (row", "if (row", TEST_RECEIPTS),
    Mutant(
        "Q6",
        RECEIPTS,
        "if row.kind in LISTED_KINDS and row.state in ENDED:",
        "if row.kind is None:",
        TEST_RECEIPTS,
    ),
    Mutant("Q6 executed", RECEIPTS, "row.rule) if executed else None", "row.rule)", TEST_RECEIPTS),
    Mutant(
        "Q14 late",
        RECEIPTS,
        "and not (executed and late):",
        "and row:",
        TEST_RECEIPTS,
    ),
    Mutant("EX1", EXECUTION, "            not one.told\n", "            True\n", TEST_EXECUTION),
    Mutant("EX1 state", EXECUTION, "one.demand.word in words", "True", TEST_EXECUTION),
    Mutant("EX2", EXECUTION, "        one.passed\n", "        True\n", TEST_EXECUTION),
    Mutant("EX3", EXECUTION, "if said.number < demand.number:", "if False:", TEST_EXECUTION),
    Mutant("EX4", EXECUTION, " or said.number > demand.number:", ":", TEST_EXECUTION),
    Mutant("EX5", EXECUTION, "    if demand.acknowledged_at:\n", "    if False:\n", TEST_EXECUTION),
    Mutant(
        "EX6", EXECUTION, "if elsewhere else NEVER_SENT", "if False else NEVER_SENT", TEST_EXECUTION
    ),
    Mutant("EX7", EXECUTION, "    if not said.done:\n", "    if False:\n", TEST_EXECUTION),
    Mutant(
        "EX8",
        "adapters/files/outbox_acks.py",
        'done = first is not None and first[0].lower().endswith("ok")',
        "done = first is not None",
        "tests/adapters/files/test_file_outbox.py",
    ),
    Mutant("EX9", EXECUTION, "or before.word != now.word:", "and now:", TEST_EXECUTION),
    Mutant(
        "EX9 before",
        "node/platform/demands.py",
        "session.clear_demands(outlet, log, gone)",
        "session.demands(outlet, log, gone)",
        "tests/scenarios/test_execution.py",
    ),
    Mutant("RX1", RECHECK, "if last >= today:", "if last > today:", TEST_RECHECK),
    Mutant(
        "RX1 once", RECHECKS, "if any(one.quarter == name for", "if any(not name for", TEST_RECHECKS
    ),
    Mutant("RX2", RECHECK, "max(LEAST, ", "max(0, ", TEST_RECHECK),
    Mutant("RX2 seed", RECHECK, "sha256(seed + one)", "sha256(one)", TEST_RECHECK),
    Mutant("RX3", RECHECK, "if len(both) != 2:", "if not both:", TEST_RECHECK),
    Mutant("RX3 once", RECHECKS, "if row.idx in _done(session):", "if False:", TEST_RECHECKS),
    Mutant(
        "EX10",
        "node/platform/demands.py",
        "session.put_handed(outlet, log, handed)",
        "session.handed(outlet, log, list(handed))",
        "tests/scenarios/test_execution.py",
    ),
    Mutant("Q7", RECEIPTS, "if row.opening == OpeningStatus.PENDING:", "if False:", TEST_RECEIPTS),
    Mutant("Q8 doubt", RECEIPTS, "    if row.rule:\n", "    if False:\n", TEST_RECEIPTS),
    Mutant(
        "Q8 waits",
        RECEIPTS,
        "    if finding == Finding.NONE:\n        return None\n",
        "    finding = finding or Finding.RECOGNISED\n",
        TEST_RECEIPTS,
    ),
    Mutant("Q9", RECEIPTS, " or (row.kind in ACT_KINDS and not reaches)", "", TEST_RECEIPTS),
    Mutant("Q10", RECEIPTS, "return row.state in _LIFTING", "return False", TEST_RECEIPTS),
    Mutant("Q11", RECEIPTS, "{Role.CITY, Role.COUNTY}", "{*Role}", TEST_RECEIPTS),
    Mutant(
        "Q12",
        RECEIPTS,
        "found[speaker, index] = told",
        "found.setdefault((speaker, index), told)",
        TEST_RECEIPTS,
    ),
    Mutant(
        "Q13",
        RECEIPTS,
        "return receipt.origin == own and own not in speaker",
        "return receipt.origin == own",
        TEST_RECEIPTS,
    ),
    Mutant("Q13 kinds", RECEIPTS, "if kinds.get(index) in TOLD_KINDS:", "if True:", TEST_RECEIPTS),
    Mutant(
        "Q12 lifted",
        RECEIPTS,
        "found.setdefault((speaker, index), place)",
        "found[speaker, index] = place",
        TEST_RECEIPTS,
    ),
    Mutant(
        "Q14",
        RECEIPTS,
        "            if told.outcome == ReceiptOutcome.LIFTED:\n",
        "            if told.outcome in (ReceiptOutcome.ERASED, ReceiptOutcome.LIFTED):\n",
        TEST_RECEIPTS,
    ),
    Mutant(
        "Q15",
        RECEIPTS,
        "Outcome.REJECTED: ReceiptOutcome.NOT_RECOGNISED",
        "Outcome.REJECTED: ReceiptOutcome.REJECTED",
        TEST_RECEIPTS,
    ),
    Mutant(
        "G2 refusals",
        RECEIPTS,
        "frozenset({ReceiptOutcome.REJECTED, ReceiptOutcome.NOT_RECOGNISED})",
        "frozenset({ReceiptOutcome.REJECTED})",
        TEST_QUALITY,
    ),
    *(
        Mutant(rule, CHECKS, old, new, TEST_PAYLOADS)
        for rule, old, new in (
            (
                "P7 effective",
                'Recognition: (("effective_on", "decided_on"),),',
                "Recognition: (),",
            ),
            (
                "P7 attested",
                "if isinstance(said, Listing) and (attested",
                "if (attested := None) and (attested",
            ),
            ("P9", "if list_type.startswith(PENALTY_LIST_TYPE):", "if not list_type:"),
            ("P10 minor", "if penalty.grade == PenaltyGrade.MINOR:", "if not penalty:"),
            (
                "P10 simple",
                "elif penalty.procedure == PenaltyProcedure.SIMPLE:",
                "elif not penalty:",
            ),
            ("P11", "if condition is not None:", "if condition is False:"),
            ("P12", "if not audience.members:", "if not audience:"),
        )
    ),
    Mutant(
        "P5 ground",
        "node/codec/shared.py",
        "        return enum(0)\n",
        "        raise\n",
        TEST_READING,
    ),
    Mutant(
        "S11",
        READING,
        "if kind == Kind.REQUEST and not fits_action(header.action, facts.body):",
        "if kind is None:",
        TEST_READING,
    ),
    Mutant(
        "S11 declined",
        READING,
        "    RequestAction.DECLINED: (RequestBody.REASONED_ANSWER,),\n",
        "",
        TEST_READING,
    ),
    *(
        Mutant(rule, CONDITIONS, old, new, TEST_CONDITIONS)
        for rule, old, new in (
            ("K1", "if level and depth > DEPTH_MAX:", "if level and depth > 99:"),
            ("K2", "if count > CONDITIONS_MAX:", "if count > 999:"),
            (
                "K3",
                "            return Decision.UNDECIDED\n        case AllOf",
                "            return Decision.YES\n        case AllOf",
            ),
            (
                "K4",
                "for one in of], decisive=Decision.NO)",
                "for one in of], decisive=Decision.YES)",
            ),
            (
                "K5",
                "for one in of], decisive=Decision.YES)",
                "for one in of], decisive=Decision.NO)",
            ),
            ("K6", "Decision.UNDECIDED: Decision.UNDECIDED,", "Decision.UNDECIDED: Decision.YES,"),
            ("K7", "return decision is Decision.YES", "return decision is not Decision.NO"),
            ("K8", "if grades is None or test.at_least not in grades:", "if grades is None:"),
            ("K8 held", "    if held not in grades:\n        return Decision.UNDECIDED\n", ""),
        )
    ),
    *(
        Mutant(rule, REQUESTS, old, new, TEST_REQUESTS)
        for rule, old, new in (
            ("J1", "if said.request != asked.leaf:", "if said.request.index != asked.leaf.index:"),
            ("J2", "asked.speaker if said.action == RequestAction.WITHDRAWN else ", ""),
            ("J3", "return said.origin in by", "return True"),
            (
                "J4",
                "    RequestAction.DONE,\n    RequestAction.WITHDRAWN,\n",
                "    RequestAction.WITHDRAWN,\n    RequestAction.DONE,\n",
            ),
            ("J5", "taken[member, day] >= limit", "taken[member, day] > limit"),
            ("J5 open", "taken[member, day] += is_open", "taken[member, day] += 1"),
        )
    ),
    *(
        Mutant(
            rule,
            "federation/relief/requests.py",
            old,
            new,
            "tests/federation/relief/test_requests.py",
        )
        for rule, old, new in (
            ("RQ1", "    if not asked.found:\n", "    if False:\n"),
            ("RQ2", "    if asked.ended:\n", "    if False:\n"),
            ("RQ3", "    if asked.waits or asked", "    if asked"),
            ("RQ4", "RequestType.OBJECTION and not asked.marked", "RequestType.OBJECTION"),
            ("RQ5", "    if asked.grant is not None:\n", "    if False:\n"),
            ("RQ5 kinds", "Kind.WITHDRAWAL, Kind.CORRECTION})", "Kind.WITHDRAWAL})"),
            ("RQ6", "kind is RequestType.OBJECTION and state in OPEN_STATES for", "False for"),
            ("RQ7", "heard_until >= by.ends_at", "heard_until + 1 >= by.ends_at"),
            ("RQ7 vouched", "max(received_on, day_of(vouched_at))", "received_on"),
            (
                "RQ7 accept",
                "Stage.ACCEPT: state in _ACCEPTED",
                "Stage.ACCEPT: state in OPEN_STATES",
            ),
        )
    ),
    *(
        Mutant(
            rule,
            "federation/screening/outcomes.py",
            old,
            new,
            "tests/federation/screening/test_outcomes.py",
        )
        for rule, old, new in (
            (
                "OC1",
                "        _E.ACTED: CLOSED,\n        _E.REFRAINED: CLOSED,\n        _E.MISTAKEN: CLOSED,",
                (
                    "        _E.ACTED: _S.REPORTED,\n        _E.REFRAINED: CLOSED,\n"
                    "        _E.MISTAKEN: CLOSED,"
                ),
            ),
            ("OC2", "if report.measure and report.measure not in matched.measures:", "if False:"),
            (
                "OC2 blocks",
                "if report.result is Result.PROMPTED and matched.measures[report.measure]:",
                "if False:",
            ),
            (
                "OC2 none",
                "if not matched.measures and report.result is not Result.WRONG_SUBJECT:",
                "if False:",
            ),
            (
                "OC3",
                "        if report.reason not in REASONS:\n",
                "        if not report.reason:\n",
            ),
            ("OC3 none", "    elif report.reason and not (", "    elif False and not ("),
            ("OC4", "if not matched.answered_on <= report", "if not report"),
            ("OC4 future", "report.decided_on <= today:", "report.decided_on:"),
            ("OC5", "        passed += works\n", "        passed += 1\n"),
            ("OC5 unknown", "        if works is None:\n            return Date(0)\n", ""),
            ("OC5 late", "bool(due) and today > due", "today > due"),
            (
                "OC6",
                (
                    "        _E.RE_EXAMINED: NOT_REOPENED,\n        _E.ENDED: _S.REOPENED,\n"
                    "        _E.ENDED_IDLE: _S.CLOSED,"
                ),
                (
                    "        _E.RE_EXAMINED: NOT_REOPENED,\n        _E.ENDED: _S.REPORTED,\n"
                    "        _E.ENDED_IDLE: _S.CLOSED,"
                ),
            ),
            ("OC6 term", "return not months or ended_on", "return ended_on"),
            (
                "OC6 all of it",
                "if after in _SETTLED and _others_stand",
                "if False and _others_stand",
            ),
            ("OC7", "    if before == report:\n        return None\n", ""),
            ("OC7 corrects", "if before is not None and not corrects:", "if False:"),
        )
    ),
    *(
        Mutant(
            rule,
            "federation/screening/case_figures.py",
            old,
            new,
            "tests/federation/screening/test_case_figures.py",
        )
        for rule, old, new in (
            ("OC9", "said[one.speaker, one.case_id, one.measure]", "said[one.leaf, b'', '']"),
            (
                "OC9 undone",
                "        act = next((one for one in reversed(counted)",
                "        act = next((one for one in ()",
            ),
            (
                "OC10",
                "        if rule is None:\n            return None\n",
                "        if rule is None:\n            return True\n",
            ),
            ("OC10 days", "passed <= rule.within_days", "True"),
            (
                "OC11",
                "return one.replaces == before.leaf and (",
                "return one.replaces == before.leaf or (",
            ),
        )
    ),
    *(
        Mutant(rule, file, old, new, "tests/scenarios/test_outcomes.py")
        for rule, file, old, new in (
            (
                "OC6 job",
                "node/screening/outcome_job.py",
                "row.state not in map(int, ENDING)",
                "True",
            ),
            (
                "OC6 late",
                "node/screening/outcome_job.py",
                "min(self._relieved_on(session, row) or answered_on, self._today())",
                "self._today()",
            ),
            ("OC8 routes", "node/screening/outcome_job.py", "    if not told:\n", "    if True:\n"),
            (
                "OC11 index",
                "node/screening/outcome_origin.py",
                "listing[0].log not in ours",
                "False",
            ),
            (
                "OC2 others",
                "node/screening/outcome_desk.py",
                "check.department == asker.department",
                "True",
            ),
        )
    ),
    Mutant(
        "LK4 at the start",
        "node/app/wire_log.py",
        ").run()\n    asking = StartupCheck(",
        ")\n    asking = StartupCheck(",
        "tests/scenarios/test_lookup_key.py",
    ),
    *(
        Mutant(rule, file, old, new, "tests/scenarios/test_lookup_key.py -k sqlite")
        for rule, file, old, new in (
            (
                "LK1",
                "node/upkeep/retagging.py",
                "            tag = records.get(former) or (\n",
                "            tag = (\n",
            ),
            (
                "LK1 split",
                "node/upkeep/lookup_switch.py",
                "            split = session.drop_split_tags()\n",
                "            split = 0\n",
            ),
            (
                "LK2",
                "node/upkeep/retagging.py",
                "                + blind[SUBJECT_TAG_SIZE:]\n",
                "                + former[SUBJECT_TAG_SIZE:]\n",
            ),
            (
                "LK2 subject",
                "node/upkeep/retagging.py",
                "blind[:SUBJECT_TAG_SIZE])\n",
                "former[:SUBJECT_TAG_SIZE])\n",
            ),
            (
                "LK2 unread",
                "node/upkeep/retagging.py",
                "            if row.opening == OpeningStatus.PRESENT and former not in records:\n",
                "            if not former:\n",
            ),
            (
                "LK3",
                "node/upkeep/lookup_switch.py",
                "if number == current and (following is None or not ready):",
                "if number == current and following is None:",
            ),
            (
                "LK4 feeds",
                "node/upkeep/lookup_switch.py",
                "                self._feed(feed, rows[begin : begin + _CHUNK])\n",
                "                pass\n",
            ),
            ("LK4 twins", "node/upkeep/lookup_switch.py", "        self._twins()\n", ""),
            ("LK4 names", "node/upkeep/lookup_switch.py", "        self._names()\n", ""),
            ("LK4 journal", "node/upkeep/lookup_switch.py", "        self._journal()\n", ""),
            (
                "LK4 told apart",
                "node/upkeep/lookup_switch.py",
                "            return known.get(of) or self._made.blinded(of)[:half]\n",
                "            return of\n",
            ),
            (
                "LK5",
                "node/upkeep/lookup_switch.py",
                '        with self._failpoints.at("retag.overwrite"):\n            self._keyring.shred()\n',
                '        with self._failpoints.at("retag.overwrite"):\n            pass\n',
            ),
            (
                "LK6",
                "node/intake/known_rows.py",
                "        self._lead_by_subject(session, rows, known, leads)\n",
                "",
            ),
            (
                "LK7",
                "node/upkeep/lookup_switch.py",
                "        if number >= self._keyring.lookup_number:\n",
                "        if number >= 0:\n",
            ),
            (
                "LK7 ring",
                "node/upkeep/lookup_switch.py",
                "        if number > current:\n",
                "        if number > current + 1:\n",
            ),
            (
                "LK7 lost",
                "node/upkeep/retagging.py",
                "            session.drop_next_tags()\n",
                "            pass\n",
            ),
        )
    ),
    Mutant(
        "EK8",
        "node/upkeep/rebuild.py",
        "            statuses[index] = OpeningStatus.ERASED\n",
        "            pass\n",
        "tests/scenarios/test_endings.py",
    ),
    *(
        Mutant(rule, file, old, new, "tests/federation/relief/test_keeping.py")
        for rule, file, old, new in (
            (
                "EK1",
                "federation/relief/keeping.py",
                "    return None if until is None else until.last\n",
                "    return Date(20270101) if until is None else until.last\n",
            ),
            (
                "EK2",
                "federation/relief/keeping.py",
                "    at = max(claimed, after)\n",
                "    at = claimed\n",
            ),
            (
                "EK2 covered",
                "federation/relief/keeping.py",
                "        at = min(at, covered)\n",
                "        pass\n",
            ),
            (
                "EK2 later",
                "federation/relief/keeping.py",
                "    return Timestamp(at) if at <= believed else None\n",
                "    return Timestamp(at)\n",
            ),
            (
                "EK4",
                "federation/relief/keeping.py",
                "    return max(said_on, due_on, performed_on)\n",
                "    return said_on\n",
            ),
            (
                "EK5",
                "federation/relief/keeping.py",
                "        Sort.OTHER: Obligation.KEEP_OTHER,\n",
                "        Sort.OTHER: Obligation.KEEP_OTHER,\n        Sort.RELIEF: Obligation.KEEP_OTHER,\n",
            ),
            (
                "EK6",
                "federation/relief/keeping.py",
                "    return last is not None and today > last\n",
                "    return last is not None and (not today or today > last)\n",
            ),
            (
                "DL5",
                "federation/reconcile/deadlines.py",
                "(last > found.last if keeps else last < found.last)",
                "last < found.last",
            ),
            (
                "DL5 known",
                "federation/reconcile/deadlines.py",
                "    if found is None or (keeps and not_before):\n",
                "    if found is None:\n",
            ),
        )
    ),
    *(
        Mutant(rule, "node/relief/ended_terms.py", old, new, "tests/scenarios/test_kept_terms.py")
        for rule, old, new in (
            (
                "EK2 kept",
                "after=Timestamp(0) if before is None else before.cosigned_at",
                "after=Timestamp(0)",
            ),
            (
                "EK3",
                "            begins = max(days) if len(days) == len(reports) else None\n",
                "            begins = min(days)\n",
            ),
            (
                "EK1 own",
                "            if sort is not Sort.REQUEST and is_over(last, today):\n",
                "            if is_over(last, today) and sort is not Sort.OTHER:\n",
            ),
        )
    ),
    *(
        Mutant(rule, file, old, new, "tests/node/access/test_ended_checks.py")
        for rule, file, old, new in (
            (
                "EK7",
                "federation/screening/outcomes.py",
                "    return listing_is_over if state in WATCHED else state is not MatchState.REOPENED\n",
                "    return listing_is_over or state not in WATCHED\n",
            ),
            (
                "EK7 watched",
                "federation/screening/outcomes.py",
                "    return listing_is_over if state in WATCHED else state is not MatchState.REOPENED\n",
                "    return state is not MatchState.REOPENED\n",
            ),
            (
                "EK7 unsaid",
                "adapters/sql/ended_checks.py",
                "        (outcomes.c.published == 0) | outcomes.c.sealed.is_not(None),\n",
                "        outcomes.c.sealed.is_not(None),\n",
            ),
        )
    ),
    *(
        Mutant(rule, file, old, new, "tests/scenarios/test_requests.py -k sqlite")
        for rule, file, old, new in (
            (
                "RQ8",
                "federation/relief/requests.py",
                "return until is not None and today > until.last",
                "return until is None or today > until.last",
            ),
            (
                "RQ8 open",
                "node/relief/ended_requests.py",
                "one.state in OPEN_STATES or last is None",
                "last is None",
            ),
            (
                "RQ6 own",
                "node/relief/request_drafts.py",
                "                and payload.request is not None\n",
                "",
            ),
        )
    ),
    Mutant(
        "C9 attested",
        "federation/reconcile/candidate.py",
        "0 < self.attested_from <= self.decided_on <= self.attested_to",
        "0 < self.attested_from <= self.attested_to",
        TEST_RECONCILE,
    ),
    Mutant(
        "lost record",
        "node/publishing/registry.py",
        "if not self._statements.is_lost(session, found):",
        "if found:",
        "tests/scenarios/test_relief_without_record.py",
    ),
    Mutant(
        "term",
        "adapters/files/_conversion.py",
        "TermQuality.STATED if until == stated else TermQuality.BY_CATALOG",
        "TermQuality.STATED",
        "tests/adapters/files/test_file_listings.py",
    ),
    Mutant(
        "F1 recognition",
        FEED,
        'f"conditions={recognition',
        'f"conditions_text={recognition',
        TEST_FEED,
    ),
    Mutant(
        "G1",
        QUALITY,
        "reported = len(listings) + refused",
        "reported = len(listings)",
        TEST_QUALITY,
    ),
    Mutant(
        "G2",
        QUALITY,
        "compliant = len(listings) - len(faulty)",
        "compliant = len(listings)",
        TEST_QUALITY,
    ),
    Mutant(
        "G2 held", QUALITY, "    if not formulas.ignore_held:\n", "    if True:\n", TEST_QUALITY
    ),
    Mutant(
        "G2 last",
        QUALITY,
        "told.reason.startswith(formulas.ignored_reasons)",
        "False",
        TEST_QUALITY,
    ),
    Mutant(
        "G3",
        QUALITY,
        "elapsed <= formulas.working_days",
        "elapsed < formulas.working_days",
        TEST_QUALITY,
    ),
    Mutant(
        "G3 penalties",
        QUALITY,
        "if listing.group[1] == PENALTY_LIST_TYPE:",
        "if not listing.group:",
        TEST_QUALITY,
    ),
    Mutant(
        "G3 unknown",
        QUALITY,
        "return None if elapsed is None else",
        "return False if elapsed is None else",
        TEST_QUALITY,
    ),
    Mutant(
        "G4",
        QUALITY,
        "duplicates=repeated + sum(taking.exists for taking in taken)",
        "duplicates=repeated",
        TEST_QUALITY,
    ),
    Mutant(
        "G5",
        QUALITY,
        "wrong_codes = len(wrong) + wrong_rows",
        "wrong_codes = len(wrong)",
        TEST_QUALITY,
    ),
    Mutant("G6", QUALITY, "if not act.withdraws]", "]", TEST_QUALITY),
    Mutant(
        "G7",
        QUALITY,
        "return part / whole if whole else None",
        "return part / (whole or 1)",
        TEST_QUALITY,
    ),
    Mutant(
        "G8",
        QUALITY,
        "last[taking.group, taking.file] = taking",
        "last[taking.group, str(taking.number)] = taking",
        TEST_QUALITY,
    ),
    *(
        Mutant(rule, QUALITY, old, new, TEST_QUALITY)
        for rule, old, new in (
            ("G9", "len(listings) + len(missed))", "len(listings))"),
            ("G10", "completeness=_rate(reported - len(incomplete)", "completeness=_rate(reported"),
            ("G11", "irregular=len(irregular) + irregular_rows", "irregular=len(irregular)"),
            ("G12", "_rate(len(judged) - len(unlinked), len(judged))", "_rate(1, len(listings))"),
            ("G13", "if elapsed > formulas.gap_days]", "if elapsed > 0]"),
            ("G14", "for group in bound:", "for group in ():"),
        )
    ),
    Mutant(
        "G9 ours",
        "node/quality/desk.py",
        "and row.record_tag not in known:",
        ":",
        "tests/scenarios/test_quality.py",
    ),
    Mutant(
        "G9 period",
        "node/quality/desk.py",
        "if row.log in origins and first <= row.decided_on <= last",
        "if row.log in origins",
        "tests/scenarios/test_quality.py",
    ),
    Mutant(
        "CS1 struck",
        COLLECTION,
        "entry = catalog.entry(list_type, day)",
        "entry = catalog.own(list_type, day)",
        TEST_COLLECTION,
    ),
    Mutant(
        "CS1 grades",
        COLLECTION,
        "return PENALTY_LIST_TYPE if list_type.startswith(PENALTY_LIST_TYPE) else list_type",
        "return list_type",
        TEST_COLLECTION,
    ),
    Mutant(
        "CS2 several",
        COLLECTION,
        "departments.pop() if len(departments) == 1 else NOT_SAID",
        "departments.pop()",
        TEST_COLLECTION,
    ),
    Mutant(
        "CS2 unknown",
        COLLECTION,
        "if department and owed else",
        "if owed else",
        TEST_COLLECTION,
    ),
    Mutant("CS3", COLLECTION, "    if number:\n", "    if came:\n", TEST_COLLECTION),
    Mutant(
        "CS3 period",
        "node/quality/desk.py",
        "Delivery(number + (day >= first), max",
        "Delivery(number + 1, max",
        TEST_QUALITY_DESK,
    ),
    Mutant(
        "CS4 bound",
        COLLECTION,
        "{**nothing, **delivered}",
        "{**delivered}",
        TEST_COLLECTION,
    ),
    Mutant(
        "CS5",
        COLLECTION,
        "entry.ground is Ground.STANDS and entry.confirmed",
        "True",
        TEST_COLLECTION,
    ),
    Mutant("SH1 once", SHARES, '("", *lists) if lists', '("", "", *lists) if lists', TEST_SHARES),
    Mutant(
        "SH1 recognised",
        "node/quality/listed.py",
        "refused = place in judged and obstacle(judged[place])",
        'refused = ""',
        TEST_QUALITY_DESK,
    ),
    Mutant(
        "SH1 in force",
        "node/quality/listed.py",
        "states=[State.ACTIVE]",
        "states=None",
        TEST_QUALITY_DESK,
    ),
    Mutant(
        "SH1 last day",
        "node/quality/listed.py",
        "over = bool(row.until) and row.until < today",
        "over = False",
        TEST_QUALITY_DESK,
    ),
    Mutant(
        "SH2",
        "adapters/catalog/_whole_library.py",
        "AND s.status NOT IN (?, ?) AND",
        "AND ? <> ? AND",
        "tests/adapters/catalog/test_library.py",
    ),
    Mutant(
        "SH3",
        SHARES,
        "subject.region or registered_in(USCC, subject.code)",
        "registered_in(USCC, subject.code)",
        TEST_SHARES,
    ),
    Mutant(
        "W1",
        DAYS,
        "if not self.years.keys() >= set(range(begin, end + 1)):",
        "if False:",
        TEST_DAYS,
    ),
    Mutant("W2", DAYS, "return number not in table.off and day", "return day", TEST_DAYS),
    Mutant("W3", DAYS, "if number in table.working:", "if False:", TEST_DAYS),
    Mutant(
        "W4",
        DAYS,
        "- self._passed[begin][first]",
        "- self._passed[begin][first] + 1",
        TEST_DAYS,
    ),
    *(
        Mutant(
            f"6.1 {what}",
            "federation/record_key.py",
            old,
            new,
            "tests/federation/test_record_key.py tests/federation/test_comparison.py",
        )
        for what, old, new in (
            ("unified code", "scheme, code = ORGANISATION, code[_WITHIN]", "pass"),
            ("hyphen", '{ord("-"): None} | ', ""),
            ("as it stands", "bare if len(bare) == _ORGANISATION_SIZE else code", "bare"),
        )
    ),
    *(
        Mutant(
            f"6.1 {rule}",
            "federation/comparison.py",
            old,
            new,
            "tests/federation/test_comparison.py",
        )
        for rule, old, new in (
            ("C1 marks", 'frozenset({"Cf", "Mn", "Me"})', "frozenset()"),
            ("C1 table", "kept.upper().translate(_SIMPLE)", "kept.upper()"),
            ("C1 digits", "return str(digit)", "return character"),
            ("C2 circles", "if not run.strip(_CIRCLES)", "if False"),
            ("C2 units", "_UNITS.keys().isdisjoint(run)", "False"),
            ("C2 ten", "(1 if digit is None else digit)", "(digit or 0)"),
            ("C3 zeros", '(token.lstrip("0") or "0")', "token"),
            ("C3 breaks", "[^0-9 号第字{_CIRCLES}]", "[^0-9 {_CIRCLES}]"),
            ("C4", 'f"-{part}" if is_number and before_is_number else part', "part"),
        )
    ),
    Mutant(
        "small order",
        HPKE,
        "_private(bytes(SEALING_KEY_SIZE)).exchange(X25519PublicKey.from_public_bytes(public))",
        "X25519PublicKey.from_public_bytes(public)",
        TEST_HPKE,
    ),
    Mutant("one spelling", HPKE, '"little") >= _PRIME', '"little") >= 2**256', TEST_HPKE),
    Mutant(
        "sealing-key",
        "federation/charters/keys.py",
        "if sealing.suite in SEALING_SUITES:",
        "if sealing.suite in ():",
        "tests/federation/charters/test_rules.py",
    ),
    Mutant(
        "sealing-key shared",
        "federation/charters/keys.py",
        'yield "sealing key", sealing.key',
        'yield "sealing key", sealing.id',
        "tests/federation/charters/test_rules.py",
    ),
    Mutant(
        "sealing-key suites",
        "federation/charters/values.py",
        "(key for key in self.sealing_keys if key.suite in SEALING_SUITES)",
        "iter(self.sealing_keys)",
        "tests/federation/charters/test_rules.py",
    ),
    Mutant(
        "seal alliance",
        SEALING,
        "return LABEL + bytes([use]) + charter",
        "return LABEL + bytes([use])",
        TEST_SEALING,
    ),
    Mutant(
        "seal use",
        SEALING,
        "return LABEL + bytes([use]) + charter",
        "return LABEL + charter",
        TEST_SEALING,
    ),
    Mutant(
        "seal index",
        SEALING,
        'length_prefixed(origin.encode()) + index.to_bytes(8, "big")',
        "length_prefixed(origin.encode())",
        TEST_SEALING,
    ),
    Mutant(
        "seal part",
        SEALING,
        'names + packet + part.to_bytes(4, "big")',
        "names + packet",
        f"{TEST_SEALING} {TEST_PACKETS}",
    ),
    Mutant(
        "seal member",
        SEALING,
        "_begin(Use.OPENING, charter) + place + length_prefixed(receiver.encode())",
        "_begin(Use.OPENING, charter) + place",
        TEST_SEALING,
    ),
    Mutant(
        "seal key",
        SEALING,
        "place = length_prefixed(origin.encode()) + key_id",
        "place = length_prefixed(origin.encode())",
        TEST_SEALING,
    ),
    Mutant(
        "packet.suite",
        "federation/peers/packets.py",
        "if header.suite not in SEALING_SUITES:",
        "if header.suite > 255:",
        TEST_SEALING,
    ),
    Mutant(
        "packet.sender",
        "node/peers/packets.py",
        " or header.charter not in trust.shared_charters(sender.id)",
        "",
        TEST_PACKETS,
    ),
    Mutant(
        "key-copy.suite", SEALING, "if copy.suite not in SEALING_SUITES:", "if False:", TEST_SEALING
    ),
    Mutant(
        "key-copy.unannounced",
        SEALING,
        "if leaf.key_id == copy.key_id and _lasts(leaf, now)",
        "if leaf.key_id == copy.key_id",
        TEST_SEALING,
    ),
    Mutant(
        "key-copy.audience",
        SEALING,
        "if member is None or not any(_is_for(leaf, copy.charter, reader) for leaf in leaves):",
        "if member is None:",
        TEST_SEALING,
    ),
    Mutant(
        "key-copy.mismatch",
        SEALING,
        "if audience_key_id(key) != copy.key_id:",
        "if False:",
        TEST_SEALING,
    ),
    *(
        Mutant(rule, ATTESTATION, old, new, tests)
        for rule, old, new, tests in (
            (
                "H1 form",
                "    if attestation.to_text() != note.text:\n",
                "    if False:\n",
                TEST_ATTESTATION,
            ),
            ("H1 size", "    if len(data) > MAX_BYTES:\n", "    if False:\n", TEST_ATTESTATION),
            (
                "H2",
                "        verify_note(note, keys(attestation.charter, attestation.answerer))\n",
                "        keys(attestation.charter, attestation.answerer)\n",
                TEST_ATTESTATION,
            ),
            ("H3", "    if answered != asked:\n", "    if False:\n", TEST_ATTESTATION),
            ("H4", "attestation.as_of > now + AHEAD_SECONDS", "False", TEST_ATTESTATION),
            (
                "H6",
                "return self.now - self.as_of > days * 86_400",
                "return False",
                TEST_ATTESTATION,
            ),
            (
                "H7 told",
                "        return Said(agreement=Agreement.DIFFERS)\n",
                "        return Said(agreement=Agreement.DIFFERS, code=known.name)\n",
                TEST_ATTESTATION,
            ),
            (
                "H8",
                "self.succeeded or self.registration is Registration.DEREGISTERED",
                "False",
                TEST_ATTESTATION,
            ),
        )
    ),
    Mutant(
        "H5 weighed",
        "node/records/attestations.py",
        "            if not attests(answer.charter, answer.answerer, subject.registered):\n",
        "            if False:\n",
        TEST_FALSE_ATTESTATION,
    ),
    Mutant(
        "H6 catalog",
        CATALOG,
        "return min(said, default=ATTESTATION_DAYS)",
        "return ATTESTATION_DAYS",
        TEST_RECONCILE,
    ),
    Mutant(
        "H6 first",
        RECONCILE,
        "    if attested.older_than(catalog.attestation_days(attested.today)):\n",
        "    if attested.agreement not in _NOT_CERTAIN and attested.older_than("
        "catalog.attestation_days(attested.today)):\n",
        TEST_ATTESTATION,
    ),
    Mutant(
        "H7",
        RECONCILE,
        "    if attested.agreement in _NOT_CERTAIN:\n",
        "    if False:\n",
        TEST_RECONCILE,
    ),
    Mutant(
        "H7 status",
        RECONCILE,
        "    if attested.registration is Registration.UNKNOWN:\n",
        "    if False:\n",
        TEST_RECONCILE,
    ),
    Mutant(
        "H9",
        "node/reconcile/judging.py",
        "        if self.rejected is not None and finding",
        "        if False and finding",
        "tests/scenarios/test_attestation.py",
    ),
    *(
        Mutant(rule, "node/attestation/answers.py", old, new, TEST_FALSE_ATTESTATION)
        for rule, old, new in (
            (
                "H fishing hash",
                "            and hashes[place] == leaves[number].leaf_hash\n",
                "",
            ),
            (
                "H fishing shown",
                "            verify_disclosure(disclosure, entry=shown.leaf, log_key=key)\n",
                "            assert key\n",
            ),
            (
                "H fishing place",
                "leaf_hash(shown.leaf) != leaf.leaf_hash",
                "False",
            ),
            (
                "H fishing audience",
                "not trust.we_may_keep(one.header.kind, audience)",
                "False",
            ),
            ("H budget", "min(items, ITEMS_A_DAY - spent)", "items"),
            (
                "H own region",
                "if faulty or charter not in attests_for(registered):",
                "if faulty:",
            ),
        )
    ),
    Mutant(
        "H erased",
        "adapters/sql/writing.py",
        "for table in (schema.openings, schema.attestations, attested_names):",
        "for table in (schema.openings,):",
        "tests/scenarios/test_attestation.py",
    ),
    *(
        Mutant(f"L14 {what}", file, old, new, SIMILAR_TESTS)
        for what, file, old, new in (
            (
                "listing after",
                HOLDS,
                "if not any(map(may_be_held, rows)) or not session.has_twins():",
                "if True:",
            ),
            ("relief after", RELIEVED, "        changed(session, held)", "        pass"),
            ("relisting", RELIEVED, "self._read_rows_again(session, free)", "pass"),
            ("apart", SIMILAR, "if name not in apart:", "if True:"),
            (
                "persons",
                "node/reconcile/case_desk.py",
                "and verdict == Verdict.USE and users:",
                ":",
            ),
            (
                "anew",
                "federation/reconcile/cases.py",
                "return finding == Finding.SIMILAR and",
                "return False and",
            ),
            (
                "case",
                "node/reconcile/judging.py",
                "result = ours | others | held",
                "result = others",
            ),
            ("ends", "node/relief/suppression_keys.py", "if ended:  #", "if False:  #"),
            (
                "twin ends",
                "adapters/sql/tags.py",
                "(schema.twins, schema.suppressions)",
                "(schema.suppressions,)",
            ),
            ("twin lifted", "adapters/sql/tags.py", "sorted(ended))", "[])"),
            (
                "socket",
                "node/publishing/new_records.py",
                "if standing.similar(facts.key):",
                "if False:",
            ),
        )
    ),
    *(
        Mutant(f"L14 {what}", SIMILAR, old, new, "tests/federation/life/test_similar.py")
        for what, old, new in (
            ("itself", "and twin.record != record", ""),
            ("reach", "and reaches((twin.log, twin.idx), key)", ""),
        )
    ),
    Mutant(
        "F13",
        FEED,
        "if now.similar:",
        "if not now.record_tag:",
        SIMILAR_TESTS,
    ),
    Mutant(
        "F13 word",
        "node/intake/listings.py",
        "session.append_journal(self._told_apart(shown, two_records))",
        "pass",
        SIMILAR_TESTS,
    ),
    *(
        Mutant(f"form {what}", file, old, new, "tests/scenarios/test_tag_upgrade.py")
        for what, file, old, new in (
            ("records", FORMING, "        session.retag(records)", "        pass"),
            (
                "subjects",
                FORMING,
                "session.retag_subjects({f: tag",
                "session.retag_subjects({f: f",
            ),
            ("tags", FORMING, "self._suppressions(session, reliefs)", "pass"),
            ("become one", FORMING, "if become_one:", "if False:"),
            ("holds", FORMING, "self._ledger.relieved.hold_similar(session, reliefs)", "pass"),
            ("feeds", FORMING, "self._feeds(session)\n            for", "for"),
            ("goes on", FORMING, "range(owed[head.log], head.size", "range(0, head.size"),
            (
                "at the start",
                "node/app/wire_log.py",
                ").run()\n    LookupSwitch(",
                ")\n    LookupSwitch(",
            ),
            (
                "former",
                "node/log/chains.py",
                "if former else (record.key,)",
                "if False else (record.key,)",
            ),
            (
                "feed row",
                "node/intake/listings.py",
                "return previous._replace(record_tag=record_tag)",
                "return previous",
            ),
        )
    ),
    *(
        Mutant(rule, "node/platform/outbox_rows.py", old, new, "tests/scenarios/test_undo.py")
        for rule, old, new in (
            ("N1", "Date(row.until), today) not in _ENDED", "Date(row.until), today) in State"),
            ("N2", "return row.kind not in _ABOUT_LISTINGS", "return True"),
            (
                "N3",
                "    if row.state in _UNREAD:\n        return False",
                "    if row.state in _UNREAD:\n        return True",
            ),
            ("N4", "        if state is State.SET_ASIDE:\n            word = withdrawn\n", ""),
            ("N5", "if row.state not in _UNREAD]", "if row.state != State.SET_ASIDE]"),
            ("N6", "return UNDO if undo else word", "return word"),
            ("N7", "in_force(session, read), strict", "read, strict"),
            ("N7 last day", "until = row.until if now is None else now.until", "until = row.until"),
        )
    ),
    Mutant(
        "N8",
        "adapters/sql/outlets.py",
        "query.order_by(c.later, c.log, c.idx)",
        "query.order_by(c.log, c.idx)",
        "tests/scenarios/test_platforms.py",
    ),
    Mutant(
        "N9",
        "node/platform/outbox_job.py",
        "(row.idx < told_to and not _is_ended(row))",
        "row.idx < told_to",
        "tests/scenarios/test_undo.py",
    ),
    Mutant(
        "N10",
        "node/platform/outbox_job.py",
        "            files.replace(head.origin, [row for row in told if row.index in erased])\n",
        "",
        "tests/scenarios/test_canaries.py",
    ),
    *(
        Mutant(rule, "federation/platform/control_totals.py", old, new, TEST_TOTALS)
        for rule, old, new in (
            ("Y1", "_beside(iter(told), _newest(found))", "_beside(iter(told), iter(found))"),
            ("Y2", "self._groups[row.state] = (", 'self._groups["active"] = ('),
            ("Y3", 'f"{row.index} {row.statement_id}\\n"', 'f"{row.statement_id}\\n"'),
            ("Y4", "if other is None and not shows_all:", "if other is None and False:"),
            (
                "Y5",
                "same_state = one.state in (UNKNOWN, other.state)",
                "same_state = one.state == other.state",
            ),
            ("Y6", "if same_state and one.statement_id == other.statement_id:", "if same_state:"),
        )
    ),
    Mutant(
        "certificate ended",
        "node/relief/certificates.py",
        " or listings[0].state not in _ENDED:",
        ":",
        "tests/scenarios/test_repair_certificates.py",
    ),
    Mutant(
        "certificate drawn",
        "node/relief/typesetting.py",
        "or ord(char) in drawn else",
        "or drawn else",
        "tests/scenarios/test_repair_certificates.py",
    ),
    *(
        Mutant(rule, file, old, new, CERTIFIED_TESTS)
        for rule, file, old, new in (
            (
                "CT1 spelling",
                "federation/relief/evidence.py",
                "if _spelt(value) != data:",
                "if False:",
            ),
            (
                "CT1 number",
                "federation/relief/evidence.py",
                '_demand(about["number"] == evidence.number',
                "_demand(True",
            ),
            (
                "CT2 twice",
                "federation/relief/certificate.py",
                "if len({chain.id for chain in chains}) != len(chains):",
                "if False:",
            ),
            (
                "CT3",
                "federation/relief/certificate.py",
                "if not pins or chain.id in pins)",
                "if True)",
            ),
            (
                "CT4",
                "federation/relief/certificate.py",
                '    if key is None:\n        message = f"expected a log that',
                '    if False:\n        message = f"expected a log that',
            ),
            (
                "CT5 independent",
                "federation/relief/certificate.py",
                "trust.independent_keys(origin))\n    return",
                "())\n    return",
            ),
            (
                "CT7",
                "federation/relief/certificate.py",
                "or leaf.header.statement_id != relief.header.about:",
                ":",
            ),
            (
                "CT8 acting",
                "federation/relief/certificate.py",
                "if not (own or acting) or not",
                "if not",
            ),
            (
                "CT8 cut",
                "federation/relief/certificate.py",
                " or not trust.within_cut(relief.origin, relief.index):",
                ":",
            ),
            (
                "CT9 own",
                "federation/relief/certificate.py",
                "isinstance(receipt, Receipt) and receipt.origin not in trust.chain(leaf.origin):",
                "isinstance(receipt, Receipt):",
            ),
            (
                "CT9 about",
                "federation/relief/certificate.py",
                '    if not found:\n        message = (\n            f"expected a receipt',
                '    if False:\n        message = (\n            f"expected a receipt',
            ),
            (
                "CT10",
                "federation/relief/certificate.py",
                "    _check_one_history(evidence, note)\n",
                "    pass\n",
            ),
            (
                "CT11 incomplete",
                "federation/relief/certificate.py",
                "return Proved.INCOMPLETE if self.lifted.proved_at is None else Proved.PROVED",
                "return Proved.PROVED",
            ),
            (
                "CT12 lifted",
                "federation/relief/certificate.py",
                "trust.chain(origin), listing, ReceiptOutcome.LIFTED)",
                "trust.chain(origin), relief, ReceiptOutcome.APPLIED)",
            ),
            (
                "CT12 earliest",
                "federation/relief/certificate.py",
                "return min(proved, key",
                "return max(proved, key",
            ),
            (
                "CT13 key kept",
                "federation/relief/document_keys.py",
                "(good if before else doubtful)[key] = None",
                "good[key] = None",
            ),
            (
                "CT13 old key",
                "federation/relief/document_keys.py",
                "(good if before else doubtful)[key] = None",
                "pass",
            ),
            (
                "CT13 by",
                "federation/relief/document_keys.py",
                "if by in one.origins for key",
                "if True for key",
            ),
            (
                "CT15 size",
                "federation/relief/audit_note.py",
                "    if size <= index:",
                "    if False:",
            ),
            (
                "CT15 text",
                "federation/relief/audit_note.py",
                "if not right or format_audit_note(note) != text:",
                "if not right:",
            ),
            (
                "CT15 signed",
                "federation/relief/audit_note.py",
                "key = verify_note(signed, list(keys))[0]",
                "key = next(iter(keys))",
            ),
            (
                "CT14",
                "node/relief/certificate_check.py",
                '.removesuffix(b"\\n") != document.unsealed:',
                '.removesuffix(b"\\n") != document.unsealed and False:',
            ),
        )
    ),
    *(
        Mutant(rule, f"{place}.py", old, new, f"tests/node/audit/test_monitor{tests}.py")
        for rule, place, old, new, tests in (
            (
                "MO1",
                "federation/audit/watching",
                "if frontier.root() != signed.checkpoint.root:",
                "if False:",
                "ing",
            ),
            ("MO2", "federation/audit/watching", "    if shown < size:", "    if False:", "ing"),
            (
                "MO3",
                "federation/audit/watching",
                "if signed.checkpoint.root != watched.frontier.root():",
                "if False:",
                "ing",
            ),
            (
                "MO3 smaller",
                "federation/audit/watching",
                "        return _older(watched, signed, (*others, source), key)",
                "        return Visit(what=What.OLDER, watched=watched, shown=shown)",
                "ing",
            ),
            (
                "MO4 ahead",
                "federation/audit/watching",
                "at = max(others)",
                "at = min(others)",
                "ing",
            ),
            (
                "MO4 behind",
                "federation/audit/watching",
                "_times(held, trust.head_keys(origin), trust",
                "_times(held, trust.independent_keys(origin), trust",
                "ing",
            ),
            (
                "MO4 receipts",
                "federation/audit/watching",
                "            self.reader.add(noted)\n",
                "",
                "ing",
            ),
            (
                "MO5",
                "federation/audit/watching",
                "elif peek_checkpoint(mine).root != point.root:",
                "elif False:",
                "ing",
            ),
            (
                "MO5 trees",
                "federation/audit/watching",
                "        forks += more or ()\n",
                "",
                "ing",
            ),
            (
                "MO5 proof",
                "federation/audit/watching",
                "    except ProofError:\n        prefix",
                "    except FormatError:\n        prefix",
                "ing",
            ),
            (
                "MO6 pin",
                "node/audit/monitor_state",
                "if set(state.pins) != set(pins):",
                "if False:",
                "_state",
            ),
            ("MO6 link", "node/audit/monitor_state", "os.O_NOFOLLOW | ", "", "_state"),
            (
                "MO6 mode",
                "node/audit/monitor_state",
                "or status.st_mode & 0o022",
                "",
                "_state",
            ),
            (
                "MO6 form",
                "node/audit/monitor_state",
                "(name, frontier.size, frontier.root()):",
                "(name, frontier.size, point.root):",
                "_state",
            ),
            (
                "MO8",
                "node/audit/monitoring",
                '            except CryptoError as error:\n                message = f"{source.name} shows',
                '            except KeyError as error:\n                message = f"{source.name} shows',
                "ing",
            ),
            (
                "MO8 answered",
                "node/audit/monitoring",
                "        if not isinstance(error, OtherwiseError):\n",
                "        if True:\n",
                "ing",
            ),
            (
                "MO8 down",
                "node/audit/monitoring",
                "            self._down.add(name)\n",
                "            pass\n",
                "ing",
            ),
            (
                "MO10",
                "node/audit/monitoring",
                "    if len(clocks) == 1:",
                "    if not clocks:",
                "ing",
            ),
            (
                "MO11",
                "node/audit/timed_source",
                "        if self.spent[self.name] >= self.seconds:",
                "        if self.seconds < 0:",
                "ing",
            ),
            (
                "MO11 whose",
                "node/audit/monitoring",
                "error.source if isinstance(error, SlowError) else source.name",
                "source.name",
                "ing",
            ),
            ("MO9", "node/audit/monitoring", "if _stands(one, trust)", "if True", "ing"),
            (
                "MO9 taken",
                "node/audit/monitoring",
                "            longer = advance(chain, data)\n",
                "            longer = chain\n",
                "ing",
            ),
            (
                "MO9 cut",
                "node/audit/monitoring",
                "        yield from self._beyond(watched, trust)\n",
                "        yield from ()\n",
                "ing",
            ),
        )
    ),
    Mutant(
        "MO7",
        "node/cli/monitor.py",
        "        if told.state != self._kept:\n            with",
        "        if self._report is not None:\n"
        "            self._write(self._report, _json(report_document(told)))\n"
        "        if told.state != self._kept:\n            with",
        "tests/scenarios/test_monitor_commands.py",
    ),
    *(
        Mutant(
            rule,
            "federation/audit/following.py",
            old,
            new,
            "tests/federation/audit/test_following.py",
        )
        for rule, old, new in (
            (
                "FO1",
                "if fetched.frontier.root() != new.checkpoint.root:",
                "if False:",
            ),
            ("FO2", "    if shown < size:", "    if False:"),
            (
                "FO3",
                "if old.checkpoint.root != new.checkpoint.root:",
                "if False:",
            ),
            (
                "FO4",
                "    fetched.keep()\n",
                "    copy.put(CHECKPOINT, note.to_bytes())\n    fetched.keep()\n",
            ),
            (
                "FO5",
                "        if wrong is not None:\n",
                "        if False:\n",
            ),
        )
    ),
    *(
        Mutant(rule, f"{place}.py", old, new, AUDIT_TESTS)
        for rule, place, old, new in (
            (
                "AD1",
                "federation/audit/pinned",
                "wrong = errors[path]",
                "break",
            ),
            (
                "AD1 name",
                "federation/audit/pinned",
                'if path not in (f"{CHARTERS}/{pin.hex()}/{name}" for name in expected):',
                "if False:",
            ),
            (
                "AD2 elsewhere",
                "federation/audit/log_facts",
                "Weight.INCOMPLETE if elsewhere else Weight.FINDING",
                "Weight.FINDING",
            ),
            (
                "AD2 pin",
                "federation/audit/pinned",
                'found.append(_found(Weight.INCOMPLETE, "charter.missing", message, export))',
                "pass",
            ),
            (
                "AD2 log",
                "node/audit/reading",
                '            self._find(\n                "log.not-in-charter",',
                '            str(\n                "log.not-in-charter",',
            ),
            (
                "AD3",
                "federation/audit/log_facts",
                'return "" if code in _KIND_MAY or kind == 0 else code',
                'return ""',
            ),
            (
                "AD4 ahead",
                "federation/audit/log_facts",
                "if by is not None and issued > by + AHEAD_SECONDS:",
                "if False:",
            ),
            (
                "AD4 all",
                "federation/audit/log_facts",
                "facts.not_before(index), facts.said_by_all(index)",
                "facts.not_before(index), facts.said_at(index)",
            ),
            (
                "AD4 behind",
                "federation/audit/log_facts",
                "elif before is not None and issued < before - BEHIND_SECONDS:",
                "elif False:",
            ),
            (
                "AD5 own",
                "federation/audit/log_facts",
                "if receipt.origin in self._own:",
                "if False:",
            ),
            (
                "AD5 contradicts",
                "federation/audit/log_facts",
                "if said.setdefault(index, batch.outcome) != batch.outcome:",
                "if False:",
            ),
            (
                "AD6",
                "federation/audit/alliance",
                "            *self._trust.acted_for(facts.origin, act.place),\n",
                "            *self._logs,\n",
            ),
            (
                "AD7 late",
                "federation/audit/alliance",
                "        if done is not None and late:",
                "        if done is not None:",
            ),
            (
                "AD7 known",
                "federation/audit/alliance",
                "                    heard_until=facts.signed_on,\n",
                "                    heard_until=Timestamp(1 << 40),\n",
            ),
            (
                "AD7 shown",
                "federation/audit/alliance",
                "            if not any(told.outcome in _RELIEVED for told in of_listing):",
                "            if not any(told.outcome in _TAKEN_UP for told in of_listing):",
            ),
            (
                "AD7 accused",
                "federation/audit/alliance",
                "            if member.member in taken_up:\n",
                "            if member.member:\n",
            ),
            (
                "AD8 ground",
                "federation/audit/alliance",
                "needed is None or self._ended.get(place):",
                "True:",
            ),
            (
                "AD8 elsewhere",
                "federation/audit/alliance",
                "        if elsewhere:",
                "        if False:",
            ),
            (
                "AD9 kind",
                "federation/audit/alliance",
                "if receipted(act.header.kind):",
                "if True:",
            ),
            (
                "AD9 beyond",
                "federation/audit/alliance",
                "if index >= log.size:",
                "if False:",
            ),
            (
                "AD10 closed",
                "federation/audit/alliance",
                "if act.place + 1 < facts.size:",
                "if False:",
            ),
            (
                "AD10 before",
                "federation/audit/alliance",
                "elif before.size < said.size:",
                "elif False:",
            ),
            (
                "AD10 root",
                "federation/audit/alliance",
                "elif self._root(said.origin, said.size) != said.root:",
                "elif False:",
            ),
            (
                "AD11",
                "federation/audit/histories",
                "if root == point.root:",
                "if True:",
            ),
            (
                "AD12",
                "federation/audit/histories",
                "    if not found:\n        return []\n    latest",
                "    if found:\n        return []\n    latest",
            ),
            (
                "AD12 one of several",
                "federation/audit/histories",
                "weight=Weight.FINDING if by_all else Weight.INCOMPLETE",
                "weight=Weight.FINDING",
            ),
            (
                "AD13 digest",
                "node/audit/audit_files",
                "elif sha256(data).digest() != sums[path]:",
                "elif False:",
            ),
            (
                "AD11 query log",
                "node/audit/verifying",
                "if other.signed.checkpoint.root != point.root:",
                "if False:",
            ),
            (
                "AD14 query log",
                "node/audit/reading",
                "            if (line.name, line.key_id) not in names:",
                "            if False:",
            ),
            (
                "AD15",
                "federation/audit/log_facts",
                "if code and code != self._may.get((bisect_right(self._borders, index), kind)):",
                "if False:",
            ),
            (
                "AD15 pinned",
                "federation/audit/log_facts",
                "if facts.audience is not None and not self._charters.issuperset(",
                "if facts.audience is None and not self._charters.issuperset(",
            ),
            (
                "AD13 many",
                "node/audit/audit_files",
                "if len(self._beside) > MAX_BESIDE:",
                "if False:",
            ),
            (
                "AD17",
                "federation/audit/mirrors",
                "if later == len(firsts) or firsts[later].at + BEHIND_SECONDS > line.at:",
                "if True:",
            ),
            (
                "AD17 a day",
                "federation/audit/mirrors",
                "if later == len(firsts) or firsts[later].at + BEHIND_SECONDS > line.at:",
                "if later == len(firsts):",
            ),
            (
                "AD15 smaller copy",
                "node/audit/verifying",
                "    new = set(other.handed) - set(facts.handed)",
                "    new = set[int]()",
            ),
            (
                "AD16 together",
                "node/audit/log_seen",
                "if data is None and lies_before(path, self._since):",
                "if False:",
            ),
            (
                "AD16 alone",
                "node/audit/reading",
                "if (lacks := continued.lacks()) is not None:",
                "if (lacks := continued.lacks()) is None:",
            ),
            (
                "AD14",
                "node/audit/reading",
                "[line for line in lines if line not in names][:SHOWN]",
                "()",
            ),
        )
    ),
    *(
        Mutant(rule, f"{place}.py", old, new, "tests/federation/audit/test_alliance_report.py")
        for rule, place, old, new in (
            (
                "AR1 month",
                "federation/audit/months",
                "        if max(noted.issued) < self._ends:",
                "        if True:",
            ),
            (
                "AR2 listing",
                "federation/audit/alliance_report",
                "if log.months.kinds[index] not in LISTED_KINDS:",
                "if False:",
            ),
            (
                "AR2 newest",
                "federation/audit/alliance_report",
                "newest = max(judged,",
                "newest = min(judged,",
            ),
            (
                "AR3",
                "federation/audit/alliance_report",
                "    Verdict.UNKNOWN: Name.NOT_KNOWN,",
                "    Verdict.UNKNOWN: Name.LATE,",
            ),
            (
                "AR4",
                "federation/audit/alliance_report",
                "begin = max(before, default=min((note.size for note in log.notes), default=0))",
                "begin = max(before, default=0)",
            ),
            (
                "AR5",
                "federation/audit/alliance_report",
                "(member.member, min(lifted)) if lifted else None,",
                "None,",
            ),
            (
                "AR6 sum",
                "federation/audit/small_counts",
                "while withheld and sum(numbers[n] for n in withheld) < THRESHOLD:",
                "while False:",
            ),
            (
                "AR6 total",
                "federation/audit/small_counts",
                "if 0 < total < THRESHOLD or None in withheld:",
                "if False:",
            ),
        )
    ),
    *(
        Mutant(rule, f"{file}.py", old, new, f"tests/{tests}.py")
        for file, tests, changes in (
            (
                "federation/relief/displays",
                "federation/relief/test_displays",
                (
                    ("TP1 batch", "1 <= len(rows) <= ROWS_MAX", "rows"),
                    ("TP1 fields", " or set(raw) - set(_FIELDS)", ""),
                    ("TP1 code", "    if wrong:\n", "    if False:\n"),
                    ("TP1 document", "len(document) > DOCUMENT_LONGEST or ", ""),
                    ("TP1 list", "if list_type and not _LIST(list_type):", "if False:"),
                    ("TP2", "_ID_NUMBER(text.upper()) for text in", "False for text in"),
                    ("TP2 former", "(wrong and _FORMER_ID_NUMBER(code)) or ", ""),
                    (
                        "TP3",
                        "    if not ended:\n        return None\n",
                        "    if not ended:\n        pass\n",
                    ),
                    ("TP4 relief", "    if relieved:\n", "    if len(relieved) == len(copies):\n"),
                    (
                        "TP4 expired",
                        "if not over or any(state in STANDING for state, _ in states):",
                        "if not over:",
                    ),
                    (
                        "TP4 ambiguous",
                        "return any(copy.state in STANDING for copy in copies)",
                        "return False",
                    ),
                    ("TP5", "min(days, default=Date(0))", "max(days, default=Date(0))"),
                    ("TP5 expired", "add_days(last, 1)", "last"),
                    ("TP6 late", "return 0 < due_on < ", "return due_on < "),
                ),
            ),
            (
                "node/relief/displays",
                "scenarios/test_displays",
                (
                    ("TP6 first", "first = min(same or pending,", "first = min(same,"),
                    ("TP7 own", "if found is None or found.party != party:", "if found is None:"),
                    (
                        "TP7 told",
                        "right = [row for row in rows if row in told_of]",
                        "right = [row for row in rows if row in told_of or row == 9]",
                    ),
                    ("TP7 again", "int(bool(told_before)) if first", "0 if first"),
                    (
                        "TP8",
                        "        remove_open(writes, batch.party, set(tags.values()) - owed)\n",
                        "",
                    ),
                    (
                        "TP3 recorded",
                        "Subject(code=row.code) for row in part",
                        "Subject(code=str(row.row)) for row in part",
                    ),
                ),
            ),
            (
                "adapters/sql/displays",
                "scenarios/test_displays",
                (
                    (
                        "TP7 kept",
                        "            .values(acknowledged_at=at)",
                        "            .values(acknowledged_at=display_rows.c.told_at)",
                    ),
                ),
            ),
            (
                "node/relief/displayed_records",
                "scenarios/test_displays",
                (
                    (
                        "TP4 fits",
                        "        return tag == held.record_tag\n",
                        "        return bool(tag)\n",
                    ),
                    ("TP4 list", 'if row.list_type not in ("", held.list_type):', "if False:"),
                ),
            ),
            (
                "federation/screening/roles",
                "node/test_access_matrix",
                (
                    (
                        "TP9",
                        "    Role.THIRD_PARTY: frozenset({Action.DISPLAYS}),",
                        "    Role.THIRD_PARTY: frozenset({Action.DISPLAYS, Action.MATTERS}),",
                    ),
                ),
            ),
            (
                "node/access/admitting",
                "node/access/test_admitting",
                (
                    (
                        "AC9 rows",
                        "self._check_budget(credential, live, rows)",
                        "self._check_budget(credential, live)",
                    ),
                ),
            ),
        )
        for rule, old, new in changes
    ),
    *(
        Mutant(
            rule,
            "federation/screening/questions.py",
            old,
            new,
            "tests/federation/screening/test_questions.py",
        )
        for rule, old, new in (
            ("CK1", "if not isinstance(value, str):", "if value is None:"),
            ("CK2", "if len(value) > RAW_LONGEST:", "if False:"),
            ("CK2", "1 <= len(text) <= CASE_NO_LONGEST", "True"),
            ("CK2", "text in PURPOSES", "True"),
            ("CK3", "changes=(_seen, _plain, _closed, _upper)", "changes=()"),
            (
                "CK3",
                "changes=(_seen, _trimmed),\n        right=lambda text: len(text) <= NAME",
                "changes=(),\n        right=lambda text: len(text) <= NAME",
            ),
            ("CK3", 'changed.append(f"{name}:{how}")', "pass"),
            ("CK4", 'if _is_person(texts.get("code", "")) or _PERSON', "if _PERSON"),
            ("CK4", "if _FORMER_PERSON.fullmatch(code):", "if False:"),
        )
    ),
    *(
        Mutant(
            rule,
            "federation/recognition/entitlement.py",
            old,
            new,
            "tests/federation/recognition/test_entitlement.py",
        )
        for rule, old, new in (
            ("BN1", "if code := not_had(offered, place, day):", "if code := offered.refused:"),
            ("BN1", "if offered.refused:", "if offered.unsettled:"),
            ("BN1", "if 0 < offered.until < day:", "if False:"),
            ("BN1", "if offered.own and places and not", "if places and not"),
            ("BN1", "Result.UNDECIDED if offered.unsettled else Result.NOT", "Result.NOT"),
            ("BN1", "unsettled=standing.action is Stands.ASK_AGAIN,", ""),
            ("BN1", 'refused="" if standing.holds else standing.code,', ""),
            (
                "BN2",
                "kind in kinds for kind in self.facts.kinds",
                "True for kind in self.facts.kinds",
            ),
            ("BN2", "if not may_be or any(may_be) or", "if not may_be or"),
            ("BN2", "if may_be and all(may_be):", "if any(may_be):"),
            ("BN2", "any(may_be) or SubjectKind.UNSPECIFIED in kinds:", "any(may_be):"),
            ("BN3", "if facts.uncertain:", "if False:"),
            ("BN4", '("further", offered.further, offered.further_text),', ""),
            ("BN4", "parts.append(_Settled(UNDECIDED))", "pass"),
            ("BN5", "if self.purpose in one.purposes and self._lasts(one.until)", ""),
            ("BN5", "            and self._lasts(one.until)\n", ""),
            ("BN5", "one.commitment_type == wanted and self.purpose in one.purposes", "True"),
            (
                "BN5",
                "return not until or self.day <= until",
                "return not until or self.day < until",
            ),
            (
                "BN6",
                "[one for one in named if one.weight is Weight.COUNTS]",
                "named",
            ),
            (
                "BN6",
                "sure = [one for one in enough if one.weight is Weight.COUNTS]",
                "sure = enough",
            ),
            (
                "BN6",
                "return _Answer(NO) if self.facts.complete else _Answer(UNDECIDED, UNHEARD)",
                "return _Answer(NO)",
            ),
            (
                "BN6",
                "return _Answer(UNDECIDED, IN_DOUBT, of=found)\n        return _Answer(NO)",
                "return _Answer(NO)\n        return _Answer(NO)",
            ),
            ("BN7", "test.edition, self.facts.equivalences)", "test.edition, ())"),
            (
                "BN7",
                "test.method, test.edition, self.facts",
                "test.method, one.edition, self.facts",
            ),
            ("BN8", "            and test.measure in one.measures\n", ""),
            (
                "BN8",
                (
                    "        if found:\n            return _Answer(UNDECIDED, IN_DOUBT, of=found)\n"
                    "        return _Answer(YES)"
                ),
                "        return _Answer(YES)",
            ),
            ("BN9", "        if overdue:\n", "        if False:\n"),
            ("BN9", "not one.performed and 0 < one.due_on < self.day", "not one.performed"),
            ("BN10", "return max(one.until for one in parts if one.decision is decisive)", "pass"),
            (
                "BN10",
                "return _Settled(OPPOSITE[within.decision], within.until)",
                "return _Settled(OPPOSITE[within.decision])",
            ),
            ("BN10", "(offered.until, scenario.valid_until) if day", "(offered.until,) if day"),
        )
    ),
    *(
        Mutant(
            rule,
            "federation/recognition/scenarios.py",
            old,
            new,
            "tests/federation/recognition/test_scenarios.py",
        )
        for rule, old, new in (
            ("SN1", "if found := _PERSONS.search(text):", "if found := None:"),
            ("SN2", "if found := _SCORES.search(text):", "if found := None:"),
            ("SN2 scale", "_NUMBER.fullmatch(grade) for grade in", "None for grade in"),
            ("SN3", "if not unknown and not satisfiable(", "if False and satisfiable("),
            ("SN4", "if test.at_least not in scales.get(", "if None in scales.get("),
            ("SN4 twice", "if (scale.method, scale.edition) in seen:", "if False:"),
            (
                "SN5",
                "case OnList() if catalog.punishes(test.list_type):",
                "case OnList() if False:",
            ),
            ("SN5 listed", "if not catalog.punishes(list_type):", "if False:"),
            ("SN6", "    if negated:\n", "    if False:\n"),
            ("SN6 twice", "negated=not negated", "negated=True"),
            ("SN7", "elif not _may_follow(", "elif False and _may_follow("),
            ("SN7 choice", "one.measure_class != OF_CHOICE and", ""),
            ("SN7 list", "and measure in (entry.item.measures or ())", ""),
            ("SN8", "if 0 < last < max(first, today):", "if 0 < last < first:"),
            ("SN8 order", "if 0 < last < max(first, today):", "if 0 < last < today:"),
            (
                "SN8 closed",
                "if action == ScenarioAction.CLOSED:\n        return ()",
                "if False:\n        return ()",
            ),
            (
                "SN9",
                "unknown = True\n                yield Fault(",
                "unknown = True\n                False and Fault(",
            ),
            ("SN10", "return max(closed or words,", "return max(words,"),
            ("SN10 place", "return self.epoch, self.index", "return self.index, self.epoch"),
            ("SN11", "if word.scenario.valid_from > day:", "if False:"),
            ("SN11 end", "if 0 < word.scenario.valid_until < day", "if False"),
        )
    ),
    *(
        Mutant(
            rule,
            "federation/recognition/satisfiable.py",
            old,
            new,
            "tests/federation/recognition/test_scenarios.py",
        )
        for rule, old, new in (
            (
                "SN3 regions",
                "return not one.yes or not _two_regions(one.test, other.test)",
                "return True",
            ),
            ("SN3 kinds", "and bool(self._kinds_left(way))", ""),
            ("SN3 grades", "<= scale.index(denied.at_least)", "> scale.index(denied.at_least)"),
            ("SN3 lists", "return m == n and set(few) <= set(many)", "return False"),
        )
    ),
    *(
        Mutant(
            rule,
            "federation/recognition/known.py",
            old,
            new,
            "tests/federation/recognition/test_known.py",
        )
        for rule, old, new in (
            ("SN10 direct", "if one not in passed and direct(at, one)", "if one not in passed"),
            ("SN10 loop", "if one not in passed and direct", "if direct"),
            ("SN10 texts", "node=node_of(place[0])", "node=place[0]"),
            ("RG10 leaf", "and by_place[place].leaf_hash == named.leaf_hash", ""),
        )
    ),
    *(
        Mutant(
            rule,
            "federation/recognition/recognitions.py",
            old,
            new,
            "tests/federation/recognition/test_recognitions.py",
        )
        for rule, old, new in (
            ("SN12", "if state is ScenarioState.UNREAD:", "if False:"),
            ("SN12 said", " or said.named.unread:", ":"),
            ("RG1", "    if said.own:\n", "    if False:\n"),
            ("RG1 stands", "    if own:\n", "    if False:\n"),
            ("RG2", "if not offered or not set(", "if not set("),
            (
                "RG2 named",
                "if not offered or not set(said.recognition.charters) <= offered:",
                "if not offered:",
            ),
            ("RG3", "if state is ScenarioState.CLOSED:", "if False:"),
            ("RG3 over", "elif state is ScenarioState.OVER:", "elif False:"),
            (
                "RG3 newest",
                "elif said.named != newest(said.scenario) or said.named.unread:",
                "elif False:",
            ),
            ("RG3 accepted", "if said.action is not RecognitionAction.ACCEPTED:", "if False:"),
            ("RG4", "if not recognition.reason.strip():", "if False:"),
            ("RG5", "and recognition.effective_on < first:", "and False:"),
            ("RG6", "if current is None or _is_over(current, today):", "if current is None:"),
            ("RG6 nothing", "if current is None or _is_over", "if current and _is_over"),
            (
                "RG6 announced",
                "word.action is RecognitionAction.ENDED and word.counts_from <= today",
                "word.action is RecognitionAction.ENDED",
            ),
            ("RG5 sooner", "and sooner and recognition.valid_until < last:", "and False:"),
            ("RG5 declined", "if stands.action is Stands.ACCEPTED:", "if False:"),
            ("RG7", "if said.recognition.further is not None:", "if False:"),
            ("RG7 scales", "scales = {**said.own_scales, **brought}", "scales = {**brought}"),
            (
                "RG10",
                "return max(self.recognition.effective_on, self.said_on)",
                "return self.said_on",
            ),
            (
                "RG10 said",
                "return max(self.recognition.effective_on, self.said_on)",
                "return self.recognition.effective_on",
            ),
            ("RG10 last", "word = max(counting, key=lambda one: one.place)", "word = counting[0]"),
            ("RG11", "if 0 < word.recognition.valid_until < day:", "if False:"),
            (
                "RG12",
                "if (offered & set(word.recognition.charters) if word.recognition.charters else offered)",
                "if offered",
            ),
            (
                "RG12 offered",
                "offered = shared & set(text.scenario.charters) if text.scenario.charters else shared",
                "offered = shared",
            ),
            ("RG13", "if state is not ScenarioState.IN_FORCE:", "if False:"),
            (
                "RG14",
                "if not named or not carries_over(named[0].scenario, text.scenario):",
                "if not named:",
            ),
            ("RG14 other", "if not named or not", "if named and not"),
            ("RG14 gives", "set(later.benefits) == set(accepted.benefits)", "True"),
            ("RG14 kinds", "and set(later.subject_kinds) == set(accepted.subject_kinds)", ""),
            ("RG14 places", "and set(later.places) == set(accepted.places)", ""),
            ("RG14 asks", "and later.condition == accepted.condition", ""),
            ("RG14 words", "and later.conditions_text == accepted.conditions_text", ""),
            ("RG14 scales", "and later.scales == accepted.scales", ""),
            ("RG14 provider", "and later.provider == accepted.provider", ""),
            ("RG14 longer", "and _no_later(later.valid_until, accepted.valid_until)", ""),
            ("RG15", "to_come = [one for one in holding if one.counts_from > day]", "to_come = []"),
            ("RG15 place", "        if later.place > word.place:\n", "        if True:\n"),
            ("RG15 over", "            break\n", "            pass\n"),
        )
    ),
    *(
        Mutant(rule, file, old, new, "tests/scenarios/test_recognition.py")
        for rule, file, old, new in (
            (
                "SN ways in",
                "node/publishing/registry.py",
                "        self._scenarios.check(session, action, about, payload)\n        if isinstance(payload, Listed)",
                "        if isinstance(payload, Listed)",
            ),
            (
                "SN ours",
                "node/publishing/scenarios.py",
                "if known is None or known.node != self._known.node(self._own):",
                "if known is None:",
            ),
            (
                "SN newest",
                "node/publishing/scenarios.py",
                "if newest.statement_id == about and newest.action",
                "if newest.action",
            ),
            (
                "RG leaf",
                "node/publishing/scenarios.py",
                "if found is None or found[1].leaf_hash != recognition.scenario.leaf_hash:",
                "if found is None:",
            ),
            (
                "RG8",
                "federation/reconcile/own_lists.py",
                "check_said(payload.equivalences, catalog, day)",
                "pass",
            ),
        )
    ),
    Mutant(
        "SN files",
        "node/publishing/registry.py",
        '        self._scenarios.check(session, action, about or b"", payload)\n',
        "",
        "tests/scenarios/test_scenario_commands.py",
    ),
    *(
        Mutant(rule, file, old, new, "tests/adapters/files/test_file_conditions.py")
        for rule, file, old, new in (
            ("K1 files", "adapters/files/_conditions.py", "if depth > DEPTH_MAX or", "if"),
            ("K2 files", "adapters/files/_conditions.py", "or self._count > CONDITIONS_MAX:", ":"),
            (
                "F52 period",
                "adapters/files/_incentive_table.py",
                "document |= _period(",
                "document | _period(",
            ),
            (
                "F52 codes",
                "adapters/files/_incentive_table.py",
                "if len(codes) in (0, 1, len(texts)):",
                "if True:",
            ),
            (
                "F52 lists",
                "adapters/files/_incentive_table.py",
                'document["condition"] = [*_parts(_WORDS, row.get("lists", ""))]',
                "pass",
            ),
            (
                "F52 places",
                "adapters/files/_conditions.py",
                "code = names.get(text, text)",
                "code = text",
            ),
        )
    ),
    *(
        Mutant(
            rule,
            "federation/recognition/uses.py",
            old,
            new,
            "tests/federation/recognition/test_uses.py",
        )
        for rule, old, new in (
            ("BU1", "if result not in (Result.ENTITLED, Result.UNDECIDED):", "if False:"),
            ("BU1", "(Result.ENTITLED, Result.UNDECIDED)", "(Result.ENTITLED,)"),
            ("BU2", "if not answered_on <= used_on <= today:", "if used_on > today:"),
            ("BU2", "answered_on <= used_on <= today", "answered_on <= used_on"),
            ("BU3", "(one.speaker, one.case_id): one for one", "id(one): one for one"),
            ("BU3", "(one.speaker, one.case_id): one for one", "one.case_id: one for one"),
        )
    ),
    *(
        Mutant(rule, f"node/recognition/{file}", old, new, "tests/scenarios/test_benefits.py")
        for rule, file, old, new in (
            (
                "BN1",
                "benefit_desk.py",
                "return not not_had(offered,",
                "return True or not_had(offered,",
            ),
            (
                "BN3",
                "benefit_reading.py",
                "sound = [one for one in asked if not code_fault(one.scheme, one.code)]",
                "sound = list(asked)",
            ),
            (
                "BN6",
                "benefit_reading.py",
                "complete=all(log.state is LogState.OK for log in coverage)",
                "complete=False",
            ),
            (
                "BN11",
                "benefit_reading.py",
                "against=obstacles(asked, subject.records, subject.identity, catalog, today)",
                "against=()",
            ),
            (
                "BN13",
                "promises.py",
                "newest[speaker, payload.commitment_type, payload.made_on]",
                "newest[speaker, payload.commitment_type, row.idx]",
            ),
            ("BU1", "use_desk.py", "        if told is not None:\n", "        if False:\n"),
            (
                "BU1",
                "use_desk.py",
                "(bool(asker.department) and check.department == asker.department)",
                "True",
            ),
            ("BU1", "use_desk.py", "or benefit_check(writes, number) is None", ""),
            (
                "BU2",
                "use_desk.py",
                "        check_use(check.result,",
                "        0 and check_use(check.result,",
            ),
            (
                "BU4",
                "use_desk.py",
                "or not (heads[place[0]].ours or found[0].node in ours)",
                "",
            ),
            ("CK13", "use_saying.py", "if use.statement_id not in there", ""),
            (
                "CK14",
                "benefit_recording.py",
                "                answer_again(writes, check)\n",
                "",
            ),
        )
    ),
    *(
        Mutant(
            rule,
            "federation/recognition/obstacles.py",
            old,
            new,
            "tests/federation/recognition/test_obstacles.py",
        )
        for rule, old, new in (
            (
                "BN11",
                "return active and is_severe(one) and PUNISHING in one.purposes",
                "return active",
            ),
            ("BN11", "active = one.state is State.ACTIVE and bool(one.until)", "active = True"),
            ("BN11", "if entry is not None and entry.confirmed:", "if entry is not None:"),
            ("BN11", "punishes_severely(content.list_type, entry.item.tier) and", ""),
            ("BN11", "entry.item.tier) and day <= last:", "entry.item.tier):"),
            ("BN11", "tuple(one for one in made if one.measures)", "tuple(made)"),
            ("BN12", "if not counts(one, PUNISHING):", "if False:"),
            ("BN12", "if known is None or known.outcome not in _NOTHING:", "if True:"),
            ("BN12", "yield one, Weight.DOUBT, OBJECTION", 'yield one, Weight.COUNTS, ""'),
            ("BN12", "yield one, Weight.DOUBT, reasons[0].code", 'yield one, Weight.COUNTS, ""'),
            (
                "BN12",
                "yield one, Weight.DOUBT, PREDECESSOR",
                "yield one, Weight.COUNTS, PREDECESSOR",
            ),
            ("BN12", "or counts_as(one, PUNISHING, CEASED)", ""),
            ("BN12", "if identity.known is None and not any", "if not any"),
            (
                "BN12",
                "and not any(is_severe(o) and counts(o, PUNISHING) for o in records)",
                "",
            ),
            ("BN12", "yield one, Weight.DOUBT, SAME_NAME", "yield one, Weight.COUNTS, SAME_NAME"),
        )
    ),
    *(
        Mutant(rule, file, old, new, "tests/federation/screening/test_checks.py")
        for file, rule, old, new in (
            (HELD_RECORDS, "CK5", "one.state is State.ACTIVE and", ""),
            (HELD_RECORDS, "CK5", "and one.rule == rule", ""),
            (HELD_RECORDS, "CK5", "and purpose in one.purposes", ""),
            (HELD_RECORDS, "CK5", "(one.ours and one.finding == Finding.NONE)", "one.ours"),
            (
                HELD_RECORDS,
                "CK5",
                "(one.ours and one.finding == Finding.NONE)",
                "one.finding == Finding.NONE",
            ),
            (HELD_RECORDS, "CK5", "known.outcome is Outcome.APPLIED", "True"),
            (HELD_RECORDS, "CK6", "and one.content.tier is Tier.SEVERE", ""),
            (
                CHECK_RULES,
                "CK7",
                "found.setdefault(one.record, one)",
                "found[bytes([len(found)])] = one",
            ),
            (
                CHECK_RULES,
                "CK7",
                "(copy for copy in copies if copy.record == one.record)",
                "copies",
            ),
            (
                NAMED_SUBJECT,
                "CK8",
                "if fault := code_fault(asked.scheme, asked.code):",
                "if fault := '':",
            ),
            (NAMED_SUBJECT, "CK8", "if not agrees(asked.name, known):", "if False:"),
            (NAMED_SUBJECT, "CK8", "if known.ceased:", "if False:"),
            (NAMED_SUBJECT, "CK8", "changed_hands(asked.name, known):", "False:"),
            (
                NAMED_SUBJECT,
                "CK8",
                "if normal_name(name := one.content.subject.name) != said",
                "if False",
            ),
            (
                NAMED_SUBJECT,
                "CK9",
                "return (Reason(code=PREDECESSOR, said=said),) if listed else ()",
                "return ()",
            ),
            (NAMED_SUBJECT, "CK9", "or counts_as(one, purpose, CEASED)", ""),
            (
                NAMED_SUBJECT,
                "CK10",
                "return (Reason(code=SAME_NAME),) if listed else ()",
                "return ()",
            ),
            (CHECK_RULES, "CK10", "if not matches and identity.known is None:", "if True:"),
            (CHECK_RULES, "CK11", "if question.purpose != PUNISHING:", "if False:"),
            (CHECK_RULES, "CK11", "if objection and matter.objection_suspends:", "if False:"),
            (
                CHECK_RULES,
                "CK11",
                'return measures, "" if measures else NO_MEASURE',
                'return measures, ""',
            ),
            (
                CHECK_RULES,
                "CK11",
                "catalog.applicable(matter, entry, today, decided_on)",
                "catalog.applicable(matter, entry, today)",
            ),
            (
                CHECK_RULES,
                "CK12",
                "complete=all(log.state is LogState.OK for log in coverage)",
                "complete=True",
            ),
        )
    ),
    *(
        Mutant(rule, file, old, new, "tests/scenarios/test_checks.py")
        for rule, file, old, new in (
            (
                "CK5",
                "node/records/subject_reading.py",
                'rule=rule or (OWN_LOG if head.ours and silent else ""),',
                "rule=rule,",
            ),
            (
                "CK5",
                "node/records/subject_reading.py",
                "in self._judged(session, rows).items()",
                "in {}.items()",
            ),
            (
                "CK5",
                "node/records/subject_reading.py",
                "rule = self._records.rule(session, head, row, finding)",
                'rule = ""',
            ),
            (
                "CK5",
                "node/records/subject_reading.py",
                "purposes_of(session, row) & purposes_of(session, now)",
                "frozenset({'joint-punishment', 'audit'})",
            ),
            (
                "CK5",
                "node/records/subject_reading.py",
                "state=life.at(State(row.state), until[place], today)",
                "state=State.ACTIVE",
            ),
            (
                "CK10",
                "node/records/subject_reading.py",
                "places = session.attested_as(list(tags.values()), NAMESAKES)",
                "places: dict[bytes, list[Place]] = {}",
            ),
            (
                "CK11",
                "node/records/subject_reading.py",
                "objection=AnnotationAction.OBJECTION_OPENED in actions",
                "objection=False",
            ),
            ("CK12", "node/records/coverage.py", "if self._doubts.stale(head):", "if False:"),
            (
                "CK14",
                "node/access/numbering.py",
                "if before is not None and before[1] != question_tag:",
                "if False:",
            ),
            (
                "CK14",
                "node/access/numbering.py",
                "number=one.number if before is None else before[0],",
                "number=one.number,",
            ),
            (
                "CK14",
                "node/screening/recording.py",
                "superseded=tuple(sorted(held.keys() - now.keys())),",
                "superseded=(),",
            ),
            (
                "CK13",
                "node/screening/recording.py",
                "add_checks(writes, [one.check for one in first])",
                "pass",
            ),
            ("CK15", "node/screening/recording.py", "if not told:", "if False:"),
        )
    ),
    *(
        Mutant(rule, file, old, new, tests)
        for rule, file, old, new, tests in (
            (
                "CW1",
                "node/screening/lane.py",
                "if self._states.number() != assumed:",
                "if False:",
                "tests/scenarios/test_check_worker_desk.py",
            ),
            (
                "CW1 refusals",
                "node/screening/lane.py",
                "            compare()\n            kept",
                "            kept",
                "tests/scenarios/test_check_worker_desk.py",
            ),
            (
                "CW1 when kept",
                "node/screening/desk.py",
                "            before()\n",
                "",
                "tests/scenarios/test_check_worker_desk.py",
            ),
            (
                "CW1 state",
                "node/app/worker_state.py",
                "self.refusal, self.behind, self.library)",
                "self.refusal, self.library)",
                "tests/scenarios/test_check_worker_desk.py",
            ),
            (
                "CW2 admitted",
                "node/screening/lane.py",
                "        self._admitted = []\n        asked",
                "        asked",
                "tests/node/screening/test_lane_form.py",
            ),
            (
                "CW2 once",
                "node/screening/lane_form.py",
                "if len({one.place for one in found}) < len(found):",
                "if False:",
                "tests/node/screening/test_lane_form.py",
            ),
            (
                "CW3",
                "node/screening/lane_form.py",
                "or isinstance(value, bool) or not 0 <= value < below:",
                "or isinstance(value, bool):",
                "tests/node/screening/test_lane_form.py",
            ),
            (
                "CW3 ends",
                "node/app/check_workers.py",
                "            link.shutdown(socket.SHUT_RDWR)\n\n\ndef",
                "            pass\n\n\ndef",
                "tests/node/app/test_worker_door.py",
            ),
            (
                "CW4 silent",
                "node/app/check_workers.py",
                "monotonic() - worker.heard > SILENT_SECONDS",
                "False",
                "tests/node/app/test_worker_door.py",
            ),
            (
                "CW4 waits",
                "node/app/check_workers.py",
                "min(wait * 2, LONGEST_WAIT)",
                "wait",
                "tests/node/app/test_worker_door.py",
            ),
            (
                "CW4 itself",
                "node/app/departments.py",
                "if here is None and not workers.ready:",
                "if False:",
                "tests/node/app/test_departments.py",
            ),
            (
                "CW5",
                "node/app/worker_door.py",
                "for one in asked if self._counts(one)",
                "for one in asked",
                "tests/node/app/test_worker_door.py",
            ),
            (
                "CW5 shut",
                "node/app/check_worker.py",
                "self._callers.keep(await in_thread(self._threads, self._door.counting, known))",
                "await in_thread(self._threads, self._door.counting, known)",
                "tests/scenarios/test_check_workers.py",
            ),
            (
                "CW5 terms",
                "node/app/worker_door.py",
                "if terms != self._terms:",
                "if self._terms is None:",
                "tests/node/app/test_worker_door.py",
            ),
            (
                "CW6",
                "node/screening/worker_desk.py",
                "for _ in range(TRIES):",
                "for _ in range(99 * TRIES):",
                "tests/scenarios/test_check_worker_desk.py",
            ),
        )
    ),
    *(
        Mutant(rule, file, old, new, "tests/scenarios/test_checks_together.py")
        for rule, file, old, new in (
            (
                "CK13 alone",
                "node/screening/grouped.py",
                "if len(asked) == 1 or everybodys:",
                "if True:",
            ),
            (
                "CK13 own",
                "node/screening/grouped.py",
                "and not isinstance(error, _ONES)",
                "",
            ),
        )
    ),
    Mutant(
        "CK5 own",
        "node/app/wiring.py",
        "log.publisher.refusal or log.publisher.waiting",
        "log.publisher.refusal",
        "tests/scenarios/test_check_commands.py",
    ),
    *(
        Mutant(
            rule,
            f"federation/screening/{file}",
            old,
            new,
            "tests/federation/screening/test_batches.py",
        )
        for rule, file, old, new in (
            ("BA2 held", "batches.py", "compress(plain, map(is_held, tags)), ", ""),
            ("BA2 other", "batches.py", ", compress(plain, map(is_held, others))", ""),
            ("BA2 sound", "batches.py", " if hash(codes[at] + names[at]) in self.sound", ""),
            (
                "BA2 names",
                "batches.py",
                "list(map(self.names.__contains__, map(hash, normals)))",
                "[False] * len(normals)",
            ),
            ("BA2 attested", "batches.py", "named or name_tag(normal) in self.attested", "named"),
            ("BA2 ceased", "batches.py", "not in more and not one.ceased", "not in more"),
            ("BA2 apart", "batches.py", "if number not in more and", "if"),
            ("BA2 person", "batches.py", "and _PERHAPS_PERSON(text) is None ", ""),
            ("BA2 lines", "batches.py", "and _is_one_each(text, names)", ""),
            ("BA3", "batches.py", "{normal_name(asked.name)}", "{asked.name}"),
            ("BA7", "batches.py", "return now - opened_at > LIFETIME", "return False"),
        )
    ),
    Mutant(
        "U5 many",
        "federation/uscc_many.py",
        'return (right & int.from_bytes(inner, "little"))',
        'return int.from_bytes(inner, "little")',
        "tests/federation/test_uscc_many.py",
    ),
    Mutant(
        "U6 many",
        "federation/uscc_many.py",
        'return (right & int.from_bytes(inner, "little"))',
        "return right",
        "tests/federation/test_uscc_many.py",
    ),
    *(
        Mutant(rule, f"node/{file}", old, new, tests)
        for rule, file, old, new, tests in (
            (
                "TR1 forms",
                "system/tracing.py",
                "if name in _FORMS and _FORMS[name].fullmatch(str(value))",
                "if name in _FORMS",
                "tests/node/system/test_tracing.py",
            ),
            (
                "TR1 error",
                "system/tracing.py",
                'return code if _FORMS["outcome"].fullmatch(code) else "error"',
                "return code or str(error)",
                "tests/node/system/test_tracing.py",
            ),
            (
                "TR1 exception",
                "app/otlp.py",
                "            record_exception=False,\n            set_status_on_exception=False,\n",
                "",
                "tests/node/app/test_collector.py",
            ),
            (
                "TR2 carried",
                "app/otlp.py",
                "carrier = {name: value for name, value in headers.items() if name == _HEADER}",
                "carrier = dict(headers)",
                "tests/node/app/test_collector.py",
            ),
            (
                "TR2 doors",
                "services/doors.py",
                "if self._ours else ()",
                "if True else ()",
                "tests/node/app/test_departments.py",
            ),
            (
                "TR3",
                "system/tracing.py",
                "return sha256(_DOMAIN + listing).digest()[:TRACE_SIZE]",
                "return listing[:TRACE_SIZE]",
                "tests/node/system/test_tracing.py",
            ),
        )
    ),
    *(
        Mutant(rule, f"node/screening/{file}", old, new, "tests/scenarios/test_batches.py")
        for rule, file, old, new in (
            ("BA1", "batch_desk.py", "except QuestionError as error:", "except KeyError as error:"),
            (
                "BA2 key",
                "batch_snapshot.py",
                "return found if tagger.lookup(_PROBE) == self.probe else None",
                "return found",
            ),
            (
                "BA4",
                "batch_desk.py",
                "            len(rows),\n            matter",
                "            0,\n            matter",
            ),
            (
                "BA5",
                "batch_recording.py",
                "asked = asked_set(part.subjects)",
                "asked = asked_set(())",
            ),
            (
                "BA5 turn",
                "batch_recording.py",
                "turn = turns_of(writes, number, part.part)",
                "turn = part.part",
            ),
            ("BA6 turn", "batch_recording.py", "part.numbers if turn else ()", "()"),
            ("BA6", "batch_desk.py", "if _differs(one, before):", "if False:"),
            ("BA7 age", "batch_desk.py", "if is_over(opened.at, self._clock.now()):", "if False:"),
            ("BA8", "batch_recording.py", "if before.question_tag != question_tag:", "if False:"),
        )
    ),
    Mutant(
        "BA5 removed",
        "node/access/verifying.py",
        "elif not self._log.holds_asked(reads, row, entry):",
        "elif False:",
        "tests/node/access/test_queries.py",
    ),
    Mutant(
        "BA4 case",
        "node/access/admitting.py",
        "if total > most:",
        "if False:",
        "tests/node/access/test_admitting.py",
    ),
    Mutant(
        "HT19",
        "node/platform/batch_job.py",
        "if len(heads) > 1:",
        "if False:",
        "tests/node/platform/test_batch_job.py",
    ),
    *(
        Mutant(rule, f"{file}.py", old, new, f"tests/{tests}.py")
        for rule, file, old, new, tests in (
            (
                "WA1 person",
                "federation/screening/watches",
                'if may_be_person(texts["code"]):',
                "if False:",
                "federation/screening/test_watches",
            ),
            (
                "WA1 twice",
                "federation/screening/watches",
                "            if named in self._known:",
                "            if False:",
                "federation/screening/test_watches",
            ),
            (
                "WA1 rows",
                "federation/screening/watches",
                "if self._row > SUBJECTS_MAX:",
                "if False:",
                "federation/screening/test_watches",
            ),
            (
                "WA2",
                "federation/screening/watches",
                "if not today <= until <= longest:",
                "if not today <= until:",
                "federation/screening/test_watches",
            ),
            (
                "WA3 matches",
                "federation/screening/watches",
                "    return [*_reference(one.reference), *said]\n",
                "    return _reference(one.reference)\n",
                "federation/screening/test_watches",
            ),
            (
                "WA3 logs",
                "federation/screening/watches",
                'f"log {one.origin}": one.state.value for one',
                'f"log {one.origin}": "" for one',
                "federation/screening/test_watches",
            ),
            (
                "WA4",
                "federation/screening/watches",
                "before = [one for one in held if one.number <= after]",
                "before = list(held)",
                "federation/screening/test_watches",
            ),
            (
                "WA5",
                "federation/screening/watches",
                "if not before and len(held) >= HELD:",
                "if False:",
                "federation/screening/test_watches",
            ),
            (
                "WA5 bounded",
                "node/screening/watch_reading",
                "index.held[row] = held[-HELD:]",
                "pass",
                "scenarios/test_watches",
            ),
            (
                "WA6",
                "federation/screening/watches",
                "first = self.upto if self.row >= 0 else last_change",
                "first = last_change",
                "federation/screening/test_watches",
            ),
            (
                "WA7 touched",
                "node/screening/watch_index",
                "                self._incoming.append(touched)\n",
                "",
                "scenarios/test_watches",
            ),
            (
                "WA7 basis",
                "node/screening/watch_index",
                "            self.dirty.update(self._fragile)\n        elif",
                "            pass\n        elif",
                "scenarios/test_watches",
            ),
            (
                "WA7 findings",
                "adapters/sql/touching",
                "        super().put_findings(findings)\n        self._touched.at(findings)\n",
                "        super().put_findings(findings)\n",
                "adapters/sql/test_touching",
            ),
            (
                "WA8",
                "node/screening/watch_reading",
                "        return self._log.record_all(writes, entries) if entries else ()\n",
                "        return ()\n",
                "scenarios/test_watches",
            ),
            (
                "WA9",
                "node/screening/watch_reading",
                "while not index.is_swept and self._monotonic() < until:",
                "while not index.is_swept:",
                "scenarios/test_watches",
            ),
            (
                "WA10 own",
                "node/screening/watch_desk",
                "or watch.asker != asker.credential:",
                "or False:",
                "scenarios/test_watches",
            ),
            (
                "WA10 over",
                "node/screening/watch_desk",
                'if state_of(watch, self._clock.today()) != "open" or watch.sealed is None:',
                "if watch.sealed is None:",
                "scenarios/test_watches",
            ),
            (
                "WA10 position",
                "node/screening/watch_positions",
                "if mac != self._mac(number, text):",
                "if False:",
                "scenarios/test_check_commands",
            ),
            (
                "WA11",
                "node/screening/watch_opening",
                "self._admit(opening.asker, opening.terms, len(chunk), opening.rows)",
                "self._admit(opening.asker, opening.terms, 0, opening.rows)",
                "scenarios/test_watches",
            ),
            (
                "WA12 again",
                "node/screening/watch_opening",
                "if before.content_tag != self._content(opening):",
                "if False:",
                "scenarios/test_watches",
            ),
            (
                "WA12 whole",
                "node/screening/watch_opening",
                "        except (StatementError, RefusedError):\n",
                "        except ZeroDivisionError:\n",
                "scenarios/test_watches",
            ),
            (
                "WA13 trusted",
                "node/screening/watch_ending",
                "self._counts(asker, date_of(now))",
                "self._counts(asker, Date(20991231))",
                "scenarios/test_watches",
            ),
            (
                "WA13 credential",
                "node/screening/watch_ending",
                "if not counting[asker]:",
                "if False:",
                "scenarios/test_watches",
            ),
            (
                "WA13",
                "adapters/sql/watches",
                "over = or_(c.until < today, c.ended_at > 0)",
                "over = c.ended_at > 0",
                "scenarios/test_watches",
            ),
        )
    ),
)


def run(mutant: Mutant, checkout: Path) -> str:
    """Apply a mutant, run its tests; return the first test that failed, or empty."""
    path = checkout / mutant.file
    text = path.read_text("utf-8")
    if text.count(mutant.old) != 1:
        return f"STALE: {mutant.file} holds the text {text.count(mutant.old)} times"
    path.write_text(text.replace(mutant.old, mutant.new), "utf-8")
    try:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-x",
                "-q",
                "-p",
                "no:cacheprovider",
                "-m",
                "not postgres",
                *mutant.tests.split(),
            ],
            cwd=checkout,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"NO TEST: they did not end within {LONGEST_SECONDS} s"
    finally:
        path.write_text(text, "utf-8")
    if done.returncode == 0:
        return ""
    failed = [
        line
        for line in done.stdout.splitlines()
        if line.startswith(("FAILED tests", "ERROR tests"))
    ]
    return failed[0].split(" ")[1] if failed else f"NO TEST: pytest ended with {done.returncode}"


def _exists(path: Path | None) -> bool:
    return path is not None and path.exists()


def _line(mutant: Mutant) -> str:
    """A mutant as a line of its own: rules have several, and names may be given anew."""
    return f"{mutant.rule} {sha256(repr(mutant).encode()).hexdigest()[:16]}"


def main() -> int:
    """Run all mutants, or those whose rule is named; 1 if one survives."""
    parser = argparse.ArgumentParser(description="Switch rules off, one by one.")
    parser.add_argument("rules", nargs="*", help="all of them where none is named")
    parser.add_argument("--held", type=Path, help="a file of those that need not be run again")
    asked = parser.parse_args()
    held = set(asked.held.read_text("utf-8").splitlines()) if _exists(asked.held) else set()
    chosen = [
        m for m in MUTANTS if (not asked.rules or m.rule in asked.rules) and _line(m) not in held
    ]
    survivors = 0
    with tempfile.TemporaryDirectory() as scratch:
        checkout = Path(scratch) / "checkout"
        checkout.mkdir()
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, checkout / name, ignore=ignored)
            else:
                shutil.copy(source, checkout / name)
        for mutant in chosen:
            failed = run(mutant, checkout)
            bad = not failed or failed.startswith(("STALE", "NO TEST"))
            survivors += bad
            sys.stdout.write(f"{mutant.rule:20} {failed or 'SURVIVED'}\n")
            sys.stdout.flush()
            if asked.held is not None and not bad:
                with asked.held.open("a", encoding="utf-8") as file:
                    file.write(f"{_line(mutant)}\n")
    sys.stdout.write(f"{len(chosen) - survivors} of {len(chosen)} rules are held by a test\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
