"""What the tests of plain SQL share."""

import datetime
import hashlib
import unittest
import uuid

import psycopg2.extras

import world


def instant(text):
    """A time of the store's, as PostgreSQL's with a zone comes back."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def instant_without_zone(text):
    """As orchestrator's columns hold it: UTC without saying so."""
    return instant(text).replace(tzinfo=None) if text else None


def shown_name(memory):
    """orchestrator.memory_entries.memory_id of a memory."""
    return memory.get("external_id") or memory["id"]


def text_digest(text):
    return hashlib.md5(text.encode()).hexdigest()


class SchemaCase(unittest.TestCase):
    """A reader of one schema."""

    schema = ""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.store = world.store
        cls.connection = world.connect(cls.schema)

    @classmethod
    def tearDownClass(cls):
        cls.connection.close()

    def tearDown(self):
        self.connection.rollback()

    def rows(self, statement, *values):
        with self.connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    def column(self, statement, *values):
        return [next(iter(row.values())) for row in self.rows(statement, *values)]

    def plan_of(self, statement, *values):
        return "\n".join(self.column("EXPLAIN " + statement, *values))

    def everywhere(self, of_tenant):
        """What the store says for each tenant, in one list: the schema's tables are all tenants'."""
        return [each for tenant in self.store.tenants() for each in of_tenant(tenant)]

    def nearest_of_all(self, vector, count, *options):
        """Those that all tenants' memories have nearest, by falling similarity."""
        found = self.everywhere(lambda tenant: self.store.nearest(tenant, vector, count, *options))
        return sorted(found, key=lambda hit: -hit["score"])[:count]

    def assert_same_nearest(self, rows, hits, name):
        """By distance, since equally distant ones may come in any order; by name where they are not."""
        self.assertEqual(len(rows), len(hits))
        for row, hit in zip(rows, hits):
            self.assertAlmostEqual(1 - row["distance"], hit["score"], places=4)
        last = hits[-1]["score"] + 1e-4
        self.assertEqual({str(row["memory_id"]) for row in rows if 1 - row["distance"] > last},
                         {name(hit) for hit in hits if hit["score"] > last})


def same_ids(texts):
    return sorted(uuid.UUID(text) for text in texts)
