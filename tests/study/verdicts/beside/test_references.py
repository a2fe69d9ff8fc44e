"""When no model finds a signal, and when a linear one does better."""

import dataclasses

import keras
import numpy as np
import pytest

import wane
from evidence_cases import evidence, noisy, resampling
from translation_cases import checked
from wane.resampling.ties.grouping import Dependence
from wane.stats import PairedDifference
from wane.study.evaluation.diagnosis import Diagnosis
from wane.study.evaluation.references import References, ReferenceSummary
from wane.study.measures.tables import MeanStd
from wane.study.verdicts.beside.references import beside as in_words
from wane.study.verdicts.beside.references import reference_finding

SURE = PairedDifference(0.2, 0.1, 0.0, 0.4, 0.001, 10)


def told(accuracy: float, *, network: float = 0.8) -> tuple[str, str]:
    """The answer and the sentence of a linear model of three repeats, better by its data loss.

    Further repeats of the network have other numbers.
    """
    numbers = {"accuracy": MeanStd(accuracy, 0.0), "data_loss": MeanStd(0.4, 0.0)}
    linear = ReferenceSummary(
        "linear", "logistic regression", 3, numbers, None, {"data_loss": SURE}, {}
    )
    losses = np.array([[0.6] * 5, [0.5] * 3 + [0.3] * 2])
    shares = np.array([[0.7] * 5, [network] * 3 + [0.9] * 2])
    found = evidence(
        losses,
        losses,
        validation_metric=shares,
        resampling=resampling(5, fixed=False),
        references=References("validation", 50, [linear], {}, {}, {}),
    )
    finding = reference_finding(found, 1, Diagnosis("fine", False, 0.5, 0.5), "It is so")
    assert finding is not None
    return finding.answer, checked(lambda: in_words(found, 1), *found.names)


def test_numbers_beside_each_other_are_of_the_same_repeats() -> None:
    answer, sentence = told(0.82)
    assert answer == (
        "It is so, and a linear model does better: on 10 validation rows in the first 3 repeats "
        "logistic regression has accuracy of 0.820 and the best network, L2(0.001), of 0.800."
    )
    assert sentence == (
        "On 10 validation rows in the first 3 repeats accuracy is 0.820 of logistic regression, "
        "beside 0.800 of L2(0.001)."
    )


def test_a_linear_model_that_is_better_is_shown_by_a_number_that_differs() -> None:
    answer, _ = told(0.8)
    assert answer.endswith("has data loss of 0.400 and the best network, L2(0.001), of 0.500.")


@pytest.mark.parametrize(
    ("calibrated", "words"),
    [
        (0.35, "what L2(0.001) takes off the data loss is mostly calibration, which changes no"),
        (0.25, "that alone takes more off the data loss than L2(0.001), and changes no"),
        (0.45, ""),
    ],
)
def test_what_calibration_alone_does_is_told(calibrated: float, words: str) -> None:
    """Regression: "the gain is mostly calibration" where that alone did better, or none is sure."""
    means = {"data_loss": MeanStd(calibrated, 0.0)}
    one = ReferenceSummary("recalibrated", "recalibrated", 10, {}, means, {}, {})
    losses = noisy([0.5, 0.3])
    given = evidence(
        noisy([0.1] * 2),
        losses,
        test_loss=losses,
        references=References("test", 50, [one], {}, {}, {}),
    )
    said = checked(lambda: in_words(given, 1), *given.names)
    assert (words in said and bool(said)) if words else not said


def test_a_level_of_later_rows_that_no_model_tells_is_told() -> None:
    losses = noisy([0.5, 0.3])
    means = {"r2": MeanStd(-60.0, 0.0)}
    every = [
        ReferenceSummary(name, label, 10, {}, means, {}, {})
        for name, label in [("constant", "a constant"), ("boosting", "gradient boosting")]
    ]
    given = evidence(
        noisy([0.1] * 2), losses, test_loss=losses,
        references=References("test", 50, every, {"r2": -56.1}, {"data_loss": SURE}, {}),
        resampling=dataclasses.replace(
            resampling(10, fixed=True), dependence=Dependence("time", "day")
        ),
    )  # fmt: skip

    def told() -> str:
        finding = reference_finding(given, 1, Diagnosis("fine", False, 0.5, 0.5), "It is so")
        assert finding is not None and finding.diagnosis.kind == "no signal"
        return f"{finding.answer} {finding.advice}"

    assert checked(told, *given.names).startswith(
        "No model tells the level of the target on later rows: on 1,000 test rows R² is -56.1 of "
        "the best network, L2(0.001), beside -60.0 of a constant and -60.0 of gradient boosting; "
        "the mean of these rows would be nearer. Predict the change since the row before"
    )
    without = dataclasses.replace(given, resampling=resampling(10, fixed=True))
    assert reference_finding(without, 1, Diagnosis("fine", False, 0.5, 0.5), "It is so") is None


@pytest.mark.thorough
def test_what_holds_on_validation_rows_alone_is_told() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(300, 5)).astype("float32")
    way = np.where(np.arange(300) < 150, 1, -1)  # the test half is of another world
    y = (way * x.sum(axis=1) + 0.3 * generator.normal(size=300)).astype("float32")
    verdict = study(x, y, "mse", None).verdict
    assert verdict.diagnosis.kind == "no signal" and verdict.next_step == "better inputs"
    assert verdict.answer.startswith(
        "What was learnt does not hold on the test rows: on 150 test rows neither the best network"
    )
    assert "Use ridge regression" not in verdict.text
    assert "Find out in what the test rows differ from the others" in verdict.text


def study(x: np.ndarray, y: np.ndarray, loss: str, activation: str | None) -> wane.Result:
    layers = [keras.layers.Input(x.shape[1:]), keras.layers.Dense(32, activation="relu")]
    model = keras.Sequential([*layers, keras.layers.Dense(1, activation)])
    model.compile(keras.optimizers.Adam(0.02), loss=loss)
    half = len(x) // 2
    return wane.Study(
        model, x[:half], y[:half], test=(x[half:], y[half:]), validation=0.25, repeats=6,
        candidates=wane.sweep(wane.L2, (1e-3, 1e-2)), epochs=40, learning_curve=False,
        retraining=False,
    ).run(progress=False)  # fmt: skip


def test_inputs_of_noise_are_told() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(400, 8)).astype("float32")
    verdict = study(x, generator.integers(0, 2, 400), "binary_crossentropy", "sigmoid").verdict
    assert verdict.diagnosis.kind == "no signal" and verdict.overfits
    assert verdict.next_step == "better inputs"
    assert verdict.answer.startswith(
        "No signal was found: on 200 test rows neither the best network"
    )
    assert "Look for inputs that carry a signal of the target" in verdict.text


def test_under_weights_of_classes_no_signal_is_not_taken_from_the_loss() -> None:
    """A network of balanced classes is to be worse than a constant by its loss and accuracy."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(600, 4)).astype("float32")
    y = generator.random(600) < 1 / (1 + np.exp(2.5 - x[:, 0]))  # about one in nine
    layers = [keras.layers.Input((4,)), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.Adam(0.05), loss="binary_crossentropy")
    result = wane.Study(
        model, x[:300], y[:300], test=(x[300:], y[300:]), validation=0.25, repeats=3, epochs=30,
        candidates=[wane.L2(1e-3)], class_weight="balanced", references=["constant", "linear"],
        learning_curve=False, extend=False, retraining=False,
    ).run(progress=False)  # fmt: skip
    constant = result.document["references"][0]["test"]
    assert constant["accuracy"]["mean"] > result.runs["test_accuracy"].max()
    assert constant["data_loss"]["mean"] < result.runs["test_data_loss"].min()
    diagnosis = result.verdict.diagnosis
    assert diagnosis.kind != "no signal" and not diagnosis.worse_than_constant


@pytest.mark.thorough
def test_a_linear_truth_is_told() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(160, 12)).astype("float32")
    y = (x @ generator.normal(size=12) + 0.5 * generator.normal(size=160)).astype("float32")
    result = study(x, y, "mse", None)
    verdict = result.verdict
    assert verdict.diagnosis.kind == "worse than linear"
    assert verdict.next_step == "linear model"
    assert "and a linear model does better: on 80 test rows ridge regression has RMSE of" in (
        verdict.answer
    )
    if verdict.helps:  # of two things to use one is the best
        assert " Of the networks use L2(" in verdict.text and " Use L2(" not in verdict.text
    assert "Use ridge regression, or find out what it has that the network lacks" in verdict.text
    # In the table, below the candidates.
    lines = str(result).splitlines()
    names = [line.split("  ")[1].strip() for line in lines if "ridge regression  " in line]
    assert names
    assert verdict.text.count("The network overfits") <= 1


@pytest.mark.thorough
def test_a_network_that_finds_what_others_do_not_is_neither() -> None:
    """A product of signs is no sum."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(600, 2)).astype("float32")
    y = (x[:, 0] * x[:, 1] > 0).astype("float32")
    result = study(x, y, "binary_crossentropy", "sigmoid")
    assert result.verdict.diagnosis.kind not in ("no signal", "worse than linear")
    own = {row["reference"]: row for row in result.references().to_dict("records")
           if row["metric"] == "data_loss"}  # fmt: skip
    assert own["linear"]["gain"] < 0 and own["linear"]["high"] < 0
    assert own["constant"]["validation_mean"] == pytest.approx(np.log(2), abs=0.02)
