#include "model/apps/edge_cache/edge_cache.h"

#include <algorithm>
#include <array>
#include <utility>

#include "model/apps/edge_cache/edge_pop.h"
#include "model/apps/edge_cache/edge_truths.h"
#include "model/apps/edge_cache/pages.h"
#include "model/types/zipf.h"
#include "sim/core/random.h"

namespace tidemark::model {
namespace {

constexpr std::uint32_t kItemsOfACategory = 4;
constexpr std::array<std::string_view, 8> kWords = {"amber", "birch", "cedar", "dune",
                                                    "ember", "fern",  "grove", "heron"};

std::uint32_t categories_of(std::uint32_t items) {
  return std::max(1U, items / kItemsOfACategory);
}

/// Reads pages, the first items and categories most; writes now and then, and likes to look at what was written.
class Visitor final : public User {
 public:
  Visitor(ClientPlace place, const WorkloadOptions& options)
      : place_(place),
        items_(options.keys, options.zipf_exponent),
        categories_(categories_of(options.keys), options.zipf_exponent),
        first_free_(options.keys),
        read_(sim::probability(options.read_share)) {}

  ActionBody next(sim::Instant, sim::RandomStream& random) override {
    if (!look_at_.name.empty()) return std::exchange(look_at_, {});
    const std::int64_t item = items_.sample(random) + 1;
    const std::int64_t category = categories_.sample(random) + 1;
    if (random.chance_fixed(read_)) {
      const std::uint64_t page = random.below(10);
      if (page < 5) return {"item", {item}};
      if (page < 9) return {"list", {category}};
      return {"newest", {}};
    }
    const std::uint64_t kind = random.below(10);
    const bool looks = random.below(2) == 0;
    const std::int64_t number = written_++ * place_.clients + place_.number + 1;
    const std::string text = std::string(kWords[random.below(kWords.size())]) + " " + std::to_string(number);
    if (kind < 6) {
      if (looks) look_at_ = {"item", {item}};
      return {"rename", {item, text}};
    }
    if (looks) look_at_ = {"list", {category}};
    if (kind < 8) return {"add", {first_free_ + number, category, text}};
    return {"relabel", {category, text}};
  }
  void forget() override { look_at_ = {}; }

 private:
  const ClientPlace place_;
  const Zipf items_;
  const Zipf categories_;
  const std::int64_t first_free_;
  const std::uint64_t read_;  // fixed-point probability
  std::int64_t written_ = 0;
  ActionBody look_at_;  // without a name: nothing
};

class EdgeCache final : public Application {
 public:
  explicit EdgeCache(const WorkloadOptions& options) : options_(options) {
    mistakes_.hit_keeps_bookmark = makes_mistake(options, "hit-keeps-bookmark");
    mistakes_.untouched_retagged = makes_mistake(options, "untouched-retagged");
    mistakes_.lists_patched = makes_mistake(options, "lists-patched");
  }

  std::vector<ActionShape> actions() const override {
    return {{"item", "i", false},   {"list", "i", false}, {"newest", "", false},
            {"rename", "it", true}, {"add", "iit", true}, {"relabel", "it", true}};
  }

  std::string schema() const override {
    const std::string items = std::to_string(options_.keys);
    const std::string categories = std::to_string(categories_of(options_.keys));
    const std::string numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ";
    return "DROP TABLE IF EXISTS state; DROP TABLE IF EXISTS items; DROP TABLE IF EXISTS categories;"
           "CREATE TABLE state (revision INTEGER NOT NULL); INSERT INTO state VALUES (0);"
           "CREATE TABLE categories (id INTEGER PRIMARY KEY, label TEXT NOT NULL, revision INTEGER NOT NULL);"
           "CREATE TABLE items (id INTEGER PRIMARY KEY, category INTEGER NOT NULL, name TEXT NOT NULL, "
           "added INTEGER NOT NULL, revision INTEGER NOT NULL);"
           "CREATE INDEX items_of_category ON items (category, added, id); CREATE INDEX items_by_age ON items (added, "
           "id);"
           "INSERT INTO categories " +
           numbers + categories + ") SELECT i, 'category ' || i, 0 FROM n; INSERT INTO items " + numbers + items +
           ") SELECT i, 1 + (i - 1) % " + categories + ", 'item ' || i, 0, 0 FROM n";
  }

  std::unique_ptr<User> user(ClientPlace place) const override { return std::make_unique<Visitor>(place, options_); }
  std::unique_ptr<WorkerMemory> memory(const AppContext& context) const override {
    return std::make_unique<EdgePop>(context, options_.cache, mistakes_);
  }
  std::unique_ptr<Truths> truths() const override { return std::make_unique<EdgeTruths>(); }

  sim::Task<void> handle(Call& call) const override {
    auto& pop = static_cast<EdgePop&>(*call.memory());
    if (call.action() != "purge") return is_page(call.action()) ? read(call, pop) : write(call, pop);
    return purge(call, pop);
  }

  std::vector<Assertion> assertions() const override {
    return {
        {"writes-counted",
         "SELECT revision, (SELECT max(r) FROM (SELECT max(revision) AS r FROM items UNION ALL SELECT max(revision) "
         "FROM categories)) AS newest FROM state WHERE revision < newest",
         "{revision} writes are counted, and a row says that it is of write {newest}"}};
  }

 private:
  sim::Task<void> read(Call& call, EdgePop& pop) const;
  sim::Task<void> write(Call& call, EdgePop& pop) const;
  static sim::Task<void> purge(Call& call, EdgePop& pop);

  const WorkloadOptions options_;
  EdgeMistakes mistakes_;
};

sim::Task<void> EdgeCache::read(Call& call, EdgePop& pop) const {
  if (const CachedAnswer* const kept = pop.look_up(call.asked(), call.held())) {
    for (const ResultSetRef& rows : kept->shown) call.show(rows);
    call.show(source_of(true, pop.name(), pop.now() - kept->stored));
    // Who is shown a state has seen it: without its bookmark the session could be shown an older one next.
    if (!mistakes_.hit_keeps_bookmark) call.as_of(kept->read_at);
    co_return;
  }
  const bool done = co_await call.batch(queries_of(call.asked()));
  if (!done) co_return;
  std::vector<ResultSetRef> shown;
  shown.push_back(call.rows(0));
  shown.push_back(call.rows(1));
  for (const ResultSetRef& rows : shown) call.show(rows);
  call.show(source_of(false, pop.name(), {}));
  pop.keep(call.asked(), std::move(shown), call.read_at());
}

sim::Task<void> EdgeCache::write(Call& call, EdgePop& pop) const {
  const bool done = co_await call.batch(writes_of(call.asked()));
  if (!done) co_return;
  std::vector<ResultSetRef> shown;
  shown.push_back(call.rows(kWriteState));
  shown.push_back(call.rows(kWriteRow));
  if (shown.back()->rows() == 0) {
    call.refuse("there is nothing of this number");
    co_return;
  }
  for (const ResultSetRef& rows : shown) call.show(rows);
  pop.written(call.asked(), shown, call.read_at());
}

sim::Task<void> EdgeCache::purge(Call& call, EdgePop& pop) {
  pop.purge(call.values(), call.held());
  co_return;
}

}  // namespace

ApplicationInfo edge_cache_application() {
  return {kEdgeCache,
          "A catalogue behind a read-only API that every PoP caches.",
          {{"hit-keeps-bookmark",
            "An answer from the cache does not carry the bookmark it was read at: "
            "never-shown-older."},
           {"untouched-retagged",
            "After a write, what does not depend on the record counts as new as the write: "
            "own-changes-shown."},
           {"lists-patched",
            "After a write the row is replaced in the lists that the PoP keeps, and they count as new: "
            "shows-one-state."}},
          [](const WorkloadOptions& options) -> std::shared_ptr<const Application> {
            return std::make_shared<EdgeCache>(options);
          }};
}

}  // namespace tidemark::model
