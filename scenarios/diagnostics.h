// Messages about input of a user: every one has a place and a cause.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::scenarios {

/// Where a text stands. Lines and columns count from 1; 0 = the place has none (a command-line argument).
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct Diagnostic {
  Place place;
  std::string message;
  /// "smoke/orders.toml:12:3: message", "--set a.b=1: message".
  std::string text() const;
};

/// Collects messages. All are counted, the first kLimit kept, ordered by place when read.
class Diagnostics {
 public:
  static constexpr std::size_t kLimit = 20;

  void add(const Place& place, std::string message);
  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  /// By line and column; messages without a line come last in the order of adding.
  std::vector<Diagnostic> sorted() const;
  /// One line per message, and a last line when some were left out.
  std::string text() const;

 private:
  std::vector<Diagnostic> kept_;
  std::size_t count_ = 0;
};

/// Number of insertions, removals, replacements and swaps of neighbours that turn `a` into `b` (optimal string
/// alignment), without regard to case.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// " (did you mean X?)" with the nearest candidate when it is near enough to be a slip, else empty. Of equally near
/// candidates the first wins.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace tidemark::scenarios
