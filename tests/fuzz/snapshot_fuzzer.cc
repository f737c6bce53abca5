// A snapshot's manifest, or one of its files with a manifest that fits it. The first byte chooses.

#include <stdlib.h>

#include <fstream>

#include "core/base/hash.h"
#include "storage/snapshot/block_file.h"
#include "storage/snapshot/block_format.h"
#include "storage/snapshot/manifest.h"
#include "tests/fuzz/fuzzer.h"

namespace tulving::fuzz {
namespace {

std::filesystem::path snapshot_directory() {
  static const std::filesystem::path made = [] {
    std::string name = (std::filesystem::temp_directory_path() / "tulving-snap-XXXXXX").string();
    TULVING_CHECK(::mkdtemp(name.data()) != nullptr);
    return std::filesystem::path(name);
  }();
  return made;
}

void put(std::string_view name, std::string_view bytes) {
  std::ofstream file(snapshot_directory() / name, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Of blocks that the input describes, with their checksums right: entries, length, bytes.
void read_blocks_of(Input parts) {
  using namespace storage;
  std::string file = file_header(Table::kRecords);
  std::string headers = file;
  BlockFileFacts facts;
  while (!parts.is_empty()) {
    const std::uint32_t entries = parts.byte();
    const auto block = parts.take(parts.number());
    std::string header;
    put_little_endian(header, static_cast<std::uint32_t>(block.size()));
    put_little_endian(header, entries);
    put_little_endian(header, xxh3(block));
    headers += header;
    file.append(header).append(block);
    facts.entries += entries;
  }
  facts.bytes = file.size();
  facts.checksum = xxh3(std::string_view(headers));
  put(block_file_name(Table::kRecords), file);
  std::vector<VerifiedBlock> blocks;
  const auto visit = [](std::string_view, std::string_view) { return Status(); };
  auto& files = FileSystem::machine();
  const auto read =
      read_block_file(files, snapshot_directory(), Table::kRecords, facts, visit, &blocks);
  if (!read) return;
  const auto all = [](std::string_view, std::string_view) { return true; };
  TULVING_CHECK(
      read_blocks(files, snapshot_directory(), Table::kRecords, blocks, all, visit).has_value());
}

}  // namespace

TULVING_FUZZER(snapshot) {
  Input parts(input);
  const auto mode = parts.byte();
  if (mode % 2 == 0) return read_blocks_of(parts);
  put(storage::kManifestName, parts.rest());
  auto manifest = storage::read_manifest(FileSystem::machine(), snapshot_directory());
  if (!manifest) return;
  // Kinds that had other names are renamed; what is written of that reads back as it is.
  put(storage::kManifestName, storage::render_manifest(*manifest));
  const auto again = storage::read_manifest(FileSystem::machine(), snapshot_directory());
  TULVING_CHECK(again.has_value() && again->info.counts == manifest->info.counts);
}

}  // namespace tulving::fuzz
