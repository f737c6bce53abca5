#include "core/json/filter/filter_conditions.h"
#include "core/json/record/field_table.h"

namespace tulving {
namespace json {
namespace {

Status read(const FieldValue& in, SearchMode& out) {
  if (in.value.kind() == JsonKind::kString) {
    if (const auto mode = parse_search_mode(in.value.as_string())) {
      out = *mode;
      return {};
    }
  }
  return in.must_be("one of auto, hybrid, vector, text, recent");
}

/// A member that is read by its type; null is as good as nothing.
template <auto kMember>
constexpr FieldRule<QueryLine> optional_member(std::string_view name) {
  return {name, kinds::Use::kPlain, [](const FieldValue& in, QueryLine& out) -> Status {
            if (in.is_null()) return {};
            if constexpr (kIsOptional<std::remove_cvref_t<decltype(out.*kMember)>>) {
              return read(in, (out.*kMember).emplace());
            } else {
              return read(in, out.*kMember);
            }
          }};
}

/// Kept as it is written, to be repeated in the answer.
Status read_query_id(const FieldValue& in, QueryLine& out) {
  if (in.value.kind() != JsonKind::kString && in.value.kind() != JsonKind::kNumber) {
    return in.must_be("a string or a number");
  }
  out.query_id = in.value.raw();
  return {};
}

constexpr std::array kQueryFields = {
    FieldRule<QueryLine>{"query_id", kinds::Use::kPlain, &read_query_id},
    optional_member<&QueryLine::tenant_id>("tenant_id"),
    optional_member<&QueryLine::text>("text"),
    optional_member<&QueryLine::vector>("vector"),
    optional_member<&QueryLine::model>("model"),
    optional_member<&QueryLine::k>("k"),
    optional_member<&QueryLine::filter>("filter"),
    optional_member<&QueryLine::mode>("mode"),
};

}  // namespace
}  // namespace json

Result<QueryLine> parse_query(std::string_view json_line) {
  const auto object = json::parse_object("the query", json_line);
  if (!object) return object.error();
  QueryLine query;
  const auto nothing_special = [](const json::FieldValue&, bool&) -> Status { return {}; };
  if (auto status = json::read_members(*object, json::kQueryFields, {}, query, nothing_special);
      !status) {
    return status.error();
  }
  if (query.query_id.empty()) return json::refusal("query_id is missing", "query_id");
  return query;
}

}  // namespace tulving
