"""Facts out of turns, by a language model: what Mem0 calls infer."""

from __future__ import annotations

import json
import os
import urllib.request
from typing import Any, Callable, Optional

# Takes the turns, gives one sentence a fact.
Extractor = Callable[[list[dict[str, Any]]], list[str]]

_PROMPT = (
    "You read a conversation and write down what is worth remembering of its people: facts, preferences, plans, "
    "decisions. Each fact is one sentence that can be understood alone, with names, numbers and dates as they were said. "
    'Leave out greetings and what is common knowledge. Answer with JSON alone: {"facts": ["...", "..."]}, and an empty '
    "list where there is nothing."
)


class OpenAIExtractor:
    """Asks a server with OpenAI's /chat/completions (OpenAI, Ollama, llama.cpp, vLLM, ...).

    The key comes from the argument or from OPENAI_API_KEY.
    """

    def __init__(
        self,
        model: str,
        base_url: str = "https://api.openai.com/v1",
        api_key: Optional[str] = None,
        timeout: float = 60,
    ) -> None:
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._model = model
        self._key = api_key if api_key is not None else os.environ.get("OPENAI_API_KEY", "")
        self._timeout = timeout

    def __call__(self, messages: list[dict[str, Any]]) -> list[str]:
        turns = "\n".join(f"{message['role']}: {message['content']}" for message in messages)
        body = {
            "model": self._model,
            "messages": [{"role": "system", "content": _PROMPT}, {"role": "user", "content": turns}],
            "response_format": {"type": "json_object"},
        }
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(self._url, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=self._timeout) as answer:
            content = json.load(answer)["choices"][0]["message"]["content"]
        facts = json.loads(content)["facts"]
        return [fact for fact in facts if isinstance(fact, str) and fact.strip()]
