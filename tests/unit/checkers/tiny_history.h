// Histories in a tiny notation, one transaction per '/':
//
//   "s1: ax1 / s2: rx[1] ry[] / s1?: ay2 / s3!: ax3"     append 1 to list x; read lists; '?' unknown outcome, '!'
//   failed "s1: wx5.2 / s2: gx5.2"                              register x = 5 with version 2 "s1: +a / s2: =a / s3:
//   l[a b] / s1: reset"           Orders: insert row a; insert that found it there; list; reset
//
// Transactions run one after the other (0 to 5 ns, 10 to 15 ns, ...). Each ok transaction gets its place as bookmark;
// "@7" sets another one, "@2.7" one of epoch 2, "@-" none. "<3" invokes it at 3 ns already. "s9: ^2" restores the state
// at bookmark 2. "$4": ground truth knows that the write's entry would be 4; each further one is what it made when
// carried out again.
#pragma once

#include <fmt/format.h>

#include <sstream>
#include <string>
#include <vector>

#include "checkers/history/operation.h"

namespace tidemark::checkers {

inline std::string bookmark(std::uint32_t sequence, std::uint32_t epoch = 1) {
  return fmt::format("{:08x}-{:08x}-{:08x}-{:032x}", epoch, sequence, 20000, sequence);
}

/// "7", or "2.7" of epoch 2.
inline std::string tiny_bookmark(const std::string& text) {
  const auto dot = text.find('.');
  if (dot == std::string::npos) return bookmark(static_cast<std::uint32_t>(std::stoul(text)));
  return bookmark(static_cast<std::uint32_t>(std::stoul(text.substr(dot + 1))),
                  static_cast<std::uint32_t>(std::stoul(text)));
}

inline OrderRow tiny_row(const std::string& name) {
  return {"c-" + name, "o-" + name, static_cast<std::int64_t>(name.size())};
}

inline std::vector<std::string> tiny_words(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  int depth = 0;
  for (const char c : text) {
    depth += c == '[' ? 1 : c == ']' ? -1 : 0;
    if (c == ' ' && depth == 0) {
      if (!word.empty()) words.push_back(word);
      word.clear();
    } else {
      word += c;
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

inline void tiny_op(Operation& operation, const std::string& word) {
  const auto lists = [&]() -> auto& {
    if (operation.f.empty()) operation.value = std::vector<ListOp>{};
    operation.f = "txn";
    return std::get<std::vector<ListOp>>(operation.value);
  };
  const auto registers = [&]() -> auto& {
    if (operation.f.empty()) operation.value = std::vector<RegisterOp>{};
    operation.f = "txn";
    return std::get<std::vector<RegisterOp>>(operation.value);
  };
  const auto orders = [&]() -> auto& {
    if (operation.f.empty()) operation.value = std::vector<OrdersOp>{};
    operation.f = "txn";
    return std::get<std::vector<OrdersOp>>(operation.value);
  };
  const bool known = operation.outcome == Outcome::kOk;
  const auto inside = [&] {
    std::istringstream parts(word.substr(word.find('[') + 1, word.find(']') - word.find('[') - 1));
    std::vector<std::string> result;
    for (std::string part; parts >> part;) result.push_back(part);
    return result;
  };
  if (word == "reset") {
    orders().push_back({OrdersOp::Kind::kReset, {}, false, nullptr});
  } else if (word[0] == '+' || word[0] == '=') {
    orders().push_back({OrdersOp::Kind::kInsert, tiny_row(word.substr(1)), known && word[0] == '+', nullptr});
  } else if (word[0] == 'l') {
    auto rows = std::make_shared<std::vector<OrderRow>>();
    for (const std::string& name : inside()) rows->push_back(tiny_row(name));
    orders().push_back({OrdersOp::Kind::kList, {}, false, known ? rows : nullptr});
  } else if (word[0] == 'a') {
    lists().push_back({true, word[1], std::stoll(word.substr(2)), true, {}});
  } else if (word[0] == 'r') {
    ListOp op{false, word[1], 0, known, {}};
    for (const std::string& element : inside()) op.elements.push_back(std::stoll(element));
    lists().push_back(op);
  } else {
    const auto dot = word.find('.');
    RegisterOp op{word[0] == 'w', word[1], std::stoll(word.substr(2)), -1, known || word[0] == 'w'};
    if (dot != std::string::npos) op.version = std::stoll(word.substr(dot + 1));
    registers().push_back(op);
  }
}

inline std::vector<Operation> tiny_history(const std::string& text) {
  std::vector<Operation> history;
  std::istringstream transactions(text);
  for (std::string part; std::getline(transactions, part, '/');) {
    const auto words = tiny_words(part);
    if (words.empty()) continue;
    Operation& operation = history.emplace_back();
    const std::string& who = words[0];
    operation.index = history.size() - 1;
    operation.session = operation.process = static_cast<std::uint32_t>(std::stoul(who.substr(1)));
    operation.outcome = who.find('?') != std::string::npos   ? Outcome::kInfo
                        : who.find('!') != std::string::npos ? Outcome::kFail
                                                             : Outcome::kOk;
    operation.invoke_ns = static_cast<std::int64_t>(operation.index) * 10;
    operation.complete_ns = operation.invoke_ns + 5;
    operation.served_by_region = "WEUR";
    if (operation.outcome == Outcome::kOk)
      operation.bookmark_out = bookmark(static_cast<std::uint32_t>(operation.index) + 1);
    if (operation.outcome != Outcome::kOk) operation.error = "network";
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (words[i] == "@-") {
        operation.bookmark_out.clear();
      } else if (words[i][0] == '@') {
        operation.bookmark_out = tiny_bookmark(words[i].substr(1));
      } else if (words[i][0] == '^') {
        operation.f = "restore";
        operation.restored_to =
            words[i] == "^-" ? "the beginning" : bookmark(static_cast<std::uint32_t>(std::stoul(words[i].substr(1))));
      } else if (words[i][0] == '$') {
        const std::string entry = tiny_bookmark(words[i].substr(1));
        if (operation.entry.empty()) {
          operation.entry = entry;
        } else {
          operation.later_entries.push_back(entry);
        }
      } else if (words[i][0] == '<') {
        operation.invoke_ns = std::stoll(words[i].substr(1));
      } else {
        tiny_op(operation, words[i]);
      }
    }
  }
  return history;
}

}  // namespace tidemark::checkers
