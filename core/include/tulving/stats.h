#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tulving/position.h"

namespace tulving {

/// Counts and bytes of one embedding model's vectors in one tenant.
struct VectorStats {
  std::string model;
  std::uint32_t dim = 0;
  std::uint64_t vectors = 0;     ///< Live vectors.
  std::uint64_t in_graph = 0;    ///< Of these, reachable by the graph; the rest are scanned.
  std::uint64_t tombstones = 0;  ///< Dead rows not yet reclaimed.
  std::uint64_t bytes = 0;       ///< RAM of codes, re-rank data and graph.
  /// Parts of the index's file that were found damaged since opening, and made anew from the log.
  std::uint64_t damaged = 0;
};

struct TenantStats {
  std::string tenant_id;
  std::uint64_t memories = 0;  ///< All, whatever their status.
  std::map<std::string, std::uint64_t> by_status;
  std::uint64_t without_vector = 0;  ///< Active and promoted memories with a vector of no model.
  /// Records of the other kinds: "sessions", "relations", "consolidation_tasks",
  /// "consolidation_jobs".
  std::map<std::string, std::uint64_t, std::less<>> records;
  std::uint64_t terms = 0;         ///< Distinct terms of the text index.
  std::uint64_t record_bytes = 0;  ///< RAM of records.
  std::uint64_t text_bytes = 0;    ///< RAM of the text index.
  std::uint64_t attribute_bytes = 0;
  std::vector<VectorStats> vectors;
};

/// How far the store is with making vectors of texts; see StoreOptions::embedders.
struct EmbeddingStats {
  std::string model;  ///< Of the first of them. Empty: there is none.
  /// Active and promoted memories that have a text and no vector yet, in tenants whose vectors an
  /// embedder makes.
  std::uint64_t pending = 0;
  /// Of `pending`, those whose text the embedder refused. They are tried again once they have
  /// another text, or the store is opened again.
  std::uint64_t failed = 0;
  std::uint64_t made = 0;  ///< Vectors of memories made since opening.
  /// The embedder could not be reached, or answered what are no vectors, when it was asked last. It
  /// is asked again, after 0.5 s at first and after a minute at most.
  bool is_failing = false;
  std::string last_error = {};  ///< Of the embedder since opening, as told by it. Empty: none.
};

struct StoreStats {
  std::uint64_t revision = 0;
  std::uint64_t durable_revision = 0;
  std::uint64_t memories = 0;
  std::uint64_t without_vector = 0;  ///< Sum of the tenants'.
  std::uint64_t tombstones = 0;      ///< Erased records remembered as such.
  std::uint64_t ram_bytes = 0;       ///< Sum of the tenants' bytes.
  double bytes_per_memory = 0;
  std::uint64_t disk_bytes = 0;      ///< Files in the directory.
  std::vector<TenantStats> tenants;  ///< Ordered by id.
  bool indexing_caught_up = true;
  EmbeddingStats embedding = {};
  Uuid incarnation = {};  ///< Of which `revision` is; see Position.
};

/// What verify() found. Empty `problems` is a sound store.
struct VerifyReport {
  std::uint64_t records_checked = 0;
  std::uint64_t vectors_checked = 0;
  std::vector<std::string> problems;  ///< One sentence each, naming file or record.
  Position position;                  ///< What was looked at.
};

}  // namespace tulving
