// import: the lines of a file, and the vectors beside them, into the operation.

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>

#include "tools/cli/call/run_call.h"
#include "tools/cli/print/output.h"
#include "tools/cli/transfer/import_source.h"

namespace tulving::tools {

namespace {

constexpr const char* kRecords = "records";  // Our own lines.

/// The arguments of `import`.
struct ImportCommand {
  std::string path;     ///< "-": stdin.
  std::string vectors;  ///< .fvecs: row i belongs to the i-th memory line. Empty: none.
  std::string tenant;
  std::string model = "default";
  std::string zone;
  std::string format = kRecords;
  bool strict = false;
  bool allow_erased = false;
  bool keep_vectors = false;
  bool ack = false;
};

/// Turns SIGINT and SIGTERM into a flag, so that an import ends between two lines.
class Interruption {
 public:
  Interruption() {
    signal_ = 0;
    is_interrupted_ = false;
    struct sigaction action {};
    // No SA_RESTART: a blocked read ends. One that blocks just after the flag was asked is ended by
    // the alarm, and the alarm's own alarm.
    action.sa_handler = [](int signal) {
      if (signal != SIGALRM) signal_ = signal;
      if (signal != SIGALRM) is_interrupted_ = true;
      alarm(1);
    };
    for (const int signal : {SIGINT, SIGTERM, SIGALRM}) sigaction(signal, &action, nullptr);
  }
  [[nodiscard]] static int signal() { return signal_; }  ///< 0: none came.
  [[nodiscard]] static const std::atomic<bool>* flag() { return &is_interrupted_; }

 private:
  static volatile std::sig_atomic_t signal_;
  static std::atomic<bool> is_interrupted_;
  static_assert(std::atomic<bool>::is_always_lock_free);
};
volatile std::sig_atomic_t Interruption::signal_ = 0;
std::atomic<bool> Interruption::is_interrupted_ = false;

/// The longest line that can be a record: a text of escapes alone, and what is beside it. A longer
/// one, which may have no end, is not read to it.
std::size_t line_bytes_max(const GlobalOptions& globals) {
  constexpr std::uint64_t kEscapedByte = 6;  // \u0001
  constexpr std::uint64_t kBesideText = std::uint64_t{64} << 20U;
  constexpr std::uint64_t kTextBytesMax = 64'000'000;  // What a store may be opened with.
  const std::uint64_t text = globals.text_bytes_max.value_or(StoreOptions().text_bytes_max);
  return static_cast<std::size_t>(2 * kEscapedByte * std::min(text, kTextBytesMax) + kBesideText);
}

OperationCall call_of(const ImportCommand& command, bool dry_run) {
  OperationCall call("import");
  call.text_if_any("tenant_id", command.tenant)
      .text("model", command.model)
      .text_if_any("zone", command.zone)
      .text("format", command.format)
      .flag("allow_erased", command.allow_erased)
      .flag("keep_vectors", command.keep_vectors)
      .flag("strict", command.strict)
      .flag("dry_run", dry_run)
      .flag("ack", command.ack);
  return call;
}

/// Tells each line as it is acknowledged or refused.
Status tell_line(const GlobalOptions& globals, Progress& progress, const StreamLine& line) {
  if (line.error == nullptr) {
    fmt::print("{}\n", line.text);
    std::fflush(stdout);
  } else if (!globals.json) {
    progress.clear();
    const std::string place = AnswerView(line.text)["place"].text();
    report(fmt::format("line {}{}: {}", line.number,
                       place.empty() ? "" : fmt::format(" ({})", place), line.error->message));
  }
  return {};
}

/// Sends the lines. The summary is there also where an error cut the import short.
Status send(const GlobalOptions& globals, const ImportCommand& command, ImportSource& source,
            Service& service, const OperationCall& call, Answer& summary) {
  Progress progress("import", 0);
  const bool is_foreign = command.format != kRecords;
  auto status = stream(
      service, call,
      {.next = [&] { return is_foreign ? source.next_part(progress) : source.next(progress); },
       .put = [&](const StreamLine& line) { return tell_line(globals, progress, line); },
       .stop = Interruption::flag()},
      summary);
  progress.clear();
  return status;
}

void print_summary(const AnswerView& summary) {
  for (const AnswerView& error : summary["errors"].elements()) {
    if (error["lines"].count() < 2) continue;
    tell(fmt::format("tulving: {} lines in all are refused as line {} is\n", error["lines"].text(),
                     error["line"].text()));
  }
  fmt::print("imported {}, unchanged {}, updated {}, rejected {}\n", summary["imported"].text(),
             summary["unchanged"].text(), summary["updated"].text(), summary["rejected"].text());
}

/// The exit code: 130 and the like when interrupted, 2 when a line was refused, else 0.
int tell_summary(const GlobalOptions& globals, const Answer& answer) {
  const AnswerView summary(answer.json);
  const bool any_refused = summary["rejected"].count() > 0;
  if (globals.json) {
    print_json_line(answer.json);
    if (any_refused) {
      tell(fmt::format("tulving: {} lines were rejected\n", summary["rejected"].text()));
    }
  } else {
    print_summary(summary);
  }
  if (Interruption::signal() != 0) return 128 + Interruption::signal();
  return any_refused ? kWrongInput : kDone;
}

/// An empty store in RAM, for a strict import into one that is not there yet: a refused import
/// leaves no directory behind.
Result<Service> open_scratch(const GlobalOptions& globals) {
  StoreOptions options;
  options.embedding_dim = globals.dim;
  if (globals.text_bytes_max) options.text_bytes_max = *globals.text_bytes_max;
  auto store = Store::open_in_memory(options);
  if (!store) return store.error();
  return Service(*std::move(store));
}

/// Checks all lines against an empty store. The exit code where they are not to go in.
Result<std::optional<int>> check_in_scratch(const GlobalOptions& globals,
                                            const ImportCommand& command, ImportSource& source) {
  auto scratch = open_scratch(globals);
  if (!scratch) return scratch.error();
  Answer summary;
  auto status = send(globals, command, source, *scratch, call_of(command, true), summary);
  if (!status) return status.error();
  const bool any_refused = AnswerView(summary.json)["rejected"].count() > 0;
  if (any_refused || Interruption::signal() != 0) {
    return std::optional(tell_summary(globals, summary));
  }
  if (status = source.rewind(); !status) return status.error();
  return std::optional<int>();
}

Result<int> run_import(const GlobalOptions& globals, const ImportCommand& command) {
  const Interruption interruption;
  if (command.format != kRecords && command.tenant.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("--format {} needs --tenant: such a file names none", command.format),
                 "tenant_id"};
  }
  if (!command.zone.empty()) {
    if (auto zone = parse_time_zone(command.zone); !zone) return zone.error();
  }
  auto source =
      ImportSource::open(command.path, command.vectors, command.strict, line_bytes_max(globals));
  if (!source) return source.error();
  auto store = open_store(globals, command.strict ? Access::kWrite : Access::kCreate, Embeds::kYes);
  if (!store && command.strict && store.error().code == ErrorCode::kNotFound) {
    auto refused = check_in_scratch(globals, command, *source);
    if (!refused) return refused.error();
    if (*refused) return **refused;
    store = open_store(globals, Access::kCreate, Embeds::kYes);
  }
  if (!store) return store.error();
  Service service(*std::move(store));
  const OperationCall call = call_of(command, false);
  Answer summary;
  auto status = send(globals, command, *source, service, call, summary);
  if (status) status = finish(service, call);
  if (!status && summary.json.empty()) return status.error();
  const int code = tell_summary(globals, summary);
  if (!status) return status.error();
  return code;
}

/// What the operation's parameter takes.
std::vector<std::string> formats_of_import() {
  for (const Param& param : find_operation("import")->params) {
    if (param.name == "format") return {param.words.begin(), param.words.end()};
  }
  return {};
}

}  // namespace

void add_import_command(const CommandLine& line) {
  auto import = std::make_shared<ImportCommand>();
  CLI::App* command = add_command(line.app, line, "import",
                                  "Takes in records: JSON lines, one a record. May be repeated.",
                                  import, run_import);
  command->add_option("FILE", import->path, "The records; - is standard input")
      ->required()
      ->type_name("");
  CLI::Option* vectors = command
                             ->add_option("--vectors", import->vectors,
                                          "Row i is the embedding of the i-th memory line")
                             ->check(check_not_empty)
                             ->type_name("FVECS");
  command
      ->add_option("--model", import->model,
                   "Embedding model of --vectors, and of embeddings that name none")
      ->check(check_not_empty)
      ->capture_default_str()
      ->type_name("NAME");
  command->add_option("--tenant", import->tenant, "Tenant of lines that name none")
      ->check(check_not_empty)
      ->type_name("T");
  command
      ->add_option("--zone", import->zone,
                   "Zone of times that name none: UTC, local, or an offset such as +02:00")
      ->type_name("ZONE");
  command->add_flag("--allow-erased", import->allow_erased, "Let what was erased come back");
  command->add_flag("--keep-vectors", import->keep_vectors,
                    "A line with a new text drops the old one's vectors; keep them");
  CLI::Option* strict = command->add_flag(
      "--strict", import->strict, "One bad line, and nothing goes in (reads all into RAM first)");
  CLI::Option* ack =
      command
          ->add_flag("--ack", import->ack,
                     "Write line by line, and print each line's number once it is acknowledged")
          ->excludes(strict);
  command
      ->add_option("--format", import->format,
                   "Whose file it is: records (ours), or another system's, read entry by entry "
                   "into --tenant")
      ->check(CLI::IsMember(formats_of_import()))
      ->capture_default_str()
      ->type_name("NAME")
      ->excludes(vectors)
      ->excludes(ack);
}

}  // namespace tulving::tools
