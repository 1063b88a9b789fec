// The checkers against a brute-force oracle that tries all interleavings, on small random list-append histories.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "checkers/consistency/sequential.h"
#include "checkers/history/externals.h"
#include "checkers/session/session_checker.h"
#include "random_history.h"

namespace tidemark::checkers {
namespace {

using Lists = std::map<std::int64_t, std::vector<std::int64_t>>;

const std::vector<ListOp>& ops_of(const Operation& operation) {
  return std::get<std::vector<ListOp>>(operation.value);
}

bool apply(const Operation& operation, Lists& lists) {
  for (const ListOp& op : ops_of(operation)) {
    if (op.is_append) {
      lists[op.key].push_back(op.element);
    } else if (operation.outcome == Outcome::kOk && lists[op.key] != op.elements) {
      return false;
    }
  }
  return true;
}

bool writes(const Operation& operation) {
  return std::any_of(ops_of(operation).begin(), ops_of(operation).end(), [](const ListOp& op) { return op.is_append; });
}

// Is there an order? Ok operations once each, unknown ones at most once, after what their session did before them.
struct Oracle {
  const std::vector<Operation>& history;
  bool by_bookmark = false;
  std::vector<bool> done;

  bool search(const Lists& lists) {
    bool complete = true;
    for (std::size_t i = 0; i < history.size(); ++i) {
      const Operation& next = history[i];
      if (done[i] || next.outcome == Outcome::kFail) continue;
      if (next.outcome == Outcome::kOk) complete = false;
      if (!allowed(i)) continue;
      Lists after = lists;
      if (!apply(next, after)) continue;
      done[i] = true;
      if (search(after)) return true;
      done[i] = false;
    }
    return complete;
  }

  bool allowed(std::size_t i) const {
    for (std::size_t j = 0; j < history.size(); ++j) {
      if (done[j] || j == i || history[j].outcome != Outcome::kOk) continue;
      if (j < i && history[j].session == history[i].session) return false;
      const bool both = by_bookmark && writes(history[i]) && writes(history[j]) && history[i].outcome == Outcome::kOk;
      if (both && history[j].bookmark_out < history[i].bookmark_out) return false;
    }
    return true;
  }
};

bool fits(const std::vector<Operation>& history, bool by_bookmark) {
  Oracle oracle{history, by_bookmark, std::vector<bool>(history.size())};
  return oracle.search({});
}

struct Views {  // external reads of the ok operations: operation -> key -> list
  std::vector<std::map<std::int64_t, std::vector<std::int64_t>>> of;
  bool consistent = true;  // no operation contradicts itself
  bool prefixes = true;    // all reads of a key are prefixes of each other, and none sees a write of later
};

bool is_prefix(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  return a.size() <= b.size() && std::equal(a.begin(), a.end(), b.begin());
}

Views views_of(const std::vector<Operation>& history) {
  Views views;
  Batch batch;
  Externals externals;
  for (const Operation& operation : history) {
    batch.add(operation);
    auto& view = views.of.emplace_back();
    if (operation.outcome != Outcome::kOk) continue;
    if (!externals.derive(batch, batch.transactions().back())) {
      views.consistent = false;
      continue;
    }
    for (const ExternalRead& read : externals.reads()) {
      const auto elements = batch.elements(*read.op).first(read.count);
      view[read.op->key].assign(elements.begin(), elements.end());
    }
  }
  for (std::size_t i = 0; i < history.size(); ++i)
    for (std::size_t later = i; later < history.size(); ++later)
      for (const ListOp& op : ops_of(history[later]))
        for (const auto& [key, list] : views.of[i])
          if (op.is_append && op.key == key && std::find(list.begin(), list.end(), op.element) != list.end())
            views.prefixes = false;
  for (const auto& a : views.of)
    for (const auto& b : views.of)
      for (const auto& [key, list] : a) {
        const auto other = b.find(key);
        if (other != b.end() && !is_prefix(list, other->second) && !is_prefix(other->second, list))
          views.prefixes = false;
      }
  return views;
}

std::array<bool, 4> broken_guarantees(const std::vector<Operation>& history, const Views& views) {
  std::array<bool, 4> broken{};
  const auto has = [](const std::vector<std::int64_t>& list, std::int64_t element) {
    return std::find(list.begin(), list.end(), element) != list.end();
  };
  for (std::size_t j = 0; j < history.size(); ++j) {
    for (const auto& view : views.of[j]) {
      const std::int64_t key = view.first;
      const std::vector<std::int64_t>& list = view.second;
      for (std::size_t i = 0; i < j; ++i) {
        if (history[i].session != history[j].session || history[i].outcome != Outcome::kOk) continue;
        for (const ListOp& op : ops_of(history[i]))
          if (op.is_append && op.key == key && !has(list, op.element)) broken[0] = true;
        const auto before = views.of[i].find(key);
        if (before != views.of[i].end() && !is_prefix(before->second, list)) broken[1] = true;
      }
      for (std::size_t place = 0; place < list.size(); ++place) {
        for (std::size_t w = 0; w < history.size(); ++w) {
          const auto wrote = [&](const ListOp& op) {
            return op.is_append && op.key == key && op.element == list[place];
          };
          if (history[w].outcome == Outcome::kFail ||
              std::none_of(ops_of(history[w]).begin(), ops_of(history[w]).end(), wrote))
            continue;
          for (std::size_t i = 0; i < w; ++i) {
            if (history[i].session != history[w].session || history[i].outcome != Outcome::kOk) continue;
            for (const ListOp& op : ops_of(history[i])) {
              if (!op.is_append || !views.of[j].contains(op.key)) continue;
              const auto& other = views.of[j].at(op.key);
              const std::vector<std::int64_t> part(
                  other.begin(), op.key == key ? other.begin() + static_cast<std::ptrdiff_t>(place) : other.end());
              if (!has(part, op.element)) broken[2] = true;
            }
            for (const auto& [seen_key, seen] : views.of[i]) {
              if (!views.of[j].contains(seen_key)) continue;
              const auto& other = views.of[j].at(seen_key);
              if (!is_prefix(seen, other) || (seen_key == key && seen.size() > place)) broken[3] = true;
            }
          }
        }
      }
    }
  }
  return broken;
}

rc::Gen<std::vector<std::uint8_t>> choices() {  // of full size from the first case on
  return rc::gen::resize(100, rc::gen::container<std::vector<std::uint8_t>>(120, rc::gen::arbitrary<std::uint8_t>()));
}

class CheckersProperty : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { ::setenv("RC_PARAMS", "seed=20261121 max_success=25000 max_size=100", 0); }
};

TEST_F(CheckersProperty, SequentialAgreesWithTryingAllInterleavings) {
  int valid = 0, invalid = 0, order_valid = 0, order_unknown = 0;
  EXPECT_TRUE(rc::check([&] {
    const auto history = random_history(*choices());
    const bool truth = fits(history, false);
    const bool ordered = truth && fits(history, true);
    const auto verdicts = check_sequential(history);
    ++(truth ? valid : invalid);
    if (ordered) ++order_valid;
    if (verdicts[1].validity == Validity::kUnknown) ++order_unknown;
    RC_LOG(show_history(history));
    RC_LOG(verdicts[0].witness + "\n" + verdicts[1].witness);
    RC_ASSERT(verdicts[0].validity == (truth ? Validity::kValid : Validity::kInvalid));
    if (verdicts[1].validity == Validity::kUnknown) {  // only where a write of unknown outcome had to be put somewhere
      RC_ASSERT(
          std::any_of(history.begin(), history.end(), [](const Operation& o) { return o.outcome == Outcome::kInfo; }));
    } else {
      RC_ASSERT((verdicts[1].validity == Validity::kValid) == ordered);
    }
  }));
  RecordProperty("valid", valid);
  EXPECT_GT(valid, (valid + invalid) / 5);
  EXPECT_GT(invalid, (valid + invalid) / 5);
  EXPECT_GT(order_valid, (valid + invalid) / 8);
  EXPECT_LT(order_unknown, (valid + invalid) / 4);
  std::printf("valid %d, invalid %d, in bookmark order %d, order unknown %d\n", valid, invalid, order_valid,
              order_unknown);
}

TEST_F(CheckersProperty, SessionGuaranteesAgreeWithTheirDefinitions) {
  std::array<int, 4> broken_count{};
  int cases = 0;
  EXPECT_TRUE(rc::check([&] {
    const auto history = random_history(*choices());
    const Views views = views_of(history);
    if (!views.consistent) return;
    ++cases;
    const auto broken = broken_guarantees(history, views);
    const auto verdicts = check_sessions(history);
    RC_LOG(show_history(history));
    for (std::size_t i = 0; i < 4; ++i) {
      if (broken[i]) ++broken_count[i];
      RC_LOG(verdicts[i].name + " " + verdicts[i].witness + "\n");
      const bool found = verdicts[i].validity == Validity::kInvalid;
      RC_ASSERT(!found || broken[i]);
      if (views.prefixes) RC_ASSERT(found == broken[i]);
    }
  }));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_GT(broken_count[i], cases / 500) << i;
    EXPECT_LT(broken_count[i], cases * 4 / 5) << i;
  }
  std::printf("cases %d, broken %d %d %d %d\n", cases, broken_count[0], broken_count[1], broken_count[2],
              broken_count[3]);
}

}  // namespace
}  // namespace tidemark::checkers
