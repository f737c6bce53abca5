#include "core/base/memory_room.h"

#include <sys/mman.h>

namespace tulving {

bool has_memory_room(std::uint64_t bytes) noexcept {
  if (bytes == 0) return true;
  void* const mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return false;
  munmap(mapped, bytes);
  return true;
}

}  // namespace tulving
