// A text matches a word where Postgres' to_tsvector('english') does. The oracle is a live server
// (TULVING_TEST_POSTGRES, its URI): the tests hand it the same texts and compare
//
// - every text's set of terms, with Postgres' parser and dictionaries put together so that the
//   differences which analyzer.h lists, and no others, are allowed for: addresses, paths and markup
//   are taken apart and parsed again, whole hyphenated words left out, signs dropped, C++ and its
//   like words of their own;
// - the rows that a search for one word returns, with `@@ plainto_tsquery`, untouched, over the
//   texts in which Postgres sees none of those, nor is there a compound (woo-hoo is found by
//   woohoo), a name in camel case or a number with leading zeros, whose forms find more; a stop
//   word with a capital, which may be a name, is not asked for, nor is a name in camel case.
//
// Texts are random English with all sorts of punctuation, and the LoCoMo conversations where
// TULVING_DATA says they are. A word list that no text matches would agree too, so matches are
// counted.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "index/text/analysis/analyzer.h"
#include "index/text/text_index.h"
#include "tests/index/text/search_text.h"
#include "tests/index/text/test_seed.h"

namespace tulving::index {
namespace {

using Rows = std::vector<std::vector<std::string>>;

class Postgres {
 public:
  explicit Postgres(const char* uri) : connection_(PQconnectdb(uri), PQfinish) {}

  [[nodiscard]] bool is_open() const { return PQstatus(connection_.get()) == CONNECTION_OK; }
  [[nodiscard]] std::string error() const { return PQerrorMessage(connection_.get()); }

  Rows run(const std::string& sql, const std::vector<std::string>& arguments = {}) {
    std::vector<const char*> values;
    for (const auto& argument : arguments) values.push_back(argument.c_str());
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                     values.data(), nullptr, nullptr, 0),
        PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) ADD_FAILURE() << error() << sql;
    Rows rows(static_cast<std::size_t>(PQntuples(result.get())));
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      for (int column = 0; column < PQnfields(result.get()); ++column) {
        rows[static_cast<std::size_t>(row)].emplace_back(PQgetvalue(result.get(), row, column));
      }
    }
    return rows;
  }

 private:
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

// What a text's terms are, by Postgres, differences allowed for. `exact` is false where there are
// any.
constexpr auto kOracle = R"sql(
create function pg_temp.apart(token text) returns text language sql as $$
  select regexp_replace(regexp_replace(token, '[^[:alnum:].]+', ' ', 'g'),
                        '(?<![0-9])\.|\.(?![0-9])', ' ', 'g') $$;
create function pg_temp.kinds(body text) returns table (alias text, token text) language sql as $$
  select t.alias, p.token from ts_parse('default', body) p join ts_token_type('default') t using (tokid)
  where t.alias <> 'blank' $$;
create function pg_temp.is_exact(body text) returns boolean language sql as $$
  select not exists (select from pg_temp.kinds(body) where alias in
    ('email', 'url', 'host', 'url_path', 'file', 'sfloat', 'tag', 'entity', 'protocol', 'int',
     'asciihword', 'hword', 'numhword')
    or (alias = 'float' and token ~ '^[-+]'))
    and body !~ '[a-z][A-Z]|\y0[0-9]|[[:alpha:]](\+\+|#)|\.net' $$;
create function pg_temp.terms(body text) returns setof text language sql as $$
  with parts as (
    select case when alias in ('email', 'url', 'host', 'url_path', 'file', 'sfloat', 'tag', 'entity',
                               'protocol')
                then pg_temp.apart(token)
                else token end as part
    from pg_temp.kinds(regexp_replace(
      regexp_replace(body, '\y[A-Za-z](\+\+|#)(?![[:alnum:]+#])', ' ', 'g'), '[-+](?=[0-9])', ' ', 'g'))
    where alias not in ('asciihword', 'hword', 'numhword'))
  select distinct unnest(tsvector_to_array(to_tsvector('english', part))) from parts
  union select lower(m[1]) from
    regexp_matches(body, '\y([A-Za-z](?:\+\+|#))(?![[:alnum:]+#])', 'g') m $$;
)sql";

class PostgresMatch : public testing::Test {
 protected:
  void SetUp() override {
    const char* const uri = std::getenv("TULVING_TEST_POSTGRES");
    if (uri == nullptr) {
      GTEST_SKIP() << "TULVING_TEST_POSTGRES is not set: no Postgres to compare with";
    }
    postgres_.emplace(uri);
    ASSERT_TRUE(postgres_->is_open()) << postgres_->error();
    postgres_->run("set client_min_messages = warning");  // it notes every stop word asked for
    std::string all(kOracle);
    for (std::size_t at = 0; at < all.size();) {  // one statement a call
      const std::size_t end = all.find("$$;", at) + 3;
      if (end < at + 3) break;
      postgres_->run(all.substr(at, end - at));
      at = end;
    }
  }

  void load(const std::vector<std::string>& texts) {
    texts_ = texts;
    postgres_->run("create temp table texts (id int primary key, body text, exact boolean)");
    postgres_->run(
        "insert into texts select (item->>0)::int, item->>1, pg_temp.is_exact(item->>1) "
        "from json_array_elements($1::json) item",
        {numbered(texts).dump()});
  }

  static nlohmann::json numbered(const std::vector<std::string>& strings) {
    auto list = nlohmann::json::array();
    for (std::size_t i = 0; i < strings.size(); ++i) list.push_back({i, strings[i]});
    return list;
  }

  void expect_same_terms() {
    std::vector<std::set<std::string>> expected(texts_.size());
    for (const auto& row : postgres_->run("select id, pg_temp.terms(body) from texts")) {
      expected[std::stoul(row[0])].insert(row[1]);
    }
    int differing = 0;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      const auto terms = analyze(texts_[i]);
      const std::set<std::string> ours(terms.begin(), terms.end());
      if (ours == expected[i]) continue;
      EXPECT_THAT(ours, testing::ContainerEq(expected[i])) << texts_[i];
      if (++differing == 10) break;
    }
  }

  /// Finds more than the word: a stop word that may be a name, or a name in camel case.
  static bool has_forms(const std::string& word) {
    const auto is_upper = [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; };
    const auto is_lower = [](char c) { return std::islower(static_cast<unsigned char>(c)) != 0; };
    for (std::size_t i = 1; i < word.size(); ++i) {
      if (is_upper(word[i]) && is_lower(word[i - 1])) return true;
    }
    return is_upper(word[0]) && analyze(word).empty();
  }

  /// Every letter-or-digit run of the texts, and a form of it that may not occur.
  [[nodiscard]] std::vector<std::string> query_words() const {
    std::set<std::string> words;
    for (const std::string& text : texts_) {
      std::string word;
      for (const char c : text + " ") {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
          word += c;
        } else if (!word.empty()) {
          if (!has_forms(word)) words.insert({word, word + "s"});
          word.clear();
        }
      }
    }
    return {words.begin(), words.end()};
  }

  void expect_same_rows() {
    std::set<std::uint32_t> exact;
    for (const auto& row : postgres_->run("select id from texts where exact")) {
      exact.insert(static_cast<std::uint32_t>(std::stoul(row[0])));
    }
    TextIndex index;
    for (const std::uint32_t row : exact) index.set(row, texts_[row]);
    const auto words = query_words();
    const std::string ids =
        "select w.item->>0, coalesce(string_agg(t.id::text, ' ' order by t.id), '')"
        " from json_array_elements($1::json) w(item) left join texts t"
        " on t.exact and t.lexemes @@ plainto_tsquery('english', w.item->>1)"
        " group by 1";
    postgres_->run("alter table texts add lexemes tsvector");
    postgres_->run("update texts set lexemes = to_tsvector('english', body)");
    postgres_->run("create index on texts using gin (lexemes)");
    postgres_->run("analyze texts");
    std::size_t matches = 0;
    for (const auto& row : postgres_->run(ids, {numbered(words).dump()})) {
      const std::string& word = words[std::stoul(row[0])];
      std::set<std::uint32_t> found;
      const auto k = static_cast<std::uint32_t>(texts_.size());
      for (const ScoredRow& hit : search(index, {.text = word, .k = k}).rows) found.insert(hit.row);
      std::string ours;
      for (const std::uint32_t id : found) ours += (ours.empty() ? "" : " ") + std::to_string(id);
      ASSERT_EQ(ours, row[1]) << "the texts that match " << word;
      matches += found.size();
    }
    RecordProperty("texts", static_cast<int>(texts_.size()));
    RecordProperty("exact_texts", static_cast<int>(exact.size()));
    RecordProperty("words", static_cast<int>(words.size()));
    RecordProperty("matches", static_cast<int>(matches));
    EXPECT_GT(exact.size(), texts_.size() / 4) << "too few texts are left to compare";
    EXPECT_GT(matches, exact.size()) << "a search that found nothing would agree";
  }

  std::optional<Postgres> postgres_;
  std::vector<std::string> texts_;
};

std::vector<std::string> examples() {
  return {
      "Caroline's adopted kittens weren't running; they'd run.",
      "The researchers' experiments, re-done in 2023-05-08 at 10:30, cost $3.50 or 1,234.56.",
      "Well-known state-of-the-art 10-year-old covid-19 up-to-date e-mail",
      "v1.2.3 and 1.2.3 and 192.168.0.1, 2.5kg, 10.30am, 5.0x, 12abc.34 and x1.5",
      "snake_case CamelCase C++ c# F-16 R&D AT&T #tag @user 50% 5/6 1st 90s 3rd",
      "Mail me@example.org or see http://example.org/a/b.html?c=d#e and /usr/lib/x.cc.",
      "<b>bold</b> &amp; x&lt;y, e.g. the U.S.A. and done.Then",
      "caf\u00E9s na\u00EFve r\u00E9sum\u00E9s \u00C9COLE Z\u00FCrich",
      "\u041F\u0440\u0438\u0432\u0435\u0442, \u041C\u0418\u0420! \u03BA\u03CC\u03C3\u03BC\u03BF",
      "\u201CQuoted\u201D \u2013 dashed\u2014text\u2026 don\u2019t you\u2019ll",
      "generously arsenal skis dying news inning proceed succeeded exceeding herring earrings",
      "communism communicate commune general generate university universe organization organ",
      "",
      "the and of",
      "...",
      "a",
      "5. .5 5.5 +5 -5 --5 1..2 01.",
      "1e5 and 1e-5",
  };
}

/// Sentences of words in all their forms with all sorts of punctuation between.
std::vector<std::string> random_texts(std::size_t count) {
  const std::vector<std::string> words = {
      "run",     "Running", "runs", "cat",   "CATS",        "nation",   "nationally", "happy",
      "happily", "the",     "And",  "being", "adopting",    "adoption", "relational", "hopping",
      "hoped",   "2023",    "7",    "42nd",  "3.14",        "10.5",     "abc1",       "caf\u00E9",
      "o",       "s",       "ties", "dies",  "luxuriously", "skies",    "I"};
  const std::vector<std::string> gaps = {" ",  " ",  " ",  " ",      ", ",     ". ",  "; ",  ": ",
                                         "! ", " (", ") ", "'",      "\"",     "-",   " - ", "--",
                                         "_",  ",",  "\n", "\u2014", "\u2019", " & ", "..",  " $",
                                         "% ", "*",  "|",  " [",     "] "};
  std::mt19937 random(test_seed());
  const auto one_of = [&](const auto& list) { return list[random() % list.size()]; };
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text;
    for (auto n = random() % 15; n > 0; --n) text += one_of(words) + one_of(gaps);
    texts.push_back(text);
  }
  return texts;
}

TEST_F(PostgresMatch, TermsOfExamplesAreTheSame) {
  load(examples());
  expect_same_terms();
}

TEST_F(PostgresMatch, RowsFoundInExamplesAreTheSame) {
  load(examples());
  expect_same_rows();
}

TEST_F(PostgresMatch, TermsOfRandomSentencesAreTheSame) {
  SCOPED_TRACE(test_seed());
  load(random_texts(3000));
  expect_same_terms();
}

TEST_F(PostgresMatch, RowsFoundInRandomSentencesAreTheSame) {
  SCOPED_TRACE(test_seed());
  load(random_texts(3000));
  expect_same_rows();
}

class PostgresMatchOnConversations : public PostgresMatch {
 protected:
  void SetUp() override {
    PostgresMatch::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const char* const data = std::getenv("TULVING_DATA");
    if (data == nullptr) GTEST_SKIP() << "TULVING_DATA is not set: no conversations to read";
    std::ifstream lines(std::string(data) + "/locomo-dev/records.jsonl");
    if (!lines) GTEST_SKIP() << "no conversations in " << data;
    std::vector<std::string> texts;
    for (std::string line; std::getline(lines, line);) {
      const auto record = nlohmann::json::parse(line);
      if (record.contains("text")) texts.push_back(record["text"]);
    }
    load(texts);
  }
};

TEST_F(PostgresMatchOnConversations, TermsAreTheSame) { expect_same_terms(); }
TEST_F(PostgresMatchOnConversations, RowsFoundAreTheSame) { expect_same_rows(); }

}  // namespace
}  // namespace tulving::index
