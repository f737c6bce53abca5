#include "tests/torture/facts.h"

#include <fmt/format.h>

namespace tulving::torture {
namespace {

// Collects one tenant's facts.
class TenantFacts {
 public:
  TenantFacts(const Tenant& tenant, int number, Facts& facts)
      : tenant_(tenant), number_(number), facts_(facts) {}

  void collect(const TenantModel& known) {
    for (const auto& [name, memory] : known.memories) ask_erased(name);
    for (const std::string& name : known.erased) ask_erased(name);
    const auto visit = [this](const Record& record) -> Status {
      std::visit([this](const auto& one) { see(one); }, record);
      return {};
    };
    if (auto status = tenant_.export_records(visit, true); !status) {
      put("export", "", status.error().message);
    }
    const auto plans = tenant_.plans();
    if (!plans) return put("plans", "", plans.error().message);
    for (const PlanSummary& plan : *plans) {
      put("plan", plan.id.to_string(), plan.status == PlanStatus::kUndone ? "undone" : "applied");
    }
  }

 private:
  void ask_erased(const std::string& name) {
    if (tenant_.was_erased(Uuid::derive(tenant_.id(), name))) put("erased", name, "");
  }

  void put(std::string_view kind, std::string_view name, std::string line) {
    auto& place = facts_[fmt::format("{} {} {}", tenant_.id(), kind, name)];
    place = place.empty() ? std::move(line) : place + "; and again: " + line;
  }

  void see(const Memory& one) {
    MemoryFact fact{one.text,     one.embeddings.empty() ? 0U : 1U,
                    {},           one.session_id,
                    one.priority, one.use_count,
                    one.status,   0};
    for (const std::string& tag : one.tags) fact.tag += tag;
    const auto versions = tenant_.history(one.id);
    fact.versions = versions ? static_cast<int>(versions->size()) : -1;
    const auto named = tenant_.resolve(one.external_id);
    std::string line = memory_line(
        fact, one.embeddings.empty() ? 0 : digest_of(one.embeddings[0].vector), number_);
    if (!named || *named != one.id || one.id != Uuid::derive(tenant_.id(), one.external_id)) {
      line += ", and its name is another's";
    }
    if (tenant_.was_erased(one.id)) line += ", and was erased";
    put("memory", one.external_id, std::move(line));
    names_[one.id] = one.external_id;
  }
  void see(const Session& one) { put("session", one.session_id, one.summary); }
  void see(const Relation& one) {
    put("relation", names_[one.source_id] + " -> " + names_[one.target_id],
        fmt::format("{}", one.strength));
  }
  void see(const ConsolidationTask& one) {
    const bool is_closed = one.status == ConsolidationTaskStatus::kClosed;
    put("task", one.task_id, one.title + (is_closed ? ", closed" : ", open"));
  }
  template <class Record>
  void see(const Record& one) {
    put("record", to_json_line({}, one), "nobody made it");
  }

  const Tenant& tenant_;
  const int number_;
  Facts& facts_;
  std::map<Uuid, std::string> names_;  ///< Memories come before their relations.
};

}  // namespace

Facts facts_of(const Store& store, const Model& known) {
  Facts facts;
  for (int i = 0; i < kTenants; ++i) {
    const auto tenant = store.tenant(kTenantNames[static_cast<std::size_t>(i)]);
    if (!tenant) {
      facts["store"] = tenant.error().message;
      continue;
    }
    TenantFacts(*tenant, i, facts).collect(known.tenants[static_cast<std::size_t>(i)]);
  }
  return facts;
}

Status unrelate(Tenant& tenant, const std::string& from, const std::string& to) {
  const auto all = list_all<Relation>(tenant, {.filter = {Uuid::derive(tenant.id(), from)}});
  if (!all) return all.error();
  for (const Relation& one : *all) {
    if (one.target_id == Uuid::derive(tenant.id(), to)) return tenant.erase<Relation>(one.id);
  }
  return Error{ErrorCode::kNotFound, "there is no relation from " + from + " to " + to};
}

Difference difference(const Facts& wanted, const Facts& held) {
  Difference found;
  int lines = 0;
  const auto tell = [&](std::string line) {
    if (++lines <= 5) found.lines.append("  ").append(line).append("\n");
  };
  for (const auto& [what, line] : wanted) {
    const auto there = held.find(what);
    if (there == held.end()) {
      ++found.lost;
      tell("missing: " + what);
    } else if (there->second != line) {
      ++found.torn;
      tell(what + " is " + there->second + " and should be " + line);
    }
  }
  for (const auto& [what, line] : held) {
    if (wanted.contains(what)) continue;
    std::string erased = what;
    const auto kind = erased.find(" memory ");
    if (kind != std::string::npos) erased.replace(kind, 8, " erased ");
    ++(kind != std::string::npos && wanted.contains(erased) ? found.resurrected : found.torn);
    tell("too much: " + what + ": " + line);
  }
  return found;
}

}  // namespace tulving::torture
