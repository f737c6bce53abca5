#include "tools/cli/transfer/fvecs.h"

#include <fmt/core.h>

#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "tulving/number.h"

namespace tulving::tools {

static_assert(std::endian::native == std::endian::little, "rows are read as they lie in the file");

namespace {

Error wrong_shape(const std::filesystem::path& path, const std::string& reason) {
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("{} is not a file of vectors: {}", path.string(), reason)};
}

Error cannot(const char* what, const std::filesystem::path& path) {
  const auto code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return Error{code, fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(errno))};
}

bool is_below_one(std::string_view text) {
  const auto number = Number::parse(text);
  return number && *number > Number(-1) && *number < Number(1);
}

}  // namespace

Result<VectorFile> VectorFile::open(const std::filesystem::path& path, std::uint32_t dim_max) {
  VectorFile vectors;
  vectors.path_ = path;
  vectors.file_.reset(std::fopen(path.c_str(), "rb"));
  if (!vectors.file_) return cannot("open", path);
  if (fseeko(vectors.file_.get(), 0, SEEK_END) != 0) return cannot("read", path);
  const off_t bytes = ftello(vectors.file_.get());
  if (bytes < 0) return cannot("read", path);
  if (auto status = vectors.check_shape(static_cast<std::uint64_t>(bytes), dim_max); !status) {
    return status.error();
  }
  return vectors;
}

Status VectorFile::check_shape(std::uint64_t bytes, std::uint32_t dim_max) {
  if (bytes == 0) return {};
  std::FILE* file = file_.get();
  std::uint64_t at = 0;
  while (at < bytes) {
    std::int32_t length = 0;
    if (fseeko(file, static_cast<off_t>(at), SEEK_SET) != 0) return cannot("read", path_);
    if (std::fread(&length, sizeof length, 1, file) != 1) {
      return wrong_shape(path_, fmt::format("row {} is cut off", rows_));
    }
    if (dim_ != 0 && static_cast<std::uint32_t>(length) != dim_) {
      return wrong_shape(
          path_, fmt::format("row {} has length {}; must be {}, as row 0's", rows_, length, dim_));
    }
    if (length < 1 || static_cast<std::uint32_t>(length) > dim_max) {
      return wrong_shape(
          path_, fmt::format("row {} has length {}; must be 1..{}", rows_, length, dim_max));
    }
    dim_ = static_cast<std::uint32_t>(length);
    at += sizeof(std::int32_t) * (std::uint64_t{dim_} + 1);
    if (at > bytes) {
      return wrong_shape(path_, fmt::format("row {} of length {} is cut off", rows_, dim_));
    }
    ++rows_;
  }
  return {};
}

Status VectorFile::read_bytes(std::uint64_t row, void* values) {
  const std::uint64_t row_bytes = sizeof(std::int32_t) * (std::uint64_t{dim_} + 1);
  const std::uint64_t at = row * row_bytes + sizeof(std::int32_t);
  if (row >= rows_ || fseeko(file_.get(), static_cast<off_t>(at), SEEK_SET) != 0 ||
      std::fread(values, sizeof(float), dim_, file_.get()) != dim_) {
    return Error{ErrorCode::kIo, fmt::format("cannot read row {} of {}", row, path_.string())};
  }
  return {};
}

Status VectorFile::read(std::uint64_t row, std::span<float> values) {
  return read_bytes(row, values.data());
}

Status VectorFile::read(std::uint64_t row, std::span<std::int32_t> values) {
  return read_bytes(row, values.data());
}

Result<std::vector<float>> VectorFile::read(std::uint64_t row) {
  std::vector<float> values(dim_);
  if (auto status = read(row, std::span<float>(values)); !status) return status.error();
  return values;
}

Result<VectorFileWriter> VectorFileWriter::create(const std::filesystem::path& path) {
  auto file = AtomicFile::create(path);
  if (!file) return file.error();
  return VectorFileWriter(*std::move(file));
}

Status VectorFileWriter::write(std::span<const float> row) {
  const auto length = static_cast<std::int32_t>(row.size());
  if (auto status = file_.write({reinterpret_cast<const char*>(&length), sizeof length}); !status) {
    return status;
  }
  return file_.write({reinterpret_cast<const char*>(row.data()), row.size_bytes()});
}

Status VectorFileWriter::commit() { return file_.commit(); }

Result<std::vector<float>> parse_vector(std::string_view text, std::string_view what) {
  std::vector<float> values;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto skip_blanks = [&] {
    while (at != end && (*at == ' ' || *at == '\t')) ++at;
  };
  while (true) {
    skip_blanks();
    if (at != end && *at == '+') ++at;
    float value = 0;
    const auto [next, code] = std::from_chars(at, end, value);
    if (code == std::errc::result_out_of_range && is_below_one({at, next})) {
      value = 0;  // Too small for a float, as in JSON.
    } else if (next == at || code == std::errc::result_out_of_range) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{}: number {} is not a 32-bit float", what, values.size())};
    }
    values.push_back(value);
    at = next;
    skip_blanks();
    if (at == end) return values;
    if (*at++ != ',') {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{}: no comma after number {}", what, values.size() - 1)};
    }
  }
}

}  // namespace tulving::tools
