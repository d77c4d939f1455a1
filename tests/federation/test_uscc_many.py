"""`federation.uscc_many`: many codes at once are read as each of them alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from federation.errors import StatementError
from federation.uscc import ALPHABET, DEPARTMENTS, check_uscc, make_uscc
from federation.uscc_many import sound_places

sound = st.builds(
    lambda head, region, body: make_uscc(head + region, body),
    st.sampled_from(sorted(DEPARTMENTS)),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=8, max_size=8),
)


@st.composite
def nearly(draw: st.DrawFn) -> str:
    """A code with one character that is another."""
    code = draw(sound)
    at = draw(st.integers(0, 17))
    char = draw(st.one_of(st.sampled_from(ALPHABET + "IOSVZ"), st.characters()))
    return code[:at] + char + code[at + 1 :]


@st.composite
def within(draw: st.DrawFn) -> str:
    """A code whose organisation code has another check character (U6), its own last one right."""
    code = draw(sound)
    body = code[:16] + draw(st.sampled_from("0123456789X"))
    total = sum(ALPHABET.index(char) * 3**at for at, char in enumerate(body))
    return body + ALPHABET[-total % 31]


codes = st.one_of(
    sound, nearly(), within(), st.text(max_size=20), st.builds("{}\n{}".format, sound, sound)
)


@given(st.one_of(st.lists(sound, max_size=40), st.lists(codes, max_size=40)))
def test_many_codes_are_as_each_of_them_alone(given_codes: list[str]) -> None:
    expected = []
    for at, code in enumerate(given_codes):
        try:
            check_uscc(code)
        except StatementError:
            continue
        expected.append(at)
    assert sound_places(given_codes) == expected
