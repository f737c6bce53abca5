#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tulving/tulving.h"

// Helpers that carry the noise, so that a test shows its point.

namespace tulving::testing {

/// A directory of its own for a test, removed afterwards.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tulving-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// Copies a store's directory as kill -9 would leave it: all of it at one moment. RocksDB may still
/// be adding and removing files in the background, so a copy during which anything changed is made
/// anew.
inline void copy_as_it_lies(const std::filesystem::path& from, const std::filesystem::path& to) {
  namespace fs = std::filesystem;
  const auto listing = [&] {
    std::map<std::string, std::pair<std::uintmax_t, fs::file_time_type>> files;
    std::error_code ignored;
    for (const auto& entry : fs::recursive_directory_iterator(from, ignored)) {
      files[entry.path().string()] = {entry.file_size(ignored), entry.last_write_time(ignored)};
    }
    return files;
  };
  for (int attempt = 0;; ++attempt) {
    const auto before = listing();
    std::error_code error;
    fs::copy(from, to, fs::copy_options::recursive, error);
    if (!error && listing() == before) return;
    ASSERT_LT(attempt, 100) << "the directory does not come to rest: " << error.message();
    fs::remove_all(to);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

MATCHER(Succeeds, "succeeds") {
  if (arg.has_value()) return true;
  *result_listener << to_string(arg.error().code) << ": " << arg.error().message;
  return false;
}

MATCHER_P(FailsWith, code, "fails with " + std::string(to_string(code))) {
  if (arg.has_value()) {
    *result_listener << "succeeded";
    return false;
  }
  *result_listener << to_string(arg.error().code) << ": " << arg.error().message;
  return arg.error().code == code;
}

/// The value, or a failed test that says why and stops the program's use of it.
template <class T>
T value_of(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << to_string(result.error().code) << ": " << result.error().message;
    std::abort();
  }
  return std::move(result).value();
}

/// A clock that stands still until it is moved.
class ManualClock {
 public:
  [[nodiscard]] Clock clock() {
    return [this] { return Timestamp(std::chrono::microseconds(micros_.load())); };
  }
  void advance(std::chrono::microseconds by) { micros_ += by.count(); }
  [[nodiscard]] Timestamp now() const {
    return Timestamp(std::chrono::microseconds(micros_.load()));
  }

 private:
  std::atomic<std::int64_t> micros_ = 1'770'000'000'000'000;  // 2026-02-02
};

inline Memory memory(std::string text, std::vector<float> vector = {}) {
  Memory memory;
  memory.text = std::move(text);
  if (!vector.empty()) memory.embeddings.push_back({"default", std::move(vector)});
  return memory;
}

inline std::vector<float> random_vector(std::mt19937& random, std::size_t dim) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(dim);
  for (float& x : vector) x = normal(random);
  return vector;
}

inline double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double dot = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += static_cast<double>(a[i]) * b[i];
    aa += static_cast<double>(a[i]) * a[i];
    bb += static_cast<double>(b[i]) * b[i];
  }
  return dot / std::sqrt(aa * bb);
}

inline SearchRequest text_search(std::string text, std::uint32_t k = 10) {
  SearchRequest request;
  request.text = std::move(text);
  request.k = k;
  return request;
}

inline SearchRequest vector_search(std::vector<float> vector, std::uint32_t k = 10) {
  SearchRequest request;
  request.vector = std::move(vector);
  request.k = k;
  return request;
}

inline std::vector<Uuid> ids_of(const SearchResponse& response) {
  std::vector<Uuid> ids;
  for (const auto& hit : response.hits) ids.push_back(hit.memory.id());
  return ids;
}

/// Every record of the tenant, vectors included, as export writes it.
inline std::vector<std::string> exported_lines(const Tenant& tenant) {
  std::vector<std::string> lines;
  const auto visit = [&](const Record& record) -> Status {
    lines.push_back(to_json_line(tenant.id(), record));
    return {};
  };
  EXPECT_THAT(tenant.export_records(visit, true), Succeeds());
  return lines;
}

/// Every memory of the tenant, vectors included.
inline std::map<Uuid, Memory> memories_of(const Tenant& tenant) {
  std::map<Uuid, Memory> memories;
  const auto visit = [&](const Record& record) -> Status {
    if (const auto* one = std::get_if<Memory>(&record)) memories[one->id] = *one;
    return {};
  };
  EXPECT_THAT(tenant.export_records(visit, true), Succeeds());
  return memories;
}

inline std::vector<std::string> texts_of(const SearchResponse& response) {
  std::vector<std::string> texts;
  for (const auto& hit : response.hits) texts.emplace_back(hit.memory.text());
  return texts;
}

}  // namespace tulving::testing
