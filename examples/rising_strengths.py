"""One network under rising strengths.

A path trains a network, then continues from its weights under stronger and stronger L2. Beside it
each strength is trained from new weights for as many epochs as the path had behind it, so that what
is left between the two is not the gain of training longer.
"""

import wane
import keras
from sklearn.datasets import make_moons

x, y = make_moons(n_samples=100, noise=0.2, random_state=1)
layers = [
    keras.layers.Input((2,)),
    keras.layers.Dense(500, activation="relu", name="hidden"),
    keras.layers.Dense(1, activation="sigmoid", name="output"),
]
model = keras.Sequential(layers)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
study = wane.Study(
    model,
    x[:30],
    y[:30],
    validation=(x[30:], y[30:]),
    candidates=wane.sweep(wane.L2, wane.decades(1e-6, 1e-1), layers="hidden"),
    repeats=5,
    epochs=1000,
    references=False,
    learning_curve=False,
    extend=False,
)
path = study.path(
    wane.L2, wane.decades(1e-4, 1e-1), layers="hidden", equal_epochs=True, progress=False
)
print(path.verdict)
path.plot().savefig("rising_strengths.png")
