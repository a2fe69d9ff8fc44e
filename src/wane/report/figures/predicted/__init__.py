"""A part of ``report/figures/``: figures of what networks predict, over two inputs."""
