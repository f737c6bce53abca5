// What is promised: one note a memory, whole or not at all, and nothing outside the vault, whatever
// is put in the way. Notes are read back by PyYAML, which knows nothing of ours. What must not be
// touched (the targets of links, a person's edits) is compared afterwards, and after each failure
// the vault is listed: it must hold what it held before.

#include "core/consolidation/vault/vault.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/consolidation/vault/vault_testing.h"
#include "tests/json/random_records.h"

namespace tulving::consolidation {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

class VaultTest : public testing::Test {
 protected:
  VaultTest() {
    std::string pattern = (fs::temp_directory_path() / "tulving-vault-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
  }
  ~VaultTest() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  [[nodiscard]] fs::path path() const { return root_ / "vault"; }
  [[nodiscard]] Vault open() const {
    fs::create_directory(path());
    auto vault = Vault::open(path());
    EXPECT_TRUE(vault.has_value()) << vault.error().message;
    return *std::move(vault);
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path())) {
      names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
  }

  fs::path root_;
};

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::vector<json> read_by_python(const fs::path& vault) {
  const std::string command =
      "python3 " TULVING_SOURCE_DIR "/tests/consolidation/vault/read_notes.py " + vault.string();
  std::vector<json> notes;
  FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  std::array<char, 65536> buffer{};
  for (std::size_t count = 0; (count = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    output.append(buffer.data(), count);
  }
  EXPECT_EQ(pclose(pipe), 0);
  for (std::size_t start = 0; start < output.size();) {
    const std::size_t end = output.find('\n', start);
    notes.push_back(json::parse(output.substr(start, end - start)));
    start = end + 1;
  }
  return notes;
}

bool has_yaml() { return std::system("python3 -c 'import yaml' 2>/dev/null") == 0; }

TEST_F(VaultTest, WritesANoteThatAYamlReaderReads) {
  if (!has_yaml()) GTEST_SKIP() << "python3-yaml is not installed";
  Vault vault = open();
  std::map<std::string, Memory> written;
  const std::vector<std::string> hostile = {
      "---",        "a: b",       "- x",         "# c",      "'q'",  "\"q\"", "yes",    "null",
      "1.5",        "2024-05-01", "line\nbreak", "tab\t",    "*a",   "&a",    "!!str",  "%",
      "@",          "`",          "{",           "[",        "a, b", "\\n",   "\x7F",   "\u0085",
      "\u2028",     "\uFEFFx",    "\uFFFE",      " blank ",  "😀",    "ä:",    "\x01",   "...",
      "--- ---\n",  "a\r\nb",     "?",           "|",        ">",    "=",     "<<",     "~",
      "\U0001FFFE", "0x1F",       "1_000",       "12:30:45", "",     "#",     "\u00A0", "\uE000"};
  for (unsigned seed = 1; seed <= 300; ++seed) {
    testing_support::RandomRecords random(seed);
    Memory one = random.memory();
    one.id = random.id();
    if (seed % 4 == 0) one.text += "\n---\ntitle: x\n---\n";
    if (seed % 3 == 0) one.tags = hostile;
    if (seed % 5 == 0) one.entities = {hostile[seed % hostile.size()]};
    const auto note = vault.write(one, {0.00001 * seed, hostile[seed % hostile.size()]});
    ASSERT_TRUE(note.has_value()) << note.error().message;
    written[note->path] = one;
  }

  const auto notes = read_by_python(path());

  ASSERT_EQ(notes.size(), written.size());
  for (const json& note : notes) {
    const Memory& one = written.at(note["name"]);
    SCOPED_TRACE(one.id.to_string());
    const json& front = note["front"];
    EXPECT_EQ(front["id"], one.id.to_string());
    EXPECT_EQ(front["tags"], json(one.tags));
    EXPECT_EQ(front["entities"], json(one.entities));
    EXPECT_EQ(front["created"], one.created_at ? json(format_time(*one.created_at)) : json());
    EXPECT_TRUE(front["score"].is_number());
    EXPECT_TRUE(front["criteria"].is_string());
    EXPECT_EQ(front.size(), 7U);
    std::string body = "\n" + one.text;
    if (body.back() != '\n') body += '\n';
    EXPECT_EQ(note["body"], body);
  }
}

// For a reader that looks for nothing but the next "---".
TEST_F(VaultTest, EndsTheFrontMatterWhereTheNextDashesAre) {
  Memory one = memory("Text --- with\n---\ndashes");
  one.tags = {"---", "a---", "--- b", "-----", "--"};
  one.entities = one.tags;
  const std::string text = note_text(one, {0.5, "because --- of"});
  EXPECT_EQ(text.find("---", 3), text.find("\n---\n\nText") + 1);
}

TEST_F(VaultTest, NamesNotesByTheirSummaryAndId) {
  Vault vault = open();
  Memory one = memory("Anything");
  one.summary = "../../etc/Pässwd & other\nThings, at some length that no file name should have.";
  const std::string id = one.id.to_string();
  EXPECT_EQ(vault.write(one, kNote)->path,
            "etc-p-sswd-other-things-at-some-length-that-no-file-name-" + id + ".md");
  EXPECT_EQ(vault.write(memory("記憶"), kNote)->path,
            "memory-" + memory("記憶").id.to_string() + ".md");
  EXPECT_EQ(vault.write(memory(std::string(300, 'x')), kNote)->path.size(), 100U);
  for (const std::string& name : names()) {
    EXPECT_THAT(name, MatchesRegex("[a-z0-9][-a-z0-9]*\\.md"));
    EXPECT_LE(name.size(), 100U);
  }
}

TEST_F(VaultTest, NeverWritesASecondNoteForAMemory) {
  Vault vault = open();
  Memory one = memory("First words.");
  const auto first = vault.write(one, kNote);
  put(path() / first->path, "edited by a person");
  one.summary = "Other words";

  const auto second = vault.write(one, kNote);

  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->path, first->path);
  EXPECT_NE(second->digest, first->digest);
  EXPECT_THAT(names(), ElementsAre(first->path));
  EXPECT_EQ(contents(path() / first->path), "edited by a person");

  fs::rename(path() / first->path, path() / ("renamed-" + one.id.to_string() + ".md"));
  EXPECT_EQ(vault.write(one, kNote)->path, "renamed-" + one.id.to_string() + ".md");
  EXPECT_EQ(names().size(), 1U);
}

TEST_F(VaultTest, NeverWritesASecondNoteFromManyThreadsAndVaults) {
  std::vector<std::thread> threads;
  Vault shared = open();
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, &shared, i] {
      Vault own = open();
      for (int round = 0; round < 20; ++round) {
        Memory one = memory("Memory " + std::to_string(round));
        one.summary = "Summary of thread " + std::to_string(i);
        EXPECT_TRUE((i % 2 == 0 ? own : shared).write(one, kNote).has_value());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(names().size(), 20U);
}

// A person's program that knows nothing of our lock takes the note's name while it is written.
TEST_F(VaultTest, ReplacesNothingThatAppearsMeanwhile) {
  Vault vault = open();
  std::size_t lost = 0;
  for (int round = 0; round < 40; ++round) {
    const Memory one = memory("Memory " + std::to_string(round));
    const fs::path name = path() / note_name(one);
    bool taken = false;
    std::thread other([&] {
      while (names().empty()) std::this_thread::yield();  // Until the temporary file is there.
      const int file = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
      taken = file >= 0 && ::write(file, "precious", 8) == 8;
      if (file >= 0) ::close(file);
    });
    const auto note = vault.write(one, kNote);
    other.join();
    EXPECT_TRUE(!taken || contents(name) == "precious");
    lost += note ? 0 : 1;
    for (const std::string& left : names()) fs::remove(path() / left);
  }
  std::cout << lost << " of 40 names were taken in time\n";
}

TEST_F(VaultTest, RemovesOnlyWhatNobodyChanged) {
  Vault vault = open();
  const auto note = vault.write(memory("a"), kNote);
  put(path() / note->path, "edited");
  EXPECT_EQ(vault.remove(note->path, note->digest).error().code, ErrorCode::kConflict);
  EXPECT_EQ(contents(path() / note->path), "edited");

  const auto other = vault.write(memory("b"), kNote);
  EXPECT_TRUE(vault.remove(other->path, other->digest).has_value());
  EXPECT_THAT(names(), ElementsAre(note->path));
  EXPECT_EQ(vault.remove(other->path, other->digest).error().code, ErrorCode::kNotFound);
}

TEST_F(VaultTest, RemovesNothingOutside) {
  Vault vault = open();
  put(root_ / "outside.md", "precious");
  fs::create_directory(path() / "sub");
  put(path() / "sub/inside.md", "precious");
  fs::create_symlink(root_ / "outside.md", path() / "link.md");
  for (const std::string name :
       {"../outside.md", "sub/inside.md", "", ".", "..", ".hidden.md", "/etc/passwd", "note.txt"}) {
    EXPECT_EQ(vault.remove(name, "0").error().code, ErrorCode::kInvalidArgument) << name;
  }
  EXPECT_EQ(vault.remove("link.md", "0").error().code, ErrorCode::kConflict);
  EXPECT_EQ(contents(root_ / "outside.md"), "precious");
  EXPECT_TRUE(fs::is_symlink(path() / "link.md"));
}

TEST_F(VaultTest, FollowsNoLinkAtTheNotesName) {
  Vault vault = open();
  put(root_ / "outside", "precious");
  fs::create_symlink(root_ / "outside", path() / note_name(memory("a")));
  fs::create_symlink(root_ / "not there", path() / note_name(memory("b")));
  fs::create_directory(path() / note_name(memory("c")));
  ASSERT_EQ(mkfifo((path() / note_name(memory("d"))).c_str(), 0600), 0);
  const auto before = names();

  for (const std::string text : {"a", "b", "c", "d"}) {
    const auto note = vault.write(memory(text), kNote);
    ASSERT_FALSE(note.has_value()) << text;
    EXPECT_EQ(note.error().code, ErrorCode::kConflict) << note.error().message;
  }
  EXPECT_EQ(contents(root_ / "outside"), "precious");
  EXPECT_FALSE(fs::exists(root_ / "not there"));
  EXPECT_EQ(names(), before);
}

TEST_F(VaultTest, StaysWhereItWasWhenItsNameIsSwappedForALink) {
  Vault vault = open();
  fs::create_directory(root_ / "elsewhere");
  fs::rename(path(), root_ / "moved");
  fs::create_directory_symlink(root_ / "elsewhere", path());

  ASSERT_TRUE(vault.write(memory("a"), kNote).has_value());

  EXPECT_TRUE(fs::is_empty(root_ / "elsewhere"));
  EXPECT_TRUE(fs::exists(root_ / "moved" / note_name(memory("a"))));
}

std::string error_of(const fs::path& path) {
  const auto vault = Vault::open(path);
  return vault ? "no error" : vault.error().message;
}

TEST_F(VaultTest, IsRefusedWhenItIsALinkOrAFile) {
  fs::create_directory(root_ / "real");
  fs::create_directory_symlink(root_ / "real", root_ / "link");
  put(root_ / "file", "precious");
  for (const std::string end : {"", "/", "//", "/.", "/./"}) {
    EXPECT_THAT(error_of(root_.string() + "/link" + end), HasSubstr("is a symbolic link")) << end;
  }
  EXPECT_THAT(error_of(root_ / "file"), HasSubstr("is no folder"));
  EXPECT_THAT(error_of(""), HasSubstr("empty"));
  EXPECT_EQ(error_of(root_ / "real"), "no error");
  EXPECT_EQ(contents(root_ / "file"), "precious");
}

TEST_F(VaultTest, IsCreatedByItsFirstNoteButNotItsParents) {
  auto made = Vault::open(path());
  ASSERT_TRUE(made.has_value());
  Vault vault = *std::move(made);
  EXPECT_EQ(vault.remove("note.md", "0").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(path()));
  ASSERT_TRUE(vault.write(memory("a"), kNote).has_value());
  EXPECT_TRUE(fs::is_directory(path()));
  EXPECT_EQ(Vault::open(root_ / "a/b").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(root_ / "a"));
}

TEST_F(VaultTest, IsRefusedWhereNothingCanBeWritten) {
  // A place that even root cannot write to, on every Linux.
  auto vault = Vault::open("/proc/" + std::to_string(getpid()));
  const auto note = vault ? vault->write(memory("a"), kNote) : Result<VaultNote>(vault.error());
  ASSERT_FALSE(note.has_value());
  EXPECT_EQ(note.error().code, ErrorCode::kIo);
  EXPECT_THAT(note.error().message, HasSubstr("/proc/"));
}

TEST_F(VaultTest, RefusesWhatIsNoMemory) {
  Vault vault = open();
  EXPECT_EQ(vault.write(Memory(), kNote).error().field, "id");
  EXPECT_EQ(vault.write(memory("a"), {std::nan(""), ""}).error().field, "score");
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(VaultTest, RemovesWhatAKilledWriterLeft) {
  fs::create_directory(path());
  const std::string id = Uuid::random().to_string();
  put(path() / (".tulving-" + id + ".tmp"), "half");
  const std::vector<std::string> strangers = {
      ".tulving-.tmp", ".tulving-0.tmp", ".tulving-" + id + "-my notes.tmp",
      ".tulving-lock", ".tulving-notes", ".tulving.tmp"};
  for (const std::string& name : strangers) put(path() / name, "a person's");
  const std::string link = ".tulving-" + Uuid::random().to_string() + ".tmp";
  fs::create_symlink("notes", path() / link);
  auto expected = strangers;
  expected.push_back(link);
  const Vault vault = open();
  EXPECT_THAT(names(), testing::UnorderedElementsAreArray(expected));
}

// flock(2) asks for no right but to read.
TEST_F(VaultTest, ALockThatAStrangerHoldsHoldsNobody) {
  Vault vault = open();
  const auto before = vault.write(memory("a"), kNote);
  ASSERT_TRUE(before.has_value());
  const int stranger = ::open(path().c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(flock(stranger, LOCK_EX), 0);

  const auto note = vault.write(memory("b"), kNote);

  ASSERT_FALSE(note.has_value());
  EXPECT_EQ(note.error().code, ErrorCode::kBusy);
  EXPECT_THAT(note.error().message, HasSubstr("locked by another program"));
  EXPECT_THAT(names(), ElementsAre(before->path));
  close(stranger);
  EXPECT_TRUE(vault.write(memory("b"), kNote).has_value());
}

// In a child, whose files may have 4 kB: a disk that fills up in the middle of a write.
TEST_F(VaultTest, LeavesNothingBehindWhenTheDiskIsFull) {
  Vault vault = open();
  ASSERT_TRUE(vault.write(memory("a"), kNote).has_value());
  const auto before = names();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    const auto note = vault.write(memory(std::string(100'000, 'x')), kNote);
    const bool refused = !note && note.error().code == ErrorCode::kIo &&
                         note.error().message.find("too large") != std::string::npos;
    _exit(refused && names() == before && vault.write(memory("b"), kNote).has_value() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(names().size(), before.size() + 1);
}

}  // namespace
}  // namespace tulving::consolidation
