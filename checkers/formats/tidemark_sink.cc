#include "checkers/formats/tidemark_sink.h"

#include <algorithm>

namespace tidemark::checkers {
namespace {

void append_escaped(std::string& out, std::string_view part) {
  for (const char c : part) {
    if (c == '/' || c == '\\') out += '\\';
    out += c;
  }
}

/// How many of the sorted numbers are smaller. Looks near the end first: operations begin shortly before they end.
std::size_t smaller(const std::vector<std::int64_t>& sorted, std::int64_t number) {
  std::size_t high = sorted.size();  // sorted[high..] >= number
  std::size_t step = 1;
  while (high > 0 && sorted[high - std::min(step, high)] >= number) {
    high -= std::min(step, high);
    step *= 2;
  }
  const std::size_t low = high - std::min(step, high);
  const auto first = sorted.begin() + static_cast<std::ptrdiff_t>(low);
  const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(high);
  return static_cast<std::size_t>(std::lower_bound(first, last, number) - sorted.begin());
}

}  // namespace

TidemarkSink::TidemarkSink(ModelKind model, ReadSummary& summary) : summary_(summary) {
  if (model == ModelKind::kOrders) orders_ = builder_.key(builder_.text("orders"));
}

/// Saves a look into a hash table for each operation.
std::uint32_t TidemarkSink::session_of(std::uint32_t name) {
  if (name >= kFewSessions) return builder_.session(Value::integer(name));
  if (name >= few_sessions_.size()) few_sessions_.resize(std::size_t{name} + 1);
  std::uint32_t& known = few_sessions_[name];
  if (known == 0) known = builder_.session(Value::integer(name)) + 1;
  return known - 1;
}

Value TidemarkSink::row(std::string_view customer, std::string_view order, std::int64_t quantity) {
  text_.clear();
  append_escaped(text_, customer);
  text_ += '/';
  append_escaped(text_, order);
  text_ += '/';
  text_ += std::to_string(quantity);
  return builder_.text(text_);
}

void TidemarkSink::end(const Tail& tail) {
  if (completions_.empty() || completions_.back() < tail.complete_ns) completions_.push_back(tail.complete_ns);
  ++operations_;
  HistoryBuilder::End end;
  end.outcome = tail.outcome;
  end.line = static_cast<std::uint32_t>(operations_ + 1);  // the header is line 1
  if (tail.index < kNever) end.index = static_cast<std::uint32_t>(tail.index);
  // Places on the line of the different completions: an operation that ended at the n-th of them ended before those
  // that began after it, which are those that more than n completions precede.
  end.call = static_cast<std::uint32_t>(smaller(completions_, tail.invoke_ns) + 1);
  end.ret = static_cast<std::uint32_t>(completions_.size());
  end.times = {tail.invoke_ns, tail.complete_ns};
  if (!tail.region.empty()) {
    if (region_ != tail.region) {
      region_ = tail.region;
      region_id_ = builder_.text(region_).text_id();
    }
    end.region = region_id_;
  }
  builder_.finish(end);
}

History TidemarkSink::build() {
  summary_.records = operations_;
  return builder_.build(true);
}

}  // namespace tidemark::checkers
