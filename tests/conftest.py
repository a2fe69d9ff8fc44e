"""Shared set-up of all tests: wane is imported first, so that Keras runs on JAX."""

import wane

assert wane.__version__
