// memory.values.

#include <fmt/format.h>

#include <array>
#include <utility>

#include "core/operations/answer.h"
#include "core/operations/remarks.h"
#include "core/operations/table/groups.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array<std::string_view, 2> kValueOrders = {"value", "count"};

constexpr std::array kDistinct = {
    tenant(),
    text("field",
         "What to list the values of, as filters name it: agent_id, session_id, memory_type, tags, "
         "metadata.a.b, content.title")
        .required(),
    filter("filter", "Of memories that it lets through"),
    word("order", kValueOrders,
         "By value: null, false, true, numbers, strings by their bytes; or the most frequent first")
        .by_default("\"value\""),
    integer("limit", "Values a page").range(1, 10'000).by_default("100"),
    integer("offset", "Values before the page").by_default("0"),
    boolean("include_archived", "Of archived ones too"),
    boolean("include_deleted", "Of forgotten ones too"),
    boolean("include_expired", "Of expired ones too"),
};
constexpr std::array kCounted = {
    any("value", "As a filter takes it").required(),
    integer("count", "Memories that have it").required(),
};
constexpr std::array kDistinctPage = {
    text("field", "As asked for").required(),
    object("values", kCounted, "In the order asked for").list().required(),
    integer("distinct", "Values on all pages").required(),
    integer("matching", "Memories that the filter lets through, with a value or not").required(),
};

// A field of truth values is compared with JSON's, other fields with strings.
bool is_json_already(const DistinctField& of) {
  const auto* field = std::get_if<Field>(&of);
  return field == nullptr || *field == Field::kSuccess || *field == Field::kIsCritical;
}

Status run_values(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  const Arguments& given = running.arguments;
  const std::string name = given.text("field");
  auto of = parse_distinct_field(name);
  if (!of) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("field is \"{}\"; must be a field of text, or metadata or content with a "
                    "path: \"tags\", \"metadata.color\"",
                    name),
        "field"};
  }
  DistinctRequest request;
  request.of = *std::move(of);
  request.filter = given.filter("filter");
  request.order = parse_distinct_order(given.text("order")).value_or(request.order);
  request.limit = static_cast<std::uint32_t>(given.integer("limit"));
  request.offset = given.integer("offset");
  request.include_archived = given.flag("include_archived");
  request.include_deleted = given.flag("include_deleted");
  request.include_expired = given.flag("include_expired");
  auto page = handle->distinct_values(request);
  if (!page) return page.error();
  remark_missing_names(*handle, request.filter, running.answer.remarks);
  const bool is_json = is_json_already(request.of);
  ObjectWriter out(running.answer.json);
  out.member("field", name);
  json::append_array(out.key("values"), page->values,
                     [&](std::string& to, const DistinctValue& counted) {
                       ObjectWriter one(to);
                       if (is_json) {
                         one.key("value") += counted.value;
                       } else {
                         one.member("value", counted.value);
                       }
                       one.member("count", counted.count);
                       one.close();
                     });
  out.member("distinct", page->distinct);
  out.member("matching", page->matching);
  out.close();
  return {};
}

const Operation kValueTable[] = {
    {.name = "memory.values",
     .help = "The values that a field has, and how many memories have each",
     .params = kDistinct,
     .answer = object({}, kDistinctPage, "One page"),
     .run = &run_values},
};

}  // namespace

std::span<const Operation> memory_value_operations() { return kValueTable; }

}  // namespace tulving::operations
