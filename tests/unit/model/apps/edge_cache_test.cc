// Edge cache: what a store keeps, when a PoP serves it, what is purged, what visitors are told is broken.
#include <gtest/gtest.h>

#include <map>

#include "model/apps/edge_cache/edge_pop.h"
#include "model/apps/edge_cache/edge_truths.h"
#include "model/apps/edge_cache/pages.h"
#include "scripted_copy.h"

namespace tidemark::model::testing {
namespace {

using Urls = std::vector<std::string>;

SessionToken at(std::uint32_t sequence) {
  return SessionToken::of(bookmark(sequence));
}

/// Item, category, name, revision.
struct Row {
  std::int64_t id, category;
  std::string name;
  std::int64_t revision;
};

ResultSetRef rows(const std::vector<Row>& all) {
  ResultSet::Builder builder(column_names({"id", "category", "name", "revision"}));
  for (const Row& row : all) {
    builder.add_integer(row.id);
    builder.add_integer(row.category);
    builder.add_text(row.name);
    builder.add_integer(row.revision);
  }
  return builder.finish();
}

ResultSetRef state(std::int64_t revision) {
  ResultSet::Builder builder(column_names({"revision"}));
  builder.add_integer(revision);
  return builder.finish();
}

ActionBody item(std::int64_t id) {
  return {"item", {id}};
}
ActionBody list(std::int64_t category) {
  return {"list", {category}};
}
ActionBody rename(std::int64_t id, const std::string& name) {
  return {"rename", {id, name}};
}

CachedAnswer answer(ActionBody page, const std::vector<Row>& shown) {
  CachedAnswer made;
  made.request = std::move(page);
  made.shown = {state(1), rows(shown)};
  made.expires = sim::Instant() + 10_s;
  note_dependencies(made);
  return made;
}

TEST(CacheStore, KnowsWhatDependsOnARecordOrATable) {
  CacheStore store(10'000);
  store.put("/items/7", answer(item(7), {{7, 2, "fern", 1}}));
  store.put("/items/9", answer(item(9), {}));
  store.put("/categories/2/items", answer(list(2), {{7, 2, "fern", 1}, {8, 2, "dune", 1}}));
  EXPECT_EQ(store.urls_of_record("item 7"), (Urls{"/categories/2/items", "/items/7"}));
  EXPECT_EQ(store.urls_of_record("item 9"), (Urls{"/items/9"})) << "what is not there may come";
  EXPECT_EQ(store.urls_of_record("category 2"), (Urls{"/categories/2/items"}));
  EXPECT_EQ(store.urls_of_table("items"), (Urls{"/categories/2/items"}));
  store.put("/categories/2/items", answer(list(2), {{8, 2, "dune", 1}}));
  EXPECT_EQ(store.urls_of_record("item 7"), (Urls{"/items/7"})) << "the list does not show it any more";
  EXPECT_TRUE(store.drop("/items/7"));
  EXPECT_FALSE(store.drop("/items/7"));
  EXPECT_EQ(store.urls_of_record("item 7"), Urls());
}

TEST(CacheStore, ForgetsWhatHasExpired) {
  CacheStore store(10'000);
  store.put("/items/7", answer(item(7), {{7, 2, "fern", 1}}));
  EXPECT_NE(store.find("/items/7", sim::Instant() + 9_s), nullptr);
  EXPECT_EQ(store.find("/items/7", sim::Instant() + 10_s), nullptr);
  EXPECT_EQ(store.size(), 0U);
  EXPECT_EQ(store.bytes(), 0U);
  EXPECT_EQ(store.urls_of_record("item 7"), Urls());
}

TEST(CacheStore, LetsGoWhatWasUsedLeastRecently) {
  CacheStore store(400);
  for (std::int64_t id = 1; id <= 3; ++id) store.put(url_of(item(id)), answer(item(id), {{id, 1, "fern", 1}}));
  ASSERT_EQ(store.size(), 3U);
  EXPECT_NE(store.find("/items/1", {}), nullptr);
  while (store.size() >= 3) store.put("/items/4", answer(item(4), {{4, 1, std::string(store.bytes(), 'x'), 1}}));
  EXPECT_LE(store.bytes(), 400U);
  EXPECT_EQ(store.find("/items/2", {}), nullptr);
  store.put("/items/5", answer(item(5), {{5, 1, std::string(500, 'x'), 1}}));
  EXPECT_EQ(store.find("/items/5", {}), nullptr) << "larger than everything";
}

/// One PoP, and a copy that answers its refills.
struct PopSide : WorkerSide {
  explicit PopSide(CacheStrategy strategy, CacheRefill refill = CacheRefill::kOff) {
    options_of_cache.strategy = strategy;
    options_of_cache.refill = refill;
  }
  EdgePop& pop() {
    if (!made) made.emplace(context, options_of_cache, EdgeMistakes{});
    return *made;
  }
  void keep(const ActionBody& page, const std::vector<Row>& shown, std::uint32_t read_at) {
    pop().keep(page, {state(1), rows(shown)}, at(read_at));
  }
  bool has(const ActionBody& page, const SessionToken& held = SessionToken()) {
    return pop().look_up(page, held) != nullptr;
  }
  void written(const ActionBody& write, const Row& row, std::uint32_t read_at) {
    pop().written(write, {state(row.revision), rows({row})}, at(read_at));
  }
  std::string name_of_item(std::int64_t id) {
    const CachedAnswer* const found = pop().look_up(item(id), SessionToken());
    return found == nullptr ? "" : read_page(found->shown).rows.at(0).name;
  }
  CacheOptions options_of_cache;
  AppContext context{worker_node, database, options, SessionMode::kBookmark, {}};
  std::optional<EdgePop> made;
};

TEST(EdgePop, ServesATaggedAnswerOnlyToSessionsThatKnowOfNothingNewer) {
  PopSide side(CacheStrategy::kBookmark);
  side.keep(item(7), {{7, 2, "fern", 1}}, 5);
  EXPECT_EQ(side.pop().name(), "FRA");
  EXPECT_TRUE(side.has(item(7)));
  EXPECT_TRUE(side.has(item(7), SessionToken::first_unconstrained()));
  EXPECT_TRUE(side.has(item(7), at(5)));
  EXPECT_FALSE(side.has(item(7), at(6)));
  EXPECT_FALSE(side.has(item(7), SessionToken::first_primary()));
  EXPECT_FALSE(side.has(item(7), SessionToken::parse("not a bookmark")));
  EXPECT_FALSE(side.has(item(8)));
  side.keep(item(7), {{7, 2, "dune", 3}}, 4);
  EXPECT_EQ(side.name_of_item(7), "fern") << "a late answer to an earlier query";
  side.keep(item(7), {{7, 2, "heron", 9}}, 6);
  EXPECT_TRUE(side.has(item(7), at(6)));
}

TEST(EdgePop, ServesWhatHasNoTagToEverybody) {
  PopSide side(CacheStrategy::kExpiry);
  side.keep(item(7), {{7, 2, "fern", 1}}, 5);
  EXPECT_TRUE(side.has(item(7), at(6)));
  side.keep(item(7), {{7, 2, "dune", 0}}, 4);
  EXPECT_EQ(side.name_of_item(7), "dune") << "what comes last is kept";
  PopSide off(CacheStrategy::kOff);
  off.keep(item(7), {{7, 2, "fern", 1}}, 5);
  EXPECT_FALSE(off.has(item(7)));
}

TEST(EdgePop, ARouteHasAnExpiryOfItsOwn) {
  PopSide side(CacheStrategy::kExpiry);
  side.options_of_cache.list_expiry = 2_s;
  side.keep(item(7), {{7, 2, "fern", 1}}, 5);
  side.keep(list(2), {{7, 2, "fern", 1}}, 5);
  side.world.run_for(3_s);
  EXPECT_TRUE(side.has(item(7)));
  EXPECT_FALSE(side.has(list(2)));
  side.world.run_for(sim::Duration::seconds(86'400));
  EXPECT_FALSE(side.has(item(7)));
}

void keep_all(PopSide& side) {
  side.keep(item(7), {{7, 2, "fern", 1}}, 5);
  side.keep(item(8), {{8, 2, "dune", 1}}, 5);
  side.keep(list(2), {{7, 2, "fern", 1}, {8, 2, "dune", 1}}, 5);
  side.keep(list(3), {{9, 3, "cedar", 1}}, 5);
  side.keep({"newest", {}}, {{7, 2, "fern", 1}}, 5);
}

TEST(EdgePop, ByHandOnlyWhatComesToMindIsPurged) {
  PopSide side(CacheStrategy::kManual);
  keep_all(side);
  side.written(rename(7, "heron"), {7, 2, "heron", 6}, 6);
  EXPECT_FALSE(side.has(item(7)));
  EXPECT_FALSE(side.has(list(2)));
  EXPECT_TRUE(side.has({"newest", {}})) << "it shows item 7 too";
  side.written({"relabel", {std::int64_t{3}, std::string("ember")}}, {3, 3, "ember", 7}, 7);
  EXPECT_FALSE(side.has(list(3)));
}

TEST(EdgePop, TrackingPurgesWhatDependsOnTheRecordAndUpdatesItsOwnPage) {
  PopSide side(CacheStrategy::kTracking);
  keep_all(side);
  side.written(rename(7, "heron"), {7, 2, "heron", 6}, 6);
  EXPECT_EQ(side.name_of_item(7), "heron");
  EXPECT_TRUE(side.has(item(8)));
  EXPECT_FALSE(side.has(list(2)));
  EXPECT_TRUE(side.has(list(3)));
  EXPECT_FALSE(side.has({"newest", {}}));
  side.written({"add", {std::int64_t{30}, std::int64_t{2}, std::string("grove")}}, {30, 2, "grove", 7}, 7);
  EXPECT_FALSE(side.has(list(3))) << "an insert touches every list of the table";
  EXPECT_TRUE(side.has(item(8)));
  EXPECT_EQ(side.name_of_item(30), "grove");
  keep_all(side);
  side.written({"relabel", {std::int64_t{2}, std::string("ember")}}, {2, 2, "ember", 8}, 8);
  EXPECT_TRUE(side.has(list(2))) << "this write passes by the cache";
  side.options_of_cache.local_update = false;
  side.made.reset();
  keep_all(side);
  side.written(rename(7, "heron"), {7, 2, "heron", 6}, 6);
  EXPECT_FALSE(side.has(item(7)));
}

TEST(EdgePop, ATaggedCachePurgesNothing) {
  PopSide side(CacheStrategy::kBookmark);
  keep_all(side);
  side.written(rename(7, "heron"), {7, 2, "heron", 6}, 6);
  EXPECT_TRUE(side.has(item(7), at(6)));
  EXPECT_EQ(side.name_of_item(7), "heron");
  EXPECT_TRUE(side.has(list(2))) << "for those who know of nothing newer";
  EXPECT_FALSE(side.has(list(2), at(6)));
}

TEST(EdgePop, RefillsWhatWasPurgedByTheRuleOfTheScenario) {
  for (const CacheRefill refill : {CacheRefill::kOff, CacheRefill::kNearest, CacheRefill::kBookmark}) {
    PopSide side(CacheStrategy::kTracking, refill);
    keep_all(side);
    side.copy.script.push_back({});
    side.copy.script.back().bookmark = at(6);
    side.pop().purge({std::string("record"), std::string("item 7"), std::string("what"), std::int64_t{1}}, at(6));
    EXPECT_FALSE(side.has(item(7)));
    EXPECT_TRUE(side.has(list(3)));
    side.world.run_for(1_s);
    EXPECT_EQ(side.has(item(7)), refill != CacheRefill::kOff);
    EXPECT_EQ(side.has(list(2)), refill != CacheRefill::kOff);
    ASSERT_EQ(side.copy.seen.size(), refill == CacheRefill::kOff ? 0U : 3U);
    for (const auto& request : side.copy.seen)
      EXPECT_EQ(request->token.text(), refill == CacheRefill::kBookmark ? at(6).text() : "first-unconstrained");
  }
}

/// Another PoP, that writes down what it is told.
class OtherPop final : public RpcHandler {
 public:
  explicit OtherPop(PathWorld::Node& node) : node_(node), server_(*this) { node.network().listen(&server_); }
  ~OtherPop() override { node_.network().listen(nullptr); }
  std::vector<HttpRequestRef> told;

 private:
  void on_request(RpcPeer, const sim::PayloadRef& message) override {
    told.push_back(boost::static_pointer_cast<const HttpRequest>(message));
  }
  PathWorld::Node& node_;
  RpcServer server_;
};

TEST(EdgePop, TellsEveryOtherPopOverTheNetworkWhatToPurge) {
  for (const CacheStrategy strategy : {CacheStrategy::kExpiry, CacheStrategy::kTracking, CacheStrategy::kBookmark}) {
    PopSide side(strategy);
    OtherPop other(side.world.node("worker/SYD", "SYD"));
    const std::vector<std::uint32_t> workers = {side.worker_node.process().id(), 3};
    side.context.workers = workers;
    side.written(rename(7, "heron"), {7, 2, "heron", 6}, 6);
    side.world.run_for(50_ms);
    EXPECT_TRUE(other.told.empty()) << "Sydney is not that near";
    side.world.run_for(1_s);
    ASSERT_EQ(other.told.size(), strategy == CacheStrategy::kTracking ? 1U : 0U);
    if (other.told.empty()) continue;
    const auto& body = std::get<ActionBody>(other.told.front()->body);
    EXPECT_EQ(body.name, "purge");
    EXPECT_EQ(body.values, (std::vector<SqlValue>{std::string("record"), std::string("item 7")}));
    EXPECT_EQ(other.told.front()->bookmark.text(), at(6).text());
  }
}

class Visitors : public ::testing::Test {
 protected:
  void end(std::uint32_t session, const ActionBody& action, std::vector<ResultSetRef> shown,
           std::int64_t invoked_ms = 0, std::int64_t completed_ms = 0) {
    const EndedAction ended{
        session, action, ActionOutcome::kOk, shown, sim::Instant() + ms(invoked_ms), sim::Instant() + ms(completed_ms)};
    truths.ended(
        ended, [this](std::string_view name, std::string witness) { broken[std::string(name)] = std::move(witness); });
    read = account.ended(ended);
  }
  static sim::Duration ms(std::int64_t number) { return sim::Duration::milliseconds(number); }
  static ResultSetRef cache() { return source_of(true, "FRA", sim::Duration::milliseconds(1234)); }
  static ResultSetRef database() { return source_of(false, "FRA", {}); }
  EdgeTruths truths;
  EdgeAccount account;
  std::optional<EdgeAccount::Read> read;
  std::map<std::string, std::string> broken;
};

TEST_F(Visitors, AreContentWithWhatTheyKnow) {
  end(1, item(7), {state(3), rows({{7, 2, "fern", 3}}), database()});
  end(2, rename(7, "heron"), {state(4), rows({{7, 2, "heron", 4}})});
  end(1, item(7), {state(3), rows({{7, 2, "fern", 3}}), cache()});  // it is old, and session 1 knows of nothing newer
  end(2, item(8), {state(1), rows({{8, 2, "dune", 0}}), cache()});  // it is as it was when session 2 wrote
  end(2, list(3), {state(1), rows({{9, 3, "cedar", 0}}), cache()});
  end(2, item(7), {state(4), rows({{7, 2, "heron", 4}}), cache()});
  EXPECT_TRUE(broken.empty()) << broken.begin()->second;
}

TEST_F(Visitors, MissWhatTheyWrote) {
  end(4, rename(17, "cedar 31"), {state(31), rows({{17, 1, "cedar 31", 31}})});
  end(4, item(17), {state(12), rows({{17, 1, "item 17", 0}}), cache()});
  EXPECT_EQ(broken["own-changes-shown"],
            "session 4 renamed item 17 to \"cedar 31\" (change 31) and then read its old name \"item 17\" from the "
            "cache in FRA, as it was after change 12, kept there for 1234 ms");
  end(4, list(1), {state(12), rows({{17, 1, "item 17", 0}}), cache()});
  EXPECT_NE(broken["own-changes-shown"].find("its old name in a list (/categories/1/items)"), std::string::npos);
  end(4, {"add", {std::int64_t{40}, std::int64_t{3}, std::string("dune 5")}},
      {state(32), rows({{40, 3, "dune 5", 32}})});
  end(4, list(3), {state(31), rows({}), cache()});
  EXPECT_NE(broken["own-changes-shown"].find("added item 40 \"dune 5\" to category 3 (change 32) and then read a list "
                                             "without it (/categories/3/items) from the cache in FRA"),
            std::string::npos);
  end(4, {"relabel", {std::int64_t{3}, std::string("ember")}}, {state(33), rows({{3, 3, "ember", 33}})});
  end(4, list(3), {state(32), rows({{40, 3, "dune 5", 32}}), cache()});
  EXPECT_NE(broken["own-changes-shown"].find("relabelled category 3 as \"ember\" (change 33)"), std::string::npos);
  EXPECT_EQ(broken.size(), 1U);
}

TEST_F(Visitors, SeeOldAfterNew) {
  end(1, rename(7, "heron"), {state(4), rows({{7, 2, "heron", 4}})});
  end(2, item(8), {state(5), rows({{8, 2, "dune", 0}}), database()});
  end(2, item(7), {state(3), rows({{7, 2, "fern", 0}}), cache()});
  EXPECT_EQ(broken["never-shown-older"],
            "session 2 had been shown the state after change 5, in which session 1 had renamed item 7 to \"heron\" "
            "(change 4), and then read its old name \"fern\" from the cache in FRA, as it was after change 3, kept "
            "there for 1234 ms");
  EXPECT_EQ(broken.size(), 1U);
}

TEST_F(Visitors, SeeMixedStates) {
  end(1, list(2), {state(3), rows({{7, 2, "heron", 4}}), cache()});
  EXPECT_EQ(broken["shows-one-state"],
            "/categories/2/items, shown to session 1 by the cache in FRA as it was after change 3, shows item 7 "
            "\"heron\" as of change 4");
  end(1, item(8), {state(4), rows({{7, 2, "heron", 4}}), cache()});
  EXPECT_EQ(broken["shows-one-state"], "/items/8, shown to session 1 by the cache in FRA, shows item 7");
  end(1, item(7), {state(4), rows({{7, 2, "fern", 4}}), cache()});
  EXPECT_NE(broken["shows-one-state"].find("shows item 7 as \"fern\"; change 4 renamed item 7 to \"heron\""),
            std::string::npos);
  EXPECT_EQ(broken.size(), 1U);
}

TEST_F(Visitors, AnAddedItemThatWasRenamedBeforeItsAnswerCameIsAnothersChange) {
  const ActionBody add{"add", {std::int64_t{40}, std::int64_t{3}, std::string("dune 5")}};
  end(1, add, {state(9), rows({{40, 3, "heron", 8}})});
  end(1, list(3), {state(8), rows({{40, 3, "heron", 8}}), cache()});
  EXPECT_TRUE(broken.empty()) << broken.begin()->second;
}

TEST_F(Visitors, TheAccountMeasuresWhatIsStale) {
  end(1, rename(7, "heron"), {state(4), rows({{7, 2, "heron", 4}})}, 900, 1000);
  EXPECT_FALSE(read);
  end(2, item(7), {state(3), rows({{7, 2, "fern", 0}}), cache()}, 1500, 1510);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->hit);
  EXPECT_EQ(read->stale, sim::Duration::milliseconds(500));
  EXPECT_EQ(read->broken, 0U) << "session 2 knows of nothing";
  end(1, item(7), {state(3), rows({{7, 2, "fern", 0}}), cache()}, 990, 1600);
  EXPECT_FALSE(read->stale) << "asked for before the write was acknowledged";
  EXPECT_EQ(read->broken, 1U);
  end(1, item(7), {state(4), rows({{7, 2, "heron", 4}}), database()}, 1700, 1800);
  EXPECT_FALSE(read->hit);
  EXPECT_FALSE(read->stale);
}

}  // namespace
}  // namespace tidemark::model::testing
