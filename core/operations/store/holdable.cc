// holdable: what a Postgres schema could not hold of a tenant, before anything is sent.

#include <array>
#include <map>
#include <utility>

#include "core/kinds/enumerators.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "core/operations/answer.h"
#include "core/operations/table/groups.h"
#include "tulving/schemas.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array kAsked = {
    tenant(),
    word("schema", kinds::kNames<PostgresSchema>, "The Postgres schema").required(),
    integer("limit", "Records listed").range(0, 1'000'000).by_default("100"),
};
constexpr std::array kReason = {
    text("kind", "Of the records").required(),
    text("field", "What is missing or does not fit").required(),
    text("reason", "Why they cannot be held").required(),
    integer("records", "How many").required(),
};
constexpr std::array kUnheld = {
    text("kind", "Of the record").required(),
    text("id", "What its owners call it").required(),
    text("reason", "Why it cannot be held").required(),
};
constexpr std::array kAnswer = {
    integer("held", "Records that the schema can hold").required(),
    object("reasons", kReason, "Why others cannot be held; kinds without a table are left out")
        .list()
        .required(),
    object("unheld", kUnheld, "These records, up to the limit").list().required(),
};

std::string shown(const std::string& key) { return key; }
std::string shown(const Uuid& key) { return key.to_string(); }
template <class Kind>
std::string name_of(const Kind& record) {
  return shown(kinds::key_of(record));
}
std::string name_of(const Memory& memory) {
  return memory.external_id.empty() ? memory.id.to_string() : memory.external_id;
}

/// Counts and lists.
class Unheld {
 public:
  Unheld(PostgresSchema schema, std::uint64_t limit) : schema_(schema), limit_(limit) {}

  void look_at(const Record& record) {
    const Status status = holdable(record, schema_);
    if (status) {
      ++held_;
    } else if (status.error().field != "kind") {
      std::visit([&](const auto& kind) { add(kind, status.error()); }, record);
    }
  }

  void write(std::string& to) const {
    const std::vector counted(reasons_.begin(), reasons_.end());
    ObjectWriter out(to);
    out.member("held", held_);
    json::append_array(out.key("reasons"), counted, [](std::string& text, const auto& entry) {
      const Why& why = entry.first.second;
      ObjectWriter object(text);
      object.member("kind", entry.first.first);
      object.member("field", why.field);
      object.member("reason", why.message);
      object.member("records", entry.second);
      object.close();
    });
    json::append_array(out.key("unheld"), listed_, [](std::string& text, const Listed& one) {
      ObjectWriter object(text);
      object.member("kind", one.kind);
      object.member("id", one.id);
      object.member("reason", one.reason);
      object.close();
    });
    out.close();
  }

 private:
  struct Why {
    std::string field, message;
    friend auto operator<=>(const Why&, const Why&) = default;
  };
  struct Listed {
    std::string_view kind;
    std::string id, reason;
  };

  template <class Kind>
  void add(const Kind& record, const Error& why) {
    constexpr std::string_view kName = kinds::Kind<Kind>::name;
    ++reasons_[{kName, {why.field, why.message}}];
    if (listed_.size() < limit_) listed_.push_back({kName, name_of(record), why.message});
  }

  PostgresSchema schema_;
  std::uint64_t limit_;
  std::uint64_t held_ = 0;
  std::map<std::pair<std::string_view, Why>, std::uint64_t> reasons_;
  std::vector<Listed> listed_;
};

Status run_holdable(const Running& running) {
  auto tenant = running.tenant();
  if (!tenant) return tenant.error();
  const Arguments& given = running.arguments;
  const auto schema = parse_postgres_schema(given.text("schema"));
  Unheld unheld(schema.value_or(PostgresSchema::kOrchestrator), given.integer("limit"));
  auto status = tenant->export_records(
      [&](const Record& record) -> Status {
        unheld.look_at(record);
        return {};
      },
      false);
  if (!status) return status;
  unheld.write(running.answer.json);
  return {};
}

const Operation kTable[] = {
    {.name = "holdable",
     .help = "Lists the records that a Postgres schema could not hold, and why",
     .params = kAsked,
     .answer = object({}, kAnswer, "What it could, and what not"),
     .run = &run_holdable},
};

}  // namespace

std::span<const Operation> holdable_operations() { return kTable; }

}  // namespace tulving::operations
