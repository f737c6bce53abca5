// decay, gc.

#include <fmt/core.h>

#include "tools/cli/command.h"
#include "tools/cli/print/output.h"
#include "tulving/json.h"

namespace tulving::tools {

namespace {

struct DecayCommand {
  std::string tenant;
  std::string name;
  std::string now;
  DecayRequest request;
};

struct GcCommand {
  std::string tenant;
  std::string now;
  GcRequest request;
};

/// Seconds; 0 for what is there already, null for what never will be.
Json until_json(const TimeUntil& until) {
  if (std::holds_alternative<AlreadyThere>(until)) return 0;
  if (std::holds_alternative<NeverThere>(until)) return nullptr;
  return std::get<std::chrono::duration<double>>(until).count();
}

std::string until_text(const TimeUntil& until) {
  if (std::holds_alternative<AlreadyThere>(until)) return "already";
  if (std::holds_alternative<NeverThere>(until)) return "never";
  const double seconds = std::get<std::chrono::duration<double>>(until).count();
  return seconds < 2 * 86'400 ? fmt::format("in {:.1f} hours", seconds / 3600)
                              : fmt::format("in {:.1f} days", seconds / 86'400);
}

Result<int> show_one(const GlobalOptions& globals, const Tenant& tenant,
                     const DecayCommand& command) {
  auto id = tenant.resolve(command.name);
  if (!id) return id.error();
  auto decay = tenant.decay(*id, command.request.now);
  if (!decay) return decay.error();
  if (globals.json) {
    print_json(Json{{"id", id->to_string()},
                    {"at", format_time(decay->now)},
                    {"score", decay->score},
                    {"unclamped", decay->unclamped},
                    {"seconds_until_danger", until_json(decay->until_danger)},
                    {"seconds_until_forget", until_json(decay->until_forget)}});
  } else {
    print_fields({{"score", fmt::format("{:.4f}", decay->score)},
                  {"unclamped", fmt::format("{:.4f}", decay->unclamped)},
                  {"in danger", until_text(decay->until_danger)},
                  {"urgent", until_text(decay->until_forget)},
                  {"at", format_time(decay->now)}});
  }
  return kDone;
}

Result<int> show_many(const GlobalOptions& globals, const Tenant& tenant,
                      const DecayRequest& request) {
  auto found = tenant.decay_scores(request);
  if (!found) return found.error();
  auto counts = tenant.decay_counts(found->now);
  if (!counts) return counts.error();
  Json memories = Json::array();
  Table table({"ID", "SCORE", "STRENGTH", "USES", "TEXT"});
  for (const DecayedMemory& decayed : found->memories) {
    auto memory = tenant.get(decayed.id);
    if (!memory) return memory.error();
    table.add_row({memory->external_id.empty() ? decayed.id.to_string() : memory->external_id,
                   fmt::format("{:.4f}", decayed.score), fmt::format("{:.2f}", decayed.strength),
                   std::to_string(decayed.use_count), one_line(memory->text, 200)});
    Json json{{"id", decayed.id.to_string()}};
    if (!memory->external_id.empty()) json["external_id"] = memory->external_id;
    json["score"] = decayed.score;
    json["strength"] = decayed.strength;
    json["use_count"] = decayed.use_count;
    json["revision"] = decayed.revision;
    memories.push_back(std::move(json));
  }
  if (!globals.json) {
    table.print();
    fmt::print("{} of {} matching; of {} visible memories {} are urgent and {} in danger\n",
               found->memories.size(), found->matching, counts->memories, counts->urgent,
               counts->in_danger);
    return kDone;
  }
  print_json(Json{{"at", format_time(found->now)},
                  {"memories", std::move(memories)},
                  {"matching", found->matching},
                  {"counts",
                   {{"memories", counts->memories},
                    {"urgent", counts->urgent},
                    {"in_danger", counts->in_danger},
                    {"steady", counts->steady},
                    {"lasting", counts->lasting}}}});
  return kDone;
}

Result<int> run_decay(const GlobalOptions& globals, const DecayCommand& given) {
  DecayCommand command = given;
  auto now = parse_moment(command.now, "--now");
  if (!now) return now.error();
  command.request.now = *now;
  auto opened = open_tenant(globals, Access::kRead, command.tenant);
  if (!opened) return opened.error();
  return command.name.empty() ? show_many(globals, opened->tenant, command.request)
                              : show_one(globals, opened->tenant, command);
}

Json items_json(const std::string& tenant, const std::vector<GcItem>& items) {
  Json json = Json::array();
  for (const GcItem& item : items) {
    json.push_back(Json{{"tenant_id", tenant},
                        {"id", item.id.to_string()},
                        {"reason", to_string(item.reason)},
                        {"since", format_time(item.since)},
                        {"revision", item.revision}});
  }
  return json;
}

void add_rows(Table& table, const std::string& tenant, const char* what,
              const std::vector<GcItem>& items) {
  for (const GcItem& item : items) {
    table.add_row({tenant, item.id.to_string(), what, std::string(to_string(item.reason)),
                   format_time(item.since)});
  }
}

Result<int> run_gc(const GlobalOptions& globals, const GcCommand& command) {
  GcRequest request = command.request;
  auto now = parse_moment(command.now, "--now");
  if (!now) return now.error();
  request.now = *now;
  auto store = open_store(globals, request.dry_run ? Access::kRead : Access::kWrite);
  if (!store) return store.error();
  const auto tenants = tenants_asked_for(*store, command.tenant);
  Json deleted = Json::array();
  Json kept = Json::array();
  Table table({"TENANT", "ID", "WHAT", "WHY", "SINCE"});
  const char* what = request.dry_run ? "would go" : "deleted";
  for (const std::string& id : tenants) {
    auto tenant = store->tenant(id);
    if (!tenant) return tenant.error();
    auto report = tenant->gc(request);
    if (!report) return report.error();
    for (Json& item : items_json(id, report->deleted)) deleted.push_back(std::move(item));
    for (Json& item : items_json(id, report->kept)) kept.push_back(std::move(item));
    add_rows(table, id, what, report->deleted);
    add_rows(table, id, "stays", report->kept);
  }
  if (auto closed = close_store(*store); !closed) return closed.error();
  if (!globals.json) {
    table.print();
    fmt::print("{} {}, {} stay\n", deleted.size(), what, kept.size());
    return kDone;
  }
  print_json(Json{
      {"dry_run", request.dry_run}, {"deleted", std::move(deleted)}, {"kept", std::move(kept)}});
  return kDone;
}

}  // namespace

void add_upkeep_commands(const CommandLine& line) {
  auto decay = std::make_shared<DecayCommand>();
  CLI::App* command = add_command(line.app, line, "decay",
                                  "Shows how memories fade, the most urgent first, or one of them",
                                  decay, run_decay);
  command->add_option("--tenant", decay->tenant, "The tenant")
      ->check(check_not_empty)
      ->required()
      ->type_name("T");
  auto* name = command->add_option("ID", decay->name, "Id or external id: how long it has")
                   ->check(check_not_empty)
                   ->type_name("");
  command->add_option("--now,--at", decay->now, "The clock that scores; default: now")
      ->check(check_not_empty)
      ->type_name("RFC3339");
  command->add_option("--below", decay->request.below, "Scores less than this, 0..1")
      ->excludes(name)
      ->type_name("SCORE");
  command->add_option("--at-least", decay->request.at_least, "Scores from this on, 0..1")
      ->excludes(name)
      ->type_name("SCORE");
  command->add_option("--limit", decay->request.limit, "Memories shown at most")
      ->excludes(name)
      ->capture_default_str();

  auto gc = std::make_shared<GcCommand>();
  command = add_command(line.app, line, "gc",
                        "Deletes what was archived 30 days ago and what has expired", gc, run_gc);
  command->add_option("--tenant", gc->tenant, "One tenant; default: all")
      ->check(check_not_empty)
      ->type_name("T");
  command->add_flag("--dry-run", gc->request.dry_run, "Say what would go, write nothing");
  command->add_option("--now", gc->now, "The clock that decides; default: now")
      ->check(check_not_empty)
      ->type_name("RFC3339");
  command->add_option("--limit", gc->request.limit, "Memories deleted at most, by tenant")
      ->capture_default_str();
}

}  // namespace tulving::tools
