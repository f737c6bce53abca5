"""Tulving keeps an agent's memories and their embeddings in RAM, and finds them in microseconds."""

from tulving._native import ffi as _ffi
from tulving._native import lib as _lib
from tulving.aio import AsyncStore, AsyncTenant
from tulving.calls import Streamed
from tulving.embedders import Embedder
from tulving.errors import (
    Busy,
    Conflict,
    Corruption,
    Error,
    InDoubt,
    InvalidArgument,
    IOFailure,
    NotFound,
    ResourceExhausted,
)
from tulving.hits import Hit, Hits
from tulving.store import Store, operations, restore
from tulving.tenant import Tenant

__version__: str = _ffi.string(_lib.tulving_version()).decode()

__all__ = [
    "AsyncStore",
    "AsyncTenant",
    "Busy",
    "Conflict",
    "Corruption",
    "Embedder",
    "Error",
    "Hit",
    "Hits",
    "IOFailure",
    "InDoubt",
    "InvalidArgument",
    "NotFound",
    "ResourceExhausted",
    "Store",
    "Streamed",
    "Tenant",
    "operations",
    "restore",
]
