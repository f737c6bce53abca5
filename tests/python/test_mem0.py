"""Mem0's interface on a tenant: a program that was written for Mem0 runs."""

import asyncio
import http.server
import json
import threading
import unittest
import warnings

import tulving
from tulving.mem0 import AsyncMemory, Mem0ValidationError, Memory, OpenAIExtractor

ANA = {"user_id": "ana"}


class Mem0Case(unittest.TestCase):
    def setUp(self) -> None:
        self.memory = Memory()

    def tearDown(self) -> None:
        self.memory.close()

    def texts(self, **filters: object) -> list:
        return [item["memory"] for item in self.memory.get_all(filters=filters, top_k=100)["results"]]


class AddTest(Mem0Case):
    def test_turns_are_kept_as_they_were_said(self) -> None:
        turns = [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "I drink green tea.", "name": "Ana"},
            {"role": "assistant", "content": "Noted."},
        ]
        results = self.memory.add(turns, user_id="ana", metadata={"topic": "tea"})["results"]
        self.assertEqual([(r["memory"], r["event"], r["role"]) for r in results], [
            ("I drink green tea.", "ADD", "user"),
            ("Noted.", "ADD", "assistant"),
        ])
        item = self.memory.get(results[0]["id"])
        self.assertEqual(
            (item["memory"], item["user_id"], item["actor_id"], item["role"], item["metadata"]),
            ("I drink green tea.", "ana", "Ana", "user", {"topic": "tea"}),
        )
        self.assertEqual(len(item["hash"]), 32)
        self.assertNotIn("run_id", item)

    def test_scopes(self) -> None:
        with self.assertRaises(Mem0ValidationError):
            self.memory.add("Nobody's.")
        with self.assertRaises(Mem0ValidationError):
            self.memory.add("Nobody's.", user_id=" ")
        self.memory.add("One.", user_id="ana", run_id="r1")
        self.memory.add("Two.", user_id="ana", run_id="r2")
        self.memory.add("Three.", agent_id="bot", run_id="r1")
        self.assertEqual(self.texts(run_id="r1"), ["One.", "Three."])
        self.assertEqual(self.texts(user_id="ana", run_id="r2"), ["Two."])
        with self.assertRaises(ValueError):
            self.memory.get_all()
        with self.assertRaises(TypeError):
            self.memory.add("x", user_id="ana", no_such_argument=1)
        with self.assertRaises(Mem0ValidationError):
            self.memory.add(3, user_id="ana")
        self.assertEqual(self.memory.add([], user_id="ana"), {"results": []})

    def test_infer_keeps_the_turns(self) -> None:
        with self.assertRaises(Mem0ValidationError):
            self.memory.add("I drink tea.", user_id="ana", infer=True)
        with tulving.Store() as store:
            memory = Memory(store, llm=lambda turns: [f"Fact of: {turns[0]['content']}"])
            results = memory.add("I drink tea.", user_id="ana", infer=True)["results"]
            self.assertEqual([r["memory"] for r in results], ["I drink tea.", "Fact of: I drink tea."])

            def broken(turns: list) -> list:
                raise RuntimeError("asleep")

            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                results = Memory(store, llm=broken).add("I like it.", user_id="ana", infer=True)["results"]
            self.assertEqual([r["memory"] for r in results], ["I like it."])
            self.assertIn("asleep", str(seen[0].message))

    def test_infer_by_a_server(self) -> None:
        asked: list = []

        class Server(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asked.append((self.path, body["model"], self.headers["Authorization"]))
                content = json.dumps({"facts": ["Ana drinks tea."]})
                answer = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Server) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                extractor = OpenAIExtractor("small", f"http://127.0.0.1:{server.server_port}/v1", "secret")
                self.assertEqual(extractor([{"role": "user", "content": "I drink tea."}]), ["Ana drinks tea."])
            finally:
                server.shutdown()
                thread.join()
        self.assertEqual(asked, [("/v1/chat/completions", "small", "Bearer secret")])


class FindTest(Mem0Case):
    def test_search(self) -> None:
        self.memory.add("Ana drinks green tea.", user_id="ana", metadata={"n": 1})
        self.memory.add("The train to Porto leaves at nine.", user_id="ana", metadata={"n": 2})
        self.memory.add("Ben drinks green tea.", user_id="ben")
        results = self.memory.search("What does Ana drink?", filters=ANA)["results"]
        self.assertEqual([r["memory"] for r in results], ["Ana drinks green tea."])
        self.assertGreater(results[0]["score"], 0.1)
        self.assertEqual(results[0]["metadata"], {"n": 1})
        self.assertEqual(self.memory.search("tea", filters=ANA, threshold=1e9)["results"], [])
        self.assertEqual(len(self.memory.search("drinks", filters={"OR": [ANA, {"user_id": "ben"}], "AND": [ANA]})["results"]), 1)
        self.assertIn("relevance", self.memory.search("tea", filters=ANA, explain=True)["results"][0]["score_details"])
        with self.assertRaises(ValueError):
            self.memory.search("tea")
        with self.assertRaises(TypeError):
            self.memory.search("tea", user_id="ana")
        with self.assertRaises(Mem0ValidationError):
            self.memory.search("tea", filters=ANA, rerank=True)

    def test_filters(self) -> None:
        for n in range(6):
            self.memory.add(f"Tea {n}.", user_id="ana", metadata={"n": n, "kind": "odd" if n % 2 else "even"})

        def found(**more: object) -> list:
            return [int(text[4]) for text in self.texts(user_id="ana", **more)]

        self.assertEqual(found(kind="odd"), [1, 3, 5])
        self.assertEqual(found(kind={"ne": "odd"}), [0, 2, 4])
        self.assertEqual(found(n={"gt": 1, "lte": 3}), [2, 3])
        self.assertEqual(found(n={"in": [1, 4]}), [1, 4])
        self.assertEqual(found(n={"nin": [1, 4]}), [0, 2, 3, 5])
        self.assertEqual(found(OR=[{"n": 0}, {"n": 5}]), [0, 5])
        self.assertEqual(found(NOT=[{"n": 0}, {"kind": "odd"}]), [2, 4])
        self.assertEqual(found(role="user", n=2), [2])
        self.assertEqual(found(kind={"contains": "ve"}), [0, 2, 4])
        self.assertEqual(found(kind={"icontains": "ODD"}), [1, 3, 5])
        self.assertEqual((len(found(kind="*")), found(nothing="*")), (6, []))
        for lacking in ({"agent_id": {"contains": "o"}}, {"run_id": "*"}, {"kind": {"near": 1}}, {"OR": []}):
            with self.assertRaises(ValueError):
                found(**lacking)

    def test_by_meaning(self) -> None:
        def embed(texts: list) -> list:
            return [[1 + text.count(letter) for letter in "abc"] for text in texts]

        with tulving.Store() as store:
            memory = Memory(store, embed=embed)
            memory.add("aaaa", user_id="ana")
            memory.add("bbbb", user_id="ana")
            self.assertEqual(memory.search("bbb", filters=ANA)["results"][0]["memory"], "bbbb")

    def test_what_expires(self) -> None:
        self.memory.add("Old.", user_id="ana", expiration_date="2020-01-01")
        self.memory.add("New.", user_id="ana", expiration_date="2999-01-01", timestamp=0)
        self.assertEqual(self.texts(user_id="ana"), ["New."])
        shown = self.memory.get_all(filters=ANA, show_expired=True)["results"]
        self.assertEqual(len(shown), 2)
        self.assertEqual(self.memory.get_all(filters=ANA)["results"][0]["created_at"], "1970-01-01T00:00:00Z")


class ChangeTest(Mem0Case):
    def test_update_delete_history(self) -> None:
        name = self.memory.add("Green tea.", user_id="ana", metadata={"n": 1})["results"][0]["id"]
        self.assertIn("message", self.memory.update(name, "Black tea."))
        self.memory.update(name, text="White tea.", metadata={"n": 2})
        item = self.memory.get(name)
        self.assertEqual((item["memory"], item["metadata"], item["role"]), ("White tea.", {"n": 2}, "user"))
        self.assertIn("message", self.memory.delete(name))
        self.assertIsNone(self.memory.get(name))
        entries = [(e["event"], e["old_memory"], e["new_memory"]) for e in self.memory.history(name)]
        self.assertEqual(entries, [
            ("ADD", None, "Green tea."),
            ("UPDATE", "Green tea.", "Black tea."),
            ("UPDATE", "Black tea.", "White tea."),
            ("DELETE", "White tea.", None),
        ])
        for change in (lambda: self.memory.delete(name), lambda: self.memory.update(name, "x")):
            with self.assertRaises(ValueError):
                change()
        self.assertEqual(self.memory.history("nobody"), [])

    def test_delete_all_and_reset(self) -> None:
        for user in ("ana", "ben"):
            self.memory.add("Tea.", user_id=user)
        with self.assertRaises(ValueError):
            self.memory.delete_all()
        self.memory.delete_all(user_id="ana")
        self.assertEqual((self.texts(user_id="ana"), self.texts(user_id="ben")), ([], ["Tea."]))
        self.memory.reset()
        self.assertEqual(self.memory.tenant.memories(include_deleted=True)["matching"], 0)

    def test_config(self) -> None:
        config = {"vector_store": {"provider": "tulving", "config": {"tenant": "t"}}}
        with Memory.from_config(config) as memory:
            self.assertEqual(memory.tenant.id, "t")
        for wrong in ({"graph_store": {}}, {"vector_store": {"provider": "qdrant"}}, {"llm": {"provider": "x"}}):
            with self.assertRaises(ValueError):
                Memory.from_config(wrong)

    def test_async_twins(self) -> None:
        async def run() -> None:
            memory = AsyncMemory()
            name = (await memory.add("Green tea.", user_id="ana"))["results"][0]["id"]
            self.assertEqual(len((await memory.search("tea", filters=ANA))["results"]), 1)
            await memory.update(name, "Black tea.")
            self.assertEqual((await memory.get(name))["memory"], "Black tea.")
            self.assertEqual(len(await memory.history(name)), 2)
            await memory.delete(name)
            await memory.delete_all(user_id="ana")
            self.assertEqual((await memory.get_all(filters=ANA))["results"], [])
            await memory.reset()
            await memory.close()

        asyncio.run(run())


if __name__ == "__main__":
    unittest.main()
