"""The answer in sentences, from the evaluated numbers alone."""
