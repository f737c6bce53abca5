// Reports are JSON with the members of their structs. Another parser reads them back; names and
// values are compared one by one, since scripts depend on them.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/kinds/kinds.h"
#include "tulving/json.h"

namespace tulving {
namespace {

using nlohmann::json;

TEST(ToJson, WritesASearchPlan) {
  const SearchPlan plan{.vector_plan = "filtered scan",
                        .text_plan = "postings",
                        .vector_weight = 0.75F,
                        .text_weight = 0.25F,
                        .matching = 12,
                        .vectors_scored = 34,
                        .postings_read = 56,
                        .now = *parse_time("2026-03-01T09:30:00Z"),
                        .revision = 78};

  EXPECT_EQ(json::parse(to_json(plan)), json::parse(R"({
      "vector_plan": "filtered scan", "text_plan": "postings", "vector_weight": 0.75, "text_weight": 0.25, "matching": 12,
      "vectors_scored": 34, "postings_read": 56, "now": "2026-03-01T09:30:00Z", "revision": 78})"));
}

TEST(ToJson, WritesStatsOfStoreTenantsAndVectors) {
  StoreStats stats;
  stats.revision = 9;
  stats.durable_revision = 8;
  stats.memories = 7;
  stats.tombstones = 6;
  stats.ram_bytes = 5;
  stats.without_vector = 3;
  stats.bytes_per_memory = 2.5;
  stats.disk_bytes = 4;
  stats.indexing_caught_up = false;
  stats.incarnation = *Uuid::parse("77777777-7777-4777-8777-777777777777");
  stats.tenants.resize(2);
  stats.tenants[0].tenant_id = "a \"b\"";
  stats.tenants[1].tenant_id = "c";
  stats.tenants[1].memories = 1;
  stats.tenants[1].by_status = {{"active", 1}};
  stats.tenants[1].without_vector = 1;
  stats.tenants[1].records = {{"sessions", 2}, {"relations", 3}, {"consolidation_jobs", 1}};
  stats.tenants[1].terms = 4;
  stats.tenants[1].record_bytes = 5;
  stats.tenants[1].text_bytes = 6;
  stats.tenants[1].attribute_bytes = 7;
  stats.tenants[1].vectors = {{.model = "m",
                               .dim = 8,
                               .vectors = 9,
                               .in_graph = 10,
                               .tombstones = 11,
                               .bytes = 12,
                               .damaged = 13,
                               .memories = 14}};

  auto written = json::parse(to_json(stats));
  for (auto& tenant : written["tenants"]) {  // Kinds that are not named here have none.
    std::erase_if(tenant.get_ref<json::object_t&>(), [](const auto& member) {
      static const std::set<std::string> kNamed = {"sessions", "relations", "consolidation_tasks",
                                                   "consolidation_jobs", "memories"};
      bool is_count = false;
      kinds::PlainKinds::each([&]<class Record>(kinds::Tag<Record>) {
        is_count = is_count || kinds::Kind<Record>::plural == member.first;
      });
      return is_count && !kNamed.contains(member.first) && member.second == 0;
    });
  }
  EXPECT_EQ(written, json::parse(R"({
      "revision": 9, "incarnation": "77777777-7777-4777-8777-777777777777", "durable_revision": 8, "memories": 7, "without_vector": 3, "tombstones": 6, "ram_bytes": 5,
      "bytes_per_memory": 2.5, "disk_bytes": 4, "indexing_caught_up": false, "tenants": [
      {"tenant_id": "a \"b\"", "memories": 0, "by_status": {}, "without_vector": 0, "sessions": 0,
       "relations": 0, "consolidation_tasks": 0, "consolidation_jobs": 0, "terms": 0, "record_bytes": 0, "text_bytes": 0, "attribute_bytes": 0, "vectors": []},
      {"tenant_id": "c", "memories": 1, "by_status": {"active": 1}, "without_vector": 1, "sessions": 2,
       "relations": 3, "consolidation_tasks": 0, "consolidation_jobs": 1, "terms": 4, "record_bytes": 5, "text_bytes": 6, "attribute_bytes": 7, "vectors": [
       {"model": "m", "dim": 8, "vectors": 9, "in_graph": 10, "tombstones": 11, "bytes": 12, "damaged": 13, "memories": 14}]}]})"));
}

TEST(ToJson, WritesASnapshotsManifest) {
  SnapshotInfo info{
      .store_id = "s", .revision = 3, .since = {}, .counts = {{"memory", 2}}, .bytes = 99};
  EXPECT_EQ(json::parse(to_json(info)), json::parse(R"({"store_id": "s", "revision": 3,
      "counts": {"memory": 2}, "bytes": 99})"));

  info.since = 1;
  info.incarnation = "i";
  EXPECT_EQ(json::parse(to_json(info)).at("since"), 1);
  EXPECT_EQ(json::parse(to_json(info)).at("incarnation"), "i");
}

TEST(ToJson, IsOneLine) {
  StoreStats stats;
  stats.tenants.resize(1);
  stats.tenants[0].tenant_id = "two\nlines";

  EXPECT_EQ(to_json(stats).find('\n'), std::string::npos);
}

}  // namespace
}  // namespace tulving
