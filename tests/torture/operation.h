#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace tulving::torture {

/// Two tenants whose every record is foreseen, and one in which maintenance collects beside us.
inline constexpr int kTenants = 3;
inline constexpr int kKept = 2;
inline constexpr std::array<const char*, kTenants> kTenantNames = {"acme", "beta", "kept"};
inline constexpr int kSlots = 2;  ///< Of snapshots.
inline constexpr std::size_t kDim = 8;

/// The steps of a workload. One step is at most one write of the store.
enum class Step : std::uint8_t {
  kAdd,     ///< One memory or a batch, perhaps with a retry key.
  kRetry,   ///< The same once more: must answer as the first time, and write nothing.
  kImport,  ///< A session, a memory of it and a relation, in one write().
  kUpdate,  ///< Text and vector, tag or priority.
  kTouch,
  kForget,
  kErase,
  kArchive,
  kRecover,
  kAddErased,  ///< An erased name: must be refused.
  kRevive,     ///< The same with allow_erased.
  kRelate,
  kUnrelate,
  kPutSession,
  kEraseSession,  ///< With its memories.
  kPutTask,
  kEraseTask,
  kApplyPlan,
  kUndoPlan,
  kExpiring,  ///< A memory that maintenance collects.
  kSnapshot,
  kRestore,  ///< Of a snapshot, into a store of its own, which must hold what it held.
  kReopen,
  kCheckpoint,  ///< Purge and reopen: index checkpoints are written.
  kMakeDurable,
  kAge,  ///< Makes the store one of an older format: the next opening raises it.
};
inline constexpr int kSteps = static_cast<int>(Step::kAge) + 1;

struct NewMemory {
  std::string name;
  std::string text;
  std::uint32_t vector = 0;  ///< 0: none.
  std::string tag;
  std::string session;
};

struct Operation {
  Step step = Step::kAdd;
  std::uint64_t number = 0;  ///< Its place in the script.
  int tenant = 0;
  std::vector<NewMemory> memories;
  std::vector<std::string> names;  ///< What it is about.
  std::string text;
  std::uint32_t vector = 0;
  std::string key;  ///< A retry key, or a plan's name.
  int slot = 0;
};

/// The vector that `seed` stands for.
inline std::vector<float> vector_of(std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> vector(kDim);
  for (float& x : vector) x = normal(random);
  return vector;
}

}  // namespace tulving::torture
