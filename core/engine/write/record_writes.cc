#include "core/engine/write/record_writes.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/engine/write/references.h"
#include "core/engine/write/session_summary.h"
#include "core/kinds/memory.h"
#include "core/model/names/task_id.h"
#include "core/model/rules/rules.h"

namespace tulving::engine {
namespace {

void settle(const Transaction& transaction, Uuid& id) { id = transaction.referred(id); }
void settle(const Transaction& transaction, std::vector<Uuid>& ids) {
  for (Uuid& id : ids) settle(transaction, id);
}

// Makes ids of the names by which the record refers to memories. Whether it changed any.
template <class Record>
bool settle_names(const Transaction& transaction, Record& record) {
  bool changed = false;
  (void)internal::each_reference<Record>([&](const auto& reference) -> Status {
    if constexpr (std::is_same_v<internal::TargetOf<decltype(reference)>, Memory>) {
      auto settled = record.*reference.member;
      settle(transaction, settled);
      if constexpr (kinds::bounds_at<std::remove_cvref_t<decltype(reference)>::member>()
                        .ascending) {
        std::ranges::sort(settled);
      }
      changed = changed || settled != record.*reference.member;
      record.*reference.member = std::move(settled);
    }
    return {};
  });
  return changed;
}

std::string quoted(const std::string& key) { return fmt::format("\"{}\"", key); }
std::string quoted(const Uuid& key) { return key.to_string(); }

// A record that gives no id of its own, but what is unique of it, is the one that has that.
template <class Record>
void adopt_id(const Transaction& transaction, Record& record) {
  auto& id = record.*kinds::Kind<Record>::key.member;
  if (id != kinds::Key<Record>()) return;
  kinds::all_uniques<Record>([&](std::size_t place, const auto& unique) {
    const auto value = kinds::unique_value(record, unique);
    const auto holder = value ? transaction.holder<Record>(place, *value) : std::nullopt;
    if (holder) id = *holder;
    return !holder;
  });
}

template <class Record>
Status check_revision(const Record& record, std::uint64_t present, std::uint64_t expected) {
  if (expected == present) return {};
  return Error{ErrorCode::kConflict,
               fmt::format("revision is {}; {} {} is at revision {}", expected,
                           kinds::Kind<Record>::noun, quoted(kinds::key_of(record)), present),
               "revision"};
}

}  // namespace

template <class Record>
void give_id(const std::string& tenant_id, Record& record) {
  if constexpr (std::is_same_v<Record, ConsolidationTask>) {
    if (!record.task_id.empty()) return;
    record.task_id = model::task_id(tenant_id, record.agent, record.action, record.memory_ids);
  } else {
    kinds::give_id(tenant_id, record);
  }
}

template <class Record>
void fill_times(Record& record, const Record* present, Timestamp now) {
  std::optional<Timestamp> created = now;
  kinds::each_field<Record>([&](const auto& field) {
    using Field = std::remove_cvref_t<decltype(field)>;
    if constexpr (std::is_same_v<typename Field::Value, std::optional<Timestamp>>) {
      if (field.use != kinds::Use::kCreated && field.use != kinds::Use::kChanged) return;
      std::optional<Timestamp>& time = field.of(record);
      if (!time && present != nullptr) time = field.of(*present);
      if (!time) time = created;
      if (field.use == kinds::Use::kCreated) created = time;
    }
  });
}

template <class Record>
Result<PutResult<Record>> stage_put(Transaction& transaction, Record record,
                                    std::optional<std::uint64_t> expected_revision) {
  const bool has_names = settle_names(transaction, record);
  if (auto status = check_named(transaction, record); !status) return status.error();
  if (has_names) {  // Again: two names may be of one memory.
    if (auto status = model::check_record(record); !status) return status.error();
  }
  adopt_id(transaction, record);
  engine::give_id(transaction.tenant_id(), record);
  if (auto status = transaction.check_place(record); !status) return status.error();
  const auto present = transaction.get<Record>(kinds::key_of(record));
  fill_times(record, present ? &*present : nullptr, transaction.now());
  if constexpr (std::is_same_v<Record, Session>) {
    give_summary(transaction, record, present ? &*present : nullptr);
  }
  record.revision = present ? present->revision : 0;
  if (expected_revision) {
    auto status = check_revision(record, record.revision, *expected_revision);
    if (!status) return status.error();
  }
  if (present && *present == record) {
    return PutResult<Record>{std::move(record), WriteEffect::kUnchanged};
  }
  if (auto status = check_unique(transaction, record); !status) return status.error();
  record.revision = transaction.revision();
  transaction.put(record);
  return PutResult<Record>{std::move(record),
                           present ? WriteEffect::kUpdated : WriteEffect::kAdded};
}

template <class Record>
Status check_references(const Transaction& transaction, const Record& record) {
  return check_named(transaction, record);
}

// Makes the writes of every plain kind here.
template <class Kinds>
struct WritesOf;
template <class... Records>
struct WritesOf<kinds::KindList<Records...>> {
  using Check = std::tuple<Status (*)(const Transaction&, const Records&)...>;
  static constexpr Check check{&check_references<Records>...};
  static constexpr std::tuple rest{&engine::give_id<Records>..., &fill_times<Records>...,
                                   &stage_put<Records>...};
};
template struct WritesOf<kinds::PlainKinds>;

}  // namespace tulving::engine
