"""A part of ``study/``: what the page of a finished study draws."""
