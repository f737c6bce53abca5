#include "storage/snapshot/manifest.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/check.h"
#include "core/base/files/io_error.h"
#include "core/base/hash.h"
#include "tulving/uuid.h"

namespace tulving::storage {
namespace {

using Json = nlohmann::ordered_json;

constexpr off_t kManifestBytesMax = 1U << 20U;

std::string hex(std::uint64_t value) { return fmt::format("{:016x}", value); }

Json to_json(const Manifest& manifest) {
  Json json;
  json["tulving_snapshot"] = manifest.info.incarnation.empty() ? 1 : kSnapshotFormat;
  json["store_id"] = manifest.info.store_id;
  json["revision"] = manifest.info.revision;
  if (!manifest.info.incarnation.empty()) json["incarnation"] = manifest.info.incarnation;
  if (manifest.info.since) json["since"] = *manifest.info.since;
  json["counts"] = manifest.info.counts;
  json["files"] = Json::array();
  for (const auto& file : manifest.files) {
    json["files"].push_back({{"name", file.name},
                             {"bytes", file.bytes},
                             {"entries", file.entries},
                             {"xxh3", hex(file.checksum)}});
  }
  return json;
}

std::optional<std::uint64_t> number_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

std::optional<std::string> text_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<BlockFileFacts> file_from(const Json& json) {
  const auto name = text_in(json, "name");
  const auto bytes = number_in(json, "bytes");
  const auto entries = number_in(json, "entries");
  const auto checksum = text_in(json, "xxh3");
  if (!name || !bytes || !entries || !checksum) return std::nullopt;
  BlockFileFacts file{*name, *bytes, *entries, 0};
  std::from_chars(checksum->data(), checksum->data() + checksum->size(), file.checksum, 16);
  return file;
}

/// The fields, as far as they are of the right types; what is there beside them shows when the
/// result is rendered and compared.
std::optional<Manifest> from_json(const Json& json) {
  Manifest manifest;
  const auto store_id = text_in(json, "store_id");
  const auto revision = number_in(json, "revision");
  const auto counts = json.find("counts");
  const auto files = json.find("files");
  if (!store_id || !Uuid::parse(*store_id) || !revision || counts == json.end() ||
      !counts->is_object() || files == json.end() || !files->is_array() ||
      files->size() != kTableCount) {
    return std::nullopt;
  }
  manifest.info.store_id = *store_id;
  manifest.info.revision = *revision;
  if (const auto incarnation = text_in(json, "incarnation")) {
    if (!Uuid::parse(*incarnation)) return std::nullopt;
    manifest.info.incarnation = *incarnation;
  }
  manifest.info.since = number_in(json, "since");
  for (const auto& [kind, count] : counts->items()) {
    if (!count.is_number_unsigned()) return std::nullopt;
    manifest.info.counts[kind] = count.get<std::uint64_t>();
  }
  for (std::size_t i = 0; i < kTableCount; ++i) {
    if (!(*files)[i].is_object()) return std::nullopt;
    auto file = file_from((*files)[i]);
    if (!file || file->name != block_file_name(static_cast<Table>(i))) return std::nullopt;
    manifest.files[i] = *std::move(file);
  }
  return manifest;
}

// Before there were tasks that are none of consolidation, these kinds were counted by other names.
void rename_former_kinds(std::map<std::string, std::uint64_t>& counts) {
  if (counts.contains("consolidation_task")) return;
  for (const auto& [former, name] :
       {std::pair("task", "consolidation_task"), std::pair("job", "consolidation_job")}) {
    if (auto node = counts.extract(former)) {
      node.key() = name;
      counts.insert(std::move(node));
    }
  }
}

}  // namespace

std::string render_manifest(Manifest& manifest) {
  TULVING_DCHECK(manifest.files[0].name == block_file_name(Table::kMeta));
  TULVING_DCHECK(Uuid::parse(manifest.info.store_id).has_value());
  Json json = to_json(manifest);
  const std::string unsigned_text = json.dump(2);
  json["xxh3"] = hex(xxh3(std::string_view(unsigned_text)));
  std::string text = json.dump(2) + "\n";
  manifest.info.bytes = text.size();
  for (const auto& file : manifest.files) manifest.info.bytes += file.bytes;
  return text;
}

Result<Manifest> read_manifest(FileSystem& files, const std::filesystem::path& directory) {
  const auto path = directory / kManifestName;
  const auto file = Descriptor::open(files, path, O_RDONLY | O_NONBLOCK);
  if (file.cause() == ENOENT || file.cause() == ENOTDIR) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("{} is not a snapshot: it has no manifest.json", directory.string())};
  }
  const auto damaged = [&](std::string_view problem) {
    return Error{ErrorCode::kCorruption, fmt::format("{} is damaged: {}", path.string(), problem)};
  };
  struct stat info {};
  std::string text;
  int cause = file.cause();
  if (cause == 0) cause = file.stat(info);
  if (cause == 0 && !S_ISREG(info.st_mode)) return damaged("it is no file");
  if (cause == 0 && info.st_size > kManifestBytesMax) return damaged("it is too long");
  if (cause == 0) cause = file.read_all(text);
  if (cause != 0) return disk_error("read", path.string(), cause);
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return damaged("it is not a JSON object");
  const auto format = number_in(json, "tulving_snapshot");
  if (!format) return damaged("it does not say its format");
  if (*format > kSnapshotFormat) {
    return Error{ErrorCode::kCorruption,
                 fmt::format("{}: the snapshot's format is {}, newer than {}, the newest that this "
                             "release reads",
                             path.string(), *format, kSnapshotFormat)};
  }
  auto manifest = from_json(json);
  if (!manifest) return damaged("a field is missing or of the wrong type");
  // Equal to what we would write, or it was altered: that covers every byte, checksum included.
  if (render_manifest(*manifest) != text) return damaged("its checksum differs");
  rename_former_kinds(manifest->info.counts);
  return *std::move(manifest);
}

}  // namespace tulving::storage
