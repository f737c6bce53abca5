#include "index/vectors/rows/huge_pages.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <new>

#include "index/vectors/rows/aligned_array.h"

namespace tulving::index {
namespace {

constexpr std::size_t kHugePage = HugePages::kPageBytes;

// Asks for one huge page too many and gives back what lies outside the aligned part.
void* map_aligned(std::size_t bytes) {
  void* mapped = ::mmap(nullptr, bytes + kHugePage, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  auto* start = static_cast<std::byte*>(mapped);
  const auto address = reinterpret_cast<std::uintptr_t>(mapped);
  const std::size_t before = round_up(address, kHugePage) - address;
  if (before != 0) ::munmap(start, before);
  if (const std::size_t after = kHugePage - before; after != 0) {
    ::munmap(start + before + bytes, after);
  }
  return start + before;
}

}  // namespace

void advise_huge_pages(const void* memory, std::size_t bytes) {
  // To the ends of its pages: blocks that touch then join to one range, and a huge page may lie
  // across them. The neighbours on those pages are none the worse.
  constexpr std::size_t kPage = 4096;
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = address / kPage * kPage;
  const std::size_t length = round_up(address + bytes, kPage) - first;
  ::madvise(reinterpret_cast<void*>(first), length, MADV_HUGEPAGE);
}

void collapse_huge_pages(const void* memory, std::size_t bytes) {
  // Of Linux 6.1; headers of that age lack the name, and older systems refuse the number.
  constexpr int kMadvCollapse = 25;
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  for (std::uintptr_t at = address / kHugePage * kHugePage; at < address + bytes; at += kHugePage) {
    ::madvise(reinterpret_cast<void*>(at), kHugePage, kMadvCollapse);
  }
}

HugePages::HugePages(std::size_t bytes, bool at_once)
    : at_once_(at_once), bytes_(round_up(bytes, kHugePage)) {
  data_ = map_aligned(bytes_);
  if (at_once_) ::madvise(data_, bytes_, MADV_HUGEPAGE);  // A wish; small pages work too.
}

HugePages::~HugePages() { ::munmap(data_, bytes_); }

void HugePages::grow(std::size_t bytes) {
  const std::size_t larger = round_up(bytes, kHugePage);
  if (larger <= bytes_) return;
  void* target = map_aligned(larger);
  void* moved = ::mremap(data_, bytes_, bytes_, MREMAP_MAYMOVE | MREMAP_FIXED, target);
  if (moved == MAP_FAILED) {
    ::munmap(target, larger);
    throw std::bad_alloc();
  }
  data_ = target;
  bytes_ = larger;
  if (at_once_) ::madvise(data_, bytes_, MADV_HUGEPAGE);
}

void HugePages::advise(std::size_t first, std::size_t bytes) const {
  const std::size_t begin = first / kHugePage * kHugePage;
  const std::size_t end = std::min(round_up(first + bytes, kHugePage), bytes_);
  ::madvise(static_cast<std::byte*>(data_) + begin, end - begin, MADV_HUGEPAGE);
}

void HugePages::advise_all() {
  at_once_ = true;
  ::madvise(data_, bytes_, MADV_HUGEPAGE);
}

void HugePages::collapse(std::size_t at) const {
  if (at < bytes_) collapse_huge_pages(static_cast<std::byte*>(data_) + at, kPageBytes);
}

}  // namespace tulving::index
