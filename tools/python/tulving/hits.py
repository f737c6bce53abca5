"""What a search found: read from the store's memory when it is looked at."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Iterator, Optional, Union, overload

from tulving._native import ffi, lib
from tulving.errors import string_of
from tulving.values import Json

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NEVER = -(2**63)


class Hit:
    """One memory that was found, as it was then."""

    __slots__ = ("_hits", "_position")

    def __init__(self, hits: "Hits", position: int) -> None:
        self._hits = hits
        self._position = position

    def _text(self, field: int) -> str:
        return string_of(lib.tulving_hits_text(self._hits._handle, self._position, field))

    def _number(self, field: int) -> int:
        return int(lib.tulving_hits_number(self._hits._handle, self._position, field))

    def _time(self, field: int) -> Optional[datetime]:
        at = self._number(field)
        return None if at == _NEVER else _EPOCH + timedelta(microseconds=at)

    @property
    def id(self) -> str:
        return self._text(lib.TULVING_HIT_ID)

    @property
    def uuid(self) -> uuid.UUID:
        return uuid.UUID(self.id)

    @property
    def score(self) -> float:
        return float(lib.tulving_hits_scores(self._hits._handle)[self._position])

    @property
    def text(self) -> str:
        return self._text(lib.TULVING_HIT_TEXT)

    @property
    def external_id(self) -> str:
        return self._text(lib.TULVING_HIT_EXTERNAL_ID)

    @property
    def summary(self) -> str:
        return self._text(lib.TULVING_HIT_SUMMARY)

    @property
    def memory_type(self) -> str:
        return self._text(lib.TULVING_HIT_MEMORY_TYPE)

    @property
    def user_id(self) -> str:
        return self._text(lib.TULVING_HIT_USER_ID)

    @property
    def agent_id(self) -> str:
        return self._text(lib.TULVING_HIT_AGENT_ID)

    @property
    def session_id(self) -> str:
        return self._text(lib.TULVING_HIT_SESSION_ID)

    @property
    def metadata(self) -> dict[str, Json]:
        text = self._text(lib.TULVING_HIT_METADATA)
        found: dict[str, Json] = json.loads(text) if text else {}
        return found

    @property
    def priority(self) -> int:
        return self._number(lib.TULVING_HIT_PRIORITY)

    @property
    def revision(self) -> int:
        return self._number(lib.TULVING_HIT_REVISION)

    @property
    def created_at(self) -> Optional[datetime]:
        return self._time(lib.TULVING_HIT_CREATED_AT)

    @property
    def updated_at(self) -> Optional[datetime]:
        return self._time(lib.TULVING_HIT_UPDATED_AT)

    @property
    def expires_at(self) -> Optional[datetime]:
        return self._time(lib.TULVING_HIT_EXPIRES_AT)

    @property
    def record(self) -> dict[str, Json]:
        """All of the memory, without its vectors."""
        found: dict[str, Json] = json.loads(self._text(lib.TULVING_HIT_RECORD))
        return found

    @property
    def json(self) -> dict[str, Json]:
        """As the operation "search" answers, with the parts of its score where that was asked."""
        found: dict[str, Json] = json.loads(self._text(lib.TULVING_HIT_JSON))
        return found

    def __repr__(self) -> str:
        return f"<Hit {self.score:.4f} {self.text[:60]!r}>"


class Hits(Sequence[Hit]):
    """The memories that a search found, best first."""

    def __init__(self, handle: Any) -> None:
        self._handle = ffi.gc(handle, lib.tulving_hits_free)
        self._count: int = lib.tulving_hits_count(handle)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Hit]: ...
    def __getitem__(self, index: Union[int, slice]) -> Union[Hit, Sequence[Hit]]:
        if isinstance(index, slice):
            return [Hit(self, position) for position in range(*index.indices(self._count))]
        position = index + self._count if index < 0 else index
        if not 0 <= position < self._count:
            raise IndexError("there is no such hit")
        return Hit(self, position)

    def __iter__(self) -> Iterator[Hit]:
        return (Hit(self, position) for position in range(self._count))

    @property
    def scores(self) -> memoryview:
        """All scores as float32, where the library has them: numpy.asarray(hits.scores) copies nothing."""
        if self._count == 0:
            return memoryview(b"").cast("f")
        pointer = lib.tulving_hits_scores(self._handle)
        kept = ffi.gc(ffi.cast("float*", pointer), lambda _, hits=self: None)
        return memoryview(ffi.buffer(kept, 4 * self._count)).cast("f")

    @property
    def ids(self) -> list[str]:
        if self._count == 0:
            return []
        digits = bytes(ffi.buffer(lib.tulving_hits_uuids(self._handle), 16 * self._count)).hex()
        return [
            f"{digits[i : i + 8]}-{digits[i + 8 : i + 12]}-{digits[i + 12 : i + 16]}-{digits[i + 16 : i + 20]}-{digits[i + 20 : i + 32]}"
            for i in range(0, len(digits), 32)
        ]

    def _has(self, flag: int) -> bool:
        return bool(lib.tulving_hits_flags(self._handle) & flag)

    @property
    def approximate(self) -> bool:
        """The graph was walked: a nearer memory may have been missed."""
        return self._has(lib.TULVING_APPROXIMATE)

    @property
    def partial(self) -> bool:
        """The deadline struck first."""
        return self._has(lib.TULVING_PARTIAL)

    @property
    def text_unsearchable(self) -> bool:
        return self._has(lib.TULVING_TEXT_UNSEARCHABLE)

    @property
    def vector_unsearchable(self) -> bool:
        return self._has(lib.TULVING_VECTOR_UNSEARCHABLE)

    @property
    def embedding_error(self) -> str:
        """Why the text has no vector, where an embedder was to make it and failed."""
        return string_of(lib.tulving_hits_embedding_error(self._handle))

    @property
    def plan(self) -> Optional[dict[str, Json]]:
        """How the search was carried out, of one that was to explain."""
        text = string_of(lib.tulving_hits_plan(self._handle))
        return json.loads(text) if text else None

    def __repr__(self) -> str:
        return f"<Hits: {self._count}>"
