"""Operations that publish: drafts, and repair, withdrawal, relisting, annotation of own listings.

Each answers as the command of its name does with `-o json`. What widens a penalty, such as a
relisting, is refused without the words of the persons that the node demands; what narrows is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from huxin.v1 import payload_pb2
from huxin.v1 import registry_pb2 as pb

from federation.errors import FederationError, StatementError
from federation.names import RELISTING_GROUNDS
from federation.statements import AnnotationAction
from node.codec import draft_from_json, listing_from_json
from node.documents.acts import about_document, published_document
from node.web import parameters
from node.web.bodies import Field
from node.web.operations import Ask, Operation, Said
from node.web.schemas import Schema, array, number, record, text

DRAFTS_BYTES: Final = 2 * 1024 * 1024
"""Of a body of drafts: a thousand listings have room."""
ACTIONS: Final[dict[str, int]] = {
    "objection-open": AnnotationAction.OBJECTION_OPENED,
    "objection-close": AnnotationAction.OBJECTION_CLOSED,
    "mask": AnnotationAction.MASKING_BEGUN,
    "unmask": AnnotationAction.MASKING_ENDED,
    "pause": AnnotationAction.PAUSED,
    "resume": AnnotationAction.RESUMED,
}
"""As `huxin annotate` has them."""
_GROUNDS: Final = {
    name: payload_pb2.RelistingGround.Value(f"RELISTING_GROUND_{name.upper()}")
    for name in RELISTING_GROUNDS.all()
    if name != "unspecified"
}
_KINDS: Final = (
    ("listing", "列入", "a listing"),
    ("penalty", "行政处罚", "an administrative penalty"),
    ("commendation", "守信", "a commendation"),
    ("commitment", "信用承诺", "a commitment"),
    ("scenario", "场景", "a scenario"),
    ("recognition", "互认", "a recognition"),
    ("request", "转办", "a request"),
    ("outcome", "惩戒反馈", "an outcome"),
    ("correction", "更正，其中以种类为名给出全部内容", "a correction, the content by its kind"),
)

_PUBLISHED: Final[Schema] = {
    "statement_id": text("声明编号", "id of the statement"),
    "origin": text("日志", "log"),
    "index": number("序号", "its index there"),
}
_ABOUT: Final[Schema] = record(
    {
        "statement_id": text("所涉列入的声明编号", "id of the listing"),
        "list_type": text("名单", "list"),
        "document": text("决定文书号", "number of the decision"),
        "state": text("现在的状态", "its state now"),
        "subject": {
            "type": ["object", "null"],
            "description": "主体 / the subject",
        },
    },
    "statement_id",
    "state",
) | {
    "type": ["object", "null"],
    "description": "所涉的列入；此刻读不出的为 null，已发布的仍然有效 / "
    "the listing; null where it cannot be read now, what was published stands",
}

_EARLY: Final = text(
    "修复日期可能有误的代码，没有时不给出；照常发布",
    "code of why the day of a repair may be a slip; absent for none. It is published all the same",
)
_DOCUMENT: Final = Field(
    name="document", zh="决定文书号", en="number of the decision", example="川信修〔2026〕9号"
)
_DECIDED_ON: Final = Field(
    name="decided_on",
    kind="integer",
    zh="决定日 YYYYMMDD",
    en="day of the decision, YYYYMMDD",
    example=20261120,
)
_REASON: Final = Field(name="reason", zh="理由", en="reason", required=False, example="履行完毕")


def _publish(ask: Ask, said: Said) -> object:
    request = pb.PublishRequest(
        request_id=said["request_id"],
        drafts=[
            draft_from_json(one, f"drafts.{place}") for place, one in enumerate(said["drafts"])
        ],
        source=said.get("source", ""),
    )
    published = ask.one("Registry/Publish", request).published
    return {"published": [published_document(one) for one in published]}


def _relief(said: Said, kind: pb.ReliefKind.ValueType) -> pb.RelieveRequest:
    return pb.RelieveRequest(
        request_id=said["request_id"],
        kind=kind,
        statement_id=bytes.fromhex(said["statement_id"]),
        document=said["document"],
        decided_on=_day(said),
        reason=said.get("reason", ""),
    )


def _relieving(kind: pb.ReliefKind.ValueType) -> Callable[[Ask, Said], object]:
    def serve(ask: Ask, said: Said) -> object:
        return _relieved(ask, _relief(said, kind))

    return serve


def _relist(ask: Ask, said: Said) -> object:
    request = _relief(said, pb.RELIEF_KIND_RELISTING)
    if said["ground"] not in _GROUNDS:
        listed = ", ".join(_GROUNDS)
        raise StatementError("http.field", f"ground：应为 {listed} / ground: expected {listed}")
    request.ground = _GROUNDS[said["ground"]]
    request.approved_by.extend(said["approved_by"])
    request.note = said.get("note", "")
    if "listing" in said:
        request.listing.CopyFrom(listing_from_json(said["listing"]))
    return _relieved(ask, request)


def _relieved(ask: Ask, request: pb.RelieveRequest) -> object:
    answer = ask.one("Registry/Relieve", request)
    early = {"early": answer.early} if answer.early else {}
    about = _about(ask, "relieved", request.statement_id)
    return published_document(answer.published) | early | about


def _annotate(ask: Ask, said: Said) -> object:
    if said["action"] not in ACTIONS:
        listed = ", ".join(ACTIONS)
        raise StatementError("http.field", f"action：应为 {listed} / action: expected {listed}")
    request = pb.AnnotateRequest(
        request_id=said["request_id"],
        statement_id=bytes.fromhex(said["statement_id"]),
        action=ACTIONS[said["action"]],
        document=said["document"],
        decided_on=_day(said),
        text=said.get("text", ""),
    )
    published = ask.one("Registry/Annotate", request).published
    return published_document(published) | _about(ask, "annotated", request.statement_id)


def _about(ask: Ask, verb: str, statement_id: bytes) -> dict[str, Any]:
    """What it was about, where that can be read now.

    What was published stands, whatever comes after: an answer that says otherwise would have the
    caller do it again, or believe that nothing was done.
    """
    request = pb.GetRecordRequest(statement_id=statement_id)
    try:
        return {verb: about_document(ask.one("Registry/GetRecord", request))}
    except FederationError:
        return {verb: None}


def _day(said: Said) -> int:
    """The day of the decision; beyond 32 bits it is none."""
    day: int = said["decided_on"]
    if day > 99991231:
        message = "decided_on：应为 YYYYMMDD / decided_on: expected YYYYMMDD"
        raise StatementError("http.field", message)
    return day


def _relief_route(verb: str, zh: str, en: str, kind: pb.ReliefKind.ValueType) -> Operation:
    return Operation(
        method="POST",
        path=f"/v1/records/{{statement_id}}:{verb}",
        name=verb,
        zh=zh,
        en=en,
        rpcs=("Registry/Relieve", "Registry/GetRecord"),
        serve=_relieving(kind),
        answer=record({**_PUBLISHED, "relieved": _ABOUT, "early": _EARLY}, *_PUBLISHED, "relieved"),
        place=(parameters.statement_id(),),
        body=(_DOCUMENT, _DECIDED_ON, _REASON),
        keyed=True,
    )


OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/v1/records:publish",
        name="publish",
        zh="发布声明，全部或全不；同一请求号重发时给出首次的答复",
        en="Publish statements, all or none; the same request again gives the first answer",
        rpcs=("Registry/Publish",),
        serve=_publish,
        answer=record(
            {
                "published": array(
                    record(_PUBLISHED, *_PUBLISHED), "按次序", "in the order of the drafts"
                )
            },
            "published",
        ),
        body=(
            Field(
                name="drafts",
                kind="array",
                zh="声明，1 至 1000 份，各以种类为名给出内容，字段同 huxin records show -o json "
                "的 payload；场景、互认、转办另给 action，更正及场景的修改另给 about",
                en="1 to 1000 statements, each under the name of its kind, with the fields that "
                "`payload` of `huxin records show -o json` has; `action` for a scenario, "
                "recognition or request, `about` for a correction or a later scenario",
                items=(
                    *(
                        Field(name=name, kind="object", zh=zh, en=en, required=False)
                        for name, zh, en in _KINDS
                    ),
                    Field(name="action", zh="动作的名称", en="name of the action", required=False),
                    Field(
                        name="about",
                        zh="所涉声明的编号",
                        en="id of what it is about",
                        required=False,
                    ),
                ),
                example=[{"listing": {"list_type": "unpaid-migrant-wages"}}],
            ),
            Field(
                name="source",
                zh="数源部门，只能为其所属单位发布",
                en="the source department; it speaks only for its authorities",
                required=False,
                example="hrss",
            ),
        ),
        body_max=DRAFTS_BYTES,
        keyed=True,
    ),
    _relief_route(
        "repair",
        "修复：停止公示、共享和使用，解除惩戒措施",
        "End publication, sharing, use and measures",
        pb.RELIEF_KIND_REPAIR,
    ),
    _relief_route(
        "withdraw",
        "撤销：列入有误，视同从未列入",
        "Withdraw a listing that was wrong, as if it had never been",
        pb.RELIEF_KIND_WITHDRAWAL,
    ),
    Operation(
        method="POST",
        path="/v1/records/{statement_id}:relist",
        name="relist",
        zh="恢复列入：撤销以前的修复或撤销声明，须两人决定",
        en="Revoke a repair or withdrawal, named by its id; two persons decide it",
        rpcs=("Registry/Relieve", "Registry/GetRecord"),
        serve=_relist,
        answer=record({**_PUBLISHED, "relieved": _ABOUT}, *_PUBLISHED, "relieved"),
        place=(parameters.statement_id(),),
        body=(
            _DOCUMENT,
            _DECIDED_ON,
            Field(
                name="ground",
                zh="欺骗取得或修复有误",
                en="obtained by fraud, or made in error",
                words=tuple(_GROUNDS),
                example="error",
            ),
            Field(
                name="approved_by",
                kind="array",
                each="string",
                zh="两名决定人的姓名",
                en="names of the two persons who decide",
                example=["张某（演示）", "李某（演示）"],
            ),
            Field(
                name="note",
                zh="他们签署的文件内容（huxin sign）；节点登记了签名人时必填",
                en="the note that they signed (huxin sign); demanded where the node names persons",
                required=False,
                example="…",
            ),
            Field(
                name="listing",
                kind="object",
                zh="列入内容；原内容已删除时须给出",
                en="the listing; needed once it is erased here",
                required=False,
                example={"list_type": "unpaid-migrant-wages"},
            ),
            _REASON,
        ),
        keyed=True,
    ),
    Operation(
        method="POST",
        path="/v1/records/{statement_id}:annotate",
        name="annotate",
        zh="标注：异议受理、办结，屏蔽、解除屏蔽，暂停、恢复",
        en="Annotate a listing: objection, masking, pause",
        rpcs=("Registry/Annotate", "Registry/GetRecord"),
        serve=_annotate,
        answer=record({**_PUBLISHED, "annotated": _ABOUT}, *_PUBLISHED, "annotated"),
        place=(parameters.statement_id(),),
        body=(
            Field(
                name="action",
                zh="标注的内容",
                en="what the annotation says",
                words=tuple(ACTIONS),
                example="objection-open",
            ),
            _DOCUMENT,
            _DECIDED_ON,
            Field(name="text", zh="说明", en="text", required=False, example="收到异议申请"),
        ),
        keyed=True,
    ),
)
