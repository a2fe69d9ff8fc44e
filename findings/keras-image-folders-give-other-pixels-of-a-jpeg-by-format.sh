#!/usr/bin/env bash
# Keras 3.15.1: image_dataset_from_directory gives other pixels of one JPEG file with format="grain"
# than with format="tf", both at the file's own size, so that nothing is resized. TensorFlow decodes
# with a quicker cosine transform than Pillow, which the other reads with: two thirds of the values of
# these pictures differ, by up to 3 of 255 levels. A network that was trained behind one of them sees
# other inputs behind the other; PNG files are the same from both.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras==3.15.1 tensorflow-cpu==2.21.0 grain==0.2.18 pillow==12.0.0
cd "$work"
TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow "$work/venv/bin/python" - <<'PYTHON'
import os

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

generator = np.random.default_rng(0)
for kind in ("jpg", "png"):
    for label in ("a", "b"):
        folder = f"{kind}/{label}"
        os.makedirs(folder)
        small = Image.fromarray(generator.integers(0, 256, (8, 8, 3), dtype=np.uint8))
        small.resize((64, 64), Image.Resampling.BICUBIC).save(f"{folder}/x.{kind}")


def pixels(kind, source):
    rows = keras.utils.image_dataset_from_directory(
        kind, image_size=(64, 64), shuffle=False, batch_size=2, format=source, verbose=False
    )
    return np.asarray(next(iter(rows))[0], "float32")


largest = {kind: np.abs(pixels(kind, "tf") - pixels(kind, "grain")) for kind in ("jpg", "png")}
print("Keras", keras.__version__, "TensorFlow", tf.__version__)
for kind, apart in largest.items():
    print(kind, "largest difference", apart.max(), "share of values that differ", (apart > 0.5).mean())
assert largest["jpg"].max() >= 2, "behaviour has changed"
assert largest["png"].max() < 0.5, "behaviour has changed"
PYTHON
