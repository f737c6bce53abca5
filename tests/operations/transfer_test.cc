// import and export as streams: a line in, a line out, a summary at the end.

#include "tests/operations/called.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Covers kCovers{"import", "export"};

const char* const kTea = R"({"kind":"memory","tenant_id":"t","external_id":"tea","text":"tea"})";
const char* const kLink =
    R"({"kind":"relation","tenant_id":"t","source_id":"tea","target_id":"later"})";
const char* const kLater = R"({"kind":"memory","external_id":"later","text":"it comes later"})";

class Transfer : public Called {};

TEST_F(Transfer, WhatIsExportedIsImportedAsEqual) {
  stream("import", {{"tenant_id", "t"}}, {kTea, kLink, kLater});
  EXPECT_EQ(summary_["imported"], 3);

  const auto lines = stream("export", Json::object(), {});
  std::vector<std::string> texts;
  for (const Json& line : lines) texts.push_back(line.dump());
  const auto out = stream("import", Json::object(), texts);

  EXPECT_EQ(summary_, (Json{{"imported", 0},
                            {"unchanged", 3},
                            {"updated", 0},
                            {"rejected", 0},
                            {"errors", Json::array()}}));
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(Transfer, ALineThatIsRefusedIsToldAtOnceAndStopsNoOther) {
  const auto out = stream("import", Json::object(), {"no json", kTea, R"({"kind":"memory"})"});

  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0]["line"], 1);
  EXPECT_EQ(out[1]["field"], "tenant_id");
  EXPECT_EQ(summary_["imported"], 1);
  EXPECT_EQ(summary_["errors"].size(), 2U);
}

TEST_F(Transfer, WithAckEachLineIsAnsweredOnceItIsIn) {
  const auto out = stream("import", {{"tenant_id", "t"}, {"ack", true}}, {kTea, kLater});
  EXPECT_THAT(out, ElementsAre(1, 2));
}

TEST_F(Transfer, StrictlyAllOrNothing) {
  stream("import", {{"strict", true}}, {kTea, "no json"});
  EXPECT_EQ(summary_["imported"], 0);
  EXPECT_THAT(service_.store().tenants(), IsEmpty());

  stream("import", {{"strict", true}, {"dry_run", true}}, {kTea});
  EXPECT_EQ(summary_["imported"], 0);
  EXPECT_THAT(service_.store().tenants(), IsEmpty());

  stream("import", {{"strict", true}}, {kTea});
  EXPECT_EQ(summary_["imported"], 1);
}

TEST_F(Transfer, AStopEndsItBetweenTwoLines) {
  std::atomic<bool> stop = false;
  int given = 0;
  const StreamEnds lines{.next = [&]() -> Result<std::optional<StreamLine>> {
                           stop = ++given == 2;
                           return std::optional(StreamLine{.text = given == 1 ? kTea : kLater});
                         },
                         .put = [](const StreamLine&) -> Status { return {}; },
                         .stop = &stop};
  Answer summary;
  ASSERT_TRUE(service_.stream({}, {.operation = "import", .arguments = R"({"tenant_id":"t"})"},
                              lines, summary));
  EXPECT_EQ(given, 2);
  EXPECT_EQ(Json::parse(summary.json)["imported"], 2);
}

TEST_F(Transfer, AnErrorOfTheSourceLeavesTheSummaryOfWhatWentIn) {
  bool is_first = true;
  const StreamEnds lines{.next = [&]() -> Result<std::optional<StreamLine>> {
                           if (std::exchange(is_first, false))
                             return std::optional(StreamLine{.text = kTea});
                           return Error{ErrorCode::kIo, "the line was cut"};
                         },
                         .put = [](const StreamLine&) -> Status { return {}; }};
  Answer summary;
  const auto status =
      service_.stream({}, {.operation = "import", .arguments = R"({"ack":true})"}, lines, summary);
  EXPECT_EQ(status.error().message, "the line was cut");
  EXPECT_EQ(Json::parse(summary.json)["imported"], 1);
}

TEST_F(Transfer, VectorsGoBesideTheLines) {
  const std::vector<float> values = {1, 0.25F};
  const std::vector<NamedVector> vectors = {{"embedding", values, "rows.fvecs"}};
  int given = 0;
  const StreamEnds in{.next = [&]() -> Result<std::optional<StreamLine>> {
                        if (given++ > 0) return std::optional<StreamLine>();
                        return std::optional(StreamLine{.text = kTea, .vectors = vectors});
                      },
                      .put = [](const StreamLine&) -> Status { return {}; }};
  Answer summary;
  ASSERT_TRUE(service_.stream({}, {.operation = "import"}, in, summary));

  std::vector<float> back;
  std::string text;
  const StreamEnds out{.put = [&](const StreamLine& line) -> Status {
    text = line.text;
    for (const NamedVector& vector : line.vectors) {
      back.assign(vector.values.begin(), vector.values.end());
    }
    return {};
  }};
  ASSERT_TRUE(service_.stream({}, {.operation = "export", .arguments = R"({"vectors_apart":true})"},
                              out, summary));

  EXPECT_EQ(back, values);
  EXPECT_THAT(text, ::testing::Not(HasSubstr("embedding")));
}

TEST_F(Transfer, ABoundCallerImportsAndExportsItsTenantAlone) {
  stream("import", Json::object(), {kTea});
  std::vector<std::string> out;
  const StreamEnds lines{.put = [&](const StreamLine& line) -> Status {
    out.emplace_back(line.text);
    return {};
  }};
  Answer summary;
  const auto none = service_.stream({"u"}, {.operation = "export"}, lines, summary);
  const auto refused = stream("import", Json::object(), {kTea}, {"u"});
  stream("import", Json::object(), {kLater}, {"u"});
  ASSERT_TRUE(service_.stream({"u"}, {.operation = "export"}, lines, summary));

  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(refused[0]["error"].get<std::string>(), HasSubstr("must be \"u\", the caller's"));
  EXPECT_THAT(out, ElementsAre(HasSubstr("it comes later")));
}

}  // namespace
}  // namespace tulving::testing
