"""Models in ``.keras`` files, loaded without running code of theirs."""

import re
import warnings
import zipfile
from pathlib import Path

import keras

from wane._archives import check_unpacked_size
from wane._errors import InputError, one_line

LARGEST_RATIO = 20
"""What the parts of a file may take unpacked, in sizes of the file; Keras packs none."""


def load_model(path: Path) -> keras.Model:
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
        prepares = re.search(r"Layer (\w+) requires TensorFlow", str(error))
        if prepares:
            raise InputError(
                f"{path} cannot be loaded, since its layer {prepares[1]} needs TensorFlow, which "
                f"is not installed: leave the layer out of the model, and give wane the numbers "
                f"that it makes."
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
