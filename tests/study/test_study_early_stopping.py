"""Early stopping as a candidate's change: what Keras's callback does, with patience as data."""

from typing import Any

import keras
import numpy as np
import pytest

import wane
from study_cases import data, network, study

VALIDATION = data(rows=30, seed=3)


@pytest.mark.thorough
def test_a_candidate_stops_as_keras_callback_does_and_compiles_once_for_all_patiences() -> None:
    patiences = (0, 2, 7)
    options = {
        "validation": VALIDATION,
        "epochs": 60,
        "model": network("binary", keras.optimizers.Adam(0.2)),
    }
    own = study(candidates=[wane.EarlyStopping(p) for p in patiences], **options).run(
        progress=False
    )
    assert [s["traces"] for s in own.document["engine"]["structures"]] == [1, 1]
    lengths = set()
    for patience in patiences:
        callback = keras.callbacks.EarlyStopping(
            patience=patience, restore_best_weights=True, monitor="val_loss"
        )
        keras_own = study(candidates=[], callbacks=[callback], **options).run(progress=False)
        name = f"EarlyStopping({patience})"
        for repeat in (0, 1):
            pair = [
                run.model(which, repeat).get_weights()
                for run, which in ((own, name), (keras_own, "baseline"))
            ]
            for mine, theirs in zip(*pair, strict=True):
                np.testing.assert_array_equal(mine, theirs)
        curves = own.curves
        lengths.add(int((curves["candidate"] == name).sum()))
    assert len(lengths) > 1  # the patience mattered


@pytest.mark.thorough
def test_it_combines_with_a_penalty_and_others_train_to_the_end() -> None:
    both = (wane.L2(0.01), wane.EarlyStopping(0))
    result = study(
        candidates=[both, wane.L2(0.01)], validation=VALIDATION, epochs=80,
        model=network("binary", keras.optimizers.Adam(0.1)),
    ).run(progress=False)  # fmt: skip
    epochs = result.curves.groupby("candidate", observed=True)["epoch"].max()
    assert epochs["L2(0.01)"] == epochs["baseline"] == 80
    assert epochs["L2(0.01) + EarlyStopping(0)"] < 80
    assert result.spec.to_dict()["candidates"]["L2(0.01) + EarlyStopping(0)"][1] == {
        "early_stopping": 0
    }


def stopping(**options: Any) -> wane.Result:
    """A study in which early stopping has the lowest validation losses, as it always may."""
    return study(
        candidates=[wane.EarlyStopping(1), (wane.L2(0.01), wane.EarlyStopping(1))],
        validation=0.4, epochs=80, model=network("binary", keras.optimizers.Adam(0.3)), **options,
    ).run(progress=False)  # fmt: skip


@pytest.mark.thorough
@pytest.mark.parametrize("rows", [0, 9, 10])
def test_the_rows_that_stopped_it_do_not_choose_it(rows: int) -> None:
    """Regression: on 8 validation rows "it helps" in 93 % of studies that gained next to nothing.

    Ten test rows judge it, which chose no epoch.
    """
    test = {} if rows == 0 else {"test": data(rows=rows, seed=2)}
    result = stopping(**test)
    means = result.runs.groupby("candidate")["validation_data_loss"].mean()
    assert means.idxmin() != "baseline"  # it looks better
    names = {"EarlyStopping(1)", "L2(0.01) + EarlyStopping(1)"}
    said = (
        "EarlyStopping(1) and L2(0.01) + EarlyStopping(1) are reported but not eligible: their "
        "epochs were selected on the validation rows, on which the loss looks too low; at least 10 "
        "test rows would judge them."
    )
    eligible = rows >= 10
    assert (said in result.verdict.text) is not eligible
    assert (result.chosen in names) is eligible
    if not eligible:
        assert result.verdict.conclusion == "cannot be told"
        assert (
            "; whether a change helps cannot be told without test rows, since validation rows "
            "chose when each one stops."
        ) in result.verdict.answer
    else:
        assert result.verdict.improvement_on == "test"


@pytest.mark.thorough
def test_another_candidate_is_chosen_beside_it() -> None:
    result = study(
        candidates=[wane.EarlyStopping(1), wane.L2(0.01)], validation=0.4, epochs=60,
        model=network("binary", keras.optimizers.Adam(0.3)),
    ).run(progress=False)  # fmt: skip
    assert result.chosen == "L2(0.01)"
    assert "EarlyStopping(1) is reported but not eligible: its epochs" in result.verdict.text
    assert "Of 2 candidates" not in result.verdict.text  # one was asked about


@pytest.mark.thorough
def test_a_run_that_validation_rows_ended_is_handed_back_and_not_trained_again() -> None:
    result = stopping(test=data(seed=2))
    assert result.chosen == "EarlyStopping(1)"  # it has the lowest of each run's losses
    kept = result.model("EarlyStopping(1)", 0).get_weights()
    for mine, theirs in zip(result.best_model().get_weights(), kept, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("patience", [-1, 1.5, True, "3"])
def test_a_patience_that_is_no_number_of_epochs_is_refused(patience: object) -> None:
    with pytest.raises(wane.InputError) as caught:
        wane.EarlyStopping(patience)  # type: ignore[arg-type] # the test is about it
    assert str(caught.value) == (
        f"patience must be a whole number of at least 0, got {patience!r}."
    )


def test_stopping_twice_is_refused() -> None:
    with pytest.raises(wane.InputError) as caught:
        study(candidates=[(wane.EarlyStopping(1), wane.EarlyStopping(2))]).run(progress=False)
    assert str(caught.value) == (
        "A candidate stops early once, got EarlyStopping(1) and EarlyStopping(2)."
    )


@pytest.mark.thorough
def test_the_verdict_says_that_validation_rows_selected_the_epochs() -> None:
    def text(monitor: str) -> str:
        stopping = keras.callbacks.EarlyStopping(monitor=monitor, patience=1)
        return study(callbacks=[stopping]).run(progress=False).verdict.text

    sentence = "The epoch at which each run stopped was selected on the validation rows"
    assert sentence in text("val_loss") and sentence not in text("loss")
