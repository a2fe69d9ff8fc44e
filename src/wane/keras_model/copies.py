"""Plain Keras models made from a study's model: copies, with given weights and regularizers."""

import copy
import inspect
import types
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import keras

from wane._errors import InputError, listed, one_line
from wane.keras_model.dropout import dropout_layers, rates_of, rates_replaced, set_rates
from wane.keras_model.foreign_optimizers import optimizer_classes
from wane.keras_model.random_state import random_states_kept
from wane.keras_model.regularizers import expressible, present, set_regularizers, terms_in
from wane.keras_model.weight_decay import decays, keep_exclusions, set_decay
from wane.keras_model.weights import aligned
from wane.penalties import Candidate, learning_rate_of

if TYPE_CHECKING:
    from jax.typing import ArrayLike


Model: TypeAlias = keras.Model
"""A Keras model, under a name that rooms without Keras can use."""
ModelSource: TypeAlias = keras.Model | Callable[[], keras.Model]
"""A model, or a function that returns a new one each time."""


def is_model(source: object) -> bool:
    """Whether this is a Keras model, rather than a function that makes one."""
    return isinstance(source, keras.Model)


_without_moments: "weakref.WeakSet[Any]" = weakref.WeakSet()
"""Optimizers that count the steps of another one, whose moments they have not."""


def made(source: ModelSource) -> keras.Model:
    """The model itself, or what the function returns; further checks are left to the caller.

    Raises:
        InputError: if the function fails, or returns a model that is not built yet.
    """
    if is_model(source) or not callable(source):
        return source
    _check_arguments(source)
    try:
        with random_states_kept():
            model = source()
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"The model function {_called(source)} fails ({type(error).__name__}: "
            f"{one_line(error)}): have it return a compiled model."
        ) from error
    if is_model(model) and not model.built:
        raise InputError(
            f"The model function returned the model {model.name!r} without weights: begin it with "
            f"keras.layers.Input(shape), or call it on a row of x before returning it."
        )
    return model


def _check_arguments(source: Callable[..., Any]) -> None:
    """Check that a function that makes models can be called as it is."""
    try:
        signature = inspect.signature(source)
    except (TypeError, ValueError):  # as of some that are written in C
        return
    try:
        signature.bind()
    except TypeError as error:
        wanted = [
            one.name
            for one in signature.parameters.values()
            if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
        ]
        name = _called(source)
        call = "function" if name == "<lambda>" else name
        raise InputError(
            f"The model function {name} is called without arguments, but it needs "
            f"{listed(wanted)}: give lambda: {call}(...) with their values."
        ) from error


def _called(source: Callable[..., Any]) -> str:
    """The name of a function that makes models."""
    return str(getattr(getattr(source, "func", source), "__name__", type(source).__name__))


def plain_model(
    source: ModelSource,
    candidate: Candidate,
    weights: "Sequence[ArrayLike]",
    state: "Sequence[ArrayLike]",
    like: keras.Model | None = None,
) -> keras.Model:
    """A new compiled Keras model with these weights, with what the candidate changes.

    Args:
        source: the study's model, or the function that returns it.
        candidate: the penalties that become its regularizers, its weight decay, its dropout rates
            and its learning rate.
        weights, state: values of its trainable and of its other variables, in its order.
        like: the model whose layer names the candidate means.
    """
    model = copied(source) if is_model(source) else made(source)
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    for variable, value in zip(model.non_trainable_variables, state, strict=True):
        variable.assign(value)
    set_regularizers(model, expressible(candidate), like)
    set_decay(model, decays(like or model, candidate))
    set_rates(model, rates_of(like or model, candidate))
    if (rate := learning_rate_of(candidate)) is not None:
        model.optimizer.learning_rate = rate
    return model


def copied(model: keras.Model) -> keras.Model:
    """A new model of the same layers and weights, compiled in the same way.

    Nothing of it is the given one's, but for parts of classes of the user's own. Its optimizer has
    made no step.

    Raises:
        InputError: if it cannot be made from the model's configuration.
    """
    try:
        with own_parts_known(model), random_states_kept():
            twin = type(model).from_config(model.get_config())
            if not twin.built:
                twin.build_from_config(model.get_build_config())
            for mine, theirs in aligned(twin, model):
                # A copy, since fit hands the arrays of a model over to its program for good.
                mine.assign(keras.ops.copy(theirs.value))
                # What follows the configuration lacks where a layer of the user's own has it, or
                # it was set on the variable; a regularizer it may have though set too late to act.
                mine.regularizer = _own_regularizer(theirs.regularizer)
                mine.constraint = copy.copy(theirs.constraint)
                if mine.trainable != theirs.trainable:
                    mine.trainable = theirs.trainable
            twin.compile_from_config(compile_config(model))
        _take_arguments(twin, model)
        take_statistics(twin)
        keep_exclusions(twin, model)
    except Exception as error:
        raise InputError(
            f"The model {model.name!r} cannot be copied, so pass a function that returns a new "
            f"compiled model in its place: {why_not_made(model, error)}"
        ) from error
    return twin


def compile_config(model: keras.Model) -> Any:
    """The configuration with which another model is compiled as this one is."""
    config = model.get_compile_config()
    return config and {**config, **keras.saving.serialize_keras_object(_kept_in_compiling(model))}


def _kept_in_compiling(model: keras.Model) -> dict[str, Any]:
    """The former loss or metrics of a model that was compiled anew without any.

    Keras keeps them, and ``fit`` computes with them, but the model's configuration lacks them.
    """
    config, loss, metrics = (
        model._compile_config.config,
        model._compile_loss,
        model._compile_metrics,
    )
    kept: dict[str, Any] = {}
    if loss is not None and config.get("loss", loss) is None:
        kept |= {"loss": loss._user_loss, "loss_weights": loss._user_loss_weights}
    own = [config.get(name, metrics) for name in ("metrics", "weighted_metrics")]
    if metrics is not None and own == [None, None]:
        kept["metrics"] = metrics._user_metrics
        kept["weighted_metrics"] = metrics._user_weighted_metrics
    return kept


def _take_arguments(twin: keras.Model, model: keras.Model) -> None:
    """Give the losses of a copy all arguments of the model's own.

    Configurations of Keras's losses lack some: that of ``Huber`` lacks its delta.
    """
    compiled = [getattr(one, "_compile_loss", None) for one in (twin, model)]
    losses = [[] if one is None else keras.tree.flatten(one._user_loss) for one in compiled]
    for mine, theirs in zip(*losses, strict=False):  # one of them may not be compiled
        if type(mine) is type(theirs) and hasattr(theirs, "_fn_kwargs"):
            mine._fn_kwargs = dict(theirs._fn_kwargs)


def take_statistics(model: keras.Model) -> None:
    """Have normalization layers compute with the statistics that their variables have been given.

    They keep what they compute with beside the variables, as Keras does when it loads a file.
    """
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()


def why_not_made(model: keras.Model, error: Exception) -> str:
    """A sentence on what keeps a model, or a layer of it, from being made of its configuration."""
    layers = [
        layer.name
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.Lambda) and _is_lambda(layer.function)
    ]
    if layers:
        return (
            f"the function of {listed(layers)} is a Python lambda, which no configuration holds; "
            f"give Lambda layers a function that has a name (def)."
        )
    if any(_is_lambda(part) for part in _compiled_parts(model)):
        return (
            "a loss or metric that it is compiled with is a Python lambda, which no configuration "
            "holds; give it a function that has a name (def)."
        )
    cause = str(error).rpartition("Exception encountered: ")[2]
    return f"{one_line(Exception(cause)).rstrip('.')}."


def _is_lambda(part: Any) -> bool:
    return isinstance(part, types.FunctionType) and part.__name__ == "<lambda>"


def _compiled_parts(model: keras.Model) -> list[Any]:
    """The losses, metrics and optimizer that a model was compiled with, as they were given."""
    compiled = getattr(model, "_compile_config", None)
    if compiled is None:
        return []
    parts = [*compiled.config.values(), *_kept_in_compiling(model).values()]
    return list(keras.tree.flatten(parts))


def _own_regularizer(regularizer: Any) -> Any:
    """A regularizer that changes no more with the given one; the same where it is not Keras's."""
    regularizer = present(regularizer)
    if terms_in(regularizer) is None or regularizer is None:
        return regularizer
    return type(regularizer).from_config(regularizer.get_config())


def remade(source: ModelSource, rates: Mapping[int, float]) -> ModelSource:
    """A model like the source's, or a function that makes such models, with other dropout rates.

    For rates that cannot be data. Weights and compilation are the source's.

    Args:
        source: a compiled model, or a function that returns one.
        rates: the rates by place, as :func:`rates_of` gives them.

    Raises:
        InputError: if the model's configuration does not hold the rates.
    """
    if is_model(source):
        return _remade(source, rates)
    return lambda: _remade(made(source), rates)


def _remade(model: keras.Model, rates: Mapping[int, float]) -> keras.Model:
    layers = list(dropout_layers(model).values())
    with rates_replaced([layers[place] for place in rates], list(rates.values())):
        twin = copied(model)
    made_anew = list(dropout_layers(twin).values())
    if any(made_anew[place].rate != rate for place, rate in rates.items()):
        raise InputError(
            f"The configuration of the model {model.name!r} does not hold the rates of its dropout "
            f"layers: give models made with each rate as wane.Network(model, title)."
        )
    take_state(twin, model)
    return twin


def steps_taken(model: keras.Model) -> int:
    """How many steps a model's optimizer has taken, or one that it wraps."""
    return max((int(counter.value) for counter in _counters(model)), default=0)


def take_state(twin: keras.Model, model: keras.Model) -> None:
    """Give another model with a model's weights the state of its optimizer.

    Where the two train other weights, as where layers have been frozen since or were put between,
    it is the number of steps alone; :func:`has_state` tells.
    """
    if not steps_taken(model):
        return
    if not twin.optimizer.built:
        twin.optimizer.build(twin.trainable_variables)
    mine, theirs = twin.optimizer.variables, model.optimizer.variables
    alike = [variable.shape for variable in mine] == [variable.shape for variable in theirs]
    if alike and _trains_alike(twin, model):
        for variable, other in zip(mine, theirs, strict=True):
            variable.assign(keras.ops.copy(other.value))  # fit takes a model's own arrays away
    else:
        for counter in _counters(twin):
            counter.assign(steps_taken(model))
        _without_moments.add(twin.optimizer)
    if model.optimizer in _without_moments:
        _without_moments.add(twin.optimizer)


def has_state(model: keras.Model) -> bool:
    """Whether a model's optimizer has taken steps with the weights that are trained."""
    return steps_taken(model) > 0 and model.optimizer not in _without_moments


def _trains_alike(twin: keras.Model, model: keras.Model) -> bool:
    """Whether two models train the same weights in one order, if their shapes are the same."""
    try:
        twins = {id(theirs): mine for mine, theirs in aligned(twin, model)}
    except ValueError:  # with layers put between, which have weights of other shapes, or none
        return True
    trained = [id(twins[id(variable)]) for variable in model.trainable_variables]
    return trained == [id(variable) for variable in twin.trainable_variables]


def _counters(model: keras.Model) -> list[Any]:
    return [v for v in getattr(model.optimizer, "variables", ()) if v.name == "iteration"]


def own_parts(model: keras.Model) -> list[Any]:
    """The parts of a model that hold code: its layers, what these hold, and what it compiles."""
    parts = [*model._flatten_layers(), *_compiled_parts(model)]
    for layer in model._flatten_layers():  # what layers hold: activations, functions, regularizers
        parts += [value for value in vars(layer).values() if _is_part(value)]
    parts.append(getattr(getattr(model, "optimizer", None), "_learning_rate", None))  # a schedule
    return parts


def own_parts_known(model: keras.Model) -> Any:
    """A scope in which Keras finds the classes and functions of a model, registered or not."""
    return keras.saving.custom_object_scope(named_parts(model))


def named_parts(model: keras.Model) -> dict[str, Any]:
    """The classes and functions of a model by name, registered or not."""
    named = [part if hasattr(part, "__name__") else type(part) for part in own_parts(model)]
    known = {part.__name__: part for part in named if part.__module__ != "builtins"}
    classes = optimizer_classes(getattr(model, "optimizer", None))
    return known | classes


def _is_part(value: Any) -> bool:
    """Whether an attribute of a layer is a part that its configuration names."""
    kinds = (
        keras.regularizers.Regularizer,
        keras.initializers.Initializer,
        keras.constraints.Constraint,
        types.FunctionType,
    )
    return isinstance(value, kinds) and not value.__module__.startswith("keras.")


def in_unit(model: keras.Model, scale: float, centre: float) -> keras.Model:
    """The model followed by a layer that gives ``prediction · scale + centre``, compiled alike.

    The model is a part of the new one, and its own no more.

    Raises:
        InputError: if it cannot be followed by a layer.
    """
    # Half a type's numbers end at 65,504, which a target's may not.
    unit = keras.layers.Rescaling(scale, offset=centre, name="target_unit", dtype="float32")
    try:
        whole = _followed(model, unit)
        # With the very loss, metrics and optimizer of the model, which is used no more: they may be
        # the user's own, and an optimizer's exclusions are in no configuration.
        given = {**model._compile_config.config, **_kept_in_compiling(model)}
        whole.compile(**{**given, "optimizer": model.optimizer})
    except Exception as error:
        raise InputError(
            f"The model {model.name!r} cannot be followed by a layer that gives predictions in the "
            f"target's own unit ({one_line(error)}): scale y yourself, with standardize_target "
            f"False."
        ) from error
    return whole


def _followed(model: keras.Model, unit: Any) -> keras.Model:
    """A model of these layers, or around a model that has no graph of layers, and one more."""
    if isinstance(model, keras.Sequential):
        whole = keras.Sequential([*model.layers, unit], name=model.name)
        if not whole.built:
            whole.build((None, *model.input_shape[1:]))
        return whole
    if hasattr(model, "_inputs_struct"):  # inputs of more than one kind keep their names
        outputs = keras.tree.map_structure(unit, model._outputs_struct)
        return keras.Model(model._inputs_struct, outputs, name=model.name)
    shapes = model.get_build_config()
    inputs = keras.tree.map_shape_structure(
        lambda shape: keras.Input(shape[1:]), shapes.get("input_shape", shapes.get("shapes_dict"))
    )
    return keras.Model(inputs, unit(model(inputs)), name=f"{model.name}_in_unit")
