// See README.md beside this file.

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <string_view>

#include "core/base/fault_points.h"
#include "tests/torture/harness.h"

namespace tulving::torture {
namespace {

constexpr std::string_view kUsage =
    "usage: tulving_torture kills | cuts | faults | rot | model | all\n"
    "         [--seed N | --life N] [--minutes M | --seconds S | --trials N]\n"
    "         [--without KIND]... [--sabotage NAME]\n";

const std::map<std::string_view, Sabotage> kSabotages = {
    {"no-fsync", Sabotage::kNoFsync},
    {"no-directory-fsync", Sabotage::kNoDirectoryFsync},
    {"checksum-not-read", Sabotage::kChecksumNotRead},
    {"delete-logged-late", Sabotage::kDeleteLoggedLate},
    {"apply-before-log", Sabotage::kApplyBeforeLog},
    {"tombstone-without-kind", Sabotage::kTombstoneWithoutKind},
    {"checkpoint-unbound", Sabotage::kCheckpointUnbound},
    {"lock-by-spelling", Sabotage::kLockBySpelling},
};

[[noreturn]] void usage() {
  fmt::print(stderr, "{}", kUsage);
  std::exit(2);
}

void leave_out(RunPlan& plan, std::string_view name) {
  for (int i = 0; i < kKinds; ++i) {
    if (name_of(static_cast<Kind>(i)) != name) continue;
    plan.without.insert(static_cast<Kind>(i));
    return;
  }
  fmt::print(stderr, "there is no kind \"{}\"\n", name);
  usage();
}

void read_flags(RunPlan& plan, int argc, char** argv) {
  for (int i = 2; i < argc; i += 2) {
    const std::string_view flag = argv[i];
    if (i + 1 == argc) usage();
    const char* const value = argv[i + 1];
    if (flag == "--seed") {
      plan.seed = std::strtoull(value, nullptr, 10);
    } else if (flag == "--life") {
      plan.life = std::strtoull(value, nullptr, 10);
    } else if (flag == "--minutes") {
      plan.seconds = std::strtod(value, nullptr) * 60;
    } else if (flag == "--seconds") {
      plan.seconds = std::strtod(value, nullptr);
    } else if (flag == "--trials") {
      plan.trials = std::strtoull(value, nullptr, 10);
    } else if (flag == "--without") {
      leave_out(plan, value);
    } else if (flag == "--sabotage" && kSabotages.contains(value)) {
      sabotage = kSabotages.at(value);
    } else {
      usage();
    }
  }
}

void run(const RunPlan& plan, std::string_view what) {
  using Part = void (*)(const RunPlan&, double);
  const std::map<std::string_view, Part> parts = {{"kills", run_kills},
                                                  {"cuts", run_cuts},
                                                  {"faults", run_disk_faults},
                                                  {"rot", run_rot},
                                                  {"model", run_model}};
  if (what == "all") {
    run_kills(plan, 0.4);
    run_cuts(plan, 0.3);
    run_disk_faults(plan, 0.15);
    run_rot(plan, 0.1);
    run_model(plan, 0.05);
  } else if (parts.contains(what)) {
    parts.at(what)(plan, 1);
  } else {
    usage();
  }
}

int main_of(int argc, char** argv) {
  if (argc < 2) usage();
  RunPlan plan;
  read_flags(plan, argc, argv);
  std::string name = (std::filesystem::temp_directory_path() / "tulving-torture-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    fmt::print(stderr, "cannot make a folder in {}\n", name);
    return 2;
  }
  plan.directory = name;
  ::setenv("TMPDIR", name.c_str(), 1);  // What processes that are killed leave goes with it.
  plan.report = Report::make();
  plan.points = KillPoints::make();
  run(plan, argv[1]);
  std::error_code ignored;
  std::filesystem::remove_all(plan.directory, ignored);
  plan.points->print();
  plan.report->print();
  fmt::print("seed {}: {}\n", plan.seed, plan.report->has_failed ? "RED" : "nothing lost");
  return plan.report->has_failed ? 1 : 0;
}

}  // namespace
}  // namespace tulving::torture

int main(int argc, char** argv) { return tulving::torture::main_of(argc, argv); }
