#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tulving::index {

struct TermCount;

/// A row's terms as bytes, never to be changed without a new checkpoint version:
///
///   list := entry*                       ; ascending by term, then block
///   entry := varint(gap * 4 + elsewhere * 2 + many) [varint(step)] [varint(times)]
///
/// gap is the distance from the term before, the first from -1; 0 is the same term in a later
/// block. `elsewhere` is 0 in a term's first block 0; else `step` follows, the distance from the
/// term's block before, or from 0, so never 0. `many` is 1 when the term occurs more than once, and
/// `times` follows then. varint: 7 bits a byte, low ones first, bit 7 set on all but the last byte.
/// Frequent terms are seen early and get small ids, so most entries take one or two bytes.
void encode_terms(std::span<const TermCount> terms, std::vector<std::byte>& list);

/// Appends the terms of a list to `terms`; false when it is not what encode_terms() would write.
bool decode_terms(std::span<const std::byte> list, std::vector<TermCount>& terms);

}  // namespace tulving::index
