"""LangGraph's store interface on a tenant: its rules for namespaces, filters, batches, ttl and what is found."""

import asyncio
import math
import random
import time
import unittest
from datetime import datetime, timedelta, timezone

import tulving
from tulving.langgraph import TulvingStore
from tulving.langgraph.base import GetOp, InvalidNamespaceError, ListNamespacesOp, MatchCondition, PutOp, SearchOp
from tulving.langgraph.matching import texts_at


def letters(texts: list) -> list:
    """An embedder: how often each letter is there."""
    return [[1 + text.lower().count(chr(ord("a") + i)) for i in range(26)] for text in texts]


class StoreCase(unittest.TestCase):
    index: "dict | None" = None

    def setUp(self) -> None:
        self.tulving = tulving.Store()
        self.store = TulvingStore(self.tulving.tenant("acme"), index=self.index)

    def tearDown(self) -> None:
        self.tulving.close()

    def keys(self, *prefix: str, **how: object) -> list:
        return [item.key for item in self.store.search(prefix, **how)]


class KeysTest(StoreCase):
    def test_put_get_delete_put(self) -> None:
        space = ("users", "ana")
        self.assertIsNone(self.store.get(space, "tea"))
        self.store.put(space, "tea", {"text": "Green tea.", "n": [1, {"a": None}]})
        first = self.store.get(space, "tea")
        self.assertEqual((first.value, first.key, first.namespace), ({"text": "Green tea.", "n": [1, {"a": None}]}, "tea", space))
        self.store.put(space, "tea", {"text": "Black tea."})
        second = self.store.get(space, "tea")
        self.assertEqual((second.value, second.created_at), ({"text": "Black tea."}, first.created_at))
        self.assertGreater(second.updated_at, first.updated_at)
        self.store.delete(space, "tea")
        self.store.delete(space, "tea")
        self.assertIsNone(self.store.get(space, "tea"))
        self.store.put(space, "tea", {"text": "Black tea."})
        self.assertEqual(self.store.get(space, "tea").value, {"text": "Black tea."})

    def test_keys_and_values_of_any_kind(self) -> None:
        for key in ("k" * 1000, "ключ", "a/b.c", ""):
            self.store.put(("a",), key, {"key": key})
        for value in ({}, {"text": ""}, {"a.b": {"c": [True, None, 1e-3]}}):
            self.store.put(("b",), "v", value)
            self.assertEqual(self.store.get(("b",), "v").value, value)
        self.assertEqual(self.store.get(("a",), "ключ").value, {"key": "ключ"})
        # Equal texts are two items.
        self.store.put(("c",), "1", {"text": "same"})
        self.store.put(("c",), "2", {"text": "same"})
        self.assertEqual(sorted(self.keys("c")), ["1", "2"])

    def test_namespaces_have_rules(self) -> None:
        for namespace in ((), ("a.b",), ("a", ""), ("langgraph", "x"), ("a", 1)):
            with self.assertRaises(InvalidNamespaceError):
                self.store.put(namespace, "k", {})
        self.store.batch([PutOp(("langgraph", "foo"), "bar", {"a": 1})])
        self.assertEqual(self.store.get(("langgraph", "foo"), "bar").value, {"a": 1})

    def test_a_namespace_is_labels_and_no_text(self) -> None:
        self.store.put(("acme",), "k", {"a": 1})
        self.store.put(("acme-corp",), "k", {"a": 2})
        self.store.put(("acme", "x"), "k", {"a": 3})
        self.assertEqual(sorted(item.value["a"] for item in self.store.search(("acme",))), [1, 3])
        self.assertEqual(len(self.store.search(())), 3)

    def test_tenants_are_apart(self) -> None:
        other = TulvingStore(self.tulving.tenant("other"))
        other.put(("a",), "k", {"a": 1})
        self.assertEqual(self.store.search(()), [])
        self.assertIsNone(self.store.get(("a",), "k"))

    def test_a_batch_reads_before_it_writes_and_the_last_put_counts(self) -> None:
        self.store.put(("a",), "k", {"n": 0})
        results = self.store.batch(
            [
                PutOp(("a",), "k", {"n": 1}),
                GetOp(("a",), "k"),
                PutOp(("a",), "k", {"n": 2}),
                SearchOp(("a",)),
                ListNamespacesOp((MatchCondition("prefix", ("a",)),)),
            ]
        )
        self.assertEqual([results[0], results[2]], [None, None])
        self.assertEqual(results[1].value, {"n": 0})
        self.assertEqual([item.value for item in results[3]], [{"n": 0}])
        self.assertEqual(results[4], [("a",)])
        self.assertEqual(self.store.get(("a",), "k").value, {"n": 2})

    def test_async_twins(self) -> None:
        async def run() -> None:
            await self.store.aput(("a",), "k", {"n": 1})
            self.assertEqual((await self.store.aget(("a",), "k")).value, {"n": 1})
            self.assertEqual(len(await self.store.asearch(("a",))), 1)
            self.assertEqual(await self.store.alist_namespaces(), [("a",)])
            await self.store.adelete(("a",), "k")
            self.assertIsNone(await self.store.aget(("a",), "k"))

        asyncio.run(run())


class SearchTest(StoreCase):
    def test_filters_and_pages(self) -> None:
        for i in range(30):
            self.store.put(("d",), f"k{i:02}", {"n": i, "color": "red" if i % 3 else "blue", "in": {"a": i % 2}})
        self.assertEqual(len(self.keys("d", filter={"color": "blue"}, limit=100)), 10)
        self.assertEqual(len(self.keys("d", filter={"color": {"$ne": "blue"}}, limit=100)), 20)
        self.assertEqual(len(self.keys("d", filter={"n": {"$gt": 3, "$lte": 8}}, limit=100)), 5)
        self.assertEqual(self.keys("d", filter={"n": {"$eq": 7}}), ["k07"])
        self.assertEqual(len(self.keys("d", filter={"in": {"a": 1}, "n": {"$lt": 10}})), 5)
        self.assertEqual(self.keys("d", filter={"absent": {"$gt": 1}}), [])
        with self.assertRaises(ValueError):
            self.keys("d", filter={"n": {"$near": 1}})
        pages = [key for offset in range(0, 30, 10) for key in self.keys("d", limit=10, offset=offset)]
        self.assertEqual(len(set(pages)), 30)

    def test_by_words(self) -> None:
        self.store.put(("d",), "tea", {"text": "Ana drinks green tea."})
        self.store.put(("d",), "train", {"text": "The train to Porto."})
        self.store.put(("d",), "hidden", {"text": "green green green"}, index=False)
        found = self.store.search(("d",), query="What does Ana drink?")
        self.assertEqual(found[0].key, "tea")
        self.assertGreater(found[0].score, 0)
        self.assertEqual({item.key for item in found if item.score is None}, {"train", "hidden"})

    def test_paths(self) -> None:
        value = {"a": {"b": "x"}, "list": [{"t": "y"}, {"t": "z"}], "n": 3}
        self.assertEqual(texts_at(value, "a.b"), ["x"])
        self.assertEqual(texts_at(value, "list[*].t"), ["y", "z"])
        self.assertEqual(texts_at(value, "list[-1].t"), ["z"])
        self.assertEqual(texts_at(value, "n"), ["3"])
        self.assertEqual(texts_at(value, "none.at.all"), [])
        self.assertIn('"n": 3', texts_at(value, "$")[0])


class VectorTest(StoreCase):
    index = {"embed": letters, "dims": 26, "fields": ["text"]}

    def test_by_meaning(self) -> None:
        for key, text in (("a", "aaaa"), ("b", "bbbb"), ("c", "cccc")):
            self.store.put(("d",), key, {"text": text, "n": 1})
        self.store.put(("d",), "none", {"other": "x"})
        found = self.store.search(("d",), query="bbb", limit=4)
        self.assertEqual((found[0].key, found[-1].key, found[-1].score), ("b", "none", None))
        self.store.put(("d",), "b", {"text": "zzzz", "n": 1})
        self.assertNotEqual(self.keys("d", query="bbb", limit=1), ["b"])
        self.assertEqual(self.keys("d", query="zzz", filter={"n": {"$ne": 2}}, limit=1), ["b"])


def sides(texts: list) -> list:
    """An embedder of few dimensions, whose vectors differ in length too."""
    found = []
    for text in texts:
        random_ = random.Random(text)
        found.append([random_.gauss(0, 1) * (1 + len(text)) for _ in range(8)])
    return found


def cosine(a: list, b: list) -> float:
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


class SeveralVectorsTest(StoreCase):
    """Each text of an item has a vector, and the best one counts: as LangGraph's own store in memory has it."""

    index = {"embed": sides, "dims": 8, "fields": ["title", "parts[*].text"]}

    def expect_best(self, texts_of: dict, query: str, limit: int) -> None:
        wanted = sides([query])[0]
        scores = {key: max(cosine(wanted, one) for one in sides(texts)) for key, texts in texts_of.items() if texts}
        best = sorted(scores.values(), reverse=True)[:limit]
        found = self.store.search(("d",), query=query, limit=limit)
        self.assertEqual(len({item.key for item in found}), len(best))
        for item, score in zip(found, best):  # Scores of codes: equal to some 1e-5.
            self.assertAlmostEqual(item.score, score, delta=1e-4)
            self.assertAlmostEqual(item.score, scores[item.key], delta=1e-4)

    def test_the_best_text_counts(self) -> None:
        chosen = random.Random(5)
        texts_of: dict = {}
        words = [f"w{i}" for i in range(400)]
        for i in range(60):
            title, parts = chosen.choice(words), chosen.sample(words, chosen.randrange(5))
            value = {"title": title, "parts": [{"text": text} for text in parts], "other": chosen.choice(words)}
            self.store.put(("d",), f"k{i}", value)
            texts_of[f"k{i}"] = [title, *parts]
        for query in chosen.sample(words, 12):
            self.expect_best(texts_of, query, 10)
        # Others by the put itself, and by a put anew, with more texts and with fewer.
        for i in range(0, 60, 3):
            parts = chosen.sample(words, 1 + chosen.randrange(6))
            self.store.put(("d",), f"k{i}", {"title": "unseen", "parts": parts}, index=["parts[*]"])
            texts_of[f"k{i}"] = parts
        for query in chosen.sample(words, 12):
            self.expect_best(texts_of, query, 10)
        self.tulving.wait_for_indexing()
        self.assertEqual(self.tulving.call("store.verify")["problems"], [])

    def test_a_text_in_the_middle_is_found_by_itself(self) -> None:
        parts = [{"text": f"part {i}"} for i in range(20)]
        self.store.put(("d",), "long", {"title": "a", "parts": parts})
        self.store.put(("d",), "short", {"title": "b"})
        found = self.store.search(("d",), query="part 13", limit=1)[0]
        self.assertEqual(found.key, "long")
        self.assertAlmostEqual(found.score, 1, places=5)

    def test_above_64_texts_the_first_count(self) -> None:
        self.store.put(("d",), "k", {"title": "a", "parts": [{"text": f"part {i}"} for i in range(100)]})
        self.assertAlmostEqual(self.store.search(("d",), query="part 62")[0].score, 1, places=5)
        self.assertLess(self.store.search(("d",), query="part 63")[0].score, 0.999)


class NamespacesTest(StoreCase):
    def test_are_those_of_a_pass_over_all_items(self) -> None:
        chosen = random.Random(3)
        spaces = set()
        for i in range(300):
            space = tuple(chosen.choice("abé\"*") for _ in range(1 + chosen.randrange(4)))
            self.store.put(space, str(i), {"n": i})
            spaces.add(space)
        self.assertEqual(self.store.list_namespaces(limit=1000), sorted(spaces))
        self.assertEqual(self.store.list_namespaces(limit=7, offset=9), sorted(spaces)[9:16])
        under = sorted({space[:2] for space in spaces if space[0] == "b"})
        self.assertEqual(self.store.list_namespaces(prefix=("b",), max_depth=2, limit=1000), under)

    def test_of_items_without_a_path(self) -> None:
        self.store.put(("a", "b"), "k", {})
        self.store.put(("a", "c"), "k", {})
        for record in self.store.tenant.memories()["memories"]:
            if record["content"]["namespace"] == ["a", "b"]:
                del record["content"]["path"]
                self.store.tenant.update(record["id"], {"content": record["content"]})
        self.assertEqual(self.store.list_namespaces(), [("a", "b"), ("a", "c")])

    def test_what_has_gone_is_not_listed(self) -> None:
        self.store.put(("a",), "k", {}, ttl=0.3 / 60)
        self.store.put(("b",), "k", {})
        self.store.put(("c",), "k", {})
        self.store.delete(("b",), "k")
        time.sleep(0.4)
        self.assertEqual(self.store.list_namespaces(), [("c",)])

    def test_are_listed(self) -> None:
        spaces = [("a", "b", "c"), ("a", "b", "d", "e"), ("a", "c", "f"), ("b", "a", "f"), ("users", "123")]
        for space in spaces:
            self.store.put(space, "k", {})
        listed = self.store.list_namespaces
        self.assertEqual(listed(), sorted(spaces))
        self.assertEqual(listed(prefix=("a", "b")), spaces[:2])
        self.assertEqual(listed(prefix=("a", "*", "f")), [("a", "c", "f")])
        self.assertEqual(listed(suffix=("*", "f")), [("a", "c", "f"), ("b", "a", "f")])
        self.assertEqual(listed(max_depth=2), [("a", "b"), ("a", "c"), ("b", "a"), ("users", "123")])
        self.assertEqual(listed(limit=2, offset=1), sorted(spaces)[1:3])
        self.assertEqual(listed(prefix=("nobody",)), [])


class TtlTest(StoreCase):
    def test_what_lives_for_a_while(self) -> None:
        second = 1 / 60
        self.store.put(("a",), "short", {"n": 1}, ttl=second * 0.4)
        self.store.put(("a",), "long", {"n": 2}, ttl=10)
        self.store.put(("a",), "ever", {"n": 3})
        self.assertIsNotNone(self.store.get(("a",), "short", refresh_ttl=False))
        time.sleep(0.5)
        self.assertIsNone(self.store.get(("a",), "short"))
        self.assertEqual(sorted(self.keys("a")), ["ever", "long"])
        self.store.put(("a",), "short", {"n": 4})
        self.assertEqual(self.store.get(("a",), "short").value, {"n": 4})

    def test_a_read_extends_it(self) -> None:
        tenant = self.store.tenant
        self.store.put(("a",), "k", {"n": 1}, ttl=10)

        def expires() -> datetime:
            return datetime.fromisoformat(tenant.memories()["memories"][0]["expires_at"].replace("Z", "+00:00"))

        first = expires()
        self.assertLess(abs(first - datetime.now(timezone.utc) - timedelta(minutes=10)), timedelta(minutes=1))
        self.store.get(("a",), "k", refresh_ttl=False)
        self.assertEqual(expires(), first)
        self.store.get(("a",), "k")
        self.assertGreater(expires(), first)

    def test_a_batch_of_reads_is_one_write_and_changes_nothing_else(self) -> None:
        for i in range(20):
            self.store.put(("a",), f"k{i:02}", {"n": i}, ttl=10)
        self.store.put(("a",), "other", {"n": 0}, ttl=20)
        self.store.put(("a",), "ever", {"n": 0})
        before = {item.key: item for item in self.store.search(("a",), limit=100, refresh_ttl=False)}
        revision = self.tulving.stats()["revision"]
        ops = [GetOp(("a",), f"k{i:02}") for i in range(20)] + [SearchOp(("a",), None, 100)]
        self.store.batch(ops)
        self.assertEqual(self.tulving.stats()["revision"], revision + 2)  # One for each ttl.
        after = self.store.search(("a",), limit=100, refresh_ttl=False)
        self.assertEqual({item.key: item for item in after}, before)
        name = self.store.tenant.memories()["memories"][0]["id"]
        self.assertEqual(len(self.store.tenant.history(name)), 1)

    def test_a_read_of_what_is_deleted_meanwhile_refreshes_the_rest(self) -> None:
        tenant = self.store.tenant
        for key in ("a", "b"):
            self.store.put(("a",), key, {}, ttl=10)
        records = tenant.memories()["memories"]
        self.store.delete(("a",), "a")
        self.store._refresh_records(records)
        left = tenant.memories()["memories"]
        self.assertEqual([record["use_count"] for record in left], [1])


if __name__ == "__main__":
    unittest.main()
