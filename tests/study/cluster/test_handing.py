"""Studies handed over, and made again as they were."""

from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import ShuffleSplit
from sklearn.preprocessing import StandardScaler

import wane
from study_cases import data, network, study
from wane.study.cluster.handing import dumps, packed, unpacked
from wane.study.running.session import Session
from wane.study.running.statement import fingerprints
from wane.training.execution import Execution

pytest.importorskip("ray")


class Doubled(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """A layer of the user's own, which is registered nowhere."""

    def call(self, x: Any) -> Any:
        return 2 * x


def own_loss(y: Any, predictions: Any) -> Any:
    return keras.ops.mean(keras.ops.abs(y - predictions), -1)


def with_own_layer() -> Any:
    model = keras.Sequential(
        [keras.layers.Input((3,)), Doubled(), keras.layers.Dense(1)], name="doubled"
    )
    model.compile(optimizer=keras.optimizers.AdamW(0.01), loss=own_loss)
    return model


def trained() -> Any:
    model = network(optimizer="adam")
    model.fit(*data(), epochs=1, verbose=0)
    return model


def frame() -> pd.DataFrame:
    return pd.DataFrame(data("regression")[0], columns=list("abc"))


STUDIES: dict[str, Any] = {
    "plain": lambda: study(),
    "function": lambda: study(model=lambda: network(optimizer="adam")),
    "networks": lambda: study(candidates=[wane.Network(network(optimizer="adam"), "adam")]),
    "own-layer": lambda: study("regression", model=with_own_layer()),
    "frame": lambda: study(
        "regression", x=frame(), transform=StandardScaler(), standardize_target=True
    ),
    "unseeded-splits": lambda: study(validation=ShuffleSplit(3, test_size=0.3), repeats=3),
    "callbacks": lambda: study(
        callbacks=[keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (1 + epoch))]
    ),
    "optimizer-state": lambda: study(model=trained(), optimizer_state="model"),
    "test-rows": lambda: study(test=data(seed=3), validation=data(seed=2), groups=None),
    "groups": lambda: study(groups=np.repeat(range(10), 3)),
    "scoring": lambda: study(scoring=["roc_auc"], select_by="roc_auc", class_names=["no", "yes"]),
}


def session_of(made: wane.Study) -> Session:
    session = made._ready
    assert session is not None
    return session


@pytest.mark.parametrize("kind", STUDIES)
def test_the_same_session_is_made(kind: str) -> None:
    session = session_of(STUDIES[kind]())
    whole = packed(session, Execution("threads", threads=1))
    found = unpacked(whole)
    assert fingerprints(found) == fingerprints(session)
    assert found.workers.threads == 1
    for repeat in range(session.resampling.repeats):
        mine, theirs = (one.initial_state(one.run(0, repeat)) for one in (session, found))
        for one, other in zip(mine.weights, theirs.weights, strict=True):
            assert np.array_equal(one, other)


def test_arrays_lie_apart_and_are_not_copied() -> None:
    x = np.random.default_rng(0).normal(size=(4000, 3)).astype("float32")
    whole = packed(session_of(study(x=x, y=x[:, 0] > 0)), Execution("threads"))
    assert sum(array.nbytes for array in whole.arrays) >= x.nbytes
    assert len(whole.content) < x.nbytes
    for array in whole.arrays:
        array.flags.writeable = False  # as those of the object store
    rows = unpacked(whole).spec.data.development
    assert any(np.shares_memory(rows.x, array) for array in whole.arrays)


def test_what_a_file_does_not_hold_is_named() -> None:
    model = network(optimizer=keras.optimizers.AdamW(0.01))
    model.optimizer.exclude_from_weight_decay(var_names=["bias"])
    session = session_of(study(model=model))
    with pytest.raises(wane.InputError) as caught:
        packed(session, Execution("threads"))
    assert str(caught.value) == (
        "The model 'net' cannot be handed to the workers of a cluster, since a .keras file does "
        "not hold which weights its optimizer excludes from weight decay: give a function that "
        "returns it compiled, or train it here, without ray (--ray)."
    )


def test_what_cannot_be_pickled_is_said() -> None:
    with pytest.raises(wane.InputError, match="since a part of it cannot be pickled"):
        dumps({"generator": (number for number in range(3))})
