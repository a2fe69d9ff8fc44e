"""The random states that Python, NumPy and Keras keep for the whole process."""

import contextlib
import random
from collections.abc import Iterator

import numpy as np


@contextlib.contextmanager
def random_states_kept() -> Iterator[None]:
    """Put the random states of Python, NumPy and Keras back when the block ends.

    Keras draws the seed of every layer and initializer that is given none from Python's global
    random numbers, so even making a layer moves them on.
    """
    from keras.ops import convert_to_numpy
    from keras.src.backend.common import global_state
    from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR

    python_state, numpy_state = random.getstate(), np.random.get_state()
    generator = global_state.get_global_attribute(GLOBAL_SEED_GENERATOR)
    # A copy, since the value of TensorFlow and PyTorch is the variable itself.
    keras_state = None if generator is None else np.array(convert_to_numpy(generator.state.value))
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)
        global_state.set_global_attribute(GLOBAL_SEED_GENERATOR, generator)
        if generator is not None:
            generator.state.assign(keras_state)
