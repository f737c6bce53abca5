#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tulving/filter.h"
#include "tulving/records.h"
#include "tulving/result.h"
#include "tulving/time.h"
#include "tulving/writes.h"

namespace tulving {

// The parameters of an operation (operations.h): a declaration that is documentation, JSON Schema
// and check in one, and the values that a call gives them.

/// What a parameter takes, or what a member of an answer is.
enum class ValueType : std::uint8_t {
  kText,
  kWord,     ///< One of Param::words.
  kBoolean,  ///< Where it is not given: false.
  kInteger,  ///< 0 or more.
  kNumber,
  kTime,    ///< RFC 3339.
  kUuid,    ///< An id; of parameters that take a memory's own name too, the type is kText.
  kVector,  ///< Floats: a JSON array, or a NamedVector of the call.
  kFilter,  ///< As parse_filter() reads it.
  kPatch,   ///< As parse_patch() reads it.
  kRecord,  ///< A record of kind Param::kind, as parse_record() reads it; "kind" may be left out.
  kObject,  ///< An object of Param::members.
  kCounts,  ///< An object of integers, by name.
  kJson,    ///< Any JSON.
};

/// A parameter of an operation, or a member of its answer. Made by the functions below.
struct Param {
  std::string_view name;
  ValueType type = ValueType::kText;
  std::string_view help;            ///< One sentence without its full stop; with the unit.
  bool is_required = false;         ///< Of an answer: always there.
  bool is_list = false;             ///< An array of such.
  bool is_nullable = false;         ///< Of an answer: null where there is none.
  std::string_view fallback = {};   ///< The value where none is given, as JSON. Empty: none.
  std::optional<double> low, high;  ///< The range, both ends included.
  std::span<const std::string_view> words = {};
  std::span<const Param> members = {};
  std::string_view kind = {};

  // Each the same parameter, but...
  [[nodiscard]] constexpr Param required() const {
    Param param = *this;
    param.is_required = true;
    return param;
  }
  [[nodiscard]] constexpr Param list() const {
    Param param = *this;
    param.is_list = true;
    return param;
  }
  [[nodiscard]] constexpr Param or_null() const {
    Param param = *this;
    param.is_nullable = true;
    return param;
  }
  [[nodiscard]] constexpr Param from(double least) const {
    Param param = *this;
    param.low = least;
    return param;
  }
  [[nodiscard]] constexpr Param range(double least, double most) const {
    Param param = from(least);
    param.high = most;
    return param;
  }
  [[nodiscard]] constexpr Param by_default(std::string_view json) const {
    Param param = *this;
    param.fallback = json;
    return param;
  }
};

namespace params {

constexpr Param of(ValueType type, std::string_view name, std::string_view help) {
  Param param;
  param.name = name;
  param.type = type;
  param.help = help;
  return param;
}
constexpr Param text(std::string_view name, std::string_view help) {
  return of(ValueType::kText, name, help);
}
constexpr Param word(std::string_view name, std::span<const std::string_view> words,
                     std::string_view help) {
  Param param = of(ValueType::kWord, name, help);
  param.words = words;
  return param;
}
constexpr Param boolean(std::string_view name, std::string_view help) {
  return of(ValueType::kBoolean, name, help);
}
constexpr Param integer(std::string_view name, std::string_view help) {
  return of(ValueType::kInteger, name, help);
}
constexpr Param number(std::string_view name, std::string_view help) {
  return of(ValueType::kNumber, name, help);
}
constexpr Param time(std::string_view name, std::string_view help) {
  return of(ValueType::kTime, name, help);
}
constexpr Param uuid(std::string_view name, std::string_view help) {
  return of(ValueType::kUuid, name, help);
}
constexpr Param vector(std::string_view name, std::string_view help) {
  return of(ValueType::kVector, name, help);
}
constexpr Param filter(std::string_view name, std::string_view help) {
  return of(ValueType::kFilter, name, help);
}
constexpr Param patch(std::string_view name, std::string_view help) {
  return of(ValueType::kPatch, name, help);
}
constexpr Param record(std::string_view name, std::string_view kind, std::string_view help) {
  Param param = of(ValueType::kRecord, name, help);
  param.kind = kind;
  return param;
}
constexpr Param object(std::string_view name, std::span<const Param> members,
                       std::string_view help) {
  Param param = of(ValueType::kObject, name, help);
  param.members = members;
  return param;
}
constexpr Param counts(std::string_view name, std::string_view help) {
  return of(ValueType::kCounts, name, help);
}
constexpr Param any(std::string_view name, std::string_view help) {
  return of(ValueType::kJson, name, help);
}

/// The tenant that a call is about. Callers that are bound to one need not name it.
constexpr Param tenant() { return text("tenant_id", "The tenant").required(); }

}  // namespace params

/// The floats of a parameter of type kVector, where the caller has them: they need not become text.
struct NamedVector {
  std::string_view parameter;
  std::span<const float> values;
  std::string_view source = {};  ///< Where they came from, for messages: a file's name.
};

struct Call;
struct Caller;
struct Operation;

/// What a call gives to the parameters of its operation, checked against the table: no member that
/// the operation does not know, none twice, each of its type and within its range, none missing.
/// Each getter takes the name of a parameter of its type.
class Arguments {
 public:
  /// Needs no store. kInvalidArgument: see above; the message names the parameter, its value and
  /// the rule, `field` the parameter, or the member of a record. `operation` and the text of the
  /// call must outlive the result.
  static Result<Arguments> read(const Operation& operation, const Caller& caller, const Call& call);

  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const;
  /// Empty where it is not given; so are the lists.
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;
  /// 0 where it is not given and has no default.
  [[nodiscard]] std::uint64_t integer(std::string_view name) const;
  [[nodiscard]] std::optional<std::uint64_t> integer_if_any(std::string_view name) const;
  [[nodiscard]] std::optional<double> number(std::string_view name) const;
  /// As a float: the one that the decimal stands for.
  [[nodiscard]] std::optional<float> real(std::string_view name) const;
  [[nodiscard]] std::optional<Timestamp> time(std::string_view name) const;
  [[nodiscard]] std::optional<Uuid> uuid(std::string_view name) const;
  [[nodiscard]] std::optional<std::vector<float>> vector(std::string_view name) const;
  [[nodiscard]] Filter filter(std::string_view name) const;
  [[nodiscard]] MemoryPatch patch(std::string_view name) const;
  /// The record; it must have been given.
  [[nodiscard]] const Record& record(std::string_view name) const;
  /// The value as it was written.
  [[nodiscard]] std::string_view json(std::string_view name) const;

  [[nodiscard]] const Operation& operation() const { return *operation_; }

 private:
  struct Value {
    const Param* param = nullptr;
    std::string_view raw;  // JSON. Empty: the vector came as floats.
    std::variant<std::monostate, Timestamp, Uuid, std::vector<float>, Filter, MemoryPatch, Record>
        read;
  };
  friend class ArgumentReader;
  explicit Arguments(const Operation& operation) : operation_(&operation) {}
  [[nodiscard]] const Value* find(std::string_view name) const;
  /// What stands for the parameter, its default included; empty: nothing.
  [[nodiscard]] std::string_view raw(std::string_view name, ValueType type) const;
  template <class T>
  [[nodiscard]] std::optional<T> read_as(std::string_view name, ValueType type) const;
  template <class T>
  [[nodiscard]] const T* read_before(std::string_view name) const;
  [[nodiscard]] std::string tenant_of_caller() const;

  const Operation* operation_;
  std::vector<Value> values_;
  std::unique_ptr<const std::string> bound_tenant_;  // JSON; that of a caller who named none.
};

}  // namespace tulving
