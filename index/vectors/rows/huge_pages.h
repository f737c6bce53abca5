#pragma once

#include <cstddef>

namespace tulving::index {

/// Zeroed memory straight from the operating system, on a 2 MB boundary and in huge pages where the
/// system has them: a walk touches random rows, and with 4 KB pages nearly each one costs a walk of
/// the page table too. Pages never written take no RAM.
class HugePages {
 public:
  /// Not `at_once`: in small pages until advise() and collapse() say otherwise, for memory of which
  /// single rows are written first: a huge page is zeroed whole.
  explicit HugePages(std::size_t bytes, bool at_once = true);
  ~HugePages();
  HugePages(const HugePages&) = delete;
  HugePages& operator=(const HugePages&) = delete;

  [[nodiscard]] void* data() const { return data_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// Moves the pages to a larger range; data() changes. Copies nothing.
  void grow(std::size_t bytes);

  /// Bytes from `first` on are about to be written: in huge pages where none of one is.
  void advise(std::size_t first, std::size_t bytes) const;
  /// As if `at_once` had been said, from now on.
  void advise_all();
  /// Makes a huge page of the small ones from byte `at` on, a multiple of kPageBytes, beside
  /// whoever uses them. A wish; nothing changes where the system cannot.
  void collapse(std::size_t at) const;
  static constexpr std::size_t kPageBytes = std::size_t{2} << 20;

 private:
  bool at_once_ = true;
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Asks for huge pages under memory of malloc's, as far as whole ones fit: first touches, which a
/// bulk of new vectors consists of, then cost one page fault in 2 MB and not 512.
void advise_huge_pages(const void* memory, std::size_t bytes);
/// Makes huge pages of small ones there, as HugePages::collapse() does.
void collapse_huge_pages(const void* memory, std::size_t bytes);

}  // namespace tulving::index
