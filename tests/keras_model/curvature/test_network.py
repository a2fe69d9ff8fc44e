"""The evidence of networks beside closed forms, direct sums and laplace-torch."""

from typing import Any

import keras
import numpy as np
import pytest

from wane.keras_model.bridge.bridge import bridge
from wane.keras_model.curvature.losses import ScoreLikelihood, likelihood_of
from wane.keras_model.curvature.network import NetworkLikelihood, NetworkScores
from wane.resampling.rows import Rows, on_device
from wane.stats.laplace.maximum import Prior, log_evidence, maximum


def network(units: int, activation: Any, loss: Any, *, inputs: int = 3, hidden: int = 5) -> Any:
    keras.utils.set_random_seed(3)
    layers = [keras.layers.Dense(hidden, "tanh", name="hidden")] if hidden else []
    output = keras.layers.Dense(units, activation, name="output", use_bias=bool(hidden))
    model = keras.Sequential([keras.layers.Input((inputs,)), *layers, output])
    model.compile(loss=loss)
    return model


def likelihood(model: Any, x: np.ndarray, y: np.ndarray) -> NetworkLikelihood:
    built = bridge(model, x, y)
    own = likelihood_of(built)
    assert isinstance(own, ScoreLikelihood)
    state = [variable.value for variable in model.non_trainable_variables]
    return NetworkLikelihood(NetworkScores(built, own), Rows(on_device(x), on_device(y)), state)


def vector(model: Any) -> np.ndarray:
    return np.concatenate([np.ravel(variable.value) for variable in model.trainable_variables])


def data(rows: int, inputs: int = 3) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(4)
    x = random.normal(size=(rows, inputs)).astype("float32")
    y = x @ np.arange(1, inputs + 1) / 2 + random.normal(0, 0.4, rows)
    return x, y.astype("float32")[:, None]


def closed_form(x: np.ndarray, y: np.ndarray, precisions: np.ndarray, noise: float) -> float:
    """The evidence of Bayesian linear regression (Bishop, 3.86), with a prior of several."""
    x, y, beta = x.astype(np.float64), y.ravel().astype(np.float64), 1 / noise
    posterior = np.diag(precisions) + beta * x.T @ x
    mean = beta * np.linalg.solve(posterior, x.T @ y)
    misfit = beta / 2 * np.square(y - x @ mean).sum() + mean @ (precisions * mean) / 2
    return float(
        0.5 * np.log(precisions).sum()
        + len(y) / 2 * np.log(beta)
        - misfit
        - 0.5 * np.linalg.slogdet(posterior)[1]
        - len(y) / 2 * np.log(2 * np.pi)
    )


@pytest.mark.parametrize("rows", [2, 3, 40])  # fewer rows than weights, as many, and more
def test_of_a_linear_network_it_is_the_closed_form(rows: int) -> None:
    x, y = data(rows)
    own = likelihood(network(1, None, "mse", hidden=0), x, y)
    precisions, noise = np.array([0.3, 2.0, 11.0]), 0.17
    posterior = np.diag(precisions) + x.T.astype(np.float64) @ x / noise
    mode = np.linalg.solve(posterior, x.T.astype(np.float64) @ y.ravel() / noise)
    found = log_evidence(own, mode, precisions, noise)
    assert found == pytest.approx(closed_form(x, y, precisions, noise), rel=1e-6)
    # Not so elsewhere, or with the precisions of other weights.
    assert log_evidence(own, mode + 0.1, precisions, noise) < found - 1e-3
    assert abs(log_evidence(own, mode, precisions[::-1], noise) - found) > 1e-2


def test_its_maximum_is_that_of_the_closed_form() -> None:
    from scipy.optimize import minimize

    x, y = data(40)
    own = likelihood(network(1, None, "mse", hidden=0), x, y)
    groups = np.array([0, 1, 1])
    found = maximum(own, np.zeros(3), Prior(groups, np.ones(2)), (1e-6, 1e6))
    best = minimize(
        lambda logs: -closed_form(x, y, np.exp(logs[groups]), float(np.exp(logs[2]))),
        np.zeros(3),
    )
    assert found.converged and found.steps < 60
    assert found.log_evidence == pytest.approx(-best.fun, abs=2e-3)
    assert np.log([*found.precisions, found.noise]) == pytest.approx(best.x, abs=0.02)
    posterior = np.diag(found.precisions[groups]) + x.T.astype(np.float64) @ x / found.noise
    left = found.precisions[groups] * np.diag(np.linalg.inv(posterior))
    assert found.determined == pytest.approx([1 - left[0], 2 - left[1] - left[2]], rel=1e-3)


CASES = {
    "squared error": (2, None, "mse"),
    "yes or no, of logits": (1, None, keras.losses.BinaryCrossentropy(from_logits=True)),
    "yes or no, of probabilities": (1, "sigmoid", "binary_crossentropy"),
    "classes, of logits": (4, None, keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
    "classes, of probabilities": (4, "softmax", "sparse_categorical_crossentropy"),
    "classes in columns": (4, "softmax", "categorical_crossentropy"),
}


def targets(case: str, rows: int) -> np.ndarray:
    random = np.random.default_rng(6)
    if case == "squared error":
        return random.normal(size=(rows, 2)).astype("float32")
    if case.startswith("yes"):
        return random.integers(0, 2, (rows, 1)).astype("float32")
    labels = random.integers(0, 4, rows)
    return np.eye(4, dtype="float32")[labels] if case.endswith("columns") else labels


@pytest.mark.parametrize("rows", [9, 60])
@pytest.mark.parametrize("case", CASES)
def test_energies_and_gradients_are_those_of_the_compiled_loss(case: str, rows: int) -> None:
    units, activation, loss = CASES[case]
    x, y = data(rows)[0], targets(case, rows)
    model = network(units, activation, loss)
    own = likelihood(model, x, y)
    start = vector(model)
    here = own.linearized(start)
    mean = model.evaluate(x, y, verbose=0, batch_size=rows)
    scale = own.terms * (0.5 if case == "squared error" else 1)
    assert here.energy == pytest.approx(float(mean) * scale, rel=1e-5)
    random = np.random.default_rng(8)
    along = random.normal(size=len(start))
    ahead, behind = (own.energy(start + step * along) for step in (3e-3, -3e-3))
    assert here.gradient @ along == pytest.approx((ahead - behind) / 6e-3, rel=3e-3, abs=1e-3)


def in_torch(model: Any, case: str) -> Any:
    """The same network with the same weights, whose outputs are logits."""
    import torch

    linear = []
    for layer in model.layers:
        kernel, bias = (torch.tensor(np.asarray(value)) for value in layer.weights)
        own = torch.nn.Linear(*kernel.shape).double()
        own.weight.data, own.bias.data = kernel.T.double().contiguous(), bias.double()
        linear.append(own)
    layers = [linear[0], torch.nn.Tanh(), linear[1]]
    if not case.startswith("yes"):
        return torch.nn.Sequential(*layers)
    # Of yes or no the logit of no is 0.
    return torch.nn.Sequential(*layers, torch.nn.ZeroPad1d((1, 0)))


def order_of_torch(model: Any) -> np.ndarray:
    """Where each weight of a torch network, whose kernels are transposed, is in Keras's."""
    places, first = [], 0
    for variable in model.trainable_variables:
        own = first + np.arange(int(np.prod(variable.shape))).reshape(variable.shape)
        places.append(own.T.ravel())
        first += own.size
    return np.concatenate(places)


@pytest.mark.filterwarnings("ignore")  # what laplace-torch and its dependencies use is deprecated
@pytest.mark.parametrize("rows", [9, 60])
@pytest.mark.parametrize("case", CASES)
def test_of_a_network_it_is_that_of_laplace_torch(case: str, rows: int) -> None:
    """With laplace-torch 0.3 and its full Gauss–Newton matrix, at identical weights."""
    pytest.importorskip("laplace.curvature", reason="laplace-torch is not installed")
    import torch
    from laplace import Laplace
    from laplace.curvature import CurvlinopsGGN

    units, activation, loss = CASES[case]
    x, y = data(rows)[0], targets(case, rows)
    model = network(units, activation, loss)
    own = likelihood(model, x, y)
    weights = vector(model)
    precisions = np.random.default_rng(1).uniform(0.1, 5, len(weights))
    noise = 0.6 if case == "squared error" else 1.0
    kind = "regression" if case == "squared error" else "classification"
    labels = y.argmax(1) if case.endswith("columns") else y
    labels = y[:, 0].astype("int64") if case.startswith("yes") else labels
    tensors = torch.tensor(x).double(), torch.tensor(labels)
    if kind == "regression":
        tensors = tensors[0], tensors[1].double()
    rows_of_torch = torch.utils.data.TensorDataset(*tensors)
    fitted = Laplace(
        in_torch(model, case),
        kind,
        subset_of_weights="all",
        hessian_structure="full",
        backend=CurvlinopsGGN,
    )
    fitted.fit(torch.utils.data.DataLoader(rows_of_torch, batch_size=20))
    prior = torch.tensor(precisions[order_of_torch(model)])
    extra = {"sigma_noise": torch.tensor(noise**0.5).double()} if kind == "regression" else {}
    theirs = float(fitted.log_marginal_likelihood(prior, **extra))
    assert log_evidence(own, weights, precisions, noise) == pytest.approx(theirs, rel=1e-5)


@pytest.mark.parametrize("case", ["squared error", "yes or no, of logits", "classes, of logits"])
def test_a_precision_is_the_strength_of_l2_of_the_same_mode(case: str) -> None:
    """At the mode Keras's mean loss with that strength of L2 has no slope."""
    units, activation, loss = CASES[case]
    x, y = data(60)[0], targets(case, 60)
    model = network(units, activation, loss)
    own = likelihood(model, x, y)
    start = vector(model)
    prior = Prior(np.zeros(len(start), int), np.full(1, 4.0))
    # Bounds that leave no choice: the mode under this precision.
    found = maximum(own, start, prior, (4.0, 4.0))
    assert found.converged
    strength = 4 * found.noise / own.terms if case == "squared error" else 4 / (2 * own.terms)

    def objective(weights: np.ndarray) -> float:
        first = 0
        for variable in model.trainable_variables:
            size = int(np.prod(variable.shape))
            variable.assign(weights[first : first + size].reshape(variable.shape))
            first += size
        mean = float(model.evaluate(x, y, verbose=0, batch_size=60))
        return mean + strength * float(np.square(weights).sum())

    random = np.random.default_rng(2)
    for along in random.normal(size=(3, len(start))):
        ahead, behind = (objective(found.weights + step * along) for step in (1e-2, -1e-2))
        assert abs(ahead - behind) / 2e-2 < 6e-3
        assert min(ahead, behind) > objective(found.weights) - 1e-4


def named(loss: Any, **compiled: Any) -> Any:
    model = network(1, "sigmoid", "binary_crossentropy")
    model.compile(**{"loss": loss, **compiled})
    return model


REASONS = {
    "its loss (mean_absolute_error) is no likelihood": {"loss": "mae"},
    "its loss (binary_crossentropy) with label_smoothing is no likelihood": {
        "loss": keras.losses.BinaryCrossentropy(label_smoothing=0.1)
    },
    "its loss (mean_squared_error) with reduction is no likelihood": {
        "loss": keras.losses.MeanSquaredError(reduction="sum")
    },
    "its loss (binary_focal_crossentropy) is no likelihood": {"loss": "binary_focal_crossentropy"},
    "its optimizer decays weights as well": {
        "loss": "mse",
        "optimizer": keras.optimizers.AdamW(weight_decay=0.01),
    },
}


@pytest.mark.parametrize("reason", REASONS)
def test_what_is_no_likelihood_is_said(reason: str) -> None:
    x, y = data(9)[0], targets("yes", 9)
    assert likelihood_of(bridge(named(**REASONS[reason]), x, y)) == reason


def test_a_network_that_draws_random_numbers_has_no_likelihood_of_its_own() -> None:
    model = keras.Sequential(
        [keras.layers.Input((3,)), keras.layers.Dropout(0.2), keras.layers.Dense(1)]
    )
    model.compile(loss="mse")
    found = likelihood_of(bridge(model, *data(9)))
    assert found == "it draws random numbers in training, as dropout does"
