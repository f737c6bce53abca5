"""The same for asyncio: each call runs on a thread, and holds no lock of Python's there."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any, Awaitable, Callable, Iterable, Optional, Sequence, Type, TypeVar, Union

from tulving.callbacks import Line
from tulving.calls import Streamed
from tulving.hits import Hits
from tulving.store import Store
from tulving.tenant import Record, Tenant
from tulving.values import Floats, Json, Matrix

T = TypeVar("T")


class _Threads:
    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tulving")

    def run(self, function: Callable[..., T], *arguments: Any, **options: Any) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._pool, partial(function, *arguments, **options))

    def close(self) -> None:
        self._pool.shutdown(wait=True)


class AsyncTenant:
    """Tenant, with members to await; what they take and answer is said there."""

    def __init__(self, tenant: Tenant, threads: _Threads) -> None:
        self.tenant = tenant
        self.id = tenant.id
        self._run = threads.run

    async def add(self, record: Record, *, vector: Optional[Floats] = None, **options: Any) -> dict[str, Json]:
        return await self._run(self.tenant.add, record, vector=vector, **options)

    async def add_many(
        self, records: Iterable[Record], *, vectors: Optional[Matrix] = None, **options: Any
    ) -> list[dict[str, Json]]:
        return await self._run(self.tenant.add_many, records, vectors=vectors, **options)

    async def get(self, memory_id: str, *, with_embeddings: bool = False) -> dict[str, Json]:
        return await self._run(self.tenant.get, memory_id, with_embeddings=with_embeddings)

    async def update(self, memory_id: str, patch: Optional[dict[str, Json]] = None, **options: Json) -> dict[str, Json]:
        return await self._run(self.tenant.update, memory_id, patch, **options)

    async def memories(self, filter: Json = None, **options: Json) -> dict[str, Json]:
        return await self._run(self.tenant.memories, filter, **options)

    async def history(self, memory_id: str) -> Json:
        return await self._run(self.tenant.history, memory_id)

    async def distinct_values(self, field: str, filter: Json = None, **options: Json) -> dict[str, Json]:
        return await self._run(self.tenant.distinct_values, field, filter, **options)

    async def touch(self, *memory_ids: str, expires_after: Union[float, timedelta, None] = None) -> None:
        await self._run(self.tenant.touch, *memory_ids, expires_after=expires_after)

    async def forget(self, *memory_ids: str) -> None:
        await self._run(self.tenant.forget, *memory_ids)

    async def erase(self, *memory_ids: str) -> None:
        await self._run(self.tenant.erase, *memory_ids)

    async def search(self, text: Optional[str] = None, **options: Any) -> Hits:
        return await self._run(self.tenant.search, text, **options)

    async def search_many(self, vectors: Matrix, **options: Any) -> Sequence[Hits]:
        return await self._run(self.tenant.search_many, vectors, **options)

    async def call(self, operation: str, arguments: Json = None, **options: Any) -> Json:
        return await self._run(self.tenant.call, operation, arguments, **options)

    async def stream(
        self,
        operation: str,
        arguments: Json = None,
        lines: Iterable[Line] = (),
        take: Optional[Callable[[Json], None]] = None,
    ) -> Streamed:
        return await self._run(self.tenant.stream, operation, arguments, lines, take)


class AsyncStore:
    """Store, with members to await.

    async with await tulving.AsyncStore.open("memories") as store:
        hits = await store.tenant("acme").search("What does Ana drink?")
    """

    def __init__(self, store: Store, threads: int = 4) -> None:
        self.store = store
        self._threads = _Threads(threads)

    @classmethod
    async def open(
        cls, directory: Union[str, "os.PathLike[str]", None] = None, *, threads: int = 4, **options: Any
    ) -> "AsyncStore":
        return cls(await asyncio.to_thread(partial(Store, directory, **options)), threads)

    def tenant(self, tenant_id: str) -> AsyncTenant:
        return AsyncTenant(self.store.tenant(tenant_id), self._threads)

    async def tenants(self) -> list[str]:
        return await self._threads.run(self.store.tenants)

    async def drop_tenant(self, tenant_id: str, *, purge: bool = False) -> int:
        return await self._threads.run(self.store.drop_tenant, tenant_id, purge=purge)

    async def stats(self) -> Json:
        return await self._threads.run(self.store.stats)

    async def call(self, operation: str, arguments: Json = None, **options: Any) -> Json:
        return await self._threads.run(self.store.call, operation, arguments, **options)

    async def stream(
        self,
        operation: str,
        arguments: Json = None,
        lines: Iterable[Line] = (),
        take: Optional[Callable[[Json], None]] = None,
    ) -> Streamed:
        return await self._threads.run(self.store.stream, operation, arguments, lines, take)

    async def wait_for_indexing(self) -> None:
        await self._threads.run(self.store.wait_for_indexing)

    async def wait_for_embedding(self) -> None:
        await self._threads.run(self.store.wait_for_embedding)

    async def make_durable(self) -> None:
        await self._threads.run(self.store.make_durable)

    async def close(self) -> None:
        await asyncio.to_thread(self.store.close)
        self._threads.close()

    async def __aenter__(self) -> "AsyncStore":
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], value: Optional[BaseException], traceback: Optional[TracebackType]
    ) -> None:
        await self.close()
