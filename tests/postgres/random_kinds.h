#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/kinds/random_record.h"
#include "tulving/tulving.h"

namespace tulving::testing {

/// Writes into a store what random callers might: records of every kind in two tenants, with few
/// names, so that they meet. What the engine refuses is a part of it, and counted.
class RandomKinds {
 public:
  /// `is_disjoint`: no two tenants use the same id or name, but of data sources and policies.
  RandomKinds(const Store& store, std::uint64_t seed, bool is_disjoint);

  /// Some of every kind in each tenant.
  void fill();
  /// Does one thing.
  void change();

  std::size_t below(std::size_t bound) { return values_.below(bound); }
  struct Tally {
    int done = 0;
    int refused = 0;
    std::string why = {};  ///< The last refusal.
  };
  /// By what was done: "put memory", "erase task", "swap texts" ...
  [[nodiscard]] const std::map<std::string, Tally>& tallies() const { return tallies_; }
  static constexpr std::uint32_t kDim = 4;       ///< Of the model "default".
  static constexpr std::uint32_t kOtherDim = 3;  ///< Of the model "other".

 private:
  struct Scope {
    std::string id;
    Tenant tenant;
    std::vector<Uuid> memories = {};  ///< Some of them gone.
  };
  template <class Outcome>
  bool tally(const std::string& what, const Outcome& outcome);

  std::string name(const Scope& scope, const std::string& noun);
  std::string shared_name(const std::string& noun);
  std::string name_or_none(const Scope& scope, const std::string& noun);
  Uuid memory_of(const Scope& scope);
  Embedding vector(const std::string& model);

  template <class Kind>
  Kind draw(Scope& scope);
  void place(Scope& scope, Project& record);
  void place(Scope& scope, Task& record);
  void place(Scope& scope, Stage& record);
  void place(Scope& scope, Session& record);
  void place(Scope& scope, UserProfile& record);
  void place(Scope& scope, DataSource& record);
  void place(Scope& scope, AccessPolicy& record);
  void place(Scope& scope, AgentState& record);
  void place(Scope& scope, Memory& record);
  void place(Scope& scope, Relation& record);
  void place(Scope& scope, AccessLogEntry& record);
  void place(Scope& scope, ErrorRecord& record);
  void place(Scope& scope, CompressionMetric& record);
  void place(Scope& scope, ConsolidationTask& record);
  void place(Scope& scope, ConsolidationJob& record);
  void place(Scope& scope, AgentResult& record);
  void place_texts(Memory& record);

  template <class Kind>
  void put(Scope& scope);
  template <class Kind>
  void erase(Scope& scope);
  void put_any(Scope& scope);
  void erase_any(Scope& scope);
  void write_memory(Scope& scope);
  void patch_memory(Scope& scope);
  void change_vector(Scope& scope);
  void change_level(Scope& scope);
  void swap_texts(Scope& scope);
  void swap_names(Scope& scope);
  void end_memory(Scope& scope);
  void plan(Scope& scope);
  void end_plan(Scope& scope);

  testing_support::RandomValues values_;
  bool is_disjoint_;
  std::vector<Scope> scopes_;
  std::map<std::string, Tally> tallies_;
};

}  // namespace tulving::testing
