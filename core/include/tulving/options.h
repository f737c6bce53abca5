#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tulving/thresholds.h"
#include "tulving/time.h"

namespace tulving {

class Embedder;  // embedder.h

/// When a memory that is written without a vector gets one of the store's own embedder.
enum class EmbedWrites : std::uint8_t {
  kBackground,  ///< Soon, on a thread of the store's own: the write waits for nothing.
  kWait,        ///< Before it is written. Should the embedder fail, it is written all the same.
  kOff,         ///< When reembed() is called.
};

/// What an acknowledged write has survived.
enum class Durability : std::uint8_t {
  kDurable,  ///< fsynced before the ack, shared by concurrent writers: survives a power loss.
  kProcess,  ///< In the operating system's hands: survives kill -9; fsynced every sync_interval.
  kNone,     ///< Bulk load only: kept once close() or make_durable() has returned.
};

/// Exponent form of a memory's fading, SPEC section 4.
enum class DecayModel : std::uint8_t { kPowerLaw, kExponential, kTwoComponent };

/// BM25's constants (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework"). A
/// memory is scored by its best passage of 40 words; index/README.md says how.
struct Bm25Params {
  float k1 = 0.9F;  ///< Saturation of term frequency, 0..10.
  float b = 0.4F;   ///< Length normalisation, 0..1; the length is a passage's.
};

/// The vector graph, used for tenants above `exact_rows_max` vectors of one model.
struct VectorIndexOptions {
  std::uint32_t m =
      16;  ///< Links a node; "M" in the paper and in hnswlib; 4..64. RAM: 8 m bytes a row.
  std::uint32_t ef_construction = 200;  ///< Width of the walk at insertion; 16..2000.
  std::uint32_t ef_search =
      64;  ///< Width of the walk at search; 1..10,000; more finds more and costs more.
  std::uint32_t exact_rows_max =
      8192;  ///< Up to this many vectors a tenant is scanned exactly, no graph.
  /// Threads that build graphs in the background, 0..256; 0: as many as there are processors. One
  /// builds the same graph of the same writes each time; of several, each graph is another, and as
  /// good. All but one run at a lower priority, after searches and writes.
  std::uint32_t build_threads = 0;
  /// Bits a component kept beside its 8-bit code, for the final ranking: 8, 4 or 0. A vector of n
  /// components takes n (1 + bits / 8) bytes; its components are off by at most largest / 127 /
  /// 2^(bits + 1), cosines by about that divided by 1.7. 8 ranks as the vectors themselves; with
  /// 4, for a quarter of the bytes less, one answer in a hundred has another at its end, by less
  /// than 1e-4. It is a store's, not a vector's: opening with another builds the index anew from
  /// the log. Below 256 dimensions, where less of the error averages out, 4 counts as 8.
  std::uint32_t residual_bits = 8;
};

/// How a store is opened. The defaults suit an agent that lives in one process.
struct StoreOptions {
  bool create_if_missing = true;
  bool read_only = false;  ///< Beside another process that has it open; sees the state at opening.
  Durability durability = Durability::kProcess;
  std::uint32_t sync_interval_ms = 100;  ///< For kProcess; 1..60,000.
  std::uint32_t embedding_dim = 0;       ///< Dimension of the default model; 0: its first vector's.
  std::string default_model = "default";       ///< Model of searches and imports that name none.
  std::uint64_t text_bytes_max = 1'000'000;    ///< Longest text accepted, 1..64 MB.
  std::uint64_t memories_max = 4'000'000'000;  ///< Per tenant.
  /// Bytes of RAM that records and indexes may take, as StoreStats::ram_bytes counts them; a write
  /// that would add to more is refused. RocksDB's buffers, up to some 70 MiB, are beside it. 0: no
  /// limit but the system's.
  std::uint64_t memory_max = 0;
  VectorIndexOptions vectors;
  /// Make vectors of texts: of memories that come without any, and of queries
  /// (SearchRequest::text). A tenant's is the one whose model most of its vectors are of; in one
  /// without vectors it is the first; where most are of another model, none. A memory that brings a
  /// vector is never embedded, but by Store::reembed(). Until its vector comes a memory is found by
  /// its words. What waits is counted in StoreStats::embedding, and found again when the store is
  /// opened: it is what has a text and no vector. No two are of one model, and none of a dimension
  /// that its model has not in the store. None is called under a lock of the store; close() waits
  /// for a call that is under way.
  std::vector<std::shared_ptr<const Embedder>> embedders = {};
  EmbedWrites embed = EmbedWrites::kBackground;
  Bm25Params bm25;
  DecayModel decay_model = DecayModel::kPowerLaw;
  ThresholdOptions thresholds =
      {};                           ///< What is empty comes from the environment, else the default.
  bool background_indexing = true;  ///< Build large tenants' graphs on threads of the store's own.
  Clock clock = {};                 ///< Empty: the system's.
};

}  // namespace tulving
