// Members of a line of `history.jsonl` whose keys come in any order. Private to OperationScanner.
//
// A processor guesses what comes next from what came before; keys, and so kinds and lengths of values, that change
// their places from line to line are guessed wrong, at the price of twenty instructions and more each. So nothing here
// branches on which key it is, how long it is, or what kind its value is.
//
// Functions read up to kScanAhead bytes behind what they look for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "checkers/history/line_keys.h"
#include "checkers/history/scan_bytes.h"

namespace tidemark::checkers::line_members {

using line_keys::Key;

/// The name of a key with the quote behind it, and the bits of its bytes.
struct Name {
  std::array<std::uint64_t, 3> bytes{};
  std::array<std::uint64_t, 3> bits{};
  std::size_t length = 0;  // with the quote
  Key key = line_keys::kKeys;
};

constexpr Name name_of(std::string_view text, Key key) {
  Name name;
  name.key = key;
  name.length = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint64_t>(static_cast<unsigned char>(text[i]));
    name.bytes[i / 8] |= byte << i % 8 * 8;
    name.bits[i / 8] |= std::uint64_t{0xff} << i % 8 * 8;
  }
  return name;
}

inline constexpr std::array kNames{
    name_of("index\"", line_keys::kIndex),
    name_of("session\"", line_keys::kSession),
    name_of("process\"", line_keys::kProcess),
    name_of("type\"", line_keys::kType),
    name_of("f\"", line_keys::kF),
    name_of("value\"", line_keys::kValue),
    name_of("invoke_ns\"", line_keys::kInvoke),
    name_of("complete_ns\"", line_keys::kComplete),
    name_of("bookmark_in\"", line_keys::kBookmarkIn),
    name_of("bookmark_out\"", line_keys::kBookmarkOut),
    name_of("served_by_region\"", line_keys::kRegion),
    name_of("served_by_primary\"", line_keys::kPrimary),
    name_of("error\"", line_keys::kError),
};

inline constexpr std::size_t kMostOfAName = 32;

constexpr std::size_t place_of(char first, std::size_t length) {
  return (static_cast<unsigned char>(first) & 31U) * kMostOfAName + length;
}

/// No two have the first letter and the length in common. By both: place in kNames; for what is none, some place.
inline constexpr std::array<std::uint8_t, 32 * kMostOfAName> kByLength = [] {
  std::array<std::uint8_t, 32 * kMostOfAName> places{};
  for (std::size_t i = 0; i < kNames.size(); ++i)
    places[place_of(static_cast<char>(kNames[i].bytes[0] & 0xff), kNames[i].length - 1)] = static_cast<std::uint8_t>(i);
  return places;
}();

/// Where the name at `at`, which stands behind its opening quote, has the closing one; null: it has none nearby.
inline const char* name_end(const char* at) {
  unsigned stops = stops_of_text(at);
  if constexpr (kBlock == 1) return next_stop<stops_of_text>(at);
  stops |= stops_of_text(at + 16) << 16;
  return stops == 0 ? nullptr : at + __builtin_ctz(stops);
}

/// Whose name stands from `at` to the quote at `end`; null: it is none of these.
inline const Name* name_at(const char* at, const char* end) {
  const auto length = static_cast<std::size_t>(end - at);
  if (length >= kMostOfAName) return nullptr;
  const Name& name = kNames[kByLength[place_of(*at, length)]];
  const auto difference = [&](std::size_t i) { return (word_at(at + 8 * i) & name.bits[i]) ^ name.bytes[i]; };
  return (difference(0) | difference(1) | difference(2)) == 0 ? &name : nullptr;
}

/// The first byte behind the scalar at `at`, a number, a word or a string without its quotes, that may end it. It ends
/// it if it is a quote, or if there is none before it: then it is a comma, a brace or white space. Null: not found
/// nearby, or it is something else that does not belong there. `quoted`: 0 or 1.
inline const char* scalar_end(const char* at, unsigned quoted) {
#ifdef __SSE2__
  const auto text = [at](unsigned i) { return std::uint64_t{stops_of_text(at + 1 + i * kBlock)} << i * kBlock; };
  const auto word = [at](unsigned i) { return std::uint64_t{stops_of_word(at + 1 + i * kBlock)} << i * kBlock; };
  const std::uint64_t of_text = text(0) | text(1) | text(2) | text(3);
  const std::uint64_t of_word = word(0) | word(1);
  const std::uint64_t stops = of_word ^ ((of_word ^ of_text) & -std::uint64_t{quoted});  // not "?:", which may branch
  return stops == 0 ? nullptr : at + 1 + __builtin_ctzll(stops);
#else
  return quoted != 0 ? next_stop<stops_of_text>(at + 1) : next_stop<stops_of_word>(at + 1);
#endif
}

}  // namespace tidemark::checkers::line_members
