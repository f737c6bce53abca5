#include "core/consolidation/vault/note_follower.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/base/json/json_text.h"
#include "core/consolidation/vault/vault.h"
#include "core/consolidation/work/workspace.h"
#include "core/engine/store/store_files.h"
#include "core/json/text/json_reader.h"

namespace tulving {
namespace consolidation {
namespace {

// What plans tell of promotions: why, for a note that is written anew, and the digests of notes
// from before they held their own.
struct Promotions {
  std::map<Uuid, NoteFacts> facts;
  std::set<std::string> digests;
};

void add_promotion(const PlanItem& item, Promotions& promotions) {
  PromotionNote note{0, item.reason};
  const JsonValue result = JsonValue::whole(item.result);
  if (item.result.empty() || result.kind() != JsonKind::kObject) return;
  result.each_member([&](std::string_view name, JsonValue value) {
    if (name == "score" && !json::read({"score", value}, note.score)) note.score = 0;
    if (name == "note_digest" && value.kind() == JsonKind::kString) {
      promotions.digests.insert(value.as_string());
    }
    return true;
  });
  // Written and read again, which quotes what is to be quoted.
  for (const PlanInput& input : item.inputs) {
    promotions.facts[input.id] = read_note(note_text(Memory(), note));
  }
}

Promotions promotions_of(const Tenant& tenant) {
  Promotions promotions;
  const auto plans = tenant.plans();
  if (!plans) return promotions;
  for (const PlanSummary& summary : *plans) {
    const auto plan = tenant.get_plan(summary.id);
    if (!plan) continue;
    for (const PlanItem& item : plan->items) {
      if (item.agent == UpkeepAgent::kPromote && item.outcome == ItemOutcome::kPlanned) {
        add_promotion(item, promotions);
      }
    }
  }
  return promotions;
}

// Why a memory has no note; empty: it should have one.
std::string why_none(const Memory& memory, Timestamp now) {
  if (memory.status == MemoryStatus::kDeleted) return "the memory was forgotten";
  if (memory.status == MemoryStatus::kArchived) {
    return memory.consolidated_into_id.is_nil() ? "the memory was archived"
                                                : "the memory was merged";
  }
  if (memory.expires_at && *memory.expires_at <= now) return "the memory has expired";
  if (memory.status != MemoryStatus::kPromoted) return "the memory is not promoted";
  // Promoted elsewhere: where its note is, is not ours to say.
  return is_note_of(memory.ltm_path, memory.id) ? "" : "its note is elsewhere";
}

// Follows the notes of one tenant, vault by vault.
class NoteFollower {
 public:
  NoteFollower(const Tenant& tenant, Timestamp now, const NotesRequest& request)
      : tenant_(tenant), now_(now), request_(request) {}

  Result<NotesReport> run() {
    std::vector<std::string> vaults = tenant_.vaults();
    if (!request_.vault.empty()) {
      const std::string given = vault_name(request_.vault);
      std::erase(vaults, given);
      vaults.push_back(given);
      if (!request_.dry_run) {
        if (auto status = tenant_.remember_vault(given); !status) return status.error();
      }
    }
    for (const std::string& vault : vaults) open(vault);
    for (auto& [path, vault] : vaults_) visit(path, vault);
    if (!vaults_.empty()) write_missing();
    return std::move(report_);
  }

 private:
  // A note, read under the vault's lock.
  struct Note {
    const std::string& vault;
    const Vault::Turn& turn;
    std::string name;
    std::string text;
    NoteFacts facts;
  };

  void problem(const std::string& vault, const Error& error) {
    report_.problems.push_back(fmt::format("notes in {}: {}", vault, error.message));
  }

  void open(const std::string& path) {
    auto vault = Vault::open(path, StoreFiles::of(tenant_));
    if (!vault) return problem(path, vault.error());
    const auto turn = vault->take_turn(false);
    if (!turn) return problem(path, turn.error());
    if (!turn->has_folder()) {
      return problem(path, {ErrorCode::kNotFound, "there is no such folder", "vault"});
    }
    vaults_.emplace_back(path, *std::move(vault));
  }

  // The memories are read while the vault is held. So when a promotion, which writes its note
  // first, has become true meanwhile, either it is seen here or the follower after it finds this
  // done.
  void visit(const std::string& path, Vault& vault) {
    const auto turn = vault.take_turn(false);
    if (!turn) return problem(path, turn.error());
    const auto names = turn->names();
    if (!names) return problem(path, names.error());
    for (const std::string& name : *names) {
      if (auto status = follow(path, *turn, name); !status) problem(path, status.error());
    }
  }

  Status follow(const std::string& vault, const Vault::Turn& turn, const std::string& name) {
    const Uuid id = *id_in_name(name);
    const auto memory = tenant_.get(id);
    if (!memory && memory.error().code != ErrorCode::kNotFound) return memory.error();
    if (!memory && !tenant_.was_erased(id)) {
      ++report_.others;
      return {};
    }
    auto text = turn.read(name);
    if (!text && text.error().code == ErrorCode::kNotFound) return {};
    if (!text && text.error().code != ErrorCode::kConflict) return text.error();
    NoteFacts facts = text ? read_note(*text) : NoteFacts();
    if (!text || is_of_another_tenant(facts, tenant_.id())) {
      ++report_.others;
      return {};
    }
    const Note note{vault, turn, name, *std::move(text), std::move(facts)};
    if (!memory) return take_away(note, id, "the memory was erased", true);
    const std::string reason = why_none(*memory, now_);
    if (!reason.empty()) return take_away(note, id, reason, false);
    seen_.insert(id);
    return bring_up_to_date(note, *memory);
  }

  bool is_ours(const Note& note) {
    if (note.facts.is_unedited) return true;
    return note.facts.digest.empty() && promotions().digests.contains(digest_of(note.text));
  }

  Status take_away(const Note& note, const Uuid& id, const std::string& reason, bool is_erased) {
    if (!is_ours(note) && !(is_erased && request_.remove_edited)) {
      report_.changes.push_back({NoteEvent::kKept, id, note.vault, note.name, reason});
      return {};
    }
    if (!request_.dry_run) {
      if (auto status = note.turn.remove(note.name, digest_of(note.text)); !status) return status;
    }
    report_.changes.push_back({NoteEvent::kRemoved, id, note.vault, note.name, reason});
    return {};
  }

  Status bring_up_to_date(const Note& note, const Memory& memory) {
    const bool is_legacy = note.facts.digest.empty();
    const std::string text = note_text(memory, tenant_.id(), note.facts);
    const bool is_current = text == note.text;
    if (!is_current && !is_ours(note)) {
      // Edited. As long as the memory says what it said when the note was written, all is well.
      const bool memory_is_same = is_legacy ? note.text.find(memory.text) != std::string::npos
                                            : read_note(text).digest == note.facts.digest;
      if (memory_is_same) {
        ++report_.current;
      } else {
        report_.changes.push_back(
            {NoteEvent::kKept, memory.id, note.vault, note.name, "the memory changed"});
      }
      return {};
    }
    if (!is_current && !request_.dry_run) {
      auto status = note.turn.rewrite(note.name, digest_of(note.text), text);
      if (!status) return status;
    }
    std::string name = note.name;
    if (auto status = rename(note, memory, name); !status) return status;
    if (is_current && name == note.name) {
      ++report_.current;
    } else {
      report_.changes.push_back(
          {NoteEvent::kRewritten, memory.id, note.vault, name,
           is_current ? "the memory is called otherwise" : "the memory changed"});
    }
    return set_path(memory, name);
  }

  // A name that we gave and that the memory's words no longer are. One that a person gave stays.
  Status rename(const Note& note, const Memory& memory, std::string& name) const {
    const std::string wanted = note_name(memory);
    const bool is_named_for_it = name == wanted || name == note_name(memory, tenant_.id());
    if (is_named_for_it || name != memory.ltm_path) return {};
    if (!request_.dry_run) {
      const auto status = note.turn.rename(name, wanted);
      // The name is another's; an old one does no harm.
      if (!status && status.error().code == ErrorCode::kConflict) return {};
      if (!status) return status;
    }
    name = wanted;
    return {};
  }

  // Where the memory's note is now, when it is called as we would call it: also what a killed
  // process left between the renaming and this.
  Status set_path(const Memory& memory, const std::string& name) {
    const bool is_named_for_it =
        name == note_name(memory) || name == note_name(memory, tenant_.id());
    if (name == memory.ltm_path || !is_named_for_it || request_.dry_run) return {};
    MemoryPatch patch;
    patch.ltm_path = name;
    auto updated = tenant_.update(memory.id, patch, memory.revision);
    if (updated || updated.error().code == ErrorCode::kConflict) return {};  // The next one will.
    return updated.error();
  }

  // Promoted memories that have no note.
  void write_missing() {
    ListRequest request;
    request.filter = equals(Field::kStatus, std::string(to_string(MemoryStatus::kPromoted)));
    request.include_expired = true;  // By our own clock.
    request.limit = 10'000;
    auto& [path, vault] = vaults_.back();
    do {
      const auto page = tenant_.list(request);
      if (!page) return problem(path, page.error());
      for (const MemoryView& view : page->memories) {
        if (seen_.contains(view.id())) continue;
        if (auto status = write(path, vault, view.id()); !status) problem(path, status.error());
      }
      request.cursor = page->next_cursor;
    } while (!request.cursor.empty());
  }

  Status write(const std::string& path, Vault& vault, const Uuid& id) {
    const auto turn = vault.take_turn(false);
    if (!turn) return turn.error();
    const auto memory = tenant_.get(id);
    if (!memory || !why_none(*memory, now_).empty()) return {};
    std::string name = note_name(*memory);
    if (!request_.dry_run) {
      const auto& known = promotions().facts;
      const auto facts = known.find(id);
      const auto note = turn->write(
          *memory, tenant_.id(),
          note_text(*memory, tenant_.id(), facts == known.end() ? NoteFacts() : facts->second));
      if (!note) return note.error();
      name = note->path;
    }
    report_.changes.push_back({NoteEvent::kWritten, id, path, name, "it was missing"});
    return set_path(*memory, name);
  }

  // Read when they are first asked for, which is seldom.
  const Promotions& promotions() {
    if (!promotions_) promotions_ = promotions_of(tenant_);
    return *promotions_;
  }

  Tenant tenant_;
  const Timestamp now_;
  const NotesRequest& request_;
  std::vector<std::pair<std::string, Vault>> vaults_;  // That are there.
  std::set<Uuid> seen_;                                // Memories that have their note.
  std::optional<Promotions> promotions_;
  NotesReport report_;
};

}  // namespace

std::string vault_name(const std::filesystem::path& vault) {
  std::string name = std::filesystem::absolute(vault).lexically_normal().string();
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  return name;
}

Result<NotesReport> follow_notes(const Tenant& tenant, Timestamp now, const NotesRequest& request) {
  return NoteFollower(tenant, now, request).run();
}

}  // namespace consolidation

Result<NotesReport> follow_notes(const Store& store, std::string_view tenant_id,
                                 const NotesRequest& request) {
  auto tenant = store.tenant(tenant_id);
  if (!tenant) return tenant.error();
  return consolidation::follow_notes(*tenant, request.now.value_or(consolidation::now_of(store)),
                                     request);
}

std::string_view to_string(NoteEvent event) noexcept {
  switch (event) {
    case NoteEvent::kWritten:
      return "written";
    case NoteEvent::kRewritten:
      return "rewritten";
    case NoteEvent::kRemoved:
      return "removed";
    case NoteEvent::kKept:
      return "kept";
  }
  return "";
}

}  // namespace tulving
