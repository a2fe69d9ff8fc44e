"""The only folder that knows Keras: its backend, its models as pure functions, their weights."""
