#include "index/text/postings/term_list.h"

#include "index/text/postings/passages.h"
#include "index/text/postings/posting_list.h"

namespace tulving::index {
namespace {

void put_varint(std::uint64_t value, std::vector<std::byte>& list) {
  while (value >= 0x80) {
    list.push_back(static_cast<std::byte>(value | 0x80));
    value >>= 7;
  }
  list.push_back(static_cast<std::byte>(value));
}

/// Takes a varint of at most 35 bits off the front; false when there is none in its shortest form.
/// Nearly all have one byte or two.
inline bool take_varint(const std::byte*& at, const std::byte* end, std::uint64_t& value) {
  constexpr unsigned kBytesMax = 5;
  value = 0;
  for (unsigned i = 0; at < end && i < kBytesMax; ++i) {
    const auto byte = std::to_integer<std::uint64_t>(*at++);
    value |= (byte & 0x7F) << (7 * i);
    if (byte < 0x80) return byte != 0 || i == 0;
  }
  return false;
}

}  // namespace

void encode_terms(std::span<const TermCount> terms, std::vector<std::byte>& list) {
  std::uint64_t term = UINT64_MAX;  // of the entry before; so that the first gap is from -1
  std::uint64_t block = 0;
  for (const TermCount& entry : terms) {
    const std::uint64_t gap = entry.term - term;
    if (gap != 0) block = 0;
    const std::uint64_t step = entry.block - block;
    put_varint(gap * 4 + (step > 0 ? 2 : 0) + (entry.times > 1 ? 1 : 0), list);
    if (step > 0) put_varint(step, list);
    if (entry.times > 1) put_varint(entry.times, list);
    term = entry.term;
    block = entry.block;
  }
}

bool decode_terms(std::span<const std::byte> list, std::vector<TermCount>& terms) {
  std::uint64_t term = UINT64_MAX;
  std::uint64_t block = 0;
  const std::byte* at = list.data();
  const std::byte* const end = at + list.size();
  while (at < end) {
    std::uint64_t head = 0;
    if (!take_varint(at, end, head)) return false;
    const std::uint64_t gap = head / 4;
    const bool elsewhere = head % 4 >= 2;
    if (gap == 0 && (term == UINT64_MAX || !elsewhere)) return false;
    term += gap;
    if (term > UINT32_MAX) return false;
    if (gap != 0) block = 0;
    if (elsewhere) {
      std::uint64_t step = 0;
      if (!take_varint(at, end, step) || step == 0) return false;
      block += step;
      if (block > kBeside) return false;
    }
    std::uint64_t times = 1;
    if (head % 2 == 1) {
      if (!take_varint(at, end, times) || times < 2 || times > kTimesMax) return false;
    }
    terms.push_back({static_cast<std::uint32_t>(term), static_cast<std::uint32_t>(block),
                     static_cast<std::uint32_t>(times)});
  }
  return true;
}

}  // namespace tulving::index
