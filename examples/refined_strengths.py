"""Between the orders of magnitude.

Decades come first; `refine` then adds strengths around the best one and its near rivals, and
`halving` drops those that fall behind.
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
    repeats=8,
    epochs=2000,
    refine=True,
    halving=True,
    references=False,
    learning_curve=False,
    extend=False,
)
result = study.run(progress=False)
print(result.verdict)
result.plot_strengths().savefig("refined_strengths.png")
