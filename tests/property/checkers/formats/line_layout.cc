#include "line_layout.h"

#include <cctype>
#include <cstdlib>
#include <utility>
#include <vector>

namespace tidemark::checkers {
namespace {

std::string hex4(unsigned code, Draws& draws) {
  const char* digits = draws.percent(50) ? "0123456789abcdef" : "0123456789ABCDEF";
  std::string text = "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) text += digits[code >> shift & 15U];
  return text;
}

/// The code point at `at`, which moves behind it. The text is UTF-8.
unsigned code_point(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0x80) return first;
  const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  unsigned code = first & (0x3fU >> more);
  for (int i = 0; i < more; ++i) code = code << 6 | (static_cast<unsigned char>(text[at++]) & 0x3fU);
  return code;
}

class Writer {
 public:
  Writer(std::string_view line, const Layout& layout, Draws& draws) : line_(line), layout_(layout), draws_(draws) {}
  std::string write() { return space() + value() + space() + "\n"; }

 private:
  std::string space() {
    std::string text;
    while (draws_.percent(layout_.spaces)) text += " \t\r"[draws_.below(3)];
    return text;
  }

  std::string value() {
    if (line_[at_] == '{' || line_[at_] == '[') return collection();
    if (line_[at_] == '"') return string(false);
    const std::size_t first = at_;
    while (std::string_view(",]}").find(line_[at_]) == std::string_view::npos) ++at_;
    std::string token(line_.substr(first, at_ - first));
    if (layout_.rare && token == "0" && draws_.percent(30)) token = "-0";
    return token;
  }

  /// Calls value() for each member: lines are not deep.
  std::string collection() {
    const bool object = line_[at_] == '{';
    const char close = object ? '}' : ']';
    std::vector<std::string> parts;
    for (++at_; line_[at_] != close;) {
      if (line_[at_] == ',') ++at_;
      std::string part = space();
      if (object) {
        part += string(true) + space();
        ++at_;  // the colon
        part += ":" + space();
      }
      part += value() + space();
      parts.push_back(part);
    }
    ++at_;
    if (object && layout_.shuffled)
      for (std::size_t i = parts.size(); i > 1; --i)
        std::swap(parts[i - 1], parts[draws_.below(static_cast<std::uint32_t>(i))]);
    std::string text(1, object ? '{' : '[');
    for (std::size_t i = 0; i < parts.size(); ++i) text += (i > 0 ? "," : "") + parts[i];
    if (parts.empty()) text += space();
    return text + close;
  }

  std::string string(bool name) {
    std::string text = "\"";
    for (++at_; line_[at_] != '"';) {
      const bool escape = draws_.percent(layout_.escapes) && (!name || layout_.rare);
      text += line_[at_] == '\\' ? again(escape) : character(escape);
    }
    ++at_;
    return text + "\"";
  }

  /// Of the writer's escapes: \" \\ \u00XX.
  std::string again(bool other) {
    const bool numbered = line_[at_ + 1] == 'u';
    const std::string_view written = line_.substr(at_, numbered ? 6 : 2);
    at_ += written.size();
    const auto code = numbered
                          ? static_cast<unsigned>(std::strtoul(std::string(written.substr(2)).c_str(), nullptr, 16))
                          : static_cast<unsigned char>(written[1]);
    if (!other) return std::string(written);
    constexpr std::string_view kShort = "b\bf\fn\nr\rt\t";
    for (std::size_t i = 1; i < kShort.size(); i += 2)
      if (static_cast<unsigned char>(kShort[i]) == code) return {'\\', kShort[i - 1]};
    return hex4(code, draws_);
  }

  std::string character(bool escape) {
    const std::size_t first = at_;
    const unsigned code = code_point(line_, at_);
    const std::string plain(line_.substr(first, at_ - first));
    if (!escape || (code > 0xffff && !layout_.rare)) return plain;
    if (code > 0xffff) return hex4(0xd800 + ((code - 0x10000) >> 10), draws_) + hex4(0xdc00 + (code & 0x3ff), draws_);
    return code == '/' && draws_.percent(50) ? "\\/" : hex4(code, draws_);
  }

  std::string_view line_;
  const Layout& layout_;
  Draws& draws_;
  std::size_t at_ = 0;
};

std::string random_text(Draws& draws) {
  static const std::string kTexts[] = {
      "",          "WEUR",         "a \"quoted\" one", "back\\slash",   "\x01\x1f\n\t", "/",
      "caf\u00e9", "\u65e5\u672c", "\U0001f600!",      "[1,{\"x\":2}]", "first-primary"};
  if (draws.percent(30)) return std::string(draws.below(50), 'x') + (draws.percent(30) ? "\u00fc" : "");
  return kTexts[draws.below(11)];
}

std::int64_t random_number(bool rare, Draws& draws) {
  static const std::int64_t kNumbers[] = {0,
                                          1,
                                          -1,
                                          7,
                                          -10,
                                          99,
                                          12345678,
                                          99999999,
                                          100000000,
                                          1234567890123,
                                          INT64_C(1) << 61,
                                          -(INT64_C(1) << 61),
                                          INT64_MAX,
                                          -INT64_MAX,
                                          INT64_MIN};
  return kNumbers[draws.below(rare ? 15 : 14)];
}

OrderRow random_row(bool rare, Draws& draws) {
  return {random_text(draws), random_text(draws), random_number(rare, draws)};
}

ListOp list_op(bool ok, bool rare, Draws& draws) {
  ListOp op;
  op.is_append = draws.percent(50);
  op.key = random_number(rare, draws);
  op.known = op.is_append || ok;
  if (op.is_append) op.element = random_number(rare, draws);
  for (std::uint32_t left = op.is_append || !ok ? 0 : draws.below(6); left > 0; --left)
    op.elements.push_back(random_number(rare, draws));
  return op;
}

RegisterOp register_op(bool ok, bool rare, Draws& draws) {
  RegisterOp op;
  op.is_write = draws.percent(50);
  op.key = random_number(rare, draws);
  op.known = op.is_write || ok;
  if (op.known) op.value = op.is_write ? 1 + draws.below(1000) : random_number(rare, draws);
  if (draws.percent(50)) op.version = draws.below(1000);
  return op;
}

/// `table` grows, so that reads have their beginning in common.
OrdersOp orders_op(bool ok, bool rare, std::vector<OrderRow>& table, Draws& draws) {
  OrdersOp op;
  op.kind = static_cast<OrdersOp::Kind>(draws.percent(10) ? 2 : draws.below(2));
  if (op.kind == OrdersOp::Kind::kInsert) {
    op.row = random_row(rare, draws);
    op.inserted = ok && draws.percent(50);
  }
  if (op.kind != OrdersOp::Kind::kList || !ok) return op;
  if (draws.percent(20) && !table.empty())
    table.erase(table.begin() + draws.below(static_cast<std::uint32_t>(table.size())));
  for (std::uint32_t left = draws.below(3); left > 0; --left) table.push_back(random_row(rare, draws));
  op.rows = std::make_shared<const std::vector<OrderRow>>(table);
  return op;
}

}  // namespace

std::string laid_out(std::string_view line, const Layout& layout, Draws& draws) {
  return Writer(line, layout, draws).write();
}

std::string random_lines(ModelKind model, unsigned count, bool rare, Draws& draws) {
  HistoryFormatter formatter;
  formatter.header({"layout", 1, model});
  std::vector<OrderRow> table;
  for (unsigned i = 0; i < count; ++i) {
    Operation operation;
    operation.index = i * 123456789ULL;
    operation.session = draws.percent(10) ? UINT32_MAX - draws.below(3) : draws.below(4);
    operation.process = draws.percent(10) ? UINT32_MAX - i : i;
    operation.outcome = static_cast<Outcome>(draws.percent(60) ? 0 : draws.below(3));
    const bool ok = operation.outcome == Outcome::kOk;
    operation.f = random_text(draws);
    operation.complete_ns = (static_cast<std::int64_t>(i) + 1) * 1000000;
    operation.invoke_ns = operation.complete_ns - draws.below(1000000);
    operation.bookmark_in = random_text(draws);
    operation.bookmark_out = random_text(draws);
    operation.served_by_region = random_text(draws);
    operation.served_by_primary = draws.percent(50);
    if (!ok) operation.error = random_text(draws);
    const std::uint32_t ops = draws.below(4);
    std::vector<ListOp> lists;
    std::vector<RegisterOp> registers;
    std::vector<OrdersOp> orders;
    for (std::uint32_t k = 0; k < ops; ++k) {
      if (model == ModelKind::kAppend) lists.push_back(list_op(ok, rare, draws));
      if (model == ModelKind::kRegister) registers.push_back(register_op(ok, rare, draws));
      if (model == ModelKind::kOrders) orders.push_back(orders_op(ok, rare, table, draws));
    }
    if (model == ModelKind::kAppend) operation.value = lists;
    if (model == ModelKind::kRegister) operation.value = registers;
    if (model == ModelKind::kOrders) operation.value = orders;
    formatter.operation(operation);
  }
  return formatter.buffer();
}

}  // namespace tidemark::checkers
