// Small random list-append histories from a string of choices, so that RapidCheck can shrink them.
//
// A serial store is run; reads come from its newest or from an older state, and some results are spoilt.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "checkers/history/operation.h"
#include "checkers/history/transaction.h"
#include "choices.h"

namespace tidemark::checkers {

inline std::vector<Operation> random_history(const std::vector<std::uint8_t>& bytes) {
  constexpr std::uint32_t kMaxOperations = 7;
  Choices choices(bytes);
  using State = std::vector<std::vector<std::int64_t>>;  // two lists
  std::vector<State> states{State(2)};
  std::vector<Operation> history;
  const std::uint32_t count = 2 + choices.draw(kMaxOperations - 1);
  const std::uint32_t staleness = choices.draw(4);  // 3: mostly old ones  // 0: always the newest state
  const bool spoil = choices.draw(2) == 1;
  std::int64_t next_element = 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    Operation& operation = history.emplace_back();
    operation.index = i;
    operation.session = operation.process = choices.draw(3);
    const std::uint32_t outcome = choices.draw(10);
    operation.outcome = outcome == 8 ? Outcome::kFail : outcome == 9 ? Outcome::kInfo : Outcome::kOk;
    operation.invoke_ns = i * 10;
    operation.complete_ns = i * 10 + 5;
    const bool takes_effect =
        operation.outcome == Outcome::kOk || (operation.outcome == Outcome::kInfo && choices.draw(2) == 1);
    std::vector<ListOp> ops;
    bool appends = false;
    const std::uint32_t length = 1 + choices.draw(3);
    State scratch = states.back();
    std::vector<std::size_t> reads;
    for (std::uint32_t part = 0; part < length; ++part) {
      ListOp op;
      op.key = choices.draw(2);
      op.is_append = choices.draw(5) >= 3;
      appends = appends || op.is_append;
      if (op.is_append) op.element = next_element++;
      ops.push_back(op);
    }
    if (!appends && staleness > 0 && choices.draw(3) < staleness)
      scratch = states[choices.draw(static_cast<std::uint32_t>(states.size()))];
    for (ListOp& op : ops) {
      auto& list = scratch[static_cast<std::size_t>(op.key)];
      if (op.is_append) {
        list.push_back(op.element);
      } else {
        const bool older = spoil && choices.draw(3) == 1;  // this part of the transaction from another state
        op.elements =
            older ? states[choices.draw(static_cast<std::uint32_t>(states.size()))][static_cast<std::size_t>(op.key)]
                  : list;
        op.known = operation.outcome == Outcome::kOk;
        if (spoil && choices.draw(12) == 1 && !op.elements.empty())
          op.elements.erase(op.elements.begin() + choices.draw(static_cast<std::uint32_t>(op.elements.size())));
        if (spoil && choices.draw(30) == 1) op.elements.push_back(1 + choices.draw(8));
      }
    }
    if (appends && takes_effect) states.push_back(scratch);
    operation.value = std::move(ops);
    if (operation.outcome != Outcome::kOk) continue;
    const std::uint32_t place =
        static_cast<std::uint32_t>(states.size()) * 4 + (choices.draw(20) == 1 ? choices.draw(12) : 0);
    operation.bookmark_out = fmt::format("{:08x}-{:08x}-{:08x}-{:032x}", 1, place, 20000, i + 1);
  }
  return history;
}

inline std::string show_history(const std::vector<Operation>& history) {
  Batch batch;
  std::string text;
  for (const Operation& operation : history) {
    batch.add(operation);
    text += fmt::format("s{} {} {} : {}\n", operation.session, static_cast<int>(operation.outcome),
                        operation.bookmark_out, batch.show(batch.transactions().back()));
  }
  return text;
}

}  // namespace tidemark::checkers
