#include "tools/c/call/given.h"

#include <cstddef>
#include <cstdint>

#include "tulving/records.h"

namespace tulving::c {

namespace {

// A struct that claims more is not one: its size was never set.
constexpr std::size_t kStructMax = 16 * 1024;

constexpr std::size_t kBytesMax = PTRDIFF_MAX;

}  // namespace

Result<std::string_view> view_of(tulving_text text, std::string_view field) {
  if (text.data == nullptr) {
    if (text.size != 0) return refused(field, "has a length and no text");
    return std::string_view();
  }
  if (text.size > kBytesMax) return refused(field, "is longer than memory is");
  return std::string_view(text.data, text.size);
}

Result<std::string_view> view_of_name(const char* name, std::string_view field) {
  if (name == nullptr) return refused(field, "is missing");
  return std::string_view(name);
}

Status read_sized(const void* given, std::string_view what, std::span<unsigned char> out) {
  std::size_t size = 0;
  std::memcpy(&size, given, sizeof size);
  if (size < sizeof size || size > kStructMax) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("the struct_size of {} is {}; must be its size, {} bytes", what, size,
                             out.size()),
                 "struct_size"};
  }
  const auto* const bytes = static_cast<const unsigned char*>(given);
  std::memcpy(out.data(), bytes, std::min(size, out.size()));
  for (std::size_t at = out.size(); at < size; ++at) {
    if (bytes[at] != 0) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{} has members that this library, of ABI {}, does not know", what,
                               tulving_abi_version()),
                   "struct_size"};
    }
  }
  return {};
}

Status check_flags(std::uint32_t flags, std::uint32_t known, std::string_view field) {
  if ((flags & ~known) == 0) return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("{} has unknown bits: {:#x}", field, flags & ~known),
               std::string(field)};
}

Result<Matrix> Matrix::read(const float* values, std::size_t rows, std::size_t dim,
                            std::size_t stride_bytes, std::string_view field, std::size_t dim_max) {
  Matrix matrix;
  if (values == nullptr) {
    if (rows != 0 || dim != 0) return refused(field, "has a size and no floats");
    return matrix;
  }
  if (dim == 0 || dim > dim_max) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("dim is {}; must be 1..{}", dim, dim_max),
                 "dim"};
  }
  if (reinterpret_cast<std::uintptr_t>(values) % alignof(float) != 0) {
    return refused(field, "does not lie where floats may lie");
  }
  const std::size_t packed = dim * sizeof(float);
  if (stride_bytes == 0) stride_bytes = packed;
  if (stride_bytes < packed || stride_bytes % sizeof(float) != 0) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("stride_bytes is {}; must be a multiple of 4 from {} up", stride_bytes, packed),
        "stride_bytes"};
  }
  if (rows > kBytesMax / stride_bytes) return refused("rows", "are more than memory holds");
  matrix.values_ = values;
  matrix.rows_ = rows;
  matrix.dim_ = dim;
  matrix.stride_ = stride_bytes / sizeof(float);
  return matrix;
}

}  // namespace tulving::c
