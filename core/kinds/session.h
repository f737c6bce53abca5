#pragma once

#include "core/kinds/kind.h"
#include "tulving/records.h"

namespace tulving::kinds {

template <>
struct Kind<Session> {
  static constexpr std::string_view name = "session", noun = "session", plural = "sessions";
  static constexpr RecordKind number = RecordKind::kSession;
  static constexpr ByName<&Session::session_id> key{"session"};
  static constexpr std::tuple fields{
      field<1, &Session::session_id>("session_id", "Its id", kinds::name(64)),
      field<2, &Session::user_id>("user_id", "Whom it was with", text(64)),
      field<3, &Session::session_type>("session_type", "conversation, or the caller's own",
                                       kinds::name(32)),
      field<4, &Session::summary>("summary", "What it was about", text()),
      field<5, &Session::metadata>("metadata", "A JSON object", object()),
      field<6, &Session::is_archived>("is_archived", "It is archived"),
      field<7, &Session::created_at>("created_at", "When it began").used(Use::kCreated),
      field<8, &Session::updated_at>("updated_at", "When it was changed").used(Use::kChanged),
      field<9, &Session::ended_at>("ended_at", "When it ended"),
      stored<0, &Session::revision>("revision", "Of its last write; set by the store"),
  };
  static constexpr std::tuple<> references{}, unique{};
};

}  // namespace tulving::kinds
