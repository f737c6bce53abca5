#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/engine/read/feed_check.h"
#include "core/engine/record/identity.h"
#include "core/engine/record/searched_words.h"
#include "core/engine/store/store_impl.h"
#include "index/text/text_check.h"

// verify(): every row of the log is decoded and held against RAM, every table and index of which
// must say what the row says; then what is in RAM is counted, so that nothing is there besides.

namespace tulving {
namespace {

using engine::TenantState;
using storage::RecordKind;
using storage::Table;

// Compares one tenant's RAM with its rows in the log.
class TenantCheck {
 public:
  TenantCheck(engine::SharedTenant& tenant, VerifyReport& report)
      : shared_(tenant),
        tenant_(tenant.seen_by_writer()),
        report_(report),
        words_(tenant_.text()) {}

  void record(const storage::RecordKey& key, std::string_view value) {
    const auto lock = shared_.read();
    if (const std::string what = difference(key, value); !what.empty()) problem(what);
  }

  void vector(const storage::VectorKey& key, std::string_view value, std::string_view model,
              std::uint32_t dim) {
    const auto lock = shared_.read();
    ++vectors_;
    const auto embedding = storage::decode_embedding(value);
    const auto row = tenant_.memories.find(key.memory);
    const auto index = tenant_.vectors.find(key.model);
    const std::string what = fmt::format("embedding of memory {}", key.memory.to_string());
    if (!embedding || embedding->dim() != dim) {
      problem(fmt::format("{} is malformed", what));
    } else if (!row || index == tenant_.vectors.end() || !index->second->contains(*row)) {
      problem(fmt::format("{} is not in the vector index of model \"{}\"", what, model));
    } else if (!index->second->holds(*row, embedding->vector)) {
      problem(fmt::format("{} differs from RAM", what));
    }
  }

  void version(const Uuid& memory, std::uint64_t revision, std::string_view value) {
    const auto lock = shared_.read();
    const auto history = storage::decode_history(value);
    const auto row = tenant_.memories.find(memory);
    const std::string what = fmt::format("version {} of memory {}", revision, memory.to_string());
    if (!history || !storage::MemoryRecord::decode(history->memory)) {
      problem(fmt::format("{} is malformed", what));
    } else if (!row) {
      problem(fmt::format("{} is of no memory in RAM", what));
    } else if (tenant_.memories.record(*row)->revision() <= revision) {
      problem(fmt::format("{} is not older than the memory in RAM", what));
    }
  }

  void row(const storage::TenantRow& row) {
    const auto lock = shared_.read();
    if (row.tenant_id != tenant_.id) problem("its row has another name");
    if (row.vaults != tenant_.vaults) problem("its vaults differ from RAM");
  }

  // What is in RAM and in no row.
  void finish() {
    const auto lock = shared_.read();
    const auto counted = [this](RecordKind kind) { return kinds_[kind]; };
    compare("memories", counted(RecordKind::kMemory), tenant_.memories.size());
    compare("rows in use", counted(RecordKind::kMemory), tenant_.memories.rows().cardinality());
    kinds::PlainKinds::each([&]<class Record>(kinds::Tag<Record>) {
      using Kind = kinds::Kind<Record>;
      compare(fmt::format("{}s", Kind::noun), counted(Kind::number),
              tenant_.records.of<Record>().size());
    });
    compare("links of the relation graph", counted(RecordKind::kRelation), tenant_.graph.edges());
    compare("plans", counted(RecordKind::kPlan), tenant_.plans.size());
    compare("texts in the index", texts_, tenant_.text().documents());
    if (!words_.postings_hold()) problem("the text index's postings differ from its rows");
    std::uint64_t indexed = 0;
    for (const auto& [model, index] : tenant_.vectors) indexed += index->rows().cardinality();
    compare("vectors", vectors_, indexed);
    compare("erased memories", erased_, tenant_.erased_ids.size());
    compare("memories taken back", retracted_, tenant_.retracted_ids.size());
    const std::set<engine::ContentBan> banned(banned_texts_.begin(), banned_texts_.end());
    compare("banned texts", banned.size(), tenant_.erased_texts.size());
    const TenantState::IndexCounts& log = counts_;
    const TenantState::IndexCounts ram = tenant_.indexed();
    compare("attributes", log.attributes, ram.attributes);
    compare("texts by hash", log.texts_by_hash, ram.texts_by_hash);
    compare("turns", log.turns, ram.turns);
    compare("times of creation", log.created, ram.created);
    compare("times of change", log.updated, ram.updated);
    compare("times of use", log.last_used, ram.last_used);
    compare("times of expiry", log.expires, ram.expires);
  }

 private:
  // A sentence; empty: RAM says the same.
  std::string difference(const storage::RecordKey& key, std::string_view value) {
    ++kinds_[key.kind];
    const auto differs = [&key](std::string_view what, bool same) {
      return same ? std::string() : fmt::format("{} {} differs from RAM", what, key.id.to_string());
    };
    std::string found;
    const auto plain = [&]<class Record>(kinds::Tag<Record>) {
      found = differs(kinds::Kind<Record>::noun, is_in_ram<Record>(key.id, value));
      if constexpr (std::is_same_v<Record, Relation>) {
        if (found.empty()) found = graph_difference(key.id);
      }
    };
    if (kinds::PlainKinds::with(key.kind, plain)) return found;
    switch (key.kind) {
      case RecordKind::kMemory:
        return memory_difference(key.id, value);
      case RecordKind::kPlan: {
        const auto plan = storage::decode_plan(value);
        const auto head = tenant_.plans.find(key.id);
        return differs(
            "plan", plan && head != tenant_.plans.end() && head->second == engine::head_of(*plan));
      }
      case RecordKind::kTombstone:
        return differs("tombstone", tombstone_is_in_ram(key, value));
      case RecordKind::kIdempotency:  // In the log alone.
        if (storage::decode_idempotency(value)) return {};
        return fmt::format("idempotency key {} is malformed", key.id.to_string());
      default:
        break;
    }
    return fmt::format("record {} is of no kind that is known", key.id.to_string());
  }

  // Whole, and under its own key.
  template <class Record>
  [[nodiscard]] bool is_in_ram(const Uuid& row_id, std::string_view value) const {
    const auto record = storage::decode<Record>(value);
    if (!record) return false;
    const auto& key = kinds::key_of(*record);
    const Record* present = tenant_.records.of<Record>().find(key);
    return present != nullptr && *present == *record &&
           kinds::row_id<Record>(tenant_.id, key) == row_id;
  }

  std::string memory_difference(const Uuid& id, std::string_view value) {
    const auto record = storage::MemoryRecord::decode(std::string(value));
    const auto row = tenant_.memories.find(id);
    if (!record || !row || tenant_.memories.record(*row)->bytes() != value) {
      return fmt::format("memory {} differs from RAM", id.to_string());
    }
    if (const std::string_view name = (*record)->external_id(); !name.empty()) {
      const auto named = tenant_.rows_named(name);
      if (std::ranges::find(named, *row) == named.end()) {
        return fmt::format("memory {} is not found by its name", id.to_string());
      }
    }
    if (!has_its_hash(**record)) {
      problem(fmt::format("memory {}: its content_hash is not that of its text", id.to_string()));
    }
    tenant_.count(**record, counts_);
    const engine::SearchedWords words(**record);
    if (!words.is_empty()) ++texts_;
    if (words.is_empty() ? tenant_.text().digest(*row).has_value()
                         : !words_.holds(*row, words.text(), words.beside())) {
      return fmt::format("memory {} differs from the text index", id.to_string());
    }
    const std::string_view index = tenant_.difference(*row, **record);
    if (index.empty()) return {};
    return fmt::format("memory {} differs from {}", id.to_string(), index);
  }

  static bool has_its_hash(const storage::MemoryRecord& record) {
    Memory said;
    said.text = record.text();
    said.content = record.content();
    if (record.content_hash() == engine::content_hash_of(said)) return true;
    said.content.clear();  // As rows without a text from before 0.2 have it.
    return said.text.empty() && record.content_hash() == engine::content_hash_of(said);
  }

  std::string graph_difference(const Uuid& id) {
    const Relation* relation = tenant_.records.of<Relation>().find(id);
    const auto source = tenant_.memories.find(relation->source_id);
    const auto target = tenant_.memories.find(relation->target_id);
    const auto type = tenant_.relation_types.find(relation->relation_type);
    const auto is_edge = [&](const index::Edge& edge) {
      return edge.source == *source && edge.target == *target && edge.type == *type &&
             edge.strength == static_cast<float>(relation->strength);
    };
    if (source && target && type && std::ranges::any_of(tenant_.graph.edges_of(*source), is_edge)) {
      return {};
    }
    return fmt::format("relation {} differs from the relation graph", id.to_string());
  }

  bool tombstone_is_in_ram(const storage::RecordKey& key, std::string_view value) {
    const auto tombstone = storage::decode_tombstone(value);
    if (!tombstone || (key.gone != 0 && key.gone != tombstone->kind)) return false;
    const Uuid& id = key.id;
    if (tombstone->kind != static_cast<std::uint8_t>(RecordKind::kMemory)) return true;
    if (tenant_.memories.find(id)) return false;  // It is no more erased.
    if (tombstone->content_digest == 0) {
      ++retracted_;
      return tenant_.retracted_ids.contains(id);
    }
    ++erased_;
    if (!tenant_.erased_ids.contains(id)) return false;
    const engine::ContentBan ban{tombstone->content_digest, tombstone->content_id};
    if (ban == engine::kBansNoText) return true;
    banned_texts_.push_back(ban);
    return tenant_.erased_texts.contains(ban);
  }

  void compare(std::string_view what, std::uint64_t in_log, std::uint64_t in_ram) {
    if (in_log != in_ram)
      problem(fmt::format("{}: {} in the log, {} in RAM", what, in_log, in_ram));
  }

  void problem(const std::string& what) {
    report_.problems.push_back(fmt::format("tenant \"{}\": {}", tenant_.id, what));
  }

  // The write mutex is held; the indexer is kept out by a lock on each row.
  engine::SharedTenant& shared_;
  const TenantState& tenant_;
  VerifyReport& report_;
  index::TextCheck words_;
  std::map<RecordKind, std::uint64_t> kinds_;
  TenantState::IndexCounts counts_;
  std::uint64_t vectors_ = 0, texts_ = 0, erased_ = 0, retracted_ = 0;
  std::vector<engine::ContentBan> banned_texts_;
};

// Hands each row of the log to its tenant's check.
class StoreCheck {
 public:
  StoreCheck(const engine::Catalog& catalog, const storage::JournalReader& reader,
             const engine::LogHead& head, VerifyReport& report)
      : catalog_(catalog),
        reader_(reader),
        head_(head),
        report_(report),
        feed_(reader, head.revision, report.problems) {
    for (const auto& tenant : catalog.tenants()) {
      shared_.push_back(tenant);
      tenants_.try_emplace(*tenant->seen_by_writer().number, *tenant, report);
    }
  }

  Status run() {
    for (const Table table : {Table::kMeta, Table::kRecords, Table::kVectors, Table::kHistory}) {
      auto status = reader_.scan(table, "", [&](std::string_view key, std::string_view value) {
        check_row(table, key, value);
        return Status();
      });
      if (!status) return status;
    }
    for (auto& [number, tenant] : tenants_) tenant.finish();
    compare("tenants", tenant_rows_, tenants_.size());
    compare("models", model_rows_, catalog_.models().size());
    return feed_.finish();
  }

 private:
  void check_row(Table table, std::string_view key, std::string_view value) {
    if (table == Table::kMeta) return check_meta(key, value);
    if (table == Table::kRecords) {
      ++report_.records_checked;
      const auto record = storage::parse_record_key(key);
      if (!record) return problem("a record's key is malformed");
      feed_.record(*record, value);
      if (auto* tenant = find(record->tenant)) tenant->record(*record, value);
    } else if (table == Table::kVectors) {
      ++report_.vectors_checked;
      const auto vector = storage::parse_vector_key(key);
      const auto model = vector ? catalog_.model(vector->model) : std::nullopt;
      if (!model) return problem("an embedding's key is malformed, or of no model");
      feed_.vector(*vector, value);
      if (auto* tenant = find(vector->tenant))
        tenant->vector(*vector, value, model->name, model->dim);
    } else {
      const auto version = storage::parse_history_key(key);
      if (!version) return problem("a version's key is malformed");
      if (auto* tenant = find(version->tenant)) {
        tenant->version(version->memory, version->revision, value);
      }
    }
  }

  void check_meta(std::string_view key, std::string_view value) {
    if (key == storage::store_key()) {
      const auto row = storage::decode_store(value);
      if (!row) return problem("the store's row is malformed");
      if (row->store_id != head_.store_id) problem("the store's row has another id than RAM");
      if (row->incarnations.all() != head_.incarnations.all()) {
        problem("the incarnations of the store's row differ from RAM");
      }
    } else if (key.starts_with(storage::kChangePrefix)) {
      feed_.change(key, value);
    } else if (key.starts_with('m')) {
      ++model_rows_;
      const auto row = storage::decode_model(value);
      const auto model = row ? catalog_.model(row->number) : std::nullopt;
      if (!model || storage::model_key(row->number) != key || model->name != row->name ||
          model->dim != row->dim) {
        problem(fmt::format("model {} differs from RAM", row ? row->name : "of a malformed row"));
      }
    } else if (key.starts_with(storage::kDroppedPrefix)) {
      const auto row = storage::decode_tenant(value);
      if (!row || storage::dropped_key(row->tenant_id) != key) {
        problem("a dropped tenant's row is malformed");
      } else if (tenants_.contains(row->number) || row->number >= catalog_.next_tenant_number()) {
        problem(fmt::format("dropped tenant \"{}\": its number, {}, is given again", row->tenant_id,
                            row->number));
      }
    } else {
      ++tenant_rows_;
      const auto row = storage::decode_tenant(value);
      if (!row || storage::tenant_key(row->number) != key)
        return problem("a tenant's row is malformed");
      if (auto* tenant = find(row->number)) tenant->row(*row);
    }
  }

  TenantCheck* find(std::uint32_t number) {
    const auto found = tenants_.find(number);
    if (found != tenants_.end()) return &found->second;
    problem(fmt::format("a row is of tenant number {}, which is not in RAM", number));
    return nullptr;
  }

  void compare(const char* what, std::uint64_t in_log, std::uint64_t in_ram) {
    if (in_log != in_ram)
      problem(fmt::format("{}: {} in the log, {} in RAM", what, in_log, in_ram));
  }

  void problem(const std::string& what) { report_.problems.push_back("the store: " + what); }

  const engine::Catalog& catalog_;
  const storage::JournalReader& reader_;
  const engine::LogHead& head_;
  VerifyReport& report_;
  engine::FeedCheck feed_;
  std::vector<std::shared_ptr<engine::SharedTenant>> shared_;  // Kept while they are checked.
  std::map<std::uint32_t, TenantCheck> tenants_;               // By number.
  std::uint64_t tenant_rows_ = 0, model_rows_ = 0;
};

}  // namespace

Result<VerifyReport> Store::Impl::verify() {
  if (auto status = enter(Access::kRead); !status) return status.error();
  // Writers wait, so that log and RAM are of one moment; readers do not.
  const MutexLock lock(write_mutex_);
  VerifyReport report;
  report.position = position();
  auto problems = journal->verify();
  if (!problems) return problems.error();
  report.problems = *std::move(problems);
  const auto reader = journal->snapshot();
  const engine::LogHead head = log_head();
  if (auto status = StoreCheck(catalog, *reader, head, report).run(); !status) {
    report.problems.push_back(status.error().message);
  }
  return report;
}

}  // namespace tulving
