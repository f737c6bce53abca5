#include "core/engine/embed/embedding_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

#include "core/base/check.h"
#include "core/engine/embed/make_vectors.h"
#include "core/engine/embed/query_embedder.h"
#include "core/engine/embed/wanting_rows.h"

namespace tulving::engine {
namespace {

// Of the background: one write each, so that a search finds what was added a moment ago, and a
// writer waits for no long one.
constexpr std::size_t kBatch = 64;

// How long a failing embedder is left alone: at first, and at most.
constexpr std::chrono::milliseconds kFirstDelay(500);
constexpr std::chrono::milliseconds kLongestDelay(60'000);

// A vector that nobody asked for is put where there is none at all.
VectorWrite unasked(const Embedder& embedder) { return {embedder.identity().model, false, {}}; }

}  // namespace

EmbeddingWorker::EmbeddingWorker(EmbeddingHost host)
    : host_(std::move(host)), writes_(host_.options.embed) {
  stats_.model = host_.options.embedders.front()->identity().model;
}

EmbeddingWorker::~EmbeddingWorker() { stop(); }

Status EmbeddingWorker::start() {
  TULVING_DCHECK(!thread_.joinable());  // Once.
  if (writes_ == EmbedWrites::kOff || host_.options.read_only) return {};
  {
    // Each is there once: to look for it first would be a square of ten thousand tenants.
    const auto tenants = host_.catalog.tenants();
    const MutexLock lock(mutex_);
    queue_.assign(tenants.begin(), tenants.end());
  }
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    return Error{ErrorCode::kResourceExhausted,
                 fmt::format("no thread for the store's embedding: {}", error.what())};
  }
  return {};
}

void EmbeddingWorker::stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

namespace {

bool wants_vector(const MemoryChange& change) {
  if (!change.after) return false;
  const MemoryStatus status = change.after->status();
  if (status != MemoryStatus::kActive && status != MemoryStatus::kPromoted) return false;
  const bool gets_one = std::ranges::any_of(
      change.vectors, [](const auto& vector) { return !vector.vector.empty(); });
  if (gets_one) return false;
  return !change.before || change.before->status() != change.after->status() ||
         change.before->content_hash() != change.after->content_hash();
}

}  // namespace

std::vector<RecordPtr> without_vector(const Transaction& transaction) {
  std::vector<RecordPtr> records;
  for (const MemoryChange& change : transaction.memory_changes()) {
    if (wants_vector(change)) records.push_back(change.after);
  }
  return records;
}

void EmbeddingWorker::enqueue(const std::shared_ptr<SharedTenant>& tenant) {
  {
    const MutexLock lock(mutex_);
    if (std::ranges::find(queue_, tenant) != queue_.end()) return;
    queue_.push_back(tenant);
  }
  wake_.notify_all();
}

void EmbeddingWorker::after_write(const std::shared_ptr<SharedTenant>& tenant,
                                  std::span<const RecordPtr> written) {
  if (writes_ == EmbedWrites::kOff) return;
  if (writes_ == EmbedWrites::kWait && embed_now(tenant, written)) return;
  enqueue(tenant);
}

// The write was done, whatever becomes of this: an error is told by the stats, and the thread goes
// on with what is left.
bool EmbeddingWorker::embed_now(const std::shared_ptr<SharedTenant>& tenant,
                                std::span<const RecordPtr> written) {
  try {
    const Batch batch = batch_of(tenant, written);
    if (batch.embedder == nullptr) return true;
    for (std::size_t from = 0; from < batch.records.size(); from += kBatch) {
      const auto records =
          std::span(batch.records).subspan(from, std::min(kBatch, batch.records.size() - from));
      const auto embedded = embed(tenant, *batch.embedder, records, unasked(*batch.embedder));
      if (!embedded) {
        note(embedded.error(), true);
        return false;
      }
      note_success(embedded->made);
    }
    return true;
  } catch (const std::exception& thrown) {  // No memory.
    note({ErrorCode::kResourceExhausted, thrown.what()}, true);
    return false;
  }
}

EmbeddingWorker::Batch EmbeddingWorker::batch_of(const std::shared_ptr<SharedTenant>& tenant,
                                                 std::span<const RecordPtr> written) const {
  const auto state = tenant->read();
  Batch batch{embedder_for(*state, host_.catalog, host_.options.embedders)};
  if (!host_.is_whole() || batch.embedder == nullptr) return {};
  for (const RecordPtr& record : written) {
    const auto row = state->memories.find(record->id());
    const bool has_one = row && std::ranges::any_of(state->vectors, [&](const auto& of_model) {
                           return of_model.second->contains(*row);
                         });
    if (row && !has_one) batch.records.push_back(record);
  }
  return batch;
}

EmbeddingWorker::Batch EmbeddingWorker::next_batch(
    const std::shared_ptr<SharedTenant>& tenant) const {
  const auto state = tenant->read();
  Batch batch{embedder_for(*state, host_.catalog, host_.options.embedders)};
  if (!host_.is_whole() || batch.embedder == nullptr) return {};
  const Roaring rows = rows_without_vector(*state);
  const MutexLock lock(mutex_);
  for (const std::uint32_t row : rows) {
    RecordPtr record = state->memories.record(row);
    TULVING_DCHECK(record != nullptr);  // It is visible.
    if (skipped_.has(tenant, *record)) continue;
    batch.records.push_back(std::move(record));
    if (batch.records.size() == kBatch) break;
  }
  return batch;
}

void EmbeddingWorker::skip(const std::shared_ptr<SharedTenant>& tenant,
                           const storage::MemoryRecord& record, SkippedTexts::Why why) {
  const MutexLock lock(mutex_);
  if (!tenant->is_dropped()) skipped_.add(tenant, record, why);
}

Result<EmbeddingWorker::Embedded> EmbeddingWorker::embed(
    const std::shared_ptr<SharedTenant>& tenant, const Embedder& embedder,
    std::span<const RecordPtr> records, const VectorWrite& write) {
  Embedded embedded;
  std::vector<RecordPtr> asked;
  std::vector<std::string> texts;
  for (const RecordPtr& record : records) {
    std::string text = text_to_embed(*record);
    if (text.empty()) {
      skip(tenant, *record, SkippedTexts::Why::kBlank);
      ++embedded.refused;
      continue;
    }
    asked.push_back(record);
    texts.push_back(std::move(text));
  }
  auto made = make_vectors_of_texts(embedder, texts);
  if (!made) return made.error();
  std::vector<VectorOfText> vectors;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    MadeVectors& one = (*made)[i];
    if (one) {
      vectors.push_back({asked[i], std::move(one->vectors), one->passages});
      continue;
    }
    skip(tenant, *asked[i], SkippedTexts::Why::kRefused);
    ++embedded.refused;
    embedded.last_error =
        fmt::format("memory {}: {}", asked[i]->id().to_string(), one.error().message);
    note({one.error().code, embedded.last_error}, false);
  }
  const auto put = this->put(tenant, vectors, write);
  if (!put) return put.error();
  embedded.made = *put;
  return embedded;
}

Result<std::uint64_t> EmbeddingWorker::put(const std::shared_ptr<SharedTenant>& tenant,
                                           std::span<VectorOfText> vectors,
                                           const VectorWrite& write) {
  if (vectors.empty()) return std::uint64_t{0};
  std::uint64_t staged = 0;
  const auto stage = [&](Transaction& transaction) -> Status {
    auto count = stage_vectors(transaction, vectors, write);
    if (!count) return count.error();
    staged = *count;
    return {};
  };
  if (auto status = host_.write(tenant, stage); !status) {
    if (tenant->is_dropped()) return std::uint64_t{0};  // Meanwhile: nothing is owed to it.
    return status.error();
  }
  return staged;
}

void EmbeddingWorker::forget(const std::shared_ptr<SharedTenant>& tenant) {
  const MutexLock lock(mutex_);
  skipped_.forget(tenant);
}

void EmbeddingWorker::note(const Error& error, bool is_failing) {
  const MutexLock lock(mutex_);
  stats_.last_error = error.message;
  if (!is_failing) return;
  stats_.is_failing = true;
  failure_ = error;
  delay_ = std::clamp(delay_ * 2, kFirstDelay, kLongestDelay);
}

void EmbeddingWorker::note_success(std::uint64_t made) {
  const MutexLock lock(mutex_);
  stats_.made += made;
  stats_.is_failing = false;
  delay_ = {};
}

Result<bool> EmbeddingWorker::turn(const std::shared_ptr<SharedTenant>& tenant) {
  const Batch batch = next_batch(tenant);
  if (batch.records.empty()) return false;
  auto embedded = embed(tenant, *batch.embedder, batch.records, unasked(*batch.embedder));
  if (!embedded) return embedded.error();
  note_success(embedded->made);
  return true;
}

void EmbeddingWorker::run() {
  MutexLock lock(mutex_);
  while (!stopping_) {
    if (queue_.empty()) {
      wake_.wait(mutex_);
      continue;
    }
    const auto tenant = queue_.front();
    queue_.pop_front();
    busy_ = true;
    lock.unlock();
    Result<bool> more = false;
    try {
      more = turn(tenant);
    } catch (const std::exception& thrown) {  // No memory.
      more = Error{ErrorCode::kResourceExhausted, thrown.what()};
    }
    if (!more) note(more.error(), true);
    if (!more || *more) enqueue(tenant);
    lock.lock();
    busy_ = false;
    wake_.notify_all();
    if (more) continue;
    const auto until = std::chrono::steady_clock::now() + delay_;
    while (!stopping_ && wake_.wait_until(mutex_, until)) {
    }
  }
}

Status EmbeddingWorker::wait() {
  const MutexLock lock(mutex_);
  while (!stopping_ && thread_.joinable()) {
    if (stats_.is_failing) return failure_;
    if (queue_.empty() && !busy_) return {};
    wake_.wait(mutex_);
  }
  return {};
}

EmbeddingStats EmbeddingWorker::stats() const {
  EmbeddingStats stats;
  SkippedTexts skipped;
  {
    const MutexLock lock(mutex_);
    stats = stats_;
    skipped = skipped_;
  }
  for (const auto& tenant : host_.catalog.tenants()) {
    const auto state = tenant->read();
    if (!host_.is_whole()) break;
    if (embedder_for(*state, host_.catalog, host_.options.embedders) == nullptr) continue;
    const Roaring rows = rows_without_vector(*state);
    const SkippedTexts::Counts counts = skipped.count(tenant, *state, rows);
    stats.pending += rows.cardinality() - counts.blank;
    stats.failed += counts.refused;
  }
  return stats;
}

}  // namespace tulving::engine
