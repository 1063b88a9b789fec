#include "hunt/outcome.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "base/assert.h"

namespace tidemark::hunt {
namespace {

/// Fields one after another, each as "LENGTH:bytes".
class Fields {
 public:
  void add(const std::string& text) { text_ += std::to_string(text.size()) + ":" + text; }
  void add(std::uint64_t number) { add(std::to_string(number)); }
  void add(double number) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    add(bits);
  }
  std::string text() const { return text_; }

 private:
  std::string text_;
};

class FieldReader {
 public:
  explicit FieldReader(const std::string& text) : text_(text) {}
  std::string text() {
    const std::size_t colon = text_.find(':', at_);
    TIDEMARK_ASSERT(colon != std::string::npos);
    std::size_t length = 0;
    std::from_chars(text_.data() + at_, text_.data() + colon, length);
    TIDEMARK_ASSERT(colon + 1 + length <= text_.size());
    at_ = colon + 1 + length;
    return text_.substr(colon + 1, length);
  }
  std::uint64_t number() {
    const std::string digits = text();
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }
  double real() {
    const std::uint64_t bits = number();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }

 private:
  const std::string& text_;
  std::size_t at_ = 0;
};

}  // namespace

bool agree(const Outcome& a, const Outcome& b) {
  return a.seed == b.seed && a.verdict == b.verdict && a.code == b.code && a.digest == b.digest &&
         a.failure == b.failure && a.events == b.events && a.operations == b.operations &&
         a.virtual_seconds == b.virtual_seconds;
}

std::string pack(const Outcome& outcome) {
  Fields fields;
  fields.add(outcome.seed);
  fields.add(outcome.verdict);
  fields.add(static_cast<std::uint64_t>(outcome.code));
  fields.add(outcome.digest);
  fields.add(outcome.failure ? outcome.failure->check : "");
  fields.add(outcome.failure ? outcome.failure->shape : "");
  fields.add(outcome.witness);
  fields.add(outcome.events);
  fields.add(outcome.operations);
  fields.add(outcome.virtual_seconds);
  return fields.text();
}

Outcome unpack(const std::string& text) {
  FieldReader fields(text);
  Outcome outcome;
  outcome.seed = fields.number();
  outcome.verdict = fields.text();
  outcome.code = static_cast<int>(fields.number());
  outcome.digest = fields.text();
  reports::FailureClass failure{fields.text(), ""};
  failure.shape = fields.text();
  if (!failure.check.empty()) outcome.failure = std::move(failure);
  outcome.witness = fields.text();
  outcome.events = fields.number();
  outcome.operations = fields.number();
  outcome.virtual_seconds = fields.real();
  return outcome;
}

}  // namespace tidemark::hunt
