// Tenant's verbs for records of plain kinds: put, get, list and erase, one of each for all kinds.

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/engine/record/not_found.h"
#include "core/engine/store/store_impl.h"
#include "core/engine/tenant/record_list.h"
#include "core/engine/write/record_writes.h"
#include "core/model/rules/rules.h"

namespace tulving {
namespace {

template <class T>
Status check_same_record(const T& before, const T& after) {
  if (kinds::key_of(before) == kinds::key_of(after) && kinds::same_parts(before, after)) return {};
  const std::string field(kinds::name_at<kinds::Kind<T>::key.member>());
  return Error{
      ErrorCode::kInvalidArgument,
      fmt::format("{} would change; it is what the {} is found by", field, kinds::Kind<T>::noun),
      field};
}

// A change that says nothing of when it was made is made now.
template <class T>
void tell_when_changed(const T& before, T& after, Timestamp now) {
  if (before == after) return;
  kinds::each_field<T>([&]<class Field>(const Field& field) {
    if constexpr (std::is_same_v<typename Field::Value, std::optional<Timestamp>>) {
      if (field.use == kinds::Use::kChanged && field.of(after) == field.of(before)) {
        field.of(after) = now;
      }
    }
  });
}

}  // namespace

template <PlainRecord T>
Result<PutResult<T>> Tenant::put(const T& record, std::optional<std::uint64_t> expected_revision) {
  if (auto status = model::check_record(record); !status) return status.error();
  // What this write leaves, whatever another one does to it afterwards.
  std::optional<PutResult<T>> result;
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    auto put = engine::stage_put(transaction, record, expected_revision);
    if (!put) return put.error();
    result = *std::move(put);
    return {};
  };
  if (auto status = impl_->write(stage); !status) return status.error();
  return *std::move(result);
}

template <PlainRecord T>
Result<PutResult<T>> Tenant::update(KeyOf<T> key, const std::function<Status(T&)>& change,
                                    std::optional<std::uint64_t> expected_revision) {
  std::optional<PutResult<T>> result;
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    const auto present = transaction.get<T>(key);
    if (!present) return engine::no_such<T>(id(), key);
    T record = *present;
    if (auto status = change(record); !status) return status;
    if (auto status = check_same_record(*present, record); !status) return status;
    tell_when_changed(*present, record, transaction.now());
    if (auto status = model::check_record(record); !status) return status;
    auto put = engine::stage_put(transaction, std::move(record), expected_revision);
    if (!put) return put.error();
    result = *std::move(put);
    return {};
  };
  if (auto status = impl_->write(stage); !status) return status.error();
  return *std::move(result);
}

template <PlainRecord T>
Result<T> Tenant::get(KeyOf<T> key) const {
  auto reading = impl_->read();
  if (!reading) return reading.error();
  const T* found = (*reading)->records.template of<T>().find(key);
  if (found == nullptr) return engine::no_such<T>(id(), key);
  return *found;
}

template <PlainRecord T>
Result<Page<T>> Tenant::list(const ListOptions<T>& options) const {
  constexpr std::uint32_t kLimitMax = 1'000'000;
  if (options.limit < 1 || options.limit > kLimitMax) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("limit is {}; must be 1..{}", options.limit, kLimitMax), "limit"};
  }
  std::optional<engine::ListPlace> after;
  if (!options.cursor.empty()) {
    after = engine::ListPlace::parse(options.cursor);
    if (!after) {
      return Error{ErrorCode::kInvalidArgument, "cursor is not one that a page gave", "cursor"};
    }
  }
  auto reading = impl_->read();
  if (!reading) return reading.error();
  auto matching = engine::matching<T>(**reading, options.filter);
  if (!matching) return matching.error();
  return engine::page_of(*matching, after, options.limit);
}

template <PlainRecord T>
Status Tenant::erase(KeyOf<T> key) {
  return impl_->write(
      [&](engine::Transaction& transaction) { return transaction.erase_whole<T>(key); });
}

namespace engine {

// Makes the verbs of every plain kind here.
template <class Kinds>
struct VerbsOf;
template <class... Records>
struct VerbsOf<kinds::KindList<Records...>> {
  template <class Record>
  using Erase = Status (Tenant::*)(KeyOf<Record>);
  template <class Record>
  using Get = Result<Record> (Tenant::*)(KeyOf<Record>) const;
  static constexpr std::tuple<Erase<Records>...> erase{&Tenant::erase<Records>...};
  static constexpr std::tuple<Get<Records>...> get{&Tenant::get<Records>...};
  template <class Record>
  using Update = Result<PutResult<Record>> (Tenant::*)(KeyOf<Record>,
                                                       const std::function<Status(Record&)>&,
                                                       std::optional<std::uint64_t>);
  static constexpr std::tuple<Update<Records>...> update{&Tenant::update<Records>...};
  static constexpr std::tuple rest{&Tenant::put<Records>..., &Tenant::list<Records>...};
};
template struct VerbsOf<kinds::PlainKinds>;

}  // namespace engine
}  // namespace tulving
