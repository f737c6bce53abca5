// notes.follow.

#include "tulving/notes.h"

#include <array>

#include "core/operations/answer.h"
#include "core/operations/table/groups.h"
#include "core/operations/table/tenants_of.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array<std::string_view, 4> kEvents = {"written", "rewritten", "removed", "kept"};

constexpr std::array kFollow = {
    text("tenant_id", "One tenant; default: all"),
    boolean("dry_run", "Say what would be done, write nothing"),
    text("vault", "Look into this folder too, from now on; needs a tenant"),
    text("forget_vault", "No longer look into this folder; its notes stay; needs a tenant"),
    boolean("remove_edited", "Also notes of erased memories that a person edited"),
    time("now", "The moment by which memories expire; default: now"),
};
constexpr std::array kChange = {
    text("tenant_id", "The tenant").required(),
    uuid("memory_id", "The memory").required(),
    text("vault", "The folder").required(),
    text("path", "In the folder").required(),
    word("event", kEvents, "What became of the note").required(),
    text("reason", "Why").required(),
};
constexpr std::array kVault = {
    text("tenant_id", "The tenant").required(),
    text("vault", "A folder").required(),
};
constexpr std::array kFollowed = {
    boolean("dry_run", "Nothing was written").required(),
    object("changes", kChange, "What was done, or would be").list().required(),
    integer("current", "Notes that are as they should be").required(),
    integer("others", "Files named as notes are, of memories that are not here").required(),
    object("vaults", kVault, "That are looked into").list().required(),
    text("problems", "What could not be done, a sentence each").list().required(),
};

/// What became of the notes of one tenant or more.
struct Told {
  std::string changes;  // Of arrays, without their brackets.
  std::string vaults;
  std::vector<std::string> problems;
  std::uint64_t current = 0;
  std::uint64_t others = 0;
};

ObjectWriter element(std::string& array) {
  if (!array.empty()) array += ',';
  return ObjectWriter(array);
}

void add(Told& told, const Tenant& tenant, const NotesReport& report) {
  for (const NoteChange& note : report.changes) {
    ObjectWriter out = element(told.changes);
    out.member("tenant_id", tenant.id());
    out.member("memory_id", note.memory_id);
    out.member("vault", well_formed(note.vault));
    out.member("path", well_formed(note.path));
    out.member("event", note.event);
    out.member("reason", well_formed(note.reason));
    out.close();
  }
  for (const std::string& vault : tenant.vaults()) {
    ObjectWriter out = element(told.vaults);
    out.member("tenant_id", tenant.id());
    out.member("vault", well_formed(vault));
    out.close();
  }
  for (const std::string& problem : report.problems) told.problems.push_back(well_formed(problem));
  told.current += report.current;
  told.others += report.others;
}

Status follow(const Running& running, const std::string& id, Told& told) {
  const Arguments& given = running.arguments;
  auto handle = running.store().tenant(id);
  if (!handle) return handle.error();
  if (given.has("forget_vault")) {
    if (auto status = handle->forget_vault(given.text("forget_vault")); !status) return status;
  }
  const NotesRequest request{given.text("vault"), given.time("now"), given.flag("dry_run"),
                             given.flag("remove_edited")};
  auto report = follow_notes(running.store(), id, request);
  if (!report) return report.error();
  add(told, *handle, *report);
  return {};
}

Status run_follow(const Running& running) {
  const Arguments& given = running.arguments;
  if (!given.has("tenant_id") && (given.has("vault") || given.has("forget_vault"))) {
    return Error{ErrorCode::kInvalidArgument, "tenant_id is missing; a vault is a tenant's",
                 "tenant_id"};
  }
  if (given.flag("dry_run") && given.has("forget_vault")) {
    return Error{ErrorCode::kInvalidArgument, "dry_run and forget_vault exclude each other",
                 "forget_vault"};
  }
  Told told;
  for (const std::string& id : tenants_of(running)) {
    if (auto status = follow(running, id, told); !status) return status;
  }
  ObjectWriter out(running.answer.json);
  out.member("dry_run", given.flag("dry_run"));
  out.key("changes").append("[").append(told.changes).append("]");
  out.member("current", told.current);
  out.member("others", told.others);
  out.key("vaults").append("[").append(told.vaults).append("]");
  out.member("problems", told.problems);
  out.close();
  return {};
}

const Operation kOperations[] = {
    {.name = "notes.follow",
     .effect = Effect::kWrite,
     .help = "Brings the vaults' notes up to date with the memories",
     .params = kFollow,
     .answer = object({}, kFollowed, "What was done"),
     .run = &run_follow,
     .turned_by = "dry_run"},
};

}  // namespace

std::span<const Operation> note_operations() { return kOperations; }

}  // namespace tulving::operations
