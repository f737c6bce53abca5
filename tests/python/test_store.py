"""Stores and tenants: what is added is found, what fails is raised by what to do about it."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest
from array import array
from datetime import timedelta

import tulving


class StoreTest(unittest.TestCase):
    def setUp(self) -> None:
        self.store = tulving.Store()
        self.tenant = self.store.tenant("acme")

    def tearDown(self) -> None:
        self.store.close()

    def test_what_is_added_is_found(self) -> None:
        added = self.tenant.add("Ana drinks green tea in the morning.", vector=[1, 0, 0])
        self.assertEqual(added["effect"], "added")
        self.tenant.add({"text": "The train to Porto leaves at nine.", "external_id": "train"}, vector=[0, 1, 0])
        hits = self.tenant.search("What does Ana drink?", vector=[0.9, 0.1, 0], k=1)
        self.assertEqual([hit.id for hit in hits], [added["id"]])
        self.assertIn("green tea", hits[0].text)
        self.assertEqual(self.tenant.get("train")["text"], "The train to Porto leaves at nine.")
        self.assertEqual(self.store.tenants(), ["acme"])

    def test_a_dropped_tenant_is_gone_and_its_id_free(self) -> None:
        self.tenant.add("Ana drinks green tea.")
        canary = self.store.tenant("canary").add("Stays.")
        self.assertEqual(self.store.drop_tenant("acme"), 1)
        self.assertEqual(self.store.tenants(), ["canary"])
        for late in (lambda: self.tenant.add("Late."), lambda: self.tenant.call("memory.list"), lambda: self.tenant.search("tea")):
            with self.assertRaises(tulving.NotFound) as caught:
                late()
            self.assertIn('"acme" was dropped', str(caught.exception))
        with self.assertRaises(tulving.NotFound):
            self.store.drop_tenant("acme")
        with self.assertRaises(tulving.InvalidArgument) as bad:
            self.store.drop_tenant("")
        self.assertEqual(bad.exception.field, "tenant_id")
        self.store.tenant("acme").add("Anew.")
        self.assertEqual(self.store.drop_tenant("acme", purge=True), 1)
        self.assertEqual(self.store.tenant("canary").get(canary["id"])["text"], "Stays.")

    def test_unicode_goes_both_ways(self) -> None:
        text = "Grüße aus Łódź \N{GRINNING FACE} 中文"
        added = self.tenant.add(text)
        self.assertEqual(self.tenant.get(added["id"])["text"], text)
        self.assertEqual(self.tenant.search("Łódź")[0].text, text)

    def test_a_batch_goes_in_whole_or_not_at_all(self) -> None:
        with self.assertRaises(tulving.InvalidArgument) as caught:
            self.tenant.add_many(["One.", {"text": "Two.", "priority": 11}])
        self.assertEqual((caught.exception.field, caught.exception.position), ("priority", 1))
        self.assertEqual(self.tenant.memories()["matching"], 0)
        added = self.tenant.add_many(["One.", "Two."], vectors=[[1, 0], [0, 1]])
        self.assertEqual(list(self.tenant.vector(added[1]["id"])), [0, 1])

    def test_of_several_passages_the_nearest_counts(self) -> None:
        dim = 2100  # More floats in all than one vector may have.
        rows = [array("f", [1.0 if at == row else 0.0 for at in range(dim)]) for row in range(3)]
        self.tenant.add({"text": "Three.", "external_id": "three"}, passages=rows)
        self.tenant.add({"text": "One.", "external_id": "one"}, vector=[1.0 if at < 2 else 0.0 for at in range(dim)])
        for row in (1, 2):
            hit = self.tenant.search(vector=rows[row], k=1)[0]
            self.assertEqual(hit.record["external_id"], "three")
            self.assertAlmostEqual(hit.score, 1, places=5)
        self.assertEqual(self.tenant.get("three", with_embeddings=True)["embeddings"][0]["passages"], 3)
        self.tenant.update("three", passages=rows[1:2])
        self.assertLess(self.tenant.search(vector=rows[2], k=1)[0].score, 0.5)
        with self.assertRaises(tulving.InvalidArgument):
            self.tenant.add("Both.", vector=rows[0], passages=rows)
        with self.assertRaises(ValueError):
            self.tenant.add("Uneven.", passages=[[1, 2], [1]])
        with self.assertRaises(tulving.InvalidArgument):
            self.tenant.add("Too many.", passages=[[1.0] * dim] * 65)

    def test_values_are_counted(self) -> None:
        for name, tags in (("a", ["x", "y"]), ("b", ["x"]), ("c", [])):
            self.tenant.add({"text": name, "tags": tags, "metadata": {"n": len(tags)}})
        found = self.tenant.distinct_values("tags", order="count")
        self.assertEqual(found["values"], [{"value": "x", "count": 2}, {"value": "y", "count": 1}])
        self.assertEqual((found["distinct"], found["matching"]), (2, 3))
        found = self.tenant.distinct_values("metadata.n", {"tags": "x"}, limit=1, offset=1)
        self.assertEqual(found["values"], [{"value": 2, "count": 1}])
        with self.assertRaises(tulving.InvalidArgument):
            self.tenant.distinct_values("colour")

    def test_a_touch_extends_a_life(self) -> None:
        self.tenant.add({"text": "a", "external_id": "a", "expires_at": "2100-01-01T00:00:00Z"})
        self.tenant.touch("a", expires_after=60)
        self.assertEqual(self.tenant.get("a")["expires_at"][:4], "2100")
        self.tenant.touch("a", expires_after=timedelta(days=36_000))
        self.assertGreater(self.tenant.get("a")["expires_at"][:4], "2115")
        with self.assertRaises(tulving.InvalidArgument):
            self.tenant.touch("a", expires_after=0)

    def test_each_failure_has_its_class(self) -> None:
        with self.assertRaises(tulving.NotFound):
            self.tenant.get("nobody")
        with self.assertRaises(LookupError):
            self.tenant.get("nobody")
        with self.assertRaises(ValueError):
            self.tenant.search(k=0)
        with self.assertRaises(tulving.InvalidArgument) as caught:
            self.tenant.search("a", filter={"no_such_field": 1})
        self.assertIn("no_such_field", str(caught.exception))
        self.tenant.add({"text": "One.", "external_id": "a"})
        with self.assertRaises(tulving.Conflict):
            self.tenant.add({"text": "Other.", "external_id": "a"})
        with self.assertRaises(tulving.NotFound):
            tulving.Store("/no/such/place", create=False)
        with self.assertRaises(TypeError):
            tulving.Store(no_such_option=1)

    def test_operations_by_name(self) -> None:
        self.tenant.add({"text": "One.", "external_id": "a", "metadata": {"n": 3}})
        self.tenant.update("a", {"priority": 9})
        self.assertEqual(len(self.tenant.history("a")), 2)
        found = self.tenant.call("search", {"text": "one", "filter": {"metadata.n": {"gte": 3}}})
        self.assertEqual(found["results"][0]["external_id"], "a")
        remarks: list = []
        self.tenant.call("search", {"text": "one", "filter": {"session_id": "none"}}, remarks=remarks)
        self.assertEqual(len(remarks), 1)
        self.tenant.forget("a")
        self.assertEqual(self.tenant.memories()["matching"], 0)
        self.tenant.erase("a")
        with self.assertRaises(tulving.NotFound):
            self.tenant.history("a")
        self.assertIn("memory.add", tulving.operations()["properties"])

    def test_streams(self) -> None:
        lines = [{"kind": "memory", "text": "One."}, ('{"kind": "memory", "text": "Two."}', [1, 0]), "no JSON"]
        done = self.tenant.stream("import", {}, lines)
        self.assertEqual(done.summary["imported"], 2)
        self.assertEqual([line["line"] for line in done.lines], [3])
        self.assertEqual(len(self.store.stream("export").lines), 2)

        def broken():
            yield {"kind": "memory", "text": "Three."}
            raise KeyError("mine")

        with self.assertRaises(KeyError):
            self.tenant.stream("import", {"ack": True}, broken())

    def test_a_store_on_disk_is_there_again(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "store")
            with tulving.Store(path, durability="durable") as store:
                store.tenant("acme").add("One.")
                store.call("snapshot", {"directory": os.path.join(folder, "snapshot")})
                with self.assertRaises(tulving.Busy):
                    tulving.Store(path)
            with tulving.Store(path, read_only=True) as store:
                self.assertEqual(store.tenant("acme").search("one")[0].text, "One.")
            tulving.restore(os.path.join(folder, "snapshot"), os.path.join(folder, "restored"))
            with tulving.Store(os.path.join(folder, "restored"), create=False) as store:
                self.assertEqual(store.tenants(), ["acme"])

    def test_a_text_writer_writes_merges(self) -> None:
        asked: list = []
        text = "The router in each rack, 1, 2, 3, 4, 5 and 6, was replaced on Monday."

        def write(request: dict) -> str:
            asked.append((request["kind"], len(request["sources"])))
            if len(asked) > 1:
                raise RuntimeError("asleep")
            return text

        with tulving.Store(writer=write) as store:
            for tenant in (store.tenant("first"), store.tenant("second")):
                for i in range(1, 7):
                    record = {
                        "text": f"The router in rack {i} was replaced on Monday.",
                        "agent_id": "a",
                        "memory_type": "decision",
                        "strength": 0.5,
                        "created_at": f"2026-01-0{i}",
                    }
                    tenant.add(record, vector=[1, 0.01 * i, 0])
                done = tenant.call("consolidate", {"now": "2026-01-08"})
                merged = tenant.memories({"abstraction_level": 1})["memories"]
                if tenant.id == "first":
                    self.assertEqual([memory["text"] for memory in merged], [text])
                else:
                    self.assertIn("RuntimeError: asleep", done["merge"][0]["error"])
        self.assertEqual(asked, [("merge", 6), ("merge", 6)])

    def test_many_threads(self) -> None:
        self.tenant.add_many([f"Tea {i}." for i in range(50)])
        failures: list = []

        def work() -> None:
            try:
                for _ in range(50):
                    assert len(self.tenant.search("tea")) == 10
            except BaseException as failure:
                failures.append(failure)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])


class MisuseTest(unittest.TestCase):
    def test_what_is_closed_is_refused(self) -> None:
        store = tulving.Store()
        tenant = store.tenant("acme")
        tenant.add("One.")
        hits = tenant.search("one")
        store.close()
        store.close()
        for call in (store.tenants, lambda: tenant.search("one"), lambda: store.tenant("b")):
            with self.assertRaises(tulving.InvalidArgument):
                call()
        self.assertEqual(hits[0].text, "One.")

    def test_a_forked_process_is_refused(self) -> None:
        store = tulving.Store()
        child = os.fork()
        if child == 0:
            try:
                store.tenants()
            except tulving.InvalidArgument:
                os._exit(7)
            os._exit(1)
        _, status = os.waitpid(child, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), 7)
        store.close()

    def test_a_store_that_nobody_closes_is_closed_at_the_end(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "store")
            script = f"import tulving; s = tulving.Store({path!r}); s.tenant('a').add('One.')"
            subprocess.run([sys.executable, "-c", script], check=True)
            with tulving.Store(path, create=False) as store:
                self.assertEqual(store.tenant("a").memories()["matching"], 1)

    def test_nonsense_is_refused(self) -> None:
        with tulving.Store() as store:
            tenant = store.tenant("acme")
            with self.assertRaises(ValueError):
                tenant.add("One.", vector=[float("nan"), 1])
            with self.assertRaises(ValueError):
                tenant.add("One.", vector=[])
            with self.assertRaises(ValueError):
                tenant.add_many(["One."], vectors=[[1, 0], [1]])
            with self.assertRaises(ValueError):
                tenant.add({"text": "One.", "metadata": {"n": float("nan")}})
            with self.assertRaises(ValueError):
                tenant.search("a", mode="nope")
            with self.assertRaises(ValueError):
                store.tenant("")
            with self.assertRaises(tulving.InvalidArgument):
                tenant.search("a\0b\udc80".encode("utf-8", "surrogatepass").decode("latin-1"), filter='{"x"')
            self.assertEqual(tenant.memories()["matching"], 0)
            vector = array("f", [1, 0])
            tenant.add("One.", vector=vector)
            self.assertEqual(tenant.search(vector=memoryview(vector))[0].text, "One.")


if __name__ == "__main__":
    unittest.main()
