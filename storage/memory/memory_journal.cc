#include "storage/memory/memory_journal.h"

#include <array>
#include <map>

#include "core/base/check.h"
#include "core/base/mutex.h"
#include "storage/closed_reader.h"

namespace tulving::storage {
namespace {

// Values are shared between versions of a map, so that copying one costs its nodes and no value.
using Value = std::shared_ptr<const std::string>;
using Map = std::map<std::string, Value, std::less<>>;
using Maps = std::array<std::shared_ptr<Map>, kTableCount>;

std::size_t slot_of(Table table) { return static_cast<std::size_t>(table); }

Result<std::optional<std::string>> get_from(const Map& map, std::string_view key) {
  const auto found = map.find(key);
  if (found == map.end()) return std::optional<std::string>();
  return std::optional(*found->second);
}

class MemoryReader final : public JournalReader {
 public:
  explicit MemoryReader(Maps maps) : maps_(std::move(maps)) {
    for (const auto& map : maps_) TULVING_DCHECK(map != nullptr);
  }

  Result<std::optional<std::string>> get(Table table, std::string_view key) const override {
    return get_from(*maps_[slot_of(table)], key);
  }

  Status scan(Table table, std::string_view prefix, const ScanVisitor& visit) const override {
    const Map& map = *maps_[slot_of(table)];
    for (auto entry = map.lower_bound(prefix);
         entry != map.end() && std::string_view(entry->first).starts_with(prefix); ++entry) {
      if (auto status = visit(entry->first, *entry->second); !status) return status;
    }
    return {};
  }

 private:
  const Maps maps_;  // Never written: the journal copies a map before its first change after this.
};

class MemoryJournal final : public Journal {
 public:
  MemoryJournal() {
    for (auto& map : maps_) map = std::make_shared<Map>();
  }

  Status append(const JournalBatch& batch) override {
    const WriterLock lock(mutex_);
    if (is_closed_) return journal_closed();
    for (const auto& operation : batch.operations()) {
      TULVING_DCHECK(operation.is_put || operation.value().empty());
      Map& map = writable(slot_of(operation.table));
      if (operation.is_put) {
        map.insert_or_assign(operation.key, std::make_shared<const std::string>(operation.value()));
      } else {
        map.erase(operation.key);
      }
    }
    return {};
  }

  Status make_durable() override { return purge(); }

  Result<std::optional<std::string>> get(Table table, std::string_view key) const override {
    const ReaderLock lock(mutex_);
    if (is_closed_) return journal_closed();
    return get_from(*maps_[slot_of(table)], key);
  }

  std::unique_ptr<JournalReader> snapshot() const override {
    const WriterLock lock(mutex_);
    if (is_closed_) return std::make_unique<ClosedReader>();
    is_shared_.fill(true);
    return std::make_unique<MemoryReader>(maps_);
  }

  Status purge() override {  // Nothing erased is kept, and there is no disk to wait for.
    const ReaderLock lock(mutex_);
    if (is_closed_) return journal_closed();
    return {};
  }

  Result<std::vector<std::string>> verify() const override {
    const ReaderLock lock(mutex_);
    if (is_closed_) return journal_closed();
    return std::vector<std::string>();
  }

  std::uint64_t disk_bytes() const override { return 0; }

  Status close() override {
    const WriterLock lock(mutex_);
    if (is_closed_) return journal_closed();
    is_closed_ = true;
    for (auto& map : maps_) map = std::make_shared<Map>();
    return {};
  }

 private:
  Map& writable(std::size_t slot) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    // A flag rather than use_count(), which says nothing about what a reader that has just let go
    // had read before.
    if (is_shared_[slot]) {
      maps_[slot] = std::make_shared<Map>(*maps_[slot]);
      is_shared_[slot] = false;
    }
    return *maps_[slot];
  }

  mutable FairSharedMutex mutex_;
  Maps maps_ ABSL_GUARDED_BY(mutex_);
  /// A reader may hold the map.
  mutable std::array<bool, kTableCount> is_shared_ ABSL_GUARDED_BY(mutex_){};
  bool is_closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

std::unique_ptr<Journal> open_memory_journal() { return std::make_unique<MemoryJournal>(); }

}  // namespace tulving::storage
