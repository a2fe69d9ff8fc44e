"""The weights with which runs begin: drawn anew from a key, or those of a trained model."""
