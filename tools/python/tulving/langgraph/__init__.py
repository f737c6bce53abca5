"""LangGraph's BaseStore on Tulving."""

from tulving.langgraph.store import TulvingStore

__all__ = ["TulvingStore"]
