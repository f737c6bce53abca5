#pragma once

#include "core/kinds/kind.h"
#include "tulving/profiles.h"
#include "tulving/records.h"

namespace tulving::kinds {

template <>
struct Kind<AccessLogEntry> {
  static constexpr std::string_view name = "access_log_entry", noun = "access log entry",
                                    plural = "access_log_entries";
  static constexpr RecordKind number = RecordKind::kAccessLogEntry;
  static constexpr ByCallersId<&AccessLogEntry::log_id> key{};
  static constexpr std::tuple fields{
      field<1, &AccessLogEntry::log_id>("log_id", "Its id: your own, or a UUID", text(64)),
      field<2, &AccessLogEntry::memory_id>("memory_id", "The memory"),
      field<3, &AccessLogEntry::session_id>("session_id", "A session of the tenant", text(64)),
      field<4, &AccessLogEntry::agent_id>("agent_id", "Who it was", text(64)),
      field<5, &AccessLogEntry::operation>("operation", "create, read, update, delete, search, ...",
                                           kinds::name(16)),
      field<6, &AccessLogEntry::timestamp>("timestamp", "When it was").used(Use::kCreated),
      field<7, &AccessLogEntry::request_data>("request_data", "Any JSON", json()),
      field<8, &AccessLogEntry::success>("success", "It went well"),
      field<9, &AccessLogEntry::error_message>("error_message", "Why not", text()),
      field<10, &AccessLogEntry::ip_address>("ip_address", "Where from", text(45)),
      stored<0, &AccessLogEntry::revision>("revision", "Of its last write; set by the store"),
  };
  static constexpr std::tuple references{
      reference<&AccessLogEntry::memory_id, Memory>(MustExist::kYes, WhenGone::kClear),
      reference<&AccessLogEntry::session_id, Session>(MustExist::kYes, WhenGone::kClear),
  };
  static constexpr std::tuple<> unique{};
};

}  // namespace tulving::kinds
