"""Which units and filters of a network do nothing, found by following its graph once each way.

Forwards: a channel is *constant* if it has one known value whatever the inputs, as the units have
whose incoming weights are zero. Backwards: a channel is *needed* if something that is needed
depends on it and cannot have its constant value added to a bias instead.
"""

import dataclasses
from typing import Any

import keras
import numpy as np

from wane._errors import InputError

layers = keras.layers

PRODUCERS = (layers.Dense, layers.Conv1D, layers.Conv2D, layers.Conv3D)
"""Layers whose units or filters can be taken away."""
_ALONG = (
    layers.Dropout,
    layers.SpatialDropout1D,
    layers.SpatialDropout2D,
    layers.SpatialDropout3D,
    layers.GaussianNoise,
    layers.GaussianDropout,
    layers.MaxPooling1D,
    layers.MaxPooling2D,
    layers.MaxPooling3D,
    layers.AveragePooling1D,
    layers.AveragePooling2D,
    layers.AveragePooling3D,
    layers.GlobalMaxPooling1D,
    layers.GlobalMaxPooling2D,
    layers.GlobalMaxPooling3D,
    layers.GlobalAveragePooling1D,
    layers.GlobalAveragePooling2D,
    layers.GlobalAveragePooling3D,
    layers.UpSampling1D,
    layers.UpSampling2D,
    layers.UpSampling3D,
)
"""Layers that keep channels apart and give the same constant for a constant."""
_ELEMENTWISE = (layers.ReLU, layers.LeakyReLU, layers.ELU)
_FUNCTIONS = frozenset(
    getattr(keras.activations, name)
    for line in (
        "celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear",
        "log_sigmoid mish relu relu6 selu sigmoid silu soft_shrink softplus softsign sparse_plus",
        "sparse_sigmoid squareplus tanh tanh_shrink threshold",
    )
    for name in line.split()
)
"""The activations of Keras that act on each number alone."""


@dataclasses.dataclass(frozen=True)
class Channels:
    """The last axis of a tensor.

    Attributes:
        source: the layer whose units or filters they are, or None if they stay whatever happens.
        places: for each channel its place among those of the source, [channels].
        constants: for each channel its value, NaN where that depends on the inputs, [channels].
    """

    source: Any
    places: np.ndarray
    constants: np.ndarray


@dataclasses.dataclass
class Findings:
    """What can go.

    Attributes:
        needed: for each producer, by its id, which of its units must stay, [units].
        inputs: for each layer with one input, by its id, the channels of that input.
        left: why layers were left as they are, by their names.
    """

    needed: dict[int, np.ndarray]
    inputs: dict[int, Channels]
    left: dict[str, str]


def followed(model: keras.Model) -> Findings:
    """What the graph of a model shows.

    Args:
        model: a built Sequential or functional model.

    Raises:
        InputError: if it has no graph of layers.
    """
    graph = getattr(model, "_functional", None) or model  # a Sequential model keeps its graph there
    if not hasattr(graph, "_nodes_by_depth"):
        raise InputError(
            f"The model {model.name!r} is of the class {type(model).__name__}, whose graph of "
            f"layers is not known: shrink takes Sequential and functional models."
        )
    by_depth = graph._nodes_by_depth
    nodes = [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth]]
    findings = Findings({}, {}, {})
    calls: dict[int, int] = {}
    for node in nodes:
        calls[id(node.operation)] = calls.get(id(node.operation), 0) + 1
    tensors: dict[int, Channels] = {}
    for node in nodes:
        layer = node.operation
        reason = _why_not(layer, node, calls[id(layer)])
        if reason and not isinstance(layer, layers.InputLayer) and getattr(layer, "weights", []):
            findings.left[layer.name] = reason
        if len(node.input_tensors) == 1 and reason is None:
            findings.inputs[id(layer)] = tensors[id(node.input_tensors[0])]
        for tensor in node.outputs:
            channels = None if reason else _outputs(layer, findings.inputs[id(layer)], tensor)
            tensors[id(tensor)] = channels or _fixed(tensor)
        if reason is None and isinstance(layer, PRODUCERS):
            findings.needed[id(layer)] = np.full(_units(layer), _mixes(layer))
    for tensor in graph.outputs:
        _need(findings, tensors[id(tensor)], None)
    for node in reversed(nodes):
        _need_inputs(findings, node, tensors)
    return findings


def _units(layer: Any) -> int:
    return int(layer.units if isinstance(layer, layers.Dense) else layer.filters)


def _fixed(tensor: Any) -> Channels:
    size = tensor.shape[-1] if len(tensor.shape) else 1
    return Channels(None, np.arange(size or 0), np.full(size or 0, np.nan))


def _why_not(layer: Any, node: Any, calls: int) -> str | None:
    """Why the channels of a layer's inputs and outputs cannot be followed; None if they can."""
    if calls > 1:
        return "it is used more than once"
    if len(node.input_tensors) != 1 or not isinstance(layer, layers.Layer):
        return "it has several inputs or none"
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        return "its channels come first"
    if type(layer) in PRODUCERS:
        return _why_no_producer(layer)
    if type(layer) is layers.BatchNormalization:
        last = layer.axis in (-1, len(node.input_tensors[0].shape) - 1)
        return None if last else "it does not normalize along the last axis"
    if type(layer) is layers.Flatten:
        known = None not in node.input_tensors[0].shape[1:]
        return None if known else "the shape of its input is not known"
    if type(layer) is layers.Activation:
        return None if layer.activation in _FUNCTIONS else "its activation mixes units"
    return None if type(layer) in (*_ALONG, *_ELEMENTWISE) else f"it is a {type(layer).__name__}"


def _why_no_producer(layer: Any) -> str | None:
    if getattr(layer, "groups", 1) != 1:
        return "it is a convolution in groups"
    if getattr(layer, "quantization_mode", None) or getattr(layer, "lora_enabled", False):
        return "it is quantized or has LoRA weights"
    return None


def _mixes(layer: Any) -> bool:
    """Whether a producer's activation makes of its units something else, as softmax does."""
    return layer.activation not in _FUNCTIONS


def _outputs(layer: Any, inputs: Channels, tensor: Any) -> Channels:
    """The channels of a layer's output."""
    if isinstance(layer, PRODUCERS):
        if _mixes(layer):
            return _fixed(tensor)
        return Channels(layer, np.arange(_units(layer)), _constants(layer, inputs))
    if type(layer) is layers.Flatten:
        times = tensor.shape[-1] // len(inputs.places) if len(inputs.places) else 0
        return Channels(
            inputs.source, np.tile(inputs.places, times), np.tile(inputs.constants, times)
        )
    constants = inputs.constants
    if type(layer) is layers.BatchNormalization:
        mean, variance = _numbers(layer.moving_mean), _numbers(layer.moving_variance)
        constants = (constants - mean) / np.sqrt(variance + layer.epsilon)
        constants = constants * (_numbers(layer.gamma) if layer.scale else 1)
        constants = constants + (_numbers(layer.beta) if layer.center else 0)
    elif type(layer) in _ELEMENTWISE or type(layer) is layers.Activation:
        constants = _applied(layer, constants)
    return dataclasses.replace(inputs, constants=constants)


def _numbers(variable: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(variable), np.float64)


def _applied(function: Any, constants: np.ndarray) -> np.ndarray:
    """A function of each number alone, for those that are known."""
    values = keras.ops.convert_to_tensor(np.nan_to_num(constants)[None], "float32")
    found = np.asarray(keras.ops.convert_to_numpy(function(values)), np.float64)[0]
    return np.where(np.isnan(constants), np.nan, found)


def kernel_of(layer: Any) -> np.ndarray:
    """A producer's kernel as positions, inputs and units, [positions, inputs, units]."""
    kernel = _numbers(layer.kernel)
    return kernel.reshape(-1, *kernel.shape[-2:])


def foldable(layer: Any, constants: np.ndarray) -> np.ndarray:
    """Which constant inputs of a producer can become a part of its bias, [inputs].

    A convolution that pads with zeros sees another number than the constant at the edges.
    """
    adds = np.nan_to_num(constants) != 0
    pads = getattr(layer, "padding", "valid") != "valid" and np.prod(layer.kernel_size) > 1
    fits: np.ndarray = ~np.isnan(constants) & ~(adds & (pads or not layer.use_bias))
    return fits


def folded(layer: Any, constants: np.ndarray) -> np.ndarray:
    """What constant inputs add to each unit before its activation, [units]."""
    added: np.ndarray = np.nan_to_num(constants) @ kernel_of(layer).sum(axis=0)
    return added


def _constants(layer: Any, inputs: Channels) -> np.ndarray:
    """The values of a producer's units that do not depend on the model's inputs, [units]."""
    kernel = kernel_of(layer)
    # Here a bias is not asked for: without one a constant still is a constant.
    pads = getattr(layer, "padding", "valid") != "valid" and kernel.shape[0] > 1
    varies = np.isnan(inputs.constants) | (pads & (np.nan_to_num(inputs.constants) != 0))
    alive: np.ndarray = np.any(kernel[:, varies] != 0, axis=(0, 1))
    before = folded(layer, np.where(varies, 0, inputs.constants))
    if layer.use_bias:
        before = before + _numbers(layer.bias)
    values: np.ndarray = _applied(layer.activation, np.where(alive, np.nan, before))
    return values


def _need(findings: Findings, channels: Channels, which: np.ndarray | None) -> None:
    """Note that these of the channels (all if None) must stay."""
    if id(channels.source) in findings.needed:
        places = channels.places if which is None else channels.places[which]
        findings.needed[id(channels.source)][places] = True


def _need_inputs(findings: Findings, node: Any, tensors: dict[int, Channels]) -> None:
    """Note what an operation needs, once all that depends on it has noted what it needs."""
    layer = node.operation
    known = findings.inputs.get(id(layer))
    if known is None:
        for tensor in node.input_tensors:
            channels = tensors[id(tensor)]
            _need(findings, channels, None)
            if channels.source is not None and not np.isnan(channels.constants).all():
                findings.left.setdefault(channels.source.name, f"it leads into {layer.name!r}")
    elif isinstance(layer, PRODUCERS):
        units = findings.needed[id(layer)]
        if not units.any():
            units[0] = True  # a layer has at least one unit
        used = np.any(kernel_of(layer)[:, :, units] != 0, axis=(0, 2))
        stays = used & ~foldable(layer, known.constants)
        _need(findings, known, stays)
        if known.source is not None and np.any(stays & ~np.isnan(known.constants)):
            reason = f"{layer.name!r} has no place for its constants"
            findings.left.setdefault(known.source.name, reason)
