// The embedder of a server, against a server: what is sent, what is believed of the answer, what is
// tried again, and that the key is told to nobody else.

#include <absl/strings/escaping.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "tests/embedding/openai/embedding_server.h"
#include "tulving/embedders.h"

namespace tulving {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using testing::EmbeddingServer;
using ::testing::HasSubstr;
using ::testing::Not;

// Of a text its length and its first letter, as a server's model would.
std::vector<float> vector_of(const std::string& text) {
  return {static_cast<float>(text.size()), static_cast<float>(text[0]), 0.25F};
}

std::string base64(const std::vector<float>& floats) {
  return absl::Base64Escape({reinterpret_cast<const char*>(floats.data()), floats.size() * 4});
}

// In another order than they were asked for, with their indexes.
std::string vectors(const EmbeddingServer::Request& request, bool as_base64) {
  const json asked = json::parse(request.body);
  json data = json::array();
  for (std::size_t i = asked["input"].size(); i-- > 0;) {
    const auto floats = vector_of(asked["input"][i]);
    json entry = {{"object", "embedding"}, {"index", i}};
    if (as_base64) {
      entry["embedding"] = base64(floats);
    } else {
      entry["embedding"] = floats;
    }
    data.push_back(entry);
  }
  return EmbeddingServer::answer(200, json({{"object", "list"}, {"data", data}}).dump());
}

class OpenAi : public ::testing::Test {
 protected:
  OpenAi() { ::unsetenv("OPENAI_API_KEY"); }
  ~OpenAi() override { ::unsetenv("OPENAI_API_KEY"); }
  Result<std::shared_ptr<const Embedder>> open(EmbeddingServer::Answer answer) {
    server_.emplace(std::move(answer));
    options_.url = server_->url();
    return open_openai(options_);
  }
  /// What is told of a server that answers one text so.
  Error error_of(EmbeddingServer::Answer answer) {
    const auto embedder = open(std::move(answer));
    EXPECT_TRUE(embedder.has_value());
    const std::string_view text = "text";
    const auto floats = (*embedder)->embed_documents({&text, 1});
    EXPECT_FALSE(floats.has_value());
    return floats.has_value() ? Error{} : floats.error();
  }
  Error error_of(const std::string& body) {
    return error_of([=](const auto&, std::size_t) { return EmbeddingServer::answer(200, body); });
  }

  OpenAiOptions options_{.model = "m", .dim = 3, .retries = 0};
  std::optional<EmbeddingServer> server_;
};

TEST_F(OpenAi, MakesVectorsInTheOrderOfTheTexts) {
  for (const bool as_base64 : {true, false}) {
    const auto embedder =
        open([=](const auto& request, std::size_t) { return vectors(request, as_base64); });
    ASSERT_TRUE(embedder) << embedder.error().message;
    const std::vector<std::string_view> texts = {"one", "three", "\xc3\xa9\"\\\n"};
    const auto floats = (*embedder)->embed_documents(texts);
    ASSERT_TRUE(floats) << floats.error().message;
    std::vector<float> expected;
    for (const auto text : texts) {
      for (const float x : vector_of(std::string(text))) expected.push_back(x);
    }
    EXPECT_EQ(*floats, expected);
    EXPECT_EQ((*embedder)->identity(), (EmbedderIdentity{"m", 3, false}));
  }
}

TEST_F(OpenAi, SendsPrefixesAndCutsWhereACharacterEnds) {
  options_.document_prefix = "passage: ";
  options_.query_prefix = "query: ";
  options_.text_bytes_max = 4;
  const auto embedder =
      open([](const auto& request, std::size_t) { return vectors(request, true); });
  const std::string_view text = "abc\xc3\xa9";
  ASSERT_TRUE((*embedder)->embed_documents({&text, 1}));
  ASSERT_TRUE((*embedder)->embed_query("q"));
  EXPECT_EQ(json::parse(server_->requests()[0].body)["input"][0], "passage: abc");
  EXPECT_EQ(json::parse(server_->requests()[1].body)["input"][0], "query: q");
  EXPECT_THAT(server_->requests()[0].head, HasSubstr("POST /v1/embeddings "));
}

TEST_F(OpenAi, FindsTheDimensionOut) {
  options_.dim = 0;
  const auto embedder =
      open([](const auto& request, std::size_t) { return vectors(request, true); });
  ASSERT_TRUE(embedder) << embedder.error().message;
  EXPECT_EQ((*embedder)->identity().dim, 3U);
}

TEST_F(OpenAi, TriesAgainWhatIsRefusedForNow) {
  options_.retries = 3;
  const auto embedder = open([](const auto& request, std::size_t number) {
    if (number == 0) return EmbeddingServer::answer(429, "", "Retry-After: 1\r\n");
    if (number == 1) return EmbeddingServer::answer(503, "busy");
    if (number == 2) return std::string();  // The connection breaks off.
    return vectors(request, true);
  });
  const std::string_view text = "text";
  const auto floats = (*embedder)->embed_documents({&text, 1});
  ASSERT_TRUE(floats) << floats.error().message;
  EXPECT_EQ(server_->requests().size(), 4U);
}

TEST_F(OpenAi, GivesUpAfterItsRetries) {
  options_.retries = 1;
  const Error error =
      error_of([](const auto&, std::size_t) { return EmbeddingServer::answer(500, "broken"); });
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_THAT(error.message, HasSubstr("HTTP 500: broken"));
  EXPECT_EQ(server_->requests().size(), 2U);
}

TEST_F(OpenAi, TellsTheServersReason) {
  const auto with = [&](int status) {
    return error_of([=](const auto&, std::size_t) {
      return EmbeddingServer::answer(status, R"({"error":{"message":"input \u00e9 too\nlong"}})");
    });
  };
  EXPECT_EQ(with(400).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(with(413).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(with(401).code, ErrorCode::kIo);
  EXPECT_EQ(with(404).code, ErrorCode::kIo);
  EXPECT_EQ(with(429).code, ErrorCode::kBusy);
  EXPECT_THAT(with(400).message, HasSubstr("HTTP 400: input \xc3\xa9 too long"));
  EXPECT_THAT(with(401).message, HasSubstr("the key is refused"));
}

TEST_F(OpenAi, BelievesNoNonsense) {
  for (const char* body :
       {"", "x", "{}", R"({"data":7})", R"({"data":[]})", R"({"data":[{}]})",
        R"({"data":[{"embedding":[1,2]}]})", R"({"data":[{"embedding":[1,2,3,4]}]})",
        R"({"data":[{"embedding":["1","2","3"]}]})", R"({"data":[{"embedding":"AAAA"}]})",
        R"({"data":[{"embedding":"?"}]})", R"({"data":[{"index":1,"embedding":[1,2,3]}]})",
        R"({"data":[{"index":-1,"embedding":[1,2,3]}]})",
        R"({"data":[{"embedding":[1,2,3]},{"embedding":[1,2,3]}]})",
        R"({"data":[{"index":0,"embedding":[1,2,3]},{"index":0,"embedding":[1,2,3]}]})"}) {
    EXPECT_EQ(error_of(std::string(body)).code, ErrorCode::kIo) << body;
  }
}

TEST_F(OpenAi, WaitsNoLongerThanItIsTold) {
  options_.timeout = std::chrono::milliseconds(100);
  const Error error = error_of([](const auto&, std::size_t) {
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    return EmbeddingServer::answer(200, "late");
  });
  EXPECT_EQ(error.code, ErrorCode::kIo);
}

TEST_F(OpenAi, SendsTheKeyAndNamesItNowhere) {
  ::setenv("OPENAI_API_KEY", "sk-secret", 1);
  const Error error = error_of([](const auto&, std::size_t) {
    return EmbeddingServer::answer(401, "", "Location: http://elsewhere/\r\n");
  });
  EXPECT_THAT(server_->requests()[0].head, HasSubstr("Authorization: Bearer sk-secret\r\n"));
  EXPECT_THAT(error.message, Not(HasSubstr("sk-secret")));
  ::setenv("OPENAI_API_KEY", "a\nb", 1);
  const auto refused = open_openai(options_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, Not(HasSubstr("a\nb")));
}

TEST_F(OpenAi, DoesNotFollowARedirect) {
  const Error error = error_of([&](const auto&, std::size_t) {
    return EmbeddingServer::answer(302, "", "Location: " + server_->url() + "/stolen\r\n");
  });
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_EQ(server_->requests().size(), 1U);
}

TEST_F(OpenAi, RefusesOptionsOutOfRange) {
  const auto field_of = [](const auto& change) {
    OpenAiOptions options{.url = "http://127.0.0.1:1/v1", .model = "m", .dim = 3};
    change(options);
    const auto opened = open_openai(options);
    return opened.has_value() ? std::string("opened") : opened.error().field;
  };
  EXPECT_EQ(field_of([](auto& o) { o.url = "ftp://x"; }), "url");
  EXPECT_EQ(field_of([](auto& o) { o.url = "http://x/"; }), "url");
  EXPECT_EQ(field_of([](auto& o) { o.url = "http://user:key@x/v1"; }), "url");
  EXPECT_EQ(field_of([](auto& o) { o.model = ""; }), "model");
  EXPECT_EQ(field_of([](auto& o) { o.dim = 4097; }), "dim");
  EXPECT_EQ(field_of([](auto& o) { o.batch = 0; }), "batch");
  EXPECT_EQ(field_of([](auto& o) { o.retries = 11; }), "retries");
  EXPECT_EQ(field_of([](auto& o) { o.timeout = {}; }), "timeout");
  EXPECT_EQ(field_of([](auto& o) { o.key_file = "/nowhere/key"; }), "key_file");
  EXPECT_EQ(field_of([](auto&) {}), "opened");
}

TEST_F(OpenAi, ManyThreadsAtOnce) {
  const auto embedder =
      open([](const auto& request, std::size_t) { return vectors(request, true); });
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const std::string text(static_cast<std::size_t>(t * 10 + i + 1), 'x');
        const auto floats = (*embedder)->embed_query(text);
        if (floats && *floats == vector_of(text)) ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 40);
}

TEST(EmbedderNames, AreRead) {
  const auto none = open_embedder("none");
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, nullptr);
  const auto server = open_embedder(
      "http://127.0.0.1:1/v1#nomic,dim=5,batch=9,text-bytes-max=77,query-prefix=search_query: ");
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ((*server)->identity(), (EmbedderIdentity{"nomic", 5, false}));
  EXPECT_EQ((*server)->batch_limit(), 9U);
  EXPECT_EQ((*server)->text_limit().count, 77U);
  for (const char* name : {"", "lite", "http://x", "http://x#m,dim", "http://x#m,dim=a",
                           "http://x#m,colour=red", "http://x#"}) {
    const auto refused = open_embedder(name);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument) << name;
  }
}

}  // namespace
}  // namespace tulving
