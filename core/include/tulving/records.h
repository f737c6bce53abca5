#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "tulving/agent_results.h"
#include "tulving/consolidation_jobs.h"
#include "tulving/consolidation_tasks.h"
#include "tulving/profiles.h"
#include "tulving/sources.h"
#include "tulving/tasks.h"
#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving {

// The records a store holds. Each is a plain value: fill what you know, leave the rest.
// Strings are UTF-8 without NUL (Postgres' rule); lengths are in characters, as VARCHAR(n) counts
// them, where nothing else is said. A rule broken is refused with kInvalidArgument that names the
// field, its value and the rule, and nothing is written. Enumerators reach the disk: never
// renumber.

/// Which store of human memory the record imitates.
enum class Layer : std::uint8_t { kWorking = 0, kEpisodic = 1, kSemantic = 2, kProcedural = 3 };

/// Where the content came from.
enum class SourceType : std::uint8_t {
  kConversation = 0,
  kToolOutput = 1,
  kDocument = 2,
  kObservation = 3,
  kExternal = 4,
};

/// Where a memory stands in its life. Only kActive and kPromoted show in a search by default.
enum class MemoryStatus : std::uint8_t { kActive = 0, kPromoted = 1, kArchived = 2, kDeleted = 3 };

/// What a pattern (abstraction level 2) is a pattern of.
enum class PatternType : std::uint8_t {
  kSuccess = 0,
  kFailure = 1,
  kDecision = 2,
  kWorkflow = 3,
  kGotcha = 4,
};

/// How a consolidated memory's text was made.
enum class ConsolidationMethod : std::uint8_t { kLlm = 0, kHeuristic = 1, kHybrid = 2 };

/// The most dimensions that a vector may have.
inline constexpr std::uint32_t kEmbeddingDimMax = 4096;

/// The most passages that an embedding may have.
inline constexpr std::uint32_t kPassagesMax = 64;

/// What one model makes of a memory: one vector, or one of each passage of a long text, of which
/// the nearest to a query counts. All vectors of one model have one dimension, fixed by the model's
/// first vector in the store (or by StoreOptions::embedding_dim); vectors of two models are never
/// compared.
struct Embedding {
  std::string model = "default";  ///< Name of the embedding model, 1..64 characters.
  /// Of each passage 1..kEmbeddingDimMax finite floats, not all zero, one passage after the other.
  /// Length is free: cosine.
  std::vector<float> vector;
  std::uint32_t passages = 1;  ///< 1..kPassagesMax.

  /// Floats of one passage.
  [[nodiscard]] std::size_t dim() const { return passages == 0 ? 0 : vector.size() / passages; }

  friend bool operator==(const Embedding&, const Embedding&) = default;
};

/// One thing remembered. Only `text` (or other content) is required.
struct Memory {
  // Identity. A caller's own name goes in external_id; without an id of its own, the id is then
  // derived from tenant and name. Either finds the memory: relations and lineage may use the name.
  Uuid id;                  ///< Nil: derived from external_id, else random.
  std::string external_id;  ///< <= 64 characters, unique per tenant, not a UUID. Empty: none.

  // Scope. All optional, all filterable.
  std::string agent_id;    ///< <= 255 characters.
  std::string user_id;     ///< <= 64 characters.
  std::string project_id;  ///< <= 64 characters.
  std::string session_id;  ///< <= 64 characters; must name a session of the tenant.
  std::string task_id;     ///< <= 64 characters.
  std::string stage_id;    ///< <= 64 characters.

  // What.
  std::string memory_type =
      "context";  ///< 1..32 characters; the known types are in SPEC terms, any other is yours.
  Layer layer = Layer::kEpisodic;
  std::string text;  ///< content.text, what is searched; <= StoreOptions::text_bytes_max.
  std::string
      content;  ///< The content object's other members, a JSON object without "text". Empty: none.
  std::string summary;  ///< Empty on add: the text's first sentences, up to 200 characters.
  std::vector<std::string> tags;  ///< 1..64 characters each, no duplicates.
  std::vector<std::string> entities;
  std::vector<std::string> facts;
  std::vector<std::string> keywords;
  std::string metadata;  ///< JSON object. Empty: none.

  // Provenance.
  SourceType source_type = SourceType::kObservation;
  std::string source_agent;  ///< <= 64 characters.
  std::string source_id;     ///< <= 64 characters; names a data source.

  // Task outcome.
  std::string goal;
  std::string result;
  std::string feedback;
  std::string tool_usage;  ///< JSON. Empty: none.
  std::vector<std::string> actions;
  std::string outcome;
  std::optional<bool> success;
  std::string error_patterns;  ///< JSON. Empty: none.
  bool is_critical = false;
  std::string criticality_reason;

  // Value.
  std::int32_t priority = 5;   ///< 1..10.
  double strength = 1;         ///< 0..2.
  std::int32_t use_count = 0;  ///< >= 0, as the next two.
  std::int32_t review_count = 0;
  std::int32_t cross_domain_count = 0;
  double relevance_score = 1;  ///< Finite.

  // Life. Times left empty on add are set from the store's clock.
  MemoryStatus status = MemoryStatus::kActive;
  std::optional<Timestamp> created_at;
  std::optional<Timestamp> updated_at;
  std::optional<Timestamp> last_used;
  std::optional<Timestamp> expires_at;  ///< From this instant the memory no longer shows.
  std::optional<Timestamp> promoted_at;
  std::optional<Timestamp> archived_at;
  std::optional<Timestamp> deleted_at;
  std::string ltm_path;  ///< Where in the vault a promoted memory was written.

  // Lineage.
  Uuid parent_memory_id;               ///< Nil: none.
  Uuid consolidated_into_id;           ///< Nil: none.
  std::int32_t abstraction_level = 0;  ///< 0 raw, 1 merged, 2 pattern, 3 principle.
  std::optional<PatternType> pattern_type;
  std::optional<double> confidence_score;  ///< 0..1.
  std::vector<Uuid> source_memory_ids;
  /// How the text of a merge, pattern or principle was made. Empty: it is a person's own (an edit
  /// of a merge's text empties it), and the store does not write over it.
  std::optional<ConsolidationMethod> consolidation_method;
  std::optional<Timestamp> consolidated_at;
  std::int32_t reuse_count = 0;  ///< >= 0.

  std::vector<Embedding>
      embeddings;  ///< At most one per model. Filled by get() only when asked for.

  // Set by the store; ignored on add.
  /// MD5, 32 hex digits: of `text`; of a memory without one, of `content` in canonical form (sorted
  /// members, no blanks, numbers by value).
  std::string content_hash;
  std::uint64_t revision = 0;  ///< The store's revision that wrote this version.

  friend bool operator==(const Memory&, const Memory&) = default;
};

/// A conversation or run that memories belong to. Erasing it erases its memories.
struct Session {
  std::string session_id;                     ///< 1..64 characters, unique per tenant.
  std::string user_id;                        ///< <= 64 characters.
  std::string session_type = "conversation";  ///< 1..32 characters.
  /// Left empty by the write that ends the session: the first sentences of its memories' texts, as
  /// many as fit in 200 characters. It follows those memories: what is erased or forgotten goes.
  std::string summary;
  std::string metadata;  ///< JSON object. Empty: none.
  bool is_archived = false;
  std::optional<Timestamp> created_at;  ///< Empty on put: now.
  std::optional<Timestamp> updated_at;
  std::optional<Timestamp> ended_at;
  std::uint64_t revision = 0;  ///< Set by the store.

  friend bool operator==(const Session&, const Session&) = default;
};

/// A typed, directed link between two memories of one tenant. Unique per (source, target, type).
struct Relation {
  Uuid id;         ///< Derived from the triple; ignored on put().
  Uuid source_id;  ///< Must exist, and differ from target_id.
  Uuid target_id;
  std::string relation_type = "related";  ///< 1..32 characters.
  double strength = 1;                    ///< 0..1.
  std::optional<double> confidence;       ///< 0..1.
  std::string metadata;                   ///< JSON object. Empty: none.
  std::optional<Timestamp> created_at;    ///< Empty on put(): now.
  std::uint64_t revision = 0;             ///< Set by the store.

  friend bool operator==(const Relation&, const Relation&) = default;
};

/// Any record, as import, export and batches carry them, in the order in which one may refer to
/// another.
using Record = std::variant<Project, Task, Stage, Session, UserProfile, DataSource, AccessPolicy,
                            AgentState, Memory, Relation, AccessLogEntry, ErrorRecord,
                            CompressionMetric, ConsolidationTask, ConsolidationJob, AgentResult>;

/// One of them.
template <class T, class Variant = Record>
inline constexpr bool IsRecord = false;
template <class T, class... Records>
inline constexpr bool IsRecord<T, std::variant<Records...>> = (std::is_same_v<T, Records> || ...);

}  // namespace tulving
