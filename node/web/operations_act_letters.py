"""Letters and forms of acts 公文 as DOCX: of reliefs, scenarios, editions, files, checks and so on.

Those of cases, requests, notices, credentials and the query log stand beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from huxin.v1 import (
    admin_pb2,
    campaigns_pb2,
    catalogs_pb2,
    imports_pb2,
    recognition_pb2,
    registry_pb2,
    repairs_pb2,
    screening_pb2,
)

from federation.charters.verification import read_envelope
from federation.letters import LetterKind
from node.codec import record_from_proto, record_to_json
from node.documents import answers
from node.texts.letters import DOCX, Elements, hands_of
from node.web import operations_imports, operations_members, operations_quality, parameters
from node.web.letters import REGISTER, content, given
from node.web.messages import message, statement
from node.web.operations import Ask, Content, Operation, Said
from node.web.operations_campaigns import ledger

_PAGE: Final = 1000
_BROUGHT: Final = ("file", "sha256", "kind", "list_type", "source", "mapping")
"""What an import is of."""
_CAMPAIGN: Final = parameters.number(
    "campaign", 1, 999_999, "专项的编号", "number of the campaign", required=True
)
_EDITION: Final = parameters.code(
    "edition", "national-lists-2024", "目录版本", "id of an edition", required=True
)

_ALLIANCE: Final = parameters.Parameter(
    name="alliance",
    zh="联盟标识，64 位小写十六进制",
    en="id of an alliance, 64 hexadecimal digits in lower case",
    form="[0-9a-f]{64}",
    sample="4d1f0c7be12a3d4e6f8091a2b3c4d5e6" * 2,
    required=True,
)


def _relief(ask: Ask, said: Said) -> Content:
    from node.relief.relief_letters import relief_letter  # noqa: PLC0415 - python-docx

    asked = repairs_pb2.GetRepairRequest(statement_id=statement(said))
    found = answers.document(ask.one("Repairs/GetRepair", asked))
    of = given(ask, LetterKind.RELIEF, found["statement_id"])
    return content(relief_letter(found, of), found["statement_id"])


def _scenario(ask: Ask, said: Said) -> Content:
    from node.recognition import recognition_letters as letters  # noqa: PLC0415 - python-docx

    ask.check_allowed()  # departments may ask about scenarios, and file no letters
    asked = recognition_pb2.GetScenarioRequest(scenario=said["id"])
    found = answers.document(ask.one("Recognitions/GetScenario", asked))
    about = letters.own_word(found)["statement_id"]
    of = given(ask, LetterKind.SCENARIO, about)
    return content(letters.recognition_letter(found, of), about)


def _edition(ask: Ask, said: Said) -> Content:
    from node.reconcile import edition_letters as letters  # noqa: PLC0415 - python-docx

    edition = said["edition"]
    asked = message(catalogs_pb2.ShowCatalogRequest, on=said.get("on", 0))
    catalog = answers.document(ask.one("Catalogs/ShowCatalog", asked))
    handled = letters.adopted_edition(catalog, edition)["handled"]
    of = given(ask, LetterKind.EDITION, edition, handled)
    return content(letters.edition_letter(catalog, edition, of), edition)


def _campaign(ask: Ask, said: Said) -> Content:
    from node.campaigns.campaign_letters import campaign_letter  # noqa: PLC0415 - python-docx

    number = said["campaign"]
    asked = campaigns_pb2.GetCampaignRequest(campaign=number)
    found = answers.document(ask.one("Campaigns/GetCampaign", asked))
    of = given(ask, LetterKind.CAMPAIGN, str(number))
    return content(campaign_letter(found, ledger(ask, number), of), f"campaign-{number}")


def _removal(ask: Ask, said: Said) -> Content:
    from node.records.removal_forms import removal_form  # noqa: PLC0415 - python-docx

    asked = registry_pb2.GetRecordRequest(statement_id=statement(said))
    found = record_to_json(record_from_proto(ask.one("Registry/GetRecord", asked)))
    return content(removal_form(found), found["statement_id"])


def _approval(ask: Ask, said: Said) -> Content:
    from node.intake.approval_forms import approval_form  # noqa: PLC0415 - python-docx

    asked = imports_pb2.GetImportRequest(number=said["number"])
    one = answers.document(ask.one("Imports/GetImport", asked))
    found = one["result"] | {name: one[name] for name in _BROUGHT if one[name]}
    of = Elements(hands=hands_of(_vouched(one)))
    catalog = answers.document(ask.one("Catalogs/ShowCatalog", catalogs_pb2.ShowCatalogRequest()))
    sources = {one["source"]: one["name"] for one in catalog["sources"]}
    return content(approval_form(found, sources, of), "approval")


def _case(ask: Ask, said: Said) -> Content:
    from node.screening.outcome_form import form  # noqa: PLC0415 - python-docx

    asked = screening_pb2.GetOutcomesRequest(check=said["number"])
    found = answers.document(ask.one("Screening/GetOutcomes", asked))
    return content(form(found), f"case-{said['number']}")


def _charter(ask: Ask, said: Said) -> Content:
    asked = admin_pb2.GetCharterRequest(alliance=bytes.fromhex(said["alliance"]))
    written = _written(ask.one("Admin/GetCharter", asked).charter)
    return content(written, f"charter-{said['alliance'][:12]}")


@lru_cache(maxsize=8)
def _written(charter: bytes) -> bytes:
    """A charter as an agreement: nothing else stands in it, and it takes a tenth of a second."""
    from node.charters.agreement import agreement  # noqa: PLC0415 - python-docx

    return agreement(*read_envelope(charter))


def _vouched(one: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Who brought an import, and the persons who vouched for its rows (GW7)."""
    nobody = {"unit": "", "post": "", "at": 0}
    yield {"step": "prepared", "name": "", "unit": one["by"], "post": "", "at": one["at"]}
    for word in one["words"]:
        yield from (nobody | {"step": "reviewed", "name": name} for name in word["persons"])


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/repairs/{statement_id}/letter",
        name="getRepairLetter",
        zh="修复、撤销、屏蔽、暂停的结果函，DOCX；已撤销或终止的拒绝",
        en="The letter of a relief, DOCX; refused where it was revoked or has ended",
        rpcs=("Repairs/GetRepair", REGISTER),
        serve=_relief,
        answer={},
        place=(parameters.statement_id(),),
        media=DOCX,
    ),
    Operation(
        method="GET",
        path="/v1/scenarios/{id}/letter",
        name="getScenarioLetter",
        zh="本地对一个场景的互认承诺、暂停、终止函，DOCX；尚未表态的拒绝",
        en="What this region says of a scenario, DOCX; refused where it has said nothing",
        rpcs=(REGISTER, "Recognitions/GetScenario"),
        serve=_scenario,
        answer={},
        place=(operations_members.SCENARIO,),
        media=DOCX,
    ),
    Operation(
        method="GET",
        path="/v1/catalog/editions/{edition}/letter",
        name="getEditionLetter",
        zh="目录版本采用通知，DOCX；此日无效的拒绝",
        en="That an edition counts, DOCX; refused where it is not in force on that day",
        rpcs=("Catalogs/ShowCatalog", REGISTER),
        serve=_edition,
        answer={},
        place=(_EDITION,),
        query=(parameters.day("on", "某日，缺省今日", "on a day; today where absent"),),
        media=DOCX,
    ),
    Operation(
        method="GET",
        path="/v1/campaigns/{campaign}/letter",
        name="getCampaignLetter",
        zh="专项治理任务函，DOCX：台账中仍在列的主体",
        en="The ledger of a campaign as a letter, DOCX, without who has exited",
        rpcs=("Campaigns/GetCampaign", "Campaigns/ListCampaignSubjects", REGISTER),
        serve=_campaign,
        answer={},
        place=(_CAMPAIGN,),
        media=DOCX,
    ),
    Operation(
        method="GET",
        path="/v1/records/{statement_id}/removal",
        name="getRemovalForm",
        zh="删除记录，DOCX；内容仍在的拒绝",
        en="That the content of a statement is held no more, DOCX; refused while it is held",
        rpcs=("Registry/GetRecord",),
        serve=_removal,
        answer={},
        place=(parameters.statement_id(),),
        media=DOCX,
    ),
    Operation(
        method="GET",
        path="/v1/imports/{number}/approval",
        name="getImportApproval",
        zh="名单发布审批单，DOCX：检查的结果和确认的人，其中没有主体",
        en="What an import would publish and who vouched for it, as a form, DOCX; no subject in it",
        rpcs=("Imports/GetImport", "Catalogs/ShowCatalog"),
        serve=_approval,
        answer={},
        place=(operations_imports.NUMBER,),
        media=DOCX,
    ),
    Operation(
        method="GET",
        path="/v1/outcomes/{number}/form",
        name="getOutcomeForm",
        zh="案件反馈单，DOCX：一次核查的命中和反馈",
        en="The form of a case, DOCX: a check's matches, and what was reported of them",
        rpcs=("Screening/GetOutcomes",),
        serve=_case,
        answer={},
        place=(operations_quality.CHECK,),
        media=DOCX,
    ),
    Operation(
        method="GET",
        path="/v1/charters/{alliance}/agreement",
        name="getCharterAgreement",
        zh="现行章程暨共享协议，DOCX，留签字、用印处；联盟标识见 /v1/status",
        en="The charter in force as an agreement to be signed, DOCX; ids stand in /v1/status",
        rpcs=("Admin/GetCharter",),
        serve=_charter,
        answer={},
        place=(_ALLIANCE,),
        media=DOCX,
    ),
)
