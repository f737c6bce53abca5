#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include "tools/c/call/guard.h"
#include "tools/c/include/tulving_c.h"
#include "tulving/records.h"
#include "tulving/result.h"

// What C gives, read into what it stands for.

namespace tulving::c {

/// The text, which lives as long as the caller's. None: empty.
Result<std::string_view> view_of(tulving_text text, std::string_view field);
/// One that must be there.
Result<std::string_view> view_of_name(const char* name, std::string_view field);
[[nodiscard]] inline tulving_text text_of(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

/// Copies a struct of options whose size is what the caller says it is: what is beyond is zero.
/// Refuses one that is longer than ours and has something there.
Status read_sized(const void* given, std::string_view what, std::span<unsigned char> out);

/// `given` must not be null.
template <class Struct>
Result<Struct> read_struct(const Struct* given, std::string_view what) {
  Struct out;
  std::memset(&out, 0, sizeof out);
  if (given == nullptr) return refused(what, "is missing");
  auto status = read_sized(given, what, {reinterpret_cast<unsigned char*>(&out), sizeof out});
  if (!status) return status.error();
  return out;
}
/// One that may be null, and is then all zero.
template <class Struct>
Result<Struct> read_struct_if_any(const Struct* given, std::string_view what) {
  if (given != nullptr) return read_struct(given, what);
  Struct out;
  std::memset(&out, 0, sizeof out);
  return out;
}

/// Refuses flags that are not in `known`.
Status check_flags(std::uint32_t flags, std::uint32_t known, std::string_view field);

/// Rows of floats where the caller has them.
class Matrix {
 public:
  static Result<Matrix> read(const float* values, std::size_t rows, std::size_t dim,
                             std::size_t stride_bytes, std::string_view field,
                             std::size_t dim_max = kEmbeddingDimMax);
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::span<const float> row(std::size_t index) const {
    return {values_ + index * stride_, dim_};
  }

 private:
  const float* values_ = nullptr;
  std::size_t rows_ = 0, dim_ = 0, stride_ = 0;  // The stride in floats.
};

}  // namespace tulving::c
