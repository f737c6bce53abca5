#include "storage/rocksdb/log/directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <vector>

#include "core/base/check.h"
#include "core/base/files/directories.h"
#include "core/base/files/temporary_file.h"
#include "core/base/hash.h"

namespace tulving::storage {
namespace {

constexpr std::string_view kMarkerName = "TULVING";
constexpr std::string_view kTemporaryName = "TULVING.new";

std::string render(std::uint32_t format, const Marker& marker) {
  std::string text = fmt::format("Tulving store\nformat {}\nstate {}\nsequence {}\n", format,
                                 marker.is_ready ? "ready" : "new", marker.sequence);
  return text + fmt::format("xxh3 {:016x}\n", xxh3(std::string_view(text)));
}

/// The number after `name` and a blank; 0 when there is none. What was read is checked by rendering
/// it.
std::uint64_t number_after(std::string_view text, std::string_view name) {
  const auto at = text.find(name);
  std::uint64_t number = 0;
  if (at != std::string_view::npos) {
    std::from_chars(text.data() + at + name.size(), text.data() + text.size(), number);
  }
  return number;
}

Result<Marker> parse(std::string_view text, const std::filesystem::path& path) {
  const auto format = static_cast<std::uint32_t>(number_after(text, "\nformat "));
  const Marker marker{.is_ready = text.find("\nstate ready\n") != std::string_view::npos,
                      .sequence = number_after(text, "\nsequence ")};
  if (text == render(format, marker) && format <= kDirectoryFormat) return marker;
  // A newer release may have added lines; only its own checksum must hold.
  constexpr std::size_t checksum_line = sizeof "xxh3 0123456789abcdef";
  if (format > kDirectoryFormat && text.size() > checksum_line) {
    const auto body = text.substr(0, text.size() - checksum_line);
    if (text.substr(body.size()) == fmt::format("xxh3 {:016x}\n", xxh3(body))) {
      return Error{ErrorCode::kCorruption,
                   fmt::format("{}: the store's format is {}, newer than {}, the newest that this "
                               "release reads",
                               path.string(), format, kDirectoryFormat)};
    }
  }
  return Error{ErrorCode::kCorruption, fmt::format("{} is damaged", path.string())};
}

}  // namespace

Status write_marker(FileSystem& files, const std::filesystem::path& directory,
                    const Marker& marker) {
  // While a store is being created nothing was acknowledged.
  TULVING_DCHECK(marker.is_ready || marker.sequence == 0);
  TULVING_DCHECK(parse(render(kDirectoryFormat, marker), directory)->sequence == marker.sequence);
  const std::string name(kMarkerName);
  const auto open = Descriptor::open(files, directory, O_RDONLY | O_DIRECTORY);
  if (!open.is_open()) return disk_error("open", directory.string(), open.cause());
  auto file = TemporaryFile::create(open, std::string(kTemporaryName), O_TRUNC, 0644,
                                    (directory / name).string(), disk_error);
  if (!file) return file.error();
  if (auto status = (*file)->write(render(kDirectoryFormat, marker)); !status) return status;
  return (*file)->commit(name);
}

Result<Marker> open_directory(FileSystem& files, const std::filesystem::path& directory,
                              const RocksdbJournalOptions& options) {
  const auto open = Descriptor::open(files, directory, O_RDONLY | O_DIRECTORY);
  std::vector<std::string> names;
  if (open.is_open()) {
    if (const int cause = open.list(names); cause != 0) {
      return disk_error("list the files in", directory.string(), cause);
    }
  } else if (open.cause() == ENOTDIR) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} is not a directory", directory.string())};
  } else if (open.cause() != ENOENT) {
    return disk_error("open", directory.string(), open.cause());
  }

  if (std::find(names.begin(), names.end(), kMarkerName) != names.end()) {
    const auto path = directory / kMarkerName;
    std::string text;
    const auto file = open.open(std::string(kMarkerName), O_RDONLY);
    const int cause = file.is_open() ? file.read_all(text) : file.cause();
    if (cause != 0) return disk_error("read", path.string(), cause);
    auto marker = parse(text, path);
    if (marker && !marker->is_ready && (!options.create_if_missing || options.read_only)) {
      return Error{
          ErrorCode::kNotFound,
          fmt::format("{} holds a store whose creation was cut short", directory.string())};
    }
    return marker;
  }
  std::erase(names, kTemporaryName);  // A creation that was cut off at its first step.
  if (!names.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} is not a Tulving store", directory.string())};
  }
  if (!options.create_if_missing || options.read_only) {
    return Error{ErrorCode::kNotFound, fmt::format("{} holds no store", directory.string())};
  }
  const auto created = create_directories(files, directory, disk_error);
  if (!created) return created.error();
  if (auto status = write_marker(files, directory, {}); !status) return status.error();
  return Marker{};
}

}  // namespace tulving::storage
