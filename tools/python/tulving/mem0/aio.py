"""The same to await."""

from __future__ import annotations

import asyncio
from typing import Any, Optional

from tulving.mem0.memory import Item, Memory, Messages


class AsyncMemory:
    """Mem0's AsyncMemory: each call runs on a thread; what it takes and answers is said at Memory."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.memory = Memory(*arguments, **options)

    @classmethod
    async def from_config(cls, config: dict[str, Any]) -> "AsyncMemory":
        made = cls.__new__(cls)
        made.memory = await asyncio.to_thread(Memory.from_config, config)
        return made

    async def add(self, messages: Messages, **options: Any) -> dict[str, list[Item]]:
        return await asyncio.to_thread(self.memory.add, messages, **options)

    async def search(self, query: str, **options: Any) -> dict[str, list[Item]]:
        return await asyncio.to_thread(self.memory.search, query, **options)

    async def get_all(self, **options: Any) -> dict[str, list[Item]]:
        return await asyncio.to_thread(self.memory.get_all, **options)

    async def get(self, memory_id: str) -> Optional[Item]:
        return await asyncio.to_thread(self.memory.get, memory_id)

    async def update(self, memory_id: str, *arguments: Any, **options: Any) -> dict[str, str]:
        return await asyncio.to_thread(self.memory.update, memory_id, *arguments, **options)

    async def delete(self, memory_id: str) -> dict[str, str]:
        return await asyncio.to_thread(self.memory.delete, memory_id)

    async def delete_all(
        self, user_id: Optional[str] = None, agent_id: Optional[str] = None, run_id: Optional[str] = None
    ) -> dict[str, str]:
        return await asyncio.to_thread(self.memory.delete_all, user_id, agent_id, run_id)

    async def history(self, memory_id: str) -> list[Item]:
        return await asyncio.to_thread(self.memory.history, memory_id)

    async def reset(self) -> None:
        await asyncio.to_thread(self.memory.reset)

    async def close(self) -> None:
        await asyncio.to_thread(self.memory.close)
