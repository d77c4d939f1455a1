"""The scenarios that are known, each with all its texts and all that regions said of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from federation.ids import CharterId, Date, Origin, StatementId
from federation.recognition.recognitions import RecognitionWord, Standing, standing
from federation.recognition.scenarios import ScenarioWord, newest
from federation.statements import ScenarioAction


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownScenario:
    """One scenario."""

    id: StatementId
    """That of the statement that opened it."""
    node: Origin
    """Its issuer: the first log of the chain."""
    words: tuple[ScenarioWord, ...]
    """Its texts, oldest first."""
    said: Mapping[Origin, tuple[RecognitionWord, ...]]
    """What other nodes said of any of them, by the first log of their chain; oldest first."""

    @property
    def newest(self) -> ScenarioWord:
        """The text that counts (SN10)."""
        return newest(self.words)

    def standing(self, node: Origin, day: Date, shared: AbstractSet[CharterId]) -> Standing:
        """How it stands in the region of a node (RG10 to RG15).

        Args:
            node: the first log of its chain.
            day: the day.
            shared: alliances of which it and the issuer are members.
        """
        said = self.said.get(node, ())
        return standing(said, self.words, day, shared, own=node == self.node)


class Scenarios:
    """All that are known; a value."""

    def __init__(self, known: Iterable[KnownScenario]) -> None:
        """Take them."""
        self.all: tuple[KnownScenario, ...] = tuple(known)
        self._by_id = {word.statement_id: one for one in self.all for word in one.words}
        self._by_place = {
            (word.origin, word.index): (one, word) for one in self.all for word in one.words
        }

    def find(self, statement_id: bytes) -> KnownScenario | None:
        """The scenario one of whose texts has this statement id."""
        return self._by_id.get(statement_id)

    def at(self, origin: Origin, index: int) -> tuple[KnownScenario, ScenarioWord] | None:
        """The scenario with a text at this leaf, and the text."""
        return self._by_place.get((origin, index))


def known_scenarios(
    words: Sequence[ScenarioWord],
    said: Sequence[RecognitionWord],
    *,
    direct: Callable[[ScenarioWord, ScenarioWord], bool],
    node_of: Callable[[Origin], Origin],
) -> Scenarios:
    """Put together what belongs together.

    Args:
        words: every statement about scenarios, in any order.
        said: every recognition, in any order.
        direct: whether the first may amend or close the second (SPEC §6.2).
        node_of: the first log of the chain of a log's node.

    Returns:
        Those of which the opening statement is held; an amendment of what is not waits.
    """
    roots = _roots(words, direct)
    texts: dict[tuple[Origin, int], list[ScenarioWord]] = defaultdict(list)
    for word in words:
        if (root := roots.get((word.origin, word.index))) is not None:
            texts[root.origin, root.index].append(word)
    by_place = {(word.origin, word.index): word for word in words}
    heard: dict[tuple[Origin, int], dict[Origin, list[RecognitionWord]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for one in said:
        named = one.recognition.scenario
        place = (named.origin, named.index)
        root = roots.get(place)
        if root is not None and by_place[place].leaf_hash == named.leaf_hash:
            heard[root.origin, root.index][node_of(one.origin)].append(one)
    return Scenarios(
        KnownScenario(
            id=StatementId(by_place[place].statement_id),
            node=node_of(place[0]),
            words=tuple(sorted(of, key=lambda word: word.place)),
            said={
                node: tuple(sorted(words_of, key=lambda word: word.place))
                for node, words_of in sorted(heard[place].items())
            },
        )
        for place, of in sorted(texts.items())
    )


def _roots(
    words: Sequence[ScenarioWord], direct: Callable[[ScenarioWord, ScenarioWord], bool]
) -> dict[tuple[Origin, int], ScenarioWord]:
    """Of each statement the one that opened its scenario, by place; none where that is not held."""
    by_id: dict[bytes, list[ScenarioWord]] = defaultdict(list)
    for word in words:
        by_id[word.statement_id].append(word)
    roots: dict[tuple[Origin, int], ScenarioWord] = {}
    for word in words:
        at, passed = word, [word]
        while at.action != ScenarioAction.OPENED and (at.origin, at.index) not in roots:
            earlier = [one for one in by_id[at.about] if one not in passed and direct(at, one)]
            if not earlier:
                break
            at = earlier[0]
            passed.append(at)
        root = at if at.action == ScenarioAction.OPENED else roots.get((at.origin, at.index))
        if root is not None:
            roots |= {(one.origin, one.index): root for one in passed}
    return roots
