"""Embedders in Python, for the store to call."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Optional, Sequence, Union

from tulving._native import ffi, lib
from tulving.callbacks import held
from tulving.values import Floats, floats, set_text


class Embedder:
    """Makes vectors of texts, by a function in Python.

    `embed` takes a list of texts and gives a vector of `dim` floats for each; `embed_query`, where a model treats what is
    looked for otherwise, takes one. Both are called on threads of the store's, several at once. Vectors of two `model`s are
    never compared. An exception is the store's error; nothing that was written is lost by it.
    """

    def __init__(
        self,
        model: str,
        dim: int,
        embed: Callable[[list[str]], Iterable[Floats]],
        *,
        embed_query: Optional[Callable[[str], Floats]] = None,
        normalised: bool = False,
        batch_limit: int = 0,
        characters_max: int = 0,
    ) -> None:
        self.model = model
        self.dim = dim
        self.normalised = normalised
        self.batch_limit = batch_limit
        self.characters_max = characters_max
        self._embed = embed
        self._embed_query = embed_query

    def vectors_of(self, texts: list[str], is_query: bool) -> list[Floats]:
        if is_query and self._embed_query is not None:
            return [self._embed_query(text) for text in texts]
        return list(self._embed(texts))


def fill(embedder: Embedder, texts: list[str], is_query: bool, out: Any) -> None:
    """The vectors into `out`, one after the other."""
    vectors = embedder.vectors_of(texts, is_query)
    if len(vectors) != len(texts):
        raise ValueError(f"{embedder.model} gave {len(vectors)} vectors of {len(texts)} texts")
    for position, vector in enumerate(vectors):
        rows = floats(vector)
        if rows.dim != embedder.dim:
            raise ValueError(f"{embedder.model} gave a vector of {rows.dim} floats; must be {embedder.dim}")
        ffi.memmove(out + position * embedder.dim, rows.pointer, 4 * embedder.dim)


def _struct_of(embedder: Embedder, kept: list[Any]) -> Any:
    out = ffi.new("tulving_embedder*", {"struct_size": ffi.sizeof("tulving_embedder")})
    set_text(out.model, embedder.model, kept)
    out.dim, out.normalised = embedder.dim, embedder.normalised
    out.embed, out.destroy = lib.tulving_python_embed, lib.tulving_python_destroy
    out.context = held.hold(embedder)
    out.batch_limit, out.text_limit, out.text_unit = embedder.batch_limit, embedder.characters_max, lib.TULVING_CHARACTERS
    kept.append(out)
    return out


Given = Union[None, str, Embedder, Sequence[Embedder]]


def set_embedders(options: Any, given: Given, kept: list[Any]) -> None:
    """Sets those of a tulving_store_options."""
    if given is None:
        return
    if isinstance(given, str):
        set_text(options.embedder, given, kept)
        return
    embedders = [given] if isinstance(given, Embedder) else list(given)
    structs = ffi.new("tulving_embedder*[]", [_struct_of(embedder, kept) for embedder in embedders])
    kept.append(structs)
    options.embedders, options.embedders_count = structs, len(embedders)
