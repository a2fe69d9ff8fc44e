"""What a penalty does to the size of the weights.

The stronger L2 on the hidden kernel, the smaller its norm; the output layer, which nothing
penalizes, grows. One norm over all weights would hide that.
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
    epochs=2000,
    references=False,
    learning_curve=False,
    extend=False,
)
result = study.run(progress=False)
print(result.summary()[["candidate", "norm_hidden_mean", "norm_output_mean"]])
result.plot_norms().savefig("norms.png")
