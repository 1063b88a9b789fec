// A tiny notation for histories of registers, texts, lists, sets and counters: one line, one transaction.
//
//   "a ok 0 9 w x 1; r x 1"   session a, outcome, call, end, events separated by ";"
//
// Events: w KEY V | r KEY V | cas KEY EXPECTED V | text KEY V | append KEY V | list KEY V... | add KEY V | set KEY V...
// | inc KEY V | count KEY V | balance KEY V | transfer KEY KEY V | clear KEY. V: an integer, nil, or a text. Reads of
// "?" are unknown.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "checkers/record/history.h"

namespace tidemark::checkers {

class SmallRecord {
 public:
  SmallRecord& operator()(const std::string& line) {
    std::istringstream words(line);
    std::string session, outcome, call, ret;
    words >> session >> outcome >> call >> ret;
    builder_.begin(builder_.session(builder_.text(session)));
    std::string event;
    while (std::getline(words, event, ';')) add(event);
    HistoryBuilder::End end;
    end.outcome = outcome == "ok" ? Outcome::kOk : outcome == "fail" ? Outcome::kFail : Outcome::kInfo;
    end.call = static_cast<std::uint32_t>(std::stoul(call));
    end.ret = ret == "-" ? kNever : static_cast<std::uint32_t>(std::stoul(ret));
    builder_.finish(end);
    return *this;
  }
  History build(bool real_time = true) { return builder_.build(real_time); }

 private:
  Value value(const std::string& text) {
    if (text == "nil") return {};
    const bool number = text.find_first_not_of("-0123456789") == std::string::npos && !text.empty();
    return number ? builder_.integer(std::stoll(text)) : builder_.text(text);
  }

  void add(const std::string& event) {
    std::istringstream words(event);
    std::string name, key_name;
    words >> name >> key_name;
    const std::uint32_t key = builder_.key(builder_.text(key_name));
    std::vector<Value> values;
    for (std::string word; words >> word;) {
      if (word == "?") return builder_.unknown_read(kind_of(name), key);
      values.push_back(value(word));
    }
    if (name == "transfer") {  // transfer FROM TO AMOUNT
      const Value amount = values.at(1);
      return builder_.transfer(key, builder_.key(values.at(0)), amount);
    }
    if (name == "cas") return builder_.cas(key, values.at(0), values.at(1));
    if (name == "list" || name == "set") {
      builder_.read_elements(kind_of(name), key, values);
    } else {
      builder_.event(kind_of(name), key, values.empty() ? Value{} : values[0]);
    }
  }

  static EventKind kind_of(const std::string& name) {
    if (name == "w") return EventKind::kWrite;
    if (name == "r") return EventKind::kRead;
    if (name == "text") return EventKind::kAppendText;
    if (name == "append") return EventKind::kAppend;
    if (name == "list") return EventKind::kReadList;
    if (name == "add") return EventKind::kAdd;
    if (name == "set") return EventKind::kReadSet;
    if (name == "inc") return EventKind::kIncrement;
    if (name == "count") return EventKind::kReadCounter;
    if (name == "balance") return EventKind::kReadBalance;
    return EventKind::kClear;
  }

  HistoryBuilder builder_;
};

}  // namespace tidemark::checkers
