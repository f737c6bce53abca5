#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tests/engine/plans/plan_testing.h"
#include "tulving/consolidation_queue.h"

namespace tulving {

namespace fs = std::filesystem;
using namespace tulving::testing;
using nlohmann::ordered_json;
using std::chrono::minutes;
using std::chrono::seconds;

/// A store with a tenant whose tasks go to an issues.jsonl, which is edited as a person would, by
/// nlohmann.
class IssueTracker : public ::testing::Test {
 protected:
  IssueTracker() : store_(new_store()), acme_(tenant("acme")) {}

  Store new_store() {
    StoreOptions options;
    options.clock = clock_.clock();
    return value_of(Store::open_in_memory(options));
  }
  // Every tenant has memories of the same ids, as copies of one have.
  static Tenant filled(const Store& store, const std::string& id) {
    Tenant tenant = value_of(store.tenant(id));
    for (int i = 0; i < 4; ++i) {
      Memory memory = testing::memory("memory " + std::to_string(i));
      memory.id = memory_id(i);
      value_of(tenant.add(memory));
    }
    return tenant;
  }
  Tenant tenant(const std::string& id) const { return filled(store_, id); }
  static Uuid memory_id(int i) {
    return *Uuid::parse("0000000" + std::to_string(i) + "-0000-4000-8000-000000000000");
  }

  static std::string add(Tenant& tenant, int memory, const std::string& id = "",
                         Approval approval = Approval::kNotNeeded) {
    ConsolidationTask task = task_for({memory_id(memory)});
    task.task_id = id;
    task.approval = approval;
    return value_of(tenant.queue().add(task)).task_id;
  }

  [[nodiscard]] fs::path path() const { return directory_ / "issues.jsonl"; }
  [[nodiscard]] std::string text() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& text) const {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << text;
  }
  TaskExport exported(const Tenant& tenant, const ConsolidationTaskFilter& filter = {}) const {
    return value_of(export_tasks(tenant, path(), filter));
  }
  TaskImport imported(Tenant& tenant) const {
    return value_of(import_tasks(tenant, path(), {.now = clock_.now()}));
  }
  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  // Edits the line of a task, and says so in updated_at as the tracker does.
  void edit(const std::string& id, const std::function<void(ordered_json&, ordered_json&)>& change,
            bool touches = true) {
    std::string edited;
    for (const std::string& line : lines_of(text())) {
      ordered_json issue = ordered_json::parse(line);
      if (issue["id"] == id) {
        ordered_json notes = ordered_json::parse(issue["notes"].get<std::string>());
        if (touches) issue["updated_at"] = format_time(clock_.now());
        change(issue, notes);
        issue["notes"] = notes.dump();
      }
      edited += issue.dump() + "\n";
    }
    write(edited);
  }
  void close(const std::string& id) {
    edit(id, [&](auto& issue, auto&) {
      issue["status"] = "closed";
      issue["closed_at"] = format_time(clock_.now());
    });
  }
  void close_here(Tenant& tenant, const std::string& id) const {
    auto task = value_of(tenant.get<ConsolidationTask>(id));
    task.status = ConsolidationTaskStatus::kClosed;
    task.closed_at = task.updated_at = clock_.now();
    ASSERT_THAT(tenant.put(task, task.revision), Succeeds());
  }
  static std::vector<ConsolidationTask> tasks(const Tenant& tenant) {
    auto tasks = value_of(list_all<ConsolidationTask>(tenant));
    for (auto& task : tasks) task.revision = 0;
    return tasks;
  }
  static std::optional<ConsolidationTask> claim(Tenant& tenant) {
    return value_of(tenant.queue().claim(claim_by("w")));
  }

  ManualClock clock_;
  TemporaryDirectory directory_;
  Store store_;
  Tenant acme_;
};

}  // namespace tulving
