#include "storage/rocksdb/log/directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "core/base/hash.h"
#include "storage/rocksdb/status.h"

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

rocksdb::Status fsync_directory(rocksdb::Env* env, const std::filesystem::path& directory) {
  std::unique_ptr<rocksdb::Directory> handle;
  const auto status = env->NewDirectory(directory.string(), &handle);
  return status.ok() ? handle->Fsync() : status;
}

/// Makes the directory and those above it, each of whose names must survive a power loss.
Status make_directories(rocksdb::Env* env, const std::filesystem::path& directory) {
  std::error_code failure;
  std::vector<std::filesystem::path> made;
  auto path = std::filesystem::absolute(directory, failure).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // A slash at the end.
  for (; !std::filesystem::exists(path, failure) && path.has_relative_path();
       path = path.parent_path()) {
    made.push_back(path);
  }
  std::filesystem::create_directories(directory, failure);
  if (failure) {
    return Error{ErrorCode::kIo,
                 fmt::format("{} cannot be created: {}", directory.string(), failure.message())};
  }
  for (const auto& one : made) {
    const auto status = fsync_directory(env, one.parent_path());
    if (!status.ok()) return to_error(status, "creating a store", directory);
  }
  return {};
}

}  // namespace

Status write_marker(rocksdb::Env* env, const std::filesystem::path& directory,
                    const Marker& marker) {
  const std::string temporary = (directory / kTemporaryName).string();
  auto status = rocksdb::WriteStringToFile(env, render(kDirectoryFormat, marker), temporary,
                                           /*should_sync=*/true);
  if (status.ok()) status = env->RenameFile(temporary, (directory / kMarkerName).string());
  if (status.ok()) status = fsync_directory(env, directory);
  if (!status.ok()) return to_error(status, "writing the file TULVING", directory);
  return {};
}

Result<Marker> open_directory(rocksdb::Env* env, const std::filesystem::path& directory,
                              const RocksdbJournalOptions& options) {
  std::error_code failure;
  const auto type = std::filesystem::status(directory, failure).type();
  std::vector<std::string> names;
  if (type == std::filesystem::file_type::directory) {
    if (auto status = env->GetChildren(directory.string(), &names); !status.ok()) {
      return to_error(status, "listing the files", directory);
    }
    std::erase_if(names, [](const std::string& name) { return name == "." || name == ".."; });
  } else if (type != std::filesystem::file_type::not_found) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} is not a directory", directory.string())};
  }

  if (std::find(names.begin(), names.end(), kMarkerName) != names.end()) {
    const auto path = directory / kMarkerName;
    std::string text;
    if (auto status = rocksdb::ReadFileToString(env, path.string(), &text); !status.ok()) {
      return to_error(status, "reading the file TULVING", directory);
    }
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
  if (auto status = make_directories(env, directory); !status) return status.error();
  if (auto status = write_marker(env, directory, {}); !status) return status.error();
  return Marker{};
}

}  // namespace tulving::storage
