// Time Travel on a whole cluster under load: a restore to any bookmark of a run gives exactly the state that the
// database had there, at the primary and at every replica, and its undo bookmark brings back the state before.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "model/cluster/cluster.h"
#include "model/cluster/host_node.h"
#include "model/sqlite/image.h"
#include "model/types/null_observer.h"

namespace tidemark {
namespace {

using namespace sim::literals;
using model::Bookmark;

constexpr char kPrimary[] = "db-a/primary";

/// Reference images of a run: what every entry left, put together here from the entries alone.
class History final : public model::NullObserver {
 public:
  using Pages = std::vector<sim::BufferRef>;

  void on_snapshot(std::uint32_t, const Bookmark& label, const model::PageReader& pages) override {
    if (!label.is_origin()) return;
    Pages& origin = images_[label];
    for (std::uint32_t page = 1; page <= pages.pages(); ++page) origin.push_back(pages.page(page));
  }
  void on_commit(std::uint32_t, const model::EntryRef& entry) override { entries_.push_back(entry); }
  void on_restore(std::uint32_t, const Bookmark& restored, const Bookmark& target, const Bookmark& undo) override {
    restores.push_back({restored, target, undo});
  }

  /// What leads to the newest entry, from the first: entries that a takeover dropped are not among them.
  std::vector<Bookmark> bookmarks() const {
    std::vector<Bookmark> log;
    Bookmark next = entries_.back()->bookmark();
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
      if ((*entry)->bookmark() != next) continue;
      log.push_back(next);
      next = (*entry)->previous();
    }
    std::reverse(log.begin(), log.end());
    return log;
  }
  const Pages& at(const Bookmark& bookmark) {
    for (; done_ < entries_.size(); ++done_) {
      const model::Entry& entry = *entries_[done_];
      Pages pages = images_.at(entry.previous());
      for (const model::EntryFrame& frame : entry.frames()) {
        if (frame.page > pages.size()) pages.resize(frame.page);
        pages[frame.page - 1] = frame.bytes;
      }
      pages.resize(entry.database_pages());
      images_[entry.bookmark()] = std::move(pages);
    }
    return images_.at(bookmark);
  }

  struct Restore {
    Bookmark restored, target, undo;
  };
  std::vector<Restore> restores;

 private:
  std::vector<model::EntryRef> entries_;
  std::size_t done_ = 0;
  std::map<Bookmark, Pages> images_;
};

std::string difference(const model::PageReader& copy, const History::Pages& reference) {
  if (copy.pages() != reference.size()) return fmt::format("{} pages instead of {}", copy.pages(), reference.size());
  for (std::uint32_t page = 1; page <= copy.pages(); ++page) {
    const sim::BufferRef read = copy.page(page);
    if (read == nullptr || read->digest() != reference[page - 1]->digest()) return fmt::format("page {}", page);
  }
  return "";
}

model::ClusterOptions with_history(model::WorkloadKind kind) {
  model::ClusterOptions options;
  options.databases[0].placement = model::ReplicaPlacement::kExplicit;
  options.databases[0].replica_sites = {"FRA", "SYD"};
  options.late_boot = {};
  options.relay.cold_retention = 3600_s;
  options.relay.segment_period = 2_s;
  options.relay.checkpoint_frames = 100;
  options.workload.kind = kind;
  options.workload.clients = 12;
  options.workload.read_share = 0.3;
  options.workload.think_time = 100_ms;
  options.workload.reset_period = 5_s;
  options.workload.row_padding = 900;
  return options;
}

class TimeTravel : public testing::TestWithParam<model::WorkloadKind> {
 protected:
  TimeTravel() : cluster(with_history(GetParam()), {&history, nullptr}) {
    EXPECT_EQ(cluster.setup(), sim::RunEnd::kIdle) << cluster.unfinished();
  }

  using Response = boost::intrusive_ptr<model::RestoreResponse>;
  /// Runs until the host has answered; nullptr when it has not within a minute.
  Response restore(const Bookmark& target) {
    boost::intrusive_ptr<model::RestoreRequest> request(new model::RestoreRequest);
    request->bookmark = target;
    const std::uint32_t where = cluster.primary_host(0);
    Response answer;
    cluster.process(where).spawn(ask(cluster.host(where), std::move(request), answer));
    for (int i = 0; i < 60'000 && answer == nullptr; ++i) cluster.run(1_ms);
    return answer;
  }
  /// The primary's files and the newest entry, at an instant at which SQLite is not ahead of the log.
  std::string primary_differs() {
    model::HostNode& host = *cluster.host(cluster.primary_host(0));
    while (host.storage()->has_pending()) cluster.run(20_us);
    return difference(model::sqlite::Image(host.storage()->vfs()), history.at(host.leader()->committed()));
  }
  /// Every copy, once all is quiet, shows what the newest entry left.
  void expect_copies_equal_the_log() {
    ASSERT_TRUE(cluster.quiesce(120_s)) << cluster.unfinished();
    const Bookmark newest = history.bookmarks().back();
    for (const model::NodeInfo& node : cluster.nodes()) {
      if (node.role != model::NodeRole::kReplica && node.name != kPrimary) continue;
      EXPECT_EQ(difference(model::sqlite::Image(*cluster.vfs(node.process)), history.at(newest)), "") << node.name;
    }
  }

  static sim::Task<void> forget(model::HostNode* host, boost::intrusive_ptr<const model::RestoreRequest> request) {
    co_await host->restore(std::move(request));
  }

  History history;
  model::Cluster cluster;

 private:
  static sim::Task<void> ask(model::HostNode* host, boost::intrusive_ptr<const model::RestoreRequest> request,
                             Response& answer) {
    answer = co_await host->restore(std::move(request));
  }
};

/// Acceptance: 200 random bookmarks of a run, among them entries of the restores before. Clients go on all the time.
TEST_P(TimeTravel, EachOf200RandomBookmarksIsRestoredPageByPage) {
  cluster.run(60_s);
  sim::RandomStream& random = cluster.streams().stream("test", "bookmarks");
  const std::vector<Bookmark> before = history.bookmarks();
  ASSERT_GT(before.size(), 500U);
  // Not to before the tables were there: the clients would only fail from then on.
  const std::size_t first = before.size() / 50;
  for (int i = 0; i < 200; ++i) {
    const std::vector<Bookmark> known = history.bookmarks();
    // The last ones may not be confirmed yet.
    const Bookmark target = known[first + random.below(known.size() - first - 20)];
    const Response answer = restore(target);
    ASSERT_NE(answer, nullptr) << i;
    ASSERT_TRUE(answer->success) << i << ": " << answer->error;
    EXPECT_EQ(answer->target, target);
    EXPECT_GT(answer->restored, answer->undo);
    // The entry holds the old state, page by page, and so did the primary when it began to serve again.
    ASSERT_EQ(history.at(answer->restored).size(), history.at(target).size()) << i;
    for (std::size_t page = 0; page < history.at(target).size(); ++page)
      ASSERT_EQ(history.at(answer->restored)[page]->digest(), history.at(target)[page]->digest()) << i;
    ASSERT_EQ(primary_differs(), "") << i;
    cluster.run(sim::Duration::milliseconds(static_cast<std::int64_t>(random.below(300))));
  }
  EXPECT_EQ(history.restores.size(), 200U);
  EXPECT_GT(cluster.statistics().operations_ok, 500U);
  expect_copies_equal_the_log();
}

TEST_P(TimeTravel, TheUndoBookmarkBringsBackTheStateBefore) {
  cluster.run(30_s);
  sim::RandomStream& random = cluster.streams().stream("test", "bookmarks");
  const std::vector<Bookmark> known = history.bookmarks();
  for (int i = 0; i < 30; ++i) {
    const Response away = restore(known[known.size() / 5 + random.below(known.size() / 2)]);
    ASSERT_TRUE(away != nullptr && away->success);
    cluster.run(700_ms);  // what is written meanwhile is undone as well
    const Response home = restore(away->undo);
    ASSERT_TRUE(home != nullptr && home->success) << home->error;
    const History::Pages& was = history.at(away->undo);
    const History::Pages& is = history.at(home->restored);
    ASSERT_EQ(is.size(), was.size());
    for (std::size_t page = 0; page < is.size(); ++page) ASSERT_EQ(is[page]->digest(), was[page]->digest());
    cluster.run(300_ms);
  }
  expect_copies_equal_the_log();
}

/// Whatever dies, and whenever: the state is the one before or the one after, and both are on the log.
TEST_P(TimeTravel, ACrashAtAnyMomentLeavesTheStateBeforeOrTheOneAfter) {
  int before = 0, lost = 0, after = 0;
  cluster.run(20_s);
  for (int i = 0; i < 40; ++i) {
    const std::vector<Bookmark> known = history.bookmarks();
    const std::uint32_t where = cluster.primary_host(0);
    boost::intrusive_ptr<model::RestoreRequest> request(new model::RestoreRequest);
    request->bookmark = known[known.size() / 3];
    const std::size_t done = history.restores.size();
    cluster.process(where).spawn(forget(cluster.host(where), std::move(request)));
    // While cold storage is read, or from the entry on until it has a quorum and a little longer.
    const sim::Instant end = cluster.scheduler().now() + 30_s;
    const bool early = i % 2 == 0;
    while (!early && history.restores.size() == done && cluster.scheduler().now() < end) cluster.run(20_us);
    cluster.run(early ? sim::Duration::milliseconds(5 * i) : sim::Duration::microseconds(40 * i));
    cluster.process(where).restart(300_ms);
    const sim::Instant limit = cluster.scheduler().now() + 60_s;
    const auto serves = [&] {
      model::HostNode* const host = cluster.host(cluster.primary_host(0));
      return host != nullptr && host->serving();
    };
    while (!serves() && cluster.scheduler().now() < limit) cluster.run(10_ms);
    ASSERT_TRUE(serves()) << i;
    ASSERT_EQ(primary_differs(), "") << i;
    if (history.restores.size() == done) {
      ++before;
      continue;
    }
    const std::vector<Bookmark> log = history.bookmarks();
    ++(std::find(log.begin(), log.end(), history.restores.back().restored) == log.end() ? lost : after);
    cluster.run(2_s);
  }
  EXPECT_GT(before, 3) << lost << " lost";
  EXPECT_GT(after, 3);
  expect_copies_equal_the_log();
}

INSTANTIATE_TEST_SUITE_P(Workloads, TimeTravel,
                         testing::Values(model::WorkloadKind::kOrders, model::WorkloadKind::kAppend),
                         [](const auto& kind) {
                           return kind.param == model::WorkloadKind::kOrders ? "Orders" : "Append";
                         });

}  // namespace
}  // namespace tidemark
