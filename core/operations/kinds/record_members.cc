#include "core/operations/kinds/record_members.h"

#include <array>
#include <deque>
#include <optional>
#include <type_traits>
#include <vector>

#include "core/kinds/enumerators.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"

namespace tulving::operations {

namespace {

using Members = std::vector<Param>;

template <class Value>
struct OneOf {
  using Type = Value;
  static constexpr bool is_list = false;
};
template <class Value>
struct OneOf<std::optional<Value>> : OneOf<Value> {};
template <class Value>
struct OneOf<std::vector<Value>> : OneOf<Value> {
  static constexpr bool is_list = true;
};

/// What JSON a value of the field is. Ids other than the record's own may be a memory's own name.
template <class Field>
ValueType type_of(const Field& field) {
  using Value = typename OneOf<typename Field::Value>::Type;
  if constexpr (std::is_enum_v<Value>) return ValueType::kWord;
  if constexpr (std::is_same_v<Value, bool>) return ValueType::kBoolean;
  if constexpr (std::is_integral_v<Value>) return ValueType::kInteger;
  if constexpr (std::is_floating_point_v<Value>) return ValueType::kNumber;
  if constexpr (std::is_same_v<Value, Timestamp>) return ValueType::kTime;
  if constexpr (std::is_same_v<Value, Uuid>) {
    return field.use == kinds::Use::kOwnId ? ValueType::kUuid : ValueType::kText;
  }
  return field.bounds.form == kinds::Form::kText ? ValueType::kText : ValueType::kJson;
}

template <class Field>
Param param_of(const Field& field) {
  using Value = OneOf<typename Field::Value>;
  Param param = params::of(type_of(field), kinds::last_part(field.name), field.help);
  param.is_list = Value::is_list;
  if (field.bounds.least > -kinds::Bounds::kEndless) param.low = field.bounds.least;
  if (field.bounds.most < kinds::Bounds::kEndless) param.high = field.bounds.most;
  if constexpr (std::is_enum_v<typename Value::Type>) {
    param.words = kinds::kNames<typename Value::Type>;
  }
  return param;
}

/// Vectors are rows of their own, and no fields of a memory's.
void add_embedding(Members& to) {
  to.push_back(params::text("embedding_model", "Of `embedding`"));
  to.push_back(params::vector("embedding", "Its vector, where it has one"));
}
void add_embeddings(Members& to) {
  static constexpr std::array kEmbedding = {
      params::text("model", "The embedding model").required(),
      params::vector("vector", "Its floats; of several passages one after the other").required(),
      params::integer("passages", "How many, of one length each; default 1"),
  };
  add_embedding(to);
  to.push_back(
      params::object("embeddings", kEmbedding, "Its vectors, where it has several").list());
}

/// The members of one kind. Those that lie in an object of their own ("scope.until") follow one
/// another in the declaration.
template <class Record>
Members members_of() {
  static std::deque<Members> within;  // What the objects' params look at; no entry moves.
  Members members = {params::text("kind", kinds::Kind<Record>::name),
                     params::text("tenant_id", "The tenant")};
  kinds::each_field<Record>([&](const auto& field) {
    const std::size_t dot = field.name.find('.');
    if (dot == std::string_view::npos) {
      members.push_back(param_of(field));
      return;
    }
    const std::string_view object = field.name.substr(0, dot);
    if (members.back().name != object) {
      within.emplace_back();
      members.push_back(params::object(object, {}, {}));
    }
    within.back().push_back(param_of(field));
    members.back().members = within.back();
  });
  if constexpr (std::is_same_v<Record, Memory>) add_embeddings(members);
  return members;
}

struct KindMembers {
  std::string_view kind;
  Members members;
};

const std::vector<KindMembers>& all_kinds() {
  static const std::vector<KindMembers> kAll = [] {
    std::vector<KindMembers> all;
    kinds::RecordKinds::each([&]<class Record>(kinds::Tag<Record>) {
      all.push_back({kinds::Kind<Record>::name, members_of<Record>()});
    });
    return all;
  }();
  return kAll;
}

}  // namespace

std::span<const std::string_view> record_kinds() {
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names;
    for (const KindMembers& one : all_kinds()) names.push_back(one.kind);
    return names;
  }();
  return kNames;
}

std::span<const Param> record_members(std::string_view kind) {
  for (const KindMembers& one : all_kinds()) {
    if (one.kind == kind) return one.members;
  }
  return {};
}

std::span<const Param> patch_members() {
  static const Members kPatch = [] {
    Members members;
    kinds::each_field<Memory>([&](const auto& field) {
      if constexpr (std::remove_cvref_t<decltype(field)>::is_patched) {
        members.push_back(param_of(field));
      }
    });
    add_embedding(members);
    return members;
  }();
  return kPatch;
}

}  // namespace tulving::operations
