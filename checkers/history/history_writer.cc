#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "checkers/history/history_io.h"

namespace tidemark::checkers {
namespace {

constexpr std::size_t kDrainBytes = 1U << 20;

struct Pairs {
  char digits[200];
};

constexpr Pairs kPairs = [] {
  Pairs pairs{};
  for (int i = 0; i < 100; ++i) {
    pairs.digits[2 * i] = static_cast<char>('0' + i / 10);
    pairs.digits[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

// Writes at `at`; the caller has made sure that `bound_of` the operation fits.
struct Out {
  char* at;

  void character(char c) { *at++ = c; }

  template <std::size_t N>
  void literal(const char (&text)[N]) {
    std::memcpy(at, text, N - 1);
    at += N - 1;
  }

  void number(std::uint64_t value) {
    char digits[20];
    char* first = digits + sizeof digits;
    while (value >= 100) {
      first -= 2;
      std::memcpy(first, kPairs.digits + 2 * (value % 100), 2);
      value /= 100;
    }
    if (value >= 10) {
      first -= 2;
      std::memcpy(first, kPairs.digits + 2 * value, 2);
    } else {
      *--first = static_cast<char>('0' + value);
    }
    const auto length = static_cast<std::size_t>(digits + sizeof digits - first);
    std::memcpy(at, first, length);
    at += length;
  }

  void number(std::int64_t value) {
    if (value < 0) character('-');
    number(value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value));
  }

  // Strings of the simulator are UTF-8; the reader refuses others.
  void text(std::string_view from);
};

constexpr std::uint64_t each(std::uint64_t byte) {
  return byte * 0x0101010101010101ULL;
}

constexpr std::uint64_t zero_bytes(std::uint64_t word) {  // not 0 if one is 0; exact up to the first
  return (word - each(1)) & ~word & each(0x80);
}

// All eight characters stand for themselves in JSON.
bool plain8(const char* text) {
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  const std::uint64_t control = (word - each(0x20)) & ~word & each(0x80);
  return (control | zero_bytes(word ^ each('"')) | zero_bytes(word ^ each('\\'))) == 0;
}

void Out::text(std::string_view from) {
  character('"');
  std::size_t i = 0;
  while (i < from.size()) {
    if (from.size() - i >= 8 && plain8(from.data() + i)) {
      std::memcpy(at, from.data() + i, 8);
      at += 8;
      i += 8;
      continue;
    }
    const auto c = static_cast<unsigned char>(from[i++]);
    if (c == '"' || c == '\\') character('\\');
    if (c >= 0x20) {
      character(static_cast<char>(c));
      continue;
    }
    constexpr char kHex[] = "0123456789abcdef";
    literal("\\u00");
    character(kHex[c >> 4]);
    character(kHex[c & 15]);
  }
  character('"');
}

constexpr std::size_t kNumberBytes = 21;  // with a comma or a sign
constexpr std::size_t kFixedBytes = 512;  // names, brackets and numbers of a line or of a part

std::size_t text_bound(std::string_view text) {
  return 6 * text.size() + 2;
}

std::size_t row_bound(const OrderRow& row) {
  return text_bound(row.customer) + text_bound(row.order) + 2 * kNumberBytes;
}

std::size_t bound_of(const ListOp& op) {
  return 4 * kNumberBytes + 16 + op.elements.size() * kNumberBytes;
}

std::size_t bound_of(const RegisterOp&) {
  return 4 * kNumberBytes + 16;
}

std::size_t bound_of(const OrdersOp& op) {  // the rows of a read are appended on their own
  return kFixedBytes + (op.kind == OrdersOp::Kind::kInsert ? row_bound(op.row) : 0);
}

void put_op(Out& out, const ListOp& op) {
  if (op.is_append) {
    out.literal("[\"append\",");
  } else {
    out.literal("[\"r\",");
  }
  out.number(op.key);
  out.character(',');
  if (op.is_append) {
    out.number(op.element);
  } else if (!op.known) {
    out.literal("null");
  } else {
    out.character('[');
    for (std::size_t i = 0; i < op.elements.size(); ++i) {
      if (i > 0) out.character(',');
      out.number(op.elements[i]);
    }
    out.character(']');
  }
  out.character(']');
}

void put_op(Out& out, const RegisterOp& op) {
  if (op.is_write) {
    out.literal("[\"w\",");
  } else {
    out.literal("[\"r\",");
  }
  out.number(op.key);
  out.character(',');
  if (op.is_write || op.known) {
    out.number(op.value);
  } else {
    out.literal("null");
  }
  out.character(',');
  if (op.version >= 0) {
    out.number(op.version);
  } else {
    out.literal("null");
  }
  out.character(']');
}

void put_row(Out& out, const OrderRow& row) {
  out.character('[');
  out.text(row.customer);
  out.character(',');
  out.text(row.order);
  out.character(',');
  out.number(row.quantity);
  out.character(']');
}

void put_insert(Out& out, const OrdersOp& op, bool known) {
  out.literal("[\"insert\",{\"customerId\":");
  out.text(op.row.customer);
  out.literal(",\"orderId\":");
  out.text(op.row.order);
  out.literal(",\"quantity\":");
  out.number(op.row.quantity);
  if (!known) {
    out.literal("},null]");
  } else if (op.inserted) {
    out.literal("},true]");
  } else {
    out.literal("},false]");
  }
}

}  // namespace

// Texts of the newest different tables, found again by identity.
struct HistoryFormatter::Tables {
  struct Table {
    OrderRows rows;
    std::string text;               // "[[..],[..]]"
    std::vector<std::size_t> ends;  // of each row
  };
  std::array<Table, 16> recent;
  std::size_t next = 0;

  const std::string& text_of(const OrderRows& rows);
};

const std::string& HistoryFormatter::Tables::text_of(const OrderRows& rows) {
  for (const Table& known : recent)
    if (known.rows == rows) return known.text;
  // The table mostly grows at its end: what it has in common with the one before is copied.
  const Table& before = recent[(next + recent.size() - 1) % recent.size()];
  Table& table = recent[next++ % recent.size()];
  const std::size_t limit = std::min(rows->size(), before.ends.size());
  std::size_t common = 0;
  while (common < limit && (*rows)[common] == (*before.rows)[common]) ++common;
  table.rows = rows;
  table.text.assign(common == 0 ? "[" : std::string_view(before.text).substr(0, before.ends[common - 1]));
  table.ends.assign(before.ends.begin(), before.ends.begin() + static_cast<std::ptrdiff_t>(common));
  std::string line;
  for (std::size_t i = common; i < rows->size(); ++i) {
    const OrderRow& row = (*rows)[i];
    line.resize(row_bound(row) + kFixedBytes);
    Out out{line.data()};
    if (i > 0) out.character(',');
    put_row(out, row);
    table.text.append(line.data(), static_cast<std::size_t>(out.at - line.data()));
    table.ends.push_back(table.text.size());
  }
  table.text += ']';
  return table.text;
}

HistoryFormatter::HistoryFormatter() : tables_(std::make_unique<Tables>()) {}
HistoryFormatter::~HistoryFormatter() = default;

char* HistoryFormatter::room(std::size_t bytes) {
  if (scratch_.size() < bytes) scratch_.resize(std::max(bytes, scratch_.size() * 2));
  return scratch_.data();
}

void HistoryFormatter::take(const char* end) {
  buffer_.append(scratch_.data(), static_cast<std::size_t>(end - scratch_.data()));
}

template <typename Op>
void HistoryFormatter::put_ops(const std::vector<Op>& ops, Outcome) {
  std::size_t bound = ops.size();
  for (const Op& op : ops) bound += bound_of(op);
  Out out{room(bound)};
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (i > 0) out.character(',');
    put_op(out, ops[i]);
  }
  take(out.at);
}

void HistoryFormatter::put_ops(const std::vector<OrdersOp>& ops, Outcome outcome) {
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const OrdersOp& op = ops[i];
    if (i > 0) buffer_ += ',';
    if (op.kind == OrdersOp::Kind::kReset) {
      buffer_ += "[\"reset\"]";
    } else if (op.kind == OrdersOp::Kind::kInsert) {
      Out out{room(bound_of(op))};
      put_insert(out, op, outcome == Outcome::kOk);
      take(out.at);
    } else if (op.rows == nullptr) {
      buffer_ += "[\"list\",null]";
    } else {
      buffer_ += "[\"list\",";
      buffer_ += tables_->text_of(op.rows);
      buffer_ += ']';
    }
  }
}

const char* to_text(ModelKind model) {
  switch (model) {
    case ModelKind::kOrders:
      return "orders";
    case ModelKind::kAppend:
      return "append";
    case ModelKind::kRegister:
      return "register";
  }
  return "orders";
}

void HistoryFormatter::header(const HistoryHeader& header) {
  buffer_ += "{\"format\":\"";
  buffer_ += kHistoryFormat;
  buffer_ += "\",\"version\":";
  Out out{room(kFixedBytes + text_bound(header.scenario))};
  out.number(kHistoryVersion);
  out.literal(",\"scenario\":");
  out.text(header.scenario);
  out.literal(",\"seed\":");
  out.number(header.seed);
  out.literal(",\"model\":\"");
  take(out.at);
  buffer_ += to_text(header.model);
  buffer_ += "\"}\n";
}

void HistoryFormatter::operation(const Operation& operation) {
  Out head{room(kFixedBytes + text_bound(operation.f))};
  head.literal("{\"index\":");
  head.number(operation.index);
  head.literal(",\"session\":");
  head.number(std::uint64_t{operation.session});
  head.literal(",\"process\":");
  head.number(std::uint64_t{operation.process});
  if (operation.outcome == Outcome::kOk) {
    head.literal(",\"type\":\"ok\",\"f\":");
  } else if (operation.outcome == Outcome::kFail) {
    head.literal(",\"type\":\"fail\",\"f\":");
  } else {
    head.literal(",\"type\":\"info\",\"f\":");
  }
  head.text(operation.f);
  head.literal(",\"value\":[");
  take(head.at);
  std::visit([&](const auto& ops) { put_ops(ops, operation.outcome); }, operation.value);
  tail(operation);
}

void HistoryFormatter::tail(const Operation& operation) {
  Out out{room(kFixedBytes + text_bound(operation.bookmark_in) + text_bound(operation.bookmark_out) +
               text_bound(operation.served_by_region) + text_bound(operation.error) +
               text_bound(operation.restored_to))};
  out.literal("],\"invoke_ns\":");
  out.number(operation.invoke_ns);
  out.literal(",\"complete_ns\":");
  out.number(operation.complete_ns);
  out.literal(",\"bookmark_in\":");
  out.text(operation.bookmark_in);
  out.literal(",\"bookmark_out\":");
  out.text(operation.bookmark_out);
  out.literal(",\"served_by_region\":");
  out.text(operation.served_by_region);
  if (operation.served_by_primary) {
    out.literal(",\"served_by_primary\":true");
  } else {
    out.literal(",\"served_by_primary\":false");
  }
  if (operation.outcome != Outcome::kOk) {
    out.literal(",\"error\":");
    out.text(operation.error);
  }
  if (!operation.restored_to.empty()) {
    out.literal(",\"restored_to\":");
    out.text(operation.restored_to);
  }
  out.literal("}\n");
  take(out.at);
}

namespace {

std::string place_text(const std::string& file, std::uint64_t line, std::uint64_t column) {
  return line == 0 ? file : file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

}  // namespace

HistoryError::HistoryError(std::string file, std::uint64_t line, std::uint64_t column, std::string message)
    : std::runtime_error(place_text(file, line, column) + ": " + message),
      file_(std::move(file)),
      line_(line),
      column_(column),
      message_(std::move(message)) {}

HistoryWriter::HistoryWriter(std::string path, const HistoryHeader& header) : path_(std::move(path)) {
  file_ = std::fopen(path_.c_str(), "wb");
  if (file_ == nullptr) throw HistoryError(path_, 0, 0, std::string("cannot be written: ") + std::strerror(errno));
  formatter_.buffer().reserve(kDrainBytes + (64U << 10));
  formatter_.header(header);
}

HistoryWriter::~HistoryWriter() {
  if (file_ == nullptr) return;
  std::fwrite(formatter_.buffer().data(), 1, formatter_.buffer().size(), file_);
  std::fclose(file_);
}

void HistoryWriter::write(const Operation& operation) {
  formatter_.operation(operation);
  if (formatter_.buffer().size() >= kDrainBytes) drain();
}

void HistoryWriter::drain() {
  const std::string& buffer = formatter_.buffer();
  const std::size_t written = std::fwrite(buffer.data(), 1, buffer.size(), file_);
  if (written != buffer.size()) throw HistoryError(path_, 0, 0, std::string("write failed: ") + std::strerror(errno));
  formatter_.buffer().clear();
}

void HistoryWriter::close() {
  if (file_ == nullptr) return;
  drain();
  const int result = std::fclose(file_);
  file_ = nullptr;
  if (result != 0) throw HistoryError(path_, 0, 0, std::string("close failed: ") + std::strerror(errno));
}

}  // namespace tidemark::checkers
