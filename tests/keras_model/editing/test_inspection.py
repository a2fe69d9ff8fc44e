"""The table of every weight, and what it warns of."""

import io
import pickle
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import wane
from regularization_cases import CASES, attention, frozen, low_rank, quantized, stack
from thorough_cases import thorough_but
from wane.keras_model.editing.loading import load_model
from wane.report.terminal import plain_text

L = keras.layers
COLUMNS = [
    "layer", "weight", "role", "shape", "count", "trainable", "norm", "zeros", "penalty",
    "penalty_value", "weight_decay",
]  # fmt: skip


def network() -> Any:
    """Two layers with a normalization between, and weights that one can work out by hand."""
    model = stack(
        L.Dense(2, name="hidden", kernel_regularizer=keras.regularizers.L1L2(0.5, 0.25)),
        L.BatchNormalization(name="norm"),
        L.Activation("tanh"),
        L.Dense(1, name="last"),
        shape=(2,),
    )
    model.get_layer("hidden").kernel.assign([[3.0, 0.0], [0.0, -4.0]])
    model.get_layer("last").kernel.assign([[0.6], [0.8]])
    return model


def test_every_weight_has_a_row() -> None:
    table = wane.inspect(network())
    assert isinstance(table, pd.DataFrame)
    assert list(table.columns) == COLUMNS
    rows = table.drop(columns=["norm", "zeros", "penalty_value", "weight_decay"]).values.tolist()
    elastic = "L1L2(0.5, 0.25)"
    assert rows == [
        ["hidden", "kernel", "kernel", (2, 2), 4, True, elastic],
        ["hidden", "bias", "bias", (2,), 2, True, None],
        ["norm", "gamma", None, (2,), 2, True, None],
        ["norm", "beta", None, (2,), 2, True, None],
        ["norm", "moving_mean", None, (2,), 2, False, None],
        ["norm", "moving_variance", None, (2,), 2, False, None],
        ["last", "kernel", "kernel", (2, 1), 2, True, None],
        ["last", "bias", "bias", (1,), 1, True, None],
    ]
    root2 = 2**0.5
    np.testing.assert_allclose(table["norm"], [5, 0, root2, 0, 0, root2, 1, 0], rtol=1e-6)
    assert table["zeros"].tolist() == [0.5, 1, 0, 1, 1, 0, 0, 1]
    assert table["penalty_value"].tolist() == [0.5 * 7 + 0.25 * 25, *[0.0] * 7]


@pytest.mark.parametrize("name", thorough_but(["sequential", "attention", "quantized"], CASES))
def test_the_rows_of_every_kind_of_model(name: str) -> None:
    model = CASES[name].make()
    table = wane.inspect(model)
    assert table["count"].sum() == model.count_params()
    trained = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    assert table.loc[table["trainable"], "count"].sum() == trained
    assert len(table) == len(model.weights) == len(table[["layer", "weight"]].drop_duplicates())


@pytest.mark.parametrize(
    ("regularizer", "name"),
    [
        (keras.regularizers.L1(0.1), "L1(0.1)"),
        (keras.regularizers.L2(1e-5), "L2(1e-05)"),
        (keras.regularizers.L1L2(0.0, 0.5), "L2(0.5)"),
        (keras.regularizers.L1L2(0.5, 0.0), "L1(0.5)"),
        (keras.regularizers.OrthogonalRegularizer(0.5), "Orthogonality(0.5)"),
        (keras.ops.sum, "sum"),
    ],
)
def test_regularizers_are_named_as_wane_writes_them(regularizer: Any, name: str) -> None:
    model = stack(L.Dense(2, kernel_regularizer=regularizer), shape=(2,))
    assert wane.inspect(model)["penalty"].tolist() == [name, None]


def test_roles_of_a_layer_of_one_s_own() -> None:
    table = wane.inspect(CASES["own-layer"].make())
    assert dict(zip(table["weight"], table["role"], strict=True)) == {
        "w": "kernel",
        "offset": None,
        "position_bias": "bias",
        "position_embedding": "embedding",
        "kernel": "kernel",
        "bias": "bias",
    }


class Words(L.Layer):  # type: ignore[misc,name-defined] # Keras has no types
    """A layer with weights of many names."""

    def build(self, shape: Any) -> None:
        del shape
        for name in NAMES:
            setattr(self, name, self.add_weight(shape=(1, 2), name=name))
        self.scale = self.add_weight(shape=(2,), name="scale")

    def call(self, x: Any) -> Any:
        return x


NAMES = {
    "pos_embed": "embedding",
    "cls_embedding": "embedding",
    "patch_embed_kernel": "kernel",
    "embed_bias": "bias",
    "recurrent_kernel_2": "recurrent",
    "recurrent_bias": "bias",
    "mixing": "kernel",
}
"""The role by the last word of a name that says one; else a matrix is a kernel."""


def test_roles_are_read_from_names_and_that_is_said() -> None:
    """Regression: a positional weight called pos_embed was penalized as a kernel."""
    model = stack(Words(name="own"), L.Dense(1, name="last"), shape=(2,))
    table = wane.inspect(model)
    own = table[table["layer"] == "own"]
    assert dict(zip(own["weight"], own["role"], strict=True)) == {**NAMES, "scale": None}
    assert table.warnings == (
        "Of layers that are not Keras's own, roles are read from the names and axes of their "
        "weights: 'own/pos_embed' as embedding, 'own/cls_embedding' as embedding, "
        "'own/patch_embed_kernel' as kernel, 'own/embed_bias' as bias, 'own/recurrent_kernel_2' as "
        "recurrent, 'own/recurrent_bias' as bias and 'own/mixing' as kernel. Name layers where "
        "another weight is meant.",
    )
    with pytest.warns(UserWarning, match="a saved file or a clone of"):
        wane.regularize(model, wane.L2(0.1))
    assert [v.name for v in model.trainable_variables if v.regularizer] == [
        "patch_embed_kernel", "recurrent_kernel_2", "mixing", "kernel"
    ]  # fmt: skip


def test_a_regularizer_of_strength_0() -> None:
    """Keras's "l1l2" has strength 0, unlike its "l1" and "l2"."""
    assert warned(plain(kernel_regularizer="l1l2")) == (
        "The regularizer of 'hidden' has strength 0 and adds nothing, as Keras's 'l1l2' does by "
        "itself: give keras.regularizers.L1L2(l1=..., l2=...), or wane.regularize.",
    )
    assert warned(plain(kernel_regularizer="l1")) == ()


def test_quantized_weights_have_no_norm() -> None:
    table = wane.inspect(quantized()).set_index(["layer", "weight"])
    small: Any = table.loc[("small", "kernel")]
    assert np.isnan(small["norm"]) and np.isnan(small["zeros"]) and not small["trainable"]
    last: Any = table.loc[("last", "kernel")]
    assert last["norm"] > 0


def test_what_is_computed_from_it_is_an_ordinary_frame() -> None:
    table = wane.inspect(network())
    assert type(table[table["trainable"]]) is type(table.head(1)) is pd.DataFrame
    again = pickle.loads(pickle.dumps(table))
    assert again.warnings == table.warnings and repr(again) == repr(table)


def warned(model: Any) -> tuple[str, ...]:
    return wane.inspect(model).warnings


def plain(**options: Any) -> Any:
    """A network without anything to warn of."""
    return stack(
        L.Dense(2, name="hidden", **options),
        L.LayerNormalization(name="norm"),
        L.Dense(1, name="last"),
        shape=(2,),
    )


def test_a_table_that_has_lost_columns_is_shown_as_pandas_shows_it() -> None:
    table = wane.inspect(stack(L.Dense(1, name="last"), shape=(3,)))
    del table["norm"]
    assert "last" in repr(table) and "norm" not in repr(table)
    assert "last" in table._repr_html_() and "norm" not in table._repr_html_()
    assert "last" in plain_text([table], width=200)


def test_a_model_amid_a_schedule_is_shown_with_the_strengths_of_that_moment() -> None:
    """Regression: an interrupted training left "Scheduled", which a file would lose."""

    class Stop(keras.callbacks.Callback):  # type: ignore[misc] # Keras has no types
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            del logs
            if epoch == 1:
                raise KeyboardInterrupt

    model = stack(L.Dense(2, name="last"), shape=(2,))
    model.compile("sgd", "mse")
    rising = wane.L2(wane.schedule.linear(0, 0.5, epochs=3))
    rows = np.ones((4, 2), "float32")
    with pytest.raises(KeyboardInterrupt):
        callbacks = [wane.ScheduledPenalties(rising), Stop()]
        model.fit(rows, rows, epochs=3, verbose=0, callbacks=callbacks)
    table = wane.inspect(model)
    assert table["penalty"].tolist() == [f"L2({rising.strengths_at(1)[0]:g})", None]
    assert warned(model) == ()


def test_nothing_is_warned_of_without_reason() -> None:
    model = plain(kernel_regularizer="l2")
    assert warned(model) == ()
    model.compile("adam", "mse")
    assert warned(model) == ()
    decayed = stack(L.Dense(2, use_bias=False), shape=(2,))  # nothing that should be spared
    decayed.compile(keras.optimizers.AdamW(weight_decay=0.01), "mse")
    assert warned(decayed) == ()


SPARES = (
    "The weight_decay=0.01 of the optimizer 'adamw' spares 'beta', 'bias', 'gamma' here, but Keras "
    "saves no exclusions: a loaded file decays every weight, so give what is loaded "
    "wane.regularize(model, wane.WeightDecay(...)) again."
)


def test_weight_decay_is_shown_and_what_a_file_loses_of_it(tmp_path: Path) -> None:
    model = plain()
    optimizer = keras.optimizers.AdamW(weight_decay=0.01, name="adamw")
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(optimizer, "mse")
    table = wane.inspect(model)
    assert table["weight_decay"].tolist() == [0.01, 0, 0, 0, 0.01, 0]
    assert table.warnings == (SPARES,)
    assert [line.split()[-2] for line in repr(table).splitlines()[2:4]] == [
        "WeightDecay(0.01)", "–",
    ]  # fmt: skip
    assert "6 penalized" in repr(table)
    model.save(tmp_path / "net.keras")
    loaded = wane.inspect(load_model(tmp_path / "net.keras"))
    assert loaded["weight_decay"].tolist() == [0.01] * 6
    assert "acts on biases" in loaded.warnings[0] and len(loaded.warnings) == 1


def test_each_weight_has_the_decay_of_the_optimizer_that_trains_it() -> None:
    model = plain()
    places = keras.optimizers.OptimizerMap(
        keras.optimizers.SGD(),
        {".*last.*": keras.optimizers.Muon(weight_decay=0.5, adam_weight_decay=0.25)},
    )
    model.compile(keras.optimizers.MultiOptimizer(places), "mse")
    assert wane.inspect(model)["weight_decay"].tolist() == [0, 0, 0, 0, 0.5, 0.25]


def test_l2_beside_the_optimizer_s_weight_decay() -> None:
    model = plain(kernel_regularizer="l2")
    optimizer = keras.optimizers.AdamW(weight_decay=0.01, name="adamw")
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(keras.optimizers.LossScaleOptimizer(optimizer), "mse")
    assert warned(model) == (
        "Weights of 'hidden' shrink twice, by L2 and by the weight_decay=0.01 of the optimizer "
        "'adamw': keep one of them.",
        SPARES,
    )
    wane.regularize(model, wane.L1(0.1))
    assert warned(model) == (SPARES,)


def test_weight_decay_of_biases() -> None:
    model = plain()
    model.compile(keras.optimizers.SGD(weight_decay=0.01, name="sgd"), "mse")
    assert warned(model) == (
        "The weight_decay=0.01 of the optimizer 'sgd' acts on biases or normalization parameters "
        "of 'hidden', 'norm', 'last': wane.regularize(model, wane.WeightDecay(0.01)) spares them.",
    )


def test_penalties_on_biases_and_normalization() -> None:
    model = stack(
        L.Dense(2, bias_regularizer="l2", name="hidden"),
        L.LayerNormalization(gamma_regularizer="l1", name="norm"),
        shape=(2,),
    )
    assert warned(model) == (
        "Biases or normalization parameters of 'hidden', 'norm' are penalized; these are usually "
        "left alone, as wane.regularize leaves them unless they are named.",
    )


def test_a_penalty_that_was_set_after_the_layer_was_built() -> None:
    model = plain()
    model.get_layer("hidden").kernel_regularizer = keras.regularizers.L2(0.1)
    assert model.losses == []
    assert warned(model) == (
        "A regularizer is set on 'hidden' but does nothing, since it was set after the layer was "
        "built: set it with wane.regularize.",
    )


def test_a_penalty_on_frozen_weights() -> None:
    assert warned(frozen()) == (
        "The penalty on 'cold' adds nothing, since the weights are not trained.",
    )
    with pytest.warns(UserWarning, match="low-rank factors"):
        model = wane.regularize(low_rank(), wane.L2(0.5))
    assert len(warned(model)) == 1, "the weight beneath the factors is frozen for good"


def test_a_penalty_that_would_not_be_saved() -> None:
    model = attention(L.MultiHeadAttention(2, 3, name="heads"))
    with pytest.warns(UserWarning, match=r"wane\.regularize again"):
        wane.regularize(model, wane.L2(0.5, layers="key"))
    assert warned(model) == (
        "The penalty on 'heads/key' acts, but a saved file or a clone will not have it, since the "
        "model's configuration does not hold it: call wane.regularize again on what is loaded.",
    )


BEFORE = (
    "BatchNormalization follows the kernels of 'before' and takes their scale out again: there L2 "
    "mostly changes the effective learning rate (arXiv:1706.05350).",
)


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        ((), BEFORE),
        ((L.ReLU(), L.MaxPooling1D(), L.Dropout(0.5)), BEFORE),
        ((L.Activation("relu"),), BEFORE),
        ((L.Activation("tanh"),), ()),
        ((L.ReLU(max_value=6.0),), ()),
        ((L.LayerNormalization(),), ()),
    ],
)
def test_a_kernel_before_batch_normalization(
    between: tuple[Any, ...], expected: tuple[str, ...]
) -> None:
    model = stack(
        L.Conv1D(2, 2, kernel_regularizer="l2", name="before"),
        *between,
        L.BatchNormalization(),
        L.Dense(1, kernel_regularizer="l2", name="last"),
    )
    assert warned(model) == expected


def test_a_kernel_whose_output_also_goes_past_the_normalization() -> None:
    inputs = L.Input((3,))
    hidden = L.Dense(2, kernel_regularizer="l2")(inputs)
    model = keras.Model(inputs, L.Add()([hidden, L.BatchNormalization()(hidden)]))
    assert warned(model) == ()


def test_it_prints_as_a_table() -> None:
    model = network()
    model.name = "net"
    lines = repr(wane.inspect(model)).splitlines()
    assert lines[0].split() == [
        "layer", "weight", "shape", "count", "norm", "zeros", "penalty", "value",
    ]  # fmt: skip
    assert [line.split() for line in lines[2:4]] == [
        ["hidden", "kernel", "2×2", "4", "5.00", "50.0%", "L1L2(0.5,", "0.25)", "9.75"],
        ["hidden", "bias", "2", "2", "0.000", "100%", "–", "–"],
    ]
    assert lines[6].split()[:2] == ["norm", "moving_mean"] and "not trained" in lines[6]
    assert lines[10:12] == ["", "net: 17 weights, 13 trained, 4 penalized; the penalty is 9.75"]
    assert lines[12].startswith("Warning: BatchNormalization follows the kernels of 'hidden'")


def test_a_narrow_terminal_shows_every_column() -> None:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    with console.capture() as shown:
        console.print(wane.inspect(CASES["stacked-cells"].make()))
    header = shown.get().splitlines()[0]
    assert all(name in header for name in ("layer", "weight", "norm", "penalty", "value"))
    assert max(map(len, shown.get().splitlines())) <= 80


def test_names_are_shown_as_they_are_and_never_as_markup() -> None:
    model = stack(L.Dense(1, name="[red]<script>&"), shape=(2,))
    model.name = "<b>"
    table = wane.inspect(model)
    assert "[red]<script>&" in repr(table)
    page = table._repr_html_()
    assert ">[red]&lt;script&gt;&amp;</td>" in page and "&lt;b&gt;: 3 weights" in page
    assert "<script" not in page and "<b>" not in page


def test_the_document_is_json() -> None:
    document = wane.inspect(quantized()).document()
    assert document["model"] == "net" and document["warnings"] == []
    first = next(w for w in document["weights"] if w["weight"] == "kernel")
    assert (first["layer"], first["shape"], first["norm"]) == ("small", [4, 4], None)


def test_a_model_that_is_not_built() -> None:
    with pytest.raises(wane.InputError) as caught:
        wane.inspect(keras.Sequential([L.Dense(1)], name="new"))
    assert str(caught.value) == (
        "The model 'new' is not built and so has no weights yet: begin it with "
        "keras.layers.Input(shape), or call it on a row of data first."
    )
