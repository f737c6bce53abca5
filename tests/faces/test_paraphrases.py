"""Ten sentences in, each found first by a paraphrase of it: from Python, from curl, from an MCP client.

Run by without_network.sh: what is installed is all that there is. TULVING_CLI is the program; PYTHONPATH
leads to the package.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest
from typing import Callable

HERE = os.path.dirname(os.path.abspath(__file__))
CLI = os.environ.get("TULVING_CLI", "tulving")
PAIRS = os.path.join(HERE, "paraphrases.tsv")
WAIT_SECONDS = 60


def pairs() -> list:
    with open(PAIRS, encoding="utf-8") as file:
        return [tuple(line.rstrip("\n").split("\t")) for line in file]


def interfaces() -> list:
    with open("/proc/self/net/dev", encoding="ascii") as file:
        return [line.split(":")[0].strip() for line in file if ":" in line]


def first_text(results: list) -> str:
    return str(results[0]["text"]) if results else "(nothing)"


def has_model() -> bool:
    places = ["~/.local/share/tulving/models", "/usr/local/share/tulving/models", "/usr/share/tulving/models"]
    if os.environ.get("TULVING_MODELS"):
        places = [os.environ["TULVING_MODELS"]]
    return any(os.path.exists(os.path.expanduser(place) + "/use-lite.tulving-model") for place in places)


class Paraphrases(unittest.TestCase):
    def setUp(self) -> None:
        self.assertEqual(interfaces(), ["lo"], "something else could be reached: run without_network.sh")
        if not has_model():
            self.skipTest("the model use-lite is not installed (tools/scripts/install_use_lite.sh)")
        self.assertEqual(len(pairs()), 10)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.db = os.path.join(folder.name, "db")

    def start(self, *words: str) -> "subprocess.Popen[str]":
        program = subprocess.Popen(
            [CLI, "--db", self.db, "--embedder", "use-lite", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(program.communicate)
        self.addCleanup(program.terminate)
        return program

    def found_first(self, search: Callable[[str], str]) -> None:
        """`search`: the text of the first that is found. Vectors come a moment after their texts."""
        end = time.monotonic() + WAIT_SECONDS
        for text, paraphrase in pairs():
            while (found := search(paraphrase)) != text and time.monotonic() < end:
                time.sleep(0.1)
            self.assertEqual(found, text, paraphrase)

    def test_by_python(self) -> None:
        try:
            import tulving
        except ImportError as error:
            self.skipTest(f"the Python package is not built: {error}")
        with tulving.Store(self.db, embedder="use-lite") as store:
            tenant = store.tenant("acme")
            for text, _ in pairs():
                tenant.add(text)
            store.wait_for_embedding()
            self.found_first(lambda query: first_text([{"text": hit.text} for hit in tenant.search(query, k=1)]))

    def test_by_curl(self) -> None:
        if shutil.which("curl") is None:
            self.skipTest("curl is not installed")
        serve = self.start("serve", "--port", "0", "--no-socket")
        assert serve.stdout is not None
        url = serve.stdout.readline().strip() + "/v1/tenants/acme"

        def curl(*words: str) -> dict:
            ran = subprocess.run(["curl", "--silent", "--show-error", "--fail", *words],
                                 capture_output=True, text=True)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            return dict(json.loads(ran.stdout))

        for text, _ in pairs():
            curl("--header", "Content-Type: application/json",
                 "--data", json.dumps({"memory": {"text": text}}), url + "/memory/add")
        self.found_first(lambda query: first_text(
            curl("--get", "--data-urlencode", "text=" + query, url + "/search")["results"]))

    def test_by_mcp(self) -> None:
        client = self.start("mcp", "--end-when-idle", "1")
        assert client.stdin is not None and client.stdout is not None

        def ask(method: str, params: dict) -> dict:
            message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            print(json.dumps(message), file=client.stdin, flush=True)
            return dict(json.loads(client.stdout.readline())["result"])

        def call(tool: str, arguments: dict) -> dict:
            result = ask("tools/call", {"name": tool, "arguments": arguments})
            self.assertFalse(result["isError"], result)
            return dict(result["structuredContent"])

        ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {},
                           "clientInfo": {"name": "test", "version": "1"}})
        for text, _ in pairs():
            call("add_memory", {"text": text})
        self.found_first(lambda query: first_text(call("search_memories", {"query": query})["results"]))
        self.await_the_end()

    def test_by_published_mcp_clients(self) -> None:
        modules = os.environ.get("TULVING_MCP_NPM", os.path.join(HERE, "../../build/mcp-npm")) + "/node_modules"
        if not os.access(modules + "/.bin/node", os.X_OK):
            self.skipTest(f"{modules} has no node (tools/scripts/install_mcp_clients.sh)")
        folder = os.path.dirname(self.db)  # Node looks for modules beside the script.
        os.symlink(os.path.abspath(modules), os.path.join(folder, "node_modules"))
        script = shutil.copy(os.path.join(HERE, "sdk_paraphrases.mjs"), folder)
        ran = subprocess.run([modules + "/.bin/node", script, CLI, self.db, PAIRS],
                             capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.await_the_end()

    def await_the_end(self) -> None:
        """The server that a client started ends by itself, a second after the last request."""
        end = time.monotonic() + WAIT_SECONDS
        while os.path.exists(self.db + ".sock") and time.monotonic() < end:
            time.sleep(0.1)


if __name__ == "__main__":
    unittest.main()
