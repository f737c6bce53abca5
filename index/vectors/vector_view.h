#pragma once

#include <cstdint>

#include "index/vectors/graph/hnsw_graph.h"
#include "index/vectors/rows/vector_slab.h"

namespace tulving::index {

/// What one search sees. Slots below `covered` are in the graph or dead, and stay so for the
/// search's duration; those from `covered` on wait, and are scanned.
struct VectorView {
  const VectorSlab* slab = nullptr;
  const HnswGraph* graph = nullptr;  ///< Only to be touched when covered > 0.
  Slot covered = 0;
  bool has_runs = false;  ///< Some rows have several vectors, in slots that follow each other.

  /// Whether a live slot has a vector of the same row as the live one before it.
  [[nodiscard]] bool continues(Slot slot) const {
    return slot > 0 && slab->live(slot - 1) && slab->row(slot - 1) == slab->row(slot);
  }
  /// Where the vectors begin that a live slot's row has.
  [[nodiscard]] Slot run_begin(Slot slot) const {
    while (has_runs && continues(slot)) --slot;
    return slot;
  }
  /// Behind the last vector of the row that a live slot is of.
  [[nodiscard]] Slot run_end(Slot slot) const {
    ++slot;
    while (has_runs && slot < slab->slots() && slab->live(slot) && continues(slot)) ++slot;
    return slot;
  }

  /// The codes of a live slot, wherever they are.
  [[nodiscard]] const std::uint8_t* codes(Slot slot) const {
    const std::uint8_t* in_slab = slab->codes(slot);
    return in_slab != nullptr ? in_slab : graph->codes(slab->graph_id(slot));
  }
  /// Where they are, or will be.
  [[nodiscard]] const std::uint8_t* codes_address(Slot slot) const {
    const std::uint8_t* in_slab = slab->codes(slot);
    return in_slab != nullptr ? in_slab : graph->address(slab->graph_id(slot));
  }
  /// The final form of a live slot, to be multiplied by its header's scale.
  [[nodiscard]] FixedRow form(Slot slot) const {
    return slab->coder().row(codes(slot), slab->residuals(slot));
  }
  /// Asks for a slot's form before it is needed: the rows of an answer lie far apart.
  void prefetch(Slot slot) const {
    const FixedRow row = slab->coder().row(codes_address(slot), slab->residuals_address(slot));
    const std::size_t residuals = slab->coder().residual_stride();
    for (std::size_t at = 0; at < residuals; at += kCacheLine) {
      __builtin_prefetch(row.residuals + at);
    }
    for (std::size_t at = 0; at < slab->coder().code_stride(); at += kCacheLine) {
      __builtin_prefetch(row.codes + at);
    }
  }
  /// The cosine of a query and a live slot by the final form.
  [[nodiscard]] float exact(const PreparedQuery& query, Slot slot) const {
    return query.exact(form(slot), slab->header(slot).scale);
  }
};

}  // namespace tulving::index
