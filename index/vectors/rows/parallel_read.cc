#include "index/vectors/rows/parallel_read.h"

#include "index/vectors/rows/two_threads.h"

namespace tulving::index {

Status read_section(const CheckpointReader& reader, std::size_t section,
                    std::span<std::byte> into) {
  if (reader.section_bytes(section) != into.size()) {
    return reader.corruption("a section's size differs from what the counts say");
  }
  const std::size_t half = into.size() / 2 / kCheckpointBlockBytes * kCheckpointBlockBytes;
  if (half == 0) return reader.read(section, 0, into);
  Status first;
  Status second;
  run_both([&] { first = reader.read(section, 0, into.first(half)); },
           [&] { second = reader.read(section, half, into.subspan(half)); });
  if (!first) return first;
  return second;
}

}  // namespace tulving::index
