"""Which strength wins, if each is trained once.

Thirty studies of one run each do not agree which strength is best by validation accuracy. The bars
count how often each one wins, a tie being shared; the mean over all thirty is the answer that a
study gives.
"""

import wane
import keras
import matplotlib.pyplot as plt
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
    repeats=30,
    epochs=2000,
    references=False,
    learning_curve=False,
    extend=False,
)
result = study.run(progress=False)
accuracy = result.runs.pivot(index="repeat", columns="candidate", values="validation_accuracy")
best = accuracy.eq(accuracy.max(axis=1), axis=0)
wins = best.div(best.sum(axis=1), axis=0).sum().reindex(accuracy.mean().sort_values().index)
print(wins)

figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
axes.barh(wins.index, wins)
axes.set_xlabel("of 30 single runs: how often the best validation accuracy")
figure.savefig("one_run.png", dpi=150)
