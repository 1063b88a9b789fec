// Value: what a foreign history reads and writes: nil, an integer, or an interned text. Eight bytes, compared as a
// number.
#pragma once

#include <compare>
#include <cstdint>

namespace tidemark::checkers {

/// Integers stand for themselves within +-2^61; other texts (and integers beyond) are interned by the History that the
/// value belongs to: values of two histories compare only when both are integers.
class Value {
 public:
  static constexpr std::int64_t kLargest = (std::int64_t{1} << 61) - 1;

  constexpr Value() = default;  // nil
  static constexpr Value integer(std::int64_t number) { return Value{number}; }
  static constexpr Value text(std::uint32_t id) { return Value{kTexts + static_cast<std::int64_t>(id)}; }
  static constexpr bool fits(std::int64_t number) { return number >= -kLargest && number <= kLargest; }

  constexpr bool is_nil() const { return code_ == kNil; }
  constexpr bool is_text() const { return code_ >= kTexts; }
  constexpr bool is_integer() const { return !is_nil() && !is_text(); }
  constexpr std::int64_t number() const { return code_; }                                         // is_integer()
  constexpr std::uint32_t text_id() const { return static_cast<std::uint32_t>(code_ - kTexts); }  // is_text()
  constexpr std::int64_t code() const { return code_; }                                           // for hashing
  friend constexpr auto operator<=>(Value, Value) = default;

 private:
  static constexpr std::int64_t kNil = INT64_MIN;
  static constexpr std::int64_t kTexts = std::int64_t{1} << 62;
  explicit constexpr Value(std::int64_t code) : code_(code) {}

  std::int64_t code_ = kNil;
};

}  // namespace tidemark::checkers
