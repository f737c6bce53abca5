// doctor: whether what tulving needs is here, a line a matter. It changes nothing.

#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "core/json/text/json_writer.h"
#include "tools/cli/command.h"
#include "tools/cli/print/output.h"
#include "tulving/embedder.h"

namespace tulving::tools {
namespace {

namespace fs = std::filesystem;

struct DoctorOptions {};

enum class Health : std::uint8_t { kGood, kNote, kBad };

struct Finding {
  std::string matter;
  Health health = Health::kGood;
  std::string says;
};
using Findings = std::vector<Finding>;

std::string_view word_of(Health health) {
  return health == Health::kGood ? "ok" : health == Health::kNote ? "note" : "bad";
}

Finding about_processor() {
  if (__builtin_cpu_supports("avx512vnni") != 0) {
    return {"processor", Health::kGood, "AVX-512 VNNI: the fastest kernels run"};
  }
  if (__builtin_cpu_supports("avx2") != 0) return {"processor", Health::kGood, "AVX2"};
  return {"processor", Health::kNote, "has no AVX2: searches by vector are right, and slow"};
}

Finding about_clock() {
  constexpr auto kBuilt = std::chrono::sys_days(std::chrono::year(2026) / 11 / 1);
  if (std::chrono::system_clock::now() >= kBuilt) return {"clock", Health::kGood, "is set"};
  return {"clock", Health::kBad, "is before this program was made: decay and expiry go by it"};
}

Finding about_embedder(const std::string& name) {
  const auto embedder = embedder_named(name);
  if (!embedder) return {"embedder", Health::kBad, embedder.error().message};
  if (*embedder == nullptr) {
    return {"embedder", Health::kNote,
            "none: texts are found by their words; tools/scripts/install_use_lite.sh installs "
            "the built-in one"};
  }
  const auto vector = (*embedder)->embed_query("a sentence");
  if (!vector) return {"embedder", Health::kBad, vector.error().message};
  const EmbedderIdentity& identity = (*embedder)->identity();
  return {"embedder", Health::kGood,
          fmt::format("{}, {} components, answers", identity.model, identity.dim)};
}

Finding about_disk(const fs::path& folder) {
  struct statvfs disk {};
  if (::statvfs(folder.c_str(), &disk) != 0) {
    return {"disk", Health::kBad, folder.string() + " cannot be asked"};
  }
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  constexpr std::uint64_t kLittle = std::uint64_t{1} << 30;
  return {"disk", free < kLittle ? Health::kNote : Health::kGood, human_bytes(free) + " free"};
}

Finding about_memory() {
  const auto pages = static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_AVPHYS_PAGES)));
  const auto size = static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PAGESIZE)));
  return {"memory", Health::kGood, human_bytes(pages * size) + " free; all of a store is in RAM"};
}

Finding about_access(const fs::path& directory) {
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0) return {"access", Health::kBad, "cannot be asked"};
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0) {
    return {"access", Health::kGood, "its owner alone"};
  }
  return {"access", Health::kNote,
          fmt::format("mode {:o}: others may look into the folder; chmod 700 keeps it to its owner",
                      status.st_mode & 0777U)};
}

// Opened as a reader opens it, beside whoever writes.
void look_at_store(const GlobalOptions& globals, Findings& findings) {
  std::error_code ignored;
  if (!fs::exists(globals.db, ignored)) {
    findings.push_back({"store", Health::kNote, "there is none yet: the first write makes it"});
    const fs::path above = fs::absolute(globals.db, ignored).parent_path();
    findings.push_back(about_disk(above));
    return;
  }
  findings.push_back(about_access(globals.db));
  findings.push_back(about_disk(globals.db));
  const auto store = open_store(globals, Access::kRead);
  if (!store) {
    findings.push_back({"store", Health::kBad, store.error().message});
    return;
  }
  const StoreStats stats = store->stats();
  findings.push_back({"store", Health::kGood,
                      fmt::format("opens: {} memories of {} tenants, {} of RAM, revision {}; "
                                  "`tulving verify` reads all of it",
                                  stats.memories, stats.tenants.size(),
                                  human_bytes(stats.ram_bytes), stats.revision)});
  if (stats.without_vector != 0) {
    findings.push_back(
        {"vectors", Health::kNote,
         fmt::format("{} memories have none; `tulving reembed` makes them", stats.without_vector)});
  }
}

void print_health(const Findings& findings, bool as_json) {
  if (!as_json) {
    Table table({"MATTER", "", "WHAT"});
    for (const Finding& one : findings) {
      table.add_row({one.matter, std::string(word_of(one.health)), one.says});
    }
    table.print();
    return;
  }
  std::string text;
  json::ObjectWriter out(text);
  json::append_array(out.key("findings"), findings, [](std::string& to, const Finding& one) {
    json::ObjectWriter object(to);
    object.member("matter", one.matter);
    object.member("health", word_of(one.health));
    object.member("says", one.says);
    object.close();
  });
  out.close();
  print_json_line(text);
}

Result<int> run_doctor(const GlobalOptions& globals, const DoctorOptions&) {
  Findings findings = {about_processor(), about_clock(), about_memory(),
                       about_embedder(globals.embedder)};
  if (globals.db.empty()) {
    findings.push_back({"store", Health::kNote, "--db or TULVING_DB names none"});
  } else {
    look_at_store(globals, findings);
  }
  print_health(findings, globals.json);
  const bool is_bad =
      std::ranges::any_of(findings, [](const Finding& one) { return one.health == Health::kBad; });
  return is_bad ? kFailed : kDone;
}

}  // namespace

void add_doctor_command(const CommandLine& line) {
  add_command(
      line.app, line, "doctor",
      "Says whether what is needed is here: processor, clock, memory, disk, embedder, store",
      std::make_shared<DoctorOptions>(), run_doctor);
}

}  // namespace tulving::tools
