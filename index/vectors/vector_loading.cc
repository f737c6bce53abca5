// What a checkpoint's file still has comes in: row by row as it is needed, and the rest here.

#include "index/vectors/vector_index_impl.h"

namespace tulving::index {

bool VectorSegment::is_loading() const {
  return slab.demand() != nullptr || (graph != nullptr && graph->is_loading());
}

bool VectorSegment::wants_loading() const {
  return slab.wants_loading() || (graph != nullptr && graph->wants_loading());
}

// The graph first: a walk touches a thousand rows of it, and a few dozen vectors' residuals.
bool VectorSegment::load_next() const {
  return (graph != nullptr && graph->load_next()) || slab.load_next();
}

void VectorSegment::load_all() const {
  if (graph != nullptr) graph->load_all();
  if (slab.demand() != nullptr) slab.demand()->fetch_all();
}

void VectorSegment::end_loading() {
  if (graph != nullptr) graph->end_loading();
  slab.end_loading();
}

bool VectorIndex::Impl::load_step() {
  const ReaderLock build_lock(build_mutex_);
  return current_->load_next();
}

void VectorIndex::Impl::finish_loading() {
  const WriterLock build_lock(build_mutex_);
  current_->load_all();
  current_->end_loading();
}

bool VectorIndex::Impl::is_damaged() const {
  const MutexLock lock(mutex_);
  return current_->graph != nullptr && current_->graph->damaged() != 0;
}

}  // namespace tulving::index
