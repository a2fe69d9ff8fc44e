"""What of Keras crosses from one backend to another as data: models, callbacks, settings."""
