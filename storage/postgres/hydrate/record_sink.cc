#include "storage/postgres/hydrate/record_sink.h"

#include <algorithm>
#include <tuple>

#include "core/base/check.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"

namespace tulving::storage::postgres {
namespace {

constexpr std::size_t kRecordsAtOnce = 500;
constexpr std::size_t kBytesAtOnce = 16UL << 20U;

RecordKind kind_of(const Record& record) {
  return std::visit([]<class Kind>(const Kind&) { return kinds::Kind<Kind>::number; }, record);
}

std::size_t bytes_of(const Record& record) {
  const auto* const memory = std::get_if<Memory>(&record);
  if (memory == nullptr) return sizeof record;
  std::size_t bytes = sizeof *memory + memory->text.size() + memory->content.size();
  for (const Embedding& embedding : memory->embeddings) {
    bytes += embedding.vector.size() * sizeof(float);
  }
  return bytes;
}

bool is_about_record(const Error& error) {
  return error.position &&
         (error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kNotFound ||
          error.code == ErrorCode::kConflict);
}

// Of one in a batch the message begins with its place there.
std::string reason_of(const Error& error, std::size_t batch) {
  const std::size_t colon = error.message.find(": ");
  const bool has_place = batch > 1 && colon != std::string::npos;
  return "the store refuses it: " + (has_place ? error.message.substr(colon + 2) : error.message);
}

Error holds_other(const std::string& tenant, const std::string& what) {
  return {ErrorCode::kConflict,
          "tenant \"" + tenant +
              "\" must be empty, or hold only what an earlier hydrate read from "
              "there: " +
              what,
          "tenant"};
}

}  // namespace

void RecordSink::refuse(const TableSpec& table, const std::string& key, std::string reason) {
  TULVING_DCHECK(!reason.empty());  // A person is shown it.
  refused_[std::string(table.name)].insert(key);
  if (compares_) return;
  report_.refused.push_back({std::string(table.name), key, std::move(reason)});
}

bool RecordSink::was_refused(std::string_view table, const std::string& key) const {
  const auto found = refused_.find(table);
  return found != refused_.end() && found->second.contains(key);
}

Status RecordSink::take(const TableSpec& table, ReadRecord&& read) {
  if (auto* const result = std::get_if<AgentResult>(&read.record)) drop_absent(*result);
  if (auto status = make_named(read.record); !status) return status;
  if (compares_) {
    auto there = is_there(read.record);
    if (!there) return there.error();
    know(read.record);
    if (!*there) return {};
  }
  batch_bytes_ += bytes_of(read.record);
  batch_.push_back(std::move(read.record));
  pending_.push_back({&table, std::move(read.key), read.serial});
  return batch_.size() >= kRecordsAtOnce || batch_bytes_ >= kBytesAtOnce ? flush() : Status();
}

Status RecordSink::flush() {
  auto status = compares_ ? compare() : write(0, batch_.size());
  batch_.clear();
  pending_.clear();
  batch_bytes_ = 0;
  return status;
}

// What is refused is left out, and the rest written in two parts: each record is looked at a few
// times, however many are refused.
Status RecordSink::write(std::size_t first, std::size_t last) {
  while (first < last) {
    const auto results = tenant_.write(std::span(batch_).subspan(first, last - first));
    if (results) {
      for (std::size_t i = first; i < last; ++i) count(i, (*results)[i - first].effect);
      return {};
    }
    if (!is_about_record(results.error())) return results.error();
    const std::size_t place = first + *results.error().position;
    TULVING_DCHECK(place < last);
    if (auto status = write(first, place); !status) return status;
    refuse(*pending_[place].table, pending_[place].key, reason_of(results.error(), last - first));
    first = place + 1;
  }
  return {};
}

void RecordSink::count(std::size_t place, WriteEffect effect) {
  const Pending& pending = pending_[place];
  const Record& record = batch_[place];
  ++records_;
  ++report_.rows[std::string(pending.table->name)];
  ++report_.records[std::string(kind_name(kind_of(record)))];
  if (effect == WriteEffect::kUnchanged) ++report_.unchanged;
  know(record);
  if (!pending.serial) return;
  Record with_id = record;
  std::visit([&]<class Kind>(Kind& one) { kinds::give_id(tenant_.id(), one); }, with_id);
  SourceRecord source{.tenant_id = tenant_.id(), .kind = kind_of(record), .value = &with_id};
  if (const auto id = Uuid::parse(record_id(source))) {
    serials_[pending.table->name].emplace_back(*id, *pending.serial);
  }
}

Status RecordSink::compare() {
  if (batch_.empty()) return {};
  const auto results = tenant_.write(batch_, {.dry_run = true});
  if (!results) {
    return is_about_record(results.error()) ? holds_other(tenant_.id(), results.error().message)
                                            : results.error();
  }
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    if ((*results)[i].effect != WriteEffect::kUnchanged) {
      return holds_other(tenant_.id(), std::string(kind_name(kind_of(batch_[i]))) + " " +
                                           (*results)[i].id.to_string() + " is not as the row " +
                                           pending_[i].key + " of " +
                                           std::string(pending_[i].table->name) + " has it");
    }
    ++records_;
  }
  return {};
}

Result<bool> RecordSink::is_there(const Record& record) const {
  return std::visit(
      [&]<class Kind>(const Kind& given) -> Result<bool> {
        const auto answer = [](const auto& found) -> Result<bool> {
          if (found) return true;
          if (found.error().code == ErrorCode::kNotFound) return false;
          return found.error();
        };
        if constexpr (std::is_same_v<Kind, Memory>) {
          return answer(tenant_.get(given.id));
        } else {
          Kind with_id = given;
          kinds::give_id(tenant_.id(), with_id);
          return answer(tenant_.get<Kind>(kinds::key_of(with_id)));
        }
      },
      record);
}

// Results name memories that may have gone: a result without them is better than none.
void RecordSink::drop_absent(AgentResult& result) const {
  std::erase_if(result.memory_ids, [&](const Uuid& id) { return !tenant_.get(id); });
}

void RecordSink::know(const Record& record) {
  if (const auto* const session = std::get_if<Session>(&record)) {
    known_.emplace(RecordKind::kSession, session->session_id);
  } else if (const auto* const task = std::get_if<Task>(&record)) {
    known_.emplace(RecordKind::kTask, task->task_id);
  }
}

template <class Target>
Status RecordSink::make(const std::string& name) {
  constexpr RecordKind kKind = kinds::Kind<Target>::number;
  if (name.empty() || known_.contains({kKind, name})) return {};
  const auto table = std::ranges::find(projection_.tables, kKind, &TableSpec::source);
  if (table != projection_.tables.end()) {
    // A session's foreign key holds; a task may be named that nobody wrote.
    if constexpr (std::is_same_v<Target, Session>) return {};
    const std::string row = Uuid::standing_for(tenant_.id(), name).to_string();
    if (was_refused(table->name, row)) return {};
  }
  known_.emplace(kKind, name);
  Target made;
  made.*kinds::Kind<Target>::key.member = name;
  const auto found = tenant_.get<Target>(name);
  if (!found && found.error().code != ErrorCode::kNotFound) return found.error();
  if (!found && compares_) return {};
  const Record record = made;
  const auto written = tenant_.write(std::span(&record, 1), {.dry_run = compares_});
  // One that the store refuses is missing where it is named: that record is listed.
  if (!written) return is_about_record(written.error()) ? Status() : written.error();
  if (compares_ && written->front().effect != WriteEffect::kUnchanged) {
    return holds_other(tenant_.id(),
                       std::string(kinds::Kind<Target>::noun) + " \"" + name + "\" is not there");
  }
  ++records_;
  if (!compares_) ++report_.made[std::string(kinds::Kind<Target>::name)];
  return {};
}

template <class Kind>
Status RecordSink::make_targets(const Kind& record) {
  Status status;
  const auto look = [&]<auto kMember, class Target>(const kinds::Reference<kMember, Target>& to) {
    if constexpr (std::is_same_v<Target, Session> || std::is_same_v<Target, Task>) {
      if (status && to.must_exist == kinds::MustExist::kYes) status = make<Target>(record.*kMember);
    }
  };
  std::apply([&](const auto&... reference) { (look(reference), ...); },
             kinds::Kind<Kind>::references);
  return status;
}

Status RecordSink::make_named(const Record& record) {
  return std::visit([&](const auto& one) { return make_targets(one); }, record);
}

}  // namespace tulving::storage::postgres
