// Staging of the records that are looked up but not searched.

#include <fmt/format.h>

#include "core/base/check.h"
#include "core/engine/record/not_found.h"
#include "core/engine/write/references.h"
#include "core/engine/write/transaction.h"

namespace tulving::engine {

using kinds::Kind;
using storage::RecordKind;
using storage::Table;

namespace {

// Whether a field, a key or a list of keys, names one.
template <class Field, class Key>
bool names(const Field& field, const Key& key) {
  const auto& keys = internal::keys_in(field);
  return std::ranges::find(keys, key) != keys.end();
}

// A field of memories that names other records, as the index and a stored memory have it.
template <auto kMember>
struct Naming {
  static auto of(const storage::MemoryRecord& record) {
    static_assert(kMember == &Memory::consolidated_into_id);
    return record.consolidated_into_id();
  }
  static std::uint16_t field() { return kConsolidatedIntoField; }
  static constexpr bool is_text = false;
};
template <Field kField, auto kRead>
struct NamingText {
  static std::string_view of(const storage::MemoryRecord& record) { return (record.*kRead)(); }
  static std::uint16_t field() { return number_of(kField); }
  static constexpr bool is_text = true;
};
template <>
struct Naming<&Memory::project_id>
    : NamingText<Field::kProjectId, &storage::MemoryRecord::project_id> {};
template <>
struct Naming<&Memory::session_id>
    : NamingText<Field::kSessionId, &storage::MemoryRecord::session_id> {};
template <>
struct Naming<&Memory::task_id> : NamingText<Field::kTaskId, &storage::MemoryRecord::task_id> {};
template <>
struct Naming<&Memory::stage_id> : NamingText<Field::kStageId, &storage::MemoryRecord::stage_id> {};

bool is_among(const storage::MemoryRecord& record, kinds::Among among) {
  if (among == kinds::Among::kAll) return true;
  return (among == kinds::Among::kRaw) == (record.abstraction_level() == 0);
}

// As messages name a key.
std::string shown(const std::string& key) { return fmt::format("\"{}\"", key); }
std::string shown(const Uuid& key) { return key.to_string(); }

std::string index_value(const std::string& key) { return key; }
std::string index_value(const Uuid& key) { return key.to_string(); }

}  // namespace

template <class Record>
std::optional<Record> Transaction::get(kinds::KeyView<Record> key) const {
  const auto& staged = records_.of<Record>();
  if (const auto found = staged.find(key); found != staged.end()) return found->second;
  const Record* present = tenant_->records.of<Record>().find(key);
  return present == nullptr ? std::nullopt : std::optional(*present);
}

template <class Record>
std::vector<Record> Transaction::all() const {
  std::map<kinds::Key<Record>, const Record*> present;
  for (const auto& [key, record] : tenant_->records.of<Record>()) present[key] = &record;
  for (const auto& [key, record] : records_.of<Record>()) {
    if (record) {
      present[key] = &*record;
    } else {
      present.erase(key);
    }
  }
  std::vector<Record> copies;
  copies.reserve(present.size());
  for (const auto& [key, record] : present) copies.push_back(*record);
  return copies;
}

template <class Record>
bool Transaction::has(kinds::KeyView<Record> key) const {
  if constexpr (std::is_same_v<Record, Memory>) {
    return memory(key) != nullptr;
  } else {
    return get<Record>(key).has_value();
  }
}

template <class Record>
Error Transaction::no_such(kinds::KeyView<Record> key) const {
  return engine::no_such<Record>(tenant_->id, key);
}

template <class Record, auto kMember>
std::vector<kinds::Key<Record>> Transaction::naming(const auto& key,
                                                    [[maybe_unused]] kinds::Among among) const {
  std::vector<kinds::Key<Record>> found;
  if constexpr (std::is_same_v<Record, Memory>) {
    using Named = Naming<kMember>;
    const auto add = [&](const RecordPtr& record) {
      if (record && Named::of(*record) == key && is_among(*record, among)) {
        found.push_back(record->id());
      }
    };
    // As staged: the index is of before this write, which may have let go of it already.
    for (const Uuid& id : memories_where(Named::field(), index_value(key))) add(memory(id));
    if constexpr (Named::is_text) {
      for (const auto& change : memories_) {
        if (!change.before) add(change.after);
      }
    }
  } else if constexpr (std::is_same_v<Record, Relation>) {
    for (const Relation& relation : relations_of(key)) {
      if (relation.*kMember == key) found.push_back(relation.id);
    }
  } else {
    TULVING_DCHECK(among == kinds::Among::kAll);
    const auto& staged = records_.of<Record>();
    for (const auto& own : tenant_->records.of<Record>().template naming<kMember>(key)) {
      if (!staged.contains(own)) found.push_back(own);
    }
    for (const auto& [own, record] : staged) {
      if (record && names((*record).*kMember, key)) found.push_back(own);
    }
  }
  return found;
}

template <class Record>
std::optional<kinds::Key<Record>> Transaction::holder(std::size_t place,
                                                      const std::string& value) const {
  const auto& staged = records_.of<Record>();
  for (const auto& entry : staged) {  // No binding: clang 14 captures none.
    if (!entry.second) continue;
    bool is_it = false;
    kinds::all_uniques<Record>([&](std::size_t at, const auto& unique) {
      is_it = is_it || (at == place && kinds::unique_value(*entry.second, unique) == value);
      return !is_it;
    });
    if (is_it) return entry.first;
  }
  const auto* present = tenant_->records.of<Record>().holder(place, value);
  if (present == nullptr || staged.contains(*present)) return std::nullopt;
  return *present;
}

template <class Record>
Status Transaction::check_place(const Record& record) const {
  const auto& key = kinds::key_of(record);
  const auto conflict = [&](const std::string& other) -> Status {
    return Error{ErrorCode::kConflict,
                 fmt::format("{} {} and {} have one id; only one of them can be stored",
                             Kind<Record>::noun, shown(key), other),
                 std::string(kinds::name_at<Kind<Record>::key.member>())};
  };
  if (const auto present = get<Record>(key)) {
    return kinds::same_parts(record, *present) ? Status() : conflict("another one");
  }
  if constexpr (std::is_same_v<kinds::Key<Record>, std::string>) {
    const Uuid row = kinds::row_id<Record>(tenant_->id, key);
    if (const auto staged = staged_places_.find(row); staged != staged_places_.end()) {
      return staged->second == key ? Status() : conflict(shown(staged->second));
    }
    const auto bytes = context_.journal.get(
        Table::kRecords, storage::record_key(number_, Kind<Record>::number, row));
    if (!bytes) return bytes.error();
    if (!*bytes) return {};
    const auto there = storage::decode<Record>(**bytes);
    if (!there) return there.error();
    // One that this very write erases may come again.
    if (kinds::key_of(*there) != key) return conflict(shown(kinds::key_of(*there)));
  }
  return {};
}

template <class Record>
void Transaction::put(Record record) {
  record.revision = context_.revision;
  const Uuid row = kinds::row_id<Record>(tenant_->id, kinds::key_of(record));
  if constexpr (std::is_same_v<kinds::Key<Record>, std::string>) {
    staged_places_.insert_or_assign(row, kinds::key_of(record));
  }
  batch_.erase(Table::kRecords, storage::tombstone_key(number_, Kind<Record>::number, row));
  batch_.put(Table::kRecords, storage::record_key(number_, Kind<Record>::number, row),
             storage::encode(record));
  auto key = kinds::key_of(record);
  records_.of<Record>().insert_or_assign(std::move(key), std::move(record));
}

template <class Record>
void Transaction::erase(const Record& record) {
  const auto& key = kinds::key_of(record);
  const Uuid row = kinds::row_id<Record>(tenant_->id, key);
  batch_.erase(Table::kRecords, storage::record_key(number_, Kind<Record>::number, row));
  storage::Tombstone tombstone;
  tombstone.revision = context_.revision;
  if constexpr (std::is_same_v<kinds::Key<Record>, std::string>) tombstone.name = key;
  put_tombstone(Kind<Record>::number, row, std::move(tombstone));
  records_.of<Record>().insert_or_assign(key, std::nullopt);
}

template <class Record>
Status Transaction::erase_whole(kinds::KeyView<Record> key) {
  if constexpr (std::is_same_v<Record, Memory>) {
    return erase_memory(key);
  } else {
    const auto record = get<Record>(key);
    if (!record) return no_such<Record>(key);
    const kinds::Key<Record> own = kinds::key_of(*record);
    if (auto status = follow_erase<Record>(*this, own, kinds::RecordKinds()); !status) {
      return status;
    }
    erase(*record);
    return {};
  }
}

template <class Record, auto kMember>
Status Transaction::clear(kinds::KeyView<Record> key, const auto& gone) {
  const auto emptied = [&](auto& field) {
    if constexpr (requires { field.push_back(gone); }) {
      std::erase(field, gone);
    } else {
      field = {};
    }
  };
  if constexpr (std::is_same_v<Record, Memory>) {
    Memory unlinked = memory(key)->to_memory();
    emptied(unlinked.*kMember);
    return put_memory(std::move(unlinked), {});
  } else {
    auto record = get<Record>(key);
    emptied((*record).*kMember);
    put(*std::move(record));
    return {};
  }
}

// What goes with a memory that is erased or taken back.
Status Transaction::follow_memory(const Uuid& id) {
  return follow_erase<Memory>(*this, id, kinds::RecordKinds());
}

// Makes the members of every plain kind here.
template <class Kinds>
struct TransactionOf;
template <class... Records>
struct TransactionOf<kinds::KindList<Records...>> {
  static constexpr std::tuple all{
      &Transaction::get<Records>...,         &Transaction::all<Records>...,
      &Transaction::has<Records>...,         &Transaction::no_such<Records>...,
      &Transaction::put<Records>...,         &Transaction::erase<Records>...,
      &Transaction::check_place<Records>..., &Transaction::holder<Records>...,
      &Transaction::erase_whole<Records>...};
};
template struct TransactionOf<kinds::PlainKinds>;
template bool Transaction::has<Memory>(const Uuid&) const;
template Error Transaction::no_such<Memory>(const Uuid&) const;

void Transaction::put_plan(Plan plan) {
  plan.revision = context_.revision;
  batch_.put(Table::kRecords, storage::record_key(number_, RecordKind::kPlan, plan.id),
             storage::encode_plan(plan));
  const Uuid id = plan.id;
  plans_[id] = std::move(plan);
}

void Transaction::put_idempotency(std::string_view key, const storage::IdempotencyRecord& record) {
  batch_.put(Table::kRecords,
             storage::record_key(number_, RecordKind::kIdempotency,
                                 idempotency_ids(tenant_->id, key).front()),
             storage::encode_idempotency(record));
}

void Transaction::put_vaults(std::vector<std::string> vaults) {
  batch_.put(Table::kMeta, storage::tenant_key(number_),
             storage::encode_tenant({number_, context_.revision, tenant_->id, vaults}));
  vaults_ = std::move(vaults);
}

}  // namespace tulving::engine
