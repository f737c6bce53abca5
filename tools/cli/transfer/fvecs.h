#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/files/atomic_file.h"
#include "tulving/records.h"
#include "tulving/result.h"

namespace tulving::tools {

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

/// A file of vectors, read row by row: each row is its length (int32, little-endian), then that
/// many float32 (.fvecs) or int32 (.ivecs) values; all rows have one length.
class VectorFile {
 public:
  /// Opens the file and checks its shape, every row's length included. kNotFound: there is none.
  /// kInvalidArgument: not such a file, or its rows have more than `dim_max` values, which would be
  /// read at once; the message names the row.
  static Result<VectorFile> open(const std::filesystem::path& path,
                                 std::uint32_t dim_max = kEmbeddingDimMax);

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::uint32_t dim() const { return dim_; }  ///< Values a row; 0 in an empty file.

  /// Reads row `row` into `values`, dim() of them. kIo: the file changed under us.
  Status read(std::uint64_t row, std::span<float> values);
  Status read(std::uint64_t row, std::span<std::int32_t> values);
  /// The row as a vector of its own.
  Result<std::vector<float>> read(std::uint64_t row);

 private:
  VectorFile() = default;
  Status check_shape(std::uint64_t bytes, std::uint32_t dim_max);
  Status read_bytes(std::uint64_t row, void* values);

  std::filesystem::path path_;
  File file_;
  std::uint64_t rows_ = 0;
  std::uint32_t dim_ = 0;
};

/// Writes .fvecs row by row.
class VectorFileWriter {
 public:
  /// Errors: see AtomicFile::create().
  static Result<VectorFileWriter> create(const std::filesystem::path& path);
  Status write(std::span<const float> row);
  Status commit();  ///< Puts the file into its place. Without, nothing changed.

 private:
  explicit VectorFileWriter(AtomicFile file) : file_(std::move(file)) {}
  AtomicFile file_;
};

/// Reads "0.1,0.2,..." (blanks allowed). kInvalidArgument: something else; the message begins with
/// `what`. Values are not judged: the store refuses NaN and the like.
Result<std::vector<float>> parse_vector(std::string_view text, std::string_view what);

}  // namespace tulving::tools
