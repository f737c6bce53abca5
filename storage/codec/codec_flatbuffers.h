#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/check.h"
#include "core/base/text/utf8.h"
#include "records_generated.h"
#include "tulving/number.h"
#include "tulving/result.h"
#include "tulving/time.h"
#include "tulving/uuid.h"

// What the codec's files share. Private to them: the only headers that know FlatBuffers.

namespace tulving::storage {

static_assert(FLATBUFFERS_LITTLEENDIAN, "rows are read in place, as little-endian machines do");

/// The thread's builder, empty. Reused, so that encoding allocates the result alone.
[[nodiscard]] flatbuffers::FlatBufferBuilder& thread_builder();

template <class Table>
[[nodiscard]] const Table* verified_root(std::string_view bytes);
/// Finishes `root` and takes the bytes.
template <class Table>
[[nodiscard]] std::string take_bytes(flatbuffers::FlatBufferBuilder& builder,
                                     flatbuffers::Offset<Table> root) {
  builder.Finish(root);
  std::string bytes(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
  TULVING_DCHECK(verified_root<Table>(bytes) != nullptr);  // What is written can be read.
  constexpr std::size_t kept_bytes_max = 1U << 20U;  // One long text must not stay with the thread.
  if (bytes.size() > kept_bytes_max) builder.Reset();
  return bytes;
}

using StringOffset = flatbuffers::Offset<flatbuffers::String>;
using StringsOffset = flatbuffers::Offset<flatbuffers::Vector<StringOffset>>;
using StringVector = flatbuffers::Vector<StringOffset>;
using IdVector = flatbuffers::Vector<const fbs::Id*>;

/// Empty strings are left out.
inline StringOffset put_string(flatbuffers::FlatBufferBuilder& builder, std::string_view text) {
  return text.empty() ? StringOffset() : builder.CreateString(text.data(), text.size());
}
StringsOffset put_strings(flatbuffers::FlatBufferBuilder& builder,
                          const std::vector<std::string>& texts);
flatbuffers::Offset<IdVector> put_ids(flatbuffers::FlatBufferBuilder& builder,
                                      std::span<const Uuid> ids);

inline fbs::Id to_fbs(const Uuid& id) {
  static_assert(sizeof(fbs::Id) == sizeof(Uuid));
  fbs::Id copy;
  std::memcpy(&copy, id.bytes.data(), sizeof copy);
  return copy;
}
/// Nil when absent.
inline Uuid from_fbs(const fbs::Id* id) {
  Uuid copy;
  if (id != nullptr) std::memcpy(copy.bytes.data(), id, sizeof copy);
  return copy;
}
inline std::int64_t to_fbs(Timestamp time) { return time.time_since_epoch().count(); }
inline Timestamp time_from_fbs(std::int64_t micros) {
  return Timestamp(std::chrono::microseconds(micros));
}
inline flatbuffers::Optional<std::int64_t> to_fbs(std::optional<Timestamp> time) {
  return time ? flatbuffers::Optional<std::int64_t>(to_fbs(*time)) : flatbuffers::nullopt;
}
inline std::optional<Timestamp> time_from_fbs(flatbuffers::Optional<std::int64_t> micros) {
  return micros ? std::optional(time_from_fbs(*micros)) : std::nullopt;
}

inline flatbuffers::Optional<double> to_fbs(std::optional<double> value) {
  return value ? flatbuffers::Optional<double>(*value) : flatbuffers::nullopt;
}
inline std::optional<double> from_fbs(flatbuffers::Optional<double> value) {
  return value ? std::optional(*value) : std::nullopt;
}

/// A number that older rows hold as a float: what that float shows as. 1 is by far the most common.
inline double exact(flatbuffers::Optional<double> now, float former) {
  return now ? *now : former == 1.0F ? 1 : Number::widened(former);
}
inline std::optional<double> exact(flatbuffers::Optional<double> now,
                                   flatbuffers::Optional<float> former) {
  if (now) return *now;
  return former ? std::optional(Number::widened(*former)) : std::nullopt;
}

// Enumerators as bytes, with how many each enumeration has.
inline constexpr std::uint8_t kAgents = 5, kUrgencies = 3, kTaskStatuses = 4, kApprovals = 4;
inline constexpr std::uint8_t kDecisions = 3, kPlanStatuses = 4, kItemOutcomes = 5;
inline constexpr std::uint8_t kJobStatuses = 5, kJobTriggers = 4, kJobPhases = 3;
using ByteVector = flatbuffers::Vector<std::uint8_t>;
template <class Enum>
[[nodiscard]] std::uint8_t to_byte(Enum value) {
  return static_cast<std::uint8_t>(value);
}
template <class Enum>
flatbuffers::Offset<ByteVector> put_enumerators(flatbuffers::FlatBufferBuilder& builder,
                                                const std::vector<Enum>& values) {
  if (values.empty()) return {};
  std::vector<std::uint8_t> bytes;
  bytes.reserve(values.size());
  for (const Enum value : values) bytes.push_back(to_byte(value));
  return builder.CreateVector(bytes);
}
template <class Enum>
[[nodiscard]] std::vector<Enum> enumerators(const ByteVector* bytes) {
  std::vector<Enum> values;
  if (bytes == nullptr) return values;
  for (const std::uint8_t byte : *bytes) values.push_back(static_cast<Enum>(byte));
  return values;
}
bool are_enumerators(const ByteVector* bytes, std::uint8_t count);

inline std::string_view view(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view() : std::string_view(text->data(), text->size());
}
std::vector<std::string_view> views(const StringVector* texts);
std::vector<std::string> strings(const StringVector* texts);
std::vector<Uuid> uuids(const IdVector* ids);

/// Bytes at an address that FlatBuffers may read: theirs when it is aligned, else a copy. Rows lie
/// anywhere in a RocksDB block, and a misaligned read is undefined.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::string_view bytes) : bytes_(bytes) {
    if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) == 0) return;
    copy_.resize(bytes.size() / sizeof(std::uint64_t) + 1);
    if (!bytes.empty()) std::memcpy(copy_.data(), bytes.data(), bytes.size());
    bytes_ = {reinterpret_cast<const char*>(copy_.data()), bytes.size()};
  }
  [[nodiscard]] std::string_view get() const { return bytes_; }

 private:
  std::vector<std::uint64_t> copy_;
  std::string_view bytes_;
};

/// The table at the root of `bytes`, or null when they are not one: every offset, length and string
/// end is checked. `bytes` must be aligned to 4; 8-byte scalars to be read in place need 8.
template <class Table>
[[nodiscard]] const Table* verified_root(std::string_view bytes) {
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) return nullptr;
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (!verifier.VerifyBuffer<Table>(nullptr)) return nullptr;
  return flatbuffers::GetRoot<Table>(bytes.data());
}

[[nodiscard]] Error corrupt_row(std::string_view kind, std::string_view problem);

// What the verifier cannot know but readers rely on. `text` of a hostile file that ends within a
// character would lead a reader of UTF-8 past its end.
inline bool is_text(const flatbuffers::String* text) { return !first_invalid_utf8(view(text)); }
bool are_texts(const StringVector* texts);
/// The verifier looks at where a vector's length lies, and not at entries of 8 bytes, which are
/// read in place.
template <class Vector>
bool is_aligned(const Vector* entries) {
  return entries == nullptr ||
         reinterpret_cast<std::uintptr_t>(entries->Data()) % alignof(std::uint64_t) == 0;
}
/// Absent, or 0..1; no NaN.
inline bool is_share(flatbuffers::Optional<double> value) {
  return !value || (*value >= 0 && *value <= 1);
}
inline bool is_finite(flatbuffers::Optional<double> value) {
  return !value || std::isfinite(*value);
}
/// Differences between two times of this range, ~146,000 years, do not overflow.
inline bool is_time(std::int64_t micros) {
  constexpr std::int64_t limit = std::int64_t{1} << 62;
  return micros > -limit && micros < limit;
}
inline bool is_time(flatbuffers::Optional<std::int64_t> micros) {
  return !micros || is_time(*micros);
}

}  // namespace tulving::storage
