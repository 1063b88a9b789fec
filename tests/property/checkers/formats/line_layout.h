// Other ways to write the same line of `history.jsonl`, and random operations to write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "checkers/history/history_io.h"

namespace tidemark::checkers {

struct Draws {
  std::uint64_t state;
  std::uint32_t below(std::uint32_t limit) {
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return static_cast<std::uint32_t>((mixed ^ (mixed >> 31)) % limit);
  }
  bool percent(unsigned likely) { return below(100) < likely; }
};

struct Layout {
  unsigned spaces = 0;   // how likely white space is at a place that allows it, in percent
  unsigned escapes = 0;  // how likely a character is written as an escape
  bool shuffled = false;
  bool rare = false;  // forms that the fast path leaves to the strict one: -0, escaped names of keys, pairs of UTF-16
};

/// The line (with its newline, as HistoryFormatter makes it) in another layout: what it says stays.
std::string laid_out(std::string_view line, const Layout& layout, Draws& draws);

/// A history of `count` operations. `rare`: numbers that the fast path leaves, too.
std::string random_lines(ModelKind model, unsigned count, bool rare, Draws& draws);

}  // namespace tidemark::checkers
