#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace tulving::c {

enum class HandleKind : std::uint8_t { kNone, kStore, kTenant, kHits, kDoc, kError, kReply };

/// What C's handles stand for. A handle is a number: which slot, and how often that slot was given
/// away before. It is looked up and never followed, so one that was freed, that is of another kind
/// or that never was one is found out, whatever the caller does with it. What is found is held by
/// whoever found it, so that freeing a handle takes nothing from a call that runs.
///
/// Thread-safe. A lookup takes the slot's own lock, some 30 ns.
class Handles {
 public:
  /// Never destroyed: handles may be freed by destructors of the host, at its end.
  static Handles& instance();

  /// A new handle; never 0. Throws std::bad_alloc, also when some 16 million are alive.
  std::uintptr_t add(HandleKind kind, std::shared_ptr<void> object);
  /// Null: no such handle of that kind.
  [[nodiscard]] std::shared_ptr<void> find(HandleKind kind, std::uintptr_t handle) const noexcept;
  /// Likewise, and frees the handle.
  std::shared_ptr<void> take(HandleKind kind, std::uintptr_t handle) noexcept;
  /// How many there are.
  [[nodiscard]] std::size_t alive() const noexcept { return alive_.load(); }

 private:
  struct Slot {
    std::mutex mutex;
    std::uint32_t generation = 1;  // Of the present handle, or of the next one.
    HandleKind kind = HandleKind::kNone;
    std::shared_ptr<void> object;
    std::uint32_t next_free = 0;  // Guarded by free_mutex_.
  };
  static constexpr std::uint32_t kSlotsPerBlock = 1024;
  static constexpr std::uint32_t kBlocksMax = 16 * 1024;
  static constexpr std::uint32_t kNoSlot = UINT32_MAX;

  Handles() = default;
  std::uint32_t take_free_slot();
  void give_back(std::uint32_t index) noexcept;
  [[nodiscard]] Slot* slot_of(std::uintptr_t handle) const noexcept;

  std::array<std::atomic<Slot*>, kBlocksMax> blocks_ = {};
  std::mutex free_mutex_;
  std::uint32_t first_free_ = kNoSlot;
  std::uint32_t made_ = 0;  // Slots in the blocks that are there and were given away once.
  std::atomic<std::size_t> alive_ = 0;
};

}  // namespace tulving::c
