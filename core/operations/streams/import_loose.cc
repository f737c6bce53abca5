// Lines go in in batches or one by one; each is one atomic write, and equal records are left as
// they are, so an import that was killed is simply run again.

#include <span>
#include <tuple>
#include <type_traits>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "core/operations/streams/deferred_lines.h"
#include "core/operations/streams/import.h"

namespace tulving::operations {

namespace {

// A batch shares one log write. Beyond some hundreds of lines there is little left to share, and a
// refused batch is halved until the bad line is found, which costs in proportion.
constexpr std::size_t kBatchLines = 256;
constexpr std::size_t kBatchBytes = 8U << 20U;

/// Records of one tenant on their way into the store.
struct Batch {
  std::string tenant_id;
  std::vector<LineRecord> lines;
  std::vector<Record> records;  // Of the lines, which hold them no more.
  std::vector<std::uint32_t> equal_before;
  std::size_t bytes = 0;
};

/// Whether a record may be refused only because what it refers to stands further down.
bool is_about_a_reference(const Error& error) {
  bool is_one = error.code == ErrorCode::kNotFound;
  kinds::RecordKinds::each([&]<class Kind>(kinds::Tag<Kind>) {
    std::apply(
        [&](const auto&... reference) {
          ((is_one =
                is_one || (reference.must_exist == kinds::MustExist::kYes &&
                           error.field ==
                               kinds::name_at<std::remove_cvref_t<decltype(reference)>::member>())),
           ...);
        },
        kinds::Kind<Kind>::references);
  });
  return is_one;
}

class BatchWriter {
 public:
  BatchWriter(const Running& running, const RecordSource& source, ImportReport& report)
      : store_(running.store()),
        source_(source),
        options_{.allow_erased = running.arguments.flag("allow_erased"),
                 .keep_vectors = running.arguments.flag("keep_vectors")},
        lines_max_(running.arguments.flag("ack") ? 1 : kBatchLines),
        report_(report) {}

  Status add(LineRecord line) {
    if (line.record.tenant_id != batch_.tenant_id) {
      if (auto status = flush(); !status) return status;
      batch_.tenant_id = line.record.tenant_id;
    }
    batch_.bytes += line.bytes;
    batch_.equal_before.push_back(line.equal_before);
    batch_.records.push_back(std::move(line.record.record));
    batch_.lines.push_back(std::move(line));
    if (batch_.lines.size() < lines_max_ && batch_.bytes < kBatchBytes) return {};
    return flush();
  }

  Status flush() {
    Batch batch = std::exchange(batch_, Batch{batch_.tenant_id, {}, {}, {}, 0});
    if (batch.lines.empty()) return {};
    auto tenant = store_.tenant(batch.tenant_id);
    if (!tenant) {
      const Error error{ErrorCode::kInvalidArgument, tenant.error().message, "tenant_id"};
      for (const LineRecord& line : batch.lines) {
        if (auto status = report_.refused({line.line, error, {}, line.place}); !status)
          return status;
      }
      return {};
    }
    return write(*tenant, batch, 0, batch.lines.size());
  }

  /// Writes what was set aside, now that the rest is in; what refers to nothing is refused.
  Status finish() {
    if (auto status = flush(); !status) return status;
    std::uint64_t before = 0;
    do {
      before = deferred_.size();
      if (auto status = write_deferred(); !status) return status;
    } while (deferred_.size() < before && !source_.is_stopped());
    if (source_.is_stopped()) return {};  // Neither in nor refused: they are read again.
    // Memories first: one that waited only for a line that is refused is there for its relations.
    is_deferring_memories_ = false;
    if (auto status = write_deferred(); !status) return status;
    is_deferring_ = false;
    return write_deferred();
  }

 private:
  Status write_deferred() {
    auto status = deferred_.take([this](LineRecord line) { return add(std::move(line)); });
    return status ? flush() : status;
  }

  /// Writes the records from `first` up to `last`; where the store refuses them together, the
  /// halves by themselves.
  Status write(Tenant& tenant, Batch& batch, std::size_t first, std::size_t last) {
    const std::size_t count = last - first;
    if (any_held(tenant, batch, first, last)) {
      return count == 1 ? defer(tenant, batch, first) : write_halves(tenant, batch, first, last);
    }
    options_.equal_before = std::span(batch.equal_before).subspan(first, count);
    auto results = tenant.write(std::span(batch.records).subspan(first, count), options_);
    if (results) {
      for (std::size_t i = 0; i < count; ++i) {
        auto status = report_.written(batch.lines[first + i].line, (*results)[i]);
        if (!status) return status;
      }
      return {};
    }
    if (!is_line_error(results.error())) return results.error();
    if (count > 1) return write_halves(tenant, batch, first, last);
    const bool may_wait = std::holds_alternative<Memory>(batch.records[first])
                              ? is_deferring_memories_
                              : is_deferring_;
    if (may_wait && is_about_a_reference(results.error())) return defer(tenant, batch, first);
    return report_.refused(
        {batch.lines[first].line, results.error(), {}, batch.lines[first].place});
  }

  Status write_halves(Tenant& tenant, Batch& batch, std::size_t first, std::size_t last) {
    const std::size_t middle = first + (last - first) / 2;
    if (auto status = write(tenant, batch, first, middle); !status) return status;
    return write(tenant, batch, middle, last);
  }

  [[nodiscard]] bool any_held(const Tenant& tenant, const Batch& batch, std::size_t first,
                              std::size_t last) const {
    for (std::size_t i = first; i < last; ++i) {
      if (deferred_.holds(tenant, batch.records[i])) return true;
    }
    return false;
  }

  Status defer(const Tenant& tenant, Batch& batch, std::size_t i) {
    batch.lines[i].record.record = std::move(batch.records[i]);
    return deferred_.add(tenant, batch.lines[i]);
  }

  const Store& store_;
  const RecordSource& source_;
  WriteOptions options_;
  std::size_t lines_max_;
  ImportReport& report_;
  Batch batch_;
  DeferredLines deferred_;
  bool is_deferring_ = true;  // Relations.
  bool is_deferring_memories_ = true;
};

}  // namespace

Status import_loosely(const Running& running, RecordSource& source, ImportReport& report) {
  BatchWriter writer(running, source, report);
  while (true) {
    auto next = source.next();
    if (!next) return next.error();
    if (!*next) return writer.finish();
    auto* error = std::get_if<LineError>(&**next);
    auto status = error != nullptr ? report.refused(std::move(*error))
                                   : writer.add(std::get<LineRecord>(*std::move(*next)));
    if (!status) return status;
  }
}

}  // namespace tulving::operations
