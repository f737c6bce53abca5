#pragma once

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tulving/tulving.h"

// Random import files, and a plain model of what a tenant holds once they are in. The model knows
// lines by what they say, so it shares nothing with the ids that the engine makes.

namespace tulving::testing {

/// What one line says, however it is written.
struct ImportLine {
  std::string kind = "memory";
  std::string id, name;  // Empty: not given.
  std::string user, agent, text, session;
  int content = 0;  // Of memories without a text: which of a few.
  std::vector<std::string> tags;
  int priority = 5;
  int created = 0;       // Hours after 2026-05-01T00:00Z; 0: not given.
  std::string from, to;  // Of a relation: names or ids.

  [[nodiscard]] bool is_named() const { return !id.empty() || !name.empty(); }
  friend auto operator<=>(const ImportLine&, const ImportLine&) = default;
};

/// Writes lines the many ways in which one line can be written.
class LineWriter {
 public:
  explicit LineWriter(std::mt19937& random) : random_(random) {}

  std::string operator()(const ImportLine& line, const std::string& tenant) {
    members_.clear();
    add("kind", in_quotes(line.kind));
    add("tenant_id", in_quotes(tenant));
    if (line.kind == "session") {
      add("session_id", in_quotes(line.session));
    } else if (line.kind == "relation") {
      add("source_id", in_quotes(line.from));
      add("target_id", in_quotes(line.to));
    } else {
      add_memory(line);
    }
    std::shuffle(members_.begin(), members_.end(), random_);
    std::string json = "{" + blank();
    for (const std::string& member : members_) {
      if (json.size() > 2) json += "," + blank();
      json += member;
    }
    return json + blank() + "}";
  }

 private:
  void add_memory(const ImportLine& line) {
    add_text("id", line.id);
    add_text("external_id", line.name);
    add_text("user_id", line.user);
    add_text("agent_id", line.agent);
    add_text("session_id", line.session);
    if (line.text.empty()) {
      static const char* const kContents[3][2] = {
          {R"({"a":1,"b":[true]})", R"({"b":[ true ],"a":1.0})"},
          {R"({"a":2})", R"({ "a" : 20e-1 })"},
          {R"({"a":{"y":0,"x":"é"}})", R"({"a":{"x":"\u00e9","y":-0}})"}};
      add("content", kContents[line.content][coin() ? 1 : 0]);
    } else if (coin()) {
      add("text", in_quotes(line.text));
    } else {
      add("content", R"({"text":)" + in_quotes(line.text) + "}");
    }
    if (!line.tags.empty()) {
      add("tags", nlohmann::json(line.tags).dump());
    } else if (coin()) {
      add("tags", coin() ? "[]" : "null");
    }
    if (line.priority != 5 || coin()) {
      add("priority", std::to_string(line.priority) + (coin() ? ".0" : ""));
    }
    if (line.created != 0) add("created_at", in_quotes(time(line.created)));
    // Vectors are made anew by every run of a model.
    if (coin()) add("embedding", "[1," + std::to_string(random_() % 100) + "]");
  }

  // The same moment in one of several zones and forms.
  std::string time(int hour) {
    const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    switch (random_() % 4) {
      case 0:
        return "2026-05-01T" + two(hour) + ":00:00Z";
      case 1:
        return "2026-05-01 " + two(hour + 2) + ":00:00.000+02";
      case 2:
        return "2026-05-01T" + two(hour + 2) + ":00+0200";
      default:
        return "2026-04-30t" + two(hour + 14) + ":00:00-10:00";
    }
  }

  void add(const std::string& name, const std::string& value) {
    members_.push_back(in_quotes(name) + blank() + ":" + blank() + value);
  }
  void add_text(const std::string& name, const std::string& value) {
    if (!value.empty()) {
      add(name, in_quotes(value));
    } else if (coin()) {
      add(name, "null");
    }
  }
  static std::string in_quotes(const std::string& text) { return nlohmann::json(text).dump(); }
  bool coin() { return random_() % 2 == 0; }
  std::string blank() { return random_() % 4 == 0 ? " " : ""; }

  std::mt19937& random_;
  std::vector<std::string> members_;
};

/// Few values of everything, so that lines collide in all ways: equal ones, one text of two users,
/// one name for two ids, relations and turns above what they refer to, or without it.
class RandomLines {
 public:
  explicit RandomLines(std::mt19937& random) : random_(random) {}

  std::vector<ImportLine> operator()(std::size_t count) {
    std::vector<ImportLine> lines;
    while (lines.size() < count) {
      if (!lines.empty() && below(4) == 0) {
        lines.push_back(lines[below(lines.size())]);  // An equal line.
      } else {
        lines.push_back(one());
      }
    }
    return lines;
  }

  static std::string uuid(unsigned i) {
    return Uuid::derive("given", std::to_string(i)).to_string();
  }
  static std::string name(unsigned i) { return "note/" + std::to_string(i); }

 private:
  ImportLine one() {
    ImportLine line;
    const unsigned kind = below(10);
    if (kind == 0) {
      line.kind = "session";
      line.session = "s" + std::to_string(below(3));
      return line;
    }
    if (kind == 1) {
      line.kind = "relation";
      line.from = end();
      do line.to = end();
      while (line.to == line.from);
      return line;
    }
    line.user = std::vector<std::string>{"", "ana", "bo"}[below(3)];
    line.agent = below(2) == 0 ? "" : "bot";
    if (below(4) != 0) line.text = "Text " + std::to_string(below(3)) + ".";
    line.content = line.text.empty() ? static_cast<int>(below(3)) : 0;
    if (below(3) == 0) line.session = "s" + std::to_string(below(4));  // s3 is never there.
    if (below(3) == 0) line.tags = {"t" + std::to_string(below(2))};
    if (below(4) == 0) line.priority = 7;
    if (below(3) == 0) line.created = 1 + static_cast<int>(below(3));
    // Names 0 and 1 go without an id, 2 and 3 with one, of which 3 is claimed by two.
    switch (below(8)) {
      case 0:
        line.name = name(below(4));
        break;
      case 1:
        line.name = name(2);
        line.id = uuid(2);
        break;
      case 2:
        line.name = name(3);
        line.id = uuid(3 + below(2));
        break;
      case 3:
        line.id = uuid(2 + below(4));
        break;
      default:
        break;
    }
    return line;
  }

  std::string end() { return below(2) == 0 ? name(below(5)) : uuid(2 + below(4)); }
  unsigned below(std::size_t bound) { return static_cast<unsigned>(random_() % bound); }

  std::mt19937& random_;
};

/// What a tenant holds, line by line.
class ImportModel {
 public:
  explicit ImportModel(std::string tenant) : tenant_(std::move(tenant)) {}

  /// Takes in one file; the places of the lines that are refused.
  std::set<std::size_t> import(const std::vector<ImportLine>& lines) {
    std::set<std::size_t> refused;
    for (const ImportLine& line : lines) {
      if (line.kind == "session") sessions_.insert(line.session);
    }
    std::map<ImportLine, int> equal;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const ImportLine& line = lines[i];
      if (line.kind != "memory") continue;
      const int before = line.is_named() ? 0 : equal[line]++;
      const bool is_in = line.session.empty() || sessions_.contains(line.session);
      if (!is_in || !put(line, before)) refused.insert(i);
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].kind != "relation") continue;
      const std::string from = id_of(lines[i].from);
      const std::string to = id_of(lines[i].to);
      if (from.empty() || to.empty() || from == to) {
        refused.insert(i);
      } else {
        relations_.insert({from, to});
      }
    }
    return refused;
  }

  [[nodiscard]] std::size_t memories() const { return by_id_.size() + nameless_.size(); }
  [[nodiscard]] std::size_t relations() const { return relations_.size(); }
  [[nodiscard]] const std::map<std::string, ImportLine>& by_id() const { return by_id_; }
  /// Of memories without id and name: what they say, each as often as it is there.
  [[nodiscard]] std::multiset<ImportLine> nameless() const {
    std::multiset<ImportLine> lines;
    for (const auto& [line, before] : nameless_) lines.insert(line);
    return lines;
  }
  /// The id that a name or id stands for; empty: nobody's.
  [[nodiscard]] std::string id_of(const std::string& end) const {
    if (by_id_.contains(end)) return end;
    for (const auto& [id, line] : by_id_) {
      if (line.name == end) return id;
    }
    return {};
  }

 private:
  bool put(const ImportLine& line, int before) {
    if (!line.is_named()) {
      nameless_.insert({line, before});
      return true;
    }
    const std::string holder = line.name.empty() ? std::string() : id_of(line.name);
    std::string id = line.id;
    if (id.empty()) id = holder.empty() ? Uuid::derive(tenant_, line.name).to_string() : holder;
    if (!holder.empty() && holder != id) return false;
    const auto present = by_id_.find(id);
    ImportLine next = line;
    next.id = id;
    if (present != by_id_.end()) {
      if (next.name.empty()) next.name = present->second.name;
      if (next.created == 0) next.created = present->second.created;
    }
    by_id_[id] = next;
    return true;
  }

  std::string tenant_;
  std::set<std::string> sessions_;
  std::map<std::string, ImportLine> by_id_;
  std::set<std::pair<ImportLine, int>> nameless_;
  std::set<std::pair<std::string, std::string>> relations_;
};

/// What a memory says, as a line. `created` is 0 where the model does not know it.
inline ImportLine line_of(const Memory& memory, bool with_id) {
  ImportLine line;
  if (with_id) line.id = memory.id.to_string();
  line.name = memory.external_id;
  line.user = memory.user_id;
  line.agent = memory.agent_id;
  line.text = memory.text;
  line.session = memory.session_id;
  if (memory.text.empty()) {
    const auto a = nlohmann::json::parse(memory.content)["a"];
    line.content = a.is_object() ? 2 : a.get<double>() == 1 ? 0 : 1;
  }
  line.tags = memory.tags;
  line.priority = memory.priority;
  const auto since = *memory.created_at - parse_time("2026-05-01").value();
  const auto hours = std::chrono::floor<std::chrono::hours>(since).count();
  line.created = hours >= 1 && hours <= 3 ? static_cast<int>(hours) : 0;
  return line;
}

}  // namespace tulving::testing
