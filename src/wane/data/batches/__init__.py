"""Data sets that come in batches, from Keras, TensorFlow and torch, read into arrays."""
