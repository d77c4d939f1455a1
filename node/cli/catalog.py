"""`huxin catalog`: editions, what waits for a person, deadlines, and the base library."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import catalogs_pb2 as pb

from adapters.catalog.editions import read_edition, starter_editions
from federation.ids import Date
from federation.letters import LetterKind
from federation.persons import Sort, confirmation_body, edition_body
from node.cli import render
from node.cli.client import Exit, failures, services
from node.cli.code_tables import authorities, regions
from node.cli.language import Language
from node.cli.letter_files import LetterAddressee, LetterFile, LetterNumber, given, keep
from node.cli.matters import matters
from node.cli.options import (
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    ShownOption,
    node_directory,
    parse_date,
)
from node.cli.signing import Key, note_of, read_note, sign_beside, signed, tell_signers
from node.cli.trust_lists import equivalences, trust
from node.documents import answers
from node.texts.catalogs import (
    CHANGES,
    CLASSES,
    GROUNDS,
    OBLIGATIONS,
    RANKS,
    SORTS,
    UNITS,
)
from node.texts.fields import with_text

_CHANGES: Final = {
    "from": ("现结果", "now"),
    "to": ("将成为", "will be"),
    "outcome": ("处理", "outcome"),
    "listings": ("条数", "listings"),
}
_READINGS: Final = {
    "reads": ("等级对照", "equivalence"),
    "subjects": ("主体数", "subjects"),
    "lowers": ("放宽", "lowers the bar"),
    "valid_from": ("自", "from"),
    "valid_until": ("至", "until"),
}
_LISTS: Final = {
    "list_type": ("名单类型", "list type"),
    "name": ("名称", "name"),
    "basis": ("依据", "basis"),
    "basis_rank": ("效力层级", "rank of basis"),
    "longest_months": ("最长公示（月）", "longest (months)"),
    "ground": ("依据状态", "ground"),
    "confirmed": ("已核实", "confirmed"),
    "editions": ("版本", "editions"),
}
_MEASURES: Final = {
    "code": ("代码", "code"),
    "name": ("惩戒措施", "measure"),
    "measure_class": ("类别", "class"),
    "basis": ("依据", "basis"),
    "article": ("条款", "article"),
    "basis_rank": ("效力层级", "rank of basis"),
    "implementer": ("实施主体", "applied by"),
    "confirmed": ("已核实", "confirmed"),
}
_UNKNOWN: Final = ("未知", "unknown")
_DEADLINES: Final = {
    "obligation": ("事项", "obligation"),
    "term": ("时限", "within"),
    "last": ("截止日", "due"),
    "confirmed": ("已核实", "confirmed"),
    "edition": ("版本", "edition"),
    "basis": ("依据", "basis"),
}
_DUE: Final = {"obligation": ("事项", "obligation"), "last": ("应于此日前办理", "due by")}
_MEASURES_UNDER: Final = {
    "code": ("name", "measure_class"),
    "basis": ("article", "basis_rank"),
}
_WAITS: Final = {"item": ("name", "certainty")}
_LISTS_UNDER: Final = {
    "list_type": ("name",),
    "basis": ("basis_rank",),
    "longest_months": ("ground", "confirmed"),
}
_UNCONFIRMED: Final = {
    "item": ("条目", "entry"),
    "name": ("名称", "name"),
    "certainty": ("把握", "certainty"),
    "source": ("出处", "source"),
}
_WITHOUT_GROUND: Final = {
    "code": ("代码", "code"),
    "editions": ("版本", "editions"),
}
_DIFFERENCES: Final = {
    "sort": ("类别", "sort"),
    "name": ("名称", "name"),
    "code": ("代码", "code"),
    "change": ("变化", "change"),
}
_DIFFERENCES_UNDER: Final = {"name": ("code",)}

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="目录与法人库：试行、采用、核实 / Catalogs and base library: try, adopt, confirm.",
)

Person = Annotated[
    list[str] | None, typer.Option("--by", metavar="NAME", help="经办人姓名 / Name of a person")
]


@app.command("import")
def import_edition(
    edition: Annotated[
        str, typer.Argument(help="版本文件或启动版名称 / File of an edition, or a starter's name")
    ],
    *,
    by: Person = None,
    shown: ShownOption = "",
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """试行新版本；给出两人姓名（--by 两次）即采用 / Try an edition; --by twice adopts it."""
    text = _edition(Path(edition))
    with failures():
        note = read_note(edition) if by else ""
    with services(node_directory(directory)) as node:
        request = pb.ImportEditionRequest(text=text, persons=by or [], note=note, shown=shown)
        result = _last(node.catalogs.ImportEdition(request), "judged")
    if output is Format.JSON:
        render.write_json(result)
        return
    _write_differences(result["differences"], language)
    render.write_table("", render.pick(language, _CHANGES), result["changes"])
    if result["readings"]:
        render.write_table("", render.pick(language, _READINGS), result["readings"])
    render.say(
        "已采用，全部列入将重新核对 / adopted, all listings are judged anew"
        if result["adopted"]
        else "试行，未作更改；采用须两人：--by 甲 --by 乙 / a dry run; --by twice adopts it"
    )


def _write_differences(found: list[dict[str, str]], language: Language) -> None:
    sorts, changes = render.pick(language, SORTS), render.pick(language, CHANGES)
    obligations = render.pick(language, OBLIGATIONS)
    rows = [
        one
        | {
            "sort": sorts[one["sort"]],
            "change": changes[one["change"]],
            "name": one["name"] or obligations.get(one["code"], ""),
        }
        for one in found
    ]
    render.write_table("", render.pick(language, _DIFFERENCES), rows, _DIFFERENCES_UNDER)


@app.command("sign")
def sign(
    edition: Annotated[
        str, typer.Argument(help="版本文件或启动版名称 / File of an edition, or a starter's name")
    ],
    *,
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="本人的签名密钥 / Own key")],
    directory: Directory = None,
) -> None:
    """在版本旁的 .note 文件上签名 / Sign an edition, into the file .note beside it."""
    text = _edition(Path(edition))
    with failures():
        text = starter_editions().get(text, text)
        body = edition_body(read_edition(text).id, text)
        note = sign_beside(node_directory(directory), key, Sort.EDITION, edition, body)
    tell_signers(note_of(edition), note)


@app.command("show")
def show(
    list_type: Annotated[str, typer.Argument(help="名单类型 / List type")] = "",
    *,
    on: Annotated[
        Date | None,
        typer.Option(metavar="DATE", parser=parse_date, help="某日，缺省为今日 / On a day"),
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """显示某日有效的目录 / Show the catalog in force on a day."""
    with services(node_directory(directory)) as node:
        answer = node.catalogs.ShowCatalog(pb.ShowCatalogRequest(list_type=list_type, on=on or 0))
    document = answers.document(answer)
    if output is Format.JSON:
        render.write_json(document)
        return
    ranks = render.pick(language, RANKS)
    if list_type:
        document["basis_rank"] = ranks[document["basis_rank"]]
        render.write_document(document)
        return
    words = render.pick(language, GROUNDS)
    classes = {number: render.pick(language, {"": pair})[""] for number, pair in CLASSES.items()}
    lists = [
        one | {"ground": words[one["ground"]], "basis_rank": ranks[one["basis_rank"]]}
        for one in document["lists"]
    ]
    render.write_table("", render.pick(language, _LISTS), lists, _LISTS_UNDER)
    measures = [
        one
        | {"basis_rank": ranks[one["basis_rank"]], "measure_class": classes[one["measure_class"]]}
        for one in document["measures"]
    ]
    render.write_table("", render.pick(language, _MEASURES), measures, _MEASURES_UNDER)


@app.command("letter")
def write_letter(
    edition: Annotated[str, typer.Argument(help="有效的目录版本 / Id of an edition in force")],
    out: LetterFile,
    *,
    on: Annotated[
        Date | None,
        typer.Option(metavar="DATE", parser=parse_date, help="某日，缺省为今日 / On a day"),
    ] = None,
    number: LetterNumber = "",
    to: LetterAddressee = "",
    directory: Directory = None,
) -> None:
    """出具目录版本采用通知（DOCX，留用印处） / Tell that an edition counts, as a letter."""
    from node.reconcile import edition_letters as letters  # noqa: PLC0415 - python-docx

    with services(node_directory(directory)) as node:
        asked = pb.ShowCatalogRequest(on=on or 0)
        catalog = answers.document(node.catalogs.ShowCatalog(asked))
        handled = letters.adopted_edition(catalog, edition)["handled"]
        of = given(node, LetterKind.EDITION, edition, number, handled)
        made = letters.edition_letter(catalog, edition, of, to)
    keep(out, made)


@app.command("deadlines")
def deadlines(
    *,
    on: Annotated[
        Date | None,
        typer.Option(metavar="DATE", parser=parse_date, help="起算日，缺省为今日 / First day"),
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出某日有效的时限与到期日 / Deadlines in force on a day, with their due dates."""
    with services(node_directory(directory)) as node:
        answer = node.catalogs.ShowDeadlines(pb.ShowDeadlinesRequest(on=on or 0))
    document = answers.document(answer)
    if output is Format.JSON:
        render.write_json(document)
        return
    obligations = render.pick(language, OBLIGATIONS)
    units, unknown = render.pick(language, UNITS), _UNKNOWN[language is Language.EN]
    shown = [
        one
        | {
            "obligation": obligations[one["obligation"]],
            "term": f"{one['days'] or ''} {units[one['unit']]}".strip(),
            "last": one["last"] or unknown,
        }
        for one in document["deadlines"]
    ]
    render.write_table("", render.pick(language, _DEADLINES), shown)
    due = [
        {"obligation": obligations[name], "last": last or unknown}
        for name, last in document["due"].items()
    ]
    render.write_table("", render.pick(language, _DUE), due)


app.command("authorities")(authorities)
app.command("regions")(regions)
app.command("matters")(matters)
app.command("trust")(trust)
app.command("equivalences")(equivalences)


@app.command("diff")
def diff(
    old: Annotated[str, typer.Argument(help="版本 / Edition")],
    new: Annotated[str, typer.Argument(help="版本 / Edition")],
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """比较两个版本；有差异时以 1 退出 / Compare two editions; exits with 1 where they differ."""
    with services(node_directory(directory)) as node:
        answer = node.catalogs.DiffEditions(pb.DiffEditionsRequest(old=old, new=new))
    found = answers.document(answer)
    if output is Format.JSON:
        render.write_json(found)
    else:
        _write_differences(found["differences"], language)
    if found["differences"]:
        raise typer.Exit(Exit.FINDINGS)


@app.command("check")
def check(
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出待核实的条目；有则以 1 退出 / What waits for a person; then exits with 1."""
    with services(node_directory(directory)) as node:
        found = answers.document(node.catalogs.CheckCatalog(pb.CheckCatalogRequest()))
    if output is Format.JSON:
        render.write_json(found)
    else:
        render.write_table(
            "",
            render.pick(language, _UNCONFIRMED),
            found["unconfirmed"],
            _WAITS,
        )
        if found["without_ground"]:
            title = render.pick(language, {"": ("没有依据，不作认定", "no law makes it; held")})[""]
            render.write_table(
                title, render.pick(language, _WITHOUT_GROUND), found["without_ground"]
            )
        rules = {code: with_text(code) for code in found["findings"]}
        render.write_fields(found["findings"], rules)
    waits = found["unconfirmed"] or found["without_ground"] or found["ending"]
    if waits or not found["library"]["subjects"]:
        raise typer.Exit(Exit.FINDINGS)


@app.command("confirm")
def confirm(
    entries: Annotated[list[str], typer.Argument(help="版本/代码 / edition/code")],
    *,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="核实人 / Who compared it")],
    key: Key = None,
    directory: Directory = None,
) -> None:
    """确认条目与正式文本一致 / Say that entries agree with the official text."""
    place = node_directory(directory)
    with failures():
        note = signed(place, key, Sort.CONFIRMATION, confirmation_body(entries))
    with services(place) as node:
        request = pb.ConfirmEntriesRequest(entries=entries, person=by, note=note)
        node.catalogs.ConfirmEntries(request)
    render.say(f"已核实 {len(entries)} 条 / {len(entries)} confirmed")


@app.command("library")
def library(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, resolve_path=True, help="CSV、工作簿 / CSV, workbook"
        ),
    ],
    *,
    anyway: Annotated[
        bool,
        typer.Option(help="许多行或主体丢失亦采用 / also where many rows or subjects are lost"),
    ] = False,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """更换法人库；有行未采用时以 1 退出 / Replace the base library; 1 where rows were left out."""
    with services(node_directory(directory)) as node:
        request = pb.ImportLibraryRequest(path=str(file), anyway=anyway)
        result = _last(node.catalogs.ImportLibrary(request), "subjects")
    if output is Format.JSON:
        render.write_json(result)
    else:
        render.write_document(result)
    if result["left_out"]:
        raise typer.Exit(Exit.FINDINGS)


def _edition(path: Path) -> str:
    """The text of a file; or the name of a starter, as it stands."""
    starters = starter_editions()
    if str(path) in starters and not path.exists():
        return str(path)
    if path.suffix not in (".yaml", ".yml") and not path.exists():
        known = "、".join(sorted(starters))
        message = (
            f"没有文件 {str(path)!r}，也没有这个启动版；启动版：{known} / "
            f"no file {str(path)!r}, and no starter of that name; there are {', '.join(starters)}"
        )
        raise typer.BadParameter(message)
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise typer.BadParameter(f"没有文件 {str(path)!r} / no file {str(path)!r}") from None
    except (OSError, UnicodeDecodeError) as error:
        message = f"文件须为 UTF-8：{path} / {path}: expected a file in UTF-8, got: {error}"
        raise typer.BadParameter(message) from None


def _last(told: Iterable[Any], count: str) -> dict[str, Any]:
    """Show progress, and read the result out of the last answer."""
    result: dict[str, Any] = {}
    with render.rows_read() as progress:
        task = progress.add_task("", total=None, rows=0)
        for answer in told:
            progress.update(task, rows=getattr(answer, count))
            if answer.result_json:
                result = json.loads(answer.result_json)
    return result
