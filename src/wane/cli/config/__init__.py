"""A study as a file: the options of ``wane study`` as fields of TOML, read and written."""
