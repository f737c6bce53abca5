from typing import Any

# The module that cffi makes: the functions of tulving_c.h, untyped.
ffi: Any
lib: Any
