"""No token and no subject stands in logs, figures, refusals, documents, or the store in clear."""

from __future__ import annotations

import io
import json
import logging
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import structlog
from sqlalchemy import inspect, text

from federation.errors import RefusedError
from node.status.problems import of_access
from tests.support.admitted import admitting
from tests.support.invented import code_of


def test_no_token_and_no_subject_is_told(tmp_path: Path) -> None:
    here = admitting(tmp_path)
    said: list[str] = []
    heard = io.StringIO()
    logger = logging.StreamHandler(heard)
    logging.getLogger().addHandler(logger)
    try:
        with (
            structlog.testing.capture_logs() as logs,
            redirect_stdout(heard),
            redirect_stderr(heard),
        ):
            credential, token = here.new(budget=20_000)
            secrets = {token, token[4:]}
            asker = here.access.asker_of_token(token)
            for number in range(60):
                secrets.add(code_of(number))
                for matter in ("procurement", "tax"):
                    try:
                        here.ask(asker, code_of(number), f"办件{number}", matter=matter)
                    except RefusedError as error:
                        said += [str(error), repr(error), error.code]
                here.clock.seconds += 40
            for wrong in (token[:-1], f"{token}x", token.lower()):
                try:
                    here.access.asker_of_token(wrong)
                except RefusedError as error:
                    said.append(str(error))
                    secrets.add(wrong)
            here.access.exposed(token, "url")
            local = here.access.local()
            said.append(json.dumps(here.access.report(), ensure_ascii=False))
            said.append(json.dumps(list(of_access(here.access.report())), ensure_ascii=False))
            said.append(json.dumps(here.access.listed(local), ensure_ascii=False))
            said += [repr(asker), repr(credential), repr(here.access)]
            here.access.lifted(local, credential.id, "李某", "核实")
            here.access.revoked(local, credential.id, "李某")
        said += [repr(logs), heard.getvalue()]
        with here.store.read() as reads:
            for table in inspect(reads.connection).get_table_names():
                rows = reads.connection.execute(text(f"SELECT * FROM {table}")).all()
                said += [
                    cell.decode("latin-1") if isinstance(cell, bytes) else str(cell)
                    for row in rows
                    for cell in row
                ]
    finally:
        logging.getLogger().removeHandler(logger)
        here.close()
    assert any("access.stopped" in one for one in said)
    whole = "\n".join(said)
    assert [secret for secret in secrets if secret in whole] == []
