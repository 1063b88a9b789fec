// What single transactions did, as sentences about it need it. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checkers/record/history.h"

namespace tidemark::checkers::why {

bool puts(const Event& event);  // appends, adds, writes or compares-and-sets: has a value of its own

/// The event by which `transaction` gave `value` to `key`; nullptr if it did not.
const Event* write_of(const History& history, std::uint32_t transaction, std::uint32_t key, Value value);
/// The last value that it gave to `key`.
std::optional<Value> last_write(const History& history, std::uint32_t transaction, std::uint32_t key);
/// What it found in the register `key` before it wrote there itself: reads that are known, and comparisons that held.
std::optional<Value> found(const History& history, std::uint32_t transaction, std::uint32_t key);
bool contains(const History& history, const Event& read, Value value);

/// No other transaction that may have taken effect gave this value to the key.
bool only_writer(const History& history, std::uint32_t transaction, std::uint32_t key, Value value);
/// Nobody wrote nil to the register.
bool nil_is_first(const History& history, std::uint32_t key);

/// A transaction that took effect: it is ok, or somebody (`reader`) read what only it can have written.
struct Effect {
  bool sure = false;
  std::optional<std::uint32_t> reader;
  std::string because;  // with a reader: "T3 took effect although its outcome is unknown, as T5 read its 1"
};
Effect effect_of(const History& history, std::uint32_t transaction);

}  // namespace tidemark::checkers::why
