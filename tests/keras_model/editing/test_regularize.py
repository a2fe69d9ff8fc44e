"""Penalties on every kind of Keras model: put on, replaced, targeted and taken off."""

import warnings
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import keras
import numpy as np
import pytest

import wane
from regularization_cases import (
    APPLICATIONS,
    CASES,
    attention,
    check,
    check_application,
    check_decay,
    check_decay_of_several,
    check_fit,
    close,
    loaded_again,
    penalized,
    stack,
    subclassed,
    sum_of_squares,
    total,
)
from wane.keras_model.regularizers import expressible, weights_not_saved
from wane.keras_model.weights import trainable_weights
from wane.penalties import CATALOGUE

L = keras.layers


@pytest.mark.parametrize("name", CASES)
def test_models_of_every_kind(name: str) -> None:
    check(CASES[name])


@pytest.mark.thorough
def test_fit_feels_it_and_the_optimizer_goes_on() -> None:
    check_fit()


@pytest.mark.filterwarnings("ignore:The weight_decay=:UserWarning")
def test_fit_feels_weight_decay() -> None:
    check_decay()
    check_decay_of_several()


def test_what_is_called_a_regularizer_is_one() -> None:
    for penalty in CATALOGUE.values():
        one = penalty.of_strength(0.5)
        assert penalty.is_regularizer == bool(expressible((one,)))


@pytest.mark.parametrize(
    "name",
    [  # JAX takes 5 to 30 s for each of the others
        pytest.param(n, marks=pytest.mark.thorough if n == "MobileNet" else pytest.mark.slow)
        for n in APPLICATIONS
    ],
)
def test_applications(name: str) -> None:
    check_application(name)


def dense(**options: Any) -> Any:
    """A network of two layers, ``hidden`` and ``last``."""
    return stack(L.Dense(4, name="hidden", **options), L.Dense(2, name="last"), shape=(3,))


def compiled(model: Any) -> Any:
    model.compile("sgd", "mse")
    return model


def strengths(model: Any) -> dict[str, Any]:
    """What each layer's kernel has, read from the regularizer's configuration."""
    return {
        weight.layer: weight.variable.regularizer.get_config()
        for weight in trainable_weights(model)
        if weight.role == "kernel" and weight.variable.regularizer is not None
    }


def test_the_value_is_that_of_wane_s_own_penalties() -> None:
    model = dense()
    wane.regularize(model, wane.L1L2(0.25, 0.5), wane.L1(0.125, layers="last", on=("bias",)))
    hidden, last = model.layers
    last.bias.assign([1.0, -3.0])
    elastic, sparse = wane.L1L2(0.25, 0.5), wane.L1(0.125)
    expected = sparse.value(jnp.asarray(last.bias.value), *sparse.strengths) + sum(
        elastic.value(jnp.asarray(layer.kernel.value), *elastic.strengths)
        for layer in (hidden, last)
    )
    close(total(model), float(expected))
    close(total(loaded_again(model)), float(expected))


@pytest.mark.parametrize(
    ("penalty", "kind", "config"),
    [
        (wane.L2(1e-3), keras.regularizers.L2, {"l2": 1e-3}),
        (wane.L1(1e-4), keras.regularizers.L1L2, {"l1": 1e-4, "l2": 0.0}),
        (wane.L1L2(1e-4, 1e-3), keras.regularizers.L1L2, {"l1": 1e-4, "l2": 1e-3}),
    ],
)
def test_they_are_keras_s_own_regularizers_with_the_exact_strength(
    penalty: wane.Penalty, kind: type, config: dict[str, float]
) -> None:
    layer = loaded_again(wane.regularize(dense(), penalty)).layers[0]
    assert [type(layer.kernel_regularizer), type(layer.kernel.regularizer)] == [kind, kind]
    assert layer.kernel_regularizer.get_config() == config


def test_penalties_on_one_weight_add_up_and_replace_what_was_there() -> None:
    model = dense(kernel_regularizer=keras.regularizers.OrthogonalRegularizer(0.5))
    wane.regularize(model, wane.L2(0.5), wane.L1(0.25, layers="hidden"), wane.L2(0.125))
    assert strengths(model) == {"hidden": {"l1": 0.25, "l2": 0.625}, "last": {"l2": 0.625}}


def test_weights_that_are_not_targeted_keep_what_they_have() -> None:
    model = dense(bias_regularizer="l2")
    wane.regularize(model, wane.L1L2(0.0, 0.5))
    wane.regularize(model, wane.L2(0.25, layers="output"))
    assert strengths(model) == {"hidden": {"l2": 0.5}, "last": {"l2": 0.25}}
    assert model.layers[0].bias.regularizer is model.layers[0].bias_regularizer is not None


def test_a_strength_of_zero_takes_a_penalty_off() -> None:
    model = wane.regularize(dense(), wane.L2(0.5))
    wane.regularize(model, wane.L2(0.0, layers="hidden"))
    assert strengths(model) == {"last": {"l2": 0.5}}
    assert model.layers[0].kernel_regularizer is None


def test_a_mapping_gives_strengths_by_layer_and_the_last_match_counts() -> None:
    model = stack(
        L.Conv1D(2, 2, name="conv1"),
        L.Conv1D(2, 2, name="conv2"),
        L.Dense(2, name="dense"),
        L.Dense(1, name="top"),
    )
    by_layer: dict[str, wane.Penalty | tuple[wane.Penalty, ...]] = {
        "all": wane.L2(0.5),
        "conv*": wane.L2(0.25),
        "conv2": (wane.L1(0.125), wane.L2(0.0625)),
        "output": wane.L2(0.0),
    }
    wane.regularize(model, by_layer)
    expected = {
        "conv1": {"l2": 0.25},
        "conv2": {"l1": 0.125, "l2": 0.0625},
        "dense": {"l2": 0.5},
    }
    assert strengths(model) == expected
    wane.regularize(model, {"dense": wane.L2(0.5)}, wane.L2(0.25, layers="d*"))
    assert strengths(model) == {**expected, "dense": {"l2": 0.75}}


def test_a_preset_of_the_literature() -> None:
    model = wane.regularize(dense(), wane.presets["vgg"])
    assert strengths(model) == {"hidden": {"l2": 2.5e-4}, "last": {"l2": 2.5e-4}}


def test_each_direction_of_a_bidirectional_layer_keeps_its_own() -> None:
    model = stack(L.Bidirectional(L.LSTM(2, name="rnn"), name="two"))
    wane.regularize(model, {"forward*": wane.L2(0.5), "*/backward*": wane.L2(0.25)})
    for one in (model, loaded_again(model)):
        forward, backward = one.layers[0].forward_layer, one.layers[0].backward_layer
        assert forward.kernel_regularizer.l2 == forward.recurrent_regularizer.l2 == 0.5
        assert backward.kernel_regularizer.l2 == backward.recurrent_regularizer.l2 == 0.25


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["last kernel"]),
        ({"on": ("kernel", "embedding")}, ["words embeddings", "last kernel"]),
        ({"layers": "words"}, ["words embeddings"]),
        ({"layers": "[wl]*"}, ["words embeddings", "last kernel"]),
        ({"layers": "*"}, ["last kernel"]),
        ({"layers": "hidden", "on": ("embedding",)}, ["words embeddings"]),
    ],
)
def test_embeddings_only_where_they_are_named(options: dict[str, Any], expected: list[str]) -> None:
    model = stack(L.Embedding(5, 3, name="words"), L.Flatten(), L.Dense(1, name="last"), shape=(4,))
    assert penalized(wane.regularize(model, wane.L2(0.5, **options))) == expected
    assert penalized(loaded_again(model)) == expected


def test_the_name_of_a_layer_means_all_that_it_holds() -> None:
    model = CASES["nested"].make()
    wane.regularize(model, wane.L2(0.5, layers="inner", on=("bias",)))
    assert penalized(model) == ["inner/one bias", "inner/first bias"]
    model = CASES["lstm"].make()
    assert penalized(wane.regularize(model, wane.L2(0.5, layers="lstm"))) == [
        "lstm/lstm_cell kernel",
        "lstm/lstm_cell recurrent_kernel",
    ]


def test_one_projection_of_an_attention_layer_cannot_be_saved_which_is_warned_of() -> None:
    model = attention(L.MultiHeadAttention(2, 3, name="heads"))
    with pytest.warns(UserWarning) as caught:
        wane.regularize(model, wane.L2(0.5, layers="query"))
    assert [str(warning.message) for warning in caught] == [
        "The penalties on 'heads/query' act, but a saved file or a clone of 'net' will not "
        "have them, since its configuration does not hold them: call wane.regularize again on "
        "what is loaded."
    ]
    assert penalized(model) == ["heads/query kernel"]
    assert loaded_again(model).losses == []
    wane.regularize(model, wane.L2(0.5, layers="heads"))  # now all of them are alike
    assert len(loaded_again(model).losses) == 4


def test_frozen_layers_get_none_and_lose_what_they_had() -> None:
    model = CASES["frozen"].make()
    cold = model.get_layer("cold")
    had = cold.kernel.regularizer
    wane.regularize(model, wane.L2(0.5))
    assert cold.kernel.regularizer is cold.kernel_regularizer is had
    wane.unregularize(model)
    assert cold.kernel.regularizer is cold.kernel_regularizer is None


def test_a_penalty_that_is_set_but_does_nothing_is_taken_off_too() -> None:
    model = dense()
    model.layers[0].kernel_regularizer = keras.regularizers.L2(0.5)
    model.layers[0].activity_regularizer = keras.regularizers.L2(0.25)
    wane.unregularize(model)
    assert model.layers[0].kernel_regularizer is None
    assert model.layers[0].activity_regularizer.l2 == 0.25


def test_class_compilation_and_optimizer_state_stay() -> None:
    model = subclassed()
    model.compile("adam", "mse")
    rows = np.ones((4, 3), "float32")
    model.fit(rows, rows[:, :1], epochs=2, verbose=0)
    optimizer, state = model.optimizer, [np.asarray(v) for v in model.optimizer.variables]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # its configuration holds no penalty
        assert wane.regularize(model, wane.L2(0.5)) is model
    assert model.compiled and model.optimizer is optimizer
    for one, other in zip(state, optimizer.variables, strict=True):
        np.testing.assert_array_equal(one, np.asarray(other))
    history = model.fit(rows, rows[:, :1], epochs=1, verbose=0)
    assert int(optimizer.iterations) == 3
    assert history.history["loss"][0] > 0.4 * total(model) > 0
    assert [w.layer for w in weights_not_saved(model)] == ["first", "second", "last"]


def test_mixed_precision() -> None:
    model = stack(
        L.Dense(4, name="hidden", dtype="mixed_float16"), L.Dense(1, name="last"), shape=(3,)
    )
    wane.regularize(model, wane.L2(0.5))
    close(total(model), 0.5 * sum_of_squares(model, ("hidden kernel", "last kernel")))


def test_weight_decay_becomes_the_optimizer_s_and_replaces() -> None:
    model = dense(kernel_regularizer="l2", bias_regularizer="l2")
    model.compile(keras.optimizers.AdamW(weight_decay=0.5), "mse")
    with pytest.warns(UserWarning, match=r"spares 'bias' here, but Keras saves no exclusions"):
        wane.regularize(model, wane.presets["convnext"])
    table = wane.inspect(model)
    assert table["weight_decay"].tolist() == [0.05, 0, 0.05, 0]
    assert table["penalty"].tolist() == [None, "L2(0.01)", None, None]
    with pytest.warns(UserWarning, match="spares"):
        wane.regularize(model, {"all": wane.WeightDecay(0.25), "last": wane.WeightDecay(0.0)})
    assert wane.inspect(model)["weight_decay"].tolist() == [0.25, 0, 0, 0]
    assert not wane.inspect(wane.unregularize(model))["weight_decay"].any()
    with pytest.warns(UserWarning, match="spares"):
        wane.regularize(model, wane.WeightDecay(0.25), wane.L1(0.5, layers="last"))
    assert wane.inspect(model)["penalty"].tolist() == [None, None, "L1(0.5)", None]
    assert wane.regularize(model, wane.WeightDecay(0.0)).optimizer.weight_decay == 0.0


@pytest.mark.filterwarnings("ignore:The weight_decay=:UserWarning")
def test_weight_decay_of_strength_0_spares_its_own_weights_alone() -> None:
    """Regression: it took the decay off all others, too."""
    model = compiled(dense())
    wane.regularize(model, wane.WeightDecay(0.5, on=("kernel", "bias")))
    wane.regularize(model, wane.WeightDecay(0.0, layers="output"))
    assert wane.inspect(model)["weight_decay"].tolist() == [0.5, 0.5, 0, 0.5]
    wane.regularize(model, wane.WeightDecay(0.0, on=("bias",)))
    assert wane.inspect(model)["weight_decay"].tolist() == [0.5, 0, 0, 0]
    wane.regularize(model, wane.WeightDecay(0.0, layers="hidden"))
    assert model.optimizer.weight_decay == 0


@pytest.mark.filterwarnings("ignore:The weight_decay=:UserWarning")
def test_what_is_unfrozen_later_has_no_weight_decay() -> None:
    """Regression: its biases decayed as well."""
    for scheduled in (False, True):
        model = dense()
        model.layers[0].trainable = False
        model = compiled(model)
        decay = wane.WeightDecay(0.5)
        if scheduled:
            rows = np.ones((4, 3), "float32")
            callback = wane.ScheduledPenalties(decay)
            model.fit(rows, rows[:, :2], verbose=0, callbacks=[callback])
        else:
            wane.regularize(model, decay)
        model.layers[0].trainable = True
        assert wane.inspect(model)["weight_decay"].tolist() == [0, 0, 0.5, 0]


class Adversary(keras.Model):  # type: ignore[misc] # Keras has no types
    """A model with an optimizer beside the one that Keras knows."""

    def __init__(self) -> None:
        super().__init__()
        self.judge = L.Dense(2, name="judge")
        self.judge_optimizer = keras.optimizers.Adam()

    def call(self, x: Any) -> Any:
        return self.judge(x)


def test_optimizers_that_cannot_decay_what_they_should_are_refused() -> None:
    rows = np.ones((4, 3), "float32")
    two = Adversary()
    two(rows)
    ftrl = dense()
    ftrl.compile(keras.optimizers.Ftrl(), "mse")
    for model, text in (
        (
            compiled(two),
            "The model 'adversary' holds optimizers of its own, 'judge_optimizer', and wane cannot "
            "see which weights they train: give weight_decay to these optimizers, or penalize the "
            "model with wane.L2.",
        ),
        (
            ftrl,
            "WeightDecay(0.5) cannot act with the optimizer Ftrl, which makes each weight anew "
            "from all its gradients: compile the model 'net' with another one, or give wane.L2.",
        ),
    ):
        decay = wane.WeightDecay(0.5)
        with pytest.raises(wane.InputError) as caught:
            wane.regularize(model, decay)
        assert str(caught.value) == text
        with pytest.raises(wane.InputError) as caught:
            callbacks = [wane.ScheduledPenalties(decay)]
            model.fit(rows, rows[:, :2], verbose=0, callbacks=callbacks)
        assert str(caught.value) == text
        assert not model.optimizer.weight_decay


def test_a_warning_that_a_file_of_low_rank_factors_begins_anew() -> None:
    model = dense()
    model.layers[0].enable_lora(2)
    with pytest.warns(UserWarning, match=r"low-rank factors of 'hidden', but Keras saves their"):
        wane.regularize(model, wane.L2(0.5))
    for factor in (model.layers[0].lora_kernel_a, model.layers[0].lora_kernel_b):
        factor.assign(np.ones(factor.shape))
    (warning,) = wane.inspect(model).warnings
    assert warning.endswith("in a loaded file the factors, and the penalty's value, begin anew.")
    assert total(loaded_again(model)) < total(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        wane.regularize(model, wane.L2(0.0, layers="hidden"))


@pytest.mark.parametrize(
    ("give", "text"),
    [
        (
            lambda model: (model, wane.WeightDecay(0.5)),
            "WeightDecay is a part of the optimizer's steps, and the model 'net' has no optimizer "
            "yet: compile it first.",
        ),
        (
            lambda model: (
                compiled(model),
                wane.WeightDecay(0.5),
                wane.WeightDecay(1, layers="last"),
            ),
            "An optimizer of Keras has one weight decay for all weights that it does not spare, "
            "got 0.5 and 1.5: give one strength, or train with model.fit(..., "
            "callbacks=[wane.ScheduledPenalties(...)]), which takes several.",
        ),
        (
            lambda model: (model, wane.L2(wane.schedule.warm_up(1e-3, epochs=2))),
            "L2(warm_up(0.001, epochs=2)) changes in training, which a regularizer of Keras does "
            "not: train with model.fit(..., callbacks=[wane.ScheduledPenalties(penalty)]).",
        ),
        (
            lambda model: (model, wane.L2(0.5), wane.L2(0.5, layers="conv*")),
            "No trainable weight matches layers='conv*' and on='kernel+recurrent' of L2(0.5); the "
            "model has the layers 'hidden', 'last', and layers takes 'all', 'hidden', 'output' or "
            "a glob on those names.",
        ),
        (
            lambda model: (model, {"all": wane.L2(0.5), "dense": wane.L2(0.5)}),
            "No trainable weight matches layers='dense' and on='kernel+recurrent' of L2(0.5); the "
            "model has the layers 'hidden', 'last', and layers takes 'all', 'hidden', 'output' or "
            "a glob on those names.",
        ),
        (
            lambda model: (model, {"hidden": wane.L2(0.5, layers="last")}),
            "L2(0.5) is meant for layers='hidden' by the mapping and for layers='last' by itself: "
            "leave its own layers out.",
        ),
        (
            lambda model: (model,),
            "regularize takes at least one penalty, such as wane.L2(1e-3); "
            "wane.unregularize(model) takes penalties off.",
        ),
        (
            lambda _: (keras.Sequential([L.Dense(1)], name="new"), wane.L2(0.5)),
            "The model 'new' is not built and so has no weights yet: begin it with "
            "keras.layers.Input(shape), or call it on a row of data first.",
        ),
        (
            lambda model: (model.layers[0], wane.L2(0.5)),
            "model must be a built keras.Model, got Dense.",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_and_the_model_stays(
    give: Callable[[Any], tuple[Any, ...]], text: str
) -> None:
    model = dense(kernel_regularizer=keras.regularizers.L2(0.25))
    with pytest.raises(wane.InputError) as caught:
        wane.regularize(*give(model))
    assert str(caught.value) == text
    assert strengths(model) == {"hidden": {"l2": 0.25}}


@pytest.mark.parametrize("given", [0.5, "l2", {"all": 0.5}, (wane.L2(0.5), None)])
def test_what_is_no_penalty_is_refused(given: Any) -> None:
    with pytest.raises(
        wane.InputError, match=r"^(0\.5|'l2'|None) is no penalty: give one of wane\.L1,"
    ):
        wane.regularize(dense(), given)


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_strengths_that_are_none(bad: float) -> None:
    with pytest.raises(wane.InputError) as caught:
        wane.regularize(dense(), wane.L2(bad))
    assert str(caught.value) == (
        f"l2 must be a finite number of at least 0, got {bad!r}: 0 is no penalty."
    )


@pytest.mark.filterwarnings("ignore:The weight_decay=:UserWarning")
@pytest.mark.filterwarnings("ignore:Weights of:UserWarning")
def test_what_an_interrupted_training_by_schedule_has_left_goes() -> None:
    """Regression: its decay went on whatever regularize and unregularize wrote."""

    class Stop(keras.callbacks.Callback):  # type: ignore[misc] # Keras has no types
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            del logs
            if epoch == 1:
                raise KeyboardInterrupt

    rows = np.ones((4, 3), "float32")
    for change, decay in ((wane.unregularize, 0.0), (None, 0.5)):
        model = dense()
        model.compile(keras.optimizers.SGD(0.1), "mse")
        steps = wane.ScheduledPenalties(wane.WeightDecay(1.0), wane.L2(0.25, layers="last"))
        with pytest.raises(KeyboardInterrupt):
            model.fit(rows, rows[:, :2], epochs=3, verbose=0, callbacks=[steps, Stop()])
        if change is None:
            wane.regularize(model, wane.WeightDecay(decay, layers="hidden"))
        else:
            change(model)
        assert model._seed_generators == []
        penalty = wane.inspect(model)["penalty"].tolist()
        assert penalty == [None, None, None if change else "L2(0.25)", None]
        start = np.asarray(model.layers[0].kernel)
        model.layers[1].kernel.assign(np.zeros((4, 2)))  # so that the first layer has no gradient
        model.fit(rows, rows[:, :2], batch_size=4, epochs=1, verbose=0)
        np.testing.assert_allclose(
            np.asarray(model.layers[0].kernel), start * (1 - 0.1 * decay), atol=1e-6
        )


def test_a_layer_that_is_unfrozen_after_training_has_no_decay_of_several_optimizers() -> None:
    model = dense()
    model.layers[0].trainable = False
    places = keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.1, weight_decay=0.5), {})
    model.compile(keras.optimizers.MultiOptimizer(places), "mse")
    rows = np.ones((4, 3), "float32")
    model.fit(rows, rows[:, :2], epochs=1, verbose=0)
    model.layers[0].trainable = True
    assert wane.inspect(model)["weight_decay"].tolist() == [0, 0, 0.5, 0.5]


def test_l2_beside_weight_decay_is_warned_of() -> None:
    model = dense()
    model.compile(keras.optimizers.AdamW(weight_decay=0.5), "mse")
    with pytest.warns(UserWarning, match=r"'hidden' shrink twice, by L2 and by the weight_decay"):
        wane.regularize(model, wane.L2(0.5, layers="hidden"))


def test_a_mapping_says_which_layers_a_preset_is_for() -> None:
    """The layers that a preset names are those of the published network."""
    model = wane.regularize(dense(), {"last": wane.presets["gcn"], "hidden": wane.L1(0.5)})
    assert strengths(model) == {"hidden": {"l1": 0.5, "l2": 0.0}, "last": {"l2": 0.00025}}


def test_a_model_of_which_nothing_is_trained() -> None:
    model = dense()
    model.trainable = False
    with pytest.raises(wane.InputError) as caught:
        wane.regularize(model, wane.L2(0.5))
    assert str(caught.value) == (
        "L2(0.5) has nothing to act on, since no weight of the model 'net' is trained: set "
        "trainable=True on the model or a layer of it."
    )


@pytest.mark.parametrize("freeze", ["trainable", "quantize"])
def test_the_error_names_weights_that_are_frozen(freeze: str) -> None:
    """Regression: the message listed the layers that there are as if a name were mistyped."""
    model = dense()
    if freeze == "trainable":
        model.layers[0].trainable = False
    else:
        model.layers[0].quantize("int8")
    with pytest.raises(wane.InputError) as caught:
        wane.regularize(model, wane.L2(0.5, layers="hidden"))
    assert str(caught.value) == (
        "L2(0.5) with layers='hidden' and on='kernel+recurrent' means weights of 'hidden' alone, "
        "which are frozen or quantized: set trainable=True on frozen ones, or take others, such as "
        "layers='output' (--layers output)."
    )


def test_presets_in_lists_and_callbacks_as_penalties() -> None:
    model = wane.regularize(dense(), [wane.presets["vgg"], wane.L1(0.5, layers="last")])
    assert wane.inspect(model)["penalty"].tolist() == [
        "L2(0.00025)", None, "L1L2(0.5, 0.00025)", None,
    ]  # fmt: skip
    callback: Any = wane.ScheduledPenalties(wane.L2(0.5))
    with pytest.raises(wane.InputError, match="is no penalty: give one of"):
        wane.regularize(dense(), callback)


def test_unregularize_wants_a_built_model() -> None:
    with pytest.raises(wane.InputError, match=r"^The model 'new' is not built"):
        wane.unregularize(keras.Sequential([L.Dense(1)], name="new"))
