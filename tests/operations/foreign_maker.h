#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/operations/schema_check.h"
#include "tulving/time.h"

namespace tulving::testing {

using Ordered = nlohmann::ordered_json;

/// An entry as its system writes it, and the members that the record of it must have.
struct Made {
  Ordered entry;
  std::vector<Json> records;  // With "kind".
};

class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::string word() {
    const char* const words[] = {"tea", "York", "a \"b\" \\ c", "\xC3\xA4\xE2\x82\xAC", "{[,:]}"};
    return words[below(5)] + std::to_string(below(1000));
  }
  std::string unique() { return "n" + std::to_string(++count_); }

  /// A time as one of the ways to write it, and as export writes it.
  std::pair<Json, std::string> time() {
    const std::int64_t seconds = 1'600'000'000 + static_cast<std::int64_t>(below(100'000'000));
    const std::string utc = format_time(Timestamp(std::chrono::seconds(seconds)));
    switch (below(5)) {
      case 0:
        return {seconds, utc};
      case 1:
        return {std::to_string(seconds), utc};
      case 2:
        return {utc, utc};
      case 3:
        return {utc.substr(0, 10) + " " + utc.substr(11, 8), utc};
      default: {
        const std::string east =
            format_time(Timestamp(std::chrono::seconds(seconds) + std::chrono::hours(2)));
        return {east.substr(0, 19) + "+02:00", utc};
      }
    }
  }

  /// Members that no list names, which must be in the record's metadata.
  void add_others(Ordered& entry, Json& metadata) {
    for (std::size_t i = below(3); i > 0; --i) {
      const std::string name = "other" + std::to_string(i);
      const Json values[] = {1, true, "x", Json::array({1, "y"}), Json{{"z", 0.5}}};
      entry[name] = metadata[name] = values[below(5)];
    }
  }
  /// Members in another order, which is their business.
  Ordered shuffled(const Ordered& entry) {
    std::vector<std::string> names;
    for (const auto& [name, value] : entry.items()) names.push_back(name);
    std::ranges::shuffle(names, random_);
    Ordered out = Ordered::object();
    for (const std::string& name : names) out[name] = entry[name];
    return out;
  }

  Made mem0() {
    Made made;
    Json record = {{"kind", "memory"}, {"text", word() + unique()}};
    made.entry = {{"id", unique()}, {"memory", record["text"]}};
    record["external_id"] = made.entry["id"];
    const char* const pairs[][2] = {
        {"user_id", "user_id"}, {"agent_id", "agent_id"}, {"app_id", "project_id"}};
    for (const auto& [theirs, ours] : pairs) {
      if (one_in(2)) made.entry[theirs] = record[ours] = word();
    }
    add_time(made.entry, "created_at", record, "created_at");
    Json metadata = Json::object();
    add_others(made.entry, metadata);
    if (one_in(2)) {
      made.entry["metadata"] = {{"own", 1}};
      metadata["own"] = 1;
    }
    if (!metadata.empty()) record["metadata"] = metadata;
    if (one_in(3)) made.entry["expiration_date"] = nullptr;
    made.records = {record};
    return made;
  }

  Made mcp() {
    Made made;
    const std::string name = unique();
    if (one_in(3) && !names_.empty()) {
      const std::string type = unique();
      made.entry = {{"type", "relation"},
                    {"from", name},
                    {"to", names_[below(names_.size())]},
                    {"relationType", type}};
      made.records = {{{"kind", "relation"}, {"relation_type", type}}};
      made.entry["from"] = names_.back();
      if (made.entry["to"] == made.entry["from"]) made = {};
      if (!made.records.empty()) return made;
    }
    names_.push_back(name);
    const std::vector<std::string> said = {word(), word()};
    made.entry = {{"type", "entity"}, {"name", name}, {"entityType", "e"}, {"observations", said}};
    Json metadata = {{"entityType", "e"}};
    add_others(made.entry, metadata);
    made.records = {{{"kind", "memory"},
                     {"external_id", name},
                     {"text", name + " (e): " + said[0] + "; " + said[1]},
                     {"facts", said},
                     {"metadata", metadata}}};
    return made;
  }

  Made cortex() {
    Made made;
    Json record = {{"kind", "memory"}, {"text", word() + unique()}};
    record["external_id"] = unique();
    made.entry = {{"id", record["external_id"]}, {"content", record["text"]}};
    Json metadata = {{"source", "chat"}};
    add_others(made.entry, metadata);
    made.entry["meta"] = {{"tags", {"a"}}, {"source", "chat"}, {"extra", {{"k", 1}}}};
    metadata["k"] = 1;
    record["tags"] = {"a"};
    record["metadata"] = metadata;
    made.entry["use_count"] = record["use_count"] = 1 + below(9);
    add_time(made.entry, "created_at", record, "created_at");
    add_time(made.entry, "last_used", record, "last_used");
    made.records = {record};
    return made;
  }

  Made context() {
    Made made;
    Json record = {{"kind", "memory"}, {"text", word() + unique()}, {"content", {{"n", 1}}}};
    made.entry["context_id"] = ++count_;
    record["external_id"] = std::to_string(count_);
    made.entry["context_data"] = {{"text", record["text"]}, {"n", 1}};
    if (one_in(2)) made.entry["context_data"] = made.entry["context_data"].dump();
    add_time(made.entry, "created_at", record, "created_at");
    Json metadata = Json::object();
    add_others(made.entry, metadata);
    if (!metadata.empty()) record["metadata"] = metadata;
    made.records = {record};
    return made;
  }

  Made session() {
    Made made;
    Json record = {{"kind", "session"}, {"session_id", unique()}, {"summary", word()}};
    made.entry = {{"session_id", record["session_id"]}, {"session_summary", record["summary"]}};
    add_time(made.entry, "created_at", record, "created_at");
    add_time(made.entry, "last_interaction", record, "updated_at");
    Json metadata = {{"d", 1}};
    made.entry["session_data"] = metadata;
    add_others(made.entry, metadata);
    record["metadata"] = metadata;
    made.records = {record};
    made.entry["conversation_history"] = Json::array();
    for (std::size_t i = below(4); i > 0; --i) {
      const std::string text = word() + unique();
      made.entry["conversation_history"].push_back({{"role", "user"}, {"content", text}});
      made.records.push_back({{"kind", "memory"},
                              {"text", text},
                              {"memory_type", "conversation"},
                              {"source_agent", "user"},
                              {"session_id", record["session_id"]}});
    }
    return made;
  }

  Made jarvis() {
    Made made;
    const std::string user = unique();
    Json record = {{"kind", "user_profile"}, {"user_id", user}, {"preferences", {{"p", word()}}}};
    made.entry = {{"user_id", user}, {"preferences", record["preferences"]}};
    add_time(made.entry, "created_at", record, "created_at");
    Json rest = Json::object();
    add_others(made.entry, rest);
    if (!rest.empty()) record["profile_data"] = rest;
    made.records = {record};
    const std::string name = word();
    made.entry["entity_knowledge"] = {{name, "known"}};
    made.records.push_back(
        {{"kind", "memory"}, {"text", name + ": known"}, {"user_id", user}, {"entities", {name}}});
    made.entry["skill_states"] = {{"skill", {{"level", 2}}}};
    made.records.push_back(
        {{"kind", "agent_state"}, {"state_data", {{"level", 2}, {"user_id", user}}}});
    made.entry["interaction_history"] = Json::array({user + " said"});
    made.records.push_back(
        {{"kind", "memory"}, {"text", user + " said"}, {"memory_type", "interaction"}});
    return made;
  }

 private:
  void add_time(Ordered& entry, const char* theirs, Json& record, const char* ours) {
    const auto [written, utc] = time();
    entry[theirs] = written;
    record[ours] = utc;
  }

  std::mt19937 random_;
  std::size_t count_ = 0;
  std::vector<std::string> names_;
};

}  // namespace tulving::testing
