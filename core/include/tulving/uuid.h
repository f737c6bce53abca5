#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tulving {

/// A UUID (RFC 4122), 16 bytes in network order. The all-zero value means "none".
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// A random version 4 UUID from the operating system's generator. Thread-safe.
  [[nodiscard]] static Uuid random();

  /// The UUID that stands for a caller's own `name` within `scope` (a tenant's id): the MD5 of
  /// "tulving", scope and name, each preceded by its length, in version 4 layout. The same pair
  /// gives the same UUID on every machine and in every release, so imports are repeatable.
  [[nodiscard]] static Uuid derive(std::string_view scope, std::string_view name);

  /// Reads the 36-character form, either case. Empty when `text` is not an RFC 4122 version 4 UUID.
  [[nodiscard]] static std::optional<Uuid> parse(std::string_view text) noexcept;

  /// The UUID that a caller's own id stands for where a database wants one: itself, if `name` is a
  /// UUID of any version in the 36-character form, either case, but the nil one; else derive(scope,
  /// name).
  [[nodiscard]] static Uuid standing_for(std::string_view scope, std::string_view name);

  [[nodiscard]] bool is_nil() const noexcept { return *this == Uuid{}; }
  /// The 36-character lower case form.
  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

}  // namespace tulving

template <>
struct std::hash<tulving::Uuid> {
  /// The bytes are random already; eight of them are a hash.
  std::size_t operator()(const tulving::Uuid& id) const noexcept {
    std::size_t low = 0;
    std::memcpy(&low, id.bytes.data() + 8, sizeof low);
    return low;
  }
};
