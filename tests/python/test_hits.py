"""Hits are lazy, and their numbers lie where the library has them."""

import gc
import unittest

import tulving

try:
    import numpy
except ImportError:
    numpy = None  # type: ignore[assignment]


class HitsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.store = tulving.Store()
        self.tenant = self.store.tenant("acme")
        self.tenant.add_many(
            [{"text": f"Tea number {i}.", "external_id": f"m{i}", "metadata": {"i": i}} for i in range(5)],
            vectors=[[1, i] for i in range(5)],
        )

    def tearDown(self) -> None:
        self.store.close()

    def test_are_a_sequence(self) -> None:
        hits = self.tenant.search(vector=[1, 0], k=3)
        self.assertEqual(len(hits), 3)
        self.assertEqual([hit.external_id for hit in hits], ["m0", "m1", "m2"])
        self.assertEqual([hit.external_id for hit in hits[1:]], ["m1", "m2"])
        self.assertEqual(hits[-1].external_id, "m2")
        with self.assertRaises(IndexError):
            hits[3]
        self.assertEqual(hits.ids, [hit.id for hit in hits])
        self.assertFalse(hits.approximate or hits.partial)

    def test_show_their_memories(self) -> None:
        hit = self.tenant.search(vector=[1, 0], k=1, explain=True)[0]
        self.assertEqual(hit.metadata, {"i": 0})
        self.assertEqual(hit.record["external_id"], "m0")
        self.assertIn("cosine", hit.json["explain"])
        self.assertEqual(hit.created_at.year, hit.updated_at.year)
        self.assertIsNone(hit.expires_at)
        self.assertEqual(str(hit.uuid), hit.id)
        self.assertIn("Tea", repr(hit))

    def test_scores_live_as_long_as_they_are_held(self) -> None:
        hits = self.tenant.search(vector=[1, 0])
        expected = [hit.score for hit in hits]
        scores = hits.scores
        del hits
        gc.collect()
        self.assertEqual(list(scores), expected)
        self.assertEqual(list(self.tenant.search("nothing at all").scores), [])

    def test_many_searches_in_one_call(self) -> None:
        found = self.tenant.search_many([[1, 0], [1, 4]], k=1)
        self.assertEqual([hits[0].external_id for hits in found], ["m0", "m4"])
        with self.assertRaises(tulving.InvalidArgument) as caught:
            self.tenant.search_many([[1, 0], [0, 0]])
        self.assertEqual(caught.exception.position, 1)

    def test_other_parameters_of_the_operation(self) -> None:
        hits = self.tenant.search("tea", vector=[1, 0], fusion="rrf", recency_weight=0.1, explain=True)
        self.assertEqual(hits.plan["vector_plan"], "scan")
        with self.assertRaises(tulving.InvalidArgument):
            self.tenant.search("tea", no_such_parameter=1)


@unittest.skipIf(numpy is None, "numpy is not there")
class NumpyTest(HitsTest):
    def test_rows_are_passed_as_they_lie(self) -> None:
        from tulving.values import floats, matrix

        wide = numpy.arange(12, dtype=numpy.float32).reshape(3, 4)
        rows = matrix(wide[:, :2])
        self.assertEqual((rows.rows, rows.dim, rows.stride_bytes), (3, 2, 16))
        self.assertEqual(int(rows.pointer[0]), 0)
        address = wide.__array_interface__["data"][0]
        from tulving._native import ffi

        self.assertEqual(int(ffi.cast("uintptr_t", rows.pointer)), address)
        self.assertEqual(int(ffi.cast("uintptr_t", floats(wide[1]).pointer)), address + 16)
        # What does not lie so is copied, and is the same.
        for other in (wide[:, ::2], wide.astype(numpy.float64), wide[::-1], numpy.asfortranarray(wide)):
            copied = matrix(other)
            for row in range(copied.rows):
                at = row * (copied.stride_bytes // 4 or copied.dim)
                self.assertEqual([copied.pointer[at + i] for i in range(copied.dim)], list(other[row]))

    def test_searches_by_numpy(self) -> None:
        vectors = numpy.array([[1, 0], [1, 4]], dtype=numpy.float32)
        self.assertEqual([h[0].external_id for h in self.tenant.search_many(vectors, k=1)], ["m0", "m4"])
        scores = numpy.asarray(self.tenant.search(vector=vectors[1], k=2).scores)
        self.assertEqual(scores.dtype, numpy.float32)
        self.assertAlmostEqual(float(scores[0]), 1, 5)
        self.tenant.add_many(["A.", "B."], vectors=vectors)


if __name__ == "__main__":
    unittest.main()
