"""The output layer and the biases too.

The same six strengths act on hidden kernels, on all kernels, or on all kernels and biases: three
targets, each by its best strength.
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
    repeats=10,
    epochs=2000,
    references=False,
    learning_curve=False,
)
targets = wane.targets(wane.L2, wane.decades(1e-6, 1e-1), model)
chosen = {name: targets[name] for name in ("hidden", "hidden and output", "biases too")}
compared = study.compare(chosen, progress=False)
print(compared.verdict)
compared.plot().savefig("output_and_biases.png")
