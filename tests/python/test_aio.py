"""The same for asyncio."""

import asyncio
import unittest

import tulving


class AsyncTest(unittest.IsolatedAsyncioTestCase):
    async def test_calls_run_beside_each_other(self) -> None:
        async with await tulving.AsyncStore.open() as store:
            tenant = store.tenant("acme")
            await asyncio.gather(*(tenant.add(f"Tea {i}.", vector=[1, i]) for i in range(20)))
            found = await asyncio.gather(*(tenant.search("tea", k=20) for _ in range(20)))
            self.assertEqual({len(hits) for hits in found}, {20})
            self.assertEqual((await tenant.memories())["matching"], 20)
            self.assertEqual(await store.tenants(), ["acme"])
            name = found[0][0].id
            await tenant.update(name, {"priority": 9})
            self.assertEqual((await tenant.get(name))["priority"], 9)
            self.assertEqual(len(await tenant.history(name)), 2)
            self.assertEqual((await tenant.stream("export")).summary, {"records": 20})
            with self.assertRaises(tulving.NotFound):
                await tenant.get("nobody")
            await tenant.touch(name, expires_after=60)
            self.assertEqual((await tenant.distinct_values("tags"))["distinct"], 0)
            await tenant.forget(name)
            await tenant.erase(name)
            self.assertEqual(len(await tenant.search_many([[1, 0]])), 1)
            self.assertEqual((await store.call("tenants"))["tenants"][0]["tenant_id"], "acme")
        with self.assertRaises(tulving.InvalidArgument):
            await asyncio.to_thread(store.store.tenants)


if __name__ == "__main__":
    unittest.main()
