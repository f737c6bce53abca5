// One merge, pattern or principle, derived anew.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/engine/follow/follow_pass.h"
#include "core/engine/record/record_border.h"
#include "core/engine/write/memory_writes.h"
#include "core/merging/rederive.h"
#include "core/model/names/task_id.h"
#include "core/model/text/summary.h"

namespace tulving::engine {
namespace {

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\n\r\v\f") == std::string_view::npos;
}

// But for the times of the derivation.
bool says_the_same(Memory a, const Memory& b) {
  a.updated_at = b.updated_at;
  a.consolidated_at = b.consolidated_at;
  a.content_hash = b.content_hash;
  a.revision = b.revision;
  a.embeddings = b.embeddings;
  return a == b;
}

bool text_changed(const Transaction& transaction, const Uuid& id) {
  const RecordPtr before = transaction.memory_before(id), after = transaction.memory(id);
  return before && after && before->text() != after->text();
}

}  // namespace

Status FollowPass::rederive(const Uuid& id) {
  TULVING_DCHECK(!transaction_.is_settled(id) || causes_[id].empty());
  const RecordPtr record = transaction_.memory(id);
  if (!record || causes_[id].empty()) return {};
  auto made = look_at(record);
  if (!made) return made.error();
  const bool is_persons = !made->present.consolidation_method || !made->unknown.empty();
  if (is_persons && !made->is_erasing) return keep_text(*made);
  if (made->staying.size() + made->unknown.size() < 2) return dissolve(*made);
  return derive_anew(*made);
}

Result<FollowPass::Made> FollowPass::look_at(const RecordPtr& record) {
  Made made;
  made.present = record->to_memory();
  const auto& causes = causes_[made.present.id];
  made.is_erasing =
      std::ranges::any_of(causes, [&](const Uuid& cause) { return transaction_.is_erased(cause); });
  sort_out_sources(made);
  sort_out_borders(made);
  TULVING_DCHECK(std::ranges::none_of(made.leaving, [&](const Uuid& source) {
    return std::ranges::find(made.staying, source) != made.staying.end();
  }));
  auto how = derivation_of(transaction_, made.present, made.is_merge);
  if (!how) return how.error();
  made.how = *std::move(how);
  const RecordPtr before = transaction_.memory_before(made.present.id);
  auto sources = read_memories_before(
      transaction_, before ? before->source_memory_ids() : made.present.source_memory_ids);
  if (!sources) return sources.error();
  if (sources->empty()) return made;
  // What the sources of before may not be merged any more says nothing: then `before` stays empty.
  const auto origins = origins_of_before(transaction_, *sources);
  if (auto derived = derive(transaction_, *made.how, *sources, origins)) {
    made.before = *std::move(derived);
  }
  return made;
}

void FollowPass::sort_out_sources(Made& made) const {
  std::set<Uuid> seen;
  for (const Uuid& source : made.present.source_memory_ids) {
    if (!seen.insert(source).second) continue;
    const RecordPtr before = transaction_.memory_before(source);
    const RecordPtr now = transaction_.memory(source);
    const bool was_held = before && before->consolidated_into_id() == made.present.id;
    const bool is_held = now && now->consolidated_into_id() == made.present.id;
    made.is_merge = made.is_merge || was_held || is_held;
    if (now) {
      const bool has_left = transaction_.is_forgotten(source) || (was_held && !is_held);
      (has_left ? made.leaving : made.staying).push_back(source);
    } else if (!before && !transaction_.is_erased(source)) {
      made.unknown.push_back(source);
    }
  }
}

// Who moved alone leaves; when all moved together, all stay.
void FollowPass::sort_out_borders(Made& made) const {
  const auto all_agree = [&] {
    return std::ranges::all_of(made.staying, [&](const Uuid& source) {
      return same_border(*transaction_.memory(source), *transaction_.memory(made.staying.front()));
    });
  };
  if (all_agree()) return;
  std::erase_if(made.staying, [&](const Uuid& source) {
    const RecordPtr before = transaction_.memory_before(source);
    const bool has_moved = before && !same_border(*before, *transaction_.memory(source));
    if (has_moved) made.leaving.push_back(source);
    return has_moved;
  });
  if (all_agree()) return;
  // Merged across a border by an earlier release.
  std::ranges::move(made.staying, std::back_inserter(made.leaving));
  made.staying.clear();
}

Status FollowPass::derive_anew(Made& made) {
  auto sources = read_memories(transaction_, made.staying);
  if (!sources) return sources.error();
  TULVING_DCHECK(sources->size() == made.staying.size());  // Each is there: it stays.
  // look_at() settled how.
  TULVING_DCHECK(made.how.has_value());
  auto derived = derive(transaction_, *made.how, *sources, origins_of(transaction_, *sources));
  if (!derived) return dissolve(made);  // Such as a text too long. Apart, nothing is lost.
  const Memory* before = made.before ? &*made.before : nullptr;
  const std::string text = derived->text, summary = derived->summary;
  Memory after = merging::rederived(made.present, before, *std::move(derived));
  if (made.is_erasing) {
    after.text = text;
    after.summary = summary;
    after.consolidation_method = ConsolidationMethod::kHeuristic;
  } else if (!made.present.consolidation_method) {
    after.text = made.present.text;
    after.summary = made.present.summary;
    after.consolidation_method.reset();
  }
  return put(made, std::move(after));
}

// A person's text is theirs. Only sentences of sources that no longer say them go, and these
// sources leave: what they say now must not be hidden behind a text that does not.
Status FollowPass::keep_text(Made& made) {
  if (!made.is_merge) return {};  // It hides nobody.
  std::erase_if(made.staying, [&](const Uuid& source) {
    const bool leaves = text_changed(transaction_, source);
    if (leaves) made.leaving.push_back(source);
    return leaves;
  });
  auto staying = read_memories(transaction_, made.staying);
  if (!staying) return staying.error();
  if (made.leaving.empty()) {
    const bool is_known = made.unknown.empty() && made.before && staying->size() >= 2;
    return is_known ? derive_anew(made) : Status();
  }
  Memory after = made.present;
  for (const Uuid& source : made.leaving) {
    const RecordPtr before = transaction_.memory_before(source);
    if (!before) continue;
    after.text = merging::without_sentences_of(after.text, before->to_memory(), *staying);
  }
  if (is_blank(after.text)) return dissolve(made);
  if (after.text != made.present.text &&
      made.present.summary == model::default_summary(made.present.text)) {
    after.summary.clear();
  }
  after.source_memory_ids = made.staying;
  after.source_memory_ids.insert(after.source_memory_ids.end(), made.unknown.begin(),
                                 made.unknown.end());
  after.updated_at = transaction_.now();
  after = completed(std::move(after), transaction_.tenant_id(), transaction_.now());
  auto vectors = transaction_.embeddings(after.id);  // A person's, where there are any.
  if (!vectors) return vectors.error();
  after.embeddings = *std::move(vectors);
  return put(made, std::move(after));
}

Status FollowPass::put(const Made& made, Memory after) {
  const Uuid id = made.present.id;
  after = completed(std::move(after), transaction_.tenant_id(), transaction_.now());
  TULVING_DCHECK(after.id == id);  // Derived anew it is the same memory.
  auto vectors = transaction_.embeddings(id);
  if (!vectors) return vectors.error();
  const bool is_same = says_the_same(after, made.present) && after.embeddings == *vectors;
  if (!is_same) {
    const bool is_new_text = after.text != made.present.text;
    const auto method = made.present.consolidation_method;
    const std::vector<Embedding> embeddings = after.embeddings;
    if (auto status = writes_.put(std::move(after)); !status) return status;
    transaction_.drop_vectors(id, embeddings);
    if (is_new_text && method && *method != ConsolidationMethod::kHeuristic) {
      ask_for_text(made.present, false);
    } else if (!method && !made.leaving.empty()) {
      ask_for_text(made.present, true);
    }
  }
  if (made.is_erasing) {
    forget_shared_words(id);
    if (auto status = transaction_.erase_history(id); !status) return status;
  }
  if (is_same && !made.is_erasing) return {};
  pass_on(id);
  return let_go(made, made.leaving);
}

// The merge agent writes it; where the text is a person's, once they agree to lose it.
void FollowPass::ask_for_text(const Memory& made, bool asks_person) {
  ConsolidationTask task;
  task.agent = UpkeepAgent::kMerge;
  task.action = "rewrite";
  task.memory_ids = {made.id};
  task.task_id = model::task_id(transaction_.tenant_id(), task.agent, task.action, task.memory_ids);
  task.created_at = transaction_.now();
  if (auto present = transaction_.get<ConsolidationTask>(task.task_id)) task = *std::move(present);
  task.title = asks_person ? fmt::format(
                                 "Memory {} was edited by hand and a source of it changed since: "
                                 "write it anew from its sources",
                                 made.id.to_string())
                           : fmt::format("Write memory {} anew: a source of it changed",
                                         made.id.to_string());
  task.status = ConsolidationTaskStatus::kOpen;
  task.approval = asks_person ? Approval::kWaiting : Approval::kNotNeeded;
  task.retry_count = 0;
  task.error.clear();
  task.retry_at.reset();
  task.claimed_by.clear();
  task.claimed_until.reset();
  task.closed_at.reset();
  task.updated_at = transaction_.now();
  writes_.put(std::move(task));
}

// An agent's reasons for a relation name words that both ends had.
void FollowPass::forget_shared_words(const Uuid& id) {
  for (Relation& relation : transaction_.relations_of(id)) {
    if (!names_shared_words(relation)) continue;
    relation.metadata.clear();
    writes_.put(std::move(relation));
  }
}

}  // namespace tulving::engine
