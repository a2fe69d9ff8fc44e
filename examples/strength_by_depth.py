"""Stronger in early layers, or in late ones.

Three hidden layers, and five targets of L2: the same strength everywhere, hidden layers alone,
biases too, and strengths that fall or rise by ten from the first layer to the last. What wins
depends on the problem; here intervals tell how sure that is.
"""

import wane
import keras
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

x, y = load_breast_cancer(return_X_y=True)
hidden = [keras.layers.Dense(64, activation="relu", name=f"hidden{n}") for n in (1, 2, 3)]
output = keras.layers.Dense(1, activation="sigmoid", name="output")
model = keras.Sequential([keras.layers.Input((30,)), *hidden, output])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
study = wane.Study(
    model,
    x,
    y,
    transform=StandardScaler(),
    validation=wane.Subsample(60, 60),
    test=0.5,
    repeats=10,
    epochs=100,
    references=False,
    learning_curve=False,
)
compared = study.compare(wane.targets(wane.L2, [1e-4, 1e-3, 1e-2], model), progress=False)
print(compared.verdict)
compared.plot().savefig("strength_by_depth.png")
