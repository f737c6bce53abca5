#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "core/kinds/unique.h"
#include "tests/kinds/random_record.h"
#include "tests/postgres/rule_steps.h"

namespace tulving::testing {

/// One that breaks a rule, and what it was before.
struct Broken {
  Record base;
  Record record;
  std::string_view kind;
  std::string field;
  Break what = Break::kNone;
};

/// Makes records that may stand in one store: sound ones, which name what is there, and ones that
/// break one rule each.
class RuleRecords {
 public:
  explicit RuleRecords(std::uint64_t seed) : values_(seed) {}

  /// Whether each_broken() makes texts of a megabyte, too. Once is enough.
  void make_dear(bool is_dear) { is_dear_ = is_dear; }

  /// A record that others may name. `is_anchor`: that each schema holds, so that what breaks one
  /// rule names it.
  void add_name(const Record& record, bool is_anchor);

  template <class Kind>
  Kind random() {
    Kind record = testing_support::random_record<Kind>(values_);
    finish(record, false);
    return record;
  }
  /// One that every schema that has a table for it holds.
  template <class Kind>
  Kind held() {
    Kind record = testing_support::random_record<Kind>(values_);
    finish(record, true);
    make_held(record);
    return record;
  }

  /// Calls `visit(record)` with records of which one field is at its bounds.
  template <class Kind, class Visit>
  void each_at_bounds(const Visit& visit) {
    kinds::each_field<Kind>([&](const auto& field) {
      using Value = typename std::remove_cvref_t<decltype(field)>::Value;
      if (field.use == kinds::Use::kStored || must_be_there<Kind>(field.name)) return;
      const auto with = [&](Value value) {
        Kind record = held<Kind>();
        field.of(record) = std::move(value);
        testing_support::make_sound(values_, record);
        visit(std::move(record));
      };
      AtTheBounds::each(field.bounds, Value(), ++number_, [&](Value value) {
        // No two may have the same key, or unique value.
        if constexpr (std::is_same_v<Value, std::string>) {
          if (is_own<Kind>(field)) value = renumbered(value, field.bounds.length_most);
        }
        with(std::move(value));
      });
    });
  }

  /// Calls `visit(broken)` with records that break one rule.
  template <class Kind, class Visit>
  void each_broken(const Visit& visit) {
    each_field_broken<Kind>(visit);
    each_reference_broken<Kind>(visit);
    each_unique_broken<Kind>(visit);
    each_whole_broken<Kind>(visit);
  }

  template <class Kind>
  [[nodiscard]] static bool must_be_there(std::string_view field) {
    bool found = false;
    std::apply(
        [&](const auto&... reference) {
          ((found = found ||
                    (reference.must_exist == kinds::MustExist::kYes &&
                     kinds::name_at<std::remove_cvref_t<decltype(reference)>::member>() == field)),
           ...);
        },
        kinds::Kind<Kind>::references);
    return found;
  }

 private:
  using Names = std::map<std::string_view, std::vector<std::string>>;

  std::string fresh(std::size_t most) {
    return characters(std::min<std::size_t>(most, 12), "n", ++number_);
  }
  std::string renumbered(const std::string& value, std::size_t most) {
    const bool is_wide = value.size() > most;
    const std::size_t length = value.size() < most ? 7 : most;
    return characters(length, is_wide ? kCharacters[3] : "x", 1'000'000 + ++number_);
  }

  // By what no other record may have: its key, what is unique, an external id.
  template <class Kind, class Field>
  static bool is_own(const Field& field) {
    bool is = kinds::is_key<Field>() || field.name == "external_id";
    kinds::all_uniques<Kind>([&](std::size_t, const auto& unique) {
      is = is || kinds::names_of(unique).starts_with(field.name);
      return true;
    });
    return is;
  }

  template <class Kind>
  void finish(Kind& record, bool is_anchored) {
    kinds::each_field<Kind>([&](const auto& field) {
      using Value = typename std::remove_cvref_t<decltype(field)>::Value;
      if constexpr (std::is_same_v<Value, std::string>) {
        const bool is_given =
            kinds::is_key<std::remove_cvref_t<decltype(field)>>() || !field.of(record).empty();
        if (is_own<Kind>(field) && is_given) field.of(record) = fresh(field.bounds.length_most);
      } else if constexpr (std::is_same_v<Value, Uuid>) {
        if (kinds::is_key<std::remove_cvref_t<decltype(field)>>()) {
          field.of(record) = Uuid::derive("own", std::to_string(++number_));
        }
      } else if constexpr (std::is_same_v<Value, std::optional<Timestamp>>) {
        const bool is_set = field.use != kinds::Use::kPlain || field.name == "created_at" ||
                            field.name == "updated_at" || field.name == "last_used";
        if (is_set && !field.of(record)) values_.fill(field.bounds, field.of(record));
      }
    });
    std::apply([&](const auto&... reference) { (name_one(record, reference, is_anchored), ...); },
               kinds::Kind<Kind>::references);
    settle(record);
  }

  template <class Kind, class Reference>
  void name_one(Kind& record, const Reference& reference, bool is_anchored) {
    using Target = typename Reference::Target;
    auto& member = record.*Reference::member;
    const auto& names = (is_anchored ? anchors_ : names_)[list_of<Kind, Target>()];
    const std::string name = names.empty() ? "" : names[values_.below(names.size())];
    using Value = std::remove_cvref_t<decltype(member)>;
    const bool is_free = reference.must_exist == kinds::MustExist::kNo && !is_anchored;
    if constexpr (std::is_same_v<Value, std::string>) {
      const bool is_needed = kinds::bounds_at<Reference::member>().length_least > 0;
      if (is_free && values_.coin()) return;  // As it is: a name of the caller's own.
      member = is_needed || is_anchored || values_.coin() ? name : "";
    } else if constexpr (std::is_same_v<Value, Uuid>) {
      const auto id = Uuid::parse(name);
      const bool is_needed = !kinds::bounds_at<Reference::member>().needed.empty();
      member = id && (is_needed || is_anchored || values_.coin()) ? *id : Uuid();
    } else if (!is_free) {
      member.clear();
      if (const auto id = Uuid::parse(name)) member.push_back(*id);
    }
  }
  // Where a memory went into is one that was made of others.
  template <class Kind, class Target>
  static std::string_view list_of() {
    return std::is_same_v<Kind, Memory> && std::is_same_v<Target, Memory>
               ? "merge"
               : kinds::Kind<Target>::name;
  }

  template <class Kind>
  void settle(Kind&) {}
  void settle(Memory& memory) {
    if (values_.coin()) memory.memory_type = "decision";
    if (!memory.success && values_.coin()) memory.success = values_.coin();
    if (memory.agent_id.empty() && values_.coin()) memory.agent_id = "agent";
    if (memory.text.empty()) memory.text = "t";
    // Equal texts are one row to guild, where an agent has them.
    if (values_.below(8) != 0) memory.text += " " + std::to_string(++number_);
    if (values_.coin()) {
      memory.embeddings.push_back({"default", {1, 2, static_cast<float>(values_.below(9))}});
      if (values_.coin()) memory.embeddings.push_back({"other", {0.5F, -1, 3}});
    }
  }
  void settle(Relation& relation) {
    while (relation.target_id == relation.source_id && names_["memory"].size() > 1) {
      const auto& names = names_["memory"];
      relation.target_id = *Uuid::parse(names[values_.below(names.size())]);
    }
    static constexpr std::string_view kTypes[] = {"related", "supports", "follows", "references"};
    if (values_.coin()) relation.relation_type = kTypes[values_.below(4)];
  }

  template <class Kind>
  void make_held(Kind&) {}
  void make_held(Memory& memory) {
    memory.agent_id = "agent";
    memory.memory_type = "learning";
    memory.success = true;
    memory.abstraction_level = static_cast<std::int32_t>(values_.below(4));
    memory.text = "held " + std::to_string(++number_);
    memory.consolidated_into_id = {};
    if (memory.tags.empty()) memory.tags = {"tag"};
  }
  void make_held(Relation& relation) {
    const auto& names = anchors_["memory"];
    if (names.size() < 2) return;
    const std::size_t first = values_.below(names.size());
    const std::size_t second = first + 1 + values_.below(names.size() - 1);
    relation.source_id = *Uuid::parse(names[first]);
    relation.target_id = *Uuid::parse(names[second % names.size()]);
    relation.relation_type = "type " + std::to_string(++number_);
  }
  void make_held(Project& project) { project.name = "name"; }
  void make_held(Task& task) { task.agent_id = "agent"; }
  void make_held(Stage& stage) { stage.agent_id = "agent"; }
  void make_held(ErrorRecord& error) { error.agent_id = "agent"; }

  // Which of consolidation's two tables of memories has a column for the field.
  static bool is_of_tasks(std::string_view field) {
    constexpr std::string_view kFields[] = {"goal",       "result",         "feedback",
                                            "tool_usage", "error_patterns", "consolidated_into_id",
                                            "task_id"};
    return std::ranges::find(kFields, field) != std::end(kFields);
  }

  template <class Kind, class Change, class Visit>
  void broken(std::string_view field, Break what, const Change& change, const Visit& visit) {
    Kind base = held<Kind>();
    if constexpr (std::is_same_v<Kind, Memory>) {
      base.abstraction_level = is_of_tasks(field) ? 0 : 2;
    }
    kinds::give_id("tenant", base);
    Kind record = base;
    change(record);
    if constexpr (std::is_same_v<Kind, Relation>) kinds::give_id("tenant", record);
    visit(Broken{std::move(base), std::move(record), kinds::Kind<Kind>::name, std::string(field),
                 what});
  }

  template <class Kind, class Visit>
  void each_field_broken(const Visit& visit) {
    kinds::each_field<Kind>([&](const auto& field) {
      using Value = typename std::remove_cvref_t<decltype(field)>::Value;
      if (field.use == kinds::Use::kStored) return;
      if (std::is_same_v<Kind, Relation> && field.name == "id") return;  // It is derived.
      const std::uint64_t number = is_dear_ ? 0 : ++number_;
      OneStepBeyond::each(field.bounds, Value(), number, [&](Break what, Value bad) {
        broken<Kind>(
            field.name, what, [&](Kind& record) { field.of(record) = std::move(bad); }, visit);
      });
    });
  }
  template <class Kind, class Visit>
  void each_reference_broken(const Visit& visit) {
    const auto each = [&](const auto& reference) {
      if (reference.must_exist == kinds::MustExist::kNo) return;
      constexpr auto kMember = std::remove_cvref_t<decltype(reference)>::member;
      broken<Kind>(
          kinds::name_at<kMember>(), Break::kUnknown,
          [&](Kind& record) {
            auto& member = record.*kMember;
            const Uuid id = Uuid::derive("unknown", std::to_string(++number_));
            using Value = std::remove_cvref_t<decltype(member)>;
            if constexpr (std::is_same_v<Value, std::vector<Uuid>>) {
              member = {id};
            } else if constexpr (std::is_same_v<Value, Uuid>) {
              member = id;
            } else {
              member = "unknown " + std::to_string(number_);
            }
          },
          visit);
    };
    std::apply([&](const auto&... reference) { (each(reference), ...); },
               kinds::Kind<Kind>::references);
  }
  template <class Kind, class Visit>
  void each_unique_broken(const Visit& visit) {
    const auto* there = anchor<Kind>();
    if (there == nullptr) return;
    kinds::all_uniques<Kind>([&]<auto... kMembers>(std::size_t,
                                                   const kinds::Unique<kMembers...>& unique) {
      const std::string names = kinds::names_of(unique);
      broken<Kind>(
          names.substr(0, names.find(' ')), Break::kTwice,
          [&](Kind& record) { ((record.*kMembers = there->*kMembers), ...); }, visit);
      return true;
    });
  }

  template <class Kind, class Visit>
  void each_whole_broken(const Visit& visit) {
    const auto with = [&](std::string_view field, Break what, const auto& change) {
      broken<Kind>(field, what, change, visit);
    };
    if constexpr (std::is_same_v<Kind, Relation>) {
      with("target_id", Break::kSelf, [](Relation& it) { it.target_id = it.source_id; });
    } else if constexpr (std::is_same_v<Kind, ConsolidationTask>) {
      each_task_broken(with);
    } else if constexpr (std::is_same_v<Kind, ConsolidationJob>) {
      with("retry_count", Break::kTogether, [](ConsolidationJob& it) {
        it.retries_max = 2;
        it.retry_count = 3;
      });
      with("scope.created_until", Break::kTogether, [](ConsolidationJob& it) {
        it.scope.created_from = it.scope.created_until = Timestamp();
      });
    } else if constexpr (std::is_same_v<Kind, Memory>) {
      each_memory_broken(with);
    }
  }
  template <class With>
  static void each_task_broken(const With& with) {
    using Status = ConsolidationTaskStatus;
    with("closed_at", Break::kTogether, [](ConsolidationTask& it) {
      it.closed_at.has_value() ? it.closed_at.reset() : (void)it.closed_at.emplace();
    });
    with("error", Break::kTogether, [](ConsolidationTask& it) {
      it.status = Status::kBlocked;
      it.error.clear();
      it.closed_at.reset();
      it.claimed_by.clear();
    });
    with("claimed_by", Break::kTogether,
         [](ConsolidationTask& it) { it.claimed_by = it.claimed_by.empty() ? "w" : ""; });
  }
  template <class With>
  void each_memory_broken(const With& with) {
    with("text", Break::kMissing, [](Memory& it) {
      it.text.clear();
      it.content.clear();
    });
    with("external_id", Break::kTogether,
         [](Memory& it) { it.external_id = Uuid::derive("a", "b").to_string(); });
    if (const auto* there = anchor<Memory>()) {
      with("external_id", Break::kTwice, [&](Memory& it) { it.external_id = there->external_id; });
    }
    const auto vector = [&](Break what, std::string model, std::vector<float> values) {
      with("embeddings", what, [&](Memory& it) {
        it.embeddings = {{std::move(model), std::move(values)}};
      });
    };
    vector(Break::kCount, "default", {});
    vector(Break::kCount, "default", {1, 2});
    vector(Break::kCount, "default", std::vector<float>(kEmbeddingDimMax + 1, 1));
    vector(Break::kNumber, "default", {1, std::numeric_limits<float>::quiet_NaN(), 1});
    vector(Break::kNumber, "default", {1, std::numeric_limits<float>::infinity(), 1});
    vector(Break::kRange, "default", {0, 0, 0});
    vector(Break::kMissing, "", {1, 2, 3});
    for (const auto character : kCharacters) {
      vector(Break::kTooLong, characters(65, character, 0), {1, 2, 3});
    }
    with("embeddings", Break::kTwice, [](Memory& it) {
      it.embeddings = {{"default", {1, 2, 3}}, {"default", {3, 2, 1}}};
    });
  }

  template <class Kind>
  [[nodiscard]] const Kind* anchor() const {
    for (const Record& record : anchored_) {
      if (const auto* found = std::get_if<Kind>(&record)) return found;
    }
    return nullptr;
  }

  testing_support::RandomValues values_;
  std::uint64_t number_ = 0;
  bool is_dear_ = false;
  Names names_, anchors_;
  std::vector<Record> anchored_;
};

inline void RuleRecords::add_name(const Record& record, bool is_anchor) {
  std::visit(
      [&]<class Kind>(const Kind& it) {
        std::string name;
        if constexpr (std::is_same_v<kinds::Key<Kind>, Uuid>) {
          name = kinds::key_of(it).to_string();
        } else {
          name = kinds::key_of(it);
        }
        std::string_view list = kinds::Kind<Kind>::name;
        names_[list].push_back(name);
        if (is_anchor) anchors_[list].push_back(name);
        if constexpr (std::is_same_v<Kind, Memory>) {
          if (it.abstraction_level > 0) names_["merge"].push_back(name);
        }
      },
      record);
  if (is_anchor) anchored_.push_back(record);
}

}  // namespace tulving::testing
