"""A convolution and an LSTM on sequences.

Noisy waves grow or fade. An LSTM under L2 and a convolution under L2 stand beside the LSTM without
a penalty ("none"), each by the better of two strengths.
"""

import wane
import keras
import numpy

random = numpy.random.default_rng(0)
growing = random.integers(0, 2, 2240)
steps = numpy.linspace(0, 4 * numpy.pi, 40) + random.uniform(0, 6, (2240, 1))
size = numpy.where(growing[:, None], numpy.linspace(0.5, 1.5, 40), numpy.linspace(1.5, 0.5, 40))
waves = (size * numpy.sin(steps) + random.normal(scale=0.8, size=steps.shape))[..., None]


def network(*reading):
    head = keras.layers.Dense(1, activation="sigmoid", name="output")
    model = keras.Sequential([keras.layers.Input((40, 1)), *reading, head])
    model.compile(keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["accuracy"])
    return model


lstm = network(keras.layers.LSTM(16, name="lstm"))
cnn = network(
    keras.layers.Conv1D(16, 5, activation="relu", name="conv"),
    keras.layers.Conv1D(16, 5, activation="relu", name="conv2"),
    keras.layers.GlobalAveragePooling1D(),
)
convolution = wane.Network(cnn, "CNN")
study = wane.Study(
    lstm,
    waves[:100],
    growing[:100],
    validation=(waves[100:240], growing[100:240]),
    test=(waves[240:], growing[240:]),
    repeats=5,
    epochs=60,
    references=False,
    learning_curve=False,
)
methods = {
    "LSTM + L2": [wane.L2(1e-3), wane.L2(1e-2)],
    "CNN + L2": [(convolution, wane.L2(1e-3)), (convolution, wane.L2(1e-2))],
}
compared = study.compare(methods, progress=False)
print(compared.verdict)
compared.plot().savefig("cnn_and_lstm.png")
