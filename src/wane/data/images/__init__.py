"""Folders of images: the files in them, each as an array, all as a problem."""
