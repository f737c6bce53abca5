"""For pip: `pip install --no-build-isolation .`, with libtulving_c installed where the compiler finds it."""

from setuptools import setup

setup(cffi_modules=["build_native.py:builder"])
