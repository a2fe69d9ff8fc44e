"""L1 and L1L2 in place of L2.

The published case tries L2 alone. Here each of the three has the same budget of five strengths on
the hidden layer, and is evaluated by its best one; the figure has each method's difference to no
penalty, with its interval.
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
compared = study.compare(["none", "l2", "l1", "l1l2"], layers="hidden", progress=False)
print(compared.verdict)
compared.plot().savefig("l1_and_l1l2.png")
