#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/serve/mcp/protocol/tool.h"

namespace tulving::serve::mcp {

// The reference memory server's graph, kept as memories and relations: an entity is a memory of
// type "entity" whose external id is its name, its observations are the memory's facts; the text
// says all of it, so that it is found by any search. An import of format mcp_memory makes the same.

struct Entity {
  std::string name, type;
  std::vector<std::string> observations;
  std::string id;  ///< The memory's. Empty: not stored yet.
  std::string revision;
  bool is_forgotten = false;
};

struct Link {
  std::string from, to, type;
  friend bool operator==(const Link&, const Link&) = default;
};

struct Graph {
  std::vector<Entity> entities;
  std::vector<Link> links;  ///< Between two of them.
};

/// {"name", "entityType", "observations"}, as a tool is given and answers it.
[[nodiscard]] Entity read_entity(std::string_view json);
void append_entity(std::string& out, const Entity& entity);
/// {"from", "to", "relationType"}.
[[nodiscard]] Link read_link(std::string_view json);
void append_link(std::string& out, const Link& link);

/// The graph of one caller.
class GraphStore {
 public:
  explicit GraphStore(const Way& way) : way_(way) {}

  /// Why the last member that failed did.
  [[nodiscard]] Outcome failure() const { return failure_; }

  /// False: it failed. An entity that is not there is empty.
  bool find(const std::string& name, std::optional<Entity>& out);
  bool read(Graph& out);
  /// Those that a search finds, best first, and what links them.
  bool search(const std::string& query, Graph& out);
  bool links_of(const std::vector<Entity>& entities, std::vector<Link>& out);

  /// A new one, or one that was forgotten.
  bool create(const Entity& entity);
  /// Gives an entity that is there its observations.
  bool keep(const Entity& entity);
  bool forget(const std::vector<Entity>& entities);
  bool put(const Link& link);
  bool remove(const Link& link);

 private:
  bool ask(std::string_view operation, const std::string& arguments, std::string& answer);

  const Way& way_;
  Outcome failure_;
};

}  // namespace tulving::serve::mcp
