"""Models in ``.keras`` files: loaded without running code of theirs, and saved to new files."""

import os
import re
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from wane._archives import check_unpacked_size
from wane._errors import InputError, listed, one_line
from wane.keras_model.inspection import inspect, regularizer_name
from wane.keras_model.regularize import regularize
from wane.keras_model.regularizers import weights_not_saved
from wane.keras_model.weights import Weight, trainable_weights
from wane.penalties import Penalty, WeightDecay

if TYPE_CHECKING:
    from wane.report.weights import WeightTable


LARGEST_RATIO = 20
"""What the parts of a file may take unpacked, in sizes of the file; Keras packs none."""


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
        if isinstance(penalty, WeightDecay):
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
        warnings.simplefilter("ignore", UserWarning)  # the table says it, too
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


def load_model(path: Path) -> Any:
    """The model in a ``.keras`` file, compiled if it was.

    Code inside the file, such as that of a Lambda layer, is never run.

    Raises:
        InputError: if there is no such file, or it cannot be loaded without running such code.
    """
    if not path.is_file():
        raise InputError(f"There is no file {str(path)!r}; give the path of a .keras file.")
    if path.suffix != ".keras" or not zipfile.is_zipfile(path):
        raise InputError(
            f"{path} is no .keras file: save the model with model.save('model.keras')."
        )
    try:
        advice = "save the model anew with model.save('model.keras')"
        check_unpacked_size(path, ratio=LARGEST_RATIO, advice=advice)
        with warnings.catch_warnings():
            # The optimizer of a model that was never trained has no state in the file.
            warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
            return keras.saving.load_model(path, safe_mode=True)
    except InputError:
        raise
    except Exception as error:
        text = one_line(error)
        if "safe_mode" in str(error) or "unsafe" in str(error):
            raise InputError(
                f"{path} is refused, since loading it would run code that it contains, such as a "
                f"Lambda layer's: if you trust it, load it in Python with "
                f"keras.saving.load_model(path, safe_mode=False) and give wane the model."
            ) from error
        missing = re.search(r"Could not locate (class|function) '([^']*)'", str(error))
        if missing:
            raise InputError(
                f"{path} cannot be loaded, since it has the {missing[1]} {missing[2][:100]!r}, "
                f"which is not Keras's own: load it in Python where that is defined and give wane "
                f"the model."
            ) from error
        raise InputError(
            f"{path} cannot be loaded ({text.rstrip('.')}): if it has layers or losses of your "
            f"own, load it in Python where they are defined and give wane the model."
        ) from error


def _save(model: Any, out: Path) -> None:
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
