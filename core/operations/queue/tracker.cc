// tracker.export, tracker.import: the issue tracker's file.

#include <array>

#include "core/operations/answer.h"
#include "core/operations/table/groups.h"
#include "tulving/issue_tracker.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array kFile = {
    tenant(),
    text("file", "The tracker's issues.jsonl, on the machine that runs this").required(),
};
constexpr std::array kFault = {
    integer("line", "From 1").required(),
    text("field", "What broke a rule").required(),
    text("error", "The rule").required(),
};
constexpr std::array kExported = {
    integer("written", "Lines added or brought up to date").required(),
    integer("unchanged", "Lines that say what the task says").required(),
    integer("newer", "Lines that a person changed since").required(),
    integer("others", "Other issues, or other tenants'").required(),
    integer("rejected", "Lines that are broken").required(),
    object("errors", kFault, "Why").list().required(),
};
constexpr std::array kImported = {
    integer("imported", "Tasks that are new").required(),
    integer("unchanged", "Tasks that say the same").required(),
    integer("updated", "Tasks that were changed there").required(),
    integer("older", "Lines older than their task").required(),
    integer("gone", "Closed tasks about memories that are not here").required(),
    integer("others", "Other issues, or other tenants'").required(),
    integer("rejected", "Lines of which nothing was taken").required(),
    object("errors", kFault, "Why").list().required(),
};

void add_faults(ObjectWriter& out, const std::vector<TaskFault>& faults) {
  out.member("rejected", std::uint64_t{faults.size()});
  json::append_array(out.key("errors"), faults, [](std::string& to, const TaskFault& fault) {
    ObjectWriter object(to);
    object.member("line", fault.line);
    object.member("field", well_formed(fault.error.field));
    object.member("error", well_formed(fault.error.message));
    object.close();
  });
}

Status run_export(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto report = export_tasks(*handle, running.arguments.text("file"));
  if (!report) return report.error();
  ObjectWriter out(running.answer.json);
  out.member("written", report->written);
  out.member("unchanged", report->unchanged);
  out.member("newer", report->newer);
  out.member("others", report->others);
  add_faults(out, report->faults);
  out.close();
  return {};
}

Status run_import(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto report = import_tasks(*handle, running.arguments.text("file"));
  if (!report) return report.error();
  ObjectWriter out(running.answer.json);
  out.member("imported", report->added);
  out.member("unchanged", report->unchanged);
  out.member("updated", report->updated);
  out.member("older", report->older);
  out.member("gone", report->gone);
  out.member("others", report->others);
  add_faults(out, report->faults);
  out.close();
  return {};
}

const Operation kOperations[] = {
    {.name = "tracker.export",
     .help = "Brings the beads tracker's issues.jsonl up to date with the tasks",
     .params = kFile,
     .answer = object({}, kExported, "What became of the lines"),
     .run = &run_export},
    {.name = "tracker.import",
     .effect = Effect::kWrite,
     .help = "Takes in what was done to the tasks in the beads tracker's issues.jsonl",
     .params = kFile,
     .answer = object({}, kImported, "What became of the lines"),
     .run = &run_import},
};

}  // namespace

std::span<const Operation> tracker_operations() { return kOperations; }

}  // namespace tulving::operations
