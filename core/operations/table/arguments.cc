#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/check.h"
#include "core/json/filter/filter_conditions.h"
#include "core/json/text/json_reader.h"
#include "core/json/text/json_writer.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "core/operations/table/one_of.h"
#include "tulving/json.h"
#include "tulving/operations.h"

namespace tulving {

namespace {

using json::FieldValue;

Error missing(std::string_view name) {
  return json::refusal(fmt::format("{} is missing", name), name);
}

std::string range_of(const Param& param) {
  return param.high ? fmt::format("{}..{}", *param.low, *param.high)
                    : fmt::format("{} or more", *param.low);
}

bool is_within(const Param& param, double value) {
  return value >= param.low.value_or(value) && value <= param.high.value_or(value);
}

/// `record`, an object, with a "kind" in front where it has none.
std::string with_kind(const JsonValue& record, std::string_view kind) {
  bool has_kind = false;
  bool is_empty = true;
  record.each_member([&](std::string_view key, JsonValue) {
    is_empty = false;
    has_kind = has_kind || key == "kind";
    return !has_kind;
  });
  const std::string_view raw = record.raw();
  if (has_kind) return std::string(raw);
  return fmt::format("{{\"kind\":\"{}\"{}{}", kind, is_empty ? "" : ",", raw.substr(1));
}

}  // namespace

/// Reads the members of one call.
class ArgumentReader {
 public:
  ArgumentReader(const Operation& operation, const Caller& caller, const Call& call)
      : operation_(operation), caller_(caller), call_(call), arguments_(operation) {}

  Result<Arguments> read() {
    if (auto status = bind_tenant(); !status) return status.error();
    if (auto status = take_members(); !status) return status.error();
    if (auto status = take_vectors(); !status) return status.error();
    if (auto status = check_tenant(); !status) return status.error();
    for (const Param& param : operation_.params) {
      if (param.is_required && !arguments_.has(param.name)) return missing(param.name);
    }
    // Last, when the tenant and the model are known that hold for what names none.
    for (Arguments::Value& value : arguments_.values_) {
      if (auto status = read_records(value); !status) return status.error();
    }
    return std::move(arguments_);
  }

 private:
  /// A caller of one tenant speaks of that one.
  Status bind_tenant() const {
    if (caller_.tenant_id.empty() || !operation_.is_about_store()) return {};
    return json::refusal(
        fmt::format("it is about the whole store; the caller is of tenant \"{}\" alone",
                    caller_.tenant_id),
        {});
  }

  Status check_tenant() {
    if (caller_.tenant_id.empty()) return {};
    if (!arguments_.has("tenant_id")) {
      std::string text;
      json::append_value(text, caller_.tenant_id);
      arguments_.bound_tenant_ = std::make_unique<const std::string>(std::move(text));
      arguments_.values_.push_back({param("tenant_id"), *arguments_.bound_tenant_, {}});
      return {};
    }
    const std::string tenant_id = arguments_.text("tenant_id");
    if (tenant_id == caller_.tenant_id) return {};
    return json::refusal(fmt::format("tenant_id is \"{}\"; must be \"{}\", the caller's", tenant_id,
                                     caller_.tenant_id),
                         "tenant_id");
  }

  [[nodiscard]] const Param* param(std::string_view name) const {
    const auto found = std::ranges::find(operation_.params, name, &Param::name);
    return found == operation_.params.end() ? nullptr : &*found;
  }

  Status take_members() {
    const auto object = json::parse_object("the call", call_.arguments);
    if (!object) return object.error();
    return json::read_each_once({}, *object, [&](std::string_view key, JsonValue value) -> Status {
      const Param* known = param(key);
      if (known == nullptr) return unknown(key);
      if (value.kind() == JsonKind::kNull) return {};  // As good as nothing.
      Arguments::Value taken{known, value.raw(), {}};
      if (auto status = check(*known, value, taken); !status) return status;
      arguments_.values_.push_back(std::move(taken));
      return {};
    });
  }

  [[nodiscard]] Error unknown(std::string_view key) const {
    std::vector<std::string_view> names;
    for (const Param& known : operation_.params) names.push_back(known.name);
    return json::refusal(
        fmt::format("there is no parameter \"{}\"; it takes {}", key,
                    names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))),
        key);
  }

  static Status check(const Param& param, const JsonValue& value, Arguments::Value& out) {
    const FieldValue in{param.name, value};
    if (!param.is_list) return check_one(param, in, out);
    if (value.kind() != JsonKind::kArray) return in.must_be("an array");
    Status status;
    value.each_element([&](JsonValue element) {
      status = check_one(param, FieldValue{param.name, element}, out);
      return status.has_value();
    });
    return status;
  }

  static Status check_one(const Param& param, const FieldValue& in, Arguments::Value& out) {
    switch (param.type) {
      case ValueType::kText: {
        std::string text;
        return json::read(in, text);
      }
      case ValueType::kWord:
        return check_word(param, in);
      case ValueType::kBoolean: {
        bool flag = false;
        return json::read(in, flag);
      }
      case ValueType::kInteger:
        return check_integer(param, in);
      case ValueType::kNumber:
        return check_number(param, in);
      case ValueType::kTime:
        return json::read(in, out.read.emplace<Timestamp>());
      case ValueType::kUuid:
        return check_uuid(in, out);
      case ValueType::kVector:
        return json::read(in, out.read.emplace<std::vector<float>>());
      case ValueType::kFilter:
        return json::read(in, out.read.emplace<Filter>());
      case ValueType::kPatch:
      case ValueType::kRecord:
      case ValueType::kObject:
      case ValueType::kCounts:
        return in.value.kind() == JsonKind::kObject ? Status() : in.must_be("an object");
      case ValueType::kJson:
        return {};
    }
    return {};
  }

  static Status check_word(const Param& param, const FieldValue& in) {
    const bool is_known = in.value.kind() == JsonKind::kString &&
                          std::ranges::count(param.words, in.value.as_string()) > 0;
    return is_known ? Status() : in.must_be(operations::one_of(param.words));
  }

  static Status check_integer(const Param& param, const FieldValue& in) {
    std::uint64_t value = 0;
    auto status = json::read(in, value);
    if (status && is_within(param, static_cast<double>(value))) return {};
    return param.low ? in.must_be(range_of(param)) : status;
  }

  static Status check_number(const Param& param, const FieldValue& in) {
    double value = 0;
    if (auto status = json::read(in, value); !status) return status;
    if (!param.low || is_within(param, value)) return {};
    return in.must_be(range_of(param));
  }

  static Status check_uuid(const FieldValue& in, Arguments::Value& out) {
    const auto id = in.value.kind() == JsonKind::kString ? Uuid::parse(in.value.as_string())
                                                         : std::optional<Uuid>();
    if (!id) return in.must_be("a UUID");
    out.read = *id;
    return {};
  }

  Status take_vectors() {
    for (const NamedVector& vector : call_.vectors) {
      const Param* known = param(vector.parameter);
      if (known == nullptr || known->type != ValueType::kVector) {
        return json::refusal(fmt::format("there is no vector \"{}\"", vector.parameter),
                             vector.parameter);
      }
      if (arguments_.has(known->name)) return json::given_twice(known->name);
      arguments_.values_.push_back(
          {known, {}, std::vector<float>(vector.values.begin(), vector.values.end())});
    }
    return {};
  }

  Status read_records(Arguments::Value& value) const {
    const ValueType type = value.param->type;
    if (type != ValueType::kRecord && type != ValueType::kPatch) return {};
    const bool names_model = param("model") != nullptr;
    RecordDefaults defaults{arguments_.tenant_of_caller()};
    if (names_model) defaults.embedding_model = arguments_.text("model");
    if (type == ValueType::kPatch) {
      auto patch = parse_patch(value.raw, defaults);
      if (!patch) return patch.error();
      value.read = *std::move(patch);
      return {};
    }
    auto record = parse_record(with_kind(JsonValue::whole(value.raw), value.param->kind), defaults);
    if (!record) return record.error();
    if (record->tenant_id != defaults.tenant_id) {
      return json::refusal(fmt::format("tenant_id is \"{}\", and that of the {} is \"{}\"",
                                       defaults.tenant_id, value.param->kind, record->tenant_id),
                           "tenant_id");
    }
    if (kind_of(record->record) != value.param->kind) {
      return json::refusal(fmt::format("{} is of kind \"{}\"; must be \"{}\"", value.param->name,
                                       kind_of(record->record), value.param->kind),
                           "kind");
    }
    value.read = std::move(record->record);
    return {};
  }

  static std::string_view kind_of(const Record& record) {
    return std::visit(
        []<class Kept>(const Kept&) -> std::string_view { return kinds::Kind<Kept>::name; },
        record);
  }

  const Operation& operation_;
  const Caller& caller_;
  const Call& call_;
  Arguments arguments_;
};

Result<Arguments> Arguments::read(const Operation& operation, const Caller& caller,
                                  const Call& call) {
  return ArgumentReader(operation, caller, call).read();
}

const Arguments::Value* Arguments::find(std::string_view name) const {
  const auto found = std::ranges::find_if(
      values_, [name](const Value& value) { return value.param->name == name; });
  return found == values_.end() ? nullptr : &*found;
}

std::string_view Arguments::raw(std::string_view name, ValueType type) const {
  const auto param = std::ranges::find(operation_->params, name, &Param::name);
  TULVING_CHECK(param != operation_->params.end() && param->type == type);
  const Value* value = find(name);
  return value == nullptr ? param->fallback : value->raw;
}

template <class T>
std::optional<T> Arguments::read_as(std::string_view name, ValueType type) const {
  const std::string_view json = raw(name, type);
  if (json.empty()) return {};
  T value{};
  // It was checked: it cannot fail.
  const auto status = json::read(FieldValue{name, JsonValue::whole(json)}, value);
  TULVING_CHECK(status.has_value());
  return value;
}

bool Arguments::has(std::string_view name) const { return find(name) != nullptr; }

bool Arguments::flag(std::string_view name) const {
  return raw(name, ValueType::kBoolean) == "true";
}

std::string Arguments::text(std::string_view name) const {
  const auto param = std::ranges::find(operation_->params, name, &Param::name);
  const ValueType type = param != operation_->params.end() && param->type == ValueType::kWord
                             ? ValueType::kWord
                             : ValueType::kText;
  return read_as<std::string>(name, type).value_or("");
}

std::vector<std::string> Arguments::texts(std::string_view name) const {
  const auto param = std::ranges::find(operation_->params, name, &Param::name);
  TULVING_CHECK(param != operation_->params.end() && param->is_list);
  return read_as<std::vector<std::string>>(name, param->type).value_or(std::vector<std::string>());
}

std::uint64_t Arguments::integer(std::string_view name) const {
  return integer_if_any(name).value_or(0);
}

std::optional<std::uint64_t> Arguments::integer_if_any(std::string_view name) const {
  return read_as<std::uint64_t>(name, ValueType::kInteger);
}

std::optional<double> Arguments::number(std::string_view name) const {
  return read_as<double>(name, ValueType::kNumber);
}

std::optional<float> Arguments::real(std::string_view name) const {
  return read_as<float>(name, ValueType::kNumber);
}

std::string_view Arguments::json(std::string_view name) const {
  return raw(name, ValueType::kJson);
}

template <class T>
const T* Arguments::read_before(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? nullptr : std::get_if<T>(&value->read);
}

std::optional<Timestamp> Arguments::time(std::string_view name) const {
  const auto* time = read_before<Timestamp>(name);
  return time == nullptr ? std::optional<Timestamp>() : *time;
}

std::optional<Uuid> Arguments::uuid(std::string_view name) const {
  const auto* id = read_before<Uuid>(name);
  return id == nullptr ? std::optional<Uuid>() : *id;
}

std::optional<std::vector<float>> Arguments::vector(std::string_view name) const {
  const auto* values = read_before<std::vector<float>>(name);
  return values == nullptr ? std::optional<std::vector<float>>() : *values;
}

Filter Arguments::filter(std::string_view name) const {
  const auto* filter = read_before<Filter>(name);
  return filter == nullptr ? Filter() : *filter;
}

MemoryPatch Arguments::patch(std::string_view name) const {
  const auto* patch = read_before<MemoryPatch>(name);
  return patch == nullptr ? MemoryPatch() : *patch;
}

const Record& Arguments::record(std::string_view name) const {
  const auto* record = read_before<Record>(name);
  TULVING_CHECK(record != nullptr);
  return *record;
}

std::string Arguments::tenant_of_caller() const {
  const Value* value = find("tenant_id");
  return value == nullptr ? std::string() : JsonValue::whole(value->raw).as_string();
}

}  // namespace tulving
