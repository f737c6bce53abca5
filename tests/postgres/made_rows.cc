#include "tests/postgres/made_rows.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/postgres/row_writer.h"
#include "storage/postgres/wire/copy_writer.h"
#include "storage/postgres/wire/field_encoding.h"
#include "tests/postgres/rule_records.h"

namespace tulving::testing {
namespace {

using namespace storage::postgres;

Connection connection_to(const std::string& uri) {
  auto connection = Connection::open(uri);
  if (!connection) throw std::runtime_error(connection.error().message);
  return std::move(*connection);
}

// Whether a column is made of the field, or of a member of it.
bool is_of(std::string_view from, std::string_view field) {
  while (!from.empty()) {
    const std::size_t end = std::min(from.find(", "), from.size());
    const std::string_view name = from.substr(0, end);
    const auto begins = [](std::string_view a, std::string_view b) {
      return a.starts_with(b) && a.size() > b.size() && a[b.size()] == '.';
    };
    if (name == field || begins(field, name) || begins(name, field)) return true;
    from.remove_prefix(std::min(end + 2, from.size()));
  }
  return false;
}

bool must_be_there(const Record& record, std::string_view field) {
  return std::visit(
      [&]<class Kind>(const Kind&) { return RuleRecords::must_be_there<Kind>(field); }, record);
}

// The texts that the field has, as JSON has them, without a look at what they are.
std::string raw_json(const Record& record, std::string_view name) {
  std::string raw;
  std::visit(
      [&]<class Kind>(const Kind& it) {
        kinds::each_field<Kind>([&](const auto& field) {
          using Value = typename std::remove_cvref_t<decltype(field)>::Value;
          if (field.name != name) return;
          if constexpr (std::is_same_v<Value, std::string>) {
            const bool is_text = field.bounds.form == kinds::Form::kText;
            raw = is_text ? '"' + field.of(it) + '"' : field.of(it);
          } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
            for (const auto& text : field.of(it)) raw += (raw.empty() ? "[\"" : ",\"") + text + '"';
            raw += ']';
          }
        });
      },
      record);
  return raw;
}

// What no getter is asked for, since it takes the rule for kept.
bool is_beyond_getters(Break what, ColumnType type) {
  if (what == Break::kEnum) {
    return type == ColumnType::kText || type == ColumnType::kJson || type == ColumnType::kTextArray;
  }
  if (type != ColumnType::kJson) return false;
  return what == Break::kJson || what == Break::kUtf8 || what == Break::kNul ||
         what == Break::kNotObject || what == Break::kMember || what == Break::kNumber;
}

storage::postgres::Field beyond_getters(const RowsOf& of, ColumnType type) {
  if (of.what == Break::kEnum) {
    if (type == ColumnType::kTextArray) return std::vector<std::string>{"no such name"};
    return type == ColumnType::kJson ? storage::postgres::Field(R"({"a": "no such name"})")
                                     : storage::postgres::Field("no such name");
  }
  if (of.what == Break::kNumber) return R"({"a": NaN})";
  return raw_json(*of.record, of.field);
}

// NUMERIC's NaN and infinities, which our encoder has no need of.
std::string numeric_bytes(double value) {
  const char sign = std::isnan(value) ? '\xC0' : value > 0 ? '\xD0' : '\xF0';
  return std::string(4, '\0') + sign + std::string(3, '\0');
}

std::size_t rows_of(const TableSpec& table, const SourceRecord& source) {
  return table.elements == nullptr ? 1 : table.elements(source);
}

}  // namespace

MadeRows::MadeRows(const std::string& uri, PostgresSchema schema, std::uint32_t dim)
    : connection_(connection_to(uri)),
      projection_(make_projection(schema, {dim, {"default", "other"}})),
      ddl_(read_ddl(schema, {.dim = dim})) {}

void MadeRows::know(const Record& record) {
  const SourceRecord source{
      .tenant = 1, .tenant_id = kRulesTenant, .kind = kind_of(record), .value = &record};
  for (const TableSpec& table : projection_.tables) {
    if (!table.takes(source) || table.ownership == Ownership::kParent) continue;
    std::string id = record_id(source);
    std::string key = table.slot_is_key() ? table.slot(source) : id;
    keys_.emplace(std::pair(table.name, std::move(id)), std::move(key));
  }
}

storage::postgres::Field MadeRows::reference_of(const Column& column, const Row& row,
                                                const RowsOf& of) const {
  const Reference& reference = column.reference;
  const std::string id = reference.id(row.record);
  if (id.empty()) return {};
  if (const auto key = keys_.find({reference.table, id}); key != keys_.end()) return key->second;
  const bool is_own = column.from == "id";  // A part's: the row of the same record.
  if (is_own) {
    const auto* memory = std::get_if<Memory>(of.record);
    const bool by_name = memory != nullptr && !memory->external_id.empty() &&
                         projection_.table(reference.table)->slot_is_key();
    return by_name ? memory->external_id : id;
  }
  // The sync makes a row of the name alone, or waits for one.
  if (projection_.table(reference.table)->has_placeholders) {
    for (const auto& [name, key] : keys_) {
      if (name.first == reference.table) return key;
    }
  }
  return must_be_there(*of.record, column.from) ? storage::postgres::Field(id)
                                                : storage::postgres::Field();
}

storage::postgres::Field MadeRows::value_of(const Column& column, const DdlColumn& ddl,
                                            const Row& row, const RowsOf& of) const {
  if (is_of(column.from, of.field)) {
    if (of.what == Break::kMissing) return {};
    if (is_beyond_getters(of.what, ddl.type)) return beyond_getters(of, ddl.type);
  }
  if (column.reference.id != nullptr) return reference_of(column, row, of);
  return shown(column.get(row), ddl);
}

Status MadeRows::try_table(const TableSpec& table, const std::vector<RowsOf>& rows,
                           std::vector<Answers>& answers) {
  const Ddl::Table& ddl = *ddl_.find(table.name);
  const std::string schema = Connection::quote_name(projection_.name());
  std::string target = schema + "." + Connection::quote_name(table.name) + " (";
  for (const Column& column : table.columns) {
    target += (target.ends_with('(') ? "" : ", ") + Connection::quote_name(column.name);
  }
  const auto refused = [&](const CopyWriter::RowName& row, const std::string& why) {
    answers.at(std::stoul(row.id))[std::string(table.name)] = why;
  };
  CopyWriter copy(connection_, target + ")", table.columns.size(), refused, [](std::uint64_t) {});
  const auto write = [&](const SourceRecord& source, std::size_t place) -> Status {
    answers[place].try_emplace(std::string(table.name));
    for (std::size_t element = 0; element < rows_of(table, source); ++element) {
      RowEncoder& out = copy.begin_row();
      for (const Column& column : table.columns) {
        const DdlColumn& ddl_column = *ddl.find(column.name);
        const auto value = value_of(column, ddl_column, {source, element}, rows[place]);
        const auto* number = std::get_if<double>(&value);
        if (ddl_column.type == ColumnType::kNumeric && number && !std::isfinite(*number)) {
          out.text(numeric_bytes(*number));
        } else {
          encode(value, ddl_column.type, out);
        }
      }
      if (auto status = copy.end_row({1, std::to_string(place)}); !status) return status;
    }
    return {};
  };
  for (std::size_t place = 0; place < rows.size(); ++place) {
    const Record& record = *rows[place].record;
    SourceRecord source{
        .tenant = 1, .tenant_id = kRulesTenant, .kind = kind_of(record), .value = &record};
    const auto* memory = std::get_if<Memory>(&record);
    if (memory != nullptr) source.related = &no_related_;
    if (memory != nullptr && !memory->embeddings.empty()) {
      source.vector = memory->embeddings.front().vector;
    }
    Status status;
    if (table.source == kEmbeddingKind && memory != nullptr) {
      for (const Embedding& one : memory->embeddings) {
        const SourceEmbedding embedding{memory->id, one.model, one.vector, memory->created_at};
        const SourceRecord vector{.tenant = 1,
                                  .tenant_id = kRulesTenant,
                                  .kind = kEmbeddingKind,
                                  .embedding = &embedding};
        if (status) status = write(vector, place);
      }
    } else if (table.takes(source) ||
               (table.source == source.kind && rows[place].field == "abstraction_level")) {
      status = write(source, place);
    }
    if (!status) return status;
  }
  return copy.finish();
}

Result<std::vector<Answers>> MadeRows::try_all(const std::vector<RowsOf>& rows) {
  std::vector<Answers> answers(rows.size());
  auto status = connection_.run("BEGIN; SET LOCAL lc_messages TO 'C'; SET LOCAL search_path TO " +
                                Connection::quote_name(projection_.name()) + ", public");
  for (const TableSpec& table : projection_.tables) {
    if (status) status = try_table(table, rows, answers);
  }
  if (status) status = connection_.run("ROLLBACK");
  if (!status) return status.error();
  return answers;
}

}  // namespace tulving::testing
