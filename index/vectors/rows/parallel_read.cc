#include "index/vectors/rows/parallel_read.h"

#include "core/base/beside.h"

namespace tulving::index {

Status read_section(const CheckpointReader& reader, std::size_t section,
                    std::span<std::byte> into) {
  if (reader.section_bytes(section) != into.size()) {
    return reader.corruption("a section's size differs from what the counts say");
  }
  const std::size_t half = into.size() / 2 / kCheckpointBlockBytes * kCheckpointBlockBytes;
  if (half == 0) return reader.read(section, 0, into);
  auto second = beside([&] { return reader.read(section, half, into.subspan(half)); });
  Status first = reader.read(section, 0, into.first(half));
  Status rest = second.get();
  if (!first) return first;
  return rest;
}

}  // namespace tulving::index
