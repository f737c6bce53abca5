#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "core/base/mutex.h"
#include "core/engine/embed/skipped_texts.h"
#include "core/engine/embed/vector_writes.h"
#include "core/engine/state/catalog.h"
#include "core/engine/state/shared_tenant.h"
#include "tulving/embedder.h"
#include "tulving/options.h"
#include "tulving/reembed.h"
#include "tulving/stats.h"

namespace tulving::engine {

/// Memories that a write leaves without a vector, as far as a glance tells: it puts them with
/// another text or status than they had, and puts no vector.
[[nodiscard]] std::vector<RecordPtr> without_vector(const Transaction& transaction);

/// What of a store the worker works on. All of it must outlive the worker.
struct EmbeddingHost {
  const StoreOptions& options;
  const Catalog& catalog;
  /// Whether RAM has all of every write; asked while a tenant is held.
  std::function<bool()> is_whole;
  /// Stages and commits one write.
  std::function<Status(const std::shared_ptr<SharedTenant>& tenant,
                       const std::function<Status(Transaction&)>& stage)>
      write;
};

/// Gives memories that have a text and no vector one of the tenant's embedder (embedder_for()): on
/// a thread of its own, on that of a write which waits for it, or when asked to. What is owed is
/// kept nowhere: it is what lacks a vector, so nothing owed can be lost. The embedder is called
/// without a lock.
///
/// Thread safety: all members, from start() to stop().
class EmbeddingWorker {
 public:
  /// Of a store whose options name an embedder.
  explicit EmbeddingWorker(EmbeddingHost host);
  ~EmbeddingWorker();
  EmbeddingWorker(const EmbeddingWorker&) = delete;
  EmbeddingWorker& operator=(const EmbeddingWorker&) = delete;

  /// Starts the thread, unless the options want none. kResourceExhausted: there is none.
  Status start();
  /// Waits for a call of the embedder that is under way.
  void stop();

  /// After a write that left memories without_vector(): makes the vectors of `written` now, where
  /// the options say so, or sees that they are made soon.
  void after_write(const std::shared_ptr<SharedTenant>& tenant, std::span<const RecordPtr> written);

  /// Of a tenant that was dropped.
  void forget(const std::shared_ptr<SharedTenant>& tenant);

  /// Returns when nothing is left to do but what was refused. The embedder's error, when it fails.
  Status wait();
  Result<ReembedReport> reembed(const ReembedOptions& options);
  [[nodiscard]] EmbeddingStats stats() const;

 private:
  /// What became of a batch.
  struct Embedded {
    std::uint64_t made = 0;
    std::uint64_t refused = 0;
    std::string last_error = {};  ///< Why one was refused.
  };
  /// Memories of one tenant that lack a vector, and who makes it. Null: nobody does there.
  struct Batch {
    const Embedder* embedder = nullptr;
    std::vector<RecordPtr> records = {};
  };
  /// False: the embedder failed.
  bool embed_now(const std::shared_ptr<SharedTenant>& tenant, std::span<const RecordPtr> written);
  Result<Embedded> embed(const std::shared_ptr<SharedTenant>& tenant, const Embedder& embedder,
                         std::span<const RecordPtr> records, const VectorWrite& write);
  Result<std::uint64_t> put(const std::shared_ptr<SharedTenant>& tenant,
                            std::span<VectorOfText> vectors, const VectorWrite& write);
  Status reembed(const std::shared_ptr<SharedTenant>& tenant, const ReembedOptions& options,
                 ReembedReport& report, bool& goes_on);
  void skip(const std::shared_ptr<SharedTenant>& tenant, const storage::MemoryRecord& record,
            SkippedTexts::Why why);
  /// The next memories that lack one.
  [[nodiscard]] Batch next_batch(const std::shared_ptr<SharedTenant>& tenant) const;
  /// Of `written` those that lack one.
  [[nodiscard]] Batch batch_of(const std::shared_ptr<SharedTenant>& tenant,
                               std::span<const RecordPtr> written) const;
  void enqueue(const std::shared_ptr<SharedTenant>& tenant);
  void note(const Error& error, bool is_failing);
  void note_success(std::uint64_t made);
  void run();
  /// A batch of a tenant; true: it may have more.
  Result<bool> turn(const std::shared_ptr<SharedTenant>& tenant);

  const EmbeddingHost host_;
  const EmbedWrites writes_;

  mutable Mutex mutex_;  ///< Never held while another is taken, or an embedder called.
  ConditionVariable wake_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::shared_ptr<SharedTenant>> queue_ ABSL_GUARDED_BY(mutex_);  ///< Each once.
  std::chrono::milliseconds delay_ ABSL_GUARDED_BY(mutex_){0};  ///< Before it is asked again.
  SkippedTexts skipped_ ABSL_GUARDED_BY(mutex_);
  EmbeddingStats stats_ ABSL_GUARDED_BY(mutex_);
  Error failure_ ABSL_GUARDED_BY(mutex_);  ///< While stats_.is_failing.
  std::thread thread_;
};

}  // namespace tulving::engine
