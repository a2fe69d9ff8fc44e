"""Which backend Keras runs on: chosen before it starts, and asked for where wane trains."""
