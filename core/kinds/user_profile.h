#pragma once

#include "core/kinds/kind.h"
#include "tulving/profiles.h"

namespace tulving::kinds {

template <>
struct Kind<UserProfile> {
  static constexpr std::string_view name = "user_profile", noun = "user profile",
                                    plural = "user_profiles";
  static constexpr RecordKind number = RecordKind::kUserProfile;
  static constexpr ByName<&UserProfile::user_id> key{"user_profile"};
  static constexpr std::tuple fields{
      field<1, &UserProfile::user_id>("user_id", "Whose it is", kinds::name(64)),
      field<2, &UserProfile::profile_data>("profile_data", "Any JSON", json()),
      field<3, &UserProfile::preferences>("preferences", "Any JSON", json()),
      field<4, &UserProfile::is_active>("is_active", "It is in use"),
      field<5, &UserProfile::created_at>("created_at", "When it was made").used(Use::kCreated),
      field<6, &UserProfile::updated_at>("updated_at", "When it was changed").used(Use::kChanged),
      stored<0, &UserProfile::revision>("revision", "Of its last write; set by the store"),
  };
  static constexpr std::tuple<> references{}, unique{};
};

}  // namespace tulving::kinds
