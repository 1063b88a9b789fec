// The order of sessions that do several things at a time, as chains.
#include <algorithm>

#include "checkers/record/history.h"

namespace tidemark::checkers {

/// Of two of one session, the first recorded first. At one instant: a client that does not pause asks again at once.
bool History::ended_before(std::uint32_t from, std::uint32_t to) const {
  if (times_.empty()) return !has_real_time_ || transactions_[from].ret < transactions_[to].call;
  const bool told = times_[from].complete_ns >= 0 && times_[to].invoke_ns >= 0;
  return !told || times_[from].complete_ns <= times_[to].invoke_ns;
}

struct History::ChainFinder {
  explicit ChainFinder(History& of) : history(of) {}

  /// Those sessions of which two things that are ok, or one and something begun later, were open at a time.
  std::vector<std::uint8_t> concurrent() const {
    std::vector<std::uint8_t> result;
    if (history.times_.empty() && !history.has_real_time_) return result;
    const std::vector<Txn>& all = history.transactions_;
    std::vector<std::uint32_t> last(history.sessions(), kNever);  // that is ok: the one that ended last
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      if (all[i].outcome == Outcome::kFail) continue;
      std::uint32_t& before = last[all[i].session];
      if (before != kNever && !history.ended_before(before, i)) {
        result.resize(history.sessions(), 0);
        result[all[i].session] = 1;
      }
      if (all[i].outcome == Outcome::kOk) before = i;
    }
    return result;
  }

  struct Lane {
    std::uint32_t chain = 0;
    std::vector<std::uint32_t> members;  // that are ok, in their order
    std::vector<std::size_t> linked;     // by lane: how many of its members are before the last one here
  };

  /// How many of a lane ended before `txn` began.
  std::size_t ended(const Lane& lane, std::uint32_t txn) const {
    const auto end = std::partition_point(lane.members.begin(), lane.members.end(),
                                          [&](std::uint32_t member) { return history.ended_before(member, txn); });
    return static_cast<std::size_t>(end - lane.members.begin());
  }

  void place(std::uint32_t txn, std::vector<Lane>& lanes) {
    const bool ok = history.transactions_[txn].outcome == Outcome::kOk;
    std::size_t mine = 0;
    while (mine < lanes.size() && ended(lanes[mine], txn) < lanes[mine].members.size()) ++mine;
    const bool fresh = mine == lanes.size();
    if (fresh) lanes.push_back({lanes.empty() ? history.transactions_[txn].session : history.chain_count_++, {}, {}});
    history.chains_[txn] = lanes[mine].chain;
    lanes[mine].linked.resize(lanes.size(), 0);
    for (std::size_t other = 0; other < lanes.size(); ++other) {
      const std::size_t before = ended(lanes[other], txn);
      if (other == mine || before <= lanes[mine].linked[other]) continue;
      history.also_before_.emplace_back(lanes[other].members[before - 1], txn);
      if (ok) lanes[mine].linked[other] = before;
    }
    if (ok) lanes[mine].members.push_back(txn);
    if (!ok && fresh) lanes.pop_back();
  }

  void run() {
    const std::vector<std::uint8_t> several = concurrent();
    if (several.empty()) return;
    const std::vector<Txn>& all = history.transactions_;
    history.chain_count_ = history.sessions();
    history.chains_.resize(all.size());
    std::vector<std::vector<std::uint32_t>> members(history.sessions());
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      history.chains_[i] = all[i].session;
      if (several[all[i].session] != 0 && all[i].outcome != Outcome::kFail) members[all[i].session].push_back(i);
    }
    for (const std::vector<std::uint32_t>& session : members) {
      const std::size_t pairs = history.also_before_.size();
      const std::uint32_t chains = history.chain_count_;
      std::vector<Lane> lanes;
      for (const std::uint32_t txn : session) {
        place(txn, lanes);
        if (lanes.size() <= kMostAtOnce) continue;
        for (const std::uint32_t again : session) history.chains_[again] = all[again].session;
        history.also_before_.resize(pairs);
        history.chain_count_ = chains;
        break;
      }
    }
    std::sort(history.also_before_.begin(), history.also_before_.end());
  }

  History& history;
};

void History::find_chains() {
  ChainFinder(*this).run();
}

bool History::precedes(std::uint32_t from, std::uint32_t to) const {
  const Txn& a = transactions_[from];
  if (from >= to || a.session != transactions_[to].session || a.outcome != Outcome::kOk) return false;
  if (chains_.empty() || chains_[from] == chains_[to]) return true;
  return std::binary_search(also_before_.begin(), also_before_.end(), std::make_pair(from, to)) ||
         ended_before(from, to);
}

}  // namespace tidemark::checkers
