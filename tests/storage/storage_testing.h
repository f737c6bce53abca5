#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "storage/journal.h"

namespace tulving::storage {

/// A directory of the test's own, gone with it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "tulving-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

MATCHER(Succeeds, "") {
  if (arg) return true;
  *result_listener << "failed: " << arg.error().message;
  return false;
}

MATCHER_P2(FailsWith, code, part, "") {
  if (arg) {
    *result_listener << "succeeded";
    return false;
  }
  *result_listener << to_string(arg.error().code) << ": " << arg.error().message;
  return arg.error().code == code && arg.error().message.find(part) != std::string::npos;
}
template <class Code>
auto FailsWith(Code code) {
  return FailsWith(code, "");
}

using Rows = std::map<std::string, std::string>;

/// The rows of a table whose keys start with `prefix`.
inline Rows rows_of(const JournalReader& reader, Table table, std::string_view prefix = "") {
  Rows rows;
  const auto status = reader.scan(table, prefix, [&](auto key, auto value) -> Status {
    rows.emplace(key, value);
    return {};
  });
  if (!status) ADD_FAILURE() << status.error().message;
  return rows;
}
inline Rows rows_of(const Journal& journal, Table table, std::string_view prefix = "") {
  return rows_of(*journal.snapshot(), table, prefix);
}

inline JournalBatch put(Table table, std::string key, std::string value) {
  JournalBatch batch;
  batch.put(table, std::move(key), std::move(value));
  return batch;
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(bytes).str();
}

/// The contents of a folder's files, by name.
inline std::map<std::string, std::string> files_in(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    files[file.path().filename().string()] = read_file(file.path());
  }
  return files;
}
inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Flips one bit of the byte at `at`, in place; a second call undoes it.
inline void flip_byte(const std::filesystem::path& path, std::size_t at) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ (1 << (at % 8))));
}

}  // namespace tulving::storage
