#pragma once

#include "core/kinds/kind.h"
#include "tulving/records.h"

namespace tulving::kinds {

template <>
struct Kind<Relation> {
  static constexpr std::string_view name = "relation", noun = "relation", plural = "relations";
  static constexpr RecordKind number = RecordKind::kRelation;
  static constexpr ByParts<&Relation::id, &Relation::source_id, &Relation::target_id,
                           &Relation::relation_type>
      key{"relation"};
  static constexpr std::tuple fields{
      own_id<1, &Relation::id>("id", "Derived from the ends and the type"),
      field<2, &Relation::source_id>("source_id", "Where it starts: a memory's id or external id",
                                     needed("a relation needs two memories")),
      field<3, &Relation::target_id>("target_id", "Where it ends",
                                     needed("a relation needs two memories")),
      field<4, &Relation::relation_type>("relation_type", "Its type", kinds::name(32)),
      field<Slot{9, 5}, &Relation::strength>("strength", "How close", between(0, 1)),
      field<Slot{10, 6}, &Relation::confidence>("confidence", "How sure", between(0, 1)),
      field<7, &Relation::metadata>("metadata", "A JSON object", object()),
      field<8, &Relation::created_at>("created_at", "When it was made").used(Use::kCreated),
      stored<0, &Relation::revision>("revision", "Of its last write; set by the store"),
  };
  static constexpr std::tuple references{
      reference<&Relation::source_id, Memory>(MustExist::kYes, WhenGone::kErase),
      reference<&Relation::target_id, Memory>(MustExist::kYes, WhenGone::kErase),
  };
  static constexpr std::tuple<> unique{};
};

}  // namespace tulving::kinds
