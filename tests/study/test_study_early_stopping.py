"""Early stopping as a candidate's change: what Keras's callback does, with patience as data."""

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


@pytest.mark.thorough
def test_a_run_that_validation_rows_ended_is_handed_back_and_not_trained_again() -> None:
    result = study(
        candidates=[wane.EarlyStopping(1)], validation=0.4, epochs=80,
        model=network("binary", keras.optimizers.Adam(0.3)),
    ).run(progress=False)  # fmt: skip
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
