#include "core/engine/follow/follow.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/engine/follow/follow_pass.h"
#include "core/engine/record/record_border.h"
#include "core/engine/write/session_summary.h"

namespace tulving::engine {
namespace {

// What a memory says, without its own life. `with_use`: what a merge sums up of its sources too.
Memory said_by(const storage::MemoryRecord& record, bool with_use) {
  Memory memory = record.to_memory();
  memory.revision = 0;
  memory.status = MemoryStatus::kActive;
  memory.updated_at.reset();
  memory.promoted_at.reset();
  memory.archived_at.reset();
  memory.deleted_at.reset();
  memory.consolidated_at.reset();
  memory.ltm_path.clear();
  memory.consolidated_into_id = {};
  if (with_use) return memory;
  memory.last_used.reset();
  memory.strength = 1;
  memory.use_count = memory.review_count = memory.cross_domain_count = memory.reuse_count = 0;
  return memory;
}

// Whether what is made of the memory has to follow.
bool matters(const Transaction& transaction, const MemoryChange& change) {
  if (!change.after || !change.vectors.empty()) return true;
  TULVING_DCHECK(change.before != nullptr);  // Of what is new nothing is made yet.
  const Uuid into = change.before->consolidated_into_id();
  const bool has_left = !into.is_nil() && change.after->consolidated_into_id() != into;
  return has_left || transaction.is_forgotten(change.after->id()) ||
         said_by(*change.before, !into.is_nil()) != said_by(*change.after, !into.is_nil());
}

}  // namespace

std::vector<Uuid> Followed::of(const Uuid& source) const {
  const auto found = by_source.find(source);
  if (found == by_source.end()) return {};
  return {found->second.begin(), found->second.end()};
}

Result<Followed> follow(Transaction& transaction) { return FollowPass(transaction).run(); }

Result<Followed> FollowPass::run() {
  if (auto status = move_sources_of_moved_merges(); !status) return status.error();
  find_changed();
  for (const Uuid& made : derived_in_order()) {
    if (auto status = rederive(made); !status) return status.error();
  }
  if (auto status = scrub_erased(); !status) return status.error();
  follow_in_session_summaries(transaction_);
  followed_.changes = writes_.take_changes();
  return std::move(followed_);
}

// A merge stands for its sources: who moves it to another user moves them.
Status FollowPass::move_sources_of_moved_merges() {
  std::vector<Memory> moved;
  for (const MemoryChange& change : transaction_.memory_changes()) {
    if (!change.before || !change.after || same_border(*change.before, *change.after)) continue;
    const bool is_made = !change.after->source_memory_ids().empty();
    if (is_made && !transaction_.is_settled(change.after->id())) {
      moved.push_back(change.after->to_memory());
    }
  }
  while (!moved.empty()) {
    const Memory merge = std::move(moved.back());
    moved.pop_back();
    if (auto status = move_sources(merge, moved); !status) return status;
  }
  return {};
}

Status FollowPass::move_sources(const Memory& merge, std::vector<Memory>& moved) {
  for (const Uuid& id : merge.source_memory_ids) {
    const RecordPtr record = transaction_.memory(id);
    if (!record || record->consolidated_into_id() != merge.id) continue;
    Memory source = record->to_memory();
    source.agent_id = merge.agent_id;
    source.user_id = merge.user_id;
    source.project_id = merge.project_id;
    source.expires_at = merge.expires_at;
    if (source == record->to_memory()) continue;  // Rings, made by imports, end here.
    source.updated_at = transaction_.now();
    if (!source.source_memory_ids.empty()) moved.push_back(source);
    if (auto status = writes_.put(std::move(source)); !status) return status;
  }
  return {};
}

void FollowPass::find_changed() {
  for (const MemoryChange& change : transaction_.memory_changes()) {
    if (!change.before) continue;
    const Uuid id = change.before->id();
    const std::vector<Uuid> derived = transaction_.derived_of(id);
    if (derived.empty() || !matters(transaction_, change)) continue;
    for (const Uuid& made : derived) {
      if (!transaction_.is_settled(made)) causes_[made].insert(id);
    }
  }
  // One that gc had collected before changes no more when it is forgotten.
  for (const Uuid& id : transaction_.forgotten()) {
    for (const Uuid& made : transaction_.derived_of(id)) {
      if (!transaction_.is_settled(made)) causes_[made].insert(id);
    }
  }
}

// Every one that may have to follow, sources first.
std::vector<Uuid> FollowPass::derived_in_order() const {
  std::map<Uuid, std::vector<Uuid>> above;  // What is made of each.
  std::map<Uuid, std::size_t> below;        // How many of its sources are among them.
  std::vector<Uuid> open;
  for (const auto& [made, causes] : causes_) {
    open.push_back(made);
    below[made];
  }
  while (!open.empty()) {
    const Uuid made = open.back();
    open.pop_back();
    for (const Uuid& other : transaction_.derived_of(made)) {
      if (other == made) continue;
      above[made].push_back(other);
      if (below.try_emplace(other).second) open.push_back(other);
      ++below[other];
    }
  }
  std::vector<Uuid> order;
  for (const auto& [made, count] : below) {
    if (count == 0) order.push_back(made);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Uuid made = order[i];  // A copy: the vector grows.
    for (const Uuid& other : above[made]) {
      if (--below[other] == 0) order.push_back(other);
    }
  }
  // Rings, which only an import can make: in any order, each once.
  const std::set<Uuid> placed(order.begin(), order.end());
  for (const auto& [made, count] : below) {
    if (!placed.contains(made)) order.push_back(made);
  }
  TULVING_DCHECK(order.size() == below.size());
  return order;
}

// What is made of `made` follows for the same causes.
void FollowPass::pass_on(const Uuid& made) {
  const std::set<Uuid> causes = causes_[made];
  TULVING_DCHECK(!causes.empty());  // Nothing follows without a reason.
  for (const Uuid& cause : causes) followed_.by_source[cause].insert(made);
  for (const Uuid& other : transaction_.derived_of(made)) {
    if (!transaction_.is_settled(other)) causes_[other].insert(causes.begin(), causes.end());
  }
}

Status FollowPass::scrub_erased() {
  std::vector<Uuid> erased;
  for (const MemoryChange& change : transaction_.memory_changes()) {
    if (!change.before || change.after) continue;
    if (transaction_.is_erased(change.before->id())) erased.push_back(change.before->id());
  }
  for (const Uuid& id : erased) {
    TULVING_DCHECK(!transaction_.memory(id));
    if (auto status = transaction_.scrub_plans(id, followed_.of(id)); !status) return status;
  }
  return {};
}

}  // namespace tulving::engine
