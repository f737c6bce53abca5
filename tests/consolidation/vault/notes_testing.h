#pragma once

#include <fstream>
#include <iterator>

#include "tests/engine/testing.h"

// A store with a vault, for the tests of notes.

namespace tulving::testing {

namespace fs = std::filesystem;

inline std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void put(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline std::map<std::string, std::string> files_in(const fs::path& folder) {
  std::map<std::string, std::string> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    files[entry.path().filename()] = contents(entry.path());
  }
  return files;
}

class Notes : public ::testing::Test {
 protected:
  Uuid add(Tenant& tenant, const std::string& text) {
    Memory one = memory(text);
    one.review_count = 3;
    return value_of(tenant.add(one)).id;
  }
  Uuid promote(const std::string& text) {
    const Uuid id = add(tenant_, text);
    run("acme");
    EXPECT_EQ(value_of(tenant_.get(id)).status, MemoryStatus::kPromoted);
    return id;
  }
  ConsolidationReport run(std::string_view tenant, bool propose = false) {
    ConsolidationOptions options;
    options.vault = vault_;
    options.rate_limit = 0;
    auto consolidator = value_of(Consolidator::create(store_, tenant, options));
    ConsolidationRun request;
    request.agents = {UpkeepAgent::kPromote};
    request.propose = propose;
    return value_of(consolidator.run(request));
  }
  NotesReport follow(const NotesRequest& request = {}) {
    return value_of(follow_notes(store_, "acme", request));
  }
  void update(const Uuid& id, const std::string& text) {
    MemoryPatch patch;
    patch.text = text;
    EXPECT_THAT(tenant_.update(id, patch), Succeeds());
  }
  [[nodiscard]] fs::path note_of(const Uuid& id) const {
    return vault_ / value_of(tenant_.get(id)).ltm_path;
  }

  TemporaryDirectory directory_;
  ManualClock clock_;
  StoreOptions store_options_ = [this] {
    StoreOptions options;
    options.clock = clock_.clock();
    return options;
  }();
  Store store_ = value_of(Store::open_in_memory(store_options_));
  Tenant tenant_ = value_of(store_.tenant("acme"));
  const fs::path vault_ = directory_ / "vault";
};

}  // namespace tulving::testing
