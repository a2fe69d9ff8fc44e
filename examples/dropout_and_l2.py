"""Dropout, and Dropout with BatchNormalization and L2 in one model.

They may stand together. Whether that is better than its parts is for the comparison to say, in
which each method has as many settings.
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
    test=make_moons(n_samples=2000, noise=0.2, random_state=2),
    repeats=8,
    epochs=1500,
    references=False,
    learning_curve=False,
)
methods = ["none", "l2", "dropout", "dropout+bn+l2"]
compared = study.compare(methods, settings=4, layers="hidden", progress=False)
print(compared.verdict)
compared.plot().savefig("dropout_and_l2.png")
