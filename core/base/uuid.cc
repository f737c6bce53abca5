#include "tulving/uuid.h"

#include <sys/random.h>

#include <cerrno>
#include <span>

#include "core/base/check.h"
#include "core/base/hash.h"

namespace tulving {
namespace {

constexpr std::size_t kTextSize = 36;

bool is_hyphen_position(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

// RFC 4122, section 4.4: the version in the high half of byte 6, the variant in the two high bits
// of byte 8.
void set_version_4(std::array<std::uint8_t, 16>& bytes) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
}

bool is_version_4(const std::array<std::uint8_t, 16>& bytes) {
  return (bytes[6] & 0xF0U) == 0x40U && (bytes[8] & 0xC0U) == 0x80U;
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// The length goes first, as eight bytes, the least significant first, so that no two pairs of
// scope and name spell the same bytes.
void append_with_length(std::string& bytes, std::string_view part) {
  std::uint64_t size = part.size();
  for (int i = 0; i < 8; ++i, size >>= 8U) bytes += static_cast<char>(size & 0xFFU);
  bytes += part;
}

}  // namespace

// A system call each time, about 0.3 us: a buffer of random bytes would give a forked child the
// same ids as its parent.
Uuid Uuid::random() {
  Uuid id;
  ssize_t read = 0;
  do {
    read = getrandom(id.bytes.data(), id.bytes.size(), 0);
  } while (read < 0 && errno == EINTR);
  TULVING_CHECK(read == 16);  // getrandom(2): up to 256 bytes are given whole.
  set_version_4(id.bytes);
  return id;
}

Uuid Uuid::derive(std::string_view scope, std::string_view name) {
  std::string bytes;
  bytes.reserve(3 * 8 + 7 + scope.size() + name.size());
  append_with_length(bytes, "tulving");
  append_with_length(bytes, scope);
  append_with_length(bytes, name);
  Uuid id{md5(bytes)};
  set_version_4(id.bytes);
  return id;
}

namespace {

// Of any version.
std::optional<Uuid> read_uuid(std::string_view text) noexcept {
  if (text.size() != kTextSize) return std::nullopt;
  Uuid id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < kTextSize; ++i) {
    if (is_hyphen_position(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    auto& byte = id.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>((unsigned{byte} << 4U) | static_cast<unsigned>(value));
    ++nibble;
  }
  return id;
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) noexcept {
  const auto id = read_uuid(text);
  return id && is_version_4(id->bytes) ? id : std::nullopt;
}

Uuid Uuid::standing_for(std::string_view scope, std::string_view name) {
  const auto id = read_uuid(name);
  return id && !id->is_nil() ? *id : derive(scope, name);
}

std::string Uuid::to_string() const {
  std::string text = to_hex(bytes);
  for (const std::size_t position : {8U, 13U, 18U, 23U}) text.insert(position, 1, '-');
  return text;
}

}  // namespace tulving
