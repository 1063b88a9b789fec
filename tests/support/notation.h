// Histories in a tiny notation, for tests.
//
//   s1: a x 1, r x [1 2]        session s1 appended 1 to x and then read x
//   s2: w y 3, r z nil   @4-9   registers; began at instant 4, ended at 9
//   s2: w y 3 v1, r y 3 v1      with a version column
//   s1: cas y 3 4        !      failed
//   s3: add t 1, r t {}  ?      of unknown outcome; reads of such are unknown
//
// Also: inc c 2, r c #2 (counter), clear x. One transaction a line; empty lines are skipped.
#pragma once

#include <cctype>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/record/history.h"

namespace tidemark::checkers::testing {

class Notation {
 public:
  static History read(std::string_view text) {
    Notation notation;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
      if (line.find_first_not_of(" \t") != std::string::npos) notation.transaction(line);
    }
    return notation.builder_.build(notation.timed_);
  }

 private:
  static std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t");
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
  }

  Value value(const std::string& word) {
    if (word == "nil") return Value{};
    const bool number = !word.empty() && (std::isdigit(static_cast<unsigned char>(word[0])) != 0 || word[0] == '-');
    return number ? builder_.integer(std::stoll(word)) : builder_.text(word);
  }

  void transaction(std::string line) {
    HistoryBuilder::End end;
    if (const std::size_t at = line.find('@'); at != std::string::npos) {
      const std::size_t dash = line.find('-', at);
      end.call = static_cast<std::uint32_t>(std::stoul(line.substr(at + 1, dash - at - 1)));
      end.ret = static_cast<std::uint32_t>(std::stoul(line.substr(dash + 1)));
      line = trimmed(line.substr(0, at));
      timed_ = true;
    }
    line = trimmed(line);
    if (line.back() == '!') end.outcome = Outcome::kFail;
    if (line.back() == '?') end.outcome = Outcome::kInfo;
    if (end.outcome != Outcome::kOk) line.pop_back();
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) throw std::invalid_argument("no session in: " + line);
    builder_.begin(builder_.session(builder_.text(trimmed(line.substr(0, colon)))));
    std::istringstream parts(line.substr(colon + 1));
    for (std::string part; std::getline(parts, part, ',');) {
      if (!trimmed(part).empty()) event(trimmed(part), end.outcome == Outcome::kOk);
    }
    builder_.finish(end);
  }

  void event(const std::string& text, bool known) {
    std::istringstream words(text);
    std::string what;
    std::string name;
    words >> what >> name;
    const std::uint32_t key = builder_.key(builder_.text(name));
    std::vector<std::string> rest;
    for (std::string word; words >> word;) rest.push_back(word);
    if (what == "r") return read_event(key, rest, known);
    if (what == "cas") return builder_.cas(key, value(rest.at(0)), value(rest.at(1)));
    if (what == "clear") return builder_.event(EventKind::kClear, key, Value{});
    const EventKind kind = what == "a"     ? EventKind::kAppend
                           : what == "w"   ? EventKind::kWrite
                           : what == "add" ? EventKind::kAdd
                           : what == "inc" ? EventKind::kIncrement
                                           : throw std::invalid_argument("what is " + text);
    builder_.event(kind, key, value(rest.at(0)), version(rest));
  }

  /// The word behind the value: v1. None: -1.
  static std::int64_t version(const std::vector<std::string>& words) {
    return words.size() > 1 && words[1][0] == 'v' ? std::stoll(words[1].substr(1)) : -1;
  }

  void read_event(std::uint32_t key, const std::vector<std::string>& words, bool known) {
    std::string all;
    for (const std::string& word : words) all += word + " ";
    const char first = all.at(0);
    const EventKind kind = first == '['   ? EventKind::kReadList
                           : first == '{' ? EventKind::kReadSet
                           : first == '#' ? EventKind::kReadCounter
                                          : EventKind::kRead;
    if (!known) return builder_.unknown_read(kind, key);
    if (kind == EventKind::kRead) return builder_.event(kind, key, value(words.at(0)), version(words));
    if (kind == EventKind::kReadCounter) return builder_.event(kind, key, value(words.at(0).substr(1)));
    for (char& c : all) {
      if (c == '[' || c == ']' || c == '{' || c == '}') c = ' ';
    }
    std::vector<Value> elements;
    std::istringstream inside(all);
    for (std::string word; inside >> word;) elements.push_back(value(word));
    builder_.read_elements(kind, key, elements);
  }

  HistoryBuilder builder_;
  bool timed_ = false;
};

/// Throws std::exception on a text that is not in the notation.
inline History history_of(std::string_view text) {
  return Notation::read(text);
}

}  // namespace tidemark::checkers::testing
