#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/postgres/wire/connection.h"
#include "storage/postgres/wire/row_encoder.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// Sends rows into a table by binary COPY, in batches of some megabytes. Each batch is a savepoint:
/// where the server refuses its data (a type, a constraint, a limit), the batch is halved until the
/// rows at fault are alone; those are given to `on_refused` and the rest goes in. So a row that the
/// database cannot hold costs log2(rows) small COPYs and never the transaction.
class CopyWriter {
 public:
  struct RowName {
    std::uint32_t tenant = 0;
    std::string id;
  };
  using OnRefused = std::function<void(const RowName&, const std::string& why)>;
  using OnSent = std::function<void(std::uint64_t rows)>;

  /// `target` is a table and its columns as COPY takes them: `"s"."t" ("a", "b")`.
  CopyWriter(Connection& connection, const std::string& target, std::size_t columns,
             OnRefused on_refused, OnSent on_sent);

  /// Starts a row; its fields follow, then end_row().
  RowEncoder& begin_row();
  Status end_row(RowName name);
  /// Sends what is left. No row may follow.
  Status finish();

 private:
  struct Row {
    std::size_t end;  // Offset behind its last byte.
    RowName name;
  };
  Status start();
  Status send_pending();
  Status end_batch();
  Status send_range(std::size_t first, std::size_t last);

  Connection& connection_;
  std::string copy_;
  std::size_t columns_;
  OnRefused on_refused_;
  OnSent on_sent_;
  RowEncoder encoder_;     // The batch: kept until the server took it.
  std::vector<Row> rows_;  // Its rows.
  std::size_t sent_ = 0;   // Bytes of it that are on their way.
  bool started_ = false;
};

}  // namespace tulving::storage::postgres
