"""orchestrator by plain SQL: what a voice assistant asks of its memory."""

import records
import world
from cases import SchemaCase, instant_without_zone, shown_name

NEAREST = """
    SELECT memory_id, near.distance, text_content
      FROM (SELECT memory_id, embedding <=> %s::vector AS distance FROM vector_embeddings
             WHERE embedding_model = 'default' ORDER BY embedding <=> %s::vector LIMIT 60) AS near
      JOIN memory_entries USING (memory_id)
     WHERE is_active AND (expires_at IS NULL OR expires_at > now() AT TIME ZONE 'UTC')
     ORDER BY near.distance LIMIT 10"""


class Orchestrator(SchemaCase):
    schema = "orchestrator"

    def test_nearest_neighbours_by_the_vector_index_are_those_of_a_search(self):
        # All lists of ivfflat, so that what the index finds is exact.
        self.rows("SET LOCAL ivfflat.probes = 100; SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off;"
                  "SELECT 1 AS one")
        for question in world.questions():
            vector = world.written(question)
            self.assertRegex(self.plan_of(NEAREST, vector, vector), r"idx_vector_embeddings_embedding\b")
            self.assert_same_nearest(self.rows(NEAREST, vector, vector), self.nearest_of_all(question, 10), shown_name)

    def test_words_match_what_a_search_for_text_matches(self):
        for word in ("garden", "plank", "migration", "tests"):
            rows = self.column("SELECT memory_id FROM memory_entries AS e, plainto_tsquery('english', %s) AS words"
                               " WHERE is_active AND (expires_at IS NULL OR expires_at > now() AT TIME ZONE 'UTC')"
                               " AND (to_tsvector('english', text_content) @@ words OR EXISTS (SELECT FROM memory_tags"
                               " AS t WHERE t.memory_id = e.memory_id AND to_tsvector('english', tag) @@ words))", word)
            hits = self.everywhere(lambda tenant: self.store.ask(
                "search", "--tenant", tenant, "--mode", "text", "--context-weight", "0", "--k", "1000", "--text", word
            )["results"])
            self.assertGreater(len(rows), 2, word)
            self.assertEqual(sorted(rows), sorted(map(shown_name, hits)), word)

    def test_a_session_has_its_memories_with_their_tags(self):
        for tenant, session in (("maya", "maya/s01"), (records.TENANT, "keel/s1")):
            rows = self.rows(
                "SELECT e.memory_id, text_content, priority, memory_type, source_agent, is_active, e.created_at,"
                "       array_agg(tag ORDER BY tag) FILTER (WHERE tag IS NOT NULL) AS tags"
                "  FROM sessions JOIN memory_entries AS e USING (session_id) LEFT JOIN memory_tags USING (memory_id)"
                " WHERE session_id = %s GROUP BY e.memory_id", session)
            memories = self.store.memories(tenant, session_id=session)
            self.assertGreater(len(memories), 5)
            self.assertEqual({row["memory_id"]: dict(row) for row in rows}, {
                shown_name(memory): {
                    "memory_id": shown_name(memory), "text_content": memory["text"],
                    "priority": memory.get("priority", 5), "memory_type": memory.get("memory_type", "context"),
                    "source_agent": memory.get("source_agent") or memory.get("agent_id"),
                    "is_active": memory.get("status", "active") in ("active", "promoted"),
                    "created_at": instant_without_zone(memory["created_at"]), "tags": sorted(memory.get("tags", [])) or None,
                } for memory in memories})

    def test_sessions_are_the_stores(self):
        rows = self.rows("SELECT * FROM sessions")
        self.assertEqual({row["session_id"]: dict(row) for row in rows}, {
            each["session_id"]: {
                "session_id": each["session_id"], "user_id": each.get("user_id"), "summary": each.get("summary"),
                "metadata": each.get("metadata"), "is_archived": each.get("is_archived", False),
                "session_type": each.get("session_type", "conversation"),
                "created_at": instant_without_zone(each["created_at"]),
                "updated_at": instant_without_zone(each["updated_at"]),
                "ended_at": instant_without_zone(each.get("ended_at"))}
            for each in self.everywhere(lambda tenant: self.store.records("session", tenant))})

    def test_content_is_found_by_what_it_contains(self):
        rows = self.rows("SELECT memory_id, content FROM memory_entries WHERE content @> '{\"mood\": \"calm\"}'")
        self.assertEqual([dict(row) for row in rows], [
            {"memory_id": "keel/told", "content": {"text": "Where is the adze?", "role": "user", "mood": "calm"}}])

    def test_what_has_expired_is_known_by_its_time(self):
        rows = self.column("SELECT memory_id FROM memory_entries WHERE expires_at < now() AT TIME ZONE 'UTC'")
        shown = {memory["id"] for memory in self.everywhere(self.store.shown)}
        expired = [memory for memory in self.everywhere(self.store.memories)
                   if memory.get("expires_at") and memory["id"] not in shown]
        self.assertEqual(sorted(rows), sorted(map(shown_name, expired)))
        self.assertIn(records.EXPIRED, rows)

    def test_users_are_found_by_what_they_prefer(self):
        rows = self.rows("SELECT * FROM user_profiles WHERE is_active AND preferences @> '{\"theme\": \"dark\"}'")
        (profile,) = [each for each in self.store.records("user_profile", records.TENANT) if each.get("is_active", True)]
        self.assertEqual([dict(row) for row in rows], [{
            "user_id": profile["user_id"], "profile_data": profile["profile_data"],
            "preferences": profile["preferences"], "is_active": True,
            "created_at": instant_without_zone(profile["created_at"]),
            "updated_at": instant_without_zone(profile["updated_at"])}])

    def test_an_agent_finds_its_state_of_a_session_and_beyond(self):
        states = {each.get("session_id"): each for each in self.store.records("agent_state", records.TENANT)}
        self.assertEqual(len(states), 2)
        for session, state in states.items():
            (row,) = self.rows("SELECT * FROM agent_states WHERE agent_id = 'smith' AND session_id IS NOT DISTINCT FROM %s"
                               " AND (expires_at IS NULL OR expires_at > now() AT TIME ZONE 'UTC')", session)
            self.assertEqual(row["state_data"], state["state_data"])
            self.assertEqual(row["expires_at"], instant_without_zone(state.get("expires_at")))
            self.assertEqual(row["updated_at"], instant_without_zone(state["updated_at"]))

    def test_a_memory_has_what_it_is_linked_to(self):
        (row,) = self.rows(
            "SELECT array_agg(other.text_content ORDER BY other.memory_id) AS texts,"
            "       array_agg(relationship_type ORDER BY other.memory_id) AS types"
            "  FROM memory_relationships JOIN memory_entries AS other"
            "    ON other.memory_id = CASE source_memory_id WHEN %s THEN target_memory_id ELSE source_memory_id END"
            " WHERE %s IN (source_memory_id, target_memory_id) AND relationship_type NOT LIKE 'consolidated%%'",
            *["keel/lesson 1.1"] * 2)
        relations = [each for each in self.store.records("relation", records.TENANT)
                     if records.identity("keel/lesson 1.1") in (each["source_id"], each["target_id"])
                     and not each.get("relation_type", "related").startswith("consolidated")]
        self.assertEqual(sorted(row["types"]), sorted(each.get("relation_type", "related") for each in relations))
        self.assertEqual(row["types"][:3], ["supports", "contradicts", "warps like"])

    def test_the_access_log_tells_who_did_what_to_a_memory(self):
        rows = self.rows("SELECT memory_id, session_id, agent_id, operation, timestamp, request_data, success,"
                         " error_message, ip_address FROM memory_access_logs ORDER BY timestamp")
        log = sorted(self.store.records("access_log_entry", records.TENANT), key=lambda each: each["timestamp"])
        self.assertEqual([dict(row) for row in rows], [{
            "memory_id": "keel/lesson 1.1", "session_id": each["session_id"], "agent_id": each["agent_id"],
            "operation": each["operation"], "timestamp": instant_without_zone(each["timestamp"]),
            "request_data": each["request_data"], "success": each.get("success", True),
            "error_message": each.get("error_message"), "ip_address": each["ip_address"]} for each in log])
        self.assertEqual(len(rows), 3)
