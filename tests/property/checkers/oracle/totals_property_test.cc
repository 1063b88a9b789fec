// The checkers of totals against the oracle: what they call impossible has no order; what their headers promise to find
// they find, by the definitions written out.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <numeric>

#include "checkers/totals/bank.h"
#include "checkers/totals/counter.h"
#include "checkers/totals/set.h"
#include "choices.h"
#include "oracle.h"
#include "random_record.h"
#include "tally.h"

namespace tidemark::checkers::oracle {
namespace {

void log(const History& history, const Judgement& judgement) {
  RC_LOG() << show(history) << judgement.reason << '\n';
  for (const Anomaly& anomaly : judgement.anomalies) RC_LOG() << anomaly.name << ": " << anomaly.fact << '\n';
}

// --- sets -----------------------------------------------------------------------------------------------------------

struct Access {  // to a set, in the order of the history
  std::uint32_t txn = 0;
  std::uint32_t key = 0;
  bool is_read = false;
  std::set<Value> values;
};

std::vector<Access> accesses_of(const History& history) {
  std::vector<Access> result;
  for (std::uint32_t txn = 0; txn < history.transactions().size(); ++txn) {
    const Txn& of = history.transactions()[txn];
    for (const Event& event : history.events(of)) {
      Access access{txn, event.key, event.is_read(), {}};
      if (access.is_read && (of.outcome != Outcome::kOk || !event.known)) continue;
      if (access.is_read) {
        const auto elements = history.elements(event);
        access.values.insert(elements.begin(), elements.end());
      } else {
        access.values.insert(event.value);
      }
      result.push_back(access);
    }
  }
  return result;
}

bool was_added(const History& history, const std::vector<Access>& all, std::uint32_t key, Value value) {
  return std::any_of(all.begin(), all.end(), [&](const Access& access) {
    return !access.is_read && access.key == key && access.values.count(value) != 0 &&
           history.transactions()[access.txn].outcome != Outcome::kFail;
  });
}

bool set_holds(const History& history, bool real_time) {
  const std::vector<Access> all = accesses_of(history);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].is_read) continue;
    const Txn& reader = history.transactions()[all[i].txn];
    for (const Value value : all[i].values) {
      if (!was_added(history, all, all[i].key, value)) return false;
    }
    for (std::size_t j = 0; j < all.size(); ++j) {
      const Txn& knower = history.transactions()[all[j].txn];
      if (all[j].key != all[i].key || knower.outcome != Outcome::kOk) continue;
      const bool session = j < i && knower.session == reader.session;
      const bool time = real_time && knower.ret < reader.call;
      if (!session && !time) continue;
      if (!std::includes(all[i].values.begin(), all[i].values.end(), all[j].values.begin(), all[j].values.end()))
        return false;
    }
  }
  return true;
}

TEST(Totals, FindTheSetsThatTheirDefinitionRejects) {
  Tally tallies[2];
  EXPECT_TRUE(rc::check("a set is judged as its definition says", [&] {
    const History history = random_record(random_choices(), {Theme::kSets, false, false, false});
    for (const bool real_time : {false, true}) {
      const Judgement judgement = totals::judge_set(history, {}, {real_time});
      log(history, judgement);
      const bool holds = set_holds(history, real_time);
      tallies[real_time ? 1 : 0].add(holds);
      RC_ASSERT(judgement.validity == (holds ? Validity::kValid : Validity::kInvalid));
      const Rules rules{real_time ? Constraint::kRealTime : Constraint::kSession, false};
      if (!holds) RC_ASSERT(!find_order(history, rules).has_value());
    }
  }));
  for (const Tally& tally : tallies) tally.expect_both(0.1);
}

// --- counters -------------------------------------------------------------------------------------------------------

struct Part {  // an event on a counter
  std::uint32_t txn = 0;
  bool is_read = false;
  std::int64_t value = 0;
};

// Is there a set of increments for each read, as the header has it? Tries all of them: sets only grow in a session.
struct CounterDefinition {
  const History& history;
  bool real_time;
  std::vector<Part> parts;  // of one key

  const Txn& of(std::size_t part) const { return history.transactions()[parts[part].txn]; }

  bool must_count(std::size_t increment, std::size_t read) const {
    if (of(increment).outcome != Outcome::kOk) return false;
    if (of(increment).session == of(read).session) return increment < read;
    return real_time && of(increment).ret < of(read).call;
  }
  bool may_count(std::size_t increment, std::size_t read) const {
    if (of(increment).outcome == Outcome::kFail) return false;
    if (of(increment).session == of(read).session) return increment < read;
    return !real_time || of(increment).call <= of(read).ret;
  }

  // Sets of parts as bits, that add up to what was read.
  std::vector<std::uint32_t> candidates(std::size_t read) const {
    std::vector<std::uint32_t> result;
    for (std::uint32_t bits = 0; bits < 1U << parts.size(); ++bits) {
      std::int64_t sum = 0;
      bool fits = true;
      for (std::size_t i = 0; i < parts.size() && fits; ++i) {
        const bool counted = (bits >> i & 1) != 0;
        if (parts[i].is_read) {
          fits = !counted;
        } else {
          fits = counted ? may_count(i, read) : !must_count(i, read);
          if (counted) sum += parts[i].value;
        }
      }
      if (fits && sum == parts[read].value) result.push_back(bits);
    }
    return result;
  }

  bool holds() const {
    for (std::uint32_t session = 0; session < history.sessions(); ++session) {
      std::vector<std::uint32_t> before{0};
      for (std::size_t read = 0; read < parts.size(); ++read) {
        if (!parts[read].is_read || of(read).session != session) continue;
        std::vector<std::uint32_t> now;
        for (const std::uint32_t bits : candidates(read)) {
          const bool grows =
              std::any_of(before.begin(), before.end(), [bits](std::uint32_t b) { return (b & ~bits) == 0; });
          if (grows) now.push_back(bits);
        }
        if (now.empty()) return false;
        before = now;
      }
    }
    return true;
  }
};

bool counters_hold(const History& history, bool real_time) {
  for (std::uint32_t key = 0; key < history.keys(); ++key) {
    CounterDefinition definition{history, real_time, {}};
    for (std::uint32_t txn = 0; txn < history.transactions().size(); ++txn) {
      const Txn& of = history.transactions()[txn];
      for (const Event& event : history.events(of)) {
        if (event.key != key || (event.is_read() && (of.outcome != Outcome::kOk || !event.known))) continue;
        definition.parts.push_back({txn, event.is_read(), event.value.number()});
      }
    }
    if (!definition.holds()) return false;
  }
  return true;
}

TEST(Totals, CallCountersImpossibleOnlyWhenTheyAreAndMissFew) {
  Tally tallies[2];
  std::size_t missed = 0;
  EXPECT_TRUE(rc::check("a counter that is called impossible is", [&] {
    const History history = random_record(random_choices(), {Theme::kCounters, true, false, false});
    for (const bool real_time : {false, true}) {
      const Judgement judgement = totals::judge_counter(history, {}, {real_time});
      log(history, judgement);
      const Rules rules{real_time ? Constraint::kRealTime : Constraint::kSession, false};
      const bool valid = find_order(history, rules).has_value();
      tallies[real_time ? 1 : 0].add(valid);
      const bool said_valid = judgement.validity == Validity::kValid;
      RC_ASSERT(said_valid || judgement.validity == Validity::kInvalid);
      if (!said_valid) RC_ASSERT(!valid);
      if (!said_valid && !real_time) RC_ASSERT(!counters_hold(history, false));
      if (said_valid && !real_time && !counters_hold(history, false)) ++missed;
    }
  }));
  for (const Tally& tally : tallies) tally.expect_both(0.05);
  EXPECT_LE(static_cast<double>(missed), 0.05 * static_cast<double>(tallies[0].invalid)) << missed;
}

// --- banks ----------------------------------------------------------------------------------------------------------

struct BankCase {
  History history;
  bool total_kept = true;
  bool some_read = false;
};

BankCase random_bank(const std::vector<std::uint8_t>& bytes) {
  Choices choices(bytes);
  HistoryBuilder builder;
  const std::uint32_t accounts = 1 + choices.draw(3);
  std::vector<std::vector<std::int64_t>> states{std::vector<std::int64_t>(accounts, 50)};
  BankCase result;
  for (std::uint32_t account = 0; account < accounts; ++account) builder.key(Value::integer(account));
  std::int64_t total = 0;
  for (std::uint32_t i = 0, count = 2 + choices.draw(7); i < count; ++i) {
    builder.begin(builder.session(Value::integer(choices.draw(3))));
    HistoryBuilder::End end;
    if (choices.draw(3) == 0) {
      const std::uint32_t from = choices.draw(accounts);
      const std::uint32_t to = choices.draw(accounts);
      end.outcome = choices.draw(3) == 0 ? Outcome::kFail : choices.draw(3) == 0 ? Outcome::kInfo : Outcome::kOk;
      builder.transfer(from, to, Value::integer(3));
      if (end.outcome == Outcome::kOk) {
        states.push_back(states.back());
        states.back()[from] -= 3;
        states.back()[to] += 3;
      }
    } else {
      const std::uint32_t read = choices.draw(6) == 5 ? accounts - 1 : accounts;
      const std::size_t state = choices.draw(static_cast<std::uint32_t>(states.size()));
      std::int64_t sum = 0;
      for (std::uint32_t account = 0; account < read; ++account) {
        const bool skewed = choices.draw(2) == 1;
        const std::int64_t made = choices.draw(12) == 11 ? 1 : 0;
        const std::int64_t balance = states[skewed ? states.size() - 1 : state][account] + made;
        builder.event(EventKind::kReadBalance, account, Value::integer(balance));
        sum += balance;
      }
      if (read == accounts) {
        result.total_kept = result.total_kept && (!result.some_read || sum == total);
        result.some_read = true;
        total = sum;
      }
    }
    builder.finish(end);
  }
  // Every account occurs, so that reads of all are reads of all.
  builder.begin(builder.session(Value::integer(9)));
  for (std::uint32_t account = 0; account < accounts; ++account) builder.transfer(account, account, Value::integer(0));
  builder.finish({});
  result.history = builder.build(false);
  return result;
}

TEST(Totals, FindTheBanksWhoseTotalChanges) {
  Tally tally;
  EXPECT_TRUE(rc::check("a bank is valid exactly if all its totals are the same", [&] {
    const BankCase bank = random_bank(random_choices());
    const Judgement judgement = totals::judge_bank(bank.history);
    log(bank.history, judgement);
    tally.add(bank.total_kept);
    const Validity expected = !bank.some_read   ? Validity::kUnknown
                              : bank.total_kept ? Validity::kValid
                                                : Validity::kInvalid;
    RC_ASSERT(judgement.validity == expected);
  }));
  tally.expect_both(0.05);
}

}  // namespace
}  // namespace tidemark::checkers::oracle
