"""guild by plain SQL: what agents of many tenants ask."""

import uuid

import records
from cases import SchemaCase, instant, text_digest


class Guild(SchemaCase):
    schema = "guild"

    def of_agent(self, tenant, agent):
        """An agent has a text once: the first memory that says it has the row."""
        first = {}
        for memory in self.store.memories(tenant, agent_id=agent):
            age = (instant(memory["created_at"]), memory["id"])
            known = first.setdefault(memory["content_hash"], (age, memory))
            if age < known[0]:
                first[memory["content_hash"]] = (age, memory)
        return [memory for _, memory in first.values()]

    def test_an_agent_has_its_recent_memories(self):
        for tenant, agent in (("maya", "aria"), (records.TENANT, "smith")):
            rows = self.rows(
                "SELECT memory_id, content_text, content_hash, source_type, metadata, created_at, updated_at"
                "  FROM memory_records"
                " WHERE tenant_id = %s AND agent_id = %s AND is_deleted = false"
                " ORDER BY created_at DESC, memory_id LIMIT 50", tenant, agent)
            recent = sorted((memory for memory in self.of_agent(tenant, agent)
                             if memory.get("status", "active") in ("active", "promoted")),
                            key=lambda memory: (-instant(memory["created_at"]).timestamp(), memory["id"]))[:50]
            self.assertEqual([dict(row) for row in rows], [{
                "memory_id": uuid.UUID(memory["id"]), "content_text": memory["text"],
                "content_hash": memory["content_hash"], "source_type": memory.get("source_type", "observation"),
                "metadata": memory.get("metadata", {}), "created_at": instant(memory["created_at"]),
                "updated_at": instant(memory["updated_at"])} for memory in recent])
            for row in rows:
                self.assertEqual(row["content_hash"], text_digest(row["content_text"]))

    def test_what_was_archived_or_forgotten_is_deleted_to_its_readers(self):
        rows = self.rows("SELECT memory_id, deleted_at FROM memory_records WHERE tenant_id = %s AND is_deleted",
                         records.TENANT)
        gone = [memory for memory in self.of_agent(records.TENANT, "smith")
                if memory.get("status", "active") not in ("active", "promoted")]
        self.assertEqual({row["memory_id"]: row["deleted_at"] for row in rows},
                         {uuid.UUID(memory["id"]): instant(memory.get("deleted_at")) for memory in gone})
        self.assertEqual({memory["status"] for memory in gone}, {"archived", "deleted"})

    def test_a_memory_has_its_related_ones_one_step_on(self):
        rows = self.rows(
            "SELECT origin.memory_id AS origin, relationship_type, confidence_score, other.memory_id"
            "  FROM memory_records AS origin JOIN memory_relationships ON source_memory_id = origin.memory_id"
            "  JOIN memory_records AS other ON target_memory_id = other.memory_id"
            " WHERE origin.tenant_id = 'maya' AND relationship_type <> 'related'")
        relations = [each for each in self.store.records("relation", "maya")
                     if each.get("relation_type") in ("references", "contradicts", "supports", "follows")]
        self.assertGreater(len(relations), 5)
        self.assertEqual(
            {(row["origin"], row["relationship_type"], row["memory_id"]): row["confidence_score"] for row in rows},
            {(uuid.UUID(each["source_id"]), each["relation_type"], uuid.UUID(each["target_id"])):
                 each.get("confidence") for each in relations})

    def test_links_of_other_types_are_related(self):
        lesson = records.identity("keel/lesson 2.1")
        (row,) = self.rows("SELECT relationship_type, confidence_score FROM memory_relationships"
                           " WHERE source_memory_id = %s AND target_memory_id = %s",
                           records.identity("keel/lesson 1.1"), lesson)
        self.assertEqual(dict(row), {"relationship_type": "related", "confidence_score": 0.5})

    def test_no_relation_crosses_tenants(self):
        self.assertEqual(self.rows(
            "SELECT 1 AS one FROM memory_relationships JOIN memory_records AS a ON a.memory_id = source_memory_id"
            " JOIN memory_records AS b ON b.memory_id = target_memory_id WHERE a.tenant_id <> b.tenant_id"), [])

    def test_a_vector_id_leads_to_the_vector_in_the_engine(self):
        rows = self.rows("SELECT vector_id, embedding_model, memory_id FROM memory_embeddings"
                         " JOIN memory_records USING (memory_id) WHERE tenant_id = %s ORDER BY vector_id LIMIT 5",
                         records.TENANT)
        self.assertEqual(len(rows), 5)
        for row in rows:
            memory, model = row["vector_id"].split("/")
            known = self.store.ask("get", "--tenant", records.TENANT, "--with-embeddings", memory)
            self.assertEqual(known["embedding_model"], model)
            self.assertEqual((row["embedding_model"], str(row["memory_id"])), (model, memory))
            (hit,) = self.store.nearest(records.TENANT, known["embedding"], 1, "--include-archived",
                                        "--include-deleted", "--include-expired")
            self.assertAlmostEqual(hit["score"], 1, places=5)

    def test_only_active_sources_are_allowed(self):
        rows = self.rows("SELECT source_name, source_type, source_uri, metadata, last_ingestion_at FROM data_sources"
                         " WHERE is_active")
        self.assertEqual([dict(row) for row in rows], [
            {"source_name": each["source_name"], "source_type": each["source_type"], "source_uri": each["source_uri"],
             "metadata": each["metadata"], "last_ingestion_at": instant(each["last_ingestion_at"])}
            for each in self.store.records("data_source", records.TENANT) if each.get("is_active", True)])
        self.assertEqual(len(rows), 1)

    def test_policies_are_read_by_their_rules(self):
        rows = self.column("SELECT policy_name FROM memory_access_policies"
                           " WHERE is_active AND policy_rules @> '{\"allow\": [{\"role\": \"smith\"}]}'")
        policies = self.store.records("access_policy", records.TENANT)
        self.assertEqual(rows, [each["policy_name"] for each in policies if each.get("is_active", True)])
        self.assertEqual(len(policies), 2)
