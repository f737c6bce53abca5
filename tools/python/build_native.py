"""Makes the module tulving._native, which calls libtulving_c, by cffi.

What it declares is read from tulving_c.h itself, so that the two cannot differ. Run as a program it writes the
module's C source, for CMake to compile: build_native.py HEADER OUTPUT. setup.py uses `builder` instead.
"""

import os
import re
import sys

from cffi import FFI

HERE = os.path.dirname(os.path.abspath(__file__))
HEADER = os.path.join(HERE, "..", "c", "include", "tulving_c.h")

# Functions in Python that C calls; tulving/callbacks.py defines them.
CALLBACKS = """
extern "Python" {
  void tulving_python_destroy(void*);
  tulving_status tulving_python_write(void*, tulving_text, tulving_reply*);
  tulving_status tulving_python_embed(void*, uint32_t, const tulving_text*, size_t, float*, tulving_reply*);
  int32_t tulving_python_next(void*, tulving_line*);
  int32_t tulving_python_put(void*, const tulving_line*);
  int32_t tulving_python_progress(void*, uint64_t, uint64_t);
}
"""


def declarations(header: str) -> str:
    """The header without what the preprocessor reads."""
    with open(header, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"#ifdef __cplusplus\n.*?#endif\n", "", text, flags=re.S)
    return "".join(line for line in text.splitlines(True) if not line.startswith("#"))


def builder_of(header: str) -> FFI:
    ffi = FFI()
    ffi.cdef(declarations(header) + CALLBACKS)
    ffi.set_source("tulving._native", '#include "tulving_c.h"', libraries=["tulving_c"], py_limited_api=True)
    return ffi


if __name__ == "__main__":
    builder_of(sys.argv[1]).emit_c_code(sys.argv[2])
else:
    builder = builder_of(os.environ.get("TULVING_C_HEADER", HEADER))
