"""What calls raise: one class for each thing that a caller can do about a failure."""

from __future__ import annotations

from typing import Any, Optional, Type

from tulving._native import ffi, lib


class Error(Exception):
    """A call that failed. It has changed nothing, unless the class says otherwise.

    `field` names what broke a rule, by its name in JSON; `position` which of several records, counted from 0. The
    message is for a person, and its wording may change.
    """

    code = 0

    def __init__(self, message: str, field: str = "", position: Optional[int] = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.position = position

    def __str__(self) -> str:
        return self.message


class InvalidArgument(Error, ValueError):
    """The caller's mistake; the same call will fail again."""

    code = 1


class NotFound(Error, LookupError):
    """The named record, store or file is not there."""

    code = 2


class Conflict(Error):
    """What is stored differs from what the call assumed; read again, then decide."""

    code = 3


class Busy(Error):
    """Someone else holds it; retry later."""

    code = 4


class ResourceExhausted(Error):
    """A limit that was set, the disk or the memory."""

    code = 5


class IOFailure(Error, OSError):
    """The operating system or a server refused; after a failed write the store refuses further ones."""

    code = 6


class Corruption(Error):
    """Bytes on disk are not what was written; stop and restore."""

    code = 7


class InDoubt(Error):
    """A remote commit may or may not have happened; look before retrying."""

    code = 8


_CLASSES: dict[int, Type[Error]] = {
    kind.code: kind
    for kind in (InvalidArgument, NotFound, Conflict, Busy, ResourceExhausted, IOFailure, Corruption, InDoubt)
}


def string_of(text: Any) -> str:
    """The characters of a tulving_text."""
    if text.data == ffi.NULL:
        return ""
    return bytes(ffi.buffer(text.data, text.size)).decode("utf-8", "replace")


def check(status: int, error: Any) -> None:
    """Raises what a call returned. `error` is the tulving_error** that it was given, and is freed."""
    if status == lib.TULVING_OK:
        return
    handle = error[0]
    message = string_of(lib.tulving_error_message(handle))
    field = string_of(lib.tulving_error_field(handle))
    position = lib.tulving_error_position(handle)
    lib.tulving_error_free(handle)
    if not message:
        message = string_of_name(status)
    raise _CLASSES.get(status, Error)(message, field, None if position < 0 else position)


def string_of_name(status: int) -> str:
    name: bytes = ffi.string(lib.tulving_status_name(status))
    return name.decode()
