#include "index/text/term_list.h"

#include <optional>

#include "index/text/inverted_index.h"

namespace tulving::index {
namespace {

void put_varint(std::uint64_t value, std::vector<std::byte>& list) {
  while (value >= 0x80) {
    list.push_back(static_cast<std::byte>(value | 0x80));
    value >>= 7;
  }
  list.push_back(static_cast<std::byte>(value));
}

/// Takes a varint of at most 35 bits off the front; empty when there is none in its shortest form.
std::optional<std::uint64_t> take_varint(std::span<const std::byte>& list) {
  constexpr std::size_t kBytesMax = 5;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < list.size() && i < kBytesMax; ++i) {
    const auto byte = std::to_integer<std::uint64_t>(list[i]);
    value |= (byte & 0x7F) << (7 * i);
    if (byte >= 0x80) continue;
    if (byte == 0 && i > 0) return std::nullopt;
    list = list.subspan(i + 1);
    return value;
  }
  return std::nullopt;
}

}  // namespace

void encode_terms(std::span<const TermCount> terms, std::vector<std::byte>& list) {
  std::uint64_t next = 0;  // the smallest term that may follow
  for (const TermCount& entry : terms) {
    const std::uint64_t gap = entry.term + std::uint64_t{1} - next;
    put_varint(gap * 2 + (entry.times > 1 ? 1 : 0), list);
    if (entry.times > 1) put_varint(entry.times, list);
    next = std::uint64_t{entry.term} + 1;
  }
}

bool decode_terms(std::span<const std::byte> list, std::vector<TermCount>& terms) {
  std::uint64_t next = 0;
  while (!list.empty()) {
    const auto head = take_varint(list);
    if (!head || *head < 2) return false;
    const std::uint64_t term = next + *head / 2 - 1;
    if (term > UINT32_MAX) return false;
    std::uint64_t times = 1;
    if (*head % 2 == 1) {
      const auto many = take_varint(list);
      if (!many || *many < 2 || *many > UINT32_MAX) return false;
      times = *many;
    }
    terms.push_back({static_cast<std::uint32_t>(term), static_cast<std::uint32_t>(times)});
    next = term + 1;
  }
  return true;
}

}  // namespace tulving::index
