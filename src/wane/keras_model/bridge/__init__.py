"""A compiled Keras model as pure functions, and the checks that it can be one."""
