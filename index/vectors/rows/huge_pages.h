#pragma once

#include <cstddef>

namespace tulving::index {

/// Zeroed memory straight from the operating system, on a 2 MB boundary and in huge pages where the
/// system has them: a walk touches random rows, and with 4 KB pages nearly each one costs a walk of
/// the page table too. Pages never written take no RAM.
class HugePages {
 public:
  explicit HugePages(std::size_t bytes);
  ~HugePages();
  HugePages(const HugePages&) = delete;
  HugePages& operator=(const HugePages&) = delete;

  [[nodiscard]] void* data() const { return data_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// Moves the pages to a larger range; data() changes. Copies nothing.
  void grow(std::size_t bytes);

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Asks for huge pages under memory of malloc's, as far as whole ones fit: first touches, which a
/// bulk of new vectors consists of, then cost one page fault in 2 MB and not 512.
void advise_huge_pages(const void* memory, std::size_t bytes);

}  // namespace tulving::index
