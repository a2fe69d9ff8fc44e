"""Which further candidates are worth training, by the losses of those that were."""
