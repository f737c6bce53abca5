// make_seeds FOLDER: writes the fuzzers' first inputs, corpus/NAME/seed-*, made by the encoders of
// this build from a small store. To be run again when a format changes; old seeds stay.

#include <fmt/format.h>
#include <stdlib.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/consolidation/tracker/beads.h"
#include "core/embedding/model_file.h"
#include "storage/keys.h"
#include "storage/rocksdb/rocksdb_journal.h"
#include "tests/fuzz/fuzzer.h"
#include "tulving/tulving.h"

namespace tulving::fuzz {
namespace {

namespace fs = std::filesystem;
using storage::RecordKind;
using storage::Table;

class Seeds {
 public:
  explicit Seeds(fs::path folder) : folder_(std::move(folder)) {
    std::string name = (fs::temp_directory_path() / "tulving-seeds-XXXXXX").string();
    TULVING_CHECK(::mkdtemp(name.data()) != nullptr);
    scratch_ = name;
  }
  ~Seeds() { fs::remove_all(scratch_); }

  void make() {
    make_store();
    rows_and_records();
    write("log", '\0' + bytes_of(log_));
    checkpoints();
    snapshot();
    texts();
    foreign();
    models();
  }

 private:
  static std::string bytes_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void write(const std::string& fuzzer, const std::string& bytes) {
    const fs::path folder = folder_ / fuzzer;
    fs::create_directories(folder);
    const fs::path file = folder / fmt::format("seed-{:02}", ++counts_[fuzzer]);
    std::ofstream(file, std::ios::binary) << bytes;
  }
  static std::string number(std::size_t value) {
    return {static_cast<char>(value >> 8U), static_cast<char>(value)};
  }

  void make_store() {
    Store store = Store::open(scratch_ / "db").value();
    Tenant tenant = store.tenant("acme").value();
    Session session;
    session.session_id = "s1";
    TULVING_CHECK(tenant.put(session).has_value());
    std::vector<Memory> memories(4);
    for (std::size_t i = 0; i < memories.size(); ++i) {
      memories[i].external_id = fmt::format("m{}", i);
      memories[i].text = fmt::format("Words of memory {}.", i);
      memories[i].session_id = "s1";
      memories[i].tags = {"t1"};
      memories[i].metadata = R"({"a":1.5})";
      memories[i].embeddings = {{"default", {1.0F, static_cast<float>(i), 2.0F, 3.0F}}};
    }
    AddOptions options;
    options.idempotency_key = "key";
    TULVING_CHECK(tenant.add(memories, options).has_value());
    MemoryPatch patch;
    patch.text = "Other words.";
    TULVING_CHECK(tenant.update(id(0), patch).has_value());
    TULVING_CHECK(tenant.erase(id(3)).has_value());
    Relation relation;
    relation.source_id = id(0);
    relation.target_id = id(1);
    TULVING_CHECK(tenant.put(relation).has_value());
    task_.title = "Merge two memories";
    task_.action = "merge";
    task_.memory_ids = {std::min(id(0), id(1)), std::max(id(0), id(1))};
    task_ = tenant.queue().add(task_).value();
    Plan plan;
    plan.origin = "task";
    Memory after = tenant.get(id(1)).value();
    after.priority = 7;
    plan.changes = {{tenant.get(id(1)).value(), after}};
    TULVING_CHECK(tenant.apply_plan(plan).has_value());
    const auto line = [&](const Record& record) -> Status {
      write("jsonl", to_json_line("acme", record));
      return {};
    };
    TULVING_CHECK(tenant.export_records(line, true).has_value());
    TULVING_CHECK(store.snapshot(scratch_ / "snapshot").has_value());
    for (const auto& file : fs::directory_iterator(scratch_ / "db" / "log")) {
      if (file.path().extension() == ".log" && file.file_size() > 0) {
        log_ = scratch_ / "a log";
        fs::copy_file(file.path(), log_);
      }
    }
    TULVING_CHECK(store.purge().has_value() && store.close().has_value());
  }
  static Uuid id(int i) { return Uuid::derive("acme", fmt::format("m{}", i)); }

  // What record_fuzzer.cc calls the kind of a row.
  static int kind_of(Table table, std::string_view key) {
    if (table == Table::kVectors) return 6;
    if (table == Table::kHistory) return 8;
    if (table == Table::kMeta) return key[0] == 't' ? 10 : key[0] == 'm' ? 11 : 12;
    const auto record = storage::parse_record_key(key);
    switch (record->kind) {
      case RecordKind::kMemory:
        return 0;
      case RecordKind::kSession:
        return 1;
      case RecordKind::kRelation:
        return 2;
      case RecordKind::kConsolidationTask:
        return 3;
      case RecordKind::kPlan:
        return 5;
      case RecordKind::kTombstone:
        return 7;
      case RecordKind::kIdempotency:
        return 9;
      default:
        return 4;
    }
  }
  void rows_and_records() {
    const auto journal = storage::open_rocksdb_journal(scratch_ / "db" / "log", {}).value();
    std::string all;
    for (std::size_t table = 0; table < storage::kTableCount; ++table) {
      const auto visit = [&](std::string_view key, std::string_view value) -> Status {
        const auto kind = kind_of(static_cast<Table>(table), key);
        write("record", static_cast<char>(kind) + std::string(value));
        all += static_cast<char>(table);
        all += static_cast<char>(key.size());
        all.append(key).append(number(value.size())).append(value);
        return {};
      };
      TULVING_CHECK(journal->snapshot()->scan(static_cast<Table>(table), "", visit).has_value());
    }
    write("rows", all);
    write("rows", all.substr(0, all.size() / 2));
    TULVING_CHECK(journal->close().has_value());
  }

  void checkpoints() {
    for (const bool is_text : {true, false}) {
      const fs::path file = scratch_ / "db" / "index" / "0" / (is_text ? "text" : "vectors-0");
      write("checkpoint", (is_text ? '\0' : '\1') + bytes_of(file));
      std::string sections(1, is_text ? '\2' : '\3');
      const std::string bytes = bytes_of(file);
      std::uint32_t version = 0;  // After the magic and the kind.
      std::memcpy(&version, bytes.data() + 12, sizeof version);
      const auto reader = CheckpointReader::open(file, is_text ? "TEXT" : "VECT", version).value();
      if (!is_text) sections += static_cast<char>(version);
      for (std::size_t i = 0; i < reader.sections(); ++i) {
        const auto section = reader.read_array<std::byte>(i).value();
        sections += number(section.size());
        sections.append(reinterpret_cast<const char*>(section.data()), section.size());
      }
      write("checkpoint", sections);
    }
  }

  void snapshot() {
    write("snapshot", '\1' + bytes_of(scratch_ / "snapshot" / "manifest.json"));
    const std::string file = bytes_of(scratch_ / "snapshot" / "records.rows");
    std::uint32_t header[2];  // Of the first block, which follows the file's own 16 bytes.
    std::memcpy(header, file.data() + 16, sizeof header);
    std::string block(1, '\0');
    block += static_cast<char>(header[1]);
    block += number(header[0]);
    block += file.substr(32, header[0]);
    write("snapshot", block);
  }

  void texts() {
    write("filter", R"({"tags":{"any":["t1","t2"]},"priority":{"gte":3,"lt":9.5}})");
    write("filter", R"({"or":[{"not":{"metadata.a.b":{"in":[1,2.0,"d"]}}},{"metadata.c":"d"}]})");
    write("filter", R"({"created_at":{"gt":"2026-01-01T00:00:00Z"},"decay_score":{"gte":0.5}})");
    write("query",
          std::string(1, '\0') +
              R"({"query_id":"q1","text":"words","k":3,"filter":{"tags":{"all":["t1"]}}})");
    write("query", std::string(1, '\0') + R"({"query_id":7,"vector":[1,2,0.5],"mode":"vector"})");
    write("query", "\1naïve café don't 東京 words-of_number");
    const std::string line = consolidation::to_beads_line("acme", task_);
    write("issues", line + "\n" + R"({"id":"x-1","title":"Another's","status":"open"})" + "\n");
    write("issues", "\xEF\xBB\xBF\n" + line);
    const float values[] = {1.0F, 2.0F};
    std::string row("\2\0\0\0", 4);
    row.append(reinterpret_cast<const char*>(values), sizeof values);
    write("fvecs", row + row);
    write("fvecs", "1, 2.5,-3e2");
    // Two records of a log, which the fuzzer frames: number of the write, count, a note, an
    // operation.
    const std::string record = std::string("\1\0\0\0\0\0\0\0\1\0\0\0", 12) + "\3\14TLV1" +
                               std::string(8, '\0') + "\1\1k\1v";
    write("log", std::string("\1\2", 2) + static_cast<char>(record.size()) + record +
                     static_cast<char>(record.size()) + record);
  }

  // A file of each format, which its number stands before.
  void foreign() {
    write(
        "foreign",
        std::string(1, '\0') +
            R"({"results":[{"id":"a","memory":"likes tea","user_id":"ana","run_id":"r","metadata":{"a":1},"categories":["x"],"created_at":"2024-07-20T01:30:36-07:00","expiration_date":"2030-01-31"},{"id":"b","memory":"x"}]})");
    write("foreign",
          std::string(1, '\1') +
              R"({"type":"entity","name":"Ana","entityType":"person","observations":["likes tea"]}
{"type":"entity","name":"York","entityType":"city","observations":[]}
{"type":"relation","from":"Ana","to":"York","relationType":"lives_in"}
)");
    write(
        "foreign",
        std::string(1, '\2') +
            R"({"id":"a","content":"tea","meta":{"tags":["x"],"extra":{"k":1}},"created_at":1700000000,"last_used":1700000000,"use_count":1,"embed":[1,2]}
{"id":"a","content":"green tea","meta":{}}
{"id":"b","content":"rain","meta":{}}
{"id":"r","from_memory_id":"a","to_memory_id":"b","relation_type":"x"}
{"id":"b","_deleted":true}
)");
    write("foreign", std::string(1, '\3') +
                         R"([
 {"conversation_history":[{"role":"user","content":"hi"},"yes",{"n":"x"}],"session_id":"s","created_at":"2026-05-01 10:00:00"},
 {"session_id":"t","session_data":"{\"k\":1}"}])");
    write(
        "foreign",
        std::string(1, '\4') +
            R"([{"context_id":7,"session_id":"s","context_data":{"text":"a"},"embedding":"[1,2]","tags":["a"]},{"context_data":"no id"},{"context_data":"no id"}])");
    write(
        "foreign",
        std::string(1, '\5') +
            R"({"users":{"ana":{"preferences":{"p":1},"entity_knowledge":{"York":"a city"},"interaction_history":[{"text":"x","session_id":"s"}],"skill_states":{"chess":1}}}})");
  }

  // A file, and the parts of a sound one: the weights are a few floats, over and over.
  void models() {
    const std::string space = "\xE2\x96\x81";
    embedding::ModelWeights weights;
    weights.shape = {.rows = 8,
                     .reserved = 2,
                     .pieces_max = 6,
                     .heads = 2,
                     .piece_width = 32,
                     .width = 32,
                     .inner = 32,
                     .dim = 32};
    weights.pieces = {"?", "<s>", space, space + "the", "c", "a", "at"};
    weights.scores = {0, 0, -3, -2, -5, -4.5, -1.5};
    each_array(weights, [](const std::string&, std::vector<float>& floats, std::size_t count) {
      floats.assign(count, 0.25F);
    });
    TULVING_CHECK(embedding::write_model(scratch_ / "model", weights).has_value());
    write("model", '\0' + bytes_of(scratch_ / "model"));
    std::string parts(1, '\1');
    for (const int field : {8, 2, 6, 2, 32, 32, 32, 32}) {
      parts += number(static_cast<std::size_t>(field));
    }
    std::string lengths, pieces, scores;
    for (std::size_t i = 0; i < weights.pieces.size(); ++i) {
      lengths += static_cast<char>(weights.pieces[i].size());
      pieces += weights.pieces[i];
      scores.append(reinterpret_cast<const char*>(&weights.scores[i]), sizeof(double));
    }
    for (const std::string& section : {lengths, pieces, scores}) {
      parts += number(section.size()) + section;
    }
    for (const float weight : {0.5F, -0.25F, 0.125F, 1.0F, -0.0625F, 0.3F, -0.7F}) {
      parts.append(reinterpret_cast<const char*>(&weight), sizeof weight);
    }
    write("model", parts);

    std::string words(1, static_cast<char>(weights.pieces.size()));
    for (std::size_t i = 0; i < weights.pieces.size(); ++i) {
      words += lengths[i] + weights.pieces[i];
      words += static_cast<char>(static_cast<int>(weights.scores[i]));
    }
    write("pieces", words + "the cat at the caf\xC3\xA9");
    write("pieces", words + "\xEF\xAC\x81 aa  \xF0\x9F\x8D\x95\xF0\x9F\x8D\x95 ca");
  }

  const fs::path folder_;
  fs::path scratch_, log_;
  std::map<std::string, int> counts_;
  ConsolidationTask task_;
};

}  // namespace
}  // namespace tulving::fuzz

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  tulving::fuzz::Seeds(argv[1]).make();
}
