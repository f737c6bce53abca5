// A session that ends without a summary gets one of what its memories say.

#include "tests/engine/one_tenant.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using namespace std::chrono_literals;

class SessionEnd : public OneTenantInRam {
 protected:
  SessionEnd() { put(session()); }

  static Session session() {
    Session session;
    session.session_id = "morning";
    return session;
  }
  Session ended() {
    Session session = SessionEnd::session();
    session.ended_at = clock_.now();
    return session;
  }
  PutResult<Session> put(const Session& session) { return value_of(tenant_->put(session)); }
  Uuid say(const std::string& text, Timestamp created_at, const std::string& session = "morning") {
    Memory one = memory(text);
    one.session_id = session;
    one.created_at = created_at;
    return value_of(tenant_->add(one)).id;
  }
  std::string summary() { return value_of(tenant_->get<Session>("morning")).summary; }
};

TEST_F(SessionEnd, SumsUpWhatItsMemoriesSayInTheirOrder) {
  const Timestamp begin = clock_.now() - 1h;
  say("The roof leaks.", begin + 2min);
  say("It rained.", begin + 1min);
  say("Elsewhere the sun shone.", begin, "");
  Memory mute;
  mute.session_id = "morning";
  mute.content = R"({"level":3})";
  mute.created_at = begin;
  value_of(tenant_->add(mute));
  EXPECT_EQ(put(ended()).record.summary, "It rained.\nThe roof leaks.");
  EXPECT_EQ(summary(), "It rained.\nThe roof leaks.");
}

TEST_F(SessionEnd, SumsUpInAnUpdateToo) {
  say("It rained.", clock_.now());
  auto updated = tenant_->update<Session>("morning", [&](Session& session) -> Status {
    session.ended_at = clock_.now();
    return {};
  });
  EXPECT_EQ(value_of(updated).record.summary, "It rained.");
}

TEST_F(SessionEnd, KeepsTheSummaryThatIsGiven) {
  say("It rained.", clock_.now());
  Session session = ended();
  session.summary = "Weather";
  EXPECT_EQ(put(session).record.summary, "Weather");
}

TEST_F(SessionEnd, OfASessionThatSaidNothingLeavesItEmpty) {
  EXPECT_EQ(put(ended()).record.summary, "");
  EXPECT_EQ(put(ended()).effect, WriteEffect::kUnchanged);
}

TEST_F(SessionEnd, OfASessionThatGoesOnLeavesItEmpty) {
  say("It rained.", clock_.now());
  EXPECT_EQ(put(session()).record.summary, "");
}

TEST_F(SessionEnd, IsTheSameWhenItIsPutAgain) {
  say("It rained.", clock_.now());
  const Session session = ended();
  EXPECT_EQ(put(session).effect, WriteEffect::kUpdated);
  EXPECT_EQ(put(session).effect, WriteEffect::kUnchanged);
}

// As an import does it that is repeated: there the memories come after their session.
TEST_F(SessionEnd, ThatWasWithoutASummaryStaysSo) {
  const Session session = ended();
  put(session);
  say("It rained.", clock_.now());
  EXPECT_EQ(put(session).effect, WriteEffect::kUnchanged);
  EXPECT_EQ(summary(), "");
}

TEST_F(SessionEnd, FitsWhateverWasSaid) {
  for (int i = 0; i < 300; ++i) {
    say("Sentence number " + std::to_string(i) + ".", clock_.now() + std::chrono::seconds(i));
  }
  const std::string made = put(ended()).record.summary;
  EXPECT_TRUE(made.starts_with("Sentence number 0.\nSentence number 1.\n")) << made;
  EXPECT_LE(made.size(), 200U);
}

TEST_F(SessionEnd, SaysNothingMoreOfAMemoryThatIsErasedOrForgotten) {
  const Uuid secret = say("The code is 4711.", clock_.now());
  say("It rained.", clock_.now() + 1s);
  const Uuid other = say("The roof leaks.", clock_.now() + 2s);
  put(ended());
  EXPECT_THAT(tenant_->erase(secret), Succeeds());
  EXPECT_EQ(summary(), "It rained.\nThe roof leaks.");
  EXPECT_THAT(tenant_->forget(other), Succeeds());
  EXPECT_EQ(summary(), "It rained.");
}

TEST_F(SessionEnd, FollowsAMemoryThatIsChanged) {
  const Uuid id = say("It rained.", clock_.now());
  put(ended());
  MemoryPatch patch;
  patch.text = "It snowed.";
  value_of(tenant_->update(id, patch));
  EXPECT_EQ(summary(), "It snowed.");
}

TEST_F(SessionEnd, LeavesTheCallersSummaryWhenAMemoryGoes) {
  const Uuid id = say("It rained.", clock_.now());
  Session session = ended();
  session.summary = "Weather";
  put(session);
  EXPECT_THAT(tenant_->erase(id), Succeeds());
  EXPECT_EQ(summary(), "Weather");
}

}  // namespace
}  // namespace tulving
