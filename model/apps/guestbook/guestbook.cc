#include "model/apps/guestbook/guestbook.h"

#include <map>
#include <utility>

namespace tidemark::model {
namespace {

/// What a client does: one time in four it signs, with a number that nobody else uses; else it looks.
class Guest final : public User {
 public:
  explicit Guest(ClientPlace place) : place_(place) {}
  ActionBody next(sim::Instant, sim::RandomStream& random) override {
    if (random.below(4) != 0) return {"look", {}};
    const std::int64_t number = signed_++ * place_.clients + place_.number + 1;
    return {"sign", {number}};
  }

 private:
  const ClientPlace place_;
  std::int64_t signed_ = 0;
};

/// What users rely on: who has signed finds the own name in the book.
class GuestsFindThemselves final : public Truths {
 public:
  std::vector<std::string> names() const override { return {"guests-find-themselves"}; }
  void ended(const EndedAction& action, const Broken& broken) override {
    if (action.outcome != ActionOutcome::kOk) return;
    std::int64_t& mine = newest_[action.session];
    if (action.action.name == "sign") {
      mine = number_of(action.action, 0);
    } else if (mine != 0) {
      const ResultSetRef& book = action.shown.front();
      for (std::uint32_t row = 0; row < book->rows(); ++row)
        if (number_at(book, row, 0) == mine) return;
      broken("guests-find-themselves", "guest " + std::to_string(mine) + " has signed in session " +
                                           std::to_string(action.session) +
                                           " and is missing from the book that it was shown");
    }
  }

 private:
  std::map<std::uint32_t, std::int64_t> newest_;  // by session
};

class Guestbook final : public Application {
 public:
  explicit Guestbook(const WorkloadOptions& options) : counts_apart_(makes_mistake(options, "counts-apart")) {}

  std::vector<ActionShape> actions() const override { return {{"look", "", false}, {"sign", "i", true}}; }

  std::string schema() const override {
    return "CREATE TABLE guests (number INTEGER PRIMARY KEY); CREATE TABLE visits (total INTEGER NOT NULL);"
           "INSERT INTO visits VALUES (0)";
  }
  std::unique_ptr<User> user(ClientPlace place) const override { return std::make_unique<Guest>(place); }

  sim::Task<void> handle(Call& call) const override {
    if (call.action() == "look") {
      const bool read = co_await call.run("SELECT number FROM guests");
      if (read) call.show(call.rows());
      co_return;
    }
    constexpr std::string_view kCount = "UPDATE visits SET total = (SELECT count(*) FROM guests)";
    std::vector<Statement> both;
    both.push_back(bound("INSERT INTO guests VALUES (?) ON CONFLICT DO NOTHING", call.value(0)));
    if (!counts_apart_) both.push_back(bound(kCount));
    const bool done = co_await call.batch(std::move(both));
    if (!done || !counts_apart_) co_return;
    co_await call.run(kCount);  // the mistake: in between, the count is wrong
  }

  std::vector<Assertion> assertions() const override {
    return {{"visits-counted",
             "SELECT total, (SELECT count(*) FROM guests) AS guests FROM visits WHERE total <> guests",
             "{guests} guests have signed, and {total} visits are counted"}};
  }
  std::unique_ptr<Truths> truths() const override { return std::make_unique<GuestsFindThemselves>(); }

 private:
  const bool counts_apart_;
};

}  // namespace

ApplicationInfo guestbook_application() {
  return {"guestbook",
          "The example: guests sign and look.",
          {{"counts-apart", "The number of visits is written in a transaction of its own: visits-counted."}},
          [](const WorkloadOptions& options) -> std::shared_ptr<const Application> {
            return std::make_shared<Guestbook>(options);
          }};
}

}  // namespace tidemark::model
