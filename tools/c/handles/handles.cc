#include "tools/c/handles/handles.h"

#include <new>
#include <utility>

namespace tulving::c {

namespace {

// A handle, from its low bits up: the kind, the slot, the slot's generation.
constexpr unsigned kKindBits = 4;
constexpr unsigned kSlotBits = 28;

static_assert(sizeof(std::uintptr_t) == 8);

std::uintptr_t handle_of(HandleKind kind, std::uint32_t slot, std::uint32_t generation) {
  return static_cast<std::uintptr_t>(kind) | std::uintptr_t{slot} << kKindBits |
         std::uintptr_t{generation} << (kKindBits + kSlotBits);
}

HandleKind kind_of(std::uintptr_t handle) {
  return static_cast<HandleKind>(handle & ((1U << kKindBits) - 1));
}
std::uint32_t slot_index(std::uintptr_t handle) {
  return static_cast<std::uint32_t>(handle >> kKindBits) & ((1U << kSlotBits) - 1);
}
std::uint32_t generation_of(std::uintptr_t handle) {
  return static_cast<std::uint32_t>(handle >> (kKindBits + kSlotBits));
}

}  // namespace

Handles& Handles::instance() {
  static auto& handles = *new Handles;
  return handles;
}

std::uint32_t Handles::take_free_slot() {
  const std::lock_guard lock(free_mutex_);
  if (first_free_ != kNoSlot) {
    const std::uint32_t index = first_free_;
    first_free_ = blocks_[index / kSlotsPerBlock].load()[index % kSlotsPerBlock].next_free;
    return index;
  }
  if (made_ == kSlotsPerBlock * kBlocksMax) throw std::bad_alloc();
  if (made_ % kSlotsPerBlock == 0) blocks_[made_ / kSlotsPerBlock] = new Slot[kSlotsPerBlock];
  return made_++;
}

void Handles::give_back(std::uint32_t index) noexcept {
  const std::lock_guard lock(free_mutex_);
  blocks_[index / kSlotsPerBlock].load()[index % kSlotsPerBlock].next_free = first_free_;
  first_free_ = index;
}

Handles::Slot* Handles::slot_of(std::uintptr_t handle) const noexcept {
  const std::uint32_t index = slot_index(handle);
  if (index >= kSlotsPerBlock * kBlocksMax) return nullptr;
  Slot* const block = blocks_[index / kSlotsPerBlock].load();
  return block == nullptr ? nullptr : block + index % kSlotsPerBlock;
}

std::uintptr_t Handles::add(HandleKind kind, std::shared_ptr<void> object) {
  const std::uint32_t index = take_free_slot();
  Slot& slot = blocks_[index / kSlotsPerBlock].load()[index % kSlotsPerBlock];
  const std::lock_guard lock(slot.mutex);
  slot.kind = kind;
  slot.object = std::move(object);
  alive_.fetch_add(1);
  return handle_of(kind, index, slot.generation);
}

std::shared_ptr<void> Handles::find(HandleKind kind, std::uintptr_t handle) const noexcept {
  if (kind_of(handle) != kind) return nullptr;
  Slot* const slot = slot_of(handle);
  if (slot == nullptr) return nullptr;
  const std::lock_guard lock(slot->mutex);
  const bool is_it = slot->kind == kind && slot->generation == generation_of(handle);
  return is_it ? slot->object : nullptr;
}

std::shared_ptr<void> Handles::take(HandleKind kind, std::uintptr_t handle) noexcept {
  if (kind_of(handle) != kind) return nullptr;
  Slot* const slot = slot_of(handle);
  if (slot == nullptr) return nullptr;
  std::shared_ptr<void> object;
  bool is_worn = false;
  {
    const std::lock_guard lock(slot->mutex);
    if (slot->kind != kind || slot->generation != generation_of(handle)) return nullptr;
    object = std::move(slot->object);
    slot->object = nullptr;
    slot->kind = HandleKind::kNone;
    is_worn = ++slot->generation == 0;
  }
  alive_.fetch_sub(1);
  // A slot that has had all its generations is never used again, lest an old handle mean a new one.
  if (!is_worn) give_back(slot_index(handle));
  return object;
}

}  // namespace tulving::c
