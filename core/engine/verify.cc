#include <fmt/format.h>

#include <shared_mutex>

#include "core/engine/store_impl.h"
#include "tulving/json.h"

namespace tulving {
namespace {

using storage::RecordKind;
using storage::Table;

// Compares one tenant's RAM with its rows in the log.
class TenantCheck {
 public:
  TenantCheck(const engine::TenantState& tenant, const engine::Catalog& catalog,
              VerifyReport& report)
      : tenant_(tenant), catalog_(catalog), report_(report) {}

  Status run(const storage::JournalReader& reader) {
    const std::shared_lock lock(tenant_.mutex);
    auto records = reader.scan(
        Table::kRecords, storage::record_prefix(*tenant_.number),
        [this](std::string_view key, std::string_view value) { return check_record(key, value); });
    if (!records) return records;
    auto vectors = reader.scan(
        Table::kVectors, storage::vector_prefix(*tenant_.number),
        [this](std::string_view key, std::string_view value) { return check_vector(key, value); });
    if (!vectors) return vectors;
    check_count("memories", memories_, tenant_.memories.size());
    check_count("sessions", sessions_, tenant_.sessions.size());
    check_count("relations", relations_, tenant_.relations.size());
    check_count("tasks", tasks_, tenant_.tasks.size());
    check_count("plans", plans_, tenant_.plans.size());
    check_count("jobs", jobs_, tenant_.jobs.size());
    check_count("links of the relation graph", relations_, tenant_.graph.edges());
    check_count("texts in the index", texts_, tenant_.text->documents());
    std::uint64_t indexed = 0;
    for (const auto& [model, index] : tenant_.vectors) indexed += index->rows().cardinality();
    check_count("vectors", vectors_, indexed);
    return {};
  }

 private:
  Status check_record(std::string_view key_bytes, std::string_view value) {
    ++report_.records_checked;
    const auto key = storage::parse_record_key(key_bytes);
    if (!key) {
      problem("a record's key is malformed");
      return {};
    }
    if (key->kind == RecordKind::kSession) {
      const auto session = storage::decode_session(value);
      const bool same = session && tenant_.sessions.contains(session->session_id);
      if (!same) problem(fmt::format("session {} differs from RAM", key->id.to_string()));
      ++sessions_;
    } else if (key->kind == RecordKind::kRelation) {
      const auto found = tenant_.relations.find(key->id);
      const auto relation = storage::decode_relation(value);
      if (!relation || found == tenant_.relations.end() || found->second != *relation) {
        problem(fmt::format("relation {} differs from RAM", key->id.to_string()));
      }
      ++relations_;
    } else if (key->kind == RecordKind::kMemory) {
      check_memory(key->id, value);
      ++memories_;
    } else {
      check_consolidation(*key, value);
    }
    return {};
  }

  void check_consolidation(const storage::RecordKey& key, std::string_view value) {
    if (key.kind == RecordKind::kTask) {
      const auto task = storage::decode_task(value);
      const auto found = task ? tenant_.tasks.find(task->task_id) : tenant_.tasks.end();
      if (found == tenant_.tasks.end() || found->second != *task) {
        problem(fmt::format("task {} differs from RAM", key.id.to_string()));
      }
      ++tasks_;
    } else if (key.kind == RecordKind::kPlan) {
      const auto plan = storage::decode_plan(value);
      const auto found = tenant_.plans.find(key.id);
      if (!plan || found == tenant_.plans.end() ||
          found->second.summary.revision != plan->revision) {
        problem(fmt::format("plan {} differs from RAM", key.id.to_string()));
      }
      ++plans_;
    } else if (key.kind == RecordKind::kJob) {
      const auto job = storage::decode_job(value);
      const auto found = tenant_.jobs.find(key.id);
      if (!job || found == tenant_.jobs.end() || found->second != *job) {
        problem(fmt::format("job {} differs from RAM", key.id.to_string()));
      }
      ++jobs_;
    }
  }

  void check_memory(const Uuid& id, std::string_view value) {
    const auto record = storage::MemoryRecord::decode(std::string(value));
    const auto row = tenant_.memories.find(id);
    if (!record || !row || tenant_.memories.record(*row)->bytes() != value) {
      problem(fmt::format("memory {} differs from RAM", id.to_string()));
      return;
    }
    const auto* with_status = tenant_.attributes.find(static_cast<std::uint16_t>(Field::kStatus),
                                                      to_string((*record)->status()));
    if (with_status == nullptr || !with_status->contains(*row)) {
      problem(fmt::format("memory {} is not where its status is indexed", id.to_string()));
    }
    if (!(*record)->text().empty()) ++texts_;
    if (!(*record)->text().empty() && !tenant_.text->rows().contains(*row)) {
      problem(fmt::format("memory {} is not in the text index", id.to_string()));
    }
  }

  Status check_vector(std::string_view key_bytes, std::string_view value) {
    ++report_.vectors_checked;
    ++vectors_;
    const auto key = storage::parse_vector_key(key_bytes);
    if (!key || !storage::decode_embedding(value)) {
      problem("an embedding is malformed");
      return {};
    }
    const auto row = tenant_.memories.find(key->memory);
    const auto index = tenant_.vectors.find(key->model);
    if (!row || index == tenant_.vectors.end() || !index->second->contains(*row)) {
      problem(fmt::format("embedding of memory {} is not in the vector index",
                          key->memory.to_string()));
    }
    return {};
  }

  void check_count(const char* what, std::uint64_t in_log, std::uint64_t in_ram) {
    if (in_log != in_ram)
      problem(fmt::format("{}: {} in the log, {} in RAM", what, in_log, in_ram));
  }

  void problem(const std::string& what) {
    report_.problems.push_back(fmt::format("tenant \"{}\": {}", tenant_.id, what));
  }

  const engine::TenantState& tenant_;
  [[maybe_unused]] const engine::Catalog& catalog_;
  VerifyReport& report_;
  std::uint64_t memories_ = 0, sessions_ = 0, relations_ = 0, vectors_ = 0, texts_ = 0;
  std::uint64_t tasks_ = 0, plans_ = 0, jobs_ = 0;
};

}  // namespace

Result<VerifyReport> Store::Impl::verify() {
  if (auto status = check_open(); !status) return std::move(status).error();
  // Writers wait, so that log and RAM are of one moment; readers do not.
  const std::lock_guard lock(write_mutex_);
  VerifyReport report;
  auto files = journal->verify();
  if (!files) return std::move(files).error();
  report.problems = *std::move(files);
  const auto reader = journal->snapshot();
  for (const auto& tenant : catalog.tenants()) {
    if (auto status = TenantCheck(*tenant, catalog, report).run(*reader); !status) {
      report.problems.push_back(status.error().message);
    }
  }
  return report;
}

}  // namespace tulving
