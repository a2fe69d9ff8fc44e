"""Which inputs matter.

A path of group lassos on the first layer, on random halves of the rows: inputs leave one after
another. Three columns of noise stand among those of the diabetes data, to see where they end.
"""

import wane
import keras
import matplotlib.pyplot as plt
import numpy
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler

x, y = load_diabetes(return_X_y=True, as_frame=True)
random = numpy.random.default_rng(0)
for number in (1, 2, 3):
    x[f"noise {number}"] = random.normal(size=len(x))
layers = [
    keras.layers.Input((13,)),
    keras.layers.Dense(16, activation="relu", name="hidden"),
    keras.layers.Dense(1, name="output"),
]
model = keras.Sequential(layers)
model.compile("adam", "mean_squared_error")
importance = wane.feature_importance(
    model,
    x,
    y,
    transform=StandardScaler(),
    standardize_target=True,
    resamples=10,
    epochs=200,
    progress=False,
)
print(importance)

shares = importance.shares
figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
image = axes.imshow(shares.to_numpy(float), aspect="auto", cmap="viridis", vmin=0, vmax=1)
axes.set_yticks(range(len(shares)), shares.index)
axes.set_xticks(
    range(shares.shape[1]), [f"{float(one):.2g}" for one in shares.columns], rotation=45
)
axes.set_xlabel("strength of the group lasso")
figure.colorbar(image, label="share of resamples that keep the input")
figure.savefig("feature_importance.png", dpi=150)
