#include "tests/torture/check.h"

#include <fmt/format.h>

#include <algorithm>

namespace tulving::torture {
namespace {

void report_difference(const Difference& found, const Window& window, Report& report, Kind kind,
                       std::uint64_t seed) {
  Report::Row& row = report.row(kind);
  row.lost += found.lost;
  row.resurrected += found.resurrected;
  row.torn += found.torn;
  report.tell(
      kind, seed,
      fmt::format("the store holds no {} to {} operations of its script; {} records lost, {} "
                  "resurrected, {} torn\n{}",
                  window.least, window.most, found.lost, found.resurrected, found.torn,
                  found.lines));
}

// Asks one tenant everything about its memories.
class Asker {
 public:
  Asker(const Tenant& tenant, const TenantModel& model) : tenant_(tenant), model_(model) {}

  std::string ask() {
    std::map<std::string, std::set<Uuid>> by_tag;
    for (const auto& [name, memory] : model_.memories) {
      if (memory.status != MemoryStatus::kActive) continue;
      const Uuid id = Uuid::derive(tenant_.id(), name);
      if (!memory.tag.empty()) by_tag[memory.tag].insert(id);
      if (std::string wrong = by_text(memory, id); !wrong.empty()) return wrong;
      if (std::string wrong = by_vector(memory, id); !wrong.empty()) return wrong;
    }
    for (const auto& [tag, ids] : by_tag) {
      if (std::string wrong = tagged(tag, ids); !wrong.empty()) return wrong;
    }
    return {};
  }

 private:
  // Each text starts with a word that no other has.
  std::string by_text(const MemoryFact& memory, const Uuid& id) {
    SearchRequest request;
    request.text = memory.text.substr(0, memory.text.find(' '));
    request.k = 3;
    return found_alone(request, id, "its text");
  }
  std::string by_vector(const MemoryFact& memory, const Uuid& id) {
    if (memory.vector == 0) return {};
    SearchRequest request;
    request.vector = vector_of(memory.vector);
    request.exact = true;
    request.k = 1;
    return found_alone(request, id, "its vector");
  }
  std::string found_alone(const SearchRequest& request, const Uuid& id, std::string_view by) {
    const auto found = tenant_.search(request);
    if (!found) return found.error().message;
    if (found->hits.size() == 1 && found->hits[0].memory.id() == id) return {};
    return fmt::format("memory {} is not the one found by {}: {} hits", id.to_string(), by,
                       found->hits.size());
  }
  std::string tagged(const std::string& tag, const std::set<Uuid>& ids) {
    ListRequest request;
    request.filter = *parse_filter(fmt::format(R"({{"tags":{{"any":["{}"]}}}})", tag));
    request.limit = 1000;
    const auto page = tenant_.list(request);
    if (!page) return page.error().message;
    std::set<Uuid> listed;
    for (const MemoryView& view : page->memories) listed.insert(view.id());
    if (listed == ids) return {};
    return fmt::format("{} memories have tag {}, {} are listed", ids.size(), tag, listed.size());
  }

  const Tenant& tenant_;
  const TenantModel& model_;
};

// Every revision once and upwards, and no record forgotten.
std::string wrong_changes(const Store& store, const Model& model) {
  std::set<std::string> told;
  std::uint64_t since = 0;
  for (bool is_last = false; !is_last;) {
    const auto page = store.changes(since, 50);
    if (!page) return page.error().message;
    std::uint64_t last = since;
    for (const Change& change : page->changes) {
      if (change.revision < last || change.revision <= since || change.revision > page->revision) {
        return fmt::format("change feed: revision {} after {}", change.revision, last);
      }
      last = change.revision;
      if (!change.erased) told.insert(change.tenant_id + " " + change.kind + " " + change.id);
    }
    if (!page->is_last && page->revision <= since) return "the change feed's cursor stands still";
    since = page->revision;
    is_last = page->is_last;
  }
  if (since != store.revision()) return "the change feed ends before the store";
  for (std::size_t i = 0; i < kKept; ++i) {
    for (const auto& [name, memory] : model.tenants[i].memories) {
      const Uuid id = Uuid::derive(kTenantNames[i], name);
      const std::string what = fmt::format("{} memory {}", kTenantNames[i], id.to_string());
      if (!told.contains(what)) return "the change feed does not tell of " + what;
    }
  }
  return {};
}

std::string wrong_retries(Player& player, const Model& model) {
  for (int i = 0; i < kKept; ++i) {
    const auto& keys = model.tenants[static_cast<std::size_t>(i)].retry_keys;
    int left = 3;
    for (auto key = keys.rbegin(); key != keys.rend() && left > 0; ++key, --left) {
      if (auto status = player.retry(i, key->first, key->second); !status) {
        return fmt::format("a retry with \"{}\" fails: {}", key->first, status.error().message);
      }
    }
  }
  return player.wrong();
}

std::string wrong_snapshots(const Player& player, const Model& model) {
  for (const auto& [slot, fact] : model.snapshots) {
    const auto info = inspect_snapshot(player.snapshot_path(fact.number));
    if (!info) {
      return fmt::format("the snapshot of operation {} was done: {}", fact.number,
                         info.error().message);
    }
  }
  return {};
}

}  // namespace

std::optional<std::uint64_t> find_position(Script& script, const Store& store, const Window& window,
                                           Report& report, Kind kind, std::uint64_t seed) {
  const Facts held = facts_of(store, script.after(window.most));
  std::optional<Difference> best;
  for (std::uint64_t count = window.least; count <= window.most; ++count) {
    const Facts wanted = script.after(count).facts();
    if (wanted == held) return count;
    Difference found = difference(wanted, held);
    const auto size = [](const Difference& one) { return one.lost + one.resurrected + one.torn; };
    if (!best || size(found) < size(*best)) best = std::move(found);
  }
  report_difference(*best, window, report, kind, seed);
  return std::nullopt;
}

std::string wrong_answer(Player& player, const Model& model) {
  const Store& store = player.store();
  const auto report = store.verify();
  if (!report) return report.error().message;
  if (!report->problems.empty()) return "verify: " + report->problems.front();
  for (int i = 0; i < kKept; ++i) {
    const auto& known = model.tenants[static_cast<std::size_t>(i)];
    if (std::string wrong = Asker(player.tenant(i), known).ask(); !wrong.empty()) return wrong;
  }
  if (std::string wrong = wrong_changes(store, model); !wrong.empty()) return wrong;
  if (std::string wrong = wrong_retries(player, model); !wrong.empty()) return wrong;
  return wrong_snapshots(player, model);
}

void Acknowledgements::see(std::uint64_t count, const Store& store) {
  acknowledged_ = count;
  revisions_.emplace_back(count, store.revision());
  const std::uint64_t durable = store.durable_revision();
  for (; !revisions_.empty() && revisions_.front().second <= durable; revisions_.pop_front()) {
    safe_ = revisions_.front().first;
  }
}

}  // namespace tulving::torture
