#pragma once

#include "core/kinds/kind.h"
#include "tulving/tasks.h"

namespace tulving::kinds {

template <>
struct Kind<Project> {
  static constexpr std::string_view name = "project", noun = "project", plural = "projects";
  static constexpr RecordKind number = RecordKind::kProject;
  static constexpr ByCallersId<&Project::project_id> key{};
  static constexpr std::tuple fields{
      field<1, &Project::project_id>("project_id", "Its id: your own, or a UUID", text(64)),
      field<2, &Project::name>("name", "What it is called", text()),
      field<3, &Project::created_at>("created_at", "When it was made").used(Use::kCreated),
      stored<0, &Project::revision>("revision", "Of its last write; set by the store"),
  };
  static constexpr std::tuple<> references{}, unique{};
};

}  // namespace tulving::kinds
