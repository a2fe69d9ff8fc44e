"""Which losses are the mean of negative log likelihoods, and what these are of a network's outputs.

A likelihood is written in scores: outputs of the network, or functions of these, one row of numbers
for each example. Its Gauss–Newton matrix by the scores is diagonal there.
"""

import dataclasses
from typing import Any, Literal

import jax
import jax.numpy as jnp
import keras
import numpy as np

from wane.keras_model.bridge.bridge import Bridge

Noise = Literal["gaussian", "bernoulli", "categorical"]

_NOISE: dict[str, Noise] = {
    "mean_squared_error": "gaussian",
    "binary_crossentropy": "bernoulli",
    "categorical_crossentropy": "categorical",
    "sparse_categorical_crossentropy": "categorical",
}
_PLAIN = {"label_smoothing": (0.0, 0), "axis": (-1,), "ignore_class": (None,)}
"""What options of these losses a likelihood has."""
_MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "auto")
_LEAST = 1e-7
"""Keras's own bound of probabilities in losses."""


@dataclasses.dataclass(frozen=True)
class ScoreLikelihood:
    """The likelihood that a loss is.

    Attributes:
        noise: of the targets: Gaussian, of yes or no, or of one class among several.
        from_logits: whether outputs are logits, not probabilities.
        sparse: whether targets are numbers of classes.
    """

    noise: Noise
    from_logits: bool = False
    sparse: bool = False

    def scores(self, outputs: jax.Array) -> jax.Array:
        """Amounts, logits of yes, or logarithms of probabilities, of the outputs' shape."""
        if self.noise == "gaussian":
            return outputs
        if self.noise == "categorical":
            if self.from_logits:
                return jax.nn.log_softmax(outputs)
            shares = outputs / jnp.sum(outputs, axis=-1, keepdims=True)
            return jnp.log(jnp.clip(shares, _LEAST, 1 - _LEAST))
        if self.from_logits:
            return outputs
        shares = jnp.clip(outputs, _LEAST, 1 - _LEAST)
        return jnp.log(shares) - jnp.log1p(-shares)

    def targets(self, y: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """Targets as amounts or probabilities of the scores' shape.

        Args:
            y: as the loss takes them, [rows, …].
            shape: of the scores.
        """
        if not self.sparse:
            return np.asarray(y, np.float64).reshape(shape)
        labels = np.asarray(y).reshape(shape[:-1]).astype(np.int64)
        return np.asarray(np.eye(shape[-1])[labels])

    def terms(self, shape: tuple[int, ...]) -> int:
        """How many terms the mean loss of scores of this shape is a mean over."""
        own = shape[:-1] if self.noise == "categorical" else shape
        return int(np.prod(own))

    def energy(self, scores: np.ndarray, targets: np.ndarray) -> float:
        """The negative log likelihood without constants, in nats; of Gaussian noise of variance 1.

        Args:
            scores, targets: of one shape.
        """
        if self.noise == "gaussian":
            return float(0.5 * np.square(scores - targets).sum())
        if self.noise == "categorical":
            return float(-(targets * scores).sum())
        return float((np.logaddexp(0, scores) - targets * scores).sum())

    def derivatives(self, scores: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The energy's gradient by the scores, and the roots of its curvature, of their shape."""
        if self.noise == "gaussian":
            return scores - targets, np.ones_like(scores)
        if self.noise == "categorical":
            # Of probabilities p the curvature is Σ p ∇log p ∇log pᵀ, which is that of logits.
            return -targets, np.exp(scores / 2)
        shares = 1 / (1 + np.exp(-scores))
        return shares - targets, np.sqrt(shares * (1 - shares))


def likelihood_of(bridge: Bridge) -> ScoreLikelihood | str:
    """The likelihood of which a model's loss is minus the mean logarithm; or why there is none.

    Nor is there one of a network that is another one in training than when it predicts, or whose
    optimizer has a prior of its own.

    Args:
        bridge: the model.

    Returns:
        The likelihood, or a clause that says what is in the way.
    """
    compiled = bridge.model._compile_loss
    loss = compiled._user_loss
    while isinstance(loss, list | tuple | dict) and len(loss) == 1:
        loss = next(iter(loss.values())) if isinstance(loss, dict) else loss[0]
    task = bridge.task
    name = task.loss if task.kind != "other" else ""
    noise = _NOISE.get(_named(loss) if name else "")
    if noise is None or len(bridge.output_axes) != 1:
        return f"its loss ({task.loss}) is no likelihood"
    options = loss.get_config() if isinstance(loss, keras.losses.Loss) else {}
    others = [key for key, plain in _PLAIN.items() if key in options and options[key] not in plain]
    if options.get("reduction", "auto") not in _MEANS:
        others.append("reduction")
    if compiled._user_loss_weights is not None:
        others.append("loss_weights")
    if others:
        return f"its loss ({task.loss}) with {others[0]} is no likelihood"
    if any(bridge.mask_axes):
        return "its loss leaves out masked outputs"
    model = bridge.model
    if any(layer._seed_generators for layer in model._flatten_layers(include_self=False)):
        return "it draws random numbers in training, as dropout does"
    if getattr(bridge.optimizer, "weight_decay", None):
        return "its optimizer decays weights as well"
    return ScoreLikelihood(noise, task.from_logits, task.sparse)


def _named(loss: Any) -> str:
    """Keras's name of the function of a loss: ``mean_squared_error`` for ``mse`` too."""
    found = keras.losses.get(loss) if isinstance(loss, str) else loss
    function = getattr(found, "fn", found)
    return str(getattr(function, "__name__", ""))
