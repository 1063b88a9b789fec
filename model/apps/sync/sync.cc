#include "model/apps/sync/sync.h"

#include <algorithm>
#include <utility>

#include "model/apps/sync/object.h"
#include "model/apps/sync/page.h"
#include "model/apps/sync/sync_truths.h"

namespace tidemark::model {
namespace {

class Member final : public User {
 public:
  Member(ClientPlace place, double read_share, sync::Semantics semantics)
      : place_(place), read_(sim::probability(read_share)), semantics_(semantics) {}

  ActionBody next(sim::Instant, sim::RandomStream& random) override {
    if (random.chance_fixed(read_)) return {"look", {}};
    const std::uint64_t what = random.below(16);
    if (what == 0) return {"reopen", {away_ms(random)}};
    const std::int64_t action = actions_++ * place_.clients + place_.number + 1;
    const std::vector<std::int64_t> items = items_on_page();
    if (what < 6 || items.size() < 3) return {"add", {action, action}};
    // Half of the time the newest one, which others have just seen as well.
    const std::int64_t item = random.below(2) == 0 ? items.back() : items[random.below(items.size())];
    return {what < 9 ? "remove" : "vote", {action, item}};
  }
  std::unique_ptr<Page> page(const PagePlace& place) override {
    return std::make_unique<sync::SyncPage>(place, semantics_, kept_);
  }

 private:
  /// A glance elsewhere, or a coffee.
  static std::int64_t away_ms(sim::RandomStream& random) {
    const std::uint64_t most = random.below(2) == 0 ? 400 : 4'000;
    return static_cast<std::int64_t>(random.below(most));
  }
  std::vector<std::int64_t> items_on_page() const {
    std::vector<std::int64_t> items;
    for (const sync::Replica& channel : kept_)
      for (const auto& [id, row] : channel.rows())
        if (row.deleted_at.empty()) items.push_back(id);
    std::sort(items.begin(), items.end());
    return items;
  }

  const ClientPlace place_;
  const std::uint64_t read_;  // fixed-point probability
  const sync::Semantics semantics_;
  sync::Kept kept_;
  std::int64_t actions_ = 0;
};

class Sync final : public Application {
 public:
  explicit Sync(const WorkloadOptions& options)
      : read_share_(options.read_share), semantics_(sync::semantics_of(options)) {}

  std::vector<ActionShape> actions() const override {
    return {
        {"add", "ii", true}, {"vote", "ii", true}, {"remove", "ii", true}, {"look", "", false}, {"reopen", "i", false}};
  }
  std::string schema() const override { return sync::schema(); }
  std::unique_ptr<User> user(ClientPlace place) const override {
    return std::make_unique<Member>(place, read_share_, semantics_);
  }
  std::unique_ptr<LiveObject> object(const AppContext& context) const override {
    return std::make_unique<sync::Object>(context, semantics_);
  }
  /// Of whoever has no page.
  sim::Task<void> handle(Call& call) const override {
    const bool read = co_await call.run("SELECT channel, last FROM revisions");
    if (read) call.refuse("this is done over a socket");
  }
  std::vector<Assertion> assertions() const override {
    return {{"revisions-follow",
             "SELECT channel, last, coalesce(CASE channel WHEN 0 THEN (SELECT max(revision) FROM todos) ELSE (SELECT "
             "max(revision) FROM shopping) END, 0) AS newest FROM revisions WHERE last <> newest",
             "channel {channel} is at revision {last}, and its newest row has {newest}"}};
  }
  std::unique_ptr<Truths> truths() const override { return std::make_unique<SyncTruths>(); }

 private:
  const double read_share_;
  const sync::Semantics semantics_;
};

}  // namespace

ApplicationInfo sync_application() {
  return {"sync", "Pages that hold a list in common, live over sockets.", sync::mistakes(),
          [](const WorkloadOptions& options) -> std::shared_ptr<const Application> {
            return std::make_shared<Sync>(options);
          }};
}

}  // namespace tidemark::model
