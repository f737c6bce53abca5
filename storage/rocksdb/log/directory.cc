#include "storage/rocksdb/log/directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <span>
#include <vector>

#include "core/base/check.h"
#include "core/base/files/directories.h"
#include "core/base/files/temporary_file.h"
#include "core/base/hash.h"
#include "storage/rocksdb/log/store_lock.h"

namespace tulving::storage {
namespace {

constexpr std::string_view kMarkerName = "TULVING";
constexpr std::string_view kTemporaryName = "TULVING.new";
constexpr off_t kMarkerBytesMax = 65'536;  // Newer releases may have more lines.

std::string_view word_of(Marker::State state) {
  switch (state) {
    case Marker::State::kNew:
      return "new";
    case Marker::State::kRestoring:
      return "restoring";
    case Marker::State::kReady:
      break;
  }
  return "ready";
}

std::string render(std::uint32_t format, const Marker& marker) {
  std::string text = fmt::format("Tulving store\nformat {}\nstate {}\nsequence {}\n", format,
                                 word_of(marker.state), marker.sequence);
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
  Marker marker{.sequence = number_after(text, "\nsequence ")};
  for (const auto state : {Marker::State::kRestoring, Marker::State::kReady}) {
    const bool has_word = text.find(fmt::format("\nstate {}\n", word_of(state))) != text.npos;
    if (has_word) marker.state = state;
  }
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

/// What a directory holds by its names.
struct Contents {
  Descriptor directory;
  bool has_marker = false;
  bool holds_something_else = false;  ///< And it has no marker.
};

Result<Contents> look_into(FileSystem& files, const std::filesystem::path& directory) {
  Contents found{Descriptor::open(files, directory, O_RDONLY | O_DIRECTORY)};
  const Descriptor& open = found.directory;
  if (open.cause() == ENOENT) return found;
  if (open.cause() == ENOTDIR) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} is not a directory", directory.string())};
  }
  if (!open.is_open()) return disk_error("open", directory.string(), open.cause());
  std::vector<std::string> names;
  if (const int cause = open.list(names); cause != 0) {
    return disk_error("list the files in", directory.string(), cause);
  }
  found.has_marker = std::find(names.begin(), names.end(), kMarkerName) != names.end();
  std::erase(names, kTemporaryName);  // A creation that was cut off at its first steps.
  std::erase(names, kLockName);
  found.holds_something_else = !found.has_marker && !names.empty();
  return found;
}

Result<Marker> read_marker(const Descriptor& open, const std::filesystem::path& directory) {
  const auto path = directory / kMarkerName;
  // Non-blocking, or a pipe of that name would hang us; and no longer than any marker may be.
  const auto file = open.open(std::string(kMarkerName), O_RDONLY | O_NONBLOCK);
  struct stat info {};
  int cause = file.is_open() ? file.stat(info) : file.cause();
  if (cause == 0 && (!S_ISREG(info.st_mode) || info.st_size > kMarkerBytesMax)) {
    return Error{ErrorCode::kCorruption,
                 fmt::format("{} is damaged: it is no file of at most {} bytes", path.string(),
                             kMarkerBytesMax)};
  }
  std::string text;
  if (cause == 0) cause = file.read_all(text);
  if (cause != 0) return disk_error("read", path.string(), cause);
  return parse(text, path);
}

Error no_store(const std::filesystem::path& directory) {
  return {ErrorCode::kNotFound, fmt::format("{} holds no store", directory.string())};
}

Error something_else(const std::filesystem::path& directory, const RocksdbJournalOptions& options) {
  if (options.restores) {
    return {ErrorCode::kConflict, fmt::format("{} exists and is not empty", directory.string())};
  }
  return {ErrorCode::kInvalidArgument,
          fmt::format("{} is not a Tulving store", directory.string())};
}

/// Whether the store may be opened that `marker` tells of.
Result<Marker> judge(const Marker& marker, const std::filesystem::path& directory,
                     const RocksdbJournalOptions& options) {
  if (options.restores && marker.is_ready()) return something_else(directory, options);
  if (!options.restores && marker.state == Marker::State::kRestoring) {
    return Error{
        ErrorCode::kCorruption,
        fmt::format("{}: a restore into it was cut short; restore into it again, or remove "
                    "it",
                    directory.string())};
  }
  if (!marker.is_ready() && (!options.create_if_missing || options.read_only)) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("{} holds a store whose creation was cut short", directory.string())};
  }
  return marker;
}

}  // namespace

bool is_rocksdb_file(std::string_view name) {
  const auto has_number = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  };
  for (const std::string_view prefix : {"MANIFEST-", "OPTIONS-", "LOG.old."}) {
    if (name.starts_with(prefix)) return true;
  }
  for (const std::string_view suffix : {".log", ".sst", ".blob", ".dbtmp"}) {
    if (name.ends_with(suffix)) return has_number(name.substr(0, name.size() - suffix.size()));
  }
  return name == "CURRENT" || name == "IDENTITY" || name == "LOG";
}

Status write_marker(FileSystem& files, const std::filesystem::path& directory,
                    const Marker& marker) {
  // While a store is being created nothing was acknowledged.
  TULVING_DCHECK(marker.is_ready() || marker.sequence == 0);
  TULVING_DCHECK(parse(render(kDirectoryFormat, marker), directory)->sequence == marker.sequence);
  const std::string name(kMarkerName);
  const auto open = Descriptor::open(files, directory, O_RDONLY | O_DIRECTORY);
  if (!open.is_open()) return disk_error("open", directory.string(), open.cause());
  auto file = TemporaryFile::create(open, std::string(kTemporaryName), O_TRUNC, 0600,
                                    (directory / name).string(), disk_error);
  if (!file) return file.error();
  if (auto status = (*file)->write(render(kDirectoryFormat, marker)); !status) return status;
  return (*file)->commit(name);
}

// A store that is ready stays one, so that this may be said before the lock is had.
Status check_restorable(FileSystem& files, const std::filesystem::path& directory) {
  const auto found = look_into(files, directory);
  if (!found) return found.error();
  const RocksdbJournalOptions options{.restores = true};
  if (found->holds_something_else) return something_else(directory, options);
  if (!found->has_marker) return {};
  const auto marker = read_marker(found->directory, directory);
  if (!marker) return marker.error();
  return marker->is_ready() ? Status(something_else(directory, options)) : Status();
}

Status prepare_directory(FileSystem& files, const std::filesystem::path& directory,
                         const RocksdbJournalOptions& options) {
  if (options.restores) {
    if (auto status = check_restorable(files, directory); !status) return status;
  }
  auto found = look_into(files, directory);
  if (!found) return found.error();
  // The names were listed while another made its store: what they say counts without one only.
  if (found->holds_something_else) found = look_into(files, directory);
  if (!found) return found.error();
  if (found->has_marker) return {};
  if (found->holds_something_else) return something_else(directory, options);
  if (!options.create_if_missing || options.read_only) return no_store(directory);
  const auto created = create_directories(files, directory, disk_error);
  return created ? Status() : created.error();
}

Result<Marker> open_directory(FileSystem& files, const std::filesystem::path& directory,
                              const RocksdbJournalOptions& options) {
  const auto found = look_into(files, directory);
  if (!found) return found.error();
  if (found->has_marker) {
    auto marker = read_marker(found->directory, directory);
    if (!marker) return marker;
    return judge(*marker, directory, options);
  }
  if (found->holds_something_else) return something_else(directory, options);
  if (!options.create_if_missing || options.read_only) return no_store(directory);
  const Marker marker{.state = options.restores ? Marker::State::kRestoring : Marker::State::kNew};
  if (auto status = write_marker(files, directory, marker); !status) return status.error();
  return marker;
}

}  // namespace tulving::storage
