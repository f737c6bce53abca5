"""Mem0's interface on Tulving."""

from tulving.mem0.aio import AsyncMemory
from tulving.mem0.extraction import OpenAIExtractor
from tulving.mem0.memory import Mem0ValidationError, Memory

__all__ = ["AsyncMemory", "Mem0ValidationError", "Memory", "OpenAIExtractor"]
