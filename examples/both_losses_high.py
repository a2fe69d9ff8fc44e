"""Regression: training and validation loss are both high.

A penalty raised the training loss and the validation loss did not fall: is it too strong, or is the
network too small? Over a wide range of strengths the figure shows both losses. On the left the
network overfits, on the right the penalty holds it at the mean.
"""

import wane
import keras
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler

x, y = load_diabetes(return_X_y=True)
layers = [
    keras.layers.Input((10,)),
    keras.layers.Dense(200, activation="relu", name="hidden"),
    keras.layers.Dense(1, name="output"),
]
model = keras.Sequential(layers)
model.compile("adam", "mean_squared_error", metrics=[keras.metrics.R2Score(name="r2")])
study = wane.Study(
    model,
    x,
    y,
    transform=StandardScaler(),
    standardize_target=True,
    candidates=wane.sweep(wane.L2, wane.decades(1e-3, 1e3)),
    validation=wane.Subsample(60, 60),
    test=0.5,
    repeats=10,
    epochs=200,
    learning_curve=False,
)
result = study.run(progress=False)
print(result.verdict)
result.plot_strengths(panel="data_loss").savefig("both_losses_high.png")
