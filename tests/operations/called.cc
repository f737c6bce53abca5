#include "tests/operations/called.h"

namespace tulving::testing {
namespace {

std::set<std::string>& covered() {
  static std::set<std::string> names;
  return names;
}

Store store_in_ram(const StoreOptions& options) {
  auto store = Store::open_in_memory(options);
  if (!store) std::abort();
  return *std::move(store);
}

}  // namespace

Covers::Covers(std::initializer_list<std::string> operations) {
  covered().insert(operations.begin(), operations.end());
}
const std::set<std::string>& Covers::all() { return covered(); }

Called::Called(std::span<const Operation> more, const StoreOptions& options)
    : service_(store_in_ram(options), {.more = more}),
      schema_(Json::parse(operations_schema(more))) {}

std::string Called::fault_of(std::string_view operation, const char* part,
                             const Json& value) const {
  const std::string name(operation);
  if (!schema_["properties"].contains(name)) return name + " is not in the schema";
  return schema_fault(schema_, schema_["properties"][name]["properties"][part], value);
}

Json Called::ask(std::string_view operation, const Json& arguments,
                 std::span<const NamedVector> vectors) {
  EXPECT_TRUE(Covers::all().contains(std::string(operation))) << operation << " is not declared";
  const std::string text = arguments.dump();
  auto answer = service_.call({}, {.operation = operation, .arguments = text, .vectors = vectors});
  if (!answer) {
    ADD_FAILURE() << operation << " " << text << ": " << answer.error().message;
    return {};
  }
  remarks_ = answer->remarks;
  EXPECT_EQ(fault_of(operation, "arguments", arguments), "") << operation << " " << text;
  Json json = Json::parse(answer->json, nullptr, false);
  EXPECT_EQ(fault_of(operation, "answer", json), "") << operation << ": " << answer->json;
  return json;
}

Error Called::refused(std::string_view operation, const std::string& arguments,
                      const Caller& caller) {
  const auto answer = service_.call(caller, {.operation = operation, .arguments = arguments});
  if (!answer) return answer.error();
  ADD_FAILURE() << operation << " " << arguments << " answers " << answer->json;
  return {};
}

std::vector<Json> Called::stream(std::string_view operation, const Json& arguments,
                                 const std::vector<std::string>& in, const Caller& caller) {
  EXPECT_TRUE(Covers::all().contains(std::string(operation))) << operation << " is not declared";
  std::size_t next = 0;
  std::vector<Json> out;
  const std::string text = arguments.dump();
  const StreamEnds lines{.next = [&]() -> Result<std::optional<StreamLine>> {
                           if (next == in.size()) return std::optional<StreamLine>();
                           return std::optional(StreamLine{.text = in[next++]});
                         },
                         .put = [&](const StreamLine& line) -> Status {
                           out.push_back(Json::parse(line.text));
                           EXPECT_EQ(fault_of(operation, "line_out", out.back()), "") << line.text;
                           return {};
                         }};
  Answer summary;
  auto status =
      service_.stream(caller, {.operation = operation, .arguments = text}, lines, summary);
  if (!status) {
    ADD_FAILURE() << operation << " " << text << ": " << status.error().message;
    return out;
  }
  remarks_ = summary.remarks;
  summary_ = Json::parse(summary.json, nullptr, false);
  EXPECT_EQ(fault_of(operation, "answer", summary_), "") << operation << ": " << summary.json;
  return out;
}

std::string Called::add(const std::string& name, const std::string& text, Json fields) {
  fields["external_id"] = name;
  fields["text"] = text;
  return ask("memory.add", {{"tenant_id", "t"}, {"memory", fields}}).value("id", "");
}

}  // namespace tulving::testing
