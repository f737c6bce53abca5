"""What goes into calls: texts, JSON and floats, without a copy where there need not be one."""

from __future__ import annotations

import json
from array import array
from typing import Any, NamedTuple, Protocol, Sequence, Union, runtime_checkable

from tulving._native import ffi


@runtime_checkable
class SupportsArrayInterface(Protocol):
    """A numpy array, or what behaves like one."""

    @property
    def __array_interface__(self) -> dict[str, Any]: ...


# Floats: float32 in numpy, in an array.array("f") or a memoryview of such is passed as it lies; what else there is,
# is converted once.
Floats = Union[Sequence[float], "array[float]", memoryview, SupportsArrayInterface]
Matrix = Union[Sequence[Sequence[float]], memoryview, SupportsArrayInterface]
Json = Any  # What json.dumps() takes and json.loads() gives.


class Given(NamedTuple):
    """A value for C, and what must live while C reads it."""

    value: Any
    kept: Any


class Rows(NamedTuple):
    """Rows of floats for C."""

    pointer: Any
    rows: int
    dim: int
    stride_bytes: int
    kept: Any


def set_text(text: Any, given: "str | bytes | None", kept: list[Any]) -> None:
    """Sets a tulving_text, which is zero."""
    if given is None:
        return
    data = given.encode() if isinstance(given, str) else given
    kept.append(data)
    text.data = ffi.from_buffer(data) if data else ffi.cast("const char*", _EMPTY)
    text.size = len(data)


def text_of(given: "str | bytes") -> Given:
    kept: list[Any] = []
    text = ffi.new("tulving_text*")
    set_text(text, given, kept)
    return Given(text[0], (text, kept))


_EMPTY = ffi.new("char[1]")


def dump(value: Json) -> str:
    """JSON of a value; a string is JSON already."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def passages_of(given: Matrix) -> "tuple[array[float], int]":
    """The rows one after the other, and how many there are."""
    rows = matrix(given)
    flat = array("f")
    for row in range(rows.rows):
        start = ffi.cast("const char*", rows.pointer) + row * (rows.stride_bytes or 4 * rows.dim)
        flat.frombytes(ffi.buffer(start, 4 * rows.dim))
    return flat, rows.rows


def _interface(given: Any) -> "dict[str, Any] | None":
    found = getattr(given, "__array_interface__", None)
    return found if isinstance(found, dict) else None


def _rows_of_interface(interface: dict[str, Any], kept: Any) -> "Rows | None":
    """Float32 of one or two dimensions, whose rows are dense; else None."""
    shape, strides = interface["shape"], interface.get("strides")
    if interface["typestr"] != "<f4" or not 1 <= len(shape) <= 2 or 0 in shape:
        return None
    dim = shape[-1]
    if strides is not None and strides[-1] != 4 and dim > 1:
        return None
    stride = 4 * dim if strides is None or len(shape) == 1 else strides[0]
    rows = 1 if len(shape) == 1 else shape[0]
    address = interface["data"][0]
    if (rows > 1 and (stride < 4 * dim or stride % 4 != 0)) or address % 4 != 0:
        return None
    return Rows(ffi.cast("const float*", address), rows, dim, stride if rows > 1 else 0, kept)


def _rows_of_view(view: memoryview, kept: Any) -> "Rows | None":
    if view.format != "f" or not view.c_contiguous or view.ndim not in (1, 2) or view.nbytes == 0:
        return None
    shape = view.shape or (view.nbytes // 4,)
    rows, dim = (1, shape[0]) if view.ndim == 1 else (shape[0], shape[1])
    return Rows(ffi.from_buffer("float[]", view), rows, dim, 0, (view, kept))


def _rows_as_they_lie(given: Any) -> "Rows | None":
    interface = _interface(given)
    if interface is not None:
        return _rows_of_interface(interface, given)
    if isinstance(given, (array, memoryview)):
        return _rows_of_view(memoryview(given), given)
    return None


def floats(given: Floats) -> Rows:
    """One vector."""
    found = _rows_as_they_lie(given)
    if found is None:
        copied = array("f", given)  # type: ignore[arg-type]
        found = _rows_of_view(memoryview(copied), copied)
    if found is None or found.rows != 1:
        raise ValueError("a vector must have floats, in one row")
    return found


def matrix(given: Matrix) -> Rows:
    """Vectors of one length, a row each."""
    found = _rows_as_they_lie(given)
    interface = _interface(given)
    is_flat = interface is not None and len(interface["shape"]) == 1
    if is_flat or (isinstance(given, (array, memoryview)) and memoryview(given).ndim == 1):
        raise ValueError("vectors must be rows: an array of two dimensions, or a list of lists")
    if found is not None:
        return found
    listed: Any = given.tolist() if isinstance(given, memoryview) else given
    lists = [array("f", row) for row in listed]
    if not lists or not lists[0]:
        raise ValueError("vectors must have rows, and floats in them")
    if any(len(row) != len(lists[0]) for row in lists):
        raise ValueError("vectors must be of one length")
    copied = array("f")
    for row in lists:
        copied.extend(row)
    return Rows(ffi.from_buffer("float[]", copied), len(lists), len(lists[0]), 0, copied)
