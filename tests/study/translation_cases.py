"""What a Chinese sentence has in common with the English one of the same numbers."""

import re
from collections.abc import Callable

from wane._language import in_each, speaking
from wane.report.wording import paragraph
from wane.study.verdicts.verdict import Verdict

NUMBER = re.compile(r"\d+(?:[,.]\d+)*(?:e[+-]?\d+)?")
LATIN = re.compile(r"[A-Za-z]+")
NAMES = {
    "AUC", "EarlyStopping", "Holm", "L", "RMSE", "R", "baseline", "e", "epochs", "equal", "none",
    "p", "repeats", "sample", "weight",
}  # fmt: skip
"""What is no English word though it is in Latin letters: candidates, metrics, options."""
QUOTED = re.compile(r"'[^']*'|select_by|equal_epochs|sample_weight")
HALVES = re.compile(
    r"[,;:!?] |\. |[\u4e00-\u9fff][.,;:()]|[\u4e00-\u9fff] [\u4e00-\u9fff]| [\uff00-\uff0f]"
)
"""Punctuation of English in Chinese, and spaces where Chinese has none."""
UNSPACED = re.compile(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]")


def assert_translated(english: str, chinese: str, *names: str) -> None:
    """Check that a Chinese text says no other numbers than the English one, and no English words.

    Args:
        english, chinese: the texts.
        names: what may stand in both as it is.
    """
    assert bool(english) == bool(chinese), english
    assert sorted(NUMBER.findall(english)) == sorted(NUMBER.findall(chinese)), (english, chinese)
    for name in names:  # a name of somebody's own keeps its spaces
        chinese = chinese.replace(name, name.replace(" ", ""))
    bare = QUOTED.sub("L", chinese)
    spelled = [*names, *(name.replace(" ", "") for name in names)]
    known = {word for name in spelled for word in LATIN.findall(name)} | NAMES
    assert not set(LATIN.findall(bare)) - known, chinese
    assert not HALVES.search(bare), (HALVES.findall(bare), chinese)
    assert not UNSPACED.search(bare), (UNSPACED.findall(bare), chinese)
    assert not chinese or chinese.endswith("\u3002"), chinese


def checked(make: Callable[[], str], *names: str) -> str:
    """The English sentence that ``make`` gives, once its Chinese one has been checked."""
    english, others = in_each(lambda: paragraph([make()]))
    assert_translated(english, others["zh"], *names)
    return english


def checked_verdict(found: Verdict, *names: str) -> Verdict:
    """A verdict, once its Chinese sentences have been checked."""
    own = found.translations["zh"]
    for english, chinese in (
        (found.answer, own.answer),
        (found.text, own.text),
        (found.details, own.details),
    ):
        assert_translated(english, chinese, found.chosen, *names)
    assert found.diagnosis.kind == "no signal" or own.text.startswith(own.answer)
    with speaking("zh"):
        assert (str(found), found.words) == (own.text, own)
    with speaking("en"):
        assert str(found) == found.text
    return found
