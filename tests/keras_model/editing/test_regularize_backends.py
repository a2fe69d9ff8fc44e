"""Regularizing on every backend of Keras, and without loading JAX on the others.

In a new interpreter each, since the backend of Keras cannot change in one that runs.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import regularization_cases
from regularization_cases import APPLICATIONS

CASES = Path(str(regularization_cases.__file__))
# TensorFlow imports JAX by itself where it finds it; here nobody can.
WITHOUT_JAX = f"""
import runpy, sys
sys.modules["jax"] = sys.modules["jaxlib"] = None
sys.path.insert(0, {str(CASES.parent)!r})
runpy.run_path({str(CASES)!r}, run_name="__main__")
"""


@pytest.mark.parametrize("backend", ["torch", "tensorflow"])
@pytest.mark.parametrize(
    "applications",
    [
        pytest.param(["MobileNet"], id="models", marks=pytest.mark.thorough),
        pytest.param(list(APPLICATIONS), id="applications", marks=pytest.mark.slow),
    ],
)
def test_all_models_on_another_backend_without_jax(backend: str, applications: list[str]) -> None:
    if backend != "jax" and importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed; CONTRIBUTING.md says what brings it")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_JAX, *applications],
        env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    name, count, _ = done.stdout.split()
    assert name == backend and int(count) > 20
