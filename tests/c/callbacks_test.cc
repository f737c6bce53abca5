// Callbacks: lines in and out, the text writer; what they answer is not believed, and what they
// hold is let go once.

#include <atomic>
#include <stdexcept>

#include "tests/c/c_testing.h"

namespace tulving::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// Lines from a list, and a list of what comes out.
struct Lines {
  std::vector<std::string> in;
  std::vector<std::string> out;
  std::vector<tulving_status> statuses;
  std::vector<std::vector<float>> vectors;
  std::size_t next = 0;
  std::vector<float> vector;  // Of each line in.
  bool throws = false;
  int32_t put_answer = 0;
  tulving_tenant* tenant = nullptr;  // Called from within.

  tulving_lines callbacks() {
    auto made = sized<tulving_lines>();
    made.context = this;
    made.next = [](void* context, tulving_line* line) -> int32_t {
      auto& self = *static_cast<Lines*>(context);
      if (self.throws) throw std::runtime_error("thrown");
      if (self.next == self.in.size()) return 0;
      line->text = text(self.in[self.next++]);
      if (!self.vector.empty()) line->vector = self.vector.data();
      line->dim = self.vector.size();
      return 1;
    };
    made.put = [](void* context, const tulving_line* line) -> int32_t {
      auto& self = *static_cast<Lines*>(context);
      self.out.push_back(string_of(line->text));
      self.statuses.push_back(line->status);
      if (line->vector != nullptr)
        self.vectors.emplace_back(line->vector, line->vector + line->dim);
      if (self.tenant != nullptr) {
        EXPECT_EQ(tulving_tenant_call(self.tenant, "memory.add",
                                      text(R"({"memory": {"text": "Within."}})"), nullptr, nullptr,
                                      nullptr),
                  TULVING_OK);
      }
      return self.put_answer;
    };
    return made;
  }
};

class Callbacks : public CStore {
 protected:
  Failure stream(const char* operation, std::string_view request, Lines& lines) {
    const tulving_lines callbacks = lines.callbacks();
    tulving_doc* answer = nullptr;
    const Failure failure = failure_of([&](tulving_error** error) {
      return tulving_tenant_stream(tenant_, operation, text(request), &callbacks, &answer, error);
    });
    summary_ = string_of(tulving_doc_json(answer));
    tulving_doc_free(answer);
    return failure;
  }

  std::string summary_;
};

TEST_F(Callbacks, CarryLinesAndTheirVectors) {
  Lines lines;
  lines.in = {R"({"kind": "memory", "external_id": "a", "text": "One."})", "{"};
  lines.vector = {1, 0};
  EXPECT_EQ(stream("import", "{}", lines).code, TULVING_OK);
  EXPECT_THAT(summary_, HasSubstr(R"("imported":1)"));
  EXPECT_THAT(lines.statuses, ElementsAre(TULVING_INVALID_ARGUMENT));

  Lines queries;
  queries.in = {R"({"query_id": 1, "k": 1})"};
  queries.vector = {1, 0};
  EXPECT_EQ(stream("search.batch", "{}", queries).code, TULVING_OK);
  EXPECT_THAT(queries.out, ElementsAre(AllOf(HasSubstr(R"("query_id":1)"), HasSubstr("One."))));

  Lines all;
  EXPECT_EQ(stream("export", R"({"vectors_apart": true})", all).code, TULVING_OK);
  EXPECT_THAT(all.vectors, ElementsAre(ElementsAre(1, 0)));
}

TEST_F(Callbacks, EndAStream) {
  Lines lines;
  lines.in = {"{", "{", "{"};
  lines.put_answer = 7;
  const Failure failure = stream("import", R"({"ack": true})", lines);
  EXPECT_EQ(failure.code, TULVING_INVALID_ARGUMENT);
  EXPECT_EQ(failure.field, "put");
  EXPECT_THAT(lines.out, SizeIs(1));
  lines.throws = true;
  EXPECT_EQ(stream("import", "{}", lines).field, "next");
}

TEST_F(Callbacks, MayCallTheStore) {
  Lines lines;
  lines.in = {"{", R"({"query_id": 1, "text": "one"})"};
  lines.tenant = tenant_;
  EXPECT_EQ(stream("search.batch", "{}", lines).code, TULVING_OK);
  EXPECT_EQ(stream("export", "{}", lines).code, TULVING_OK);
  EXPECT_THAT(call("memory.list", "{}"), HasSubstr(R"("matching":)"));
}

/// A text writer that answers as it is told.
struct Writer {
  tulving_status status = TULVING_OK;
  std::string answer, message;
  bool throws = false;
  std::atomic<int> calls = 0, destroyed = 0;
  std::string request;

  tulving_text_writer callbacks() {
    auto made = sized<tulving_text_writer>();
    made.context = this;
    made.write = [](void* context, tulving_text given, tulving_reply* reply) -> tulving_status {
      auto& self = *static_cast<Writer*>(context);
      self.request = string_of(given);
      ++self.calls;
      if (self.throws) throw std::runtime_error("thrown");
      if (!self.answer.empty()) tulving_reply_text(reply, text(self.answer));
      if (!self.message.empty()) tulving_reply_error(reply, text(self.message));
      return self.status;
    };
    made.destroy = [](void* context) { ++static_cast<Writer*>(context)->destroyed; };
    return made;
  }
};

class TextWriters : public Callbacks {
 protected:
  /// Two memories that say much the same, merged by a store with that writer; what came of it.
  std::string merge(Writer& writer) {
    const tulving_text_writer callbacks = writer.callbacks();
    auto options = sized<tulving_store_options>();
    options.writer = &callbacks;
    tulving_tenant_free(tenant_);
    tulving_store_free(store_);
    store_ = open(&options);
    EXPECT_EQ(tulving_store_tenant(store_, text("acme"), &tenant_, nullptr), TULVING_OK);
    for (int i = 0; i < 6; ++i) {
      const std::string day = std::to_string(i + 1);
      add(R"({"text": "The router in rack )" + day +
              R"( was replaced on Monday.", "agent_id": "a",)" +
              R"("project_id": "p", "memory_type": "decision", "strength": 0.5,)" +
              R"("created_at": "2026-01-0)" + day + R"("})",
          {1, 0.01F * static_cast<float>(i), 0});
    }
    report_ = call("consolidate", R"({"now": "2026-01-08"})");
    return call("memory.list", R"({"filter": {"abstraction_level": 1}})");
  }

  std::string report_;
};

TEST_F(TextWriters, WriteAMerge) {
  Writer writer;
  writer.answer = "The router in each rack, 1, 2, 3, 4, 5 and 6, was replaced on Monday.";
  EXPECT_THAT(merge(writer), HasSubstr(writer.answer));
  EXPECT_GE(writer.calls, 1);
  EXPECT_THAT(writer.request, AllOf(HasSubstr(R"("kind":"merge")"), HasSubstr(R"("sources":[{)")));
  EXPECT_EQ(writer.destroyed, 0);
  tulving_store_free(store_);
  tulving_tenant_free(tenant_);
  EXPECT_EQ(writer.destroyed, 1);
}

TEST_F(TextWriters, ThatFailAreReported) {
  for (const bool throws : {false, true}) {
    Writer writer;
    writer.status = TULVING_BUSY;
    writer.message = "the model sleeps";
    writer.throws = throws;
    (void)merge(writer);
    EXPECT_THAT(report_, HasSubstr(throws ? "an exception left the callback" : writer.message));
    EXPECT_GE(writer.calls, 1);
    tulving_tenant_free(tenant_);
    tulving_store_free(store_);
    EXPECT_EQ(writer.destroyed, 1);
  }
}

TEST_F(TextWriters, AreLetGoWhereTheStoreIsNotOpened) {
  Writer writer;
  tulving_text_writer callbacks = writer.callbacks();
  auto options = sized<tulving_store_options>();
  options.writer = &callbacks;
  options.durability = 99;
  tulving_store* store = nullptr;
  EXPECT_EQ(tulving_store_open(nullptr, &options, &store, nullptr), TULVING_INVALID_ARGUMENT);
  EXPECT_EQ(writer.destroyed, 1);
  callbacks.write = nullptr;
  options.durability = 0;
  EXPECT_EQ(tulving_store_open(nullptr, &options, &store, nullptr), TULVING_INVALID_ARGUMENT);
  EXPECT_EQ(writer.destroyed, 2);
}

}  // namespace
}  // namespace tulving::testing
