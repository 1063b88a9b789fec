// What the users of a page that is live rely on, judged by what their pages showed.
//
// A look shows what has arrived once the object has answered a question that was asked after the look began, and a
// socket keeps the order: so whatever was acknowledged to anybody before the look began must be in it. No bound on
// delays is assumed.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/apps/application.h"

namespace tidemark::model {

class SyncTruths final : public Truths {
 public:
  std::vector<std::string> names() const override;
  void begun(const BegunAction& begun) override;
  void ended(const EndedAction& action, const Broken& broken) override;

 private:
  /// An action by its number, over all its attempts.
  struct Done {
    std::string type;
    std::int64_t item = 0;
    std::uint32_t open = 0;     // attempts under way
    std::uint32_t session = 0;  // of the last attempt that ended
    bool acknowledged = false;
    bool unknown = false;  // of some attempt nobody knows
    bool failed = false;   // some attempt was reported as failed
    bool seen = false;     // its effect
    sim::Instant at;       // when it was acknowledged first, or else failed last
    bool only_failed() const { return failed && !acknowledged && !unknown && open == 0; }
    bool acknowledged_before(sim::Instant when) const { return acknowledged && at < when; }
  };
  struct Item {
    // Actions begun.
    std::vector<std::int64_t> adds;  // one, but for what somebody writes down
    std::vector<std::int64_t> votes;
    std::vector<std::int64_t> removals;
  };
  using Page = std::map<std::int64_t, std::string>;  // votes by item

  void end_change(const EndedAction& action, const Broken& broken);
  void see_effect(const EndedAction& action, const Broken& broken) const;
  void see_page(const EndedAction& action, const Broken& broken);
  void see_item(const EndedAction& look, std::int64_t item, const std::string& votes, const Broken& broken);
  void see_action(const EndedAction& look, std::int64_t action, const Broken& broken);
  void miss_item(const EndedAction& look, std::int64_t item, const Broken& broken) const;
  void compare(const EndedAction& look, const Page& page, const Broken& broken);
  bool stays(const Item& item) const;
  std::string told(std::int64_t action) const;

  std::map<std::int64_t, Done> actions_;
  std::map<std::int64_t, Item> items_;
  std::set<std::int64_t> standing_;  // those without an acknowledged removal
  struct Shown {
    Page page;
    std::uint32_t session = 0;
  };
  std::map<std::pair<std::int64_t, std::int64_t>, Shown> by_revision_;  // by channel and revision
};

}  // namespace tidemark::model
