#pragma once

#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/kinds/kinds.h"
#include "core/kinds/unique.h"
#include "tulving/result.h"

namespace tulving::engine {

// What a kind's declaration says of other records, for any `Changes` that stages writes: a
// Transaction, or a test's tables. It has
//   has<Record>(key) -> bool                    as the write leaves it
//   no_such<Record>(key) -> Error
//   naming<Record, kMember>(key, among) -> keys of the records whose member names `key`
//   erase_whole<Record>(key) -> Status          the record, and what follows from that
//   clear<Record, kMember>(record_key, gone_key) -> Status
//   holder<Record>(place, value) -> optional key of who has the value of a Unique

namespace internal {

// The keys that a field names: its own, or each of a list.
inline std::vector<std::string> keys_in(const std::string& field) {
  return field.empty() ? std::vector<std::string>() : std::vector{field};
}
inline std::vector<Uuid> keys_in(const Uuid& field) {
  return field.is_nil() ? std::vector<Uuid>() : std::vector{field};
}
template <class Key>
const std::vector<Key>& keys_in(const std::vector<Key>& field) {
  return field;
}

/// The kind that a kinds::Reference names.
template <class Reference>
using TargetOf = typename std::remove_cvref_t<Reference>::Target;

template <class Record, class Visit>
Status each_reference(const Visit& visit) {
  return std::apply(
      [&](const auto&... reference) {
        Status status;
        (void)((status = visit(reference), status.has_value()) && ...);
        return status;
      },
      kinds::Kind<Record>::references);
}

}  // namespace internal

/// What the record names and must be there, is. kNotFound, with the field's name.
template <class Record, class Changes>
Status check_named(const Changes& changes, const Record& record) {
  return internal::each_reference<Record>([&](const auto& reference) -> Status {
    using Target = internal::TargetOf<decltype(reference)>;
    if (reference.must_exist == kinds::MustExist::kNo) return {};
    for (const auto& key : internal::keys_in(record.*reference.member)) {
      if (changes.template has<Target>(key)) continue;
      Error error = changes.template no_such<Target>(key);
      error.field = kinds::name_at<std::remove_cvref_t<decltype(reference)>::member>();
      return error;
    }
    return {};
  });
}

/// No other record has the values that must be unique. kConflict, with the fields' names.
template <class Record, class Changes>
Status check_unique(const Changes& changes, const Record& record) {
  Status status;
  kinds::all_uniques<Record>([&](std::size_t place, const auto& unique) {
    const auto value = kinds::unique_value(record, unique);
    const auto holder = value ? changes.template holder<Record>(place, *value) : std::nullopt;
    if (!holder || *holder == kinds::key_of(record)) return true;
    const std::string names = kinds::names_of(unique);
    status = Error{ErrorCode::kConflict,
                   names +
                       (names.find(' ') == std::string::npos ? " is that of another "
                                                             : " are those of another ") +
                       std::string(kinds::Kind<Record>::noun) + "; each may be given once",
                   names.substr(0, names.find(' '))};
    return false;
  });
  return status;
}

/// What becomes of the records that name the one at `key`, which is going.
template <class Target, class Changes, class... Records>
Status follow_erase(Changes& changes, const kinds::Key<Target>& key, kinds::KindList<Records...>) {
  const auto follow_in = [&]<class Record>(kinds::Tag<Record>) {
    return internal::each_reference<Record>([&](const auto& reference) -> Status {
      constexpr auto kMember = std::remove_cvref_t<decltype(reference)>::member;
      if constexpr (std::is_same_v<internal::TargetOf<decltype(reference)>, Target>) {
        if (reference.when_gone == kinds::WhenGone::kKeep) return {};
        for (const auto& other : changes.template naming<Record, kMember>(key, reference.among)) {
          auto status = reference.when_gone == kinds::WhenGone::kErase
                            ? changes.template erase_whole<Record>(other)
                            : changes.template clear<Record, kMember>(other, key);
          if (!status) return status;
        }
      }
      return {};
    });
  };
  Status status;
  (void)((status = follow_in(kinds::Tag<Records>{}), status.has_value()) && ...);
  return status;
}

}  // namespace tulving::engine
