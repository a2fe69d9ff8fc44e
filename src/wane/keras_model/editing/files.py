"""Models in ``.keras`` files: loaded without running code of theirs, and saved to new files."""

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import keras

from wane._errors import InputError, listed
from wane.keras_model.editing.inspection import inspect, regularizer_name
from wane.keras_model.editing.loading import load_model
from wane.keras_model.editing.regularize import regularize
from wane.keras_model.regularizers import weights_not_saved
from wane.keras_model.weights import Weight, trainable_weights
from wane.penalties import Penalty

if TYPE_CHECKING:
    from wane.report.weights import WeightTable


def inspect_file(path: Path) -> "WeightTable":
    """The table of :func:`inspect` for the model in a ``.keras`` file.

    Raises:
        InputError: if the file cannot be loaded.
    """
    return inspect(load_model(path))


def regularize_file(
    path: Path,
    out: Path,
    penalties: Sequence[Penalty],
) -> "WeightTable":
    """Put penalties on the model in a ``.keras`` file and save it as another file.

    Args:
        path: the file of the model, which stays as it is.
        out: the new file.
        penalties: those that :func:`wane.regularize` takes, but for weight decay.

    Returns:
        The table of :func:`inspect` for the new model.

    Raises:
        InputError: if the file cannot be loaded, it cannot hold a penalty, or ``out`` is there
            already.
    """
    for penalty in penalties:
        if penalty.acts_by == "decay":
            raise InputError(
                f"{penalty} is the optimizer's, and Keras saves no list of the weights that it "
                f"spares: put it on the loaded model with wane.regularize(model, "
                f"wane.{penalty}) in Python."
            )
    _check_new(out)
    model = load_model(path)
    before = {w.index: regularizer_name(w.variable.regularizer) for w in trainable_weights(model)}

    def given(weight: Weight) -> bool:
        return before[weight.index] != regularizer_name(weight.variable.regularizer)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the table has it, too
        regularize(model, *penalties)
    lost = [weight for weight in weights_not_saved(model) if given(weight)]
    if lost:
        raise InputError(
            f"A file cannot hold these penalties on {listed(dict.fromkeys(w.layer for w in lost))},"
            f" since the model's configuration has no place for them: take other layers, or put "
            f"them on the loaded model with wane.regularize in Python."
        )
    _save(model, out)
    return inspect(model)


def _save(model: keras.Model, out: Path) -> None:
    # Beside it first, so that a file that is there is whole.
    part = out.with_name(f".{out.stem}.{os.getpid()}.part.keras")
    try:
        model.save(part)
        part.rename(out)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)


def _check_new(out: Path) -> None:
    if out.suffix != ".keras":
        raise InputError(f"The new file must be called .keras at its end, got {str(out)!r}.")
    if out.exists():
        raise InputError(f"{out} is there already; nothing is written over: give another name.")
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {str(out.parent)!r} for {out.name}: make it first.")
