// What rows of the kinds of store format 4 mean, for ever: tests/golden/format4_KIND.hex is a row
// as the first release with that kind wrote it, every field set, and format4_KIND_of_defaults.hex
// one of its key alone. TULVING_WRITE_GOLDEN=1 writes the ones that are missing. Older kinds are in
// tests/storage/codec/golden_test.cc.

#include <gtest/gtest.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/hash.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/codec/codec.h"
#include "tulving/json.h"

namespace tulving {
namespace {

constexpr const char* kWhole[] = {
    R"({"kind":"project","project_id":"garden","name":"The garden","created_at":"2026-11-28T01:02:03.000004Z"})",
    R"({"kind":"task","task_id":"beans","project_id":"garden","agent_id":"tim","title":"Beans",
        "goal":"Grow them","current_stage_id":"sow","progress_summary":"Dug.",
        "critical_constraints":["no frost"],"performance_metrics":{"days":3},
        "created_at":"2026-11-28T01:02:03Z","updated_at":"2026-11-28T01:02:04Z"})",
    R"({"kind":"stage","stage_id":"sow","task_id":"beans","agent_id":"tim","stage_type":"reflection",
        "summary":"Sown.","insights":["deep"],
        "memory_refs":["7f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b"],"relevance_score":0.87,
        "compression_ratio":10.5,"compression_model":"m","quality_metrics":[1],
        "created_at":"2026-11-28T01:02:03Z","updated_at":"2026-11-28T01:02:04Z",
        "completed_at":"2026-11-28T01:02:05Z"})",
    R"({"kind":"error_record","error_id":"e","task_id":"beans","stage_id":"sow","agent_id":"tim",
        "error_type":"context_degradation","description":"Rain","context":"June",
        "recovery_action":"Wait","severity":0.87,"recorded_at":"2026-11-28T01:02:03Z"})",
    R"({"kind":"compression_metric","metric_id":"m","task_id":"beans","stage_id":"sow",
        "compression_type":"stage","input_tokens":1000,"output_tokens":100,"compression_ratio":10.5,
        "critical_fact_retention_rate":0.99,"coherence_score":0.87,"cost_usd":0.0123,
        "model_used":"x","recorded_at":"2026-11-28T01:02:03Z"})",
    R"({"kind":"user_profile","user_id":"ada","profile_data":{"a":1},"preferences":["tea"],
        "is_active":false,"created_at":"2026-11-28T01:02:03Z","updated_at":"2026-11-28T01:02:04Z"})",
    R"({"kind":"agent_state","state_id":"s","agent_id":"tim","session_id":"talk","state_data":[1],
        "created_at":"2026-11-28T01:02:03Z","updated_at":"2026-11-28T01:02:04Z",
        "expires_at":"2026-11-28T01:02:05Z"})",
    R"({"kind":"access_log_entry","log_id":"l","memory_id":"7f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b",
        "session_id":"talk","agent_id":"tim","operation":"search",
        "timestamp":"2026-11-28T01:02:03Z","request_data":{"k":10},"success":false,
        "error_message":"late","ip_address":"127.0.0.1"})",
    R"({"kind":"data_source","source_id":"d","source_name":"crm","source_type":"webhook",
        "source_uri":"https://example.org","is_active":false,"created_at":"2026-11-28T01:02:03Z",
        "last_ingestion_at":"2026-11-28T01:02:04Z","metadata":{"a":1}})",
    R"({"kind":"access_policy","policy_id":"p","policy_name":"all","policy_rules":{"deny":[]},
        "is_active":false,"created_at":"2026-11-28T01:02:03Z","updated_at":"2026-11-28T01:02:04Z"})",
    R"({"kind":"agent_result","result_id":"r","agent":"relations","task_id":"t","confidence":0.87,
        "decision":"wait","result":{"x":1},"created_at":"2026-11-28T01:02:03Z",
        "memory_ids":["7f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b"]})"};

constexpr const char* kOfDefaults[] = {
    R"({"kind":"project","project_id":"k"})",
    R"({"kind":"task","task_id":"k"})",
    R"({"kind":"stage","stage_id":"k","task_id":"t"})",
    R"({"kind":"error_record","error_id":"k","task_id":"t"})",
    R"({"kind":"compression_metric","metric_id":"k","compression_type":"c","model_used":"m"})",
    R"({"kind":"user_profile","user_id":"k"})",
    R"({"kind":"agent_state","state_id":"k","agent_id":"a"})",
    R"({"kind":"access_log_entry","log_id":"k","operation":"o"})",
    R"({"kind":"data_source","source_id":"k","source_name":"n"})",
    R"({"kind":"access_policy","policy_id":"k","policy_name":"n","policy_rules":[]})",
    R"({"kind":"agent_result","result_id":"k","result":[]})"};

std::string bytes_of_hex(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), {}}, bytes;
  std::erase(text, '\n');
  for (std::size_t i = 0; i + 2 <= text.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

// The row of that name. Where it is missing and writing is asked for, `encoded` becomes it.
std::string golden(const std::string& name, const std::string& encoded) {
  const auto path = std::filesystem::path(TULVING_SOURCE_DIR) / "tests/golden" / (name + ".hex");
  if (std::getenv("TULVING_WRITE_GOLDEN") != nullptr && !std::filesystem::exists(path)) {
    std::ofstream(path) << to_hex({reinterpret_cast<const std::uint8_t*>(encoded.data()),
                                   encoded.size()})
                        << "\n";
  }
  return bytes_of_hex(path);
}

void expect_read(const char* json, const std::string& suffix, bool is_whole) {
  const auto read = parse_record(json);
  ASSERT_TRUE(read) << read.error().message;
  std::visit(
      [&]<class Kind>(Kind record) {
        if (is_whole) record.revision = 86;
        const std::string name = "format4_" + std::string(kinds::Kind<Kind>::name) + suffix;
        SCOPED_TRACE(name);
        const auto row = storage::decode<Kind>(golden(name, storage::encode(record)));
        ASSERT_TRUE(row) << row.error().message;
        EXPECT_TRUE(*row == record);
        // A field more in a later release belongs into the whole record here, too.
        if (!is_whole) return;
        kinds::each_field<Kind>([&](const auto& field) {
          const Kind empty;
          EXPECT_FALSE(field.of(*row) == field.of(empty)) << field.name;
        });
      },
      read->record);
}

TEST(GoldenRows, OfFormat4AreReadAsTheyWereWritten) {
  for (const char* json : kWhole) expect_read(json, "", true);
}
TEST(GoldenRows, OfFormat4HaveTheSameDefaults) {
  for (const char* json : kOfDefaults) expect_read(json, "_of_defaults", false);
}

}  // namespace
}  // namespace tulving
