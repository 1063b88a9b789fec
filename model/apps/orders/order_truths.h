// What the customers of the shop rely on, judged by what their pages have shown.
//
// A page keeps the greatest bookmark that it has received, by string order, and does not show an answer whose bookmark
// is older. What it shows must hold every order that it has placed and every order that it has shown before, unless a
// reset may lie in between; resets are known by when they began and ended, and by the bookmark of their answer.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/apps/application.h"

namespace tidemark::model {

class OrderTruths final : public Truths {
 public:
  /// `promise`: the header of a page's first request, which makes it see everything that was placed before.
  explicit OrderTruths(SessionToken promise) : promise_(std::move(promise)) {}
  std::vector<std::string> names() const override;
  void begun(const BegunAction& action) override;
  void ended(const EndedAction& action, const Broken& broken) override;

 private:
  struct Order {
    std::uint32_t session = 0;
    sim::Instant invoked;  // the request that placed it
    sim::Instant told;     // when the answer came
  };
  using Orders = std::map<std::string, Order, std::less<>>;  // by their text, "c3/o17"
  struct Reset {
    std::uint32_t session = 0;
    bool open = true;
    sim::Instant invoked;
    std::optional<sim::Instant> completed;  // nothing: under way, or nobody knows
    SessionToken after;                     // of the answer
  };
  struct Page {
    bool begun = false;
    bool promised = false;  // its first list must be up to date
    SessionToken kept;
    Orders placed;
    std::optional<std::set<std::string, std::less<>>> shown;
    sim::Instant shown_at;
    SessionToken shown_bookmark;
    sim::Instant opened;
  };

  void note_reset(const EndedAction& action);
  void note_order(const EndedAction& action, Page& page);
  void judge_answer(const EndedAction& action, const Page& page, const Broken& broken) const;
  void judge_list(const EndedAction& action, Page& page, const Broken& broken);
  /// False: the page throws the answer away.
  static bool keeps(const EndedAction& action, Page& page);
  bool reset_since(sim::Instant instant) const;
  bool reset_since(const SessionToken& bookmark) const;

  const SessionToken promise_;
  std::map<std::uint32_t, Page> pages_;
  std::map<std::uint32_t, Orders> customers_;  // by client
  std::vector<Reset> resets_;                  // that may have taken effect
};

}  // namespace tidemark::model
