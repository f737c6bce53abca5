#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/base/files/file_system.h"
#include "tulving/position.h"
#include "tulving/result.h"
#include "tulving/uuid.h"

namespace tulving {

/// What a checkpoint was made of: a part of a tenant of a store, at a moment of its life. A file
/// that was put in another's place, or beside a log that is not the one it was made of, is known by
/// it.
struct CheckpointOrigin {
  std::uint64_t revision = 0;
  Uuid incarnation = {};
  Uuid store_id = {};
  std::uint32_t tenant = 0;
  std::uint32_t part = 0;  ///< Which of several files of a kind.

  [[nodiscard]] Position position() const { return {revision, incarnation}; }
  friend bool operator==(const CheckpointOrigin&, const CheckpointOrigin&) = default;
};

/// What a checkpoint says of itself, before any of its content is believed.
struct CheckpointStamp {
  std::string_view kind;      ///< Four characters, "TEXT" say: whose file it is.
  std::uint32_t version = 0;  ///< Of the content's layout, from 1.
  CheckpointOrigin origin;
};

/// Bytes covered by one checksum: large enough that its cost vanishes, small enough that a block is
/// still in the cache when it is hashed after the copy.
inline constexpr std::size_t kCheckpointBlockBytes = std::size_t{4} << 20;

/// Whether all bytes of a T carry its value. Padding would put uninitialised memory on the disk,
/// and make two files of the same content differ.
template <class T>
concept CheckpointElement = std::is_trivially_copyable_v<T> &&
    (std::has_unique_object_representations_v<T> || std::is_floating_point_v<T>);

/// Writes a checkpoint: sections of bytes, numbered from 0 in the order they are ended. The file
/// appears under its name whole or not at all: it is written beside it as `<name>.tmp`, fsynced,
/// renamed, and the directory fsynced.
///
/// After an error the writer is only good for destruction. One thread at a time.
class CheckpointWriter {
 public:
  /// kIo: the file cannot be made. kInvalidArgument: `stamp.kind` is not four characters.
  static Result<CheckpointWriter> open(const std::filesystem::path& file,
                                       const CheckpointStamp& stamp,
                                       FileSystem& files = FileSystem::machine());

  CheckpointWriter(CheckpointWriter&&) noexcept;
  CheckpointWriter& operator=(CheckpointWriter&&) noexcept;
  ~CheckpointWriter();  ///< Removes the temporary file, unless finish() succeeded.

  /// Adds to the section under way. Whole blocks go from `bytes` to the file without a copy.
  Status append(std::span<const std::byte> bytes);
  /// Ends the section under way, which may be empty.
  Status end_section();

  /// A section of the elements of an array.
  template <CheckpointElement T>
  Status write_array(std::span<const T> elements) {
    if (auto status = append(std::as_bytes(elements)); !status) return status;
    return end_section();
  }

  /// Makes the file durable under its name. The last call.
  Status finish();

 private:
  class Impl;
  explicit CheckpointWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Reads a checkpoint. Nothing is handed out before its checksum is verified, except where a call
/// says otherwise; what the bytes mean
/// is for the caller to check, as a file may be well-formed and still not be ours.
///
/// Thread safety: const members beside each other, so that threads may share the blocks of a
/// section.
class CheckpointReader {
 public:
  /// Opens a file and verifies its header, table and size. kNotFound: no such file. kCorruption:
  /// damaged, or of another kind or version. Errors name the file.
  static Result<CheckpointReader> open(const std::filesystem::path& file, std::string_view kind,
                                       std::uint32_t version,
                                       FileSystem& files = FileSystem::machine());

  CheckpointReader(CheckpointReader&&) noexcept;
  CheckpointReader& operator=(CheckpointReader&&) noexcept;
  ~CheckpointReader();

  [[nodiscard]] CheckpointOrigin origin() const;
  [[nodiscard]] std::size_t sections() const;
  /// 0 for a section that is not there.
  [[nodiscard]] std::uint64_t section_bytes(std::size_t section) const;

  /// Reads whole blocks straight into `into`: those from `first_byte`, a multiple of
  /// kCheckpointBlockBytes, to the end of `into`, which is a multiple too or the section's end.
  /// kCorruption: a checksum differs, or the section has no such bytes; `into` is then garbage.
  Status read(std::size_t section, std::uint64_t first_byte, std::span<std::byte> into) const;

  /// Reads any bytes of a section as they are: for a caller that has checksums of its own for them.
  /// kCorruption: the section has no such bytes.
  Status read_unverified(std::size_t section, std::uint64_t first_byte,
                         std::span<std::byte> into) const;

  /// The whole section as elements. kCorruption: also when its size is no multiple of T's.
  template <CheckpointElement T>
  Result<std::vector<T>> read_array(std::size_t section) const {
    const std::uint64_t bytes = section_bytes(section);
    if (bytes % sizeof(T) != 0)
      return corruption("a section's size is no multiple of its elements");
    std::vector<T> elements(bytes / sizeof(T));
    auto status = read(section, 0, std::as_writable_bytes(std::span(elements)));
    if (!status) return status.error();
    return elements;
  }

  /// kCorruption that names the file: for the checks that callers add.
  [[nodiscard]] Error corruption(std::string_view what) const;

 private:
  class Impl;
  explicit CheckpointReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tulving
