#include "core/engine/state/tenant_state.h"

#include <algorithm>
#include <future>
#include <set>
#include <tuple>

#include "core/base/beside.h"
#include "core/base/check.h"
#include "core/engine/record/searched_words.h"
#include "core/model/metadata/metadata.h"
#include "tulving/json.h"

namespace tulving::engine {
namespace {

// The table of a record's fields lies at the front of its bytes.
void prefetch_front(std::string_view bytes) {
  constexpr std::size_t kFrontBytes = 320, kLineBytes = 64;
  for (std::size_t at = 0; at < std::min(kFrontBytes, bytes.size()); at += kLineBytes) {
    __builtin_prefetch(bytes.data() + at);
  }
}

// Whether what merges stand for may be another when `before` became `after`.
bool changes_lineage(const storage::MemoryRecord* before, const storage::MemoryRecord* after) {
  const auto is_of_a_merge = [](const storage::MemoryRecord* record) {
    return record != nullptr &&
           (record->abstraction_level() == 1 || !record->consolidated_into_id().is_nil());
  };
  if (!is_of_a_merge(before) && !is_of_a_merge(after)) return false;
  if (before == nullptr || after == nullptr) return true;
  const auto says = [](const storage::MemoryRecord& record) {
    return std::tuple(record.abstraction_level(), record.consolidated_into_id(), record.status(),
                      record.user_id(), record.agent_id(), record.project_id(),
                      record.source_memory_ids());
  };
  return says(*before) != says(*after);
}

// Whether the memory is a turn of a session.
bool is_turn(const storage::MemoryRecord& record) {
  if (record.abstraction_level() > 0) return false;  // A merge stands in its turns' places.
  return !record.session_id().empty() && is_event_type(record.memory_type());
}

// Every (field, value) under which a record is found. Each once, but for a tag or an entity that
// the record has twice.
template <class Visit>
void each_attribute(const storage::MemoryRecord& record, const Visit& visit) {
  const auto one = [&](std::uint16_t field, std::string_view value) {
    if (!value.empty()) visit(field, value);
  };
  one(number_of(Field::kAgentId), record.agent_id());
  one(number_of(Field::kUserId), record.user_id());
  one(number_of(Field::kProjectId), record.project_id());
  one(number_of(Field::kSessionId), record.session_id());
  one(number_of(Field::kTaskId), record.task_id());
  one(number_of(Field::kStageId), record.stage_id());
  one(number_of(Field::kMemoryType), record.memory_type());
  one(number_of(Field::kLayer), to_string(record.layer()));
  one(number_of(Field::kSourceType), to_string(record.source_type()));
  one(number_of(Field::kSourceAgent), record.source_agent());
  one(number_of(Field::kSourceId), record.source_id());
  one(number_of(Field::kStatus), to_string(record.status()));
  for (const std::string_view tag : record.tags()) one(number_of(Field::kTag), tag);
  for (const std::string_view entity : record.entities()) one(number_of(Field::kEntity), entity);
  const char priority[] = {static_cast<char>('0' + record.priority() % 10), '\0'};
  one(kPriorityField, priority);
  const char level[] = {static_cast<char>('0' + record.abstraction_level()), '\0'};
  one(kLevelField, level);
  if (const Uuid into = record.consolidated_into_id(); !into.is_nil()) {
    one(kConsolidatedIntoField, into.to_string());
  }
  for (const Uuid& source : record.source_memory_ids()) one(kSourceMemoryField, source.to_string());
  if (!record.metadata().empty()) {
    model::visit_metadata_scalars(
        record.metadata(), [&](std::string_view path, std::string_view value) {
          one(kMetadataField, std::string(path).append(1, '\0').append(value));
        });
  }
}

template <class Map, class Key>
void set_row(Map& rows_by_key, const Key& key, std::uint32_t row, bool add) {
  auto& rows = rows_by_key[key];
  // Each row is under a key once, and what was put there is what is taken out.
  TULVING_DCHECK((std::ranges::find(rows, row) == rows.end()) == add);
  if (add) {
    rows.push_back(row);
    return;
  }
  rows.erase(std::remove(rows.begin(), rows.end(), row), rows.end());
  if (rows.empty()) rows_by_key.erase(key);
}

}  // namespace

void TenantState::apply(const MemoryChange& change) {
  TULVING_DCHECK(change.before || change.after);
  TULVING_DCHECK(!change.before || !change.after || change.before->id() == change.after->id());
  TULVING_DCHECK(!change.before || !change.after ||
                 change.before->revision() < change.after->revision());
  const Uuid memory_id = change.after ? change.after->id() : change.before->id();
  index::TextIndex& texts = text();  // First: what comes in late is of the records before.
  const std::uint32_t row = memories.row_for(memory_id);
  // `before` is what is here: since it was staged nobody else has written.
  TULVING_DCHECK(memories.find(memory_id).has_value() == (change.before != nullptr));
  TULVING_DCHECK(!change.before || memories.record(row) == change.before);
  apply_record(change.before, change.after);
  if (!change.after) {
    texts.erase(row);
    for (auto& [model, index] : vectors) index->erase(row);
    return;
  }
  // The words themselves tell: two texts of one digest are two texts.
  const SearchedWords words(*change.after);
  if (!change.before || SearchedWords(*change.before) != words) set_words(texts, row, words);
  for (const auto& vector : change.vectors) {
    if (vector.vector.empty()) {
      if (const auto found = vectors.find(vector.model); found != vectors.end()) {
        found->second->erase(row);
      }
    } else {
      vector_index(vector.model, static_cast<std::uint32_t>(vector.vector.size() / vector.passages))
          .set(row, vector.vector);
    }
  }
  TULVING_DCHECK(difference(row, *change.after).empty());  // Every index says what the record says.
}

void TenantState::expect_text(std::function<LateText()> arrive) {
  const MutexLock lock(late_text_mutex_);
  TULVING_DCHECK(!text_is_late_ && text_->documents() == 0);
  late_text_ = std::move(arrive);
  text_is_late_.store(true, std::memory_order_release);
}

void TenantState::await_text() const {
  const MutexLock lock(late_text_mutex_);
  if (!late_text_) return;  // Another was faster.
  LateText late = late_text_();
  text_ = std::move(late.index);
  texts_made_anew_ = late.made_anew;
  late_text_ = nullptr;
  text_is_late_.store(false, std::memory_order_release);
}

bool TenantState::index_words(index::TextIndex& text, std::uint32_t row,
                              const storage::MemoryRecord& record) {
  const SearchedWords words(record);
  if (!words.is_empty() && text.digest(row) == words.digest()) return false;
  set_words(text, row, words);
  return !words.is_empty();
}

void TenantState::set_words(index::TextIndex& text, std::uint32_t row, const SearchedWords& words) {
  if (words.is_empty()) {
    text.erase(row);
  } else {
    text.set(row, words.text(), words.beside());
  }
}

void TenantState::apply_record(const RecordPtr& before, const RecordPtr& after) {
  const std::uint32_t row = memories.row_for(after ? after->id() : before->id());
  if (changes_lineage(before.get(), after.get())) {
    const MutexLock lock(merge_sources_mutex_);
    merge_sources_.reset();
  }
  if (before) {
    index_attributes(row, *before, false);
    index_identity(row, *before, false);
    index_turn(row, *before, false);
  }
  if (!after) {
    memories.erase(row);
    for (auto* column : {&created, &updated, &last_used, &expires}) column->erase(row);
    // Its relations have rows of their own in the log, so they went first, by name.
    TULVING_DCHECK(graph.edges_of(row).empty());
    graph.erase_row(row);
    return;
  }
  memories.put(row, after);
  index_attributes(row, *after, true);
  index_identity(row, *after, true);
  index_turn(row, *after, true);
  index_columns(row, *after);
  if (before && before->expires_at() && !after->expires_at()) expires.erase(row);
}

template <class Visit>
void TenantState::each_record(const Visit& visit) const {
  constexpr std::uint32_t kAhead = 8;  // Records lie anywhere; a third of the time was waiting.
  for (const std::uint32_t row : memories.rows()) {
    if (row + 2 * kAhead < memories.row_limit()) {
      __builtin_prefetch(memories.record(row + 2 * kAhead).get());
      if (const auto* next = memories.record(row + kAhead).get()) prefetch_front(next->bytes());
    }
    visit(row, *memories.record(row));
  }
}

// Of many records attributes are made on a thread of their own: they take as long as the rest.
void TenantState::index_records(
    const std::function<void(std::uint32_t row, const storage::MemoryRecord&)>& also) {
  constexpr std::size_t kManyRecords = 4096;
  TULVING_DCHECK(created.size() == 0 && turns.size() == 0);
  memories.end_loading();
  TULVING_DCHECK(memories.rows().cardinality() <= memories.size());  // Some ids wait in vain.
  const auto index_all_attributes = [this] {
    index::AttributeIndex::Filler filler(attributes);
    each_record([&](std::uint32_t row, const storage::MemoryRecord& record) {
      each_attribute(record, [&](std::uint16_t field, std::string_view value) {
        filler.add(row, field, value);
      });
    });
    filler.finish();
  };
  std::future<void> attributes_made;
  if (memories.size() < kManyRecords) {
    index_all_attributes();
  } else {
    attributes_made = beside(index_all_attributes);
  }
  rows_by_content_.reserve(memories.size());
  for (auto* column : {&created, &updated, &last_used}) column->reserve(memories.row_limit());
  each_record([&](std::uint32_t row, const storage::MemoryRecord& record) {
    memories.fill_columns(row);
    also(row, record);
    created.load(row, micros(record.created_at()));
    updated.load(row, micros(record.updated_at()));
    last_used.load(row, micros(record.last_used()));
    if (const auto expiry = record.expires_at()) expires.load(row, micros(*expiry));
    index_identity(row, record, true);
    index_turn(row, record, true);
  });
  for (auto* column : {&created, &updated, &last_used, &expires}) column->end_loading();
  if (attributes_made.valid()) attributes_made.get();
}

void TenantState::index_columns(std::uint32_t row, const storage::MemoryRecord& record) {
  created.set(row, micros(record.created_at()));
  updated.set(row, micros(record.updated_at()));
  last_used.set(row, micros(record.last_used()));
  if (const auto expiry = record.expires_at()) expires.set(row, micros(*expiry));
}

void TenantState::index_turn(std::uint32_t row, const storage::MemoryRecord& record, bool add) {
  if (!is_turn(record)) return;
  if (add) {
    turns.add(record.session_id(), micros(record.created_at()), row);
  } else {
    turns.remove(record.session_id(), micros(record.created_at()), row);
  }
}

void TenantState::index_attributes(std::uint32_t row, const storage::MemoryRecord& record,
                                   bool add) {
  each_attribute(record, [&](std::uint16_t field, std::string_view value) {
    if (add) {
      attributes.add(row, field, value);
    } else {
      attributes.remove(row, field, value);
    }
  });
}

void TenantState::index_identity(std::uint32_t row, const storage::MemoryRecord& record, bool add) {
  set_row(rows_by_content_, content_digest(id, said_by(record)), row, add);
  if (!record.external_id().empty()) {
    const Uuid derived = Uuid::derive(id, record.external_id());
    if (derived != record.id()) set_row(rows_by_name_, derived, row, add);
  }
}

std::string_view TenantState::difference(std::uint32_t row,
                                         const storage::MemoryRecord& record) const {
  if (!memories.rows().contains(row)) return "the rows in use";
  if (memories.created_us(row) != micros(record.created_at()) ||
      memories.last_used_us(row) != micros(record.last_used()) ||
      memories.use_count(row) != record.use_count() ||
      memories.strength(row) != static_cast<float>(record.strength()) ||
      memories.priority(row) != record.priority()) {
    return "the columns of scores";
  }
  const auto expiry = record.expires_at();
  if (created.get(row) != micros(record.created_at()) ||
      updated.get(row) != micros(record.updated_at()) ||
      last_used.get(row) != micros(record.last_used()) ||
      expires.get(row) != (expiry ? std::optional(micros(*expiry)) : std::nullopt)) {
    return "the order of times";
  }
  bool found = true;
  each_attribute(record, [&](std::uint16_t field, std::string_view value) {
    const Roaring* rows = attributes.find(field, value);
    found = found && rows != nullptr && rows->contains(row);
  });
  if (!found) return "the attributes";
  const auto same = rows_by_content_.find(content_digest(id, said_by(record)));
  if (same == rows_by_content_.end() ||
      std::ranges::find(same->second, row) == same->second.end()) {
    return "the texts by hash";
  }
  if (is_turn(record) && !turns.holds(record.session_id(), micros(record.created_at()), row)) {
    return "the order of turns";
  }
  return {};
}

void TenantState::count(const storage::MemoryRecord& record, IndexCounts& counts) const {
  std::set<std::pair<std::uint16_t, std::string>> distinct;
  each_attribute(
      record, [&](std::uint16_t field, std::string_view value) { distinct.emplace(field, value); });
  counts.attributes += distinct.size();
  ++counts.texts_by_hash;
  counts.turns += is_turn(record) ? 1 : 0;
  ++counts.created;
  ++counts.updated;
  ++counts.last_used;
  counts.expires += record.expires_at() ? 1 : 0;
}

TenantState::IndexCounts TenantState::indexed() const {
  IndexCounts counts{
      attributes.entries(), 0, turns.size(), created.size(), updated.size(), last_used.size(),
      expires.size()};
  for (const auto& [digest, rows] : rows_by_content_) counts.texts_by_hash += rows.size();
  return counts;
}

void TenantState::put(Relation relation) {
  const auto source = memories.find(relation.source_id);
  const auto target = memories.find(relation.target_id);
  if (!source || !target) return;  // Checked before the write; in recovery, verify() reports it.
  const Relation* present = records.of<Relation>().find(relation.id);
  const bool has_type = present != nullptr && present->relation_type == relation.relation_type;
  if (present != nullptr && !has_type) unlink(relation.id);
  const std::uint32_t type = has_type ? *relation_types.find(relation.relation_type)
                                      : relation_types.add(relation.relation_type);
  graph.set({*source, *target, type, static_cast<float>(relation.strength)});
  records.of<Relation>().put(std::move(relation));
}

void TenantState::unlink(const Uuid& relation_id) {
  const Relation* found = records.of<Relation>().find(relation_id);
  if (found == nullptr) return;
  const auto source = memories.find(found->source_id);
  const auto target = memories.find(found->target_id);
  const auto type = relation_types.find(found->relation_type);
  TULVING_DCHECK(type.has_value());  // Each relation that is here was counted.
  if (source && target) graph.erase(*source, *target, *type);
  relation_types.remove(*type);
}

void TenantState::see_tombstone(const Uuid& memory, const ContentBan& ban) {
  forget_tombstone(memory);
  if (ban.digest == 0) {
    retracted_ids.insert(memory);
    return;
  }
  erased_ids[memory] = ban;
  TULVING_DCHECK(!retracted_ids.contains(memory));  // Erased for good or taken back, not both.
  if (ban != kBansNoText) erased_texts.add(ban);
}

void TenantState::forget_tombstone(const Uuid& memory) {
  retracted_ids.erase(memory);
  const auto erased = erased_ids.find(memory);
  if (erased == erased_ids.end()) return;
  TULVING_DCHECK(erased->second == kBansNoText || erased_texts.contains(erased->second));
  erased_texts.remove(erased->second);
  erased_ids.erase(erased);
}

static_assert(kPassagesMax <= index::kRowVectorsMax);

index::VectorIndex& TenantState::vector_index(std::uint16_t model, std::uint32_t dim) {
  auto found = vectors.find(model);
  if (found == vectors.end()) {  // Made first: a model without an index is nothing.
    found =
        vectors.emplace(model, std::make_shared<index::VectorIndex>(dim, vector_options_)).first;
  }
  TULVING_DCHECK(found->second->dim() == dim);  // A model has one dimension in the whole store.
  return *found->second;
}

}  // namespace tulving::engine
