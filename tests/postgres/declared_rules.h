#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/kinds/enumerators.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "core/kinds/unique.h"
#include "storage/postgres/table.h"

namespace tulving::testing {

// What the declarations of kinds say, as values: for tests that come from the side of the tables.

/// What is declared of one field.
struct DeclaredField {
  std::string_view name;
  kinds::Bounds bounds;
  std::vector<std::string_view> labels = {};  ///< Of an enumeration.
  bool is_text = false;
  bool is_uuid = false;
  bool is_number = false;
  bool is_there = false;  ///< Never absent: what it is, or the store, sees to that.
  bool is_key = false;
};

/// What a field names, and what becomes of the record when that goes.
struct DeclaredReference {
  std::string_view field;
  kinds::RecordKind target{};
  kinds::WhenGone when_gone{};
};

struct DeclaredKind {
  std::vector<DeclaredField> fields;
  std::vector<DeclaredReference> references;
  std::vector<std::vector<std::string_view>> uniques;

  [[nodiscard]] const DeclaredField* find(std::string_view name) const {
    const auto found = std::ranges::find(fields, name, &DeclaredField::name);
    return found == fields.end() ? nullptr : &*found;
  }
};

namespace internal {

template <class Value>
struct Inside {
  using Type = Value;
  static constexpr bool kMayLack = false;
};
template <class Value>
struct Inside<std::optional<Value>> {
  using Type = Value;
  static constexpr bool kMayLack = true;
};
template <class Value>
struct Inside<std::vector<Value>> : Inside<std::optional<Value>> {};

template <class Field>
DeclaredField declared(const Field& field) {
  using Inner = Inside<typename Field::Value>;
  using Value = typename Inner::Type;
  DeclaredField fact{.name = field.name, .bounds = field.bounds};
  fact.is_text = std::is_same_v<Value, std::string>;
  fact.is_uuid = std::is_same_v<Value, Uuid>;
  fact.is_number = std::is_arithmetic_v<Value> && !std::is_same_v<Value, bool>;
  fact.is_key = kinds::is_key<Field>();
  if constexpr (std::is_enum_v<Value>) {
    fact.labels.assign(kinds::kNames<Value>.begin(), kinds::kNames<Value>.end());
  }
  const bool is_simple = std::is_arithmetic_v<Value> || std::is_enum_v<Value>;
  fact.is_there = fact.is_key || field.bounds.length_least > 0 || !field.bounds.needed.empty() ||
                  field.use == kinds::Use::kCreated || field.use == kinds::Use::kChanged ||
                  (is_simple && !Inner::kMayLack);
  return fact;
}

template <auto... kMembers>
void add_unique(DeclaredKind& kind, const kinds::Unique<kMembers...>&) {
  kind.uniques.push_back({kinds::name_at<kMembers>()...});
}
template <auto kMember, auto... kParts>
void add_key(DeclaredKind& kind, const kinds::ByParts<kMember, kParts...>&) {
  kind.uniques.push_back({kinds::name_at<kParts>()...});
}
template <class Other>
void add_key(DeclaredKind&, const Other&) {}

}  // namespace internal

/// Of the kind that a table is made of; of vectors, what is said of them and of their memory.
[[nodiscard]] inline DeclaredKind declared_kind(kinds::RecordKind number) {
  DeclaredKind kind;
  const bool is_vector = number == storage::postgres::kEmbeddingKind;
  kinds::RecordKinds::with(is_vector ? kinds::RecordKind::kMemory : number, [&](auto tag) {
    using Record = typename decltype(tag)::Type;
    kinds::each_field<Record>([&](const auto& field) {
      if (field.use != kinds::Use::kStored) kind.fields.push_back(internal::declared(field));
    });
    std::apply(
        [&](const auto&... reference) {
          (kind.references.push_back(
               {kinds::name_at<std::remove_cvref_t<decltype(reference)>::member>(),
                kinds::Kind<typename std::remove_cvref_t<decltype(reference)>::Target>::number,
                reference.when_gone}),
           ...);
        },
        kinds::Kind<Record>::references);
    kinds::all_uniques<Record>([&](std::size_t, const auto& unique) {
      internal::add_unique(kind, unique);
      return true;
    });
    internal::add_key(kind, kinds::Kind<Record>::key);
  });
  // model::check_embedding().
  if (is_vector) {
    kind.fields.push_back(
        {.name = "embeddings.model", .bounds = kinds::name(64), .is_text = true, .is_there = true});
    kind.fields.push_back({.name = "embeddings.vector", .bounds = {}, .is_there = true});
  }
  return kind;
}

}  // namespace tulving::testing
