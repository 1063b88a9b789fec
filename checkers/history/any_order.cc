// OperationScanner: lines whose order of keys is another one than that of the lines before. See line_members.h.
#include "checkers/history/line_members.h"
#include "checkers/history/operation_scanner.h"

namespace tidemark::checkers {

/// Finds all values first, but for the micro-operations, and reads them in one order then. One place leads to the next
/// by way of quotes and ends of values alone: whose they are is found out beside.
bool OperationScanner::any_order(MicroOpSink& sink, ScannedLine& line) {
  const auto behind_space = [](const char* at) {
    while (*at == ' ' || *at == '\t' || *at == '\r') ++at;
    return at;
  };
  quoted_ = escaped_ = 0;
  unsigned quoted = 0;
  for (const char* at = at_;; ++at) {
    at = behind_space(at);
    if (*at != '"') return false;
    const char* name_end = line_members::name_end(at + 1);
    if (name_end == nullptr) return false;
    const line_members::Name* name = line_members::name_at(at + 1, name_end);
    at = behind_space(name_end + 1);
    if (name == nullptr || *at != ':' || (seen_ >> name->key & 1U) != 0) return false;
    at = behind_space(at + 1);
    const Key key = name->key;
    if (*at == '[') {
      at_ = at;
      const bool known = (seen_ >> kSession & 1U) != 0;
      if (key != kValue || (known && !number_of(kSession, line.session, UINT32_MAX)) || !value(sink, line))
        return false;
      at = at_;
    } else {
      const unsigned quote = *at == '"' ? 1U : 0U;
      quoted |= quote << key;
      const char* end = line_members::scalar_end(at, quote);
      if (end != nullptr && (quote == 0 || *end == '"')) {
        scalars_[key] = {at + quote, static_cast<std::size_t>(end - at - quote)};
        at = end + quote;
      } else if (quote == 0 || !long_text(at, key)) {
        return false;
      }
    }
    seen_ |= 1U << key;
    if (key != kError) order_ = order_ << 4 | key;
    at = behind_space(at);
    if (*at == ',') continue;
    if (*at != '}') return false;
    at_ = at + 1;
    quoted_ = quoted;
    return scalars(line);
  }
}

/// With escapes, beyond ASCII, or only long.
bool OperationScanner::long_text(const char*& at, Key key) {
  at_ = at;
  ScannedText text;
  if (!string(text)) return false;
  at = at_;
  scalars_[key] = text.raw;
  escaped_ |= (text.escaped ? 1U : 0U) << key;
  return true;
}

/// From 0 to `high`.
template <typename Number>
inline bool OperationScanner::number_of(Key key, Number& number, std::int64_t high) {
  std::int64_t read = 0;
  const std::string_view text = scalars_[key];
  if (scan_integer(text.data(), read) != text.data() + text.size() || read < 0 || read > high) return false;
  number = static_cast<Number>(read);
  return true;
}

bool OperationScanner::scalars(ScannedLine& line) {
  constexpr unsigned kTexts =
      1U << kType | 1U << kF | 1U << kBookmarkIn | 1U << kBookmarkOut | 1U << kRegion | 1U << kError;
  if ((seen_ & line_keys::kRequired) != line_keys::kRequired || quoted_ != (seen_ & kTexts)) return false;
  const char* behind = at_;
  at_ = scalars_[kType].data() - 1;
  bool fine = type(line.outcome);
  at_ = scalars_[kPrimary].data();
  fine = fine && truth(line.served_by_primary) && at_ == scalars_[kPrimary].data() + scalars_[kPrimary].size();
  at_ = behind;
  const auto text = [this](Key key) { return ScannedText{scalars_[key], (escaped_ >> key & 1U) != 0}; };
  line.f = text(kF);
  line.bookmark_in = text(kBookmarkIn);
  line.bookmark_out = text(kBookmarkOut);
  line.served_by_region = text(kRegion);
  if ((seen_ >> kError & 1U) != 0) line.error = text(kError);
  return fine && number_of(kIndex, line.index, line_keys::kMostTime) && number_of(kSession, line.session, UINT32_MAX) &&
         number_of(kProcess, line.process, UINT32_MAX) && number_of(kInvoke, line.invoke_ns, line_keys::kMostTime) &&
         number_of(kComplete, line.complete_ns, line_keys::kMostTime);
}

}  // namespace tidemark::checkers
