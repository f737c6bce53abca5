#pragma once

#include "core/kinds/kind.h"
#include "tulving/sources.h"

namespace tulving::kinds {

template <>
struct Kind<DataSource> {
  static constexpr std::string_view name = "data_source", noun = "data source",
                                    plural = "data_sources";
  static constexpr RecordKind number = RecordKind::kDataSource;
  static constexpr ByCallersId<&DataSource::source_id> key{};
  static constexpr std::tuple fields{
      field<1, &DataSource::source_id>("source_id", "Its id: your own, or a UUID", text(64)),
      field<2, &DataSource::source_name>("source_name", "What it is called", kinds::name(255)),
      field<3, &DataSource::source_type>("source_type", "What kind of source it is"),
      field<4, &DataSource::source_uri>("source_uri", "Where it is", text()),
      field<5, &DataSource::is_active>("is_active", "It is in use"),
      field<6, &DataSource::created_at>("created_at", "When it was made").used(Use::kCreated),
      field<7, &DataSource::last_ingestion_at>("last_ingestion_at", "When it was last read"),
      field<8, &DataSource::metadata>("metadata", "A JSON object", object()),
      stored<0, &DataSource::revision>("revision", "Of its last write; set by the store"),
  };
  static constexpr std::tuple unique{Unique<&DataSource::source_name>{}};
  static constexpr std::tuple<> references{};
};

}  // namespace tulving::kinds
