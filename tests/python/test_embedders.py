"""Text in, text out: embedders in Python, and the built-in one where its model is installed."""

import unittest

import tulving


def letters(texts: list) -> list:
    return [[1 + text.lower().count(letter) for letter in "abcd"] for text in texts]


class EmbedderTest(unittest.TestCase):
    def test_memories_and_queries_get_vectors(self) -> None:
        for embed in ("wait", "background"):
            with tulving.Store(embedder=tulving.Embedder("letters", 4, letters), embed=embed) as store:
                tenant = store.tenant("acme")
                tenant.add_many([{"text": letter * 4, "external_id": letter} for letter in "abcd"])
                store.wait_for_embedding()
                self.assertEqual(tenant.search("ccc", mode="vector", k=1)[0].external_id, "c")
                self.assertEqual(list(tenant.vector("b", "letters")), [1, 5, 1, 1])

    def test_queries_may_be_made_otherwise(self) -> None:
        asked: list = []

        def query(text: str) -> list:
            asked.append(text)
            return [1, 1, 1, 9]

        embedder = tulving.Embedder("letters", 4, letters, embed_query=query)
        with tulving.Store(embedder=[embedder], embed="wait") as store:
            tenant = store.tenant("acme")
            tenant.add_many(["aaaa", "dddd"])
            self.assertEqual(tenant.search("aaaa", mode="vector", k=1)[0].text, "dddd")
        self.assertEqual(asked, ["aaaa"])

    def test_a_failing_embedder_loses_nothing(self) -> None:
        for broken in (lambda texts: 1 / 0, lambda texts: [], lambda texts: [[1, 2]] * len(texts)):
            calls: list = []

            def embed(texts: list) -> list:
                calls.append(texts)
                return letters(texts) if len(calls) == 1 else broken(texts)

            with tulving.Store(embedder=tulving.Embedder("broken", 4, embed), embed="wait") as store:
                tenant = store.tenant("acme")
                tenant.add("The train to Porto.")
                tenant.add("Green tea.")
                found = tenant.search("tea")
                self.assertEqual(found[0].text, "Green tea.")
                self.assertIn("the embedder", found.embedding_error)
                with self.assertRaises(tulving.IOFailure):
                    tenant.search("tea", mode="vector")

    def test_names(self) -> None:
        with self.assertRaises(ValueError):
            tulving.Store(embedder="nonsense")
        with self.assertRaises(ValueError):
            tulving.Store(embed="nonsense")
        with tulving.Store(embedder="none") as store:
            self.assertEqual(len(store.tenant("a").search("x")), 0)


if __name__ == "__main__":
    unittest.main()
