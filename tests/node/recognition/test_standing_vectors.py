"""`tests/vectors/standings.json`: how scenarios stand in a region, for other implementations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from federation.conditions import OnList
from federation.ids import Date
from federation.payloads import Benefit, Scenario, Window
from federation.recognition.recognitions import RecognitionWord, standing
from federation.recognition.scenarios import ScenarioWord
from federation.statements import RecognitionAction, ScenarioAction
from node.codec import ProtobufPayloads
from tests.support import recognising as make
from tests.support.vectors import compare, held

ENCODE = ProtobufPayloads().encode
OPENED, AMENDED, CLOSED = ScenarioAction
ACCEPTED, DECLINED, SUSPENDED, ENDED = RecognitionAction
TEXT = make.said(make.scenario())
ABOUT = (
    "`texts`: all statements about one scenario, by its issuer; `payload` is the Scenario, null "
    "where it cannot be read. `words`: the Recognitions of one region, `of` is the place in "
    "`texts` of what each names. `said_on` is the day of `issued_at`, `epoch` the place of the log "
    "in its chain. `own`: the region is the issuer's. `shared`: the alliances of both. `result`: "
    "own, accepted, declined, suspended, ended, none, or ask-again (undecided); `until`: its last "
    "day, 0 where none is known."
)


def later(index: int = 1, **changes: Any) -> ScenarioWord:
    return make.said(make.scenario(**changes), index, action=AMENDED)


def case(
    name: str,
    words: Sequence[RecognitionWord] = (),
    *,
    day: int = 20260401,
    texts: Sequence[ScenarioWord] = (TEXT,),
    own: bool = False,
    shared: Sequence[bytes] = (make.SOUTH,),
) -> dict[str, Any]:
    found = standing(words, texts, Date(day), frozenset(shared), own=own)  # type: ignore[arg-type]
    places = [text.leaf_hash for text in texts]
    return {
        "name": name,
        "day": day,
        "own": own,
        "shared": [one.hex() for one in shared],
        "texts": [
            {
                "epoch": one.epoch,
                "index": one.index,
                "action": int(one.action),
                "payload": None if one.unread else ENCODE(one.scenario).hex(),
            }
            for one in texts
        ],
        "words": [
            {
                "epoch": one.epoch,
                "index": one.index,
                "action": int(one.action),
                "said_on": one.said_on,
                "of": places.index(one.of),
                "payload": ENCODE(one.recognition).hex(),
            }
            for one in words
        ],
        "result": found.action.value,
        "until": found.until,
    }


def cases() -> list[dict[str, Any]]:
    first = make.word(TEXT)
    ending = make.word(TEXT, ENDED, 1, 20260315, effective_on=Date(20260501))
    everywhere: Scenario = make.scenario(charters=())
    anywhere = make.said(everywhere)
    narrowed = make.word(anywhere, charters=(make.WEST,))
    both = (make.SOUTH, make.WEST)
    amended = {
        "title, windows": later(title="新", windows=(Window(name="新窗口"),)),
        "earlier end": later(valid_until=Date(20271231)),
        "later end": later(valid_until=Date(20291231)),
        "no end": later(valid_until=Date(0)),
        "more benefits": later(benefits=(Benefit(text="免押金"), Benefit(text="免租金"))),
        "other condition": later(condition=OnList(list_type="x")),
        "other words": later(conditions_text="另有条件"),
        "other places": later(places=("5105",)),
        "other scales": later(scales=()),
    }
    return [
        case("nothing said"),
        case("own", own=True),
        case("accepted", [first]),
        case("before it was said", [first], day=20260228),
        case("declined", [make.word(TEXT, DECLINED)]),
        case("suspended", [first, make.word(TEXT, SUSPENDED, 1, 20260315)]),
        case("said last, not arrived last", [make.word(TEXT, DECLINED, 1, 20260315), first]),
        case("by its epoch", [make.word(TEXT, DECLINED, 9), _moved(make.word(TEXT, index=0))]),
        case("an end that is announced", [first, ending]),
        case("its first day", [first, ending], day=20260501),
        case(
            "accepted again before it", [first, ending, make.word(TEXT, index=2, said_on=20260320)]
        ),
        case(
            "accepted again from that day on",
            [
                first,
                ending,
                make.word(TEXT, index=2, said_on=20260320, effective_on=Date(20260501)),
            ],
        ),
        case(
            "accepted again a day after it",
            [
                first,
                ending,
                make.word(TEXT, index=2, said_on=20260320, effective_on=Date(20260502)),
            ],
        ),
        case(
            "accepted again after its last day",
            [make.word(TEXT, valid_until=Date(20260420)), again(effective_on=Date(20260501))],
        ),
        case("backdated", [backdated()], day=20260201),
        case("its last day", [make.word(TEXT, valid_until=Date(20260401))]),
        case("the day after", [make.word(TEXT, valid_until=Date(20260331))]),
        case("no shared alliance", [first], shared=(make.WEST,)),
        case("in all shared ones", [make.word(anywhere)], texts=(anywhere,), shared=both),
        case("in one of them", [narrowed], texts=(anywhere,), shared=both),
        case("in another one", [narrowed], texts=(anywhere,), shared=(make.SOUTH,)),
        case("not yet", [first], day=20251231),
        case("over", [first], day=20290101),
        case("its very last day", [first], day=20281231),
        case("closed", [first], texts=(TEXT, _closed())),
        case("amended after it was closed", [first], texts=(TEXT, _closed(), later(2))),
        case("own, closed", texts=(TEXT, _closed()), own=True),
        case("a text that cannot be read", [first], texts=(TEXT, _unread())),
        *(case(f"amended: {name}", [first], texts=(TEXT, one)) for name, one in amended.items()),
        case(
            "amended and accepted anew",
            [first, make.word(amended["no end"], index=1, said_on=20260320)],
            texts=(TEXT, amended["no end"]),
        ),
        case(
            "declined before it was amended",
            [make.word(TEXT, DECLINED)],
            texts=(TEXT, amended["no end"]),
        ),
    ]


def backdated() -> RecognitionWord:
    return make.word(TEXT, decided_on=Date(20251201), effective_on=Date(20260101))


def again(**changes: Any) -> RecognitionWord:
    return make.word(TEXT, index=2, said_on=20260320, **changes)


def _closed() -> ScenarioWord:
    return make.said(make.scenario(), 1, action=CLOSED)


def _unread() -> ScenarioWord:
    return make.said(make.scenario(), 1, action=AMENDED, unread=True)


def _moved(word: RecognitionWord) -> RecognitionWord:
    return RecognitionWord(
        origin=word.origin,
        index=word.index,
        epoch=1,
        statement_id=word.statement_id,
        action=word.action,
        said_on=word.said_on,
        of=word.of,
        recognition=word.recognition,
    )


def test_the_file_is_what_the_implementation_makes() -> None:
    compare("standings", "SPEC 5.7 (SN10-SN12, RG10-RG15)", ABOUT, cases())


def test_every_answer_is_among_the_cases() -> None:
    results = {one["result"] for one in held("standings")["cases"]}
    # An end is accepted until its day, and `ended` from then on.
    assert results == {"own", "accepted", "declined", "suspended", "ended", "none", "ask-again"}
