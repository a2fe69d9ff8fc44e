"""Candidates that change dropout rates or the network: one program for each structure."""

import functools
import threading
from concurrent.futures import Future
from typing import Any

import keras
import numpy as np
import pytest

import wane
from thorough_cases import thorough_but
from training_cases import INPUTS, bits, network, study, weights
from wane.training import workers
from wane.training.executables import Executable, Executables


def dropping(rate: float, layer: Any = keras.layers.Dropout) -> Any:
    """A network with one dropout layer, whose random numbers do not depend on its rate."""
    return network(middle=(layer(rate, seed=7, name="drop"),))


def deep(layers: int = 3, **compiled: Any) -> Any:
    """A network with several hidden layers."""
    model = keras.Sequential(
        [
            keras.layers.Input((INPUTS,)),
            *[keras.layers.Dense(4, activation="tanh") for _ in range(layers)],
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(**{"optimizer": "adam", "loss": "binary_crossentropy", **compiled})
    return model


def assert_same(mine: wane.Result, name: str, theirs: wane.Result, other: str) -> None:
    """Check that two candidates end alike; a rate known to the compiler may round otherwise."""
    for repeat in range(2):
        for a, b in zip(weights(mine, name, repeat), weights(theirs, other, repeat), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def run(model: Any, *candidates: Any, **options: Any) -> wane.Result:
    """The result of a study with two repeats on splits of their own."""
    options = {"validation": 0.3, "repeats": 2, **options}
    return study(model, candidates=candidates, **options).run(progress=False)


@pytest.mark.parametrize(
    "half_made",
    thorough_but([keras.layers.Dropout], [keras.layers.Dropout, keras.layers.GaussianDropout]),
)
@pytest.mark.parametrize("present", thorough_but([0.3], [0.0, 0.3]))
def test_a_rate_gives_what_a_model_made_with_it_gives(half_made: Any, present: float) -> None:
    """Dropout(0.3) takes its rate as data; the other three are made and traced anew."""
    source = dropping(present, half_made)
    mine = run(source, wane.Dropout(0.6), (wane.Dropout(0.6), wane.L2(0.1)))
    theirs = run(dropping(0.6, half_made), wane.L2(0.1))
    as_data = half_made is keras.layers.Dropout and present > 0
    assert mine._traces == (1 if as_data else 2)
    for name, other in (("Dropout(0.6)", "baseline"), ("Dropout(0.6) + L2(0.1)", "L2(0.1)")):
        assert_same(mine, name, theirs, other)
    model = mine.model("Dropout(0.6)")
    assert model.get_layer("drop").rate == model.get_config()["layers"][2]["config"]["rate"] == 0.6
    assert mine.model("baseline").get_layer("drop").rate == present
    assert source.get_layer("drop").rate == present


@pytest.mark.thorough
def test_spatial_dropout_takes_its_rate_as_data() -> None:
    def model(rate: float) -> Any:
        made = keras.Sequential(
            [
                keras.layers.Input((INPUTS,)),
                keras.layers.Reshape((INPUTS, 1)),
                keras.layers.Dense(4, activation="tanh"),
                keras.layers.SpatialDropout1D(rate, seed=3),
                keras.layers.Flatten(),
                keras.layers.Dense(1, activation="sigmoid"),
            ]
        )
        made.compile("adam", "binary_crossentropy")
        return made

    mine = run(model(0.2), wane.Dropout(0.5))
    assert mine._traces == 1
    assert_same(mine, "Dropout(0.5)", run(model(0.5)), "baseline")


@pytest.mark.thorough
def test_fifty_rates_and_strengths_trace_once() -> None:
    rates = [wane.Dropout(rate / 50) for rate in range(50)]
    result = run(dropping(0.3), *rates, *[(r, wane.L2(0.1)) for r in rates], repeats=1, epochs=1)
    assert result._traces == 1 and len(result.runs) == 101
    assert result.runs["train_data_loss"].nunique() > 90


@pytest.mark.thorough
def test_a_rate_is_for_the_layers_that_are_named() -> None:
    middle = tuple(keras.layers.Dropout(0.1, name=name) for name in ("first", "second"))
    result = run(network(middle=middle), wane.Dropout(0.5, layers="sec*"), repeats=1)
    model = result.model(result.spec.names[1])
    assert [model.get_layer(name).rate for name in ("first", "second")] == [0.1, 0.5]


@pytest.mark.thorough
def test_a_model_function_gives_its_dropout_layers_other_names_each_time() -> None:
    def made() -> Any:
        return network(middle=(keras.layers.Dropout(0.3, seed=7),))

    def made_with_none() -> Any:
        return network(middle=(keras.layers.Dropout(0.0, seed=7),))

    same, anew = run(made, wane.Dropout(0.6)), run(made_with_none, wane.Dropout(0.6))
    assert (same._traces, anew._traces) == (1, 2)
    assert_same(same, "Dropout(0.6)", anew, "Dropout(0.6)")


@pytest.mark.thorough
def test_another_network_is_trained_as_in_a_study_of_its_own() -> None:
    other = deep()
    two = wane.Network(other, "deep")
    mine = run(network(), two, (two, wane.L2(0.1)), wane.L2(0.1))
    alone = run(other, wane.L2(0.1))
    shallow = run(network(), wane.L2(0.1))
    assert mine._traces == 2
    assert list(mine.spec.names) == ["baseline", "deep", "deep + L2(0.1)", "L2(0.1)"]
    for repeat in range(2):
        for name, result, there in (
            ("deep", alone, "baseline"),
            ("deep + L2(0.1)", alone, "L2(0.1)"),
            ("baseline", shallow, "baseline"),
            ("L2(0.1)", shallow, "L2(0.1)"),
        ):
            own, its = (r.runs.set_index(["candidate", "repeat"]) for r in (mine, result))
            columns = [c for c in its.columns if c not in ("penalty", "strength")]
            np.testing.assert_array_equal(
                own.loc[(name, repeat), columns].astype(float),
                its.loc[(there, repeat), columns].astype(float),
            )
    assert len(mine.model("deep").layers) == 4 and len(mine.model("baseline").layers) == 2
    norms = {c["name"]: set(c["weight_norms"]) for c in mine.document["candidates"]}
    assert norms["baseline"] == {"hidden", "hidden:bias", "output", "output:bias"}
    assert len(norms["deep"]) == 8


@pytest.mark.thorough
def test_the_order_of_structures_changes_nothing() -> None:
    candidates = [wane.Network(deep(), "deep"), wane.Dropout(0.6), wane.L2(0.1)]
    forth, back = (bits(run(dropping(0.3), *c)) for c in (candidates, candidates[::-1]))
    assert forth == back


@pytest.mark.thorough
def test_a_chosen_network_is_handed_back(tmp_path: Any) -> None:
    """A network that cannot learn loses, and the other is saved, refitted, in its place."""
    frozen = network(optimizer=keras.optimizers.SGD(0.0))
    made = study(
        frozen, candidates=[wane.Network(deep(), "deep")], validation=0.3, repeats=2, epochs=20
    )
    result = made.run(tmp_path / "study", progress=False)
    assert result.chosen == "deep" and len(result.best_model().layers) == 4
    loaded = keras.models.load_model(tmp_path / "study" / "best.keras")
    x = np.ones((2, INPUTS), np.float32)
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), result.best_model()(x))
    assert "change" in result.verdict.text and "penalty" not in result.verdict.text


@pytest.mark.thorough
def test_what_is_compiled_trains_while_the_rest_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second structure's program is given only when every run of the first has begun."""
    held: list[tuple[Future[Executable], Executable]] = []
    session_runs: list[Any] = []
    of, trained = Executables.of, workers.Workers._trained
    late = functools.cache(lambda _structure: Future[Executable]())
    lock = threading.Lock()

    def give() -> None:
        """Where it is asked for late, all runs of the first may have begun before."""
        with lock:
            if len([run for run in session_runs if run.structure == 0]) == 2:
                for future, program in held:
                    if not future.done():
                        future.set_result(program)

    def slow(self: Executables, batch: Any) -> Future[Executable]:
        future = of(self, batch)
        if batch.structure == 0:
            return future
        if not held:
            held.append((late(batch.structure), future.result()))
            give()
        return late(batch.structure)

    def noted(self: workers.Workers, run_queue: Any, batch: Any, executable: Any) -> Any:
        session_runs.append(batch.runs[0])
        give()
        return trained(self, run_queue, batch, executable)

    monkeypatch.setattr(Executables, "of", slow)
    monkeypatch.setattr(workers.Workers, "_trained", noted)
    run(network(), wane.Network(deep(), "deep"))
    assert [run.structure for run in session_runs] == [0, 0, 1, 1]


@pytest.mark.thorough
def test_calls_wait_for_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """With memory for no call at all there is one at a time; results stay."""
    reference = bits(run(network(), wane.L2(0.1)))
    monkeypatch.setattr(workers, "free_bytes", lambda _device: 1)
    under_way: list[int] = []
    ready = workers.Workers._ready

    def noted(self: workers.Workers, start: Any, pending: Any) -> Any:
        call = ready(self, start, pending)
        under_way.append(len(pending) + (call is not None))
        return call

    monkeypatch.setattr(workers.Workers, "_ready", noted)
    result = run(network(), wane.L2(0.1))
    assert max(under_way) == 1 and bits(result) == reference
    assert result.document["engine"]["structures"][0]["mebibytes_of_call"] > 0


@pytest.mark.thorough
def test_memory_limits_the_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "free_bytes", lambda _device: 1)
    monkeypatch.setattr(workers, "WIDTHS", (2, 4))
    made = study(network(), repeats=3)
    result = made.run(progress=False, execution=wane.Execution("vmap"))
    (structure,) = result.document["engine"]["structures"]
    assert structure["width"] == 2 and list(structure["microseconds_by_width"]) == ["2"]


def other(title: str = "other", **compiled: Any) -> wane.Network:
    """A network for the messages below."""
    return wane.Network(deep(**compiled), title)


BAD: dict[str, tuple[Any, str]] = {
    "no dropout layer": (
        lambda: study(network(), candidates=[wane.Dropout(0.5)]).run(progress=False),
        "No dropout layer of the model 'NAME' matches Dropout(0.5, layers='all'): it has none; "
        "give a network with dropout layers as wane.Network(model, title).",
    ),
    "no such layer": (
        lambda: study(dropping(0.1), candidates=[wane.Dropout(0.5, layers="x*")]).run(
            progress=False
        ),
        "No dropout layer of the model 'NAME' matches Dropout(0.5, layers='x*'): it has 'drop'.",
    ),
    "two rates": (
        lambda: study(
            dropping(0.1), candidates=[(wane.Dropout(0.5), wane.Dropout(0.2, layers="drop"))]
        ).run(progress=False),
        "Two of a candidate's dropout rates are for the layer 'drop'.",
    ),
    "rate": (
        lambda: wane.Dropout(1.0),
        "rate must be the share of units that is dropped, at least 0 and below 1, got 1.0.",
    ),
    "layers": (
        lambda: wane.Dropout(0.5, layers=""),
        "layers must be 'all' or a glob on the names of dropout layers, got ''.",
    ),
    "title": (
        lambda: wane.Network(network(), " "),
        "title must say what to call the network, got ' '.",
    ),
    "titles": (
        lambda: study(network(), candidates=[other(), other()]),
        "Two networks are called 'other'; give each a title of its own, or make one wane.Network "
        "and use it in both candidates.",
    ),
    "two networks": (
        lambda: study(network(), candidates=[(other("a"), other("b"))]).run(progress=False),
        "A candidate takes one network, got a and b.",
    ),
    "loss": (
        lambda: study(network(), candidates=[other(loss="mse")]).run(progress=False),
        "The network 'other' has the loss mean_squared_error, but the study's model has "
        "binary_crossentropy: compile both alike.",
    ),
    "metrics": (
        lambda: study(network(), candidates=[other(metrics=["auc"])]).run(progress=False),
        "The network 'other' has the metrics ['auc', 'accuracy'], but the study's model has "
        "['accuracy']: compile both alike.",
    ),
    "uncompiled": (
        lambda: study(
            network(),
            candidates=[wane.Network(keras.Sequential([keras.layers.Input((INPUTS,))]), "other")],
        ).run(progress=False),
        "The model 'NAME' is not compiled: call model.compile(optimizer=..., loss=...) before "
        "giving it to wane.",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_does_not_fit_is_refused(case: str) -> None:
    make, message = BAD[case]
    with pytest.raises(wane.InputError) as caught:
        make()
    words = str(caught.value).split("'")
    if "NAME" in message:
        words[1] = "NAME"
    assert "'".join(words) == message


def test_a_model_that_hides_its_rates_cannot_be_given_others() -> None:
    @keras.saving.register_keras_serializable("wane-tests")
    class Hiding(keras.Model):  # type: ignore[misc] # Keras has no types
        """Its configuration does not tell of its dropout layer."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.drop = keras.layers.GaussianDropout(0.1)
            self.dense = keras.layers.Dense(1, activation="sigmoid")

        def call(self, x: Any, training: bool = False) -> Any:
            return self.dense(self.drop(x, training=training))

    model = Hiding(name="hiding")
    model.compile("adam", "binary_crossentropy")
    model(np.ones((1, INPUTS), np.float32))
    with pytest.raises(wane.InputError) as caught:
        study(model, candidates=[wane.Dropout(0.5)]).run(progress=False)
    assert str(caught.value) == (
        "The configuration of the model 'hiding' does not hold the rates of its dropout layers: "
        "give models made with each rate as wane.Network(model, title)."
    )
