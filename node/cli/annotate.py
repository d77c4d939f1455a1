"""`huxin annotate`: objections, masking and pauses of our own listings."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import typer
from huxin.v1 import registry_pb2

from federation.statements import AnnotationAction
from node.cli.client import services
from node.cli.naming import named
from node.cli.options import (
    DateOption,
    Directory,
    DocumentOption,
    Format,
    OutputFormat,
    StatementArgument,
    node_directory,
)
from node.cli.relief import REQUEST_ID_SIZE, listing_meant, write_published
from node.system.entropy import token


class Action(StrEnum):
    """What an annotation says of a listing."""

    OBJECTION_OPEN = "objection-open"
    OBJECTION_CLOSE = "objection-close"
    MASK = "mask"
    UNMASK = "unmask"
    PAUSE = "pause"
    RESUME = "resume"


_ACTIONS: Final = {
    Action.OBJECTION_OPEN: AnnotationAction.OBJECTION_OPENED,
    Action.OBJECTION_CLOSE: AnnotationAction.OBJECTION_CLOSED,
    Action.MASK: AnnotationAction.MASKING_BEGUN,
    Action.UNMASK: AnnotationAction.MASKING_ENDED,
    Action.PAUSE: AnnotationAction.PAUSED,
    Action.RESUME: AnnotationAction.RESUMED,
}


def annotate(
    statement: StatementArgument,
    action: Annotated[
        Action,
        typer.Argument(
            help="异议受理、异议办结、屏蔽、解除屏蔽、暂停、恢复 / What the annotation says"
        ),
    ],
    *,
    directory: Directory = None,
    document: DocumentOption,
    date: DateOption,
    text: Annotated[str, typer.Option(help="说明 / Text")] = "",
    output: OutputFormat = Format.TABLE,
) -> None:
    """标注：异议、重整屏蔽、暂停 / Annotate a listing: objection, masking, pause."""
    request = registry_pb2.AnnotateRequest(
        request_id=token(REQUEST_ID_SIZE).hex(),
        action=_ACTIONS[action],
        document=document,
        decided_on=date,
        text=text,
    )
    with services(node_directory(directory)) as node:
        request.statement_id = named(node, statement)
        response = node.registry.Annotate(request)
        about = listing_meant(node, request.statement_id)
    write_published(response.published, output, "annotated", about)
