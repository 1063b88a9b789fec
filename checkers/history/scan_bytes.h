// What a scanner of JSON does with many bytes at once: runs of plain characters, digits, known words.
//
// Functions may read up to kScanAhead bytes behind what they look for; the caller has room behind the text.
#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tidemark::checkers {

inline constexpr std::size_t kScanAhead = 64;

inline std::uint64_t word_at(const char* text) {
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  return word;
}

/// Scanning by the block: of the bytes at `text`, kBlock at a time, bit i of the mask says that the i-th is one to stop
/// at. Callers branch on "none" and then go on by a whole block: what comes next need not wait for the mask.
#ifdef __SSE2__
inline constexpr unsigned kBlock = 16;

/// Stops at what does not stand for itself in a JSON string, or is not ASCII.
inline unsigned stops_of_text(const char* text) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i control = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));  // signed: those beyond ASCII as well
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, slash))));
}

/// Stops at what ends a number, true or false: a comma, a closing brace, white space; at all that is not ASCII as well.
inline unsigned stops_of_word(const char* text) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i space = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x21));
  const __m128i comma = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(','));
  const __m128i brace = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('}'));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(space, _mm_or_si128(comma, brace))));
}

/// Stops at newlines, and where `"s......"` stands.
inline unsigned stops_of_session(const char* text) {
  const auto at = [text](std::ptrdiff_t place) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + place));
  };
  const __m128i newline = _mm_cmpeq_epi8(at(0), _mm_set1_epi8('\n'));
  const __m128i quotes =
      _mm_and_si128(_mm_cmpeq_epi8(at(0), _mm_set1_epi8('"')), _mm_cmpeq_epi8(at(8), _mm_set1_epi8('"')));
  const __m128i letter = _mm_cmpeq_epi8(at(1), _mm_set1_epi8('s'));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(newline, _mm_and_si128(quotes, letter))));
}
#else
inline constexpr unsigned kBlock = 1;

inline unsigned stops_of_text(const char* text) {
  return static_cast<signed char>(*text) < 0x20 || *text == '"' || *text == '\\' ? 1 : 0;
}

inline unsigned stops_of_word(const char* text) {
  return static_cast<signed char>(*text) < 0x21 || *text == ',' || *text == '}' ? 1 : 0;
}

inline unsigned stops_of_session(const char* text) {
  return *text == '\n' || (*text == '"' && text[1] == 's' && text[8] == '"') ? 1 : 0;
}
#endif

/// The first byte that `stops` stops at; there must be one.
template <unsigned (*stops)(const char*)>
inline const char* next_stop(const char* at) {
  unsigned mask = 0;
  while ((mask = stops(at)) == 0) at += kBlock;
  return at + __builtin_ctz(mask);
}

/// Eight characters at a time, of a number known to the compiler, which calls memcmp otherwise.
template <std::size_t N>
bool same_bytes(const char* a, const char* b) {
  if constexpr (N >= 8) {
    std::uint64_t difference = 0;
    for (std::size_t i = 0; i + 8 <= N; i += 8) difference |= word_at(a + i) ^ word_at(b + i);
    if constexpr (N % 8 != 0) difference |= word_at(a + N - 8) ^ word_at(b + N - 8);
    return difference == 0;
  } else {
    return std::memcmp(a, b, N) == 0;
  }
}

/// How many bytes of the two are the same at the beginning, at most `limit`.
inline std::size_t common_prefix(const char* a, const char* b, std::size_t limit) {
  std::size_t at = 0;
  while (at + 8 <= limit && word_at(a + at) == word_at(b + at)) at += 8;
  while (at < limit && a[at] == b[at]) ++at;
  return at;
}

/// The integer at `at`, as JSON writes it, within 64 bits; -0 is none. Returns what is behind it; null: none.
inline const char* scan_integer(const char* at, std::int64_t& number) {
  const bool minus = *at == '-';
  const char* first = at + (minus ? 1 : 0);
  std::uint64_t value = 0;
  unsigned digit = 0;
  for (at = first; (digit = static_cast<unsigned char>(*at) - unsigned{'0'}) <= 9; ++at) value = value * 10 + digit;
  const std::ptrdiff_t digits = at - first;
  if (digits == 0 || digits > 19 || value > INT64_MAX) return nullptr;
  if (*first == '0' && (digits > 1 || minus)) return nullptr;
  number = minus ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
  return at;
}

}  // namespace tidemark::checkers
