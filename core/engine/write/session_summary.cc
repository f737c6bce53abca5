#include "core/engine/write/session_summary.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/engine/state/tenant_state.h"
#include "core/model/text/summary.h"

namespace tulving::engine {
namespace {

// More than default_summary() looks at.
constexpr std::size_t kBytesMax = 8192;

// What is made of other memories repeats them.
bool says_something(const RecordPtr& record) {
  return record && record->status() != MemoryStatus::kDeleted && !record->text().empty() &&
         record->source_memory_ids().empty();
}

bool says_another_thing(const MemoryChange& change) {
  if (!says_something(change.before)) return false;
  return !says_something(change.after) || change.after->text() != change.before->text() ||
         change.after->created_at() != change.before->created_at() ||
         change.after->session_id() != change.before->session_id();
}

std::string extractive_summary(std::vector<RecordPtr> memories) {
  std::erase_if(memories, [](const RecordPtr& memory) { return !says_something(memory); });
  std::ranges::sort(memories, {}, [](const RecordPtr& memory) {
    return std::tuple(memory->created_at(), memory->id());
  });
  std::string text;
  for (const RecordPtr& memory : memories) {
    if (text.size() > kBytesMax) break;
    if (!text.empty()) text += '\n';
    text += memory->text();
  }
  return model::default_summary(text);
}

// As the store had the session's memories before this write, by its index.
std::string summary_before(const Transaction& transaction, const std::string& session_id) {
  std::vector<RecordPtr> memories;
  for (const Uuid& id : transaction.memories_where(number_of(Field::kSessionId), session_id)) {
    memories.push_back(transaction.memory_before(id));
  }
  return extractive_summary(std::move(memories));
}

std::string summary_after(const Transaction& transaction, const std::string& session_id) {
  std::set<Uuid> ids;
  for (const Uuid& id : transaction.memories_where(number_of(Field::kSessionId), session_id)) {
    ids.insert(id);
  }
  for (const MemoryChange& change : transaction.memory_changes()) {
    if (change.after) ids.insert(change.after->id());
  }
  std::vector<RecordPtr> memories;
  for (const Uuid& id : ids) {
    RecordPtr memory = transaction.memory(id);
    if (memory && memory->session_id() == session_id) memories.push_back(std::move(memory));
  }
  return extractive_summary(std::move(memories));
}

}  // namespace

void give_summary(const Transaction& transaction, Session& session, const Session* present) {
  if (!session.ended_at || !session.summary.empty()) return;
  if (present != nullptr && present->ended_at && present->summary.empty()) return;
  session.summary = summary_after(transaction, session.session_id);
}

void follow_in_session_summaries(Transaction& transaction) {
  std::set<std::string> concerned;
  for (const MemoryChange& change : transaction.memory_changes()) {
    if (says_another_thing(change)) concerned.emplace(change.before->session_id());
  }
  for (const std::string& session_id : concerned) {
    auto session = transaction.get<Session>(session_id);
    if (!session || !session->ended_at || session->summary.empty()) continue;
    if (session->summary != summary_before(transaction, session_id)) continue;
    std::string summary = summary_after(transaction, session_id);
    if (summary == session->summary) continue;
    session->summary = std::move(summary);
    session->updated_at = transaction.now();
    transaction.put(*std::move(session));
  }
}

}  // namespace tulving::engine
