#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/engine/follow/derivation.h"
#include "core/engine/follow/follow.h"
#include "core/engine/follow/follow_writes.h"

namespace tulving::engine {

/// One run of follow().
class FollowPass {
 public:
  explicit FollowPass(Transaction& transaction) : transaction_(transaction), writes_(transaction) {}
  Result<Followed> run();

 private:
  /// A merge, pattern or principle of which a source has changed.
  struct Made {
    Memory present;
    bool is_merge = false;          ///< It holds sources, or held one before this write.
    bool is_erasing = false;        ///< A word of an erased memory may be in it.
    std::vector<Uuid> staying;      ///< Sources that belong to it.
    std::vector<Uuid> leaving;      ///< Sources that no longer do, and are still there.
    std::vector<Uuid> unknown;      ///< Names of memories that never were here.
    std::optional<Derivation> how;  ///< How it was derived.
    std::optional<Memory> before;   ///< What its sources gave before. Empty: unknown.
  };

  // follow.cc: what changed, and in which order the rest follows.
  Status move_sources_of_moved_merges();
  Status move_sources(const Memory& merge, std::vector<Memory>& moved);
  void find_changed();
  [[nodiscard]] std::vector<Uuid> derived_in_order() const;
  void pass_on(const Uuid& made);
  Status scrub_erased();

  // follow_rederive.cc: one of them.
  Status rederive(const Uuid& id);
  Result<Made> look_at(const RecordPtr& record);
  void sort_out_sources(Made& made) const;
  void sort_out_borders(Made& made) const;
  Status derive_anew(Made& made);
  Status keep_text(Made& made);
  Status put(const Made& made, Memory after);
  void ask_for_text(const Memory& made, bool asks_person);
  void forget_shared_words(const Uuid& id);

  // follow_leave.cc: sources that leave.
  Status let_go(const Made& made, const std::vector<Uuid>& sources);
  Status give_back(const Made& made, const Uuid& source);
  Status dissolve(const Made& made);
  Status hand_over(const Made& made, const Uuid& last);
  Status leave_parents(const Made& made, const std::optional<Uuid>& heir);
  void hand_over_relations(const Uuid& merge, const Uuid& heir);
  void unlink(const Uuid& made, const Uuid& source);

  Transaction& transaction_;
  FollowWrites writes_;
  /// By memory to derive anew, the memories of this write that it follows.
  std::map<Uuid, std::set<Uuid>> causes_;
  Followed followed_;
};

}  // namespace tulving::engine
