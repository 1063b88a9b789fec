#include <cerrno>
#include <charconv>
#include <cstring>

#include "checkers/history/history_io.h"

namespace tidemark::checkers {
namespace {

constexpr std::size_t kDrainBytes = 1U << 20;

template <typename Number>
void put(std::string& out, Number number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

bool is_plain(unsigned char c) {
  return c >= 0x20 && c != '"' && c != '\\';
}

// Strings of the simulator are UTF-8; the reader refuses others.
void put_text(std::string& out, std::string_view text) {
  out += '"';
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (is_plain(c)) continue;
    out.append(text, from, i - from);
    from = i + 1;
    if (c == '"' || c == '\\') {
      out += '\\';
      out += text[i];
    } else {
      constexpr char kHex[] = "0123456789abcdef";
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
  }
  out.append(text, from, text.size() - from);
  out += '"';
}

void put_ops(std::string& out, const std::vector<ListOp>& ops, Outcome) {
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const ListOp& op = ops[i];
    if (i > 0) out += ',';
    out += op.is_append ? "[\"append\"," : "[\"r\",";
    put(out, op.key);
    out += ',';
    if (op.is_append) {
      put(out, op.element);
    } else if (!op.known) {
      out += "null";
    } else {
      out += '[';
      for (std::size_t j = 0; j < op.elements.size(); ++j) {
        if (j > 0) out += ',';
        put(out, op.elements[j]);
      }
      out += ']';
    }
    out += ']';
  }
}

void put_ops(std::string& out, const std::vector<RegisterOp>& ops, Outcome) {
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const RegisterOp& op = ops[i];
    if (i > 0) out += ',';
    out += op.is_write ? "[\"w\"," : "[\"r\",";
    put(out, op.key);
    out += ',';
    if (op.is_write || op.known) {
      put(out, op.value);
    } else {
      out += "null";
    }
    out += ',';
    if (op.version >= 0) {
      put(out, op.version);
    } else {
      out += "null";
    }
    out += ']';
  }
}

void put_row(std::string& out, const OrderRow& row) {
  out += '[';
  put_text(out, row.customer);
  out += ',';
  put_text(out, row.order);
  out += ',';
  put(out, row.quantity);
  out += ']';
}

void put_insert(std::string& out, const OrdersOp& op, bool known) {
  out += "[\"insert\",{\"customerId\":";
  put_text(out, op.row.customer);
  out += ",\"orderId\":";
  put_text(out, op.row.order);
  out += ",\"quantity\":";
  put(out, op.row.quantity);
  out += known ? (op.inserted ? "},true]" : "},false]") : "},null]";
}

void put_ops(std::string& out, const std::vector<OrdersOp>& ops, Outcome outcome) {
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const OrdersOp& op = ops[i];
    if (i > 0) out += ',';
    if (op.kind == OrdersOp::Kind::kReset) {
      out += "[\"reset\"]";
    } else if (op.kind == OrdersOp::Kind::kInsert) {
      put_insert(out, op, outcome == Outcome::kOk);
    } else if (op.rows == nullptr) {
      out += "[\"list\",null]";
    } else {
      out += "[\"list\",[";
      for (std::size_t j = 0; j < op.rows->size(); ++j) {
        if (j > 0) out += ',';
        put_row(out, (*op.rows)[j]);
      }
      out += "]]";
    }
  }
}

}  // namespace

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
  put(buffer_, kHistoryVersion);
  buffer_ += ",\"scenario\":";
  put_text(buffer_, header.scenario);
  buffer_ += ",\"seed\":";
  put(buffer_, header.seed);
  buffer_ += ",\"model\":\"";
  buffer_ += to_text(header.model);
  buffer_ += "\"}\n";
}

void HistoryFormatter::operation(const Operation& operation) {
  std::string& out = buffer_;
  out += "{\"index\":";
  put(out, operation.index);
  out += ",\"session\":";
  put(out, operation.session);
  out += ",\"process\":";
  put(out, operation.process);
  out += operation.outcome == Outcome::kOk     ? ",\"type\":\"ok\",\"f\":"
         : operation.outcome == Outcome::kFail ? ",\"type\":\"fail\",\"f\":"
                                               : ",\"type\":\"info\",\"f\":";
  put_text(out, operation.f);
  out += ",\"value\":[";
  std::visit([&](const auto& ops) { put_ops(out, ops, operation.outcome); }, operation.value);
  out += "],\"invoke_ns\":";
  put(out, operation.invoke_ns);
  out += ",\"complete_ns\":";
  put(out, operation.complete_ns);
  out += ",\"bookmark_in\":";
  put_text(out, operation.bookmark_in);
  out += ",\"bookmark_out\":";
  put_text(out, operation.bookmark_out);
  out += ",\"served_by_region\":";
  put_text(out, operation.served_by_region);
  out += operation.served_by_primary ? ",\"served_by_primary\":true" : ",\"served_by_primary\":false";
  if (operation.outcome != Outcome::kOk) {
    out += ",\"error\":";
    put_text(out, operation.error);
  }
  out += "}\n";
}

HistoryError::HistoryError(std::string file, std::uint64_t line, std::uint64_t column, std::string message)
    : std::runtime_error(file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message),
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
