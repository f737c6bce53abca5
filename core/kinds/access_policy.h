#pragma once

#include "core/kinds/kind.h"
#include "tulving/sources.h"

namespace tulving::kinds {

template <>
struct Kind<AccessPolicy> {
  static constexpr std::string_view name = "access_policy", noun = "access policy",
                                    plural = "access_policies";
  static constexpr RecordKind number = RecordKind::kAccessPolicy;
  static constexpr ByCallersId<&AccessPolicy::policy_id> key{};
  static constexpr std::tuple fields{
      field<1, &AccessPolicy::policy_id>("policy_id", "Its id: your own, or a UUID", text(64)),
      field<2, &AccessPolicy::policy_name>("policy_name", "What it is called", kinds::name(255)),
      field<3, &AccessPolicy::policy_rules>("policy_rules", "Any JSON",
                                            json("a policy is its rules")),
      field<4, &AccessPolicy::is_active>("is_active", "It is in use"),
      field<5, &AccessPolicy::created_at>("created_at", "When it was made").used(Use::kCreated),
      field<6, &AccessPolicy::updated_at>("updated_at", "When it was changed").used(Use::kChanged),
      stored<0, &AccessPolicy::revision>("revision", "Of its last write; set by the store"),
  };
  static constexpr std::tuple unique{Unique<&AccessPolicy::policy_name>{}};
  static constexpr std::tuple<> references{};
};

}  // namespace tulving::kinds
