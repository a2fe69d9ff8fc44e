"""What wane reads of a Keras model: weights, targets, regularizers, dropout and weight decay."""
