"""A part of ``report/charts/``: charts of what networks predict, of rows and over two inputs."""
