"""Studies of other backends: handed to a process on JAX as data, and their results taken back."""
