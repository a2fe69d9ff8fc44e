"""Verdicts in Chinese: of rare cases too, and the same document whatever the language."""

import dataclasses
import itertools
import math
from typing import Any

import numpy as np
import pytest

import wane
from evidence_cases import evidence, noisy, resampling, spread
from translation_cases import assert_translated, checked
from wane._language import VARIABLE, speaking
from wane.penalties import candidate_names
from wane.report.wording import ended, metric_label, reference_label, spoken
from wane.resampling.splits import Resampling, Split
from wane.resampling.ties.grouping import Dependence
from wane.stats import PairedDifference, RetrainedDifference
from wane.study.evaluation.diagnosis import Diagnosis, Rebound, TrainSizeMeans
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.expected import Expectation, Expected, from_validation_rows
from wane.study.evaluation.references import References, ReferenceSummary
from wane.study.journal.serializer import from_dict, to_dict
from wane.study.measures.tables import MeanStd
from wane.study.measures.tails import Tails
from wane.study.references.models import LABELS
from wane.study.spec.looks import Ended, Look
from wane.study.spec.selection import Criterion
from wane.study.verdicts.diagnosis import diagnosis_clause, diagnosis_sentence
from wane.study.verdicts.next_step import next_step
from wane.study.verdicts.verdict import Verdict, verdict

SPLIT = Split(np.arange(20), np.arange(20, 30))
LOW, HIGH = PairedDifference(-0.1, 0.01, -0.12, -0.08, 1e-4, 10, 9.0), noisy([0.4, 0.5])
GAIN = PairedDifference(0.1, 0.01, 0.08, 0.12, 1e-4, 10, 9.0)
LITTLE = PairedDifference(0.001, 2e-4, 5e-4, 2e-3, 1e-4, 10, 9.0)
UNSURE = PairedDifference(0.1, 0.1, -0.1, 0.3, 0.4, 10, 9.0)
STOPPING = ((), (wane.L2(1e-3),), (wane.EarlyStopping(10),))


def with_test(gain: PairedDifference, **more: Any) -> dict[str, Any]:
    """Test rows that decide, with this gain."""
    loss = Expectation(0.3, 0.25, 0.35, 0.3, 0.0, gain)
    metrics = {"data_loss": loss, "accuracy": Expectation(0.7, 0.6, 0.8, 0.7, 0.0, gain)}
    losses = noisy([0.4, 0.3])
    known = {"test_metric": 1 - losses, "test_loss": losses, **more}
    return {**known, "expected": Expected("test", 1000, metrics)}


def bootstrap(why_not: str = "", optimism: float = 0.01, **more: Any) -> Expected:
    metrics = {"accuracy": Expectation(0.7, 0.6, 0.8, 0.7 + optimism, optimism)}
    own = {} if why_not else metrics
    return Expected(None if why_not else "bootstrap", 10, own, why_not, **more)


def beside(
    name: str, over: PairedDifference, network: PairedDifference, before: PairedDifference
) -> References:
    """A linear model and a constant beside the network, on test rows."""
    means = {"data_loss": MeanStd(0.3, 0.0), "accuracy": MeanStd(0.85, 0.0)}
    gains = {"data_loss": GAIN} if name == "linear" else {}
    every = [
        ReferenceSummary("constant", "a constant", 10, means, means, {}, {}),
        ReferenceSummary("linear", "logistic regression", 10, means, means, gains,
                         {"test": {"data_loss": over}, "validation": {"data_loss": before}}),
        ReferenceSummary("boosting", "gradient boosting", 8, means, means, {},
                         {"test": {"data_loss": over}}),
    ]  # fmt: skip
    return References("test", 50, every, {}, {"data_loss": network}, {"data_loss": 0.05})


def tied(kind: Any, name: str = "", **more: Any) -> Resampling:
    how = {"kind": "fixed", "splits": (Split(SPLIT.train, None),), "repeats": 10, **more}
    return Resampling(**how, dependence=Dependence(kind, name))


LESS, MORE = noisy([0.4, 0.3]), noisy([0.3, 0.4])
VAGUE = np.stack([np.full(10, 0.4), 0.39 + spread(10, 0.05)])
EQUAL = np.stack([np.full(10, 0.4), np.full(10, 0.3)])
NO_SIGNAL = dataclasses.replace(UNSURE, mean=-0.01)

CASES: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
    "all diverged": (LESS * np.nan, {}),
    "some diverged": (np.where(np.arange(10) < 1, np.nan, LESS), {}),
    "extended": (noisy([0.4, 0.35, 0.3, 0.25]), {"extended": [2, 3]}),
    "stopping": (noisy([0.4, 0.35, 0.3]), {
        "candidates": STOPPING, "names": candidate_names(STOPPING), "extended": [2]}),
    "ineligible": (noisy([0.4, 0.35, 0.3]), {
        "candidates": STOPPING, "names": candidate_names(STOPPING), "ineligible": [2],
        "rows": {"train": 20, "validation": 10}}),
    "untried": (noisy([0.4, 0.35, 0.3])[:2], {
        "candidates": STOPPING[::2], "names": candidate_names(STOPPING[::2]), "ineligible": [1],
        "rows": {"train": 20, "validation": 10}}),
    "no eligible one": (noisy([0.4, 0.45, 0.3]), {
        "candidates": STOPPING, "names": candidate_names(STOPPING), "ineligible": [2],
        "rows": {"train": 20, "validation": 10}}),
    "dropped": (noisy([0.4, 0.35, 0.3, 0.25]), {"dropped": {1: 3}}),
    "few groups": (LESS, {"resampling": tied("groups", "patient"),
                          "groups": {"validation": 4, "test": 12}}),
    "many groups": (VAGUE, {"resampling": tied("groups"), "groups": {"validation": 10}}),
    "later rows": (LESS, {"resampling": tied("time"), "groups": {"validation": 10}}),
    "windows": (LESS, {"resampling": tied("windows"), "groups": {"validation": 11}}),
    "copies": (LESS, {"resampling": tied("copies"), "groups": {"validation": 9, "test": 8},
                      "test_metric": 1 - LESS}),
    "few test rows": (LESS, {"rows": {"train": 20, "validation": 10, "test": 1},
                             "test_metric": 1 - LESS}),
    "one rare row": (LESS, {"rare": {"validation": 1}}),
    "rare test rows": (LESS, {"rare": {"test": 2}, "test_metric": 1 - LESS}),
    "rows unknown": (LESS, {"validation_rows": {}}),
    "rows without a value": (LESS, {"validation_rows": {}, "test_metric": 1 - LESS}),
    "fresh rows": (VAGUE, {"resampling": Resampling("fresh", (SPLIT,) * 10, 10)}),
    "subsample": (LESS, {"resampling": Resampling("subsample", (SPLIT,) * 10, 10)}),
    "same weights": (LESS, {"same_weights": True}),
    "same weights, splits": (LESS, {"same_weights": True,
                                    "resampling": resampling(10, fixed=False)}),
    "splits": (VAGUE, {"resampling": resampling(10, fixed=False)}),
    "retrained": (LESS, {"resampling": resampling(10, fixed=False), "retrained":
                         RetrainedDifference(0.1, 0.02, 0.05, 0.15, 1e-3, 10, 9.0, 0.0, 8, 40)}),
    "retrained beside test rows": (LESS, with_test(
        GAIN, resampling=resampling(10, fixed=False),
        retrained=RetrainedDifference(0.1, 0.02, 0.05, 0.15, 1e-3, 10, 9.0, 0.0, 8, 40))),
    "bootstrap": (LESS, {"expected": bootstrap(gain_optimism=0.001)}),
    "bootstrap without luck": (LESS, {"expected": bootstrap(optimism=0.0)}),
    "shares": (LESS, {"expected": bootstrap(wins={"L2(0.001)": 0.3, "baseline": 0.7})}),
    "no bootstrap": (LESS, {"expected": bootstrap("it takes at least 10 validation rows")}),
    "test rows help": (LESS, with_test(GAIN)),
    "test rows help little": (LESS, with_test(LITTLE)),
    "test rows do not help": (LESS, with_test(LOW)),
    "test rows cannot tell": (LESS, with_test(UNSURE)),
    "a heavy row": (LESS, {"expected": bootstrap(tails=Tails(0.0, 0.6, 0.01))}),
    "a heavy row of the baseline": (MORE, {"expected": bootstrap(tails=Tails(0.0, 0.6, 0.01))}),
    "by a score": (LESS, {"criterion": Criterion("auc", "up"), "selected_by": 1 - LESS}),
    "by a score in vain": (LESS, {"criterion": Criterion("auc", "up"),
                                  "selected_by": 0 * LESS + 0.7}),
    "by a score of others": (noisy([0.4, 0.3, 0.35]), {
        "criterion": Criterion("auc", "up"), "selected_by": 1 - noisy([0.4, 0.3, 0.35])}),
    "regression": (LESS, {"metric": "rmse", "metric_direction": "down",
                          "validation_metric": LESS}),
    "worse in the metric": (LESS, {"metric_direction": "up", "validation_metric": LESS}),
    "weights of validation rows": (LESS, {"weighted_alike": frozenset()}),
    "no signal": (LESS, with_test(UNSURE, references=beside("", NO_SIGNAL, NO_SIGNAL, NO_SIGNAL))),
    "fails there": (LESS, with_test(UNSURE, references=beside("", LOW, LOW, GAIN))),
    "linear": (LESS, with_test(GAIN, references=beside("linear", GAIN, GAIN, GAIN))),
    "references": (LESS, with_test(GAIN, references=beside("", GAIN, GAIN, GAIN))),
    "no change": (np.stack([EQUAL[0]] * 3), {}),
    "a score of no others": (noisy([0.4, 0.5])[:, :3], {
        "criterion": Criterion("auc", "up"), "selected_by": np.array([[0.7] * 3, [0.7] * 3])}),
    "retrained among several": (noisy([0.4, 0.3, 0.35]), with_test(
        GAIN, resampling=resampling(10, fixed=False), test_metric=1 - noisy([0.4, 0.3, 0.35]),
        test_loss=noisy([0.4, 0.3, 0.35]),
        retrained=RetrainedDifference(0.1, 0.02, 0.05, 0.15, 1e-3, 10, 9.0, 0.0, 8, 40))),
    "groups that need more": (VAGUE, with_test(
        UNSURE, resampling=tied("groups"), groups={"validation": 20, "test": 20})),
    "equal differences": (EQUAL, {"resampling": resampling(10, fixed=False)}),
}  # fmt: skip
"""Validation losses, and what else is known."""


def of_case(name: str) -> Evidence:
    losses, parts = CASES[name]
    return evidence(0.5 * losses, losses, **parts)


@pytest.mark.parametrize("name", CASES)
def test_every_sentence_has_the_same_numbers_in_chinese(name: str) -> None:
    found = verdict(of_case(name))  # which is checked, as all are here
    assert found.translations["zh"].answer


KINDS = (
    "overfits", "underfits", "needs data", "trained too little", "fine", "unclear", "diverged",
)  # fmt: skip


@pytest.mark.parametrize(("kind", "overfits"), list(itertools.product(KINDS, (False, True))))
@pytest.mark.parametrize("on", ["validation", "test"])
def test_what_ails_a_network_is_said_in_chinese(kind: Any, overfits: bool, on: Any) -> None:
    sizes = TrainSizeMeans((10, 20), (0.1, 0.1), (0.5, 0.4), (0.5, 0.4), GAIN)
    for count, rose, epochs in itertools.product((1, 10), (False, True), (4, 40)):
        gap = dataclasses.replace(GAIN, count=count, low=math.nan if count == 1 else 0.08)
        rebound = Rebound(2, 0.2, 0.4, 0.2, 1.0, 0.01, 1.0, rose, not rose, False)
        found = Diagnosis(kind, overfits, 0.1, 0.4, gap, rebound, 0.9, train_sizes=sizes, on=on)
        given = evidence(
            noisy([0.1] * 2), MORE, test_loss=MORE, baseline_curve=np.ones((10, epochs))
        )
        checked(lambda: ended(diagnosis_clause(found, 0.05)))  # noqa: B023 - called at once
        checked(lambda: diagnosis_sentence(given, found))  # noqa: B023 - called at once
        for helps, chosen in ((False, 0), (False, 1), (True, 1)):
            checked(lambda: next_step(given, chosen, UNSURE, helps, found)[1])  # noqa: B023 - as above


@pytest.mark.parametrize("why", ["helps", "splits", "rows", "most", "time"])
def test_why_training_has_ended_is_said_in_chinese(why: Any) -> None:
    over = Ended(why, 10, most=80, minutes=2.5, chosen="L2(0.001)")
    for look in (Look(stopped=over), Look(2, 0.0076, 0.0576, over, added=("L1(0.1)", "L1(0.2)"))):
        found = verdict(evidence(0.5 * LESS, LESS, look=look))
        assert "Training ended at 10" in found.text


@pytest.mark.parametrize("chosen", ["en", "zh"])
def test_the_document_is_the_same_whatever_the_language(
    chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = to_dict(verdict(of_case("linear")))
    monkeypatch.setenv(VARIABLE, chosen)
    found = to_dict(verdict(of_case("linear")))
    assert found == usual and found["text"].isascii()
    shown = spoken(found)
    assert shown["text"].isascii() == (chosen == "en")
    assert shown["overfits"] == found["overfits"]


def test_a_document_of_an_earlier_version_is_shown_in_english() -> None:
    document = to_dict(verdict(of_case("linear")))
    del document["translations"]
    old = from_dict(document, Verdict)
    with speaking("zh"):
        assert str(old) == document["text"] == spoken(document)["text"]
        assert old._repr_html_().isascii()


def test_reasons_for_no_estimate_are_known_in_chinese() -> None:
    """They are found again by their English text."""
    _, why = from_validation_rows(None, Criterion(), [(), (wane.L2(1e-3),)], 1)
    found = verdict(evidence(0.5 * LESS, LESS, expected=bootstrap(why)))
    assert why in found.text
    assert_translated(found.text, found.translations["zh"].text, *found.chosen)


def test_names_of_models_and_metrics_are_chinese_only_where_chinese_is_spoken() -> None:
    labels = [label for both in LABELS.values() for label in both if label]
    with speaking("zh"):
        assert not any(reference_label(label).isascii() for label in labels)
        assert reference_label("my own") == "my own"
        assert metric_label("my_own") == "my own" and metric_label("rmse") == "RMSE"
        assert not metric_label("data_loss").isascii()
    assert [reference_label(label) for label in labels] == labels


def test_spaces_in_names_stay_in_chinese() -> None:
    found = verdict(evidence(noisy([0.1, 0.2]), noisy([0.6, 0.3]), names=("baseline", "宽 网络")))
    text = found.translations["zh"].text
    assert "宽 网络" in text and "宽网络" not in text and "\u00a0" not in text
    assert "宽 网络" in found.text
