#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tulving/time.h"

namespace tulving {

// Where memories may come from, and who may see them. Rules as in records.h, ids as in tasks.h.
// Enumerators reach the disk: never renumber.

enum class DataSourceType : std::uint8_t {
  kApi = 0,
  kDatabase = 1,
  kFileSystem = 2,
  kWebhook = 3,
  kManual = 4,
};

/// A source that memories name in source_id. Put without an id, it replaces the one of its name.
struct DataSource {
  std::string source_id;
  std::string source_name;  ///< 1..255 characters, unique per tenant.
  DataSourceType source_type = DataSourceType::kManual;
  std::string source_uri;
  bool is_active = true;
  std::optional<Timestamp> created_at;  ///< Empty on put(): now.
  std::optional<Timestamp> last_ingestion_at;
  std::string metadata;        ///< JSON object. Empty: none.
  std::uint64_t revision = 0;  ///< Set by the store.

  friend bool operator==(const DataSource&, const DataSource&) = default;
};

/// Rules of access. Put without an id, it replaces the one of its name.
struct AccessPolicy {
  std::string policy_id;
  std::string policy_name;   ///< 1..255 characters, unique per tenant.
  std::string policy_rules;  ///< JSON, needed.
  bool is_active = true;
  std::optional<Timestamp> created_at;  ///< Empty on put(): now.
  std::optional<Timestamp> updated_at;
  std::uint64_t revision = 0;  ///< Set by the store.

  friend bool operator==(const AccessPolicy&, const AccessPolicy&) = default;
};

[[nodiscard]] std::string_view to_string(DataSourceType type) noexcept;

}  // namespace tulving
